"""Cut a sheet image into separate stickers. Pure: Pillow, NumPy, OpenCV and SciPy only.

The modules, in the order in which data passes through them:

    options                                   what a designer says about the cut
    transparency                              whether the picture's own alpha marks the stickers
    cutout                                    the whole line: calls all the steps below, and makes the cut-outs
    background                                the ground's colour at every pixel, and the distance from it
    foreground, furniture, leaks, gaps        silhouettes on coloured ground, their artwork and border
    white, pale, snapping                     the same on a ground that is as white as the border
    border, edges, pockets, walls, mixing     what both need: border width, half contrast, see-through holes
    specks                                    which small things are drawn, and which are noise
    instances, contacts                       parts silhouettes that touch: one label per sticker
    knife                                     makes outlines smooth that no knife could follow
    grouping, guided                          joins satellites, drops specks; then applies what a person said by hand
    reading_order                             labels in reading order
    matte                                     soft edges and pure colours
    evidence, confidence                      what is known of a cut-out, and how sure that makes it

By hand: operations says what a person may do, edits plays it on a label plane, strokes draws what a hand drew, and
recut cuts again without losing it.

Beside this line: pixels and plane are a sheet's colours and its labels, raster holds the primitives of all steps, match
finds an earlier cut's stickers in a new one, and trial cuts a picture in a process of its own.
"""

from stickers.cutting.cutout import Cutout, cut_sheet
from stickers.cutting.options import CutOptions

__all__ = ["CutOptions", "Cutout", "cut_sheet"]
