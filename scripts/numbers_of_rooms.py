"""Numbers and tables of the text on rooms, made from rows; see `numbers_of`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kept_rows import lines, measured, one, some

from prune3d_gui.metrics.surfaces import ATLAS, TRANSFORMERFUSION

FEW, MANY = "vortx-count", "vortx-count-60"
"""Counts under the paper's preset, in 20 photographs and in 60."""
SEEDS = (0, 1)
SLIDERS = {
    "rate2d": "2D CNN, zeroed",
    "rate_ff": "feed-forward, zeroed",
    "width_ff": "feed-forward, neurons removed",
    "rate3d": "3D CNN, channels removed",
}
STOPS = (0, 10, 25, 50, 75)
METHODS_LOST = ("vortx_small", "vortx_small, preset paper")
RECOVERED = tuple(f"figures-rooms-recover-{seed}/network" for seed in SEEDS)
METHODS = {
    "vortx_small": "the network that comes with the program",
    "vortx_small, preset paper": "the same under the paper's preset",
    "mean_fusion": "mean over views (`--attn-heads 0`)",
    **{name: f"recovered from it, seed {seed}" for seed, name in enumerate(RECOVERED)},
}
"""What methods of the comparison are called."""
LEAST = 0.01
"""Per cent of the parameters that a module of the tables has; what has less is in the sum alone."""


def _kind(kind: str, column: str, name: str = FEW) -> float:
    """Sum over the modules of a kind, such as ``3D CNN``."""
    return sum(row[column] for row in some(name) if row["module"].startswith(kind))


def _whole(column: str, name: str = FEW) -> float:
    return one(name, module="All")[column]


def _counts() -> str:
    """Parameters beside work, of the network as released."""
    body = (
        (
            row["module"],
            f"{row['parameters']:,}",
            f"{row['percent']:.1f} %",
            f"{row['prunable']:,}" if row["prunable"] else "",
            f"{row['full_macs'] / 1e9:.1f}",
            f"{row['macs_percent']:.0f} %",
            f"{many['full_macs'] / 1e9:.1f}",
            f"{many['macs_percent']:.0f} %",
        )
        for row, many in zip(some(FEW), some(MANY), strict=True)
        if row["percent"] > LEAST
    )
    head = ("module", "parameters", "share", "its knob prunes", "GMAC, 20 views", "share",
            "GMAC, 60 views", "share")  # fmt: skip
    return lines(head, body)


def _preset() -> str:
    """What the paper's preset zeroes, removes and leaves."""
    body = (
        (
            row["module"],
            f"{row['zeroed']:,}",
            f"{row['removed']:,}",
            f"{row['nonzero']:,}",
            f"{row['parameters'] * 4 / 1e6:.2f}",
            f"{row['bytes'] / 1e6:.2f}",
            f"{row['full_macs'] / 1e9:.1f}",
            f"{row['macs'] / 1e9:.1f}",
        )
        for row in some(FEW)
        if row["percent"] > LEAST and (row["zeroed"] or row["removed"])
    )
    head = ("module", "zeroed", "removed", "nonzero", "MB, full", "MB, dense fp32", "GMAC, full",
            "GMAC")  # fmt: skip
    return lines(head, body)


def _measured() -> str:
    found = ((measured(row), row.get("met") or "") for row in some("vortx-bench"))
    body = ((*cells[:3], met, cells[3]) for cells, met in found)
    return lines(("measure", "value", "aim", "met", ""), body, right=5)


def _bench(measure: str) -> float:
    return one("vortx-bench", measure=measure)["value"]


def _compared() -> str:
    """Means over unseen rooms, of networks and of boxes, by both protocols."""
    body = (
        (
            METHODS.get(row["method"], row["method"]),
            row["part"],
            *(f"{row[name]:.3f}" if name in row else "" for name in ("acc", "comp", "prec", "rec")),
            _ranged(row, "fscore"),
            _ranged(row, "ahead") if "ahead" in row else "",
            f"{row['parameters']:,}" if "parameters" in row else "",
            f"{row['seconds']:.0f}" if "seconds" in row else "",
        )
        for row in sorted(_means(), key=lambda row: row["part"])
    )
    head = ("", "protocol", "Acc", "Comp", "Prec", "Rec", "F", "F of the first is ahead by",
            "parameters", "seconds")  # fmt: skip
    return lines(head, body, right=2)


def _means() -> list[dict]:
    return [row for row in some("vortx-compare") if "room" not in row]


def _of(method: str, column: str, protocol: str = ATLAS) -> float:
    return one("vortx-compare", room=None, method=method, part=protocol)[column]


def _ranged(row: dict, name: str, digits: int = 3) -> str:
    ends = (f"{row[f'{name}_{end}']:.{digits}f}" for end in ("low", "high"))
    return f"{row[name]:.{digits}f} ({' to '.join(ends)})"


def _turned() -> str:
    """F of two rooms along the sliders, by both protocols."""
    body = (
        (title, protocol, *(f"{_at(name, rate, protocol):.3f}" for rate in STOPS))
        for name, title in SLIDERS.items()
        for protocol in (ATLAS, TRANSFORMERFUSION)
    )
    return lines(("slider", "protocol", *(f"{rate} %" for rate in STOPS)), body, right=2)


