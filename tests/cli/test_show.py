"""``prune3d show``: what a file was made from, and the same file made again."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.moment import KEY
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.points import read_points

FILES = ("a.ply", "a.obj", "a.stl", "a.glb", "a.xyz", "a.npz", "a.png")
PLAN = "--tolerance 0.1 --unit-rate mid=0.3 --lock low --grid 20"
# A toy that takes in files of a person's own, networks and samples.
OWN = """
import hashlib

class Owned(ToyModel):
    def __init__(self, system, ref):
        super().__init__(system, ref.title)
        self.ref, self.taken = ref, {}
        data = Path(ref.path).read_bytes() if ref.path else b"bundled"
        self.weights_hash = hashlib.sha256(data).hexdigest()
        self.weights = self.weights * (1 + len(data) / 100)

    def samples(self):
        return (*super().samples(), *self.taken.values())

    def open_sample(self, path, cancel=NEVER):
        seed = int(Path(path).read_text())
        self.taken[str(path)] = Sample(str(path), Path(path).stem, "Yours")
        self.seeds = {str(path): seed}
        return self.taken[str(path)]

    def field(self, sample, weights, size):
        return super().field(f"s{self.seeds[sample]}" if "/" in sample else sample, weights, size)

Plugin.id = "owned"
Plugin.open = lambda self, ref, cancel=NEVER: Owned(self, ref)
"""


@pytest.fixture
def make(cli):
    """Reconstruct with the toy into a file."""

    def run(line, out):
        code, _, err = cli(line, "--out", out)
        assert code == 0, err
        return out

    return run


@pytest.fixture(autouse=True)
def no_window(monkeypatch):
    monkeypatch.setattr("prune3d_gui.cli.machine.display.why_no_window", lambda: "There is none.")


def content(path):
    """What a file holds, in arrays."""
    if path.suffix == ".png":
        return {"pixels": np.asarray(Image.open(path))}
    if path.suffix in (".npz", ".xyz"):
        found = read_points(path)
        return {"points": found.points, **found.arrays}
    found = read_mesh(path)
    return {"points": found.points, "faces": found.faces, **found.arrays}


def same(one, two):
    first, second = content(one), content(two)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


@pytest.mark.parametrize("role", ["reference", "full", "pruned"])
@pytest.mark.parametrize("name", FILES)
def test_every_file_is_made_again(make, cli, tmp_path, name, role):
    first = make(f"reconstruct toy {PLAN} --sample s2 --result {role}", tmp_path / name)
    moment = read_moment(first)
    assert (moment.role, moment.sample, moment.system) == (role, "s2", "toy")
    assert bool(moment.plan.values) == (role == "pruned")
    second = tmp_path / f"again{first.suffix}"
    code, out, err = cli("show", first, "--out", second)
    assert code == 0, err
    assert f"Wrote {second}" in out
    if role != "reference":
        assert "Its numbers are those of the file" in out
    same(first, second)
    assert read_moment(second) == moment
    for file in tmp_path.glob("*a*"):
        if file.is_file():
            assert str(tmp_path).encode() not in file.read_bytes()


def test_its_command_line_makes_it_too(make, cli, tmp_path, monkeypatch):
    first = make(f"reconstruct toy {PLAN} --sample s2", tmp_path / "a.ply")
    kept = tmp_path / "kept.ply"
    shutil.move(first, kept)
    monkeypatch.chdir(tmp_path)
    command = read_moment(kept).command.removeprefix("prune3d ")
    code, _, err = cli(command)
    assert code == 0, err
    same(kept, first)


def test_a_network_is_made_again(cli, tmp_path):
    assert cli(f"prune toy {PLAN.replace('--grid 20', '')} --out", tmp_path / "a.npz")[0] == 0
    code, _, err = cli("show", tmp_path / "a.npz", "--out", tmp_path / "b.npz")
    assert code == 0, err
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as two:
        assert np.array_equal(one["weights"], two["weights"])
        assert json.loads(str(two[KEY]))["role"] == "network"
    assert cli("show", tmp_path / "a.npz", "--out", tmp_path / "b.ply")[0] == 0
    assert read_moment(tmp_path / "b.ply").role == "pruned"


def test_another_ending_gives_the_same_in_another_form(make, cli, tmp_path):
    first = make(f"reconstruct toy {PLAN} --sample s1", tmp_path / "a.png")
    assert cli("show", first, "--out", tmp_path / "a.ply")[0] == 0
    wanted = make(f"reconstruct toy {PLAN} --sample s1", tmp_path / "b.ply")
    same(wanted, tmp_path / "a.ply")


def test_it_is_told(make, cli, tmp_path):
    first = make(f"reconstruct toy {PLAN} --sample s2", tmp_path / "a.ply")
    code, out, _ = cli("show", first)
    assert code == 0
    assert out.startswith("'a.ply' holds the pruned result of Seed 2, made with Eighty-four blobs")
    assert "Colours: |f - g| from 0 to 0.5." in out
    code, out, _ = cli("show", first, "--json", "-")
    assert json.loads(out) == read_moment(first).as_fields()
    code, out, _ = cli("show", first, "--json", tmp_path / "a.json")
    assert out.startswith("'a.ply' holds")
    assert read_moment(tmp_path / "a.json") == read_moment(first)


def test_vertices_have_the_colours_of_the_screen(make, tmp_path):
    import trimesh

    from prune3d_gui.drawing.palette import coloured, theme
    from tests.toy import ToyModel

    first = make(f"reconstruct toy {PLAN} --sample s2", tmp_path / "a.ply")
    seen = trimesh.load(first, process=False).visual.vertex_colors[:, :3]
    error = read_mesh(first).arrays["error"]
    np.testing.assert_array_equal(seen, coloured(error, ToyModel.colours[0], theme(False)))
    assert dict(dict(read_moment(first).about)["colours"])["maximum"] == 0.5
    assert b"comment prune3d_moment" in first.read_bytes()[:600]


@pytest.fixture
def owned(plugins, tmp_path):
    from tests.variants import TOY

    (plugins / "owned.py").write_text(TOY.read_text() + OWN)
    near = tmp_path / "near"
    near.mkdir()
    (near / "mine.npz").write_bytes(b"weights of mine")
    (near / "seed.png").write_text("3")
    return near


def test_what_is_ones_own_is_asked_for_and_known_by_its_hash(owned, make, cli, tmp_path):
    words = f"reconstruct owned --weights {owned}/mine.npz --image {owned}/seed.png --tolerance 0.1"
    first = make(words, tmp_path / "a.ply")
    moment = read_moment(first)
    assert (moment.weights, moment.sample_file) == ("mine.npz", "seed.png")
    assert str(tmp_path) not in moment.as_text()
    again = tmp_path / "b.ply"
    code, _, err = cli("show", first, "--out", again)
    assert code == 2
    assert "'mine.npz'" in err
    assert "are not here; give their file with --weights." in err
    code, _, err = cli("show", first, "--out", again, "--weights", owned / "mine.npz")
    assert code == 2
    assert "The file 'seed.png' that it was made from is not here; give it with --sample-" in err
    ours = ("--weights", owned / "mine.npz", "--sample-file", owned / "seed.png")
    code, _, err = cli("show", first, "--out", again, *ours)
    assert code == 0, err
    same(first, again)
    assert not list(tmp_path.glob("c.*"))
    shutil.copy(first, owned / "a.ply")  # beside what it was made from, nothing need be said
    code, _, err = cli("show", owned / "a.ply", "--out", again)
    assert code == 0, err
    same(first, again)
    (owned / "other.npz").write_bytes(b"others")
    code, _, err = cli("show", first, "--out", again, "--weights", owned / "other.npz")
    assert code == 2
    assert "'other.npz' has the weights" in err
    (owned / "seed.png").write_text("2")
    code, _, err = cli("show", first, "--out", again, *ours)
    assert code == 2
    assert "is another file than the 'seed.png' it was made from" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"system": "gone"}, "There is no system 'gone'; installed:"),
        ({"version": 9}, "is of version 9"),
        ({"plan": {"values": {"lost": 1}}}, "There is no knob 'lost', which 'a.ply' names;"),
        ({"query": {"lost": 1}}, "There is no knob 'lost', which 'a.ply' names;"),
        ({"plan": {"values": {"tolerance": 9}}}, "9"),
        ({"plan": {"rates": {"huge": 3}}}, "There is no unit 'huge'"),
        ({"sample": "s9"}, "has no sample 's9'; give one with --sample-file."),
        ({"weights_hash": "f" * 64}, "are not here"),
        ({"look": {"picture": {"panes": []}}}, "does not say how its picture was taken"),
    ],
)
def test_what_cannot_be_made_again_is_said(make, cli, tmp_path, change, said):
    first = make("reconstruct toy --tolerance 0.1 --sample s2", tmp_path / "a.stl")
    fields = read_moment(first).as_fields() | change
    (tmp_path / "a.ply").write_text(f"ply\ncomment {KEY} {json.dumps(fields)}\nend_header\n")
    code, _, err = cli("show", tmp_path / "a.ply", "--out", tmp_path / "b.png")
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "b.png").exists()


def test_files_without_one_are_said(cli, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")
    code, _, err = cli("show", tmp_path / "photo.png")
    assert code == 2
    assert "'photo.png' carries no moment: Prune3D did not export it" in err
    code, _, err = cli("show", tmp_path / "none.png")
    assert code == 2
    assert "There is no file" in err


def test_rows_pages_and_plans_of_commands_say_which_it_was(cli, tmp_path):
    words = "--tolerance 0.1,0.2 --samples val:2"
    for line, name in (
        (f"sweep toy {words} --json", "rows.json"),
        (f"report toy {words} --pictures= --out", "page.html"),
        ("budget toy --samples val:2 --held-out val:3 --out", "plan.json"),
    ):
        code, _, err = cli(line, tmp_path / name)
        assert code == 0, err
        moment = read_moment(tmp_path / name)
        assert moment.system == "toy"
        assert moment.command == f"prune3d {line} {name}"
        assert str(tmp_path) not in (tmp_path / name).read_text()
        code, out, _ = cli("show", tmp_path / name)
        assert f"The same again: prune3d {line.split()[0]} toy" in out
    code, _, err = cli("show", tmp_path / "page.html", "--out", tmp_path / "a.html")
    assert code == 2
    assert (
        "It was made by a command that does more than one result; run it: prune3d report toy" in err
    )
