"""Every kind of file gives back what it was made from, and other readers read it as before."""

import contextlib
import csv
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY, VERSION, Moment, paired
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.scene.scenes import Layer, Mesh, Points, Scene
from prune3d_gui.drawing.pictures import picture
from prune3d_gui.files.grids import GRID_SUFFIXES, write_grid
from prune3d_gui.files.meshes import read_mesh, write_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.files.networks.sparse import write_sparse
from prune3d_gui.files.plans import read_plan, write_plan
from prune3d_gui.files.points import read_points, write_points
from prune3d_gui.files.stamps import comments, html_block, of_comments, svg_with, texts
from prune3d_gui.files.tables import read_rows, write_rows
from tests.core.test_moment import MOMENT as PLAIN
from tests.gui.export.test_exports import quarters

MOMENT = replace(PLAIN, model='Tôy "quoted" <&>, 数', about=paired({"seed": 3, "b": [1, "x y"]}))
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)
ERROR = np.linspace(0, 1, 4, dtype=np.float32)
RGB = np.array([[68, 93, 173], [200, 10, 20], [0, 200, 0], [251, 202, 67]], np.uint8)
MESH = Mesh(CORNERS, FACES, {"error": ERROR})
ROWS = [{"rate": 10.0, "name": "a"}, {"rate": 20.0, "name": "b"}]


def page(path, moment):
    path.write_text(f"<html><head>{html_block(moment)}</head><body>é</body></html>", "utf-8")


def drawing(path, moment):
    bare = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="4"><g/></svg>'
    path.write_text(svg_with(bare, moment), "utf-8")


def onnx_file(path, moment):
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [out])
    model = helper.make_model(graph)
    helper.set_model_props(model, texts(moment))
    onnx.save(model, path)


def arrays(path, moment):
    np.savez(path, weights=ERROR, **texts(moment))


def labels(path, moment):
    import nibabel

    image = nibabel.Nifti1Image(np.zeros((2, 2, 2), np.int16), np.eye(4))
    if moment is not None:
        said = json.dumps(moment.as_fields()).encode()
        image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", said))
    nibabel.save(image, path)


def cells(path, moment):
    write_grid(path, quarters(), texts(moment))


def cloud(path, moment):
    write_points(path, Points(CORNERS, MESH.arrays), moment, RGB)


def shot(path, moment):
    picture([("a", Scene((Layer("cloud", Points(CORNERS)),)))], path, moment=moment, size=(99, 99))


WRITERS = {
    "mesh.ply": lambda path, m: write_mesh(path, MESH, m, RGB),
    "mesh.obj": lambda path, m: write_mesh(path, MESH, m, RGB),
    "mesh.stl": lambda path, m: write_mesh(path, MESH, m),
    "mesh.glb": lambda path, m: write_mesh(path, MESH, m, RGB),
    "points.ply": cloud,
    "points.xyz": cloud,
    "points.npz": cloud,
    **{f"grid{suffix}": cells for suffix in GRID_SUFFIXES},
    "picture.png": shot,
    "chart.svg": drawing,
    "rows.csv": lambda path, m: write_rows(path, ROWS, m),
    "rows.json": lambda path, m: write_rows(path, ROWS, m),
    "plan.json": lambda path, m: write_plan(path, Plan(), {"threshold": 1.0}, m),
    "page.html": page,
    "net.safetensors": lambda path, m: write_tensors(path, {"a": torch.ones(3)}, texts(m)),
    "net.sparse.safetensors": lambda path, m: write_sparse(path, {"a": torch.ones(3)}, texts(m)),
    "net.pth": lambda path, m: torch.save({**texts(m), "state_dict": {"a": torch.ones(3)}}, path),
    "net.onnx": onnx_file,
    "net.npz": arrays,
    "labels.nii.gz": labels,
}


@pytest.fixture(params=list(WRITERS))
def written(request, tmp_path):
    path = tmp_path / request.param
    WRITERS[request.param](path, MOMENT)
    return path


def test_every_kind_of_file_gives_its_moment_back(written):
    assert read_moment(written) == MOMENT


