"""A scan that lies oblique: what is made of it lies where other readers say that the scan is."""

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
import pyvista as pv
import SimpleITK as sitk
import torch
import trimesh
from scipy.ndimage import map_coordinates

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Box, Grid, Pick
from prune3d_gui.geometry.scenes import points_of
from prune3d_gui.plugins.inr_amr.data.truth import read_truth
from prune3d_gui.plugins.inr_amr.model import FieldModel
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork
from prune3d_gui.plugins.inr_amr.stored.checkpoint import FieldInfo, load_field, save_field
from prune3d_gui.plugins.inr_amr.system import FieldSystem

from .test_mesh_files import run
from .test_model import run as reconstructed

SHAPE = (41, 33, 25)
SPACING = (2.0, 1.5, 3.0)
RADIUS = 22.0
CENTRE = (-8.0, 12.0, 31.0)  # of the ball, in ITK's left-posterior-superior world
SUFFIXES = (".nii.gz", ".nrrd", ".mha")


def turned(degrees):
    """Directions turned about two axes."""
    a, b = np.radians(degrees), np.radians(degrees / 2)
    z = np.array(((np.cos(a), -np.sin(a), 0), (np.sin(a), np.cos(a), 0), (0, 0, 1)))
    x = np.array(((1, 0, 0), (0, np.cos(b), -np.sin(b)), (0, np.sin(b), np.cos(b))))
    return z @ x


def scan(degrees, swap=(0, 1, 2)):
    """An ITK image: distance from a point of the world minus a radius, wherever its axes run."""
    directions = turned(degrees)[:, list(swap)]
    last = (np.array(SHAPE) - 1) * SPACING
    origin = np.array(CENTRE) - directions @ (last / 2 + (3.0, -2.0, 1.0))
    index = np.stack(np.indices(SHAPE), axis=-1)
    places = origin + (index * SPACING) @ directions.T
    values = (np.linalg.norm(places - CENTRE, axis=-1) - RADIUS).astype(np.float32)
    image = sitk.GetImageFromArray(values.transpose(2, 1, 0))
    image.SetSpacing(SPACING)
    image.SetOrigin(origin.tolist())
    image.SetDirection(directions.ravel().tolist())
    return image


def ras(points):
    """From ITK's world to right-anterior-superior, or back."""
    return np.asarray(points, float) * (-1, -1, 1)


def fill(path, degrees=9.0, swap=(0, 1, 2)):
    image = scan(degrees, swap)
    sitk.WriteImage(image, str(path))
    return image


def values_at(image, points):
    """What ITK gives by linear interpolation at places of the right-anterior-superior world."""
    return np.array(
        [image.EvaluateAtPhysicalPoint(p.tolist(), sitk.sitkLinear) for p in ras(points)]
    )


def diamond(domain):
    """A network that is exactly |x| + |y| + |z| in the box from -1 to 1."""
    network = FieldNetwork((3, 6, 1), "relu")
    with torch.no_grad():
        network.layers[0].weight.copy_(torch.cat([torch.eye(3), -torch.eye(3)]))
        network.layers[0].bias.zero_()
        network.layers[1].weight.fill_(1.0)
        network.layers[1].bias.zero_()
    return network.eval().requires_grad_(False)


def height(image, points):
    """|x| + |y| + |z| of places of the world in the box of an ITK image, by its own transform."""
    index = np.array(
        [image.TransformPhysicalPointToContinuousIndex(p.tolist()) for p in ras(points)]
    )
    return np.abs(2 * index / (np.array(image.GetSize()) - 1) - 1).sum(axis=1)


def model_of(path):
    truth, domain, notices = read_truth(path)
    info = FieldInfo("scan", "0" * 64, 31, {"iso": "0.5"}, domain)
    samples = (Sample("scan", "Scan", notices=notices),)
    return FieldModel(diamond(domain), info, truth, samples, "cpu")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("swap", [(0, 1, 2), (2, 0, 1)])
