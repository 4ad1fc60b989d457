"""A 3DGS PLY is read as others read it, and written again to the bit."""

import dataclasses
import sys
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.splats.formats import peek_splats, read_splats, write_splats
from prune3d_gui.files.splats.ply_tables import read_ply_header
from tests.core.test_moment import MOMENT
from tests.files.splats.made import gaussians, names, ply_bytes, rows

FORMATS = {"<": "binary_little_endian", ">": "binary_big_endian", "": "ascii"}
WORDS = {"f4": "float", "f8": "double", "u2": "ushort", "u1": "uchar"}


def write(path, table, order="<", comments=(), before=None):
    """A PLY of these rows, after those of a camera where there is one; trimesh reads it alike."""
    lines, data = ["ply", f"format {FORMATS[order]} 1.0"], b""
    lines += [f"comment {one}" for one in comments]
    for name, part in (("camera", before), ("vertex", table)):
        if part is None:
            continue
        kinds = [(field, part.dtype[field].str[1:]) for field in part.dtype.names]
        lines += [f"element {name} {len(part)}"]
        lines += [f"property {WORDS[kind]} {field}" for field, kind in kinds]
        stored = part.astype([(field, (order or "<") + kind) for field, kind in kinds])
        text = "".join(" ".join(map(repr, row.tolist())) + "\n" for row in part)
        data += stored.tobytes() if order else text.encode()
    path.write_bytes("\n".join([*lines, "end_header", ""]).encode() + data)
    for field, values in by_trimesh(path).items():
        np.testing.assert_array_equal(np.squeeze(values), table[field])


def by_trimesh(path):
    """The rows of a PLY as another reader has them: a mapping or a structured array."""
    raw = trimesh.load(path, file_type="ply", process=False).metadata["_ply_raw"]["vertex"]
    return {name: raw["data"][name] for name in raw["properties"]}


def check(found, table, degree):
    """Every number is where its name says."""
    each = (degree + 1) ** 2 - 1
    np.testing.assert_array_equal(found.means, np.stack([table[n] for n in "xyz"], 1))
    np.testing.assert_array_equal(found.logits, table["opacity"])
    for i in range(3):
        np.testing.assert_array_equal(found.log_scales[:, i], table[f"scale_{i}"])
        np.testing.assert_array_equal(found.harmonics[:, 0, i], table[f"f_dc_{i}"])
        for term in range(each):
            stored = table[f"f_rest_{i * each + term}"]
            np.testing.assert_array_equal(found.harmonics[:, 1 + term, i], stored)
    for i in range(4):
        np.testing.assert_array_equal(found.quaternions[:, i], table[f"rot_{i}"])


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("order", FORMATS)
def test_every_order_of_bytes_and_text_are_read(tmp_path, degree, order):
    table = rows(40, names(degree))
    write(tmp_path / "s.ply", table, order)
    found = read_splats(tmp_path / "s.ply")
    assert found.gaussians.degree == degree
    check(found.gaussians, table, degree)
    assert any("text" in n for n in found.notices) == (not order)
    assert any("big-endian" in n for n in found.notices) == (order == ">")


def test_properties_may_come_in_any_order_and_further_ones_stay(tmp_path):
    own = [*names(1), "label", "confidence"]
    table = rows(50, list(np.random.default_rng(3).permutation(own)))
    kinds = [(n, "<u2" if n == "label" else "<f4") for n in table.dtype.names]
    table = np.array(table.tolist(), [(n, "<f4") for n in table.dtype.names])
    mixed = np.empty(len(table), kinds)
    for name in table.dtype.names:
        mixed[name] = np.abs(table[name]) * 9 if name == "label" else table[name]
    write(tmp_path / "s.ply", mixed, comments=("made by hand",))
    found = read_splats(tmp_path / "s.ply")
    check(found.gaussians, mixed, 1)
    assert found.extras["label"].dtype == np.uint16
    kept = np.random.default_rng(4).random(50) < 0.4
    written = write_splats(tmp_path / "k.ply", found.kept(kept))
    assert written.errors.none
    data = (tmp_path / "k.ply").read_bytes()
    head, rest = data.split(b"end_header\n", 1)
    assert b"\ncomment made by hand\n" in head
    assert b"\nproperty ushort label\n" in head
    assert rest == mixed[kept].tobytes()
    again = by_trimesh(tmp_path / "k.ply")
    assert list(again) == list(mixed.dtype.names)
    np.testing.assert_array_equal(np.squeeze(again["label"]), mixed["label"][kept])


def test_a_kept_subset_has_the_bytes_of_its_rows(tmp_path):
    table = rows(20_000, seed=5)
    table["nx"] = 0
    table["opacity"][3] = np.float32(1e-42)  # denormal
    table["x"][4] = -0.0
    data = ply_bytes(table)
    (tmp_path / "s.ply").write_bytes(data)
    found = read_splats(tmp_path / "s.ply")
    write_splats(tmp_path / "all.ply", found)
    assert (tmp_path / "all.ply").read_bytes() == data
    kept = np.arange(20_000) % 3 == 1
    write_splats(tmp_path / "k.ply", found.kept(kept))
    head = ply_bytes(table[:0], int(kept.sum()))
    assert (tmp_path / "k.ply").read_bytes() == head + table[kept].tobytes()
    np.testing.assert_array_equal(found.kept(kept).rows, np.flatnonzero(kept))


