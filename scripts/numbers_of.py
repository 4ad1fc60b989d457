"""What stands at the marks of the texts: each number and table, made from rows.

Where rows are missing, a `LookupError` says so.
"""

from __future__ import annotations

from collections.abc import Callable

import numbers_of_fields as of_fields
import numbers_of_rooms as of_rooms
import numbers_of_segmenter as of_segmenter
import numbers_of_splats as of_splats
from kept_rows import figure, lines, one, some
from rows import RECIPES, stale

CHAMFER = "chamfer_x1000"
SYSTEMS = ("pgn", "inr_amr", "psp_seg", "lp3dgs", "vortx")


def _table2(rate: float, column: str = CHAMFER) -> float:
    return one("pgn-table2", rate=rate)[column]


def _evaluated(split: str, scored: str = "network") -> dict:
    return one("pgn-evaluate", split=split, scored=scored, category="all")


def _counts() -> list[tuple[int, int]]:
    """Printed counts and ours, of Tables 2 to 5."""
    return [
        (row["zeroed"], row["paper_zeroed"])
        for number in (2, 3, 4, 5)
        for row in some(f"pgn-table{number}")
        if row.get("paper_zeroed") is not None
    ]


def _random(rate: float) -> float:
    found = [row[CHAMFER] for row in some("pgn-random") if row["rate"] == rate]
    return sum(found) / len(found)


def _budget_gain() -> float:
    last = {row["role"]: row for row in some("pgn-budget") if row.get("role")}
    best, uniform = last["best"]["zeroed"], last["uniform"]["zeroed"]
    return 100 * (best / uniform - 1)


def _car(rate: float) -> float:
    return one("pgn-car", rate=rate)[CHAMFER]


def _held_out(place: int) -> float:
    """Error on held-out samples, as a multiple of the full model's: uniform, best, as many."""
    full, *others = [row[CHAMFER] for row in some("pgn-budget") if row["role"] == "held-out"]
    return others[place] / full


NUMBERS: dict[str, Callable[[], str]] = {
    **of_fields.NUMBERS,
    **of_segmenter.NUMBERS,
    **of_splats.NUMBERS,
    **of_rooms.NUMBERS,
    "pgn-full": lambda: f"{_table2(0):.2f}",
    "pgn-45-ratio": lambda: f"{_table2(45) / _table2(0):.2f}",
    "paper-45-ratio": lambda: f"{_table2(45, 'paper_chamfer_x1000') / 3.762:.2f}",
    "pgn-60": lambda: f"{_table2(60):.1f}",
    "paper-60": lambda: f"{_table2(60, 'paper_chamfer_x1000'):.1f}",
    "table2-most": lambda: f"{_table2(0, 'own_most_rate'):.0f}",
    "counts": lambda: str(len(_counts())),
    "counts-equal": lambda: str(sum(ours == theirs for ours, theirs in _counts())),
    "random-10": lambda: f"{_random(10):.0f}",
    "l1-10": lambda: f"{_table2(10):.2f}",
    "heldout-ratio": lambda: f"{_evaluated('heldout')[CHAMFER] / _evaluated('val')[CHAMFER]:.1f}",
    "budget-uniform": lambda: f"{_held_out(0):.2f}",
    "budget-best": lambda: f"{_held_out(1):.2f}",
    "budget-as-many": lambda: f"{_held_out(2):.2f}",
    "car": lambda: f"{_car(0):.1f}",
    "car-45": lambda: f"{_car(45) / _car(0):.2f}",
    "car-75": lambda: f"{_car(75) / _car(0):.1f}",
    "tuned-most": lambda: f"{max(r['rate'] for r in some('pgn-finetune') if r['passes']):.0f}",
    "tuned-limit": lambda: f"{some('pgn-finetune')[0]['threshold']:.2f}",
    "tuned-last": lambda: f"{some('pgn-finetune')[-1][CHAMFER]:.2f}",
    "one-shot-last": lambda: f"{some('pgn-finetune')[-1]['one_shot_chamfer_x1000']:.1f}",
    "budget-gain": lambda: f"{_budget_gain():.0f}",
}


def _table_2() -> str:
    head = (
        "rate %",
        "zeroed",
        "Chamfer × 1000",
        "F-score",
        "paper: zeroed",
        "paper: Chamfer × 1000",
    )
    body = (
        (
            f"{row['rate']:g}",
            f"{row['zeroed']:,}",
            f"{row[CHAMFER]:.3f}",
            f"{row['fscore']:.3f}",
            _count(row["paper_zeroed"]),
            f"{row['paper_chamfer_x1000']:.3f}",
        )
        for row in some("pgn-table2")
    )
    return lines(head, body, right=0)


def _table_3() -> str:
    head = ("layer", "paper: rate %", "zeroed", "Chamfer × 1000", "paper: zeroed",
            "paper: Chamfer × 1000", "ours could lose", "weights")  # fmt: skip
    body = (
        (
            row["unit"],
            f"{row['rate']:g}",
            f"{row['zeroed']:,}",
            f"{row[CHAMFER]:.2f}",
            _count(row["paper_zeroed"]),
            f"{row['paper_chamfer_x1000']:.1f}",
            "-" if row["own_most_rate"] is None else f"{row['own_most_rate']:g} %",
            _count(row["own_most_zeroed"]),
        )
        for row in some("pgn-table3")
    )
    return lines(head, body)


