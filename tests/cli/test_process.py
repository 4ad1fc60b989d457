import json
import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.mark.parametrize("words", [["--help"], ["systems"], ["--version"], ["sweep", "--help"]])
def test_light_commands_import_nothing_heavy(plugins, words):
    code = (
        "import sys\n"
        "from prune3d_gui.cli.main import main\n"
        f"code = main({words!r})\n"
        "heavy = {'torch', 'scipy', 'vtk', 'vtkmodules', 'pyvista', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    # The toy itself is free of heavy imports, so whatever is found came from the program.
    assert done.returncode == 0, done.stderr


def test_standard_output_is_json_alone(spawn):
    out, err = spawn("sweep", "toy", "--samples", "val:1", "--json", "-").communicate(timeout=60)
    assert len(json.loads(out)) == 10
    assert err == ""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_ctrl_c_keeps_complete_rows_and_returns_130(spawn, plugins, tmp_path):
    ready = tmp_path / "ready"
    with open(plugins / "slow.py", "a") as file:
        file.write(
            "\nplain_score = ToyModel.score\n"
            "def score(self, *given):\n"
            "    ToyModel.scored = getattr(ToyModel, 'scored', 0) + 1\n"
            f"    if ToyModel.scored == 3: open({str(ready)!r}, 'w').close()\n"
            "    return plain_score(self, *given)\n"
            "ToyModel.score = score\n"
        )
    process = spawn(
        "sweep", "slow", "--tolerance", "0.1:1:0.01", "--samples", "val:1", "--json", "-"
    )
    wait_for(ready, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert 2 <= len(json.loads(out)) < 91
    assert "stopping after this step" in err
    assert "they are complete" in err
    assert "Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize("command", ["sweep slow --samples val:2", "reconstruct slow --sample s"])
def test_ctrl_c_stops_the_search_for_samples(spawn, plugins, tmp_path, command):
    ready = tmp_path / "ready"
    with open(plugins / "slow.py", "a") as file:
        file.write(
            "\ndef select(self, text, cancel):\n"
            f"    open({str(ready)!r}, 'w').close()\n"
            "    while True:\n"
            "        time.sleep(0.01)\n"
            "        cancel.check()\n"
            "ToyModel.select = select\n"
        )
    process = spawn(*command.split(), *(["--out", tmp_path / "a.ply"] * command.startswith("rec")))
    wait_for(ready, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err


def test_a_reader_that_goes_away_is_no_error(spawn):
    process = spawn("units", "toy")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""


def wait_for(path, process):
    """Wait until a process has written `path`."""
    end = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)
