"""Numbers of the commands are those of earlier versions; see `tests.kept`."""

from pathlib import Path

import pytest

from tests.kept import compare, kept_rows

KEPT = kept_rows(Path(__file__).with_name("kept_rows.json"))


@pytest.mark.parametrize("command", KEPT)
def test_a_command_gives_the_rows_it_gave(command, capsys, own_cache):
    compare(command, KEPT[command], capsys)
