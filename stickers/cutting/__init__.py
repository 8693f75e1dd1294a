"""A sheet image in, separate stickers out: the slicing engine. Pure: Pillow, NumPy, OpenCV and SciPy only."""

from stickers.cutting.cutout import Cutout, cut_sheet
from stickers.cutting.opening import UnreadableImage, open_image
from stickers.cutting.options import CutOptions

__all__ = ["CutOptions", "Cutout", "UnreadableImage", "cut_sheet", "open_image"]
