"""Makes a PDF a PDF/X-4 (ISO 15930-7): its output intent, its metadata, and the page group for see-through art.

The files hold process inks (DeviceCMYK) and spot colours. The output intent says which press the process inks are for,
and holds its whole ICC profile.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from stickers.printing.artwork.cmyk import PrintingCondition

VERSION: Final = "PDF/X-4"
CREATOR: Final = "Sticker Studio"
_MADE: Final = datetime(2024, 1, 1, tzinfo=UTC)  # fixed, so that equal layouts give equal files
_REGISTRY: Final = "http://www.color.org"
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfxid="http://www.npes.org/pdfx/ns/id/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<pdf:Trapped>False</pdf:Trapped>
<pdfxid:GTS_PDFXVersion>{version}</pdfxid:GTS_PDFXVersion>
<xmp:CreateDate>{made}</xmp:CreateDate>
<xmp:ModifyDate>{made}</xmp:ModifyDate>
<xmp:MetadataDate>{made}</xmp:MetadataDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<xmpMM:DocumentID>uuid:{document}</xmpMM:DocumentID>
<xmpMM:VersionID>1</xmpMM:VersionID>
<xmpMM:RenditionClass>default</xmpMM:RenditionClass>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def mark(pdf: Pdf, condition: PrintingCondition, title: str) -> None:
    """Add what PDF/X-4 asks of the whole document. Call it when all pages are there."""
    pdf.Root.OutputIntents = Array([_output_intent(pdf, condition)])
    packet = _PACKET.format(
        title=escape(title),
        version=VERSION,
        made=_MADE.isoformat(timespec="seconds"),
        creator=CREATOR,
        document=uuid.uuid5(uuid.NAMESPACE_URL, _digest(pdf)),
    )
    pdf.Root.Metadata = Stream(pdf, packet.encode(), Type=Name.Metadata, Subtype=Name.XML)
    date = String(_MADE.strftime("D:%Y%m%d%H%M%SZ"))
    pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = date
    # The stickers lie apart and their art is one picture each, so there is nothing between two inks to trap.
    pdf.docinfo["/Trapped"] = Name("/False")
    pdf.docinfo["/GTS_PDFXVersion"] = VERSION


def page_group() -> Dictionary:
    """The group of a page with see-through art: it blends in the inks of the output intent."""
    return Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceCMYK)


def _output_intent(pdf: Pdf, condition: PrintingCondition) -> Any:
    profile = pdf.make_indirect(Stream(pdf, condition.icc, N=4, Alternate=Name.DeviceCMYK))
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFX,
        OutputConditionIdentifier=String(condition.registered or "Custom"),
        OutputCondition=String(condition.description),
        Info=String(condition.description),
        DestOutputProfile=profile,
    )
    if condition.registered:
        intent.RegistryName = String(_REGISTRY)
    return pdf.make_indirect(intent)


def _digest(pdf: Pdf) -> str:
    """A number of what the pages show: their operators and their pictures."""
    seen = hashlib.sha256()
    for page in pdf.pages:
        for stream in (page.Contents, *page.Resources.get("/XObject", Dictionary()).values()):
            seen.update(stream.read_raw_bytes())
    return seen.hexdigest()
