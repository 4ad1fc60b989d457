"""What a network makes of crops of rooms that it has not seen."""

from __future__ import annotations

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row

from ..network.features import LEVELS
from ..network.network import Vortx, distances
from .crops import Cut, crop_of
from .passing import looked_at, passed
from .rooms import OCCUPIED, Rooms

SEED = 1009


@torch.no_grad()
def scored(
    network: Vortx,
    rooms: Rooms,
    cut: Cut,
    crops: int = 24,
    weighted: bool = True,
    report: Report = lambda told: None,
    cancel: CancelToken = NEVER,
) -> list[Row]:
    """Score crops, the same ones at every call.

    Returns
    -------
    list of row
        By level: `iou` of occupancy, over all that is known, what coarser levels lost included;
        `precision` and `recall` of it; of the fine level, `l1` of distances at voxels near a
        surface, in truncations.
    """
    device = next(network.parameters()).device
    network.eval()
    cut = Cut(cut.dims, cut.views, cut.width, augment=False)
    counts = {level: np.zeros(3) for level in LEVELS}
    away: list[float] = []
    for number in range(crops):
        cancel.check()
        report(Progress(number, crops, f"{number} of {crops} unseen crops scored"))
        drawn = np.random.default_rng((SEED, number))
        crop = crop_of(rooms[number % len(rooms)], cut, drawn)
        views = looked_at(network, crop, device)
        said = {
            own.level: own
            for own, *_ in passed(network, crop, views, weighted, False, torch.Generator(), False)
        }
        for level in LEVELS:
            known, truth = crop.known[level], crop.truth[level]
            wanted = (np.abs(truth) < OCCUPIED if level == "fine" else truth > 0) & known
            found = np.zeros_like(wanted)
            if level in said:
                at = tuple(said[level].sites.places.cpu().numpy().T)
                logits = said[level].logits
                if level == "fine":
                    values = distances(logits).cpu().numpy()
                    near = wanted[at]
                    away += np.abs(values - truth[at])[near].tolist()
                    found[at] = np.abs(values) < OCCUPIED
                else:
                    found[at] = logits.cpu().numpy() > 0
            found &= known
            counts[level] += ((found & wanted).sum(), found.sum(), wanted.sum())
    rows: list[Row] = []
    for level, (both, found, wanted) in counts.items():
        row: Row = {
            "level": level,
            "iou": float(both / max(found + wanted - both, 1)),
            "precision": float(both / max(found, 1)),
            "recall": float(both / max(wanted, 1)),
        }
        rows.append(row)
    rows[-1]["l1"] = float(np.mean(away)) if away else 1.0
    return rows
