"""Numbers and tables in README and docs are those of the rows in ``docs/rows``."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

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
    assert shown - pictures().keys() <= {"studies.png", "dofs_ct.png"}
