"""Files that cannot be read as they are: a sentence each, and no memory for what is not there."""

import gzip
import struct
import sys

import numpy as np
import psutil
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.scene.scenes import Mesh, Points
from prune3d_gui.files.meshes import write_mesh
from prune3d_gui.files.points import write_points
from prune3d_gui.files.splats.formats import (
    peek_splats,
    read_splats,
    splat_kind,
    write_splats,
)
from prune3d_gui.files.splats.spz_container import zstd
from tests.files.splats.made import gaussians, names, ply_bytes, rows, spz_head

PLY = ply_bytes(rows(100))


def packed(data):
    """The same bytes at any time, for they name tests, which all processes have to find alike."""
    return gzip.compress(data, mtime=0)


def refused(path, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        read_splats(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).count(". ") == 0
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (PLY[:-1], "promises 100 rows of 'vertex', but only 99 can be there"),
        (PLY[:400], "its header has no end"),
        (PLY.replace(b"format binary_little_endian", b"format runes"), "no known format"),
        (PLY.replace(b"vertex 100", b"vertex -1"), "the line 'element vertex -1'"),
        (PLY.replace(b"vertex 100", b"vertex 0"), "holds no Gaussian; choose"),
        (PLY.replace(b"property float x\n", b"property quad x\n"), "the line 'property quad x'"),
        (PLY.replace(b"property float x\n", b"property list int int x\n"), "lists|a name of its"),
        (PLY.replace(b" rot_3\n", b" rot_2\n"), "lacks the properties rot_3"),
        (PLY.replace(b" f_dc_", b" g_"), "lacks the properties f_dc_0, f_dc_1, f_dc_2 "),
        (PLY.replace(b" f_rest_44\n", b" other\n"), "has 44 properties f_rest_"),
        (PLY.replace(b" f_rest_7\n", b" f_rest_77\n"), "lacks the properties f_rest_7"),
        (PLY.replace(b" nx\n", b" ny\n"), "a name of its own"),
        (b"ply\nformat ascii 1.0\nelement vertex 3\n" + PLY[56:], "holds no|damaged|the line"),
        (b"", "holds no Gaussian splats"),
    ],
)
def test_damaged_plys(tmp_path, data, sentence):
    path = tmp_path / "s.ply"
    path.write_bytes(data)
    refused(path, sentence)


def text_ply(lines, count=2):
    head = ["ply", "format ascii 1.0", f"element vertex {count}"]
    head += [f"property float {name}" for name in names(0)]
    return "\n".join([*head, "end_header", *lines, ""])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["1 " * 17] * 2, "holds no|end too early|promises"),
        (["1 " * 16] * 3, "a row has 16 numbers for 17 properties"),
        (["1 " * 17, "1 " * 16 + "x"], "could not be read"),
        (["1 " * 17], "promises 2 rows|end too early"),
    ],
)
def test_damaged_text(tmp_path, lines, sentence):
    path = tmp_path / "s.ply"
    path.write_text(text_ply(lines))
    if lines == ["1 " * 17] * 2:
        assert read_splats(path).gaussians.count == 2
    else:
        refused(path, sentence)


def table(count=4):
    made = rows(count, names(1))
    for name in made.dtype.names:
        made[name] = np.clip(made[name], -2, 2)
    return made


@pytest.mark.parametrize(
    ("name", "value"),
    [("x", np.nan), ("y", np.inf), ("f_rest_3", -np.inf), ("rot_2", np.nan), ("opacity", np.nan),
     ("scale_1", 69.1), ("scale_0", 1e30), ("x", 1e30), ("f_dc_1", 1e30), ("rot_0", 1e30)],
)  # fmt: skip
def test_gaussians_that_cannot_be_drawn_are_left_out_and_counted(tmp_path, name, value):
    made = table()
    made[name][2] = value
    path = tmp_path / "s.ply"
    path.write_bytes(ply_bytes(made))
    found = read_splats(path)
    np.testing.assert_array_equal(found.rows, (0, 1, 3))
    assert any("left out" in notice and ": 1 of 4." in notice for notice in found.notices)
    write_splats(tmp_path / "k.ply", found)
    assert (tmp_path / "k.ply").read_bytes().endswith(made[[0, 1, 3]].tobytes())
    path.write_bytes(ply_bytes(made[2:3]))
    refused(path, "no Gaussian that can be drawn: of 1, each")


