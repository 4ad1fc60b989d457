"""The program as a process of its own."""

import os
import signal
import subprocess
import sys
import time
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


@pytest.mark.usefixtures("qapp")
@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize("moment", [0.7, 6.0])
def test_an_interrupt_ends_it_cleanly(environment, moment):
    child = subprocess.Popen(
        program("--system", "toy"), env=environment, stderr=subprocess.PIPE, text=True
    )
    time.sleep(moment)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    if moment > 1:
        assert child.returncode == 0, errors
        assert "Traceback" not in errors
    assert child.returncode not in (-signal.SIGSEGV, -signal.SIGABRT), errors


def test_heavy_libraries_stay_out_of_the_start():
    code = (
        "import sys, prune3d_gui.gui.app; "
        "print([m for m in ('torch', 'vtkmodules', 'pyvista', 'pyqtgraph', 'scipy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
