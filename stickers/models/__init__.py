"""The rows: Generation -> Sheet -> Sticker. They are the truth; the broker only carries hints."""

from stickers.models.generation import ACTIVE, RETRYABLE, Generation, State
from stickers.models.printprofile import PrintProfile
from stickers.models.pulse import Pulse
from stickers.models.sheet import CutState, Sheet
from stickers.models.sticker import Sticker
from stickers.models.upstream import Trouble, Upstream

__all__ = [
    "ACTIVE",
    "RETRYABLE",
    "CutState",
    "Generation",
    "PrintProfile",
    "Pulse",
    "Sheet",
    "State",
    "Sticker",
    "Trouble",
    "Upstream",
]
