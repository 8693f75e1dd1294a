"""The rows: Generation -> Sheet -> Sticker. They are the truth; the broker only carries hints."""

from stickers.models.budget import Budget, OrderRefused, TooManyOrders
from stickers.models.generation import ACTIVE, RETRYABLE, Generation, State
from stickers.models.invitation import Invitation
from stickers.models.ownkey import OwnKey
from stickers.models.printprofile import PrintProfile
from stickers.models.project import Project
from stickers.models.pulse import Pulse
from stickers.models.sheet import CutState, Sheet
from stickers.models.sticker import Sticker
from stickers.models.upstream import Trouble, Upstream

__all__ = [
    "ACTIVE",
    "RETRYABLE",
    "Budget",
    "CutState",
    "Generation",
    "Invitation",
    "OrderRefused",
    "OwnKey",
    "PrintProfile",
    "Project",
    "Pulse",
    "Sheet",
    "State",
    "Sticker",
    "TooManyOrders",
    "Trouble",
    "Upstream",
]
