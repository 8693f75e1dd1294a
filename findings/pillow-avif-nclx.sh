#!/bin/sh
# Pillow 13.0.0: an AVIF that names its colours by numbers opens without them.
#
# AVIF says its colour space by an ICC profile or by the four numbers of nclx, and phones and converters prefer numbers.
# Pillow hands on neither primaries nor transfer: info holds only the times of a moving picture, and the values are
# those of the file's own space. A program that looks for an ICC profile takes Display P3 for sRGB. A profile in the same
# format is handed on.
# Seen, (200, 100, 100) marked as Display P3 (primaries 12):
#   info: {timestamp: 0, duration: 1000}   pixel: (200, 100, 100), which in sRGB would be (215, 93, 97)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import io

import PIL
from PIL import Image, ImageCms

stream = io.BytesIO()
Image.new("RGB", (32, 32), (200, 100, 100)).save(stream, "AVIF", quality=100, subsampling="4:4:4")
data = bytearray(stream.getvalue())
place = data.index(b"colrnclx") + 8
print("Pillow", PIL.__version__, "primaries written:", int.from_bytes(data[place : place + 2], "big"))
data[place : place + 2] = (12).to_bytes(2, "big")  # Display P3, ITU-T H.273
picture = Image.open(io.BytesIO(bytes(data)))
pixel = picture.convert("RGB").getpixel((16, 16))
print("nclx: info", picture.info, "pixel", pixel)
assert picture.format == "AVIF"
assert "icc_profile" not in picture.info
assert not any("nclx" in str(name) or "primaries" in str(name) for name in picture.info), picture.info
assert all(abs(got - wanted) <= 3 for got, wanted in zip(pixel, (200, 100, 100))), pixel

profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
stream = io.BytesIO()
Image.new("RGB", (32, 32), (200, 100, 100)).save(stream, "AVIF", icc_profile=profile)
stream.seek(0)
assert Image.open(stream).info["icc_profile"] == profile
print("ICC: handed on")
PYTHON