def _budget() -> str:
    """The full model, the largest uniform rate, the best plan, and both on held-out samples."""
    roles = ("full", "uniform", "best", "held-out")
    body = (
        (
            row["role"],
            str(row["plan"]),
            f"{row['zeroed']:,}",
            f"{row[CHAMFER]:.2f}",
            f"{row['threshold']:.2f}" if row.get("threshold") else "",
            f"{row['samples']}",
        )
        for row in some("pgn-budget")
        if any(row["role"].startswith(role) for role in roles)
    )
    head = ("", "plan", "zeroed", "Chamfer × 1000", "limit", "samples")
    return lines(head, body, right=2)


def _ways() -> str:
    """Masks beside channels: quality, parameters and measured milliseconds."""
    body = (
        (
            way,
            f"{row['rate']:g}",
            f"{row[CHAMFER]:.2f}",
            f"{row['total'] - row['removed']:,}",
            f"{row['bytes'] / 1e6:.1f}",
            f"{row['ms']:.0f}",
        )
        for way, name in (("masks", "pgn-masks"), ("channels", "pgn-channels"))
        for row in some(name)
        if row["rate"] in (0, 2, 5, 10, 30, 50)
    )
    head = ("way", "rate %", "Chamfer × 1000", "parameters", "MB, dense fp32", "ms")
    return lines(head, body)


def _evaluate() -> str:
    body = []
    for row in some("pgn-evaluate"):
        if row["split"] == "val" and row["category"] == "all":
            other = _evaluated("heldout", row["scored"])
            cells = [f"{r[CHAMFER]:.2f}, F {r['fscore']:.3f}" for r in (row, other)]
            body.append((row["scored"], row["given"], *cells))
    return lines(("scored", "given", "validation", "held-out designs"), body, right=2)


def _categories() -> str:
    found = [
        f"{row['category']} {row[CHAMFER]:.2f}"
        for row in some("pgn-evaluate")
        if row["split"] == "val" and row["scored"] == "network" and row["category"] != "all"
    ]
    return f"{', '.join(found)}.\n"


def _bench() -> str:
    """What a slider tick, the window and a drag take."""
    body = (
        (
            row["measure"].replace("_", " "),
            f"{row['value']:.4g} {row['unit']}",
            "" if row.get("ratio") is None else f"{row['ratio']:.3g}",
            row["note"],
        )
        for row in some("pgn-bench")
    )
    return lines(("measure", "value", "ratio to a full tick", ""), body, right=4)


def _tuned() -> str:
    """Rounds of Algorithm 1: one shot, pruned, and fine-tuned after."""
    body = (
        (
            f"{row['rate']:g}",
            f"{row['zeroed']:,}",
            f"{row['one_shot_chamfer_x1000']:.2f}",
            f"{row['pruned_chamfer_x1000']:.2f}",
            f"{row[CHAMFER]:.2f}",
            f"{row['fscore']:.3f}",
            "yes" if row["passes"] else "no",
        )
        for row in some("pgn-finetune")
    )
    head = ("rate %", "zeroed", "one shot", "this round, pruned", "fine-tuned", "its F-score",
            "passes")  # fmt: skip
    return lines(head, body, right=0)


def _studies() -> str:
    """What studies cost: shared work, processes, the cache, a drag beside them."""
    body = (
        (
            row["measure"].replace("_", " "),
            f"{row['value']:.4g} {row['unit']}",
            row["limit"],
            row["note"],
        )
        for row in some("studies-bench")
    )
    return lines(("measure", "value", "limit", ""), body, right=4)


def _windows() -> str:
    """What the window takes with each system, and whether that is what is aimed at."""
    measured = {
        name: {row["measure"]: row for row in some(f"{name}-bench") if row.get("limit")}
        for name in SYSTEMS
    }
    body = []
    for measure in dict.fromkeys(m for rows in measured.values() for m in rows):
        found = [rows.get(measure) for rows in measured.values()]
        known = next(row for row in found if row)
        if any(not row for row in found):
            continue
        cells = [f"{figure(row['value'])}, {row['met']}" for row in found if row]
        body.append((f"{measure.replace('_', ' ')} ({known['unit']})", known["limit"], *cells))
    return lines(("measure", "aim", *(f"`{name}`" for name in SYSTEMS)), body, right=2)


def _kept() -> str:
    body = (
        (f"`docs/rows/{name}.json`", f"`prune3d {recipe.words}`", f"{recipe.minutes:g}")
        for name, recipe in RECIPES.items()
        if stale(name) != "never made"
    )
    return lines(("rows", "command", "minutes"), body, right=2)


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


TABLES: dict[str, Callable[[], str]] = {
    "pgn-table2": _table_2,
    "pgn-table3": _table_3,
    "pgn-budget": _budget,
    "pgn-ways": _ways,
    "pgn-evaluate": _evaluate,
    "pgn-categories": _categories,
    "pgn-bench": _bench,
    "pgn-finetune": _tuned,
    "studies-bench": _studies,
    "windows": _windows,
    "rows": _kept,
    **of_fields.TABLES,
    **of_segmenter.TABLES,
    **of_splats.TABLES,
    **of_rooms.TABLES,
}
