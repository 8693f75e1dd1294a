"""The rows: Generation -> Sheet -> Sticker -> PrintSheet -> Export. Rows are the truth, messages only hints."""

from stickers.models.budget import Budget, OrderRefused, TooManyOrders
from stickers.models.cutstep import CutStep
from stickers.models.export import Export, ExportFile, Nesting
from stickers.models.generation import ACTIVE, RETRYABLE, Generation, State
from stickers.models.heartbeat import Heartbeat
from stickers.models.invitation import Invitation
from stickers.models.mail import Mail, TooManyResets
from stickers.models.ownkey import OwnKey
from stickers.models.printprofile import PrintProfile
from stickers.models.printsheet import PrintItem, PrintSheet, PrintStep, Unit
from stickers.models.project import Project
from stickers.models.quota import NoRoom
from stickers.models.sheet import Segmentation, Sheet, Way
from stickers.models.sticker import Sticker
from stickers.models.upstream import Trouble, Upstream
from stickers.models.work import WorkState

__all__ = [
    "ACTIVE",
    "RETRYABLE",
    "Budget",
    "CutStep",
    "Export",
    "ExportFile",
    "Generation",
    "Heartbeat",
    "Invitation",
    "Mail",
    "Nesting",
    "NoRoom",
    "OrderRefused",
    "OwnKey",
    "PrintItem",
    "PrintProfile",
    "PrintSheet",
    "PrintStep",
    "Project",
    "Segmentation",
    "Sheet",
    "State",
    "Sticker",
    "TooManyOrders",
    "TooManyResets",
    "Trouble",
    "Unit",
    "Upstream",
    "Way",
    "WorkState",
]
