"""Packed formats hold what they promise, and others read and write them alike."""

import gzip
import math
import struct

import numpy as np
import pytest

from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.splats.axes import mirror
from prune3d_gui.files.splats.comparing import Errors, largest_errors
from prune3d_gui.files.splats.formats import peek_splats, read_splats, write_splats
from prune3d_gui.files.splats.splat_file import SplatFile
from prune3d_gui.files.splats.spz_container import zstd
from tests.files.splats.made import colours, gaussians, spz_head


@pytest.fixture(scope="module")
def gsply():
    found = pytest.importorskip("gsply", reason="gsply reads and writes SPZ for comparison")
    try:
        found.use_backend("cpp")  # the other compiles for seconds
    except (ImportError, ValueError):
        pytest.skip("gsply has no compiled part on this machine")
    return found


def of_gsply(data, turned=False):
    constant = np.asarray(data.sh0)[:, None]
    harmonics = constant
    if data.shN is not None and data.shN.size:
        harmonics = np.concatenate([constant, data.shN], 1)
    parts = (data.means, data.scales, data.quats, data.opacities.reshape(-1), harmonics)
    made = Gaussians(*(np.array(part, np.float32) for part in parts))
    if turned:
        mirror(made, (1, -1, -1))
    return made


LIMITS = {
    ".compressed.ply": Errors(8e-3, 4e-3, 0.25, 2.1e-3, 3e-3, 1 / 32 + 1e-6),
    ".splat": Errors(0, 1e-5, 1.2, 2.1e-3, 2.1e-3, math.inf),
    ".spz": Errors(1.3e-4, 0.032, 0.25, 2.1e-3, 4e-3, 1 / 256 + 1e-6),
}


@pytest.mark.parametrize("ending", LIMITS)
@pytest.mark.parametrize("degree", range(4))
def test_errors_stay_within_the_steps_of_the_format_and_are_told(tmp_path, ending, degree):
    made = gaussians(2000, degree)
    written = write_splats(tmp_path / f"s{ending}", made)
    found = read_splats(tmp_path / f"s{ending}").gaussians
    given = made if written.order is None else made.kept(written.order)
    assert found.degree == (0 if ending == ".splat" else degree)
    assert largest_errors(given, found) == written.errors
    assert written.errors.said() in written.notices
    for name, limit in vars(LIMITS[ending]).items():
        assert getattr(written.errors, name) <= limit, name


@pytest.mark.parametrize("degree", [0, 3])
def test_a_second_round_trip_of_spz_changes_nothing(tmp_path, degree):
    write_splats(tmp_path / "one.spz", gaussians(2000, degree))
    first = read_splats(tmp_path / "one.spz")
    errors = write_splats(tmp_path / "two.spz", first).errors
    assert (errors.means, errors.scales, errors.opacities) == (0, 0, 0)
    assert (errors.colours, errors.harmonics) == (0, 0)
    assert errors.rotations < 0.2


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_spz_of_gsply_is_read_as_gsply_reads_it(tmp_path, gsply, version, degree):
    made = gaussians(1000, degree, seed=2)
    rest = made.harmonics[:, 1:] if degree else None
    parts = (made.means, made.log_scales, made.quaternions, made.logits, made.harmonics[:, 0])
    data = gsply.GSData.from_arrays(*parts, rest, format="ply")
    gsply.write_spz(tmp_path / "s.spz", data, version=version)
    theirs = of_gsply(gsply.read_spz(tmp_path / "s.spz"), turned=True)
    found = read_splats(tmp_path / "s.spz")
    assert found.format == f"SPZ {version}"
    errors = largest_errors(found.gaussians, theirs)
    assert errors.means == errors.harmonics == 0
    assert max(errors.scales, errors.colours) < 1e-6
    assert errors.opacities < 1e-3  # the ends of 255 steps stand for all that rounds to them
    assert errors.rotations < 1e-3


def test_spz_of_ours_is_read_by_gsply(tmp_path, gsply):
    made = gaussians(1000, 3)
    write_splats(tmp_path / "s.spz", made)
    theirs = of_gsply(gsply.read_spz(tmp_path / "s.spz"), turned=True)
    errors = largest_errors(theirs, read_splats(tmp_path / "s.spz").gaussians)
    assert max(errors.means, errors.harmonics, errors.colours) < 1e-6
    assert errors.opacities < 1e-3


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_compressed_ply_of_ours_is_read_by_gsply(tmp_path, gsply, degree):
    made = gaussians(1000, degree)
    write_splats(tmp_path / "s.compressed.ply", made)
    theirs = of_gsply(gsply.plyread(tmp_path / "s.compressed.ply"))
    ours = read_splats(tmp_path / "s.compressed.ply").gaussians
    errors = largest_errors(ours, theirs)
    assert max(errors.means, errors.scales, errors.colours) < 1e-5
    assert errors.opacities < 1e-3
    assert errors.rotations < 1e-2
    assert errors.harmonics <= 1 / 64 + 1e-6  # gsply takes no middle of a step


