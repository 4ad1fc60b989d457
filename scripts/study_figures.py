"""Draw the README's study charts from rows that commands wrote with ``--json``.

``.venv/bin/python scripts/figures.py studies DIR`` reads what it finds of these in DIR and writes
``docs/study-*.png``; N is the number of samples, the same in all:

==================  ===============================================================
``encoder.json``    ``prune3d reproduce pgn --figure 3 --samples val:N``
``decoder.json``    ``prune3d reproduce pgn --figure 6 --samples val:N``
``whole.json``      ``prune3d reproduce pgn --figure 7 --samples val:N``, or a sweep
                    with ``--scope all``
``random.json``     ``prune3d sweep pgn --criterion random --seed 0,1,2 --rate 0:90:10``
``sensitivity.json``  ``prune3d sensitivity pgn --rate 0:90:10``
``masks.json``      ``prune3d sweep pgn --rate 0:90:10 --repeats 9``
``channels.json``   ``prune3d sweep pgn --way channels --rate 0:90:10 --repeats 9``
``finetune.json``   ``prune3d finetune pgn``: a row per round
``budget.json``     ``prune3d budget pgn``: the trials and the held-out rows
==================  ===============================================================
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prune3d_gui.core.registry import discover
from prune3d_gui.core.scores import Metric
from prune3d_gui.files.tables import read_rows
from prune3d_gui.reports.charts import draw_curves, draw_heat, draw_pareto, draw_scatter
from prune3d_gui.reports.lines import DRAWN, baseline, by_column, parts_of, trials
from prune3d_gui.studies.trials import default_threshold

SYSTEM, METRIC = "pgn", "chamfer_x1000"
SCOPES = {
    "encoder": "encoder",
    "decoder": "decoder",
    "decoder+bn": "decoder + BN",
    "all": "whole network",
}
RATE = "Rate (% of the weights in scope)"
Rows = list[dict]


class StudyFigures:
    """The charts of one folder of rows.

    Parameters
    ----------
    folder : path
        Rows as JSON; what is not there is not drawn.
    out : path
        Folder of the PNG files.
    """

    def __init__(self, folder: Path, out: Path) -> None:
        system = discover().system(SYSTEM)
        model = system.open(system.bundled()[0])
        self.metric: Metric = next(m for m in model.metrics if m.id == METRIC)
        self.units = [unit for unit in model.units if not unit.id.startswith("bn")]
        model.close()
        self.folder, self.out = Path(folder), Path(out)

    def draw(self) -> list[Path]:
        """Draw all that there are rows for; returns the files."""
        made = []
        for name in ("curves", "scatter", "heat", "pareto_ms", "pareto_bytes", "finetune",
                     "budget"):  # fmt: skip
            path = self.out / f"study-{name.replace('_', '-')}.png"
            drawn: Callable[[Path], bool] = getattr(self, f"_{name}")
            if drawn(path):
                made.append(path)
        return made

    def _rows(self, name: str) -> Rows:
        path = self.folder / f"{name}.json"
        return read_rows(path) if path.is_file() else []

    def _full(self) -> float | None:
        """The full model's own error."""
        rows = self._rows("encoder") + self._rows("masks") + self._rows("decoder")
        return next((row[METRIC] for row in rows if row.get("zeroed") == 0), None)

    def _about(self) -> dict:
        full = self._full()
        return {
            "metric": self.metric,
            "baseline": full,
            "threshold": None if full is None else default_threshold(self.metric, full),
        }

    def _curves(self, path: Path) -> bool:
        rows = [row for name in ("encoder", "decoder", "whole") for row in self._rows(name)]
        rows = [row for row in rows if row.get("rate", 100) <= 90 and row.get("scope") in SCOPES]
        if not rows:
            return False
        printed = [row for row in rows if row.get(f"paper_{METRIC}") is not None]
        printed = [row for row in printed if row["rate"] % 10 == 0]
        random = self._rows("random")
        draw_curves(
            path,
            rows,
            x="rate",
            series="scope",
            names=SCOPES,
            title="How the error grows with the rate, by what is pruned",
            paper=printed,
            band={"encoder, random": random} if random else None,
            x_title=RATE,
            **self._about(),
        )
        return True

    def _scatter(self, path: Path) -> bool:
        rows = self._of_layers()
        if rows:
            draw_scatter(
                path,
                rows,
                parts=parts_of(self.units),
                title="What each layer alone can lose",
                **self._about(),
            )
        return bool(rows)

    def _heat(self, path: Path) -> bool:
        rows, about = self._of_layers(), self._about()
        about.pop("baseline")
        if rows:
            draw_heat(
                path,
                rows,
                x="rate",
                parts=parts_of(self.units),
                title="Each layer alone: Chamfer distance × 1000",
                x_title="Rate of that layer (%)",
                **about,
            )
        return bool(rows)

    def _of_layers(self) -> Rows:
        known = {unit.id for unit in self.units}
        return [row for row in self._rows("sensitivity") if row.get("unit") in known]

    def _pareto_ms(self, path: Path) -> bool:
        return self._pareto(path, "ms", "Masks take as long as ever; removed channels do not")

    def _pareto_bytes(self, path: Path) -> bool:
        return self._pareto(path, "bytes_sparse", "Bytes of the compact sparse file")

    def _pareto(self, path: Path, cost: str, title: str) -> bool:
        ways = {"masks": self._rows("masks"), "channels removed": self._rows("channels")}
        rows = [row | {DRAWN: name} for name, mine in ways.items() for row in mine]
        rows = [row for row in rows if row.get(cost) is not None]
        if not rows:
            return False
        about = self._about()
        draw_pareto(path, rows, cost=cost, series=DRAWN, point="rate", title=title, **about)
        return True

    def _finetune(self, path: Path) -> bool:
        """Algorithm 1 beside one-shot pruning at the same rates."""
        rows = self._rows("finetune")
        if not rows:
            return False
        lines = by_column(rows, self.metric, "rate", "fine-tuned")
        draw_curves(
            path,
            lines,
            x="rate",
            metric=self.metric,
            series=DRAWN,
            title="One-shot pruning, and with fine-tuning after each step",
            baseline=baseline(rows, self.metric),
            threshold=rows[0].get("threshold"),
            x_title=RATE,
            knees=False,
            caption="Masks hold during fine-tuning.",
        )
        return True

    def _budget(self, path: Path) -> bool:
        """Plans that a budget search tried, and uniform rates, by what they take away."""
        rows = self._rows("budget")
        near = [row for row in rows if row[METRIC] <= 1.7 * row.get("threshold", 0)]
        drawn = [row for row in trials(near, "rate") if row["objective_percent"] > 25]
        if not drawn:
            return False
        draw_pareto(
            path,
            drawn,
            cost="objective_percent",
            metric=self.metric,
            series=DRAWN,
            title="The best plan for a budget, and one rate for all",
            threshold=rows[0].get("threshold"),
            baseline=next((r[METRIC] for r in rows if r.get("role") == "full"), None),
            x_title=f"Taken away (% of {rows[0].get('objective_of', 'the weights')})",
            gain=True,
            joined=False,
        )
        return True


def draw_studies(folder: str, out: Path) -> None:
    """Draw what there is in `folder` and say so."""
    for path in StudyFigures(Path(folder), out).draw():
        print(f"{path} ({path.stat().st_size / 1e3:.0f} kB)")
