"""What can be made out of scenes: one module for each type of data."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest

from prune3d_gui.core.errors import Prune3DError
from prune3d_gui.core.scene.affines import along_axes, placed
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.gaussians import KeptGaussians
from prune3d_gui.core.scene.labels import Labels
from prune3d_gui.core.scene.scenes import Box, Image, Layer, Mesh, Pick, Points, Scene, Volume
from prune3d_gui.geometry import scenes
from prune3d_gui.geometry.cameras import pyramids
from prune3d_gui.geometry.meshes import PART
from prune3d_gui.geometry.scenes import (
    Geometry,
    extent,
    nothing_seen,
    pick,
    points_of,
    surface_of,
    unit_of,
    with_surfaces,
)
from prune3d_gui.geometry.sight import Hit, Sight, point_hit
from prune3d_gui.geometry.volumes import voxel_place

from ..core.scene.test_scenes import ORGANS, splats
from .trees import ragged

SIZE = (200.0, 200.0)


def tilted(degrees=20.0, shear=0.0, mirror=1.0):
    """An affine that turns about z, scales, shears and moves."""
    turn = np.radians(degrees)
    affine = np.eye(4)
    affine[:2, :2] = ((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn)))
    affine[:3, :3] = affine[:3, :3] @ np.diag((2.0, 1.0, 1.5 * mirror))
    affine[0, 2] += shear
    affine[:3, 3] = (10, -20, 30)
    return affine


def from_above(low, high, at):
    """Look down z on a square of the world, at a place in it."""
    span = np.subtract(high, low)
    matrix = np.diag([2 / span[0], 2 / span[1], -2e-3, 1.0])
    matrix[:2, 3] = -1 - 2 * np.asarray(low[:2]) / span[:2]
    share = np.subtract(at, low[:2]) / span[:2]
    return Sight(matrix, SIZE, (share[0] * SIZE[0], (1 - share[1]) * SIZE[1]))


def ball(shape=(16, 18, 20), radius=5.0):
    """Distance from the middle of a lattice, in voxels."""
    index = np.stack(np.indices(shape), axis=-1) - (np.array(shape) - 1) / 2
    return np.linalg.norm(index, axis=-1).astype(np.float32), radius


def open_edges(faces):
    """Edges that are not of one face in one direction and of one in the other."""
    ways = Counter((a, b) for f in faces.tolist() for a, b in zip(f, f[1:] + f[:1], strict=True))
    return sum(ways[way] != ways[way[::-1]] for way in ways)


def volume_inside(mesh):
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("affine", [tilted(), tilted(35, 0.4), tilted(mirror=-1.0)])
def test_the_surface_of_a_tilted_volume_lies_where_its_affine_puts_it(affine):
    values, radius = ball()
    volume = Volume(-values, -radius, affine)
    mesh = surface_of(Scene((Layer("field", volume),)))
    index = placed(mesh.points.astype(float), np.linalg.inv(affine))
    middle = (np.array(values.shape) - 1) / 2
    away = np.linalg.norm(index - middle, axis=1)
    np.testing.assert_allclose(away, radius, atol=0.05)
    assert not open_edges(mesh.faces)
    swept = 4 / 3 * np.pi * radius**3 * abs(np.linalg.det(affine[:3, :3]))
    assert volume_inside(mesh) == pytest.approx(swept, rel=0.03), "faces look out of the ball"
    corners = extent(Scene((Layer("field", volume),)))
    last = np.array(values.shape) - 1
    expected = [placed(np.array(c) * last, affine) for c in np.ndindex(2, 2, 2)]
    assert {tuple(c.round(6)) for c in corners} == {tuple(np.round(e, 6)) for e in expected}


def test_an_upright_volume_is_contoured_in_the_world_at_once():
    values, radius = ball()
    upright = Volume(values, radius, along_axes((0.5, 0.25, 2.0), (3, 4, 5)))
    plain = surface_of(Scene((Layer("field", Volume(values, radius)),)))
    mesh = surface_of(Scene((Layer("field", upright),)))
    expected = plain.points * (0.5, 0.25, 2.0) + (3, 4, 5)
    np.testing.assert_allclose(mesh.points, expected, rtol=1e-6)
    assert np.array_equal(mesh.faces, plain.faces)


def organs(affine=None):
    values = np.zeros((20, 20, 20), np.uint8)
    values[3:12, 4:16, 5:15] = 1
    values[12:20, 4:16, 5:15] = 3  # beside it, and up to the border
    return Labels(values, ORGANS, np.eye(4) if affine is None else affine)


@pytest.mark.parametrize("affine", [np.eye(4), tilted(), tilted(mirror=-1.0)])
def test_every_class_of_labels_has_its_surface_and_the_whole_is_closed(affine):
    labels = organs(affine)
    mesh = surface_of(Scene((Layer("organs", labels),)))
    assert set(np.unique(mesh.arrays["label"])) == {1, 3}
    index = placed(mesh.points.astype(float), np.linalg.inv(affine))
    for number, low, high in ((1, (3, 4, 5), (11, 15, 14)), (3, (12, 4, 5), (19, 15, 14))):
        own = index[mesh.arrays["label"] == number]
        assert (np.abs(own.min(axis=0) - low) < 1.01).all()
        assert (np.abs(own.max(axis=0) - high) < 1.01).all()
    one = replace(labels, values=np.where(labels.values > 0, 1, 0).astype(np.uint8))
    closed = surface_of(Scene((Layer("body", one),)))
    assert not open_edges(closed.faces)
    swept = np.count_nonzero(one.values) * abs(np.linalg.det(affine[:3, :3]))
    assert volume_inside(closed) == pytest.approx(swept, rel=0.05)


def test_labels_without_any_class_have_an_empty_surface():
    none = replace(organs(), values=np.zeros((4, 4, 4), np.uint8))
    assert not len(surface_of(Scene((Layer("organs", none),))).faces)


def test_surfaces_are_made_once_and_travel_with_the_layers():
    values, radius = ball()
    scene = Scene((Layer("field", Volume(values, radius)), Layer("cloud", Points(np.eye(3)))))
    made = with_surfaces(scene)
    assert made.layer("field").surface is surface_of(made)
    assert with_surfaces(made).layer("field").surface is made.layer("field").surface
    assert made.layer("cloud").surface is None
    assert scene.layer("field").surface is None


def test_the_first_thing_seen_is_picked_whatever_its_layer():
    near, far = (np.array([[5, 5, z], [1, 1, z]], np.float32) for z in (20, 2))
    layers = Layer("far", Points(far)), Layer("near", Points(near))
    sight = from_above((0, 0), (10, 10), (5, 5))
    for order in (layers, layers[::-1]):
        assert pick(Scene(order), sight) == Pick("near", 0, "vertex")
    photo = Layer("photo", Image(np.zeros((4, 4, 3), np.uint8)))
    assert pick(Scene((photo, layers[0])), sight) == Pick("far", 0)
    assert pick(Scene((photo,)), sight) is None


@pytest.mark.parametrize("affine", [np.eye(4), tilted(25)])
def test_a_voxel_is_picked_where_the_surface_is_seen(affine):
    labels = organs(affine)
    voxel = np.array((15, 9, 14))
    at = placed(voxel.astype(float), affine)
    low, high = at[:2] - 40, at[:2] + 40
    found = pick(with_surfaces(Scene((Layer("organs", labels),))), from_above(low, high, at[:2]))
    assert (found.layer, found.of) == ("organs", "voxel")
    index = np.array(np.unravel_index(found.index, labels.values.shape))
    assert np.abs(index - voxel).max() <= 1
    assert labels.values[tuple(index)] == 3
    np.testing.assert_allclose(
        voxel_place(found.index, labels.values.shape, affine), placed(index.astype(float), affine)
    )


def test_cells_of_a_tilted_grid_are_picked_where_they_lie():
    affine = tilted(30)
    grid = replace(ragged(3, 4, 1), affine=affine, cut=(2, 0.43))
    scene = Scene((Layer("cells", grid),))
    low, high = grid.anchors / 16, grid.anchors / 16 + 0.5 ** grid.levels[:, None].astype(float)
    crossed = np.flatnonzero((low[:, 2] <= 0.43) & (high[:, 2] > 0.43))
    for cell in crossed:
        own = (low[cell] + high[cell]) / 2
        at = placed(np.array((own[0], own[1], 0.43)), affine)
        sight = from_above(affine[:2, 3] - 4, affine[:2, 3] + 4, at[:2])
        assert pick(scene, sight) == Pick("cells", int(cell), "cell")
    expected = placed(grid.points.astype(float), affine)
    np.testing.assert_allclose(points_of(scene).points, expected, rtol=1e-6)


def looking_down(count=3):
    """Cameras above the plane z = 0 that look straight down, two units apart."""
    poses = np.tile(np.diag((1.0, -1.0, -1.0, 1.0)), (count, 1, 1))
    poses[:, :3, 3] = [(2 * n, 1, 5) for n in range(count)]
    lens = np.tile((100.0, 100.0, 60.0, 40.0), (count, 1))
    names = tuple(str(n) for n in range(count))
    return Cameras(poses, lens, np.tile((120, 80), (count, 1)), names)


def test_pyramids_reach_to_the_corners_of_the_pictures():
    corners = pyramids(looking_down())
    np.testing.assert_allclose(corners[:, 0], [(0, 1, 5), (2, 1, 5), (4, 1, 5)])
    depth = 5 - corners[0, 1, 2]
    assert depth > 0, "they look down"
    upper_left = (corners[0, 1] - corners[0, 0]) / depth
    np.testing.assert_allclose(upper_left, (-0.6, 0.4, -1), atol=1e-12)  # (0 - cx) / fx, y turned
    lower_right = (corners[0, 3] - corners[0, 0]) / depth
    np.testing.assert_allclose(lower_right, (0.6, -0.4, -1), atol=1e-12)


def test_a_camera_is_picked_by_its_pyramid_or_eye():
    scene = Scene((Layer("cameras", looking_down()),))
    for number in range(3):
        sight = from_above((-2, -3), (6, 5), (2 * number + 0.02, 1.01))
        assert pick(scene, sight) == Pick("cameras", number, "camera")
    assert pick(scene, from_above((-2, -3), (6, 5), (1.0, 4.0))) is None
    one = Scene((Layer("cameras", looking_down(1)),))
    assert np.isfinite(extent(one)).all()


def test_only_kept_gaussians_are_there_and_are_called_by_their_number_in_the_scene():
    base = splats(6)
    places = np.stack([np.arange(6), np.full(6, 5), np.zeros(6)], 1).astype(np.float32)
    kept = np.array([0, 0, 1, 0, 1, 1], bool)
    shown = KeptGaussians(replace(base, means=places), kept, {"importance": np.arange(6.0)})
    scene = Scene((Layer("splats", shown),))
    assert pick(scene, from_above((0, 0), (10, 10), (4, 5))) == Pick("splats", 4, "gaussian")
    assert pick(scene, from_above((0, 0), (10, 10), (3, 5))) is None
    found = points_of(scene)
    assert found.arrays["importance"].tolist() == [2, 4, 5]
    assert np.array_equal(found.points, places[kept])


@dataclass(frozen=True, eq=False)
class Sticks:
    """Line segments, a type that the program has never heard of."""

    ends: np.ndarray  # (N, 2, 3)


STICKS = Geometry(
    extent=lambda sticks: sticks.ends.reshape(-1, 3).astype(float),
    hit=lambda layer, sight: (
        (found := point_hit(layer.data.ends.mean(axis=1), sight, "stick"))
        and Hit(found.index, found.of, found.depth)
    ),
    surface=lambda sticks: Mesh(
        sticks.ends.reshape(-1, 3), np.array([(2 * n, 2 * n + 1, 2 * n) for n in range(2)])
    ),
    points=lambda sticks: Points(sticks.ends.reshape(-1, 3)),
)


def test_a_new_type_needs_its_geometry_alone(monkeypatch):
    ends = np.array([[(0, 0, 0), (4, 4, 0)], [(6, 6, 0), (8, 8, 0)]], np.float32)
    scene = Scene((Layer("sticks", Sticks(ends)),))
    with pytest.raises(Prune3DError, match="'Sticks' has no known shape"):
        extent(scene)
    monkeypatch.setitem(scenes.GEOMETRY, Sticks, STICKS)
    assert extent(scene).max() == 8
    assert pick(scene, from_above((0, 0), (10, 10), (7, 7))) == Pick("sticks", 1, "stick")
    assert len(surface_of(scene).points) == len(points_of(scene).points) == 4
    assert with_surfaces(scene).layer("sticks").surface is not None
    assert scene.nbytes == ends.nbytes


def test_labels_reach_as_far_as_what_is_labelled():
    labels = organs(tilted())
    corners = extent(Scene((Layer("organs", labels),)))
    wanted = [placed(np.array((x, y, z)), tilted()) for x in (2.5, 19.5) for y in (3.5, 15.5)
              for z in (4.5, 14.5)]  # fmt: skip
    assert {tuple(c.round(6)) for c in corners} == {tuple(np.round(e, 6)) for e in wanted}
    empty = Labels(np.zeros((5, 5, 5), np.uint8), ORGANS)
    assert not len(extent(Scene((Layer("organs", empty),))))


def test_a_cut_out_part_of_labels_has_the_same_surface():
    whole, part = organs(tilted()), organs(tilted())
    whole.__dict__["held"] = (slice(0, 20),) * 3  # the plain way: the whole lattice
    made, plain = (surface_of(Scene((Layer("organs", one),))) for one in (part, whole))
    assert part.held == (slice(3, 20), slice(4, 16), slice(5, 15))
    order = [np.lexsort(mesh.points.T.round(4)) for mesh in (made, plain)]
    np.testing.assert_allclose(made.points[order[0]], plain.points[order[1]], atol=1e-4)
    assert len(made.faces) == len(plain.faces)


def test_a_scene_in_which_nothing_can_be_seen_says_why():
    values, _ = ball()
    box = Layer("box", Box((0, 0, 0), (1, 1, 1)))

    def told(*layers):
        return nothing_seen(with_surfaces(Scene(layers)))

    field = Volume(100 * values - 1000, 5000.0)
    low, high = field.values.min(), field.values.max()
    sentence = f"No surface at 5000; values run from {low:.6g} to {high:.6g}."
    assert told(Layer("field", field), box) == sentence
    assert told(Layer("field", replace(field, iso=-500.0)), box) == ""
    gone = Volume(np.full((3, 3, 3), np.nan, np.float32), 0.0)
    assert told(Layer("field", gone)) == "No surface at 0; no value is a number."
    none = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    own = Layer("surface", none, absent="No surface at 7 HU; values run from 1 to 2 HU.")
    assert told(own, box) == own.absent
    assert told(Layer("surface", none), Layer("p", Points(np.eye(3)))) == ""
    assert told(Layer("surface", none)).startswith("The surface has no faces")
    assert told(box).startswith("There is nothing")
    empty = Labels(np.zeros((5, 5, 5), np.uint8), ORGANS)
    assert told(Layer("organs", empty)) == "No voxel is labelled."
    lost = KeptGaussians(splats(3), np.zeros(3, bool))
    assert told(Layer("splats", lost)) == "No Gaussian is kept."
    assert told(Layer("cameras", looking_down())) == "There is nothing in it to show."
    assert told(own, Layer("cameras", looking_down())) == own.absent
    assert told(Layer("photo", Image(np.zeros((2, 2, 3), np.uint8)))) == ""


def test_a_scene_has_its_own_unit_or_that_of_a_layer():
    values, _ = ball()
    metres = Layer("field", Volume(values, 1.0, unit="m"))
    assert unit_of(Scene((metres,))) == "m"
    assert unit_of(Scene((metres,), unit="mm")) == "mm"
    assert unit_of(Scene((), (metres,))) == "m"
    assert unit_of(Scene((Layer("p", Points(np.eye(3))),))) == ""


def test_several_meshes_that_are_drawn_are_one_surface_that_tells_them_apart():
    one = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32), {"a": np.arange(3.0)})
    none = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    two = Mesh(one.points + 5, one.faces, {"a": np.arange(3.0) + 7, "b": np.zeros(3)})
    assert surface_of(Scene((Layer("one", one),))) is one
    scene = Scene((Layer("one", one), Layer("none", none), Layer("two", two)), (Layer("c", one),))
    found = surface_of(scene)
    assert found.faces.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert np.array_equal(found.points, np.concatenate([one.points, two.points]))
    assert set(found.arrays) == {"a", PART}
    assert found.arrays["a"].tolist() == [0, 1, 2, 7, 8, 9]
    assert found.arrays[PART].tolist() == [1, 1, 1, 3, 3, 3]
    assert surface_of(Scene((Layer("n", none), Layer("m", none)))) is none


def test_what_is_seen_through_a_pyramid_is_clicked_before_it_and_its_lines_before_that():
    looking = looking_down(1)
    square = np.array([(-3, -3, 0), (4, -3, 0), (4, 5, 0), (-3, 5, 0)], np.float32)
    ground = Mesh(square, np.array([(0, 1, 2), (0, 2, 3)]))
    alone = Scene((Layer("cameras", looking),))
    both = Scene((*alone.layers, Layer("ground", ground)))
    eye, corner, beside = pyramids(looking)[0][:3]
    line, inside = (corner + beside) / 2, (2 * eye + corner + beside) / 4

    def clicked(scene, place):
        found = pick(scene, from_above((-1, 0), (1, 2), place[:2]))
        return found and found.layer

    assert [clicked(alone, place) for place in (line, inside)] == ["cameras"] * 2
    assert clicked(both, line) == "cameras"
    assert clicked(both, inside) == "ground"
    assert clicked(alone, corner + 3 * (corner - eye)) is None
