"""What comes with the program: a scene, its cameras and the pictures it was trained on."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

SYSTEM = "lp3dgs"
FOLDER = "samples/lp3dgs/still_life"
"""The scene as `prune3d data` photographs it, with the splats that were trained on it."""
PICTURE = "pictures/lp3dgs.png"
TITLE = "Still life"
NOTE = "Trained on pictures of a procedural still life, ray traced by us; no photograph."


def installed() -> Path | None:
    """The folder of the scene, where it is there."""
    found = Path(str(files("prune3d_gui.resources").joinpath(FOLDER)))
    return found if (found / "transforms.json").is_file() else None
