"""Charts of jobs: what a mean Dice hides along orders, and criteria beside the measured drop."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from prune3d_gui.core.jobs import Row
from prune3d_gui.core.moment import Moment
from prune3d_gui.files.charts import write_chart

from ..controls import CRITERION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {choice.id: choice.title for choice in CRITERION.choices}
LINES = {
    "organs": ("Organs", "#0072b2", "o"),
    "dice": ("Mean of all classes", "0.35", "s"),
    "tumours": ("Tumours", "#d55e00", "^"),
    "kept": ("Lesions still found", "#8a5fbf", "D"),
}
"""Title, colour and marker of each measure."""
FAINT = "0.6"
_PLAIN, _SMALL = 10.5, 9


def draw_walks(walks: Mapping[str, Sequence[Row]], out: str, moment: Moment | None = None) -> None:
    """Draw rows of `walking.compare`: a line of panels for each network, a panel for each order.

    Parameters
    ----------
    walks : mapping of title to rows
    out : str
        A ``.png`` or ``.svg``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    first = next(iter(walks.values()))
    orders = list(dict.fromkeys(r["order"] for r in first if r["order"] in TITLES))
    orders = [*(order for order in orders if order != "random"), *({"random"} & set(orders))]
    size = (3.1 * len(orders) + 0.6, 2.9 * len(walks) + 1.1)
    figure = Sheet(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(walks), len(orders), sharex=True, sharey=True, squeeze=False)
    for (title, rows), panels in zip(walks.items(), grid, strict=True):
        whole = next(row for row in rows if row["order"] == "full")
        chance = [_kept(row, whole) for row in rows if row["order"] == "random"]
        dense = next((row for row in rows if row["order"] == "dense"), None)
        for order, axes in zip(orders, panels, strict=True):
            own = [_kept(row, whole) for row in rows if row["order"] == order]
            _walk(axes, [_kept(whole, whole), *own], whole)
            if order != "random" and chance:
                at, mean = _averaged([_kept(whole, whole), *chance], "tumours")
                axes.plot(at, mean, ":", color=FAINT, lw=1.6, label="Tumours, random order")
            if dense is not None:
                _dense(axes, dense)
            axes.set_title(TITLES[order], fontsize=_PLAIN)
        panels[0].set_ylabel(f"{title}\n%" if len(walks) > 1 else "%", fontsize=_PLAIN)
    for axes in grid[-1]:
        axes.set_xlabel("Parameters left (thousands)", fontsize=_PLAIN)
    grid[0, 0].invert_xaxis()
    grid[0, 0].set_ylim(0, 102)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", frameon=False,
                  fontsize=_PLAIN, ncols=int(size[0] / 2.4))  # fmt: skip
    alone = [f"{title}." for title in walks if len(walks) == 1]
    _note(figure, " ".join((*alone, _walk_note(tuple(walks.values())))))
    write_chart(figure, out, moment)


def _note(figure: Figure, text: str) -> None:
    """Small words below all panels."""
    wrapped = textwrap.fill(text, round(figure.get_figwidth() * 15))
    figure.supxlabel(wrapped, fontsize=_SMALL, color="0.35")


def _kept(row: Row, whole: Row) -> Row:
    """A row with the share of the lesions of the full network that are still found."""
    return row | {"kept": 1 - row["lost"] / whole["found"] if whole["found"] else None}


def _averaged(rows: Sequence[Row], measure: str) -> tuple[list[float], list[float]]:
    """Means over the seeds of random orders, by branches left: thousands of parameters, percent."""
    by: dict[int, list[Row]] = {}
    for row in rows:
        if row[measure] is not None:
            by.setdefault(row["branches"], []).append(row)
    every = [by[left] for left in sorted(by, reverse=True)]
    return (
        [float(np.mean([row["parameters"] for row in some])) / 1e3 for some in every],
        [100 * float(np.mean([row[measure] for row in some])) for some in every],
    )


