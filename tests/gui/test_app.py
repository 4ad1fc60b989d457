"""The program as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "toy.py"


@pytest.fixture
def environment(tmp_path):
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "toy.py").write_text(TOY.read_text())
    return {
        **os.environ,
        "PRUNE3D_PLUGINS": str(plugins),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": str(tmp_path),
    }


def program(*words):
    return [sys.executable, "-m", "prune3d_gui.gui.app", *words]


def test_it_tells_where_plugins_go(environment):
    done = subprocess.run(
        program("--plugins"), env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.strip() == environment["PRUNE3D_PLUGINS"]


ENDING = """
import os, signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from prune3d_gui.gui.app import main
app = QApplication(["test"])
QTimer.singleShot(int(sys.argv[1]), lambda: {act})
raise SystemExit(main(["--system", "toy"]))
"""
INTERRUPT = "os.kill(os.getpid(), signal.SIGINT)"
CLOSE = "[w.close() for w in app.topLevelWidgets() if w.objectName() == 'window']"


@pytest.mark.usefixtures("qapp")
@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize("milliseconds", [0, 400, 3000])
@pytest.mark.parametrize("act", [INTERRUPT, CLOSE], ids=["interrupt", "close"])
def test_it_ends_cleanly_at_any_moment(environment, act, milliseconds):
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", ENDING.format(act=act), str(milliseconds)],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_heavy_libraries_stay_out_of_the_start():
    code = (
        "import sys, prune3d_gui.gui.app; "
        "print([m for m in ('torch', 'vtkmodules', 'pyvista', 'pyqtgraph', 'scipy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
