"""Numbers and tables of the text on the segmenter, made from rows; see `numbers_of`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kept_rows import lines, measured, one, some
from rows import SEEDS

CLASSES = ("liver", "liver tumour", "kidney", "kidney tumour")
ORDERS = {
    "change": "output change",
    "rounds": "output change, rounds",
    "l1": "L1 magnitude",
    "taylor": "Taylor",
    "drop": "measured Dice drop",
    "random": "random, mean of seeds",
}
CRITERIA = {
    "change": "output change",
    "relative": "relative change",
    "output": "output norm",
    "l1": "L1 magnitude",
    "taylor": "Taylor",
}
LEFT = (16, 12, 8)


def _both(values: Iterable[float], digits: int = 0) -> str:
    """A number for either seed."""
    return " / ".join(f"{value:.{digits}f}" for value in values)


def _whole(seed: int) -> dict:
    return one(f"psp_seg-orders-{seed}", order="full")


def _at(seed: int, order: str, left: int) -> list[dict]:
    return [
        row
        for row in some(f"psp_seg-orders-{seed}")
        if row["order"] == order and row["branches"] == left
    ]


def _mean(rows: list[dict], measure: str) -> float:
    return sum(row[measure] for row in rows) / len(rows)


def _trained() -> str:
    """Dice by class of both networks, and of the dense one."""
    nets = [(f"seed {seed}", _whole(seed)) for seed in SEEDS]
    nets += [("dense", row) for row in some("psp_seg-orders-0") if row["order"] == "dense"]
    body = (
        (
            title,
            f"{row['parameters']:,}",
            *(
                f"{100 * row[name]:.0f} ({100 * row[f'{name}_low']:.0f} to "
                f"{100 * row[f'{name}_high']:.0f})"
                for name in CLASSES
            ),
            f"{row['found']} of {row['lesions']}",
        )
        for title, row in nets
    )
    known = _whole(0)
    head = [f"{name} ({known[f'{name}_patients']} patients)" for name in CLASSES]
    return lines(("network", "parameters", *head, "lesions found"), body)


def _hides() -> str:
    """Organs, tumours and lost lesions where so many branches are left, for both seeds."""
    body, parts = [], ("dice", "organs", "tumours")
    for order, title in ORDERS.items():
        for left in LEFT:
            rows = [_at(seed, order, left) for seed in SEEDS]
            body.append(
                (
                    title,
                    str(left),
                    *(_both(100 * _mean(r, part) for r in rows) for part in parts),
                    _both(_mean(r, "lost") for r in rows),
                    _both(_mean(r, "alarms") for r in rows),
                    _both(_mean(r, "false") for r in rows),
                )
            )
    head = (
        "order",
        "left",
        "mean Dice",
        "organs",
        "tumours",
        "lesions lost",
        "in patients",
        "false",
    )
    return lines(head, body)


def _agreement() -> str:
    """Rank correlation of criteria with the measured drop, for both seeds."""
    body = (
        (
            CRITERIA[name],
            *(
                _both((one(f"psp_seg-ranks-{s}", criterion=name)[how] for s in SEEDS), 2)
                for how in ("spearman", "kendall")
            ),
        )
        for name in CRITERIA
    )
    return lines(("criterion", "Spearman's rho", "Kendall's tau"), body)


def _rhos(*criteria: str) -> list[float]:
    """Spearman's rho of criteria, for both seeds."""
    return [
        one(f"psp_seg-ranks-{seed}", criterion=name)["spearman"]
        for name in criteria
        for seed in SEEDS
    ]


_MOST = tuple(name for name in CRITERIA if name != "relative")


def _recovered(seed: int) -> dict:
    return one(f"psp_seg-recover-{seed}", stage="unseen")


def _recovery() -> str:
    body = (
        (
            f"seed {seed}",
            *(f"{100 * row[n]:.1f}" for n in ("full_dice", "pruned_dice", "dice")),
            f"{100 * row['regained']:.0f} %",
        )
        for seed, row in ((seed, _recovered(seed)) for seed in SEEDS)
    )
    return lines(("network", "full", "pruned", "recovered", "of the loss regained"), body)


def _progress() -> str:
    """What a progressive training did, event by event; seconds are those of a busy machine."""
    rows = [row for row in some("psp_seg-progressive") if "epoch" in row]
    shown = [rows[0], *(row for row in rows if row.get("event")), rows[-1]]
    body = (
        (
            str(row["step"]),
            str(row["branches"]),
            f"{row['parameters']:,}",
            f"{row['memory_mb']:.0f}",
            f"{100 * row['dice']:.1f}",
            _event(row.get("event") or ""),
        )
        for number, row in enumerate(shown)
        if row not in shown[:number]
    )
    head = ("step", "branches run", "parameters", "memory, MB", "validation Dice", "then")
    return lines(head, body, right=0)


def _event(text: str) -> str:
    """An event with its branches counted."""
    parts = []
    for part in filter(None, text.split("; ")):
        what, _, names = part.partition(" ")
        listed = names.count("/")
        parts.append(f"{what} {listed}" if listed else part)
    return ", ".join(parts)


def _measured() -> str:
    """What the segmenter's toggles, halves and scores take."""
    body = (measured(row) for row in some("psp_seg-bench"))
    return lines(("measure", "value", "aim", ""), body, right=4)


def _halves() -> float:
    return one("psp_seg-bench", measure="B, all / half")["value"]


NUMBERS: dict[str, Callable[[], str]] = {
    "seg-half": lambda: f"{_halves():.2f}",
    "seg-rho-low": lambda: f"{min(_rhos(*_MOST)):.2f}",
    "seg-rho-high": lambda: f"{max(_rhos(*_MOST)):.2f}",
    "seg-rho-relative": lambda: f"{min(_rhos('relative')):.2f}",
    **{
        f"seg-progressive-{kind}": lambda kind=kind: (
            f"{100 * one('psp_seg-progressive', stage='unseen')[kind]:.1f}"
        )
        for kind in ("dice", "full_dice")
    },
}

TABLES: dict[str, Callable[[], str]] = {
    "psp_seg-bench": _measured,
    "psp_seg-trained": _trained,
    "psp_seg-hides": _hides,
    "psp_seg-agreement": _agreement,
    "psp_seg-recovery": _recovery,
    "psp_seg-progress": _progress,
}
