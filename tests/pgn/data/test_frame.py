"""The frame of objects, told by silhouettes: points seen from where each picture was taken."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.pgn.data.dataset import open_layout, read_points
from prune3d_gui.plugins.pgn.data.designs import CATEGORIES
from prune3d_gui.plugins.pgn.data.frame import camera_direction, from_design
from prune3d_gui.plugins.pgn.data.generate import generate
from prune3d_gui.plugins.pgn.data.rendering import DISTANCE, eye_direction

REAL = Path(__file__).parents[4] / "shared/data/pgn/atlasnet_layout"
NEAR = 3.0
"""Distance of R2N2's cameras in radii of the car, give or take; the fit is flat in it."""


def silhouette(points, azimuth, elevation, distance, shape):
    """Draw points from a camera, stretched to the box of a silhouette, and close the gaps."""
    toward = camera_direction(azimuth, elevation)
    right = np.cross([0, 1, 0], toward)
    right /= np.linalg.norm(right)
    near = distance - points @ toward
    x, y = points @ right / near, -(points @ np.cross(toward, right)) / near
    rows, columns = np.nonzero(shape)
    scale = (np.ptp(columns) + np.ptp(rows)) / (np.ptp(x) + np.ptp(y))
    column = (x - (x.max() + x.min()) / 2) * scale + (columns.max() + columns.min()) / 2
    row = (y - (y.max() + y.min()) / 2) * scale + (rows.max() + rows.min()) / 2
    drawn = np.zeros_like(shape)
    place = np.clip(np.round([row, column]).astype(int), 0, len(shape) - 1)
    drawn[tuple(place)] = True
    return ndimage.binary_fill_holes(ndimage.binary_closing(drawn, iterations=2))


def fits(points, folder, distance):
    """Mean overlap (IoU) with the pictures after 0, 1, 2 and 3 quarter turns about y."""
    lines = (folder / "rendering_metadata.txt").read_text().splitlines()
    cameras = [tuple(map(float, line.split()[:2])) for line in lines]
    found = []
    for _ in range(4):
        overlaps = []
        for view, camera in enumerate(cameras):
            alpha = np.asarray(Image.open(folder / f"{view:02d}.png"))[..., 3]
            shape = ndimage.binary_fill_holes(alpha > 127)
            drawn = silhouette(points, *camera, distance, shape)
            overlaps.append((drawn & shape).sum() / (drawn | shape).sum())
        found.append(float(np.mean(overlaps)))
        points = np.stack([-points[:, 2], points[:, 1], points[:, 0]], axis=1)
    return found


def test_a_real_car_fits_its_pictures_in_the_frame_of_the_program_alone():
    if not REAL.is_dir():
        pytest.skip("shared/data/pgn/atlasnet_layout is not there")
    (car,) = open_layout(REAL).objects
    overlaps = fits(read_points(car.points_path), car.views[0].parent, NEAR)
    assert overlaps[0] > 0.95
    assert max(overlaps[1:]) < overlaps[0] - 0.05


def test_a_procedural_car_fits_its_pictures_in_the_same_frame(tmp_path, monkeypatch):
    (cars,) = [category for category in CATEGORIES if category.name == "car"]
    one = [cars.__class__(**(vars(cars) | {"designs": cars.designs[:1]}))]
    monkeypatch.setattr("prune3d_gui.plugins.pgn.data.generate.CATEGORIES", one)
    generate(tmp_path, objects_per_design=1, views=6, workers=1)
    (car,) = open_layout(tmp_path).objects
    points = np.load(car.points_path)
    overlaps = fits(points, car.views[0].parent, DISTANCE * np.linalg.norm(points, axis=1).max())
    assert overlaps[0] > 0.95
    assert max(overlaps[1:]) < overlaps[0] - 0.05


def test_a_design_and_its_camera_turn_alike():
    for azimuth, elevation in ((0, 0), (30, 25), (200, -40)):
        turned = from_design(eye_direction(azimuth, elevation))
        np.testing.assert_allclose(turned, camera_direction(azimuth, elevation), atol=1e-15)
    points = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float16)
    quarter = from_design(points)
    assert quarter.dtype == points.dtype
    back = from_design(from_design(from_design(quarter)))
    assert np.array_equal(back, points)


def test_a_set_of_the_frame_before_is_refused(tmp_path):
    cloud = tmp_path / "ShapeNetV1PointCloud/02958343"
    cloud.mkdir(parents=True)
    (tmp_path / "recipe.json").write_text(json.dumps({"version": 1, "seed": 0}))
    with pytest.raises(BadInput, match=r"version 1.*face -z.*prune3d data pgn"):
        open_layout(tmp_path)
