"""A file alone on the command line opens in the window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[2] / "toy.py"
TAKING = """
from prune3d_gui.core.system import Taken
Plugin.id = "taking"
Plugin.recognise = lambda self, path: (
    Taken("sample", "A blob.") if path.is_file() and path.read_bytes() == b"BLOB" else None
)
ToyModel.open_sample = lambda self, path, cancel=NEVER: Sample("s1", path.name, "Yours")
"""
LOOKING = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from prune3d_gui.cli.main import main
app = QApplication(["test"])
def look():
    for window in app.topLevelWidgets():
        if window.objectName() == "window" and window.parts.gallery.title.text() == sys.argv[-1]:
            timer.stop()
            print(window.controller.card.ref.system, window.notices.log)
            window.close()
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
QTimer.singleShot(90_000, app.quit)
raise SystemExit(main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("words", [(), ("gui", "--open")], ids=["alone", "as a flag"])
def test_a_file_is_opened_with_the_system_that_takes_it(tmp_path, words):
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "taking.py").write_text(TOY.read_text(encoding="utf-8") + TAKING, encoding="utf-8")
    (tmp_path / "mine.blob").write_bytes(b"BLOB")
    environment = {
        **os.environ,
        "PRUNE3D_PLUGINS": str(plugins),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOKING, *words, "mine.blob"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = ("info", "'mine.blob' is opened with Blobs: A blob.")
    assert done.stdout.strip() == f"taking {[said]}"
