"""Read a PDF as a checker of PDF/X-4 (ISO 15930-7) does. None of this uses the code that wrote it."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
from PIL import ImageCms

_XMP = {
    "title": "{http://purl.org/dc/elements/1.1/}title",
    "version": "{http://www.npes.org/pdfx/ns/id/}GTS_PDFXVersion",
    "trapped": "{http://ns.adobe.com/pdf/1.3/}Trapped",
    "created": "{http://ns.adobe.com/xap/1.0/}CreateDate",
    "modified": "{http://ns.adobe.com/xap/1.0/}ModifyDate",
    "described": "{http://ns.adobe.com/xap/1.0/}MetadataDate",
    "document": "{http://ns.adobe.com/xap/1.0/mm/}DocumentID",
    "edition": "{http://ns.adobe.com/xap/1.0/mm/}VersionID",
    "rendition": "{http://ns.adobe.com/xap/1.0/mm/}RenditionClass",
}
_REGISTERED = re.compile(r"FOGRA\d+|CGATS TR 00\d")
_SPACES = {"/DeviceCMYK", "/DeviceGray", "/Separation", "/DeviceN", "/ICCBased", "/Indexed"}
_RGB = re.compile(rb"(?<![\w/])(?:rg|RG)(?![\w])")


def pdf_x4_faults(data: bytes) -> list[str]:
    """What breaks the standard, each as a word or two."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [*_of_file(pdf, data), *_of_metadata(pdf), *_of_intent(pdf), *_of_layers(pdf), *_of_pages(pdf)]


def _of_file(pdf: pikepdf.Pdf, data: bytes) -> list[str]:
    found = []
    if pdf.pdf_version > "1.6" or not data.startswith(b"%PDF-1."):
        found.append("version")
    if pdf.is_encrypted:
        found.append("encrypted")
    if len(pdf.trailer.get("/ID", [])) != 2:
        found.append("no file identifier")
    if any(name in pdf.Root for name in ("/OpenAction", "/AA", "/AcroForm", "/Perms")):
        found.append("action or form")
    names = pdf.Root.get("/Names", {})
    if "/JavaScript" in names or "/EmbeddedFiles" in names:
        found.append("script or attachment")
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            if "/LZWDecode" in str(item.get("/Filter", "")):
                found.append("LZW")
            if "/F" in item or "/OPI" in item or "/Alternates" in item:
                found.append("outside the file")
    return found


def _of_metadata(pdf: pikepdf.Pdf) -> list[str]:
    found = []
    info = pdf.docinfo
    if str(info.get("/Trapped")) not in {"/True", "/False"}:
        found.append("Trapped")
    if not all(name in info for name in ("/Title", "/CreationDate", "/ModDate")):
        found.append("Info")
    stream = pdf.Root.get("/Metadata")
    if stream is None:
        return [*found, "no XMP"]
    if "/Filter" in stream:
        found.append("XMP compressed")
    said = ET.fromstring(stream.read_bytes().strip())  # noqa: S314  of our own files
    values = {
        name: "".join(node.itertext()).strip()
        for name, tag in _XMP.items()
        if (node := said.find(f".//{tag}")) is not None
    }
    missing = set(_XMP) - set(values)
    if missing:
        return [*found, *(f"XMP {name}" for name in sorted(missing))]
    if values["version"] != "PDF/X-4":
        found.append("XMP version")
    if values["title"] != str(info.get("/Title")):
        found.append("titles differ")
    if f"/{values['trapped']}" != str(info.get("/Trapped")):
        found.append("trapped differs")
    for name, key in (("created", "/CreationDate"), ("modified", "/ModDate")):
        if re.sub(r"\D", "", values[name])[:14] != re.sub(r"\D", "", str(info.get(key)))[:14]:
            found.append("dates differ")
    return found


def _of_intent(pdf: pikepdf.Pdf) -> list[str]:
    intents = [one for one in pdf.Root.get("/OutputIntents", []) if str(one.get("/S")) == "/GTS_PDFX"]
    if len(intents) != 1:
        return ["output intent"]
    intent, found = intents[0], []
    identifier = str(intent.get("/OutputConditionIdentifier", ""))
    if not identifier:
        found.append("no condition")
    if _REGISTERED.fullmatch(identifier):
        if str(intent.get("/RegistryName")) != "http://www.color.org":
            found.append("no registry")
    elif not str(intent.get("/Info", "")):
        found.append("no info")
    profile = intent.get("/DestOutputProfile")
    if profile is None:
        return [*found, "no press profile"]
    icc = profile.read_bytes()
    if icc[12:16] != b"prtr" or icc[16:20] != b"CMYK" or int(profile.N) != 4:
        return [*found, "no press profile"]
    ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return found


def _of_layers(pdf: pikepdf.Pdf) -> list[str]:
    properties = pdf.Root.get("/OCProperties")
    if properties is None:
        return []
    found = []
    every = {layer.objgen for layer in properties.OCGs}
    for shown in (properties.D, *properties.get("/Configs", [])):
        if "/AS" in shown:
            found.append("layers switch themselves")
        if "/Name" not in shown:
            found.append("layers without a name")
        if "/Order" in shown and {layer.objgen for layer in shown.Order} != every:
            found.append("layers not listed")
    return found


def _of_pages(pdf: pikepdf.Pdf) -> list[str]:
    found = []
    for page in pdf.pages:
        found += _of_boxes(page)
        if "/Annots" in page or "/AA" in page:
            found.append("annotation")
        resources = page.get("/Resources", pikepdf.Dictionary())
        for font in resources.get("/Font", {}).values():
            described = font.get("/FontDescriptor", {})
            if not any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3")):
                found.append("font not embedded")
        for state in resources.get("/ExtGState", {}).values():
            if any(name in state for name in ("/TR", "/HTP")):
                found.append("transfer curve")
        for space in resources.get("/ColorSpace", {}).values():
            found += _of_space(space)
        blends = False
        for picture in resources.get("/XObject", {}).values():
            found += _of_space(picture.ColorSpace)
            if "/SMask" in picture:
                blends = True
                found += _of_space(picture.SMask.ColorSpace)
        if blends and str(page.get("/Group", {}).get("/CS")) != "/DeviceCMYK":
            found.append("blends in no press's inks")
        if _RGB.search(page.Contents.read_bytes()):
            found.append("RGB")
    return found


def _of_boxes(page: Any) -> list[str]:
    if ("/TrimBox" in page) == ("/ArtBox" in page):
        return ["trim box"]
    boxes = [page.get(name) for name in ("/MediaBox", "/BleedBox", "/TrimBox") if name in page]
    sides = [[float(side) for side in box] for box in boxes]
    for outer, inner in pairwise(sides):
        if inner[0] < outer[0] or inner[1] < outer[1] or inner[2] > outer[2] or inner[3] > outer[3]:
            return ["boxes do not nest"]
    return []


def _of_space(space: Any) -> list[str]:
    name = str(space[0]) if isinstance(space, pikepdf.Array) else str(space)
    if name not in _SPACES:
        return ["RGB"]
    if name == "/ICCBased" and int(space[1].N) == 4:
        return ["the press's inks twice"]  # its own profile may not stand beside the output intent's
    if name == "/Separation" and str(space[2]) != "/DeviceCMYK":
        return ["RGB"]
    return []
