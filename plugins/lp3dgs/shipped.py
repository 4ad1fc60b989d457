"""What comes with the program: a scene, its cameras and the pictures it was trained on."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.resources import resource

SYSTEM = "lp3dgs"
FOLDER = "samples/lp3dgs/still_life"
"""The scene as `prune3d data` photographs it, with the splats that were trained on it."""
TITLE = "Still life"
NOTE = "Trained on pictures of a procedural still life, ray traced by us; no photograph."


def installed() -> Path | None:
    """The folder of the scene, where it is there."""
    found = resource(FOLDER)
    return found if found and (found / "transforms.json").is_file() else None
