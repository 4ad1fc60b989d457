"""Standard streams that are closed, full or in a code page, in real processes."""

import json
import os
import subprocess
import sys

import pytest

RUN = "from prune3d_gui.cli.main import main; raise SystemExit(main())"
posix = pytest.mark.skipif(os.name == "nt", reason="descriptors are closed by a POSIX shell")
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")


@pytest.fixture
def shell(plugins):
    """Run a command line with what a shell puts after it; bytes come back."""

    def run(line, after="", **environment):
        words = [sys.executable, "-c", '"$CODE"', *line.split()]
        return subprocess.run(
            ["sh", "-c", f"exec {' '.join(words)} {after}"],
            capture_output=True,
            env={**os.environ, "CODE": RUN, **environment},
            timeout=60,
        )

    return run


@posix
@pytest.mark.parametrize("encoding", ["cp1251", "ascii", "utf-8"])
def test_what_an_encoding_cannot_say_is_written_out(shell, encoding):
    done = shell("units toy --weights caf\udce9.npz", PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert rb"'caf\udce9.npz'" in done.stderr
    done = shell("count wide", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "ж" in done.stdout.decode(encoding) or rb"\u0436" in done.stdout
    assert b"\\xd7" in done.stdout or "×" in done.stdout.decode(encoding)
    done = shell("count wide --json -", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout) == [{"name": "ж × ≤ \\udce9"}]


@posix
def test_a_closed_standard_error_loses_nothing_else(shell, tmp_path):
    done = shell(
        f"prune toy --tolerance 0.1 --out {tmp_path}/a.npz --json {tmp_path}/a.json", "2>&-"
    )
    assert done.returncode == 0
    assert b"Wrote" in done.stdout
    assert (tmp_path / "a.npz").read_bytes().startswith(b"PK"), "nothing was said into the file"
    assert json.loads((tmp_path / "a.json").read_text())
    assert shell("sweep toy --tolerance 9", "2>&-").returncode == 2


@posix
def test_a_closed_standard_output_is_no_crash(shell, tmp_path):
    done = shell(f"prune toy --tolerance 0.1 --out {tmp_path}/a.npz", ">&-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "a.npz").read_bytes().startswith(b"PK")
    assert shell("--help", ">&- 2>&-").returncode == 0
    done = shell("units toy --json -", ">&-")
    assert done.returncode == 2
    assert b"standard output, which is closed" in done.stderr


@full
@pytest.mark.parametrize("line", ["units toy", "units toy --json -", "--help", "units toy --help"])
def test_a_full_disk_as_standard_output_is_said(shell, line):
    done = shell(line, ">/dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith(b"prune3d: The result could not be written to standard output")
    assert done.stderr.count(b"\n") == 1


@full
def test_a_full_disk_as_standard_error_loses_nothing_else(shell):
    done = shell("units toy --json -", "2>/dev/full")
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert shell("units nowhere", "2>/dev/full").returncode == 2
