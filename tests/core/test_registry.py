"""The registry: the user's folder, broken plugins, contract checks."""

import shutil
from pathlib import Path

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.registry import discover, plugin_folder

TOY = Path(__file__).parents[1] / "toy.py"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(tmp_path))
    assert plugin_folder() == tmp_path
    return tmp_path


def test_a_user_plugin_is_found(folder):
    shutil.copy(TOY, folder / "toy.py")
    assert discover().system("toy").title == "Blobs"


def test_a_package_is_a_plugin_too(folder):
    (folder / "box").mkdir()
    shutil.copy(TOY, folder / "box" / "__init__.py")
    assert discover().system("toy").id == "toy"


def test_broken_plugins_are_listed_and_the_rest_work(folder):
    shutil.copy(TOY, folder / "toy.py")
    (folder / "syntax.py").write_text("class Plugin(:")
    (folder / "missing.py").write_text("import a_module_nobody_has")
    (folder / "empty.py").write_text("")
    (folder / "half.py").write_text("class Plugin:\n    id = 'half'\n")
    registry = discover()
    assert registry.system("toy")
    reasons = {broken.name: broken.reason for broken in registry.broken}
    assert "SyntaxError" in reasons["syntax"]
    assert "a_module_nobody_has" in reasons["missing"]
    assert "Plugin" in reasons["empty"]
    assert "lacks title" in reasons["half"]
    with pytest.raises(BadInput, match="a_module_nobody_has"):
        registry.system("missing")


def test_two_plugins_of_one_id(folder):
    shutil.copy(TOY, folder / "one.py")
    shutil.copy(TOY, folder / "two.py")
    assert "two" in [broken.name for broken in discover().broken]


def test_unknown_system_lists_those_there_are(folder):
    shutil.copy(TOY, folder / "toy.py")
    with pytest.raises(BadInput, match=r"'nerf'.*toy"):
        discover().system("nerf")


def test_systems_come_by_rank_then_by_id(folder):
    source = TOY.read_text(encoding="utf-8")
    for name, rank in (("aa", -1), ("bb", 0), ("cc", 1), ("dd", 0), ("ee", '"first"')):
        lines = f"\nPlugin.id, Plugin.rank = {name!r}, {rank}\n"
        (folder / f"{name}.py").write_text(source + lines, encoding="utf-8")
    registry = discover()
    mine = [system.id for system in registry.systems if len(system.id) == 2]
    assert mine == ["cc", "bb", "dd", "aa"]
    assert {broken.name: broken.reason for broken in registry.broken} == {
        "ee": "BadInput: its rank is 'first'; give a whole number."
    }
