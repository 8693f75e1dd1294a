#!/bin/sh
# Pillow 13.0.0 reads MPO files and calls their format "MPO". Yet naming "MPO" in `formats` of Image.open raises
# KeyError: 'MPO', even where the file is a whole PNG and PNG is named, too. MPO has no opener of its own: JPEG's opens
# it, so formats=["JPEG"] gives a picture whose format is "MPO". Seen with Python 3.11.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import io

from PIL import Image


def saved(kind, **options):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind, **options)
    return io.BytesIO(out.getvalue())


two = saved("MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])
by_jpeg = Image.open(two, formats=["JPEG"]).format
print("an MPO file by formats=['JPEG']:", by_jpeg)
try:
    by_name = Image.open(saved("PNG"), formats=["MPO", "PNG"]).format
except KeyError as error:
    by_name = repr(error)
print("a PNG file by formats=['MPO', 'PNG']:", by_name)
assert (by_jpeg, by_name) == ("MPO", "KeyError('MPO')")
PYTHON