@pytest.mark.parametrize(
    ("name", "value", "becomes", "said"),
    [("opacity", np.inf, 16.7, "Opacities of exactly 0 or 1"),
     ("opacity", -np.inf, -16.7, "Opacities of exactly 0 or 1"),
     ("scale_2", -np.inf, np.log(1e-12), "Scales of 0"), ("rot", 0, 1, "Quaternions of length 0"),
     ("rot", 1e-30, 1, "Quaternions of length 0")],
)  # fmt: skip
def test_values_with_a_plain_meaning_are_replaced_and_said(tmp_path, name, value, becomes, said):
    made = table()
    for column in [f"rot_{i}" for i in range(4)] if name == "rot" else [name]:
        made[column][1] = value
    path = tmp_path / "s.ply"
    path.write_bytes(ply_bytes(made))
    found = read_splats(path)
    assert found.rows is None
    assert any(said in notice and notice.endswith(": 1.") for notice in found.notices)
    one = found.gaussians
    got = {"opacity": one.logits[1], "scale_2": one.log_scales[1, 2], "rot": one.quaternions[1, 0]}
    assert got[name] == pytest.approx(becomes)
    assert np.isfinite(one.logits).all()


def test_one_gaussian_is_enough_for_every_format(tmp_path):
    for ending in (".ply", ".compressed.ply", ".splat", ".spz"):
        write_splats(tmp_path / f"s{ending}", gaussians(1, 1))
        assert read_splats(tmp_path / f"s{ending}").gaussians.count == 1


def test_none_is_not_written(tmp_path):
    with pytest.raises(BadInput, match="no Gaussian is kept; keep at least one"):
        write_splats(tmp_path / "s.ply", gaussians(3).kept(np.zeros(3, bool)))
    assert not list(tmp_path.iterdir())


def test_unknown_ending_lists_the_known_ones(tmp_path):
    with pytest.raises(BadInput, match=r"s\.obj.*\.compressed\.ply, \.ply, \.splat or \.spz"):
        write_splats(tmp_path / "s.obj", gaussians(3))


@pytest.mark.skipif(sys.platform == "win32", reason="a hole in a file takes disk there")
def test_more_than_memory_holds_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "s.ply"
    count = psutil.virtual_memory().total // 248 + 1_000_000
    head = ply_bytes(rows(0), count)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + 248 * count)
    said = refused(path, r"GB of memory where .* GB are free; take a part at random, such as")
    assert f"{count:,} Gaussians" in said


@pytest.mark.parametrize("most", [0, -5])
def test_a_part_of_none_is_refused(tmp_path, most):
    (tmp_path / "s.ply").write_bytes(PLY)
    with pytest.raises(BadInput, match=f"At most {most} Gaussians"):
        read_splats(tmp_path / "s.ply", most=most)


def test_a_stop_is_heeded(tmp_path):
    (tmp_path / "s.ply").write_bytes(PLY)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_splats(tmp_path / "s.ply", cancel=token)


@pytest.mark.parametrize("ending", [".ply", ".compressed.ply", ".splat", ".spz"])
def test_a_stop_is_heeded_while_rows_are_read(tmp_path, ending):
    class Third(CancelToken):
        looks = 0

        @property
        def cancelled(self):
            self.looks += 1
            return self.looks >= 3

    write_splats(tmp_path / f"s{ending}", gaussians(100_000, 0))
    with pytest.raises(Cancelled):
        read_splats(tmp_path / f"s{ending}", cancel=Third())


HUGE = 4_000_000_000
NOISE = np.random.default_rng(0).bytes(1800)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("s.ply", PLY.replace(b"vertex 100", b"vertex %d" % HUGE), "promises 4,000,000,000 rows"),
        ("s.ply", text_ply(["1 " * 17], HUGE).encode(), "promises 4,000,000,000 rows"),
        ("s.spz", packed(spz_head(3, HUGE)), "promises 4,000,000,000 Gaussians"),
        ("s.spz", spz_head(4, HUGE) + bytes(16), "promises 4,000,000,000 Gaussians"),
        ("s.spz", packed(spz_head(3, 5)), "its values end too early"),
        ("s.spz", packed(spz_head(3, 5) + bytes(100))[:20], "holds no Gaussian splats"),
        ("s.spz", packed(spz_head(3, 90) + NOISE)[:900], "could not be read"),
        ("s.spz", packed(spz_head(3, 5, degree=9)), "of degree 9"),
        ("s.spz", packed(spz_head(3, 5, bits=40)), "40 bits after the point"),
        ("s.spz", packed(spz_head(7, 5)), "SPZ of version 7, and versions 1 to 4 are known"),
        ("s.spz", spz_head(5, 5) + bytes(16), "SPZ of version 5, and versions 1 to 4 are known"),
        ("s.spz", packed(spz_head(3, 0)), "holds no Gaussian; choose"),
        ("s.spz", packed(b"nothing of the kind"), "holds no Gaussian splats"),
        ("s.splat", bytes(33), "no multiple of 32 bytes"),
        ("s.splat", b"", "holds no Gaussian; choose"),
        ("s.dat", bytes(64), "holds no Gaussian splats"),
    ],
)
def test_false_promises_are_refused_before_memory_is_taken(tmp_path, name, data, sentence):
    path = tmp_path / name
    path.write_bytes(data)
    refused(path, sentence)


