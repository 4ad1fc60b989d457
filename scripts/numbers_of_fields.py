"""Numbers and tables of the texts on neural fields, made from rows; see `numbers_of`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from kept_rows import lines, one, some

RULES = ("uniform", "id", "interpolation", "hybrid", "gradient")
NETWORKS = {
    "oscillation": ("oscillation, 2D", "ReLU 2-32-32-32-32-1"),
    "chest_relu": ("chest, ReLU", "64 Fourier features, ReLU 3 × 128"),
    "chest": ("chest, SIREN", "sine 3 × 96"),
    "breathing": ("breathing", "sine 3 × 128"),
}


def _bench(measure: str) -> dict:
    return one("inr_amr-bench", measure=measure)


def _value(measure: str) -> float:
    found = _bench(measure)["value"]
    if found is None:
        raise LookupError(f"{measure!r} was not reached")
    return found


def _dofs(where: str, rule: str) -> Callable[[], str]:
    return lambda: f"{_value(f'{where}: {rule}'):,.0f}"


def _removed() -> Iterator[tuple[str, ...]]:
    """What the bench removed: field, network, parameters, tolerance, left, errors."""
    for field, (title, network) in NETWORKS.items():
        error = {
            how: _value(f"removal, {field}, {how}: relative L2 error")
            for how in ("id", "l1", "random", "none")
        }
        note = _bench(f"removal, {field}, id: relative L2 error")["note"]
        yield (
            title,
            network,
            f"{_value(f'network, {field}, full: parameters'):,}",
            re.search(r"tolerance ([\d.]+)", note)[1],
            f"{_value(f'network, {field}, pruned: parameters'):,}",
            *(f"{value:.3f}" for value in error.values()),
        )


def _removals() -> str:
    head = ("field", "network", "parameters", "at tolerance", "left", "ID", "L1", "random",
            "unpruned")  # fmt: skip
    return lines(head, _removed(), right=2)


def _measured() -> str:
    """Everything the bench measured but errors and degrees of freedom, which the texts tell."""
    body = (
        (
            row["measure"],
            f"{row['value']:.3g} {row['unit']}".rstrip(),
            row.get("limit") or row.get("target") or "",
            row["note"],
        )
        for row in some("inr_amr-bench")
        if row["measure"].startswith(("decision", "tolerance step")) or "depth" in row["measure"]
    )
    return lines(("measure", "value", "aim", ""), body, right=4)


def _authors() -> str:
    """The authors' rules on their network: ranges, and how far from the reference."""
    body = []
    for rule, about in (
        ("uniform", "uniform, 8 to 256 cells per side"),
        ("BasicAMR", "BasicAMR, T = 0.01"),
        ("ID", "ID, P = 0.12, tolerance 0.001"),
    ):
        rows = [row for row in some("inr_amr-table1") if row["rule"] == rule]
        first, last = rows[0], rows[-1]
        off = {
            name: 100 * max(abs(r[name] / r[f"reference_{name}"] - 1) for r in rows)
            for name in ("points", "rmse")
        }
        known = 100 * max(r["rmse_error"] / r["rmse"] for r in rows)
        body.append(
            (
                about,
                f"{first['points']:,} to {last['points']:,}",
                f"{first['dofs']:,} to {last['dofs']:,}",
                f"{first['rmse']:.4f} to {last['rmse']:.4f}",
                f"corners within {off['points']:.1f} %, RMSE within {off['rmse']:.1f} %, "
                f"sampling error up to {known:.1f} %",
            )
        )
    head = ("rule", "all corners", "degrees of freedom", "RMSE", "against the reference")
    return lines(head, body, right=5)


NUMBERS: dict[str, Callable[[], str]] = {
    **{f"dofs-2d-{rule}": _dofs("2D, dofs at RMSE 0.03", rule) for rule in RULES},
    **{f"dofs-chest-10-{rule}": _dofs("chest, dofs at RMSE 0.1 of range", rule) for rule in RULES},
    **{f"dofs-chest-5-{rule}": _dofs("chest, dofs at RMSE 0.05 of range", rule) for rule in RULES},
    "dofs-2d-gain": lambda: f"{_value('2D, uniform / decomposition at 0.03'):.1f}",
    "hybrid-worst": lambda: (
        f"{max(r['value'] for r in some('inr_amr-bench') if 'hybrid / better' in r['measure']):.2f}"
    ),
}

TABLES: dict[str, Callable[[], str]] = {
    "fields-removals": _removals,
    "fields-bench": _measured,
    "fields-authors": _authors,
}
