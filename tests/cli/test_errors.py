import pytest

from prune3d_gui.cli import flags
from prune3d_gui.cli.main import main
from prune3d_gui.core.plan.units import Unit

BAD = {
    "rate out of range": ("sweep toy --tolerance 7", "tolerance 7 is out of range"),
    "not a number": ("prune toy --tolerance lots --out x.npz", "'lots' is not a number"),
    "unknown unit in scope": ("sweep toy --scope low,nowhere", "no unit 'nowhere'"),
    "unknown unit with rate": ("sweep toy --unit-rate nowhere=3", "no unit 'nowhere'"),
    "unit rate out of range": ("sweep toy --unit-rate low=130", "'low=130'"),
    "unit rate without value": ("sweep toy --unit-rate low", "'low'"),
    "unknown lock": ("sweep toy --lock nowhere", "no unit 'nowhere'"),
    "unknown system": ("sweep nothing", "no system 'nothing'"),
    "broken system": ("units sad", "its data file is gone"),
    "no system": ("units", "needs a system first"),
    "unknown command": ("sweeep toy", "did you mean 'sweep'"),
    "job of another system": ("count toy", "has no command 'count'"),
    "unknown flag": ("units toy --colour red", "--colour"),
    "missing flag": ("prune toy --tolerance 0.1", "--out"),
    "bad option": ("count busy --steps many", "'many'"),
    "doubtful option": ("count busy --steps 1,000", "'1,000' may be 1 or 1000"),
    "unknown device": ("units toy --device abacus", "'abacus'"),
    "no such weights": ("units toy --weights /nowhere/w.pth", "/nowhere/w.pth"),
    "foreign weights": ("units toy --weights FILE", "holds no blobs"),
    "no bundled model": ("units empty", "--weights FILE"),
    "no such image": ("reconstruct toy --image /nowhere/a.png --out x.ply", "/nowhere/a.png"),
    "no such sample": ("bench toy --sample val:2", "names 2 samples"),
    "unknown sample": ("sweep fields --sample s00", "no sample 's00'; did you mean"),
    "unknown sample of units": ("units fields --sample thorax", "there are s0, s1, s2"),
    "json into a missing folder": ("units toy --json /nowhere/at/all.json", "/nowhere/at/all.json"),
    "json onto a folder": ("units toy --json /", "'/' is a folder"),
    "json onto a device": ("units toy --json /dev/null", "not an ordinary file"),
    "out into a missing folder": ("prune toy --out /nowhere/at/all.npz", "/nowhere/at/all.npz"),
    "out with a foreign ending": ("prune toy --out x.doc", "it writes .npz"),
    "reconstruct to a foreign ending": ("reconstruct toy --out x.doc", "'x.doc'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_code_2(cli, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line, words = BAD[name]
    given = tmp_path / "foreign.pth"
    given.write_bytes(b"PK")
    before = sorted(tmp_path.iterdir())
    code, out, err = cli(line.replace("FILE", str(given)))
    assert (code, out) == (2, ""), err
    assert words in err
    assert err.startswith("prune3d: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before, "a half-written file was left"


def test_an_unexpected_error_hints_at_debug(cli):
    code, out, err = cli("sweep toy --samples nonsense")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "ValueError" in err
    assert "--debug" in err
    code, _, err = cli("sweep toy --samples nonsense --debug")
    assert code == 1
    assert "Traceback" in err


def test_a_failing_export_leaves_the_file_before_it(cli, plugins, tmp_path):
    source = (plugins / "toy.py").read_text()
    (plugins / "leaky.py").write_text(
        source
        + """
from prune3d_gui.files.atomic import writing
Plugin.id = "leaky"
def export(self, applied, format_id, path, recipe, cancel):
    with writing(path) as temporary:
        temporary.write_bytes(b"half")
        raise OSError(27, "File too large")
ToyModel.export = export
"""
    )
    out = tmp_path / "pruned.npz"
    out.write_bytes(b"whole")
    code, _, err = cli("prune leaky --out", out)
    assert code == 2
    assert str(out) in err
    assert out.read_bytes() == b"whole"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plugins", "pruned.npz"]


def test_without_a_display_the_window_says_so(plugins, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert main([]) == 2
    assert "no display" in capsys.readouterr().err


def test_flags_read_decimal_points_and_decimal_commas():
    assert flags.decimal("0,5") == flags.decimal("0.5") == 0.5
    assert flags.whole("1 000") == 1000
    assert flags.unit_rates(
        ["C1=12.5%", "C2=3"], [Unit("C1", "a", (), 1), Unit("C2", "b", (), 1)]
    ) == {
        "C1": 12.5,
        "C2": 3.0,
    }
