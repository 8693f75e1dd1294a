"""The stand-in's artist: draws charming sticker sheets from a prompt, with the exact masks of every sticker.

`draw_sheet` is a pure function of its arguments; all state is local, so any number of threads may draw at once.
"""

from __future__ import annotations

from stickers.sandbox.artist.sheet import Drawing, draw_sheet, jpeg

__all__ = ["Drawing", "draw_sheet", "jpeg"]
