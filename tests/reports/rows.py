"""Rows as studies give them: small, and with every column that a chart looks at."""

import math

from prune3d_gui.core.score.scores import Metric

ERROR = Metric(
    "error", "Error × 1000", "lower", "Mean squared distance, times 1000.", "units", log=True
)
SHARE = Metric("share", "Share", "higher", "Share of points that are near.")
SIZES = {
    "bytes": "dense fp32",
    "bytes_fp16": "fp16",
    "bytes_sparse": "compact sparse file",
}
PARTS = {"C1": "encoder", "C2": "encoder", "conv[0]": "decoder"}


def sweep(scope="encoder", seed=0, lift=1.0, **more):
    """Rates 0 to 90; the error bends upwards at 50."""
    rows = []
    for rate in range(0, 100, 10):
        error = lift * (2.0 + 2.0 * max(0, rate - 50) + rate / 100)
        share = max(0.01, 0.6 - rate / 200)
        rows.append({
            "rate": float(rate), "scope": scope, "zeroed": 1000 * rate, "removed": 0,
            "prunable": 100_000, "total": 120_000, "bytes": 480_000, "bytes_fp16": 240_000,
            "bytes_sparse": 480_000 - 3000 * rate, "macs": 5_000_000,
            "error": error, "error_low": error * 0.9, "error_high": error * 1.2,
            "error_floor": 0.9, "share": share, "share_low": share * 0.9,
            "share_high": min(1.0, share * 1.1), "ms": 20.0, "ms_spread": 1.5,
            "samples": 16, "seed": seed, **more,
        })  # fmt: skip
    return rows


def channels():
    """The same rates, removed bodily: smaller and faster, and worse."""
    rows = sweep(lift=1.6, method="channels")
    return [
        row | {"removed": row["zeroed"], "zeroed": 0, "ms": 20.0 - row["rate"] / 8,
               "bytes": 480_000 - 4 * row["zeroed"]}
        for row in rows
    ]  # fmt: skip


def layers():
    """Each unit alone, the last one first; one cell is NaN."""
    rows = []
    for depth, unit in enumerate(reversed(PARTS)):
        for rate in (0.0, 30.0, 60.0, 90.0):
            error = math.nan if (unit, rate) == ("C2", 90.0) else 2.0 + rate**2 / 500 * (depth + 1)
            rows.append({
                "unit": unit, "rate": rate, "zeroed": int(10 ** (3 + depth) * rate), "removed": 0,
                "error": error, "error_low": error, "error_high": error, "samples": 16, "seed": 0,
            })  # fmt: skip
    return rows
