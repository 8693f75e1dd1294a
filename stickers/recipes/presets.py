"""The style presets of the form: what each adds to a prompt, and the picture that shows it.

These eight serve every model whose file has no presets of its own. The phrases are made for SDXL with the sticker LoRA:
medium first, then line and colour, then finish. They stay under 30 words, because SDXL reads about 75 tokens of a
prompt and the designer's own words come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stickers.recipes.parameters import Value


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One style. `picture` is a path below `static/`, or empty.

    `advice` recommends values, by the parameter's name, where the default is not the best.
    """

    name: str
    label: str
    prompt_suffix: str
    negative_prompt: str = ""
    picture: str = ""
    advice: Mapping[str, Value] = field(default_factory=dict)


PRESETS: Final[tuple[Preset, ...]] = (
    Preset(
        name="kawaii",
        label="Kawaii",
        prompt_suffix=(
            "kawaii style, cute chibi characters, big sparkling eyes, rosy cheeks, soft pastel colors, "
            "thick clean outlines, flat cel shading, white die-cut border"
        ),
        negative_prompt="realistic, photo, scary, gritty, dark, muted colors, sketchy lines, blurry, watermark",
        picture="presets/kawaii.webp",
    ),
    Preset(
        name="watercolour",
        label="Watercolour",
        prompt_suffix=(
            "delicate watercolor illustration, soft wet-on-wet washes, visible pigment blooms, fine ink lines, "
            "gentle color bleeding, hand-painted, white die-cut border"
        ),
        negative_prompt="3d render, vector, flat color, neon, harsh outlines, photo, blurry, watermark, low contrast",
        picture="presets/watercolour.webp",
        advice={"num_inference_steps": 30, "guidance_scale": 7.0, "lora_scale": 0.9},
    ),
    Preset(
        name="retro",
        label="Retro 70s",
        prompt_suffix=(
            "retro 1970s groovy style, mustard, burnt orange, teal and brown palette, bold rounded shapes, "
            "thick dark brown outlines, vintage screen print grain, white die-cut border"
        ),
        negative_prompt="modern, neon, pastel, 3d render, photo, thin lines, blurry, watermark, glossy",
        picture="presets/retro.webp",
        advice={"guidance_scale": 8.0},
    ),
    Preset(
        name="line-art",
        label="Line art",
        prompt_suffix=(
            "minimalist black line art, clean monoline ink drawing, uniform stroke weight, no shading, "
            "white fill, simple shapes, coloring book style, white die-cut border"
        ),
        negative_prompt="color, shading, gradient, 3d render, photo, grey tones, sketchy, blurry, watermark",
        picture="presets/line-art.webp",
        advice={"guidance_scale": 9.0},
    ),
    Preset(
        name="pixel",
        label="Pixel art",
        prompt_suffix=(
            "16-bit pixel art sprites, crisp square pixels, limited color palette, dark pixel outlines, "
            "retro video game item icons, white die-cut border"
        ),
        negative_prompt="smooth, anti-aliased, gradient, photo, 3d render, blurry, painting, soft edges, watermark",
        picture="presets/pixel.webp",
        advice={"num_inference_steps": 25, "guidance_scale": 8.5},
    ),
    Preset(
        name="clay",
        label="Clay 3D",
        prompt_suffix=(
            "soft clay 3D render, rounded plasticine shapes, matte finish, subtle fingerprints, "
            "studio soft lighting, pastel palette, cute miniature, white die-cut border"
        ),
        negative_prompt="flat, 2d, line art, sketch, photo of people, harsh shadows, glossy plastic, blurry, watermark",
        picture="presets/clay.webp",
        advice={"num_inference_steps": 30, "lora_scale": 0.85},
    ),
    Preset(
        name="botanical",
        label="Botanical",
        prompt_suffix=(
            "vintage botanical illustration, fine engraved ink lines, hand-tinted muted colors, sage, ochre and "
            "terracotta, herbarium plate, delicate hatching, white die-cut border"
        ),
        negative_prompt="neon, cartoon, 3d render, photo, glossy, saturated colors, thick outlines, blurry, watermark",
        picture="presets/botanical.webp",
        advice={"num_inference_steps": 30, "guidance_scale": 7.0},
    ),
    Preset(
        name="holographic",
        label="Holographic",
        prompt_suffix=(
            "holographic foil sticker, iridescent rainbow sheen, pearlescent pastel gradient, glossy reflections, "
            "dreamy y2k aesthetic, clean outlines, white die-cut border"
        ),
        negative_prompt="matte, dull, muted, flat color, grunge, photo, realistic, blurry, watermark, noisy",
        picture="presets/holographic.webp",
        advice={"num_inference_steps": 30, "guidance_scale": 8.0},
    ),
)
