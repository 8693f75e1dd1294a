"""A sheet image in, separate stickers out: the slicing engine. Pure: Pillow, NumPy, OpenCV and SciPy only.

In the order of the data's way:

    options                                   what a designer says about the cut
    transparency                              whether the picture's own alpha marks the stickers
    cutout                                    the line itself, from here down, and the stickers at its end
    background                                the ground's colour at every pixel, and the distance from it
    foreground, furniture, leaks, gaps        silhouettes on coloured ground, their artwork and border
    white, pale, snapping                     the same where the ground is as white as the border
    border, edges, pockets, walls, mixing     what both ask: the border's width, half contrast, see-through holes
    specks                                    what is drawn at all of what is small
    instances, contacts                       silhouettes parted, one label per sticker
    grouping, guided                          satellites joined, specks dropped; then what a person said by hand
    order                                     labels in reading order
    matte                                     soft edges and pure colours
    evidence, confidence                      what is known of a cutout, and how sure that makes it

Beside it: raster, the primitives of all steps; match, an earlier cut's stickers in a new one; trial, a cut in a process
of its own.
"""

from stickers.cutting.cutout import Cutout, cut_sheet
from stickers.cutting.options import CutOptions

__all__ = ["CutOptions", "Cutout", "cut_sheet"]