def _at(slider: str, rate: float, protocol: str) -> float:
    return one(f"vortx-{slider}", part=protocol, **{slider: float(rate)})["fscore"]


def _recovery() -> str:
    """What recovery gave back, by seed: IoU of unseen crops, and F of whole unseen rooms."""
    body = []
    for seed in SEEDS:
        row = one(f"vortx-recover-{seed}", stage="unseen")
        body.append((f"{seed}", "IoU of fine voxels, crops",
                     *_regained(row["full_iou"], row["pruned_iou"], row["iou"])))  # fmt: skip
        body += [
            (f"{seed}", f"F, {protocol}", *_regained(*(
                _of(method, "fscore", protocol) for method in (*METHODS_LOST, RECOVERED[seed])
            )))
            for protocol in (ATLAS, TRANSFORMERFUSION)
        ]  # fmt: skip
    head = ("seed", "", "full", "preset", "recovered", "of the loss regained")
    return lines(head, body, right=2)


def _regained(full: float, pruned: float, now: float) -> tuple[str, ...]:
    share = f"{_share(full, pruned, now)} %" if full > pruned else ""
    return *(f"{value:.3f}" for value in (full, pruned, now)), share


def _share(full: float, pruned: float, now: float) -> str:
    """Per cent of what was lost."""
    return f"{100 * (now - pruned) / (full - pruned):.0f}"


def _back(seed: int) -> str:
    """Per cent that recovery gave back of the F that the preset lost, Atlas."""
    return _share(*(_of(method, "fscore") for method in (*METHODS_LOST, RECOVERED[seed])))


NUMBERS: dict[str, Callable[[], str]] = {
    "vortx-parameters": lambda: f"{_whole('parameters'):,}",
    "vortx-2d-pool": lambda: f"{_kind('2D CNN', 'prunable'):,}",
    "vortx-2d-zeroed": lambda: f"{_kind('2D CNN', 'zeroed'):,}",
    "vortx-ff-pool": lambda: f"{_kind('Transformer', 'prunable'):,}",
    "vortx-ff-zeroed": lambda: f"{_kind('Transformer', 'zeroed'):,}",
    "vortx-3d-pool": lambda: f"{_kind('3D CNN', 'prunable'):,}",
    "vortx-removed": lambda: f"{_whole('removed'):,}",
    "vortx-3d-removed": lambda: f"{_kind('3D CNN', 'removed'):,}",
    "vortx-3d-share": lambda: f"{_kind('3D CNN', 'percent'):.1f}",
    "vortx-3d-work": lambda: f"{_kind('3D CNN', 'macs_percent'):.0f}",
    "vortx-views-share": lambda: f"{_kind('Transformer', 'percent'):.1f}",
    "vortx-views-work": lambda: f"{_kind('Transformer', 'macs_percent'):.0f}",
    "vortx-views-work-60": lambda: f"{_kind('Transformer', 'macs_percent', MANY):.0f}",
    "vortx-f": lambda: f"{_of('vortx_small', 'fscore'):.2f}",
    "vortx-f-other": lambda: f"{_of('vortx_small', 'fscore', TRANSFORMERFUSION):.2f}",
    "vortx-f-preset": lambda: f"{_of(METHODS_LOST[1], 'fscore'):.2f}",
    "vortx-f-box": lambda: f"{_of('box of the reference', 'fscore'):.2f}",
    "vortx-f-box-other": lambda: f"{_of('box of the reference', 'fscore', TRANSFORMERFUSION):.2f}",
    **{f"vortx-regained-{seed}": partial(_back, seed) for seed in SEEDS},
    "vortx-ahead-box": lambda: f"{_of('box of the reference', 'ahead'):.2f}",
    "vortx-ahead-box-other": lambda: (
        f"{_of('box of the reference', 'ahead', TRANSFORMERFUSION):.2f}"
    ),
    "vortx-ahead-mean": lambda: f"{_of('mean_fusion', 'ahead'):.2f}",
    "vortx-ahead-mean-other": lambda: f"{_of('mean_fusion', 'ahead', TRANSFORMERFUSION):.2f}",
    "vortx-rooms": lambda: f"{_of('vortx_small', 'samples')}",
    "vortx-predicted": lambda: f"{_whole('full_macs') / _whole('macs'):.2f}",
    "vortx-predicted-60": lambda: f"{_whole('full_macs', MANY) / _whole('macs', MANY):.2f}",
    "vortx-measured": lambda: f"{_bench('whole scene, full / 3D CNN without a quarter'):.2f}",
    "vortx-3d-faster": lambda: f"{_bench('3D, full / pruned'):.2f}",
    "vortx-masked-2d": lambda: f"{_bench('2D CNN, masked / full'):.2f}",
    "vortx-masked-views": lambda: f"{_bench('transformers, masked / full'):.2f}",
}

TABLES: dict[str, Callable[[], str]] = {
    "vortx-counts": _counts,
    "vortx-preset": _preset,
    "vortx-bench": _measured,
    "vortx-compare": _compared,
    "vortx-rates": _turned,
    "vortx-recovery": _recovery,
}
