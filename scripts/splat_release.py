r"""Make what ships for ``lp3dgs`` again, after its scene was trained.

    prune3d data lp3dgs --out FOLDER
    prune3d train lp3dgs --scene FOLDER --steps 2000 --most 40000 --start 2000 --opacity 0.5 \
        --pull 0.0001 --faint 0.1 --reset 0 --until 0.7 --out FOLDER/still.ply
    python scripts/splat_release.py FOLDER

Gaussians come wherever pictures pull a little, faint ones go (0.1 is what splatfacto takes), and
opacities are never put down, so that many opaque ones end up behind others, where no picture needs
them: as in scenes of people, and unlike in one that is trained to a budget.

The script puts the pictures, the cameras and the splats, packed as SPZ, among the resources, and
draws the system's small picture.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.splats.formats import read_splats, write_splats
from prune3d_gui.plugins.lp3dgs.opening import open_model
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from prune3d_gui.plugins.lp3dgs.scenes import smaller
from prune3d_gui.plugins.lp3dgs.shipped import FOLDER, SYSTEM, TITLE

RESOURCES = Path(__file__).parents[1] / "resources"
SPLATS, CAMERA, SIDE = "still.ply", 3, 192


def main(folder: Path) -> None:
    """Copy, pack and draw."""
    out = RESOURCES / FOLDER
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out, ignore=shutil.ignore_patterns(SPLATS, "*.training.pt"))
    for said in write_splats(out / "still.spz", read_splats(folder / SPLATS)).notices:
        print(said)
    (out / "still.spz.moment.json").unlink(missing_ok=True)
    model = open_model(ModelRef(SYSTEM, TITLE))
    camera = smaller(model.scene.cameras.camera(CAMERA), SIDE)
    seen = look(activated(model.whole.gaussians), camera).picture()
    alpha = 1 - seen.left[..., None]
    colours = np.clip(seen.colours / np.maximum(alpha, 1e-3), 0, 1)
    drawn = np.concatenate([colours, alpha], axis=2)
    pixels = (255 * drawn + 0.5).astype(np.uint8)
    Image.fromarray(pixels, "RGBA").save(RESOURCES / f"pictures/{SYSTEM}.png", optimize=True)
    model.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
