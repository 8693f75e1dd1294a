#!/bin/sh
# ezdxf 1.4.5: extents and limits that a program puts into the header of a DXF don't reach the file.
#
# doc.header["$EXTMIN"] = … is the documented way to set a header variable, and reading it back gives the value. Yet
# write() replaces $EXTMIN, $EXTMAX, $LIMMIN and $LIMMAX by what the modelspace holds. In a new document that is no area
# at all: 1e20 to -1e20, whatever has been drawn. A program that trusts the extents finds an empty drawing.
# What reaches the file are reset_extents() and reset_limits() of the modelspace, unless the extents begin at the origin:
# write() takes a corner of (0, 0, 0) for none, since such a Vec3 is false, and leaves 1e20. Set both then, the layout and
# the header.
# Seen:
#   R2000 by the header:    [(1e+20, 1e+20, 1e+20), (-1e+20, -1e+20, -1e+20), (0.0, 0.0), (420.0, 297.0)]
#   R2000 by the modelspace: [(10.0, 10.0, 0.0), (50.0, 30.0, 0.0), (10.0, 10.0), (50.0, 30.0)]
#   R2000 from the origin:   [(1e+20, 1e+20, 1e+20), (1e+20, 1e+20, 1e+20)]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ezdxf==1.4.5
"$folder/venv/bin/python" - <<'PYTHON'
import io

import ezdxf

NAMES = ("$EXTMIN", "$EXTMAX", "$LIMMIN", "$LIMMAX")


def written(doc):
    stream = io.StringIO()
    doc.write(stream)
    stream.seek(0)
    header = ezdxf.read(stream).header
    return [tuple(header[name]) for name in NAMES]


print("ezdxf", ezdxf.__version__)
wanted = [(10.0, 10.0, 0.0), (50.0, 30.0, 0.0), (10.0, 10.0), (50.0, 30.0)]
for version in ("R12", "R2000", "R2018"):
    doc = ezdxf.new(version)
    space = doc.modelspace()
    space.add_line((10, 10), (50, 30))
    for name, value in zip(NAMES, wanted):
        doc.header[name] = value
    assert [tuple(doc.header[name]) for name in NAMES] == wanted
    found = written(doc)
    print(version, "by the header:   ", found)
    assert found == [(1e20,) * 3, (-1e20,) * 3, (0.0, 0.0), (420.0, 297.0)], found
    space.reset_extents(*wanted[:2])
    space.reset_limits(*wanted[2:])
    found = written(doc)
    print(version, "by the modelspace:", found)
    assert found == wanted, found
    space.reset_extents((0, 0, 0), (50, 30, 0))
    doc.header["$EXTMIN"] = doc.header["$EXTMAX"] = (1e20,) * 3
    found = written(doc)[:2]
    print(version, "from the origin:  ", found)
    assert found == [(1e20,) * 3] * 2, found
    doc.header["$EXTMIN"], doc.header["$EXTMAX"] = (0, 0, 0), (50, 30, 0)
    found = written(doc)[:2]
    assert found == [(0, 0, 0), (50, 30, 0)], found
PYTHON