def test_chunks_without_colours_span_black_to_white(tmp_path):
    table = gaussians(300, 0)
    write_splats(tmp_path / "s.compressed.ply", table)
    data = (tmp_path / "s.compressed.ply").read_bytes()
    for end in ("min", "max"):
        for axis in "rgb":
            data = data.replace(f"property float {end}_{axis}\n".encode(), b"")
    at = data.index(b"end_header\n") + 11
    chunks = np.frombuffer(data[at : at + 2 * 72], "<f4").reshape(2, 18)[:, :12]
    (tmp_path / "t.ply").write_bytes(data[:at] + chunks.tobytes() + data[at + 144 :])
    found = read_splats(tmp_path / "t.ply").gaussians
    words = np.frombuffer(data[at + 144 :], "<u4").reshape(-1, 4)[:, 3]
    shades = 0.5 + 0.28209479177387814 * found.harmonics[:, 0, 0]
    np.testing.assert_allclose(shades, (words >> 24) / 255, atol=1e-6)


HALF = np.array([(0.5, -1.25, 2.0), (-3.0, 0.0, 0.125)])


def old_spz(version):
    """Two Gaussians by hand, of a version before rotations by their smallest three."""
    if version == 1:
        places = HALF.astype("<f2").tobytes()
    else:
        whole = np.rint(HALF * 4096).astype("<i4")
        places = whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    alphas, shades = bytes([0, 255]), bytes([127, 128, 0, 255, 200, 50])
    scales, turns = bytes([0, 160, 255, 16, 32, 48]), bytes([255, 127, 128, 64, 191, 10])
    return spz_head(version) + places + alphas + shades + scales + turns


@pytest.mark.parametrize("version", [1, 2])
def test_old_versions_of_spz_are_read(tmp_path, version):
    (tmp_path / "s.spz").write_bytes(gzip.compress(old_spz(version)))
    found = read_splats(tmp_path / "s.spz").gaussians
    np.testing.assert_array_equal(found.means, HALF * (1, -1, -1))
    np.testing.assert_array_equal(found.log_scales[0], (-10, 0, 5.9375))
    np.testing.assert_allclose(found.quaternions[0, 1:], (1, 0.5 / 127.5, -0.5 / 127.5), atol=1e-6)
    x, y, z = (np.array((64, 191, 10)) / 127.5 - 1) * (1, -1, -1)
    w = math.sqrt(max(0, 1 - x * x - y * y - z * z))
    np.testing.assert_allclose(found.quaternions[1], (w, x, y, z), atol=1e-6)
    assert found.opacities[0] < 0.5 / 255 < 254.5 / 255 < found.opacities[1]
    np.testing.assert_allclose(found.harmonics[1, 0], (np.array((255, 200, 50)) / 255 - 0.5) / 0.15)


def v4(path, made, records=b""):
    """The same Gaussians in the container of version 4."""
    write_splats(path, made)
    data = gzip.decompress(path.read_bytes())
    count, degree = struct.unpack_from("<IB", data, 8)
    sizes = [9, 1, 3, 3, 4, 3 * (degree + 1) ** 2 - 3]
    at, streams = 16, []
    for size in filter(None, sizes):
        streams.append(data[at : at + size * count])
        at += size * count
    packed = [zstd.compress(stream) for stream in streams]
    table = b"".join(
        struct.pack("<QQ", len(p), len(s)) for p, s in zip(packed, streams, strict=True)
    )
    head = data[:4] + struct.pack("<I", 4) + data[8:14]
    head += struct.pack("<BBI12x", 2 if records else 0, len(packed), 32 + len(records))
    path.write_bytes(head + records + table + b"".join(packed))


@pytest.mark.parametrize("degree", [0, 2])
def test_version_4_holds_the_same(tmp_path, degree):
    made = gaussians(500, degree)
    write_splats(tmp_path / "three.spz", made)
    v4(tmp_path / "four.spz", made)
    one, other = (read_splats(tmp_path / f"{name}.spz") for name in ("three", "four"))
    assert largest_errors(one.gaussians, other.gaussians).none
    assert peek_splats(tmp_path / "four.spz").format == "SPZ 4"


