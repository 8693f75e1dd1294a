"""The objects that several PDFs need: inks, layers, the overprint switch, a font for foot notes, saving."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from stickers.printing.artwork.cmyk import PrintingCondition
from stickers.printing.artwork.icc import SRGB_V2
from stickers.printing.writers import pdf_x4, typeface
from stickers.printing.writers.spots import Spot


def separation(pdf: Pdf, spot: Spot) -> Any:
    """The colour space of a spot: a plate of its own, shown as `spot.cmyk` where there is no such plate."""
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0, 0, 0, 0]), C1=Array([*map(float, spot.cmyk)]), N=1
    )
    return pdf.make_indirect(Array([Name.Separation, Name(f"/{spot.name}"), Name.DeviceCMYK, pdf.make_indirect(tint)]))


def srgb(pdf: Pdf) -> Any:
    """The colour space of pictures that keep their own colours."""
    return pdf.make_indirect(Array([Name.ICCBased, Stream(pdf, SRGB_V2, N=3, Alternate=Name.DeviceRGB)]))


def overprint(pdf: Pdf) -> Any:
    return pdf.make_indirect(Dictionary(Type=Name.ExtGState, OP=True, op=True, OPM=1))


def font(pdf: Pdf) -> Any:
    """The typeface of the notes beside the stickers. It is embedded: a shop's preflight refuses a font that isn't."""
    name = Name(f"/{typeface.NAME}")
    ascent, descent = typeface.ascent_and_descent()
    codes = range(typeface.FIRST_CODE, typeface.LAST_CODE + 1)
    letters = [bytes([code]).decode("cp1252", errors="replace") for code in codes]
    described = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=32,  # plain Latin letters
        FontBBox=Array([0, descent, typeface.PER_EM, ascent]),
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=ascent,
        StemV=80,
        FontFile2=Stream(pdf, typeface.file(), Length1=len(typeface.file())),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=name,
            Encoding=Name.WinAnsiEncoding,
            FirstChar=typeface.FIRST_CODE,
            LastChar=typeface.LAST_CODE,
            Widths=Array([round(typeface.width(letter)) for letter in letters]),
            FontDescriptor=pdf.make_indirect(described),
        )
    )


def layer(pdf: Pdf, name: str) -> Any:
    """A layer that is visible and printed."""
    return pdf.make_indirect(
        Dictionary(
            Type=Name.OCG,
            Name=name,
            Intent=Array([Name.View, Name.Design]),
            Usage=Dictionary(View=Dictionary(ViewState=Name.ON), Print=Dictionary(PrintState=Name.ON)),
        )
    )


def saved(pdf: Pdf, layers: Sequence[Any], title: str, condition: PrintingCondition | None = None) -> bytes:
    """The file as PDF 1.6, with all layers on; as PDF/X-4 if there is a printing condition.

    No viewer shrinks it to its printer's margins. Equal input gives equal bytes.
    """
    order = Array(list(layers))
    shown = Dictionary(Name="Layers", Order=order, ON=order, OFF=Array())
    if condition is None:  # PDF/X allows no layer that switches itself by the event
        shown.AS = Array([Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=order)])
    pdf.Root.OCProperties = Dictionary(OCGs=order, D=shown)
    pdf.Root.ViewerPreferences = Dictionary(PrintScaling=Name("/None"))
    pdf.docinfo["/Title"] = title
    pdf.docinfo["/Creator"] = pdf_x4.CREATOR
    if condition is not None:
        pdf_x4.mark(pdf, condition, title)
    file = io.BytesIO()
    pdf.save(
        file,
        min_version="1.6",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=True,
    )
    return file.getvalue()
