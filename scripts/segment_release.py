"""Make what ships beside the networks of ``psp_seg`` again, after their weights were trained.

    prune3d train psp_seg --out resources/weights/psp_seg_laptop.safetensors
    prune3d train psp_seg --seed 1 --out resources/weights/psp_seg_laptop_seed1.safetensors
    prune3d train psp_seg --dense 750000 --out resources/weights/psp_seg_dense.safetensors
    python scripts/segment_release.py

It writes the scores of their branches by every criterion, and pictures of the procedural patients.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.psp_seg.judging.ranking import CRITERIA
from prune3d_gui.plugins.psp_seg.opening import open_model
from prune3d_gui.plugins.psp_seg.patients import HELD_COUNT, held_id, thumbnail
from prune3d_gui.plugins.psp_seg.shipped import PICTURES, SCORES, SYSTEM, installed

RESOURCES = Path(__file__).parents[1] / "resources"


def main() -> None:
    """Score, draw and write."""
    (RESOURCES / SCORES).unlink(missing_ok=True)  # else they would be read, not worked out
    told = {}
    for path in installed():
        model = open_model(ModelRef(SYSTEM, "released", path))
        told[model.weights_hash] = {
            criterion: [
                [*branch, score] for branch, score in model.branches.scores(criterion).items()
            ]
            for criterion in CRITERIA
        }
    (RESOURCES / SCORES).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    pictures = [thumbnail(model.patient(held_id(number))) for number in range(HELD_COUNT)]
    path = RESOURCES / PICTURES
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(pictures)[..., :3]).save(path, optimize=True)
    model.close()


if __name__ == "__main__":
    main()
