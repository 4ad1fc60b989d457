"""Make the small pictures of the systems again, as the model selector of the window shows them.

    python scripts/system_pictures.py [ID]

Each is what a bundled network gives for one sample, drawn as the views draw it, cut to the thing
itself on transparent ground, and written to ``resources/pictures/ID.png``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.registry import discover
from prune3d_gui.core.scene.scenes import Mesh, Scene
from prune3d_gui.core.system import System
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import theme
from prune3d_gui.drawing.pictures import compose

FOLDER = Path(__file__).parents[1] / "resources" / "pictures"
SAMPLES = {
    "pgn": ("airliner-0015", "full"),
    "inr_amr": ("chest", "preview"),
    "psp_seg": ("patient-01", "preview"),
    "vortx": ("piano", "full"),
}
"""A sample, and the quality that shows the network's own surface."""
SIDE, DRAWN, MARGIN = 128, 1024, 0.04


def draw(system: System, wanted: str, quality: Quality) -> Image.Image:
    """Draw the surface that a bundled network of a system gives for a sample."""
    for ref in system.bundled():
        model = system.open(ref)
        own = [s.id for s in model.samples() if s.opens in (None, ref) and s.id.endswith(wanted)]
        if own:
            break
        model.close()
    applied = model.apply(Plan())
    *_, stage = model.reconstruct(applied, own[0], Query(), quality, NEVER)
    scores = model.score(applied, own[0], Query(), stage, None)
    scene = stage.scene.with_arrays(scores.arrays if scores else {})
    surfaces = tuple(layer for layer in scene.layers if isinstance(layer.data, Mesh))
    scene = Scene(surfaces, up=scene.up)
    picture = compose(
        [("", scene)], size=(DRAWN, DRAWN), px=1, transparent=True,
        look=Look("mesh", model.colours, theme(False)), cameras=(), planes=(),
    )  # fmt: skip
    model.close()
    return _square(picture.crop((0, 38, DRAWN, DRAWN - 62)))


def _square(picture: Image.Image) -> Image.Image:
    """Cut to what is to be seen, centred, with a margin."""
    picture = picture.crop(picture.getchannel("A").getbbox())
    side = round(max(picture.size) * (1 + 2 * MARGIN))
    canvas = Image.new("RGBA", (side, side))
    canvas.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    """Draw and write all, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    for system in discover().systems:
        if system.id in (sys.argv[1:] or SAMPLES):
            draw(system, *SAMPLES[system.id]).save(FOLDER / f"{system.id}.png", optimize=True)


if __name__ == "__main__":
    main()
