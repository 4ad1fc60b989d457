"""Small systems of all sorts, and a window on one of them that shows its studies."""

from pathlib import Path

import pytest

from prune3d_gui.core.registry import discover
from prune3d_gui.studies.run import worker

TOY = Path(__file__).parents[2] / "toy.py"
SLOW = "\nPlugin.id, Plugin.delay = 'slow', 0.05\nToyModel.weights_hash = 'slow-1'\n"
NANS = """
Plugin.id = "holes"
plain_score = ToyModel.score
def score(self, applied, *rest):
    found = plain_score(self, applied, *rest)
    if applied.plan.value(TOLERANCE) != 0.1:
        return found
    return replace(found, values={**found.values, "l2": float("nan")})
ToyModel.score = score
"""
FIELDS = """
Plugin = Fields
def init(self, system, title):
    ToyModel.__init__(self, system, title)
    self.weights_hash = title
FieldModel.__init__ = init
"""
JOBS = """
from prune3d_gui.core.jobs import Job, Option, Progress
Plugin.id = "jobs"
def climb(options, report, cancel):
    rows = []
    for rung in range(1, options["rungs"] + 1):
        cancel.check()
        row = {"tolerance": rung / 10, "l2": float(rung), "zeroed": rung, "removed": 0}
        rows.append(row)
        report(Progress(rung, options["rungs"], "climbing", row))
    return rows
def labour(options, report, cancel):
    done = 0
    while True:
        cancel.check()
        done += 1
        report(Progress(done, 0, "labouring"))
        time.sleep(0.05)
def measure(options, report, cancel):
    return [{"network": "mine.npz", "l2": float(options["step"]), "out": options["out"]}]
Plugin.jobs = lambda self: (
    Job("fine_tune", "Tune.", (
        Option("data", "", "Data.", kind="read_folder"),
        Option("out", "tuned", "Where to.", kind="write_folder"),
        Option("scope", "encoder", "What.", choices=("encoder", "decoder"), others=True),
        Option("device", "auto", "Where.", choices=("auto", "cpu")),
        Option("step", 5.0, "How much.", unit="%", minimum=0, maximum=100),
        Option("quick", False, "Hurry."),
    ), measure),
    Job("ladder", "Climb.", (Option("rungs", 3, "How many."),), climb),
    Job("labour", "Labour.", (), labour),
)
"""
FAILING = "\nPlugin.id, Plugin.fail_above = 'failing', 0.3\n"


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    folder.mkdir()
    source = TOY.read_text(encoding="utf-8")
    variants = {
        "toy": "",
        "slow": SLOW,
        "holes": NANS,
        "failing": FAILING,
        "fields": FIELDS,
        "jobs": JOBS,
    }
    for name, lines in variants.items():
        (folder / f"{name}.py").write_text(source + lines, encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield folder
    worker.forget()


@pytest.fixture
def open_on(open_window, plugins):
    """Open the window on a plugin, with the studies shown."""

    def make(name="toy", **options):
        registry = discover()
        window = open_window(registry, system=name, **options)
        window.actions_by_id["showStudies"].trigger()
        return window

    return make
