"""A file or a folder in place of a system: every system is asked what it is."""

import pytest

MARKED = """
from prune3d_gui.core.system import Taken
Plugin.id = "marked"
def recognise(self, path):
    if path.is_dir():
        return None
    head = path.read_bytes()[:3]
    kinds = {b"NET": Taken("network", "A net of blobs."), b"PIC": Taken("sample", "A picture.")}
    return kinds.get(head)
Plugin.recognise = recognise
Plugin.open = lambda self, ref, *rest: ToyModel(self, f"Net of {Path(ref.path).name}")
ToyModel.open_sample = lambda self, path, *rest: Sample("s2", path.name, "Yours")
"""
RAISING = """
Plugin.id = "raising"
def recognise(self, path):
    raise KeyError("kind")
Plugin.recognise = recognise
"""


@pytest.fixture
def marked(plugins):
    from tests.variants import TOY

    source = TOY.read_text(encoding="utf-8")
    (plugins / "marked.py").write_text(source + MARKED, encoding="utf-8")
    return plugins


def test_a_network_in_place_of_a_system(marked, cli, rows, tmp_path):
    path = tmp_path / "mine.png"
    path.write_bytes(b"NET")
    code, out, err = cli(f"units {path}")
    assert code == 0
    assert f"'{path}' is opened with marked: A net of blobs." in err
    assert "Network: Net of mine.png" in out
    assert rows(f"sweep {path} --tolerance 0.1 --samples val:2")[0]["samples"] == 2


def test_a_sample_in_place_of_a_system(marked, rows, tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"PIC")
    (row,) = rows(f"sweep {path} --tolerance 0.1")
    assert row["samples"] == 1
    (row,) = rows(f"reconstruct {path} --tolerance 0.1 --out {tmp_path / 'a.ply'}")
    assert row["sample"] == "s2"


def test_a_named_sample_that_is_a_network_is_opened_by_its_content(marked, cli, tmp_path):
    path = tmp_path / "mine.png"
    path.write_bytes(b"NET")
    assert "Network: Net of mine.png" in cli(f"units marked --sample {path}")[1]


def test_what_nobody_takes_is_one_sentence(marked, cli, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    code, _, err = cli(f"sweep {tmp_path / 'notes.txt'}")
    assert code == 2
    assert "is neither a sample nor a model of a system that is installed" in err
    code, _, err = cli(f"sweep {tmp_path}")
    assert code == 2
    assert f"'{tmp_path}' is a folder that no system here knows; choose a file in it." in err
    assert "There is no system 'gone.png'" in cli("sweep gone.png")[2]


def test_a_plugin_that_raises_is_named_and_the_others_are_asked(marked, cli, tmp_path):
    from tests.variants import TOY

    source = TOY.read_text(encoding="utf-8")
    (marked / "raising.py").write_text(source + RAISING, encoding="utf-8")
    path = tmp_path / "mine.png"
    path.write_bytes(b"NET")
    code, out, err = cli(f"units {path}")
    assert code == 0
    assert "The plugin 'raising' failed to say what" in err
    assert "Net of mine.png" in out


def test_a_path_alone_is_for_the_window(marked, cli, tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "mine.png"
    path.write_bytes(b"PIC")
    code, _, err = cli(str(path))
    assert code == 2
    assert "display" in err, "the window would have opened"
    code, _, err = cli(str(tmp_path / "gone.png"))
    assert f"There is no command and no file '{tmp_path / 'gone.png'}'; check its name." in err
    assert "There is no command and no file 'gone.png'" in cli("gone.png")[2]
    assert "There is no command 'swep'; did you mean 'sweep'?" in cli("swep")[2]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "count").mkdir()
    (tmp_path / "sweep").mkdir()
    for name in ("count", "sweep"):
        assert "needs a system first" in cli(name)[2], "a command goes before a folder of its name"


def test_weights_of_another_system_are_sent_there(marked, cli, tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"NET")
    code, _, err = cli(f"units toy --weights {path}")
    assert code == 2
    assert f"'{path}' is not for toy but for marked: A net of blobs." in err
