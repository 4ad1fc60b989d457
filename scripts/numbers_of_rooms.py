"""Numbers and tables of the text on rooms, made from rows; see `numbers_of`."""

from __future__ import annotations

from collections.abc import Callable

from kept_rows import lines, one, some

FEW, MANY = "vortx-count", "vortx-count-60"
"""Counts under the paper's preset, in 20 photographs and in 60."""
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
    body = (
        (row["measure"].replace("_", " "), f"{row['value']:.3g} {row['unit']}",
         row.get("limit") or "", row.get("met") or "", row.get("note") or "")
        for row in some("vortx-bench")
    )  # fmt: skip
    return lines(("measure", "value", "aim", "met", ""), body, right=5)


def _bench(measure: str) -> float:
    return one("vortx-bench", measure=measure)["value"]


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
}