def _walk(axes: Axes, rows: Sequence[Row], whole: Row) -> None:
    several = len({row["order_seed"] for row in rows} - {None}) > 1
    for measure, (title, colour, marker) in LINES.items():
        at, mean = _averaged(rows, measure)
        axes.plot(at, mean, "-", marker=marker, ms=4, color=colour, label=title, lw=1.6)
        if measure in ("organs", "tumours") and not several:
            known = [row for row in rows if row[measure] is not None]
            low, high = (
                [100 * row[f"{measure}_{end}"] for row in known] for end in ("low", "high")
            )
            places = [row["parameters"] / 1e3 for row in known]
            axes.fill_between(places, low, high, color=colour, alpha=0.15, lw=0)
    axes.axhline(100 * whole["dice"], color=FAINT, lw=0.8, ls="--")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=_SMALL)


def _dense(axes: Axes, row: Row) -> None:
    """The smaller dense network: a hollow marker for organs and one for tumours."""
    for measure in ("organs", "tumours"):
        colour, marker = LINES[measure][1:]
        axes.plot(
            [row["parameters"] / 1e3], [100 * row[measure]], marker, ms=9, mfc="none", mec=colour,
            mew=1.6, label=f"{LINES[measure][0]}, dense network",
        )  # fmt: skip


def _walk_note(walks: Sequence[Sequence[Row]]) -> str:
    wholes = [rows[0] for rows in walks]
    seeds = {row["order_seed"] for row in walks[0] if row["order"] == "random"}
    chance = f" The random order is the mean of {len(seeds)} seeds." if len(seeds) > 1 else ""
    found = " / ".join(str(whole["found"]) for whole in wholes)
    return (
        f"Dice by voxels, mean over {wholes[0]['patients']} unseen procedural patients; bands: "
        f"95 % interval from resampling them; lesions: of the {found} that the full network finds "
        f"(of {wholes[0]['lesions']}). Dashed: mean of the full network.{chance}"
    )


def draw_agreement(
    ranks: Mapping[str, Sequence[Row]], out: str, moment: Moment | None = None
) -> None:
    """Draw rows of `ranking.rank`: each branch's rank by a criterion beside its measured drop.

    Parameters
    ----------
    ranks : mapping of title to rows
        A line of panels for each.
    out : str
        A ``.png`` or ``.svg``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    first = next(iter(ranks.values()))
    criteria = [r["criterion"] for r in first if "criterion" in r and r["criterion"] != "drop"]
    figure = Sheet(figsize=(2.9 * len(criteria) + 0.6, 2.9 * len(ranks) + 0.7),
                    layout="constrained")  # fmt: skip
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(ranks), len(criteria), sharex=True, sharey="row", squeeze=False)
    for (title, rows), panels in zip(ranks.items(), grid, strict=True):
        units = [row for row in rows if "unit" in row]
        drops = 100 * np.array([row["drop"] for row in units])
        for criterion, axes in zip(criteria, panels, strict=True):
            scores = np.array([row[criterion] for row in units])
            places = scores.argsort(kind="stable").argsort(kind="stable") + 1
            axes.plot(places, drops, "o", ms=5, color="#0072b2", mec="white", mew=0.5)
            for at in np.argsort(drops)[-3:]:
                axes.annotate(
                    units[at]["unit"], (places[at], drops[at]), (-4, 4), fontsize=_SMALL,
                    textcoords="offset points", ha="right",
                )  # fmt: skip
            rho = next(r["spearman"] for r in rows if r.get("criterion") == criterion)
            axes.set_title(f"{TITLES[criterion]}: ρ = {rho:.2f}", fontsize=_PLAIN)
            axes.axhline(0, color=FAINT, lw=0.8)
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=_SMALL)
            axes.margins(x=0.08, y=0.12)
        above = f"{title}\n" if len(ranks) > 1 else ""
        panels[0].set_ylabel(f"{above}Measured Dice drop, points", fontsize=_PLAIN)
    for axes in grid[-1]:
        axes.set_xlabel(f"Rank of {len(units)}, least first", fontsize=_PLAIN)
    about = next(row["calibration"] for row in first if "calibration" in row)
    alone = [f"{title}." for title in ranks if len(ranks) == 1]
    said = (
        "One dot per branch: its rank by a criterion, and how far mean Dice falls when it alone "
        f"goes ({about}). ρ: Spearman's rank correlation."
    )
    _note(figure, " ".join((*alone, said)))
    write_chart(figure, out, moment)