def test_the_reference_of_an_oblique_scan_lies_on_the_scan(tmp_path, suffix, swap):
    image = fill(tmp_path / f"scan{suffix}", swap=swap)
    model = model_of(tmp_path / f"scan{suffix}")
    surface = model.reference("scan", Query((("iso", 0.0),))).layer("surface").data
    assert len(surface.faces) > 1000
    np.testing.assert_allclose(
        np.linalg.norm(surface.points - ras(CENTRE), axis=1), RADIUS, atol=0.1
    )
    assert np.abs(values_at(image, surface.points[::17])).max() < 0.1
    a, b, c = (surface.points[surface.faces[:, k]] for k in range(3))
    outwards = (np.cross(b - a, c - a) * (a + b + c - 3 * ras(CENTRE))).sum(axis=1)
    assert (outwards < 0).mean() > 0.99, (
        "larger values, which faces turn their back to, are outside"
    )


def test_what_is_oblique_is_said_and_along_the_axes_nothing_changes(tmp_path):
    fill(tmp_path / "tilted.nii.gz")
    fill(tmp_path / "straight.nii.gz", 0.0)
    _, tilted, notices = read_truth(tmp_path / "tilted.nii.gz")
    assert any("oblique to the world's, by up to 10.1 degrees; it lies where" in n for n in notices)
    assert json.loads(tilted.to_json())["box_to_world"] == list(tilted.box_to_world)
    _, straight, notices = read_truth(tmp_path / "straight.nii.gz")
    assert not any("oblique" in notice for notice in notices)
    assert straight.box_to_world == ()
    assert "box_to_world" not in json.loads(straight.to_json())
    assert tilted.size == pytest.approx(straight.size)
    unit = np.random.default_rng(0).random((50, 3))
    np.testing.assert_allclose(
        straight.to_world(unit), np.array(straight.origin) + unit * straight.size
    )
    for domain in (tilted, straight):
        np.testing.assert_allclose(domain.to_unit(domain.to_world(unit)), unit, atol=1e-12)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_file_made_of_an_oblique_field_lies_on_the_scan(tmp_path, suffix):
    image = fill(tmp_path / f"scan{suffix}")
    _, domain, _ = read_truth(tmp_path / f"scan{suffix}")
    weights = tmp_path / "field.safetensors"
    save_field(weights, diamond(domain), domain, {"iso": "0.5"})
    corners = image.TransformContinuousIndexToPhysicalPoint
    ends = [(0, 0, 0), *((np.array(SHAPE) - 1) * np.eye(3)).tolist(), tuple(np.array(SHAPE) - 1.0)]
    ends = ras([corners([float(n) for n in end]) for end in ends])
    for name in ("a.vtu", "a.vtkhdf"):
        run(weights=str(weights), rule="uniform", depth=4, out=str(tmp_path / name))
        grid = pv.read(tmp_path / name)
        np.testing.assert_allclose(grid["value"], height(image, grid.points), atol=1e-4)
        for end in ends:
            assert np.linalg.norm(grid.points - end, axis=1).min() < 1e-4
        whole = np.prod((np.array(SHAPE) - 1) * SPACING)
        assert grid.volume == pytest.approx(whole, rel=1e-5)
        sizes = grid.compute_cell_sizes(length=False, area=False)["Volume"]
        assert sizes.min() > 0
    for ending in ("stl", "ply", "obj", "glb"):
        run(
            weights=str(weights),
            rule="uniform",
            depth=4,
            iso=0.5,
            out=str(tmp_path / f"a.{ending}"),
        )
        shape = trimesh.load(tmp_path / f"a.{ending}", force="mesh", process=False)
        np.testing.assert_allclose(height(image, shape.vertices), 0.5, atol=1e-4)
        assert len(shape.faces) > 100


def test_a_real_scan_that_leans_is_where_its_own_library_says():
    path = Path(nibabel.__file__).parent / "tests/data/example4d.nii.gz"
    if not path.is_file():
        pytest.skip("nibabel came without its examples")
    image = nibabel.load(path)
    truth, domain, notices = read_truth(path)
    assert any("by up to 9.3 degrees" in notice for notice in notices)
    assert (domain.dimension, domain.times) == (3, 2)
    unit = np.random.default_rng(0).random((500, 3))
    index = nibabel.affines.apply_affine(np.linalg.inv(image.affine), domain.to_world(unit))
    for moment in (0, 1):
        volume = np.asarray(image.dataobj[..., moment], np.float64)
        expected = map_coordinates(volume, index.T, order=1)
        found = truth.values(unit, float(moment))
        np.testing.assert_allclose(found, expected, atol=1e-3 * volume.max())
    corners = np.array([c * (np.array(image.shape[:3]) - 1) for c in np.ndindex(2, 2, 2)])
    ends = nibabel.affines.apply_affine(image.affine, corners)
    own = domain.to_unit(ends)
    np.testing.assert_allclose(own, np.rint(own), atol=1e-5)


