"""Damaged files of every format: each is opened, or refused in one sentence."""

import numpy as np

from prune3d_gui.cli.benches.fuzz.bench import trials
from prune3d_gui.cli.benches.fuzz.damage import KINDS, damaged
from prune3d_gui.cli.benches.fuzz.trials import Opener
from tests.variants import TOY

FILES = 200


def test_damage_follows_from_its_seed_and_changes_the_file():
    content, others = bytes(range(256)) * 20, [b"other" * 200]
    made = {k: damaged(np.random.default_rng([1, k]), content, others) for k in range(40)}
    again = {k: damaged(np.random.default_rng([1, k]), content, others) for k in range(40)}
    assert made == again
    assert sum(found != content for found in made.values()) >= 38
    assert len(KINDS) == 5


def test_a_file_causes_at_worst_one_sentence(tmp_path):
    found = list(trials(tmp_path, FILES, seed=1))
    wrong = [(t.path.name, t.outcome) for t in found if not t.outcome.right]
    assert not wrong
    assert len(found) == FILES
    kinds = {trial.kind for trial in found}
    assert kinds >= {"volumes", "pictures", "weights", "shapes", "facts"}
    refusals = [trial.outcome.said for trial in found if trial.outcome.ended == "refused"]
    assert FILES / 3 < len(refusals) < FILES


ENDS = {
    "failed": "1 / 0",
    "died": "__import__('os')._exit(7)",
    "stalled": "__import__('time').sleep(60)",
}


def test_what_fails_dies_or_stalls_is_seen(plugins, tmp_path, monkeypatch):
    monkeypatch.setattr("prune3d_gui.cli.benches.fuzz.trials.STALLED_S", 3.0)
    for name, does in ENDS.items():
        lines = f"\nPlugin.id = {name!r}\nPlugin.open = lambda self, *asked: {does}\n"
        (plugins / f"{name}.py").write_text(TOY.read_text() + lines)
    with Opener() as opener:
        for name in ENDS:
            outcome = opener.open(name, tmp_path / "any")
            assert (outcome.ended, outcome.right) == (name, False)
        assert opener.open("weights", tmp_path / "none").ended == "refused"
