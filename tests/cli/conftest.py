import json
import os
import subprocess
import sys

import pytest

from prune3d_gui.cli.main import main
from tests.variants import BLIND, CHOOSING, PARTED, RATED, write_plugins

# Variants of the toy, each a plugin file: what it is, and lines put beneath it.
VARIANTS = {
    "slow": """
Plugin.id, Plugin.delay = "slow", 0.05
""",
    "busy": """
from prune3d_gui.core.jobs import Job, Option, Progress

def count(options, report, cancel):
    print("counting, said on standard output")
    for i in range(options["steps"]):
        cancel.check()
        report(Progress(i, options["steps"], "counting"))
    return [{"steps": options["steps"], "loud": options["loud"], "name": options["name"]}]

Plugin.id = "busy"
Plugin.jobs = lambda self: (
    Job("count", "Count 100 % of the steps.", (
        Option("steps", 3, "How far to count, 100 % of it."),
        Option("loud", False, "Say so."),
        Option("name", None, "A name.", str),
    ), count),
)
""",
    "wide": r"""
from prune3d_gui.core.jobs import Job

def count(options, report, cancel):
    return [{"name": "\u0436 \u00d7 \u2264 \udce9"}]

Plugin.id = "wide"
Plugin.jobs = lambda self: (Job("count", "Give a name that few encodings can say.", (), count),)
""",
    "assumes": """
from prune3d_gui.core.jobs import Job, Progress, Said

def look(options, report, cancel):
    report(Progress(0, 2, "looking"))
    report(Said("The scale was taken to be 1."))
    report(Progress(1, 2, "looking on"))
    return [{"seen": 2}]

Plugin.id = "assumes"
ToyModel.notices = ("The layout was taken to be ours.", "Its last layer was left out.")
Plugin.jobs = lambda self: (Job("look", "Look at something.", (), look),)
""",
    "blind": BLIND,
    "parted": PARTED,
    "fields": """
Plugin = Fields
""",
    "rated": RATED,
    "choosing": CHOOSING,
    "empty": """
Plugin.id, Plugin.bundled = "empty", lambda self: ()
""",
}


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A plugin folder with the toy, its variants and a broken plugin."""
    folder = write_plugins(tmp_path / "plugins", VARIANTS)
    (folder / "sad.py").write_text('raise RuntimeError("its data file is gone")\n')
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    return folder


@pytest.fixture
def cli(plugins, capsys):
    """Run a command line in this process: ``code, out, err = cli("units toy")``."""

    def run(line, *more):
        capsys.readouterr()
        code = main([*line.split(), *map(str, more)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def rows(cli):
    """Run a command line with ``--json -`` and return its rows."""

    def run(line, *more):
        code, out, err = cli(line, *more, "--json", "-")
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def spawn(plugins):
    """Start a command line in a process of its own."""
    started = []

    def start(*words, **options):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from prune3d_gui.cli.main import main; raise SystemExit(main())",
            ]
            + [str(word) for word in words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ},
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
