"""The embedded profile: version 2, well-formed, and the same colours as sRGB itself."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image, ImageCms

from stickers.printing.artwork.icc import SRGB_V2


def test_it_works() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(SRGB_V2))
    assert ImageCms.getProfileDescription(profile).strip() == "sRGB IEC61966-2.1"
    assert profile.profile.xcolor_space == "RGB "
    assert profile.profile.version < 3


def test_its_directory_holds() -> None:
    size, version, signature = struct.unpack(">I4xI24x4s", SRGB_V2[:40])
    assert (size, version >> 24, signature) == (len(SRGB_V2), 2, b"acsp")
    count = struct.unpack(">I", SRGB_V2[128:132])[0]
    for index in range(count):
        _, start, length = struct.unpack(">4sII", SRGB_V2[132 + 12 * index : 144 + 12 * index])
        assert start % 4 == 0
        assert start + length <= size


def test_colours_pass_unchanged() -> None:
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(16, -1, 3)
    image = Image.fromarray(cube)
    ours = ImageCms.ImageCmsProfile(io.BytesIO(SRGB_V2))
    same = ImageCms.profileToProfile(image, ours, ImageCms.createProfile("sRGB"))
    assert same is not None
    assert int(np.abs(np.asarray(same).astype(int) - cube).max()) <= 1


def test_white_stays_white_and_colorants_add_up_to_it() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(SRGB_V2)).profile
    colorants = [
        np.array(colour[0]) for colour in (profile.red_colorant, profile.green_colorant, profile.blue_colorant)
    ]
    assert np.allclose(sum(colorants), [0.9642, 1.0, 0.8249], atol=2e-4)
