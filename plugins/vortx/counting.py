"""What a plan leaves of each module: parameters beside work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row
from prune3d_gui.core.plan.plans import resolve

from .network.checkpoint import load_network
from .network.network import new_network
from .network.sizes import named
from .pruning.controls import FUSION, KNOBS, PHOTOGRAPHS, VOLUME
from .pruning.footprint import module_sizes
from .pruning.pruner import Pruner
from .pruning.work import TYPICAL, Work

_POOLS = {PHOTOGRAPHS: "2d", FUSION: "transformer", VOLUME: "3d"}
RATES = ("rate2d", "rate_ff", "width_ff", "rate3d")
"""Options that are knobs of the plan."""


def seen_in(views: int) -> Work:
    """The crop of `TYPICAL`, all of it seen in so many photographs."""
    levels = {
        level: replace(own, tokens=views * own.voxels[0], squares=views**2 * own.voxels[0])
        for level, own in TYPICAL.levels.items()
    }
    told = TYPICAL.told.replace(f"{TYPICAL.images} photographs", f"{views} photographs")
    return replace(TYPICAL, told=told, images=views, levels=levels)


def count(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Count by module.

    Returns
    -------
    list of row
        ``module``; ``parameters`` of the opened network, how many of them the knobs prune
        (``prunable``) and the plan ``zeroed`` and ``removed``, what is ``nonzero``; ``bytes`` in
        fp32; ``macs`` and ``full_macs``, under the plan and without it; ``percent`` and
        ``macs_percent``, shares of the opened network. The last row is the sum.
    """
    path = str(options["weights"] or "")
    network = load_network(path)[0] if path else new_network(named(options["size"])).eval()
    work = seen_in(int(options["views"]))
    pruner = Pruner(network.requires_grad_(False), work=work)
    cancel.check()
    plan, _ = resolve(KNOBS, {name: float(options[name]) for name in RATES})
    prunable: dict[str, int] = {}
    for unit in pruner.units:
        if unit.path[0] in _POOLS:
            kind = _POOLS[unit.path[0]]
            module = kind if kind == "2d" else f"{kind} {unit.path[1]}"
            prunable[module] = prunable.get(module, 0) + unit.count
    rows: list[Row] = [
        {
            "module": own.title, "parameters": own.total,
            "prunable": prunable.get(own.module, 0), "zeroed": own.zeroed,
            "removed": own.removed, "nonzero": own.nonzero, "bytes": own.bytes,
            "macs": own.macs, "full_macs": own.opened_macs,
        }
        for own in module_sizes(pruner, pruner.effective(plan, cancel), work)
    ]  # fmt: skip
    names = [name for name in rows[0] if name != "module"]
    rows.append({"module": "All", **{name: sum(row[name] for row in rows) for name in names}})
    for row in rows:
        row["percent"] = 100 * row["parameters"] / rows[-1]["parameters"]
        row["macs_percent"] = 100 * row["full_macs"] / rows[-1]["full_macs"]
        row["views"] = work.images
        report(Progress(0, 1, row["module"], row))
    return rows
