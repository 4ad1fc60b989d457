import json

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.cli.exporting import check_ending, write_scene
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.scenes import Layer, Mesh, Points, Scene
from prune3d_gui.files.grids import GRID_SUFFIXES
from tests.gui.export.test_exports import quarters

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)
MESH = Scene((Layer("result", Mesh(CORNERS, FACES)),))
CLOUD = Scene((Layer("result", Points(CORNERS)),))


def write(path, scene):
    return write_scene(str(path), "A title", scene, (), Moment(system="toy", role="pruned"))


@pytest.mark.parametrize("ending", [".ply", ".obj", ".stl", ".glb"])
def test_a_surface_comes_back(tmp_path, ending):
    import trimesh

    path = tmp_path / f"x{ending}"
    assert write(path, MESH) == "mesh"
    found = trimesh.load(path, force="mesh")
    assert len(found.faces) == 4
    np.testing.assert_allclose(sorted(map(tuple, found.vertices)), sorted(map(tuple, CORNERS)))


@pytest.mark.parametrize("scene", [MESH, CLOUD])
def test_points_come_back(tmp_path, scene):
    assert write(tmp_path / "x.xyz", scene) == "points"
    np.testing.assert_allclose(np.loadtxt(tmp_path / "x.xyz")[:, :3], CORNERS)


def test_a_cloud_goes_into_a_ply(tmp_path):
    assert write(tmp_path / "x.ply", CLOUD) == "points"
    assert (tmp_path / "x.ply").read_bytes().startswith(b"ply\n")


def test_a_volume_is_written_as_its_surface(cli, tmp_path):
    import trimesh

    out = tmp_path / "x.ply"
    code, text, err = cli("reconstruct toy --tolerance 0.1 --sample s1 --out", out)
    assert code == 0, err
    assert f"Wrote {out} (mesh)." in text
    assert len(trimesh.load(out, force="mesh").faces) > 100


def read_grid(path):
    """Open a mesh again, as ParaView does."""
    import pyvista

    if path.suffix != ".htg":
        return pyvista.read(path)
    from vtkmodules.vtkIOXML import vtkXMLHyperTreeGridReader

    reader = vtkXMLHyperTreeGridReader()
    reader.SetFileName(str(path))
    reader.Update()
    assert reader.GetOutput().GetNumberOfLeaves() == 4
    found = pyvista.MultiBlock()
    found.GetFieldData().ShallowCopy(reader.GetOutput().GetFieldData())
    return found


@pytest.mark.parametrize("ending", GRID_SUFFIXES)
def test_an_adaptive_mesh_is_written_drawn_or_carried(tmp_path, ending):
    drawn = Scene((Layer("mesh", quarters()),))
    carried = Scene(MESH.layers, carried=(Layer("mesh", quarters()),))
    for name, scene in (("drawn", drawn), ("carried", carried)):
        path = tmp_path / f"{name}{ending}"
        assert write(path, scene) == "adaptive mesh"
        assert json.loads(read_grid(path).field_data[KEY][0])["system"] == "toy"
    with pytest.raises(BadInput, match=r"x\.stl' cannot hold .* or \.vtu or"):
        write(tmp_path / "x.stl", drawn)
    with pytest.raises(BadInput, match=rf"x\{ending}' cannot hold"):
        write(tmp_path / f"x{ending}", MESH)


def test_an_ending_the_result_has_no_layer_for_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"x\.stl' cannot hold this result; end .*\.ply"):
        write(tmp_path / "x.stl", CLOUD)
    with pytest.raises(BadInput, match=r"'x\.doc' has no ending that is known"):
        check_ending("x.doc")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_opens_again(cli, tmp_path):
    out = tmp_path / "x.png"
    code, text, err = cli("reconstruct toy --tolerance 0.1 --sample s1 --out", out)
    assert code == 0, err
    assert f"Wrote {out} (picture)." in text
    with Image.open(out) as found:
        assert found.size == (800, 800)
        assert len(set(found.convert("L").get_flattened_data())) > 5
        moment = json.loads(found.text[KEY])
    assert (moment["system"], moment["role"], moment["quality"]) == ("toy", "pruned", "full")
    assert "reconstruct toy" in moment["command"]


def test_what_was_done_to_an_image_is_said(cli, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")
    line = f"reconstruct toy --image {tmp_path / 'photo.png'} --out {tmp_path / 'x.png'}"
    code, _, err = cli(line)
    assert code == 0
    assert err == "prune3d: The picture was ignored.\n"


def test_flags_that_only_change_the_picture_change_it(cli, tmp_path):
    pictures = []
    for colour in ("error", "density"):
        out = tmp_path / f"{colour}.png"
        code, _, err = cli(f"reconstruct fields --tolerance 0.1 --colour {colour} --out", out)
        assert code == 0, err
        with Image.open(out) as found:
            pictures.append(np.asarray(found))
    assert (pictures[0] != pictures[1]).any()