def bomb(**changed):
    """An SPZ of version 4 whose table says other than its streams."""
    told = {"streams": 5, "sizes": (9, 1, 3, 3, 4), "count": 10, "place": 32} | changed
    packed = [zstd.compress(bytes(10 * size)) for size in (9, 1, 3, 3, 4)]
    head = spz_head(4, told["count"])[:15] + struct.pack("<BI12x", told["streams"], told["place"])
    table = b"".join(
        struct.pack("<QQ", told.get("short", len(p)), 10 * size)
        for p, size in zip(packed, told["sizes"], strict=True)
    )
    return head + table + b"".join(packed)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"streams": 6}, "6 streams, which do not fit"),
        ({"sizes": (9, 1, 3, 3, 400)}, "a stream of 4,000 bytes stands where 40 are needed"),
        ({"short": 1 << 40}, "its streams end too early"),
        ({"place": 1 << 30}, "its table of streams ends too early"),
        ({"place": 3}, "do not fit"),
        ({"count": 11}, "a stream of 90 bytes stands where 99 are needed"),
    ],
)
def test_damaged_streams_of_spz(tmp_path, changed, sentence):
    path = tmp_path / "s.spz"
    path.write_bytes(bomb())
    assert read_splats(path).gaussians.count == 10
    path.write_bytes(bomb(**changed))
    refused(path, sentence)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"float min_x", b"float mean_x", "lacks the properties min_x of a compressed PLY"),
        (b"uint packed_color", b"int packed_color", "lacks the properties packed_color"),
        (b"element chunk 2", b"element chunk 1", "1 chunks for 300 Gaussians, of which 256"),
        (b"uchar f_rest_8", b"uchar f_rest_9", "spherical harmonics that fit no degree"),
        (b"element sh 300", b"element sh 299", "spherical harmonics that fit no degree"),
    ],
)
def test_damaged_compressed_plys(tmp_path, old, new, sentence):
    path = tmp_path / "s.compressed.ply"
    write_splats(path, gaussians(300, 1))
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    refused(path, sentence)
    path.write_bytes(data[:-1])
    refused(path, "promises 300 rows of 'sh'")


def test_folders_and_missing_files(tmp_path):
    refused(tmp_path, "is a folder; choose a file")
    refused(tmp_path / "none.ply", "There is no file")
    with pytest.raises(BadInput, match="There is no file"):
        peek_splats(tmp_path / "none.ply")
    assert splat_kind(tmp_path) is None
    assert splat_kind(tmp_path / "none.ply") is None


def test_splats_are_told_from_what_else_ends_alike(tmp_path):
    for ending, title in {
        ".ply": "3DGS PLY",
        ".compressed.ply": "compressed PLY",
        ".spz": "SPZ",
        ".splat": ".splat",
    }.items():
        path = tmp_path / f"s{ending}"
        write_splats(path, gaussians(600, 0))
        assert splat_kind(path) == (title, True)
        path.rename(tmp_path / "s.bin")
        assert splat_kind(tmp_path / "s.bin") == (title, ending != ".splat")
    points = np.random.default_rng(0).random((9, 3), dtype=np.float32)
    values = {"opacity": points[:, 0], "scale": points[:, 1]}
    write_points(tmp_path / "points.ply", Points(points, values))
    write_mesh(tmp_path / "mesh.ply", Mesh(points, np.array([(0, 1, 2)], np.int32)))
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(1).bytes(64 * 32))
    (tmp_path / "zeros.bin").write_bytes(bytes(64 * 32))
    (tmp_path / "volume.nii.gz").write_bytes(packed(bytes(400)))
    (tmp_path / "text.ply").write_text("ply of words")
    for name in ("points.ply", "mesh.ply", "noise.bin", "zeros.bin", "volume.nii.gz", "text.ply"):
        assert splat_kind(tmp_path / name) is None, name


def test_something_else_that_is_packed_and_damaged_is_no_splat(tmp_path):
    """Such as a volume; its first bytes cannot be unpacked."""
    path = tmp_path / "scan.nii.gz"
    spoilt = bytearray(packed(bytes(range(256)) * 40))
    spoilt[10:30] = b"\xff" * 20
    path.write_bytes(spoilt)
    assert splat_kind(path) is None
    refused(path, "splats")
