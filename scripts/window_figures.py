"""Pictures of the window in the texts: the real one, driven to where it shows something."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STUDIED = {"kind": "sensitivity", "rates": "0:90:10", "samples": "val:4"}
CHOSEN = {"unit": "C3", "rate": 60.0}


@contextmanager
def _window(system: str, sample: str, size: tuple[int, int]) -> Iterator:
    """The window on a sample of a bundled model, settled; with the process of Qt events."""
    from PySide6.QtWidgets import QApplication

    from prune3d_gui.core.registry import discover
    from prune3d_gui.gui.state.settings import Settings
    from prune3d_gui.gui.window import MainWindow

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(discover, Settings(Path(folder) / "settings.ini"), system)
        window.choose_theme("light")
        window.resize(*size)
        window.show()
        window.start()
        control = window.controller
        _wait(lambda: control.settled)
        control.select_sample(next(key for key in control.samples if sample in key))
        _wait(lambda: control.settled)
        yield window
        window.close()
        window.deleteLater()
        app.processEvents()


def draw_window(path: Path, system: str, sample: str, steps: tuple[float, ...]) -> None:
    """Turn the first knob of the window through `steps` and grab it."""
    with _window(system, sample, (1280, 800)) as window:
        control = window.controller
        for value in steps:
            control.set_value(control.primary, value)
            _wait(lambda: control.settled)
        _grab(window, path)


def draw_study_window(path: Path, system: str, sample: str) -> None:
    """Ask what each unit alone can lose, choose a cell of the heat map, and grab the window."""
    from PySide6.QtTest import QTest

    from prune3d_gui.gui.study.views import HEAT

    with _window(system, sample, (1440, 900)) as window:
        window.actions_by_id["showStudies"].trigger()
        window.actions_by_id["newStudy"].trigger()
        form = window.parts.studies.form
        form.kind_box.setCurrentIndex(form.kind_box.findData(STUDIED["kind"]))
        for line, text in (
            (form.values_line, STUDIED["rates"]),
            (form.samples_line, STUDIED["samples"]),
        ):
            line.clear()
            QTest.keyClicks(line, text)
        form.start_button.click()
        studies = window.studies
        _wait(lambda: studies.records and not studies.records[0].live, 600)
        (record,) = studies.records
        window.parts.studies.views.show_view(HEAT)
        chosen = next(
            found
            for found in record.found
            if all(found.row.get(name) == value for name, value in CHOSEN.items())
        )
        studies.show(record, chosen)
        _wait(lambda: window.controller.settled)
        _grab(window, path)


def _grab(window, path: Path) -> None:
    end = time.time() + 1.5  # edges are smoothed again once the hand rests
    _wait(lambda: time.time() > end)
    window.grab().save(str(path))


def _wait(reached: Callable[[], object], seconds: float = 120.0) -> None:
    """Run the event loop until `reached`."""
    from PySide6.QtWidgets import QApplication

    end = time.time() + seconds
    while not reached():
        if time.time() > end:
            raise SystemExit("the window did not get there in time")
        QApplication.instance().processEvents()
        time.sleep(0.005)
