"""Make the README's pictures: ``xvfb-run -a .venv/bin/python scripts/figures.py``.

Writes ``docs/window.png`` and ``docs/field.png`` (the real window), ``docs/strip.png`` (one
object at several rates) and ``docs/curve.png`` (the sweep that the README tabulates, from its
JSON file). ``scripts/figures.py studies DIR`` draws the study charts instead; see
`study_figures`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication
from study_figures import draw_studies

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.plans import Plan, Query
from prune3d_gui.core.registry import discover
from prune3d_gui.drawing.pictures import picture
from prune3d_gui.gui.settings import Settings
from prune3d_gui.gui.window import MainWindow

DOCS = Path(__file__).parents[1] / "docs"
SYSTEM, SAMPLE = "pgn", "sedan"


def window_picture(
    app: QApplication,
    name: str,
    system: str,
    sample: str,
    steps: tuple[float, ...],
    size: tuple[int, int] = (1280, 800),
) -> None:
    """Open the window, turn the first knob through `steps` and grab it."""
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(discover, Settings(Path(folder) / "settings.ini"), system)
        window.choose_theme("light")
        window.resize(*size)
        window.show()
        window.start()
        control = window.controller
        wait(app, lambda: control.settled)
        control.select_sample(next(key for key in control.samples if sample in key))
        wait(app, lambda: control.settled)
        for value in steps:
            control.set_value(control.primary, value)
            wait(app, lambda: control.settled)
        end = time.time() + 1.5  # edges are smoothed again once the hand rests
        wait(app, lambda: time.time() > end)
        window.grab().save(str(DOCS / name))
        window.close()
        window.deleteLater()
        app.processEvents()


def strip_picture(rates: tuple[float, ...] = (0, 30, 50, 60, 70, 80)) -> None:
    """Draw one object's reference and its reconstructions at several rates."""
    system = discover().system(SYSTEM)
    model = system.open(system.bundled()[0])
    sample = next(s.id for s in model.samples() if SAMPLE in s.id)
    scenes = [("Reference", model.reference(sample, Query()))]
    knob = next(k for k in model.knobs if k.id == model.primary)
    for rate in rates:
        applied = model.apply(Plan().with_value(knob, rate))
        *_, stage = model.reconstruct(applied, sample, Query(), "full", CancelToken())
        scores = model.score(applied, sample, Query(), stage, None)
        title = f"{rate:g} %: {scores.values['chamfer_x1000']:.2f}"
        scenes.append((title, stage.scene.with_arrays(scores.arrays)))
    size = (200 * len(scenes), 240)
    picture(scenes, DOCS / "strip.png", size=size, style="mesh", colours=model.colours)
    model.close()


def curve_picture(rows: list[dict]) -> None:
    """Draw Chamfer distance and F-score of a sweep against the rate."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3), layout="constrained")
    rates = [row["rate"] for row in rows]
    parts = (("chamfer_x1000", "Chamfer distance × 1000", "log"), ("fscore", "F-score", "linear"))
    for axes, (name, title, scale) in zip(figure.subplots(1, 2), parts, strict=True):
        axes.plot(rates, [row[name] for row in rows], "o-", markersize=4)
        axes.axhline(rows[0][name], linestyle="--", linewidth=1, color="grey")
        axes.set(title=title, xlabel="rate (% of 11,519,168 encoder weights)", yscale=scale)
        axes.grid(alpha=0.3)
    figure.savefig(DOCS / "curve.png", dpi=110)


def wait(app: QApplication, reached, seconds: float = 120.0) -> None:
    """Run the event loop until `reached`."""
    end = time.time() + seconds
    while not reached():
        if time.time() > end:
            raise SystemExit("the window did not get there in time")
        app.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    if sys.argv[1:2] == ["studies"]:
        if len(sys.argv) != 3 or not Path(sys.argv[2]).is_dir():
            raise SystemExit("give the folder of the rows: scripts/figures.py studies DIR")
        draw_studies(sys.argv[2], DOCS)
        raise SystemExit
    if len(sys.argv) > 1:
        curve_picture(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    strip_picture()
    app = QApplication([])
    window_picture(app, "window.png", SYSTEM, SAMPLE, (*range(0, 100, 5), 45))
    window_picture(app, "field.png", "inr_amr", "chest_relu", (1e-3, 0.01, 0.03, 0.1, 0.2, 0.05))
