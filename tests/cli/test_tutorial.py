"""The plugin of the tutorial does on the command line what the tutorial says."""

import pytest

from tests.tutorial import tutorial_commands, tutorial_plugin


@pytest.fixture
def waves(plugins):
    (plugins / "waves.py").write_text(tutorial_plugin(), encoding="utf-8")


@pytest.mark.parametrize("command", tutorial_commands())
def test_a_command_of_the_tutorial_runs(waves, cli, command, own_cache):
    code, out, err = cli(command)
    assert code == 0, err
    assert "A random terrain, seed 0." in out


def test_the_error_grows_with_the_rate(waves, rows, own_cache):
    found = rows("sweep waves --rate 0,50,90,100 --samples val:2")
    assert [row["zeroed"] for row in found] == [0, 128, 230, 256]
    errors = [row["rms"] for row in found]
    assert 0 < errors[0] < errors[1] < errors[2] < errors[3]


def test_rows_are_pruned_alone_and_locked(waves, rows, own_cache):
    found = {row["unit"]: row for row in rows("sensitivity waves --rate 100 --samples val:2")}
    assert {row["zeroed"] for row in found.values()} == {16}
    assert found["R0"]["rms"] > found["R15"]["rms"], "long waves are most of the terrain"
