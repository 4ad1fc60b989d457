"""Numbers and tables in README and docs are those of the rows in ``docs/rows``."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import rows as kept  # noqa: E402
from figures import pictures  # noqa: E402
from numbers_of import NUMBERS, TABLES  # noqa: E402
from texts import TEXTS, constants, filled, unmarked  # noqa: E402


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_says_what_the_rows_say(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert filled(text, NUMBERS, TABLES) == text


@pytest.mark.parametrize("name", TEXTS)
def test_every_other_number_of_a_text_is_a_known_constant(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert unmarked(text) - constants() == set()


def test_a_changed_number_is_seen():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    marked = re.search(r"([\d.]+)<!--pgn-full-->", text)
    changed = text.replace(marked[0], f"9{marked[0]}")
    assert filled(changed, NUMBERS, TABLES) == text
    free = re.sub(r"0\.97\b", "0.96", "fits at 0.97")
    assert unmarked(free) - constants() == {"0.96"}


def test_every_picture_of_a_text_is_made_or_kept():
    shown = {
        Path(found).name
        for name in TEXTS
        for found in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    }
    assert all((ROOT / "docs" / name).is_file() for name in shown)
    assert shown - pictures().keys() <= {"dofs_ct.png"}


def test_rows_stand_where_changed_code_gives_some_of_them_again(tmp_path, monkeypatch):
    code = tmp_path / "code.py"
    code.write_text("A = 1\n")
    answers = {
        "whole": [{"rate": 0.0, "l2": 1.0, "ms": 5.0}, {"rate": 5.0, "l2": 2.0, "ms": 6.0}],
        "same": [{"rate": 5.0, "l2": 2.00000001, "ms": 99.0, "prunable": 7}],
        "other": [{"rate": 5.0, "l2": 2.1, "ms": 6.0}],
    }
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "ROWS", tmp_path / "rows")
    monkeypatch.setattr(kept, "_run", lambda asked: answers[asked])
    for check, expected in (("other", False), ("same", True)):
        recipe = kept.Recipe("whole", ("code.py",), check=check)
        monkeypatch.setitem(kept.RECIPES, "toy", recipe)
        kept.make("toy")
        assert kept.stale("toy") == ""
        code.write_text(f"A = {len(check)}\n")
        assert kept.stale("toy") == "changed: code.py"
        assert kept.stands("toy") is expected
        assert (kept.stale("toy") == "") is expected
    assert kept.rows("toy") == answers["whole"]


def test_no_rows_stand_where_weights_changed(tmp_path, monkeypatch):
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"old")
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "ROWS", tmp_path / "rows")
    monkeypatch.setattr(kept, "_run", lambda asked: [{"rate": 0.0}])
    recipe = kept.Recipe("whole", ("weights.safetensors",), check="part")
    monkeypatch.setitem(kept.RECIPES, "toy", recipe)
    kept.make("toy")
    weights.write_bytes(b"new")
    assert not kept.stands("toy")
