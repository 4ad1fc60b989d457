"""Table 1 of the paper: objects per category and split, as printed, by the rule and our own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from prune3d_gui.core.jobs import Row
from prune3d_gui.resources import RESOURCES

SPLIT = (
    ("airplane", 4045, 3326, 809), ("bench", 1816, 1452, 364), ("cabinet", 1572, 1257, 315),
    ("car", 7496, 5996, 1500), ("chair", 6778, 5422, 1356), ("display", 1095, 876, 219),
    ("lamp", 2318, 1854, 464), ("loudspeaker", 1618, 1294, 324), ("rifle", 2372, 1897, 475),
    ("sofa", 3173, 2538, 635), ("table", 8509, 6807, 1702), ("telephone", 1052, 841, 211),
    ("vessel", 1939, 1551, 388),
)  # fmt: skip
"""Category, its objects in ShapeNet, and the printed sizes of the train and val split."""
SPLIT_TOTAL = (43783, 35021, 8762)


def split_rows(data: Path | None = None) -> list[Row]:
    """Rows of Table 1: the rule's counts, the printed ones, and those of our own set.

    Parameters
    ----------
    data : Path, optional
        A set in AtlasNet's layout to count; the procedural set where it was made, else the
        samples that come with the program.
    """
    train, val, name = _own_counts(data)
    rows: list[Row] = []
    for category, objects, paper_train, paper_val in SPLIT:
        cut = int(0.8 * objects)
        row: Row = {"category": category, "objects": objects, "train": cut, "val": objects - cut}
        row |= {"paper_train": paper_train, "paper_val": paper_val}
        row |= {"own_train": train[category], "own_val": val[category], "own_set": name}
        if paper_train != cut:
            row["note"] = f"the paper prints {paper_train:,}, a misprint for {cut:,}."
        rows.append(row)
    total: Row = {key: sum(row[key] for row in rows) for key in ("objects", "train", "val")}
    total |= {"paper_train": SPLIT_TOTAL[1], "paper_val": SPLIT_TOTAL[2]}
    total |= {"own_train": train.total(), "own_val": val.total(), "own_set": name}
    return [*rows, {"category": "all", **total}]


def _own_counts(data: Path | None) -> tuple[Counter[str], Counter[str], str]:
    from ..data.dataset import DEFAULT_DATA, open_layout
    from ..data.shipped import SAMPLES, read_shipped

    folder = data or DEFAULT_DATA
    if folder.is_dir():
        layout = open_layout(folder)
        train, val = (
            Counter(shape.category for shape in layout.splits.get(split, ()))
            for split in ("train", "val")
        )
        return train, val, str(folder)
    own = read_shipped(RESOURCES / SAMPLES)
    shipped = Counter(s.category for s in own if s.split == "val")
    return Counter(), shipped, "shipped samples"