def test_a_tree_that_knows_only_the_axes_of_the_world_is_refused(tmp_path):
    fill(tmp_path / "scan.mha")
    _, domain, _ = read_truth(tmp_path / "scan.mha")
    save_field(tmp_path / "field.safetensors", diamond(domain), domain, {"iso": "0.5"})
    options = {"weights": str(tmp_path / "field.safetensors"), "rule": "uniform", "depth": 2}
    with pytest.raises(BadInput, match=r"a\.htg' was not written: the mesh lies oblique.*\.vtu"):
        run(**options, out=str(tmp_path / "a.htg"))
    assert not (tmp_path / "a.htg").exists()


@pytest.mark.parametrize("view", ["surface", "slices", "cells"])
@pytest.mark.parametrize("quality", ["preview", "full"])
def test_every_view_of_an_oblique_field_lies_in_its_box(tmp_path, view, quality):
    image = fill(tmp_path / "scan.mha")
    model = model_of(tmp_path / "scan.mha")
    _, _, stage = reconstructed(model, quality, view=view, sample="scan")
    scene = stage.scene
    if view != "cells":
        shape = scene.layer(view).data
        found = height(image, shape.points[::29])
        wanted = 0.5 if view == "surface" else shape.arrays["value"][::29]
        np.testing.assert_allclose(found, wanted, atol=0.02)
        box = scene.first(Box)
        assert np.array_equal(box.affine, model.domain.world)
    else:
        grid = scene.first(Grid)
        corners = points_of(scene)
        np.testing.assert_allclose(
            corners.arrays["value"], height(image, corners.points), atol=0.02
        )
        assert grid.cut is not None
        text = model.explain("scan", scene, Pick("cells", 0, "cell"))
        corner = [float(n) for n in text.split("Corner: (")[1].split(")")[0].split(",")]
        size = [float(n) for n in text.split("Size: ")[1].splitlines()[0].split(" × ")]
        np.testing.assert_allclose(corner, corners.points[grid.cells[0, 0]], rtol=1e-3)
        share = 0.5 ** float(grid.levels[0])
        np.testing.assert_allclose(size, np.array(model.domain.size) * share, rtol=1e-3)


def test_errors_on_an_oblique_surface_are_looked_up_where_the_surface_lies(tmp_path):
    image = fill(tmp_path / "scan.nrrd")
    model = model_of(tmp_path / "scan.nrrd")
    applied = model.apply(Plan())
    query = Query((("iso", 0.5), ("view", "surface")))
    *_, stage = model.reconstruct(applied, "scan", query, "preview", CancelToken())
    scores = model.score(applied, "scan", query, stage, None)
    points = stage.scene.layer("surface").data.points
    expected = np.abs(values_at(image, points[::31]) - 0.5)
    np.testing.assert_allclose(scores.arrays["surface"]["error"][::31], expected, atol=0.05)


def test_a_file_of_an_oblique_field_opens_where_it_lay(tmp_path):
    fill(tmp_path / "scan.mha")
    _, domain, _ = read_truth(tmp_path / "scan.mha")
    path = tmp_path / "field.safetensors"
    save_field(path, diamond(domain), domain, {})
    assert load_field(path)[1].domain == domain
    model = FieldSystem().open(ModelRef("inr_amr", "field", str(path)))
    for kind in model.formats:
        out = tmp_path / f"again{kind.suffix}"
        model.export(model.apply(Plan()), kind.id, out, {})
        if kind.suffix != ".onnx":
            assert load_field(out)[1].domain == domain
    model.close()


@pytest.mark.parametrize("wrong", [[1.0, 2.0], np.diag([1, 0, 1, 1]).ravel().tolist()])
def test_a_box_that_is_placed_nowhere_is_refused(tmp_path, wrong):
    path = tmp_path / "field.pt"
    state = {f"net.{k}": v for k, v in diamond(None).state_dict().items()}
    torch.save(state, path)
    (tmp_path / "field.pt.json").write_text(
        json.dumps({"activation": "relu", "box_to_world": wrong})
    )
    with pytest.raises(
        BadInput, match=r"box_to_world of 2 numbers|the box of 'field\.pt' is singular"
    ):
        load_field(path)
