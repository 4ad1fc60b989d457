"""A short soak of the real window over all systems, and a fault that it finds."""

import pytest

from prune3d_gui.core.registry import Registry
from prune3d_gui.gui import memory_table
from prune3d_gui.gui import soak as soaking


def found(told):
    return {row["measure"]: row for row in told["rows"]}


@pytest.mark.timeout(900)
def test_sixty_actions_leave_nothing(qapp):
    told = soaking.soak_apart(60, 0)
    rows = found(told)
    wanted = ("unforeseen", "threads_left", "widgets_left", "timers_left")
    assert {name: rows[name]["value"] for name in wanted} == dict.fromkeys(wanted, 0), told["notes"]
    assert rows["actions"]["value"] == 60
    assert rows["memory_back_at_first_MB"]["met"] == "yes"


def test_the_memory_rows_add_up(monkeypatch):
    taken = iter((100.4, 180.4, 300.6, 300.6, 350.4, 720.2, 650.2))
    monkeypatch.setattr(memory_table, "resident", lambda: next(taken))
    memory = memory_table.MemoryTable()
    memory.step("Qt")
    memory.libraries()
    memory.step("the model")
    memory.at_rest()
    memory.step("actions")
    memory.step("back")
    memory.back()
    steps = [row["value"] for row in memory.rows if row["measure"].startswith("MB: ")]
    rest = next(row for row in memory.rows if row["measure"] == "memory_at_rest_MB")
    last = memory.rows[-1]
    assert (sum(steps[:-2]), rest["value"], rest["met"]) == (350, 350, "yes")
    assert (last["measure"], last["value"], last["met"]) == ("memory_back_at_first_MB", 650, "yes")
    assert "Of the 350 MB at rest, 301 MB are libraries" in memory.note
    assert memory_table.row("x", 1201, memory_table.PLATEAU_MB)["met"] == "no"


def test_what_nobody_foresaw_is_counted(qtbot, toy, tmp_path, monkeypatch):
    toy.fail_above = 1e-3  # any drag meets it
    monkeypatch.setattr(soaking, "WEIGHTS", {"drag": 1})
    monkeypatch.setattr(soaking, "SETTLE_S", 20.0)
    told = soaking.soak(Registry((toy,), ()), 15, 0, tmp_path)
    assert found(told)["unforeseen"]["met"] == "no"
    assert any("the blobs fell apart" in note for note in told["notes"])
    assert found(told)["threads_left"]["met"] == "yes"


def test_says_what_there_is_not(cli):
    code, _, err = cli("bench soak --actions 0")
    assert code == 2
    assert "--actions 0 are none; give 1 or more." in err
