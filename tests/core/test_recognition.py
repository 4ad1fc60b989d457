"""Every system is asked what a file is, and none can spoil it for the others."""

import json
from pathlib import Path

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.recognition import recognise
from prune3d_gui.core.system import Taken


class Marked:
    """Takes files that begin with its mark, and folders with a file of that name in them."""

    model_files, sample_files = ("*.net",), ("*.pic", "*.PNG")

    def __init__(self, name, kind="network", sure=True):
        self.id, self.kind, self.sure = name, kind, sure

    def recognise(self, path):
        if path.is_dir():
            return Taken("scene", "A scene.") if (path / self.id).exists() else None
        if path.read_bytes().startswith(self.id.encode()):
            return Taken(self.kind, f"A {self.kind}.", self.sure)
        return None


class Broken(Marked):
    def recognise(self, path):
        return json.loads(path.read_text())["kind"]


@pytest.fixture
def file(tmp_path):
    def make(content, name="any"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def takers(found):
    return [(system.id, taken.kind) for system, taken in found.takers]


def test_the_content_decides_and_not_the_name(file):
    systems = [Marked("aa"), Marked("bb")]
    assert takers(recognise(systems, file(b"bb...", "x.pic"))) == [("bb", "network")]
    system, taken = recognise(systems, file(b"aa", "y.png")).best()
    assert (system.id, taken.said, taken.opens) == ("aa", "A network.", True)


def test_who_is_sure_comes_first_then_who_is_open(file):
    both = [Marked("x", sure=False), Marked("xx", "sample"), Marked("xxx", "reference", False)]
    path = file(b"xxx")
    assert [name for name, _ in takers(recognise(both, path))] == ["xx", "x", "xxx"]
    assert [name for name, _ in takers(recognise(both, path, "xxx"))] == ["xx", "xxx", "x"]
    assert recognise(both, path).best("reference")[0].id == "xxx"
    assert not recognise(both, path).best()[1].opens
    with pytest.raises(BadInput, match="is no scene but a sample of xx: A sample"):
        recognise(both, path).best("scene")


def test_a_folder_is_taken_or_called_one(tmp_path):
    (tmp_path / "bb").touch()
    system, taken = recognise([Marked("aa"), Marked("bb")], tmp_path).best()
    assert (system.id, taken.kind, taken.opens) == ("bb", "scene", True)
    with pytest.raises(BadInput, match="is a folder that no system here knows; choose a file"):
        recognise([Marked("aa")], tmp_path).best()


def test_a_system_that_fails_is_named_and_the_others_are_asked(file):
    path = file(b"bb is no JSON")
    found = recognise([Broken("aa"), Marked("bb")], path)
    assert takers(found) == [("bb", "network")]
    (said,) = found.troubles
    assert said.startswith(f"The plugin 'aa' failed to say what '{path}' is (JSONDecodeError: ")
    assert said.endswith("); the others were asked.")
    assert "\n" not in said


def test_where_no_content_speaks_the_name_says_who_can_say_what_is_wrong(file):
    systems = [Marked("aa"), Marked("bb")]
    damaged = recognise(systems, file(b"", "x.NET"), "bb")
    assert takers(damaged) == [("bb", "network"), ("aa", "network")]
    assert not damaged.best()[1].sure
    assert takers(recognise(systems, file(b"?", "x.png"))) == [("aa", "sample"), ("bb", "sample")]
    nobody = recognise(systems, file(b"?", "notes.txt"))
    with pytest.raises(BadInput, match=r"notes.txt' is neither a sample nor a model"):
        nobody.best()


@pytest.mark.parametrize("name", ["not here.net", "x" * 5000, "a\0b", ""])
def test_what_is_not_there_is_one_sentence(tmp_path, name):
    path = tmp_path / name if name else Path("/dev/null")
    with pytest.raises(BadInput, match="There is no file or folder"):
        recognise([Marked("aa")], path)