def test_without_a_moment_one_sentence_says_so(tmp_path):
    for name, write in WRITERS.items():
        path = tmp_path / f"bare-{name}"
        write(path, None)
        with pytest.raises(BadInput, match=rf"'{path.name}' carries no moment: .*; open what"):
            read_moment(path)


def test_a_damaged_moment_in_a_good_file_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(Moment, "as_text", lambda self: '{"format": "prune3d-moment", "ver')
    held = {"format": "prune3d-moment", "version": 0}
    monkeypatch.setattr(Moment, "as_fields", lambda self: held)
    for name, write in WRITERS.items():
        if name == "mesh.stl":  # its header says that it is another
            continue
        write(tmp_path / name, MOMENT)
        with pytest.raises(BadInput, match=r"^The moment in 'm?.*' is damaged \(it"):
            read_moment(tmp_path / name)


def test_a_moment_of_a_newer_version_is_said(tmp_path):
    newer = json.dumps(MOMENT.as_fields() | {"version": VERSION + 1})
    np.savez(tmp_path / "a.npz", **{KEY: newer})
    with pytest.raises(BadInput, match=r"in 'a\.npz' is of version 2, and .* a newer one"):
        read_moment(tmp_path / "a.npz")


def test_what_is_cut_off_is_no_crash(written):
    whole = written.read_bytes()
    for share in (0.5, 0.02):
        written.write_bytes(whole[: int(len(whole) * share)])
        with contextlib.suppress(BadInput):  # of some, what is left is enough
            assert read_moment(written) == MOMENT


def test_no_file(tmp_path):
    with pytest.raises(BadInput, match="There is no file"):
        read_moment(tmp_path / "none.ply")
    with pytest.raises(BadInput, match="is a folder"):
        read_moment(tmp_path)


@pytest.mark.parametrize("name", ["mesh.stl", "points.xyz"])
def test_a_file_that_holds_no_text_has_it_beside(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path, MOMENT)
    beside = tmp_path / f"{name}.moment.json"
    assert json.loads(beside.read_text())["weights_hash"] == "abc"
    other = replace(MOMENT, sample="two")
    beside.write_text(other.as_text())
    if name == "mesh.stl":  # its header has the hash
        with pytest.raises(BadInput, match="is of another file; put the one back"):
            read_moment(path)
    beside.unlink()
    with pytest.raises(BadInput, match="carries no moment"):
        read_moment(path)


def test_comments_are_short_lines_that_come_back(tmp_path):
    for moment in (MOMENT, replace(MOMENT, model="a " * 900), replace(MOMENT, model=" " * 700)):
        lines = comments(moment)
        assert max(map(len, lines)) < 256
        assert all(line == line.strip() for line in lines)
        assert Moment.of_text(of_comments([f"# {line}" for line in lines])) == moment


@pytest.mark.parametrize("suffix", ["ply", "obj", "glb", "stl"])
def test_other_readers_read_meshes_and_their_colours(tmp_path, suffix):
    import pyvista
    import trimesh

    path = tmp_path / f"a.{suffix}"
    write_mesh(path, MESH, MOMENT, RGB)
    found = trimesh.load(path, force="mesh", process=False)
    assert len(found.faces) == 4
    if suffix != "stl":
        np.testing.assert_array_equal(found.vertices, CORNERS)
        seen = found.visual.vertex_colors[:, :3].astype(float) / 255
        wanted = RGB / 255
        if suffix == "glb":  # linear light, as glTF has it
            wanted = np.where(wanted <= 0.04045, wanted / 12.92, ((wanted + 0.055) / 1.055) ** 2.4)
        np.testing.assert_allclose(seen, wanted, atol=0.5 / 255)
    shown = pyvista.read(path)
    shown = shown.combine() if isinstance(shown, pyvista.MultiBlock) else shown
    assert shown.n_cells == 4
    ours = read_mesh(path)
    assert len(ours.faces) == 4
    if suffix in ("ply", "glb"):
        np.testing.assert_array_equal(ours.arrays["error"], ERROR)