@pytest.mark.parametrize("number", range(1, 9))
def test_axes_that_a_file_names_are_followed(tmp_path, number):
    made = gaussians(200, 3)
    record = struct.pack("<III", 0xADBE0003, 4, number) + struct.pack(
        "<II3s", 0x12340001, 3, b"abc"
    )
    v4(tmp_path / "s.spz", made, record)
    found = read_splats(tmp_path / "s.spz")
    usual = read_splats_without(tmp_path, made)
    signs = np.array([1 if (number - 1) >> bit & 1 else -1 for bit in range(3)]) * (1, -1, 1)
    stored = usual.means * (1, -1, -1)
    np.testing.assert_array_equal(found.gaussians.means, stored * signs)
    assert any("0x12340001" in notice for notice in found.notices)


def read_splats_without(folder, made):
    v4(folder / "usual.spz", made)
    return read_splats(folder / "usual.spz").gaussians


@pytest.mark.parametrize("signs", [(1, -1, -1), (-1, 1, 1), (1, 1, -1), (-1, -1, -1), (1, -1, 1)])
def test_turned_axes_show_the_same_scene(signs):
    """Colours and shapes seen from the other side of a mirror are those of the scene before it."""
    made = gaussians(200, 3)
    turned = made.kept(np.arange(200))
    mirror(turned, signs)
    ways = np.random.default_rng(0).normal(size=(200, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    before, after = (
        colours(each.harmonics, way) for each, way in ((made, ways), (turned, ways * signs))
    )
    np.testing.assert_allclose(after, before, atol=1e-6)
    np.testing.assert_array_equal(turned.means, made.means * np.float32(signs))
    flipped = covariances(made) * np.multiply.outer(signs, signs)
    np.testing.assert_allclose(covariances(turned), flipped, atol=1e-6)


def covariances(made):
    from scipy.spatial.transform import Rotation

    turns = Rotation.from_quat(made.quaternions, scalar_first=True).as_matrix()
    return np.einsum("nij,nj,nkj->nik", turns, made.scales.astype(float) ** 2, turns)


def test_wide_scenes_have_fewer_bits_in_spz_and_keep_their_places(tmp_path):
    made = gaussians(100, 0)
    made.means[0] = (30_000, -29_000, 5)
    errors = write_splats(tmp_path / "s.spz", made).errors
    assert errors.means <= 2.0**-8 / 2
    found = read_splats(tmp_path / "s.spz").gaussians
    np.testing.assert_allclose(found.means[0], made.means[0], atol=2.0**-8)


def test_what_a_format_has_no_place_for_is_said(tmp_path):
    splats = SplatFile(gaussians(20, 2), "", {"label": np.arange(20, dtype=np.uint8)})
    notices = write_splats(tmp_path / "s.splat", splats).notices
    assert any("no spherical harmonics" in notice for notice in notices)
    assert any("label" in notice for notice in notices)


def test_splat_comes_largest_first(tmp_path):
    made = gaussians(500, 0)
    order = write_splats(tmp_path / "s.splat", made).order
    size = (made.opacities * made.scales.prod(axis=1))[order]
    assert (np.diff(size) <= 1e-12).all()


def test_anti_aliasing_is_kept_by_spz(tmp_path):
    write_splats(tmp_path / "s.spz", SplatFile(gaussians(5, 0), "", antialiased=True))
    assert read_splats(tmp_path / "s.spz").antialiased


def test_equal_gaussians_have_no_error_and_one_turned_by_a_degree_has_one():
    made = gaussians(50)
    assert largest_errors(made, made).said() == "Every value is kept exactly."
    turned = made.kept(np.arange(50))
    turned.quaternions[:] *= -2  # the same rotation
    assert largest_errors(made, turned).rotations < 1e-5
    turned.quaternions[7] = (math.cos(math.radians(0.5)), math.sin(math.radians(0.5)), 0, 0)
    made.quaternions[7] = (1, 0, 0, 0)
    assert largest_errors(made, turned).rotations == pytest.approx(1, abs=1e-5)
    turned.log_scales[3] += np.float32(math.log(1.5))
    assert largest_errors(made, turned).scales == pytest.approx(0.5, abs=1e-5)
    with pytest.raises(ValueError, match="50 Gaussians are compared with 3"):
        largest_errors(made, made.kept(np.arange(3)))