def test_gaussians_of_no_file_are_written_as_3dgs_writes_them(tmp_path):
    made = gaussians(30)
    write_splats(tmp_path / "s.ply", made)
    again = {name: np.squeeze(values) for name, values in by_trimesh(tmp_path / "s.ply").items()}
    assert list(again) == names()
    assert len((tmp_path / "s.ply").read_bytes().split(b"end_header\n", 1)[1]) == 30 * 248
    assert not again["ny"].any()
    check(made, again, 3)


def test_harmonics_of_degree_4_stay_with_the_file(tmp_path):
    rest = [f"f_rest_{i}" for i in range(72)]
    own = [n for n in names(0) if not n.startswith("opacity")]
    table = rows(9, [*own, *rest, "opacity"])
    (tmp_path / "s.ply").write_bytes(ply_bytes(table))
    found = read_splats(tmp_path / "s.ply")
    assert found.gaussians.degree == 3
    np.testing.assert_array_equal(found.gaussians.harmonics[:, 1, 1], table["f_rest_24"])
    assert any("degree 4" in notice for notice in found.notices)
    write_splats(tmp_path / "k.ply", found)
    assert (tmp_path / "k.ply").read_bytes() == (tmp_path / "s.ply").read_bytes()


def test_double_precision_is_read_and_said(tmp_path):
    table = rows(9, names(0))
    wide = table.astype([(name, "<f8") for name in table.dtype.names])
    write(tmp_path / "s.ply", wide)
    found = read_splats(tmp_path / "s.ply")
    check(found.gaussians, table, 0)
    assert any("not float32" in notice for notice in found.notices)


def test_other_elements_are_passed_over_and_named(tmp_path):
    table = rows(5, names(0))
    camera = np.array([(1.5, 7)], [("focal", "<f4"), ("number", "u1")])
    for order in FORMATS:
        write(tmp_path / "s.ply", table, order, before=camera)
        found = read_splats(tmp_path / "s.ply")
        check(found.gaussians, table, 0)
        assert any("camera" in notice for notice in found.notices)


@pytest.mark.skipif(sys.platform == "win32", reason="a hole in a file takes disk there")
def test_memory_is_told_by_the_header_alone(tmp_path):
    path = tmp_path / "s.ply"
    head = ply_bytes(rows(0), 20_000_000)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + 248 * 20_000_000)  # a hole, which takes no disk
    header = peek_splats(path)
    assert (header.count, header.degree) == (20_000_000, 3)
    assert header.bytes_needed == 248 * 20_000_000
    small = tmp_path / "t.ply"
    small.write_bytes(ply_bytes(rows(100)))
    found = read_splats(small)
    arrays = [*found.extras.values()]
    arrays += [getattr(found.gaussians, one.name) for one in dataclasses.fields(found.gaussians)]
    assert peek_splats(small).bytes_needed == sum(array.nbytes for array in arrays)


@pytest.mark.parametrize("ending", [".ply", ".compressed.ply", ".splat", ".spz"])
def test_a_part_is_taken_at_random_and_said(tmp_path, ending):
    path = tmp_path / f"s{ending}"
    write_splats(path, gaussians(40_000, 1))
    whole = read_splats(path)
    part = read_splats(path, most=1000, seed=7)
    assert part.gaussians.count == 1000
    assert "taken at random (seed 7): 1,000 of 40,000" in part.notices[0]
    for one in dataclasses.fields(part.gaussians):
        values = getattr(whole.gaussians, one.name)[part.rows]
        np.testing.assert_array_equal(getattr(part.gaussians, one.name), values)
    np.testing.assert_array_equal(read_splats(path, most=1000, seed=7).rows, part.rows)
    assert (read_splats(path, most=1000, seed=8).rows != part.rows).any()
    assert np.bincount(part.rows // 10_000, minlength=4).min() > 150  # from everywhere
    assert read_splats(path, most=50_000).rows is None


@pytest.mark.parametrize("ending", [".ply", ".compressed.ply", ".splat", ".spz"])
def test_a_file_says_what_it_was_made_from(tmp_path, ending):
    path, newer = tmp_path / f"s{ending}", replace(MOMENT, sample="another")
    write_splats(path, gaussians(5, 0), MOMENT)
    assert read_moment(path) == MOMENT
    write_splats(path, read_splats(path), newer)  # takes the place of the old one
    assert read_moment(path) == newer


def test_headers_end_where_rows_begin(tmp_path):
    data = ply_bytes(rows(2))
    (tmp_path / "s.ply").write_bytes(data)
    with (tmp_path / "s.ply").open("rb") as stream:
        assert read_ply_header(stream).size == data.index(b"end_header\n") + 11
