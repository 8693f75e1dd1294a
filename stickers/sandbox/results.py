"""The result body of a finished job, in every shape that was seen or must be expected, and its picture files."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from PIL import Image

from stickers.sandbox.faults import Fault
from stickers.sandbox.jobs import Job
from stickers.sandbox.replies import Reply, html_reply, redirect_reply

# More than a client should accept.
OVERSIZE_BYTES: Final = 40 * 1024 * 1024
HUGE_SIDE_PX: Final = 14_000
PRIVATE_PICTURE: Final = "https://192.168.0.1/generations/sheet.jpeg"


def result_body(
    job: Job,
    fault: Fault | None,
    links: Sequence[str],
    draw: Sequence[Callable[[], bytes]],
    *,
    remaining: Decimal,
) -> dict[str, Any]:
    """The result of a completed job. `links` are its pictures' addresses; `draw` gives their bytes, in this order."""
    return {
        "status": "COMPLETED",
        "error": None,
        **_output(job, fault, links, draw),
        "seed": str(job.seed),
        "prompt": job.prompt,
        "timings": {},
        "metrics": {
            "cost": float(job.cost),
            "remaining_credits": float(remaining),
            "inference_time": job.run_seconds,
            "queue_time": round(job.starts_at - job.created_at, 3),
            "total_time": round((job.finishes_at or job.ends_at) - job.created_at, 3),
        },
    }


def _output(job: Job, fault: Fault | None, links: Sequence[str], draw: Sequence[Callable[[], bytes]]) -> dict[str, Any]:
    images = [{"url": link, "content_type": "image/jpeg"} for link in links]
    match fault:
        case Fault.OUTPUT_STRING:
            return {"output": links[0]}
        case Fault.OUTPUT_LIST:
            return {"output": list(links)}
        case Fault.OUTPUT_IMAGES:
            return {"images": images}
        case Fault.OUTPUT_NULL:
            return {"output": None, "images": []}
        case Fault.OUTPUT_NOISE:
            return {"output": "the picture could not be attached"}
        case Fault.OUTPUT_PRIVATE:
            return {"output": PRIVATE_PICTURE}
        case Fault.OUTPUT_BASE64:
            return {"output": _encode(draw[0]())}
        case Fault.OUTPUT_BASE64_LIST:
            return {"output": [_encode(one()) for one in draw]}
        case Fault.OUTPUT_DATA_URI:
            return {"output": f"data:image/jpeg;base64,{_encode(draw[0]())}"}
    if job.wants_base64:
        # v2 does not document it. Clients of the service expect these two shapes.
        encoded = [_encode(one()) for one in draw]
        return {"output": encoded[0] if len(encoded) == 1 else encoded}
    return {"output": links[0], "images": images}


def picture_reply(fault: Fault | None, data: bytes, path: str) -> Reply:
    """A picture file as its host would send it, or as `fault` changes it. The content type never shows the change."""
    match fault:
        case Fault.IMAGE_HTML:
            return html_reply(200, "Welcome to the picture host")
        case Fault.IMAGE_REDIRECT:
            return redirect_reply(f"{path}?moved")
        case Fault.IMAGE_REDIRECT_LOOP:
            return redirect_reply(path)
        case Fault.IMAGE_REDIRECT_PRIVATE:
            return redirect_reply(PRIVATE_PICTURE)
        case Fault.IMAGE_DROPPED:
            return Reply(content_type="image/jpeg", body=data, cut_after=len(data) // 2)
    change = _CHANGES.get(fault) if fault else None
    return Reply(content_type="image/jpeg", body=change(data) if change else data)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _saved_as(kind: str, **options: Any) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        file = io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.save(file, kind, **options)
        return file.getvalue()

    return change


def _turned(data: bytes) -> bytes:
    """The same picture to look at: its pixels are turned one way, and its EXIF turns them back."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(data)) as image:
        image.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", quality=95, exif=exif)
    return file.getvalue()


def huge_png(side_px: int = HUGE_SIDE_PX) -> bytes:
    """A small PNG of `side_px` × `side_px` black pixels, written by hand: Pillow would need a byte for each pixel."""
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (side_px + 7) // 8) * side_px), 1)
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


_CHANGES: Final[Mapping[Fault, Callable[[bytes], bytes]]] = {
    Fault.IMAGE_TRUNCATED: lambda data: data[: len(data) // 2],
    Fault.IMAGE_EMPTY: lambda _: b"",
    Fault.IMAGE_OVERSIZE: lambda data: data + bytes(OVERSIZE_BYTES - len(data)),
    Fault.IMAGE_TOO_MANY_PIXELS: lambda _: huge_png(),
    Fault.IMAGE_WRONG_TYPE: _saved_as("GIF"),
    Fault.IMAGE_PNG: _saved_as("PNG"),
    Fault.IMAGE_WEBP: _saved_as("WEBP"),
    Fault.IMAGE_TURNED: _turned,
    Fault.IMAGE_ODD_WORDS: _saved_as("PNG", exif=b"Exif\0\0no words"),
}