def test_other_readers_read_points(tmp_path):
    import trimesh

    for suffix in ("ply", "xyz", "npz"):
        cloud(tmp_path / f"a.{suffix}", MOMENT)
        np.testing.assert_array_equal(read_points(tmp_path / f"a.{suffix}").points, CORNERS)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "a.xyz"), CORNERS)
    np.testing.assert_array_equal(trimesh.load(tmp_path / "a.xyz").vertices, CORNERS)
    found = trimesh.load(tmp_path / "a.ply")
    np.testing.assert_array_equal(found.vertices, CORNERS)
    np.testing.assert_array_equal(found.colors[:, :3], RGB)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as content:
        assert json.loads(str(content[KEY]))["system"] == "toy"
    assert set(read_points(tmp_path / "a.npz").arrays) == {"error"}


def test_other_readers_read_tables(tmp_path):
    for name in ("rows.csv", "rows.json"):
        WRITERS[name](tmp_path / name, MOMENT)
        first, second = read_rows(tmp_path / name)
        assert json.loads(first.pop(KEY))["system"] == "toy"
        assert not second.pop(KEY, None)
        assert [first, second] == ROWS
    with open(tmp_path / "rows.csv", newline="") as file:
        assert csv.DictReader(file).fieldnames == ["rate", "name", KEY]
    WRITERS["plan.json"](tmp_path / "plan.json", MOMENT)
    assert read_plan(tmp_path / "plan.json") == Plan()


def test_other_readers_read_pictures_grids_and_networks(tmp_path):
    import onnx
    import pyvista
    from safetensors import safe_open

    for name in ("picture.png", "grid.vtu", "net.safetensors", "net.onnx"):
        WRITERS[name](tmp_path / name, MOMENT)
    with Image.open(tmp_path / "picture.png") as found:
        assert found.size == (99, 99)
        assert json.loads(found.text[KEY])["sample"] == "one"
    assert pyvista.read(tmp_path / "grid.vtu").n_cells == 4
    with safe_open(tmp_path / "net.safetensors", "pt") as file:
        assert torch.equal(file.get_tensor("a"), torch.ones(3))
    onnx.checker.check_model(onnx.load(tmp_path / "net.onnx"))


RECIPE = {
    "system": "toy", "model": "Toy", "weights_hash": "abc", "seed": 2, "command": "prune3d prune",
    "plan": {"values": {"rate": 30.0}, "locks": ["b"]},
}  # fmt: skip


def test_networks_of_before_have_a_recipe(tmp_path):
    text = json.dumps(RECIPE)
    np.savez(tmp_path / "a.npz", weights=ERROR, recipe=text)
    write_tensors(tmp_path / "a.safetensors", {"a": torch.ones(3)}, {"recipe": text})
    torch.save({"a": torch.ones(3)}, tmp_path / "net.pth")
    (tmp_path / "net.recipe.json").write_text(text)
    content = {"format": "prune3d-plan", **RECIPE["plan"], "about": {**RECIPE, "plan": None}}
    (tmp_path / "plan.json").write_text(json.dumps(content))
    for name in ("a.npz", "a.safetensors", "net.pth", "plan.json"):
        moment = read_moment(tmp_path / name)
        assert (moment.system, moment.role, moment.weights_hash) == ("toy", "network", "abc")
        assert moment.plan == Plan((("rate", 30.0),), (), ("b",))
        assert dict(moment.about)["seed"] == 2


def test_pictures_of_before_have_one_too(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    held = PngInfo()
    plan = json.dumps(RECIPE["plan"])
    for name, text in {
        "system": "toy", "sample": "one", "plan": plan, "query": '{"colour": "error"}',
        "quality": "full", "result": "full",
    }.items():  # fmt: skip
        held.add_text(name, text)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=held)
    moment = read_moment(tmp_path / "a.png")
    assert (moment.role, moment.plan, moment.sample) == ("full", Plan(), "one")
    assert moment.query.values == (("colour", "error"),)


def test_the_glb_is_one_by_the_standard(tmp_path):
    WRITERS["mesh.glb"](tmp_path / "a.glb", MOMENT)
    data = (tmp_path / "a.glb").read_bytes()
    magic, version, length, size, kind = struct.unpack("<4sIII4s", data[:20])
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    tree = json.loads(data[20 : 20 + size])
    assert tree["asset"]["version"] == "2.0"
    assert tree["asset"]["extras"][KEY]["weights"] == "net.pth#2"
