"""Whatever bytes a file has, it is read or refused in a sentence."""

import contextlib
import gzip
import json

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.formats import capture_kind, read_capture
from prune3d_gui.files.splats.formats import peek_splats, read_splats, splat_kind, write_splats
from tests.files.cameras.made import binary_model, cameras_json, poses, transforms
from tests.files.splats.made import gaussians
from tests.files.splats.test_packed import v4

TRIES = 25


def spoilt(data, rng):
    """The same bytes with some changed, cut off, doubled or added."""
    made = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        at = int(rng.integers(0, min(len(made), rng.choice((40, 400, len(made))))))
        kind = rng.integers(0, 5)
        if kind == 0:
            made[at] ^= 1 << rng.integers(0, 8)
        elif kind == 1:
            made[at : at + 4] = rng.bytes(4)
        elif kind == 2:
            del made[at : at + int(rng.integers(1, 50))]
        elif kind == 3:
            made[at:at] = made[at : at + int(rng.integers(1, 50))]
        else:
            made = made[: max(at, 1)]
        made = made or bytearray(b"x")
    return bytes(made)


@pytest.mark.parametrize("name", ["s.ply", "s.compressed.ply", "s.splat", "s.spz", "four.spz"])
def test_splats(tmp_path, name):
    path, rng = tmp_path / name, np.random.default_rng(len(name))
    if name == "four.spz":
        v4(path, gaussians(40, 1))
    else:
        write_splats(path, gaussians(40, 1))
    data = path.read_bytes()
    inner = gzip.decompress(data) if name == "s.spz" else data
    read = 0
    for number in range(TRIES):
        content = spoilt(inner, rng)
        if name == "s.spz" and number % 4:
            content = gzip.compress(content, 1)
        path.write_bytes(content)
        splat_kind(path)
        try:
            peek_splats(path)
            found = read_splats(path).gaussians
            read += 1
        except BadInput as error:
            said = str(error)
        else:
            said = str(path)
            assert all(np.isfinite(part).all() for part in vars(found).values())
        assert str(path) in said
    assert read < TRIES


@pytest.mark.parametrize("name", ["cameras.bin", "images.bin", "transforms.json", "cameras.json"])
def test_cameras(tmp_path, name):
    rng, path = np.random.default_rng(len(name)), tmp_path / name
    if name.endswith(".bin"):
        binary_model(tmp_path, ("OPENCV", "FOV"))
    elif name == "cameras.json":
        cameras_json(path, poses(2), ["a", "b"])
    else:
        transforms(path, poses(2), ["a", "b"], w=64, h=48, fl_x=50.0, k1=-0.1)
    data = path.read_bytes()
    for _ in range(TRIES):
        path.write_bytes(spoilt(data, rng))
        capture_kind(path)
        try:
            found = read_capture(tmp_path if name.endswith(".bin") else path)
        except BadInput:
            continue
        assert all(np.isfinite(shot.camera.world_to_camera).all() for shot in found.shots)


@pytest.mark.parametrize("value", [None, True, "x", -1, 0, 1e300, [], {}, [[1]], float("nan")])
def test_values_of_every_kind_in_json(tmp_path, value):
    path = tmp_path / "transforms.json"
    transforms(path, poses(1), ["a"], w=64, h=48, fl_x=50.0, k1=-0.1, camera_model="OPENCV")
    told = json.loads(path.read_text())
    for holder in (told, told["frames"][0]):
        for key in list(holder):
            before, holder[key] = holder[key], value
            path.write_text(json.dumps(told))
            holder[key] = before
            with contextlib.suppress(BadInput):
                read_capture(path)
