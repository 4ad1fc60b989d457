"""The study charts of the texts, drawn from the rows in ``docs/rows``; see `rows`."""

from __future__ import annotations

from pathlib import Path

from rows import rows

from prune3d_gui.core.registry import discover
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.reports.charts import draw_curves, draw_heat, draw_pareto, draw_scatter
from prune3d_gui.reports.rows.curves import DRAWN, by_column, parts_of, trials
from prune3d_gui.reports.rows.levels import baseline_of

SYSTEM, METRIC = "pgn", "chamfer_x1000"
CHARTS = {
    "curves": ("pgn-table2", "pgn-table4", "pgn-table5", "pgn-random"),
    "scatter": ("pgn-layers", "pgn-table2"),
    "heat": ("pgn-layers", "pgn-table2"),
    "pareto-ms": ("pgn-masks", "pgn-channels", "pgn-table2"),
    "pareto-bytes": ("pgn-masks", "pgn-channels", "pgn-table2"),
    "finetune": ("pgn-finetune",),
    "budget": ("pgn-budget",),
}
"""Rows that each chart is drawn from."""
SCOPES = {
    "encoder": "encoder",
    "decoder": "decoder",
    "decoder+bn": "decoder + BN",
    "all": "whole network",
}
RATE = "Rate (% of the weights in scope)"


class StudyFigures:
    """The study charts of the bundled point network."""

    def __init__(self) -> None:
        system = discover().system(SYSTEM)
        model = system.open(system.bundled()[0])
        self.metric: Metric = next(m for m in model.metrics if m.id == METRIC)
        self.knobs, self.sizes = model.knobs, model.sizes
        self.units = [unit for unit in model.units if not unit.id.startswith("bn")]
        model.close()

    def draw(self, name: str, path: Path) -> bool:
        """Draw one of `CHARTS`; False where its rows are missing."""
        return getattr(self, f"_{name.replace('-', '_')}")(path)

    def _full(self) -> float | None:
        """The full model's own error."""
        found = (row[METRIC] for row in rows("pgn-table2") if row["zeroed"] == 0)
        return next(found, None)

    def _about(self) -> dict:
        full = self._full()
        return {
            "metric": self.metric,
            "baseline": full,
            "threshold": None if full is None else self.metric.slack.at(full),
        }

    def _curves(self, path: Path) -> bool:
        found = [row for number in (2, 4, 5) for row in rows(f"pgn-table{number}")]
        found = [row for row in found if row.get("scope") in SCOPES]
        if not found:
            return False
        printed = [row for row in found if row.get(f"paper_{METRIC}") is not None]
        printed = [row for row in printed if row["rate"] % 10 == 0]
        random = [row | {"scope": "encoder, random"} for row in rows("pgn-random")]
        draw_curves(
            path,
            found + random,
            x="rate",
            series="scope",
            names=SCOPES,
            title="How the error grows with the rate, by what is pruned",
            paper=printed,
            x_title=RATE,
            **self._about(),
        )
        return True

    def _scatter(self, path: Path) -> bool:
        found = self._of_layers()
        if found:
            draw_scatter(
                path,
                found,
                parts=parts_of(self.units),
                title="What each layer alone can lose",
                **self._about(),
            )
        return bool(found)

    def _heat(self, path: Path) -> bool:
        found, about = self._of_layers(), self._about()
        about.pop("baseline")
        if found:
            draw_heat(
                path,
                found,
                x="rate",
                parts=parts_of(self.units),
                title="Each layer alone: Chamfer distance × 1000",
                x_title="Rate of that layer (%)",
                **about,
            )
        return bool(found)

    def _of_layers(self) -> list[dict]:
        known = {unit.id for unit in self.units}
        return [row for row in rows("pgn-layers") if row.get("unit") in known]

    def _pareto_ms(self, path: Path) -> bool:
        return self._pareto(path, "ms", "Masks take as long as ever; removed channels do not")

    def _pareto_bytes(self, path: Path) -> bool:
        return self._pareto(path, "bytes_sparse", "Bytes of the compact sparse file")

    def _pareto(self, path: Path, cost: str, title: str) -> bool:
        ways = {"masks": rows("pgn-masks"), "channels removed": rows("pgn-channels")}
        found = [row | {DRAWN: name} for name, mine in ways.items() for row in mine]
        found = [row for row in found if row.get(cost) is not None]
        if not found:
            return False
        about = self._about() | {"sizes": self.sizes, "title": title}
        draw_pareto(path, found, cost=cost, series=DRAWN, point="rate", **about)
        return True

    def _finetune(self, path: Path) -> bool:
        """Algorithm 1 beside one-shot pruning at the same rates."""
        found = rows("pgn-finetune")
        if not found:
            return False
        lines = by_column(found, self.metric, "rate", "fine-tuned")
        draw_curves(
            path,
            lines,
            x="rate",
            metric=self.metric,
            series=DRAWN,
            title="One-shot pruning, and with fine-tuning after each step",
            baseline=baseline_of(found, METRIC),
            threshold=found[0].get("threshold"),
            x_title=RATE,
            knees=False,
            caption="Masks hold during fine-tuning.",
        )
        return True

    def _budget(self, path: Path) -> bool:
        """Plans that a budget search tried, and uniform rates, by what they take away."""
        found = rows("pgn-budget")
        near = [row for row in found if row[METRIC] <= 1.7 * row.get("threshold", 0)]
        drawn = [row for row in trials(near, self.knobs) if row["objective_percent"] > 25]
        if not drawn:
            return False
        draw_pareto(
            path,
            drawn,
            cost="objective_percent",
            metric=self.metric,
            series=DRAWN,
            title="The best plan for a budget, and one rate for all",
            threshold=found[0].get("threshold"),
            baseline=next((r[METRIC] for r in found if r.get("role") == "full"), None),
            x_title=f"Taken away (% of {found[0].get('objective_of', 'the weights')})",
            gain=True,
            joined=False,
        )
        return True
