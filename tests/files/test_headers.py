"""Text headers say the same to us as to the readers at home in the formats."""

import codecs
import gzip

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.volumes import read_volume
from tests.files.volume_files import write_mha

VALUES = np.random.default_rng(0).integers(-900, 900, (7, 6, 5)).astype("<i2")
BYTES = VALUES.tobytes("F")


def write_header(path, lines, data=BYTES, mark=b""):
    lines = ["NRRD0004", *lines, "", ""]
    path.write_bytes(mark + "\n".join(lines).encode() + data)


HEAD = ("type: short", "dimension: 3", "sizes: 7 6 5", "endian: little")


@pytest.mark.parametrize(
    ("lines", "data"),
    [
        (("encoding: raw",), BYTES),
        (("encoding: gzip",), gzip.compress(BYTES, mtime=0)),
        (("encoding: ascii",), "\n".join(map(str, VALUES.ravel("F"))).encode()),
        (("encoding: txt",), " ".join(map(str, VALUES.ravel("F"))).encode()),
        (("encoding: raw", "byte skip: 12"), b"HEADERJUNK12" + BYTES),
        (("encoding: raw", "byte skip: -1"), b"HEADERJUNK12" + BYTES),
        (("encoding: raw", "line skip: 2"), b"one\ntwo\n" + BYTES),
        (("encoding: raw", "spacings: 1 2 3", "thicknesses: 1 1 1"), BYTES),
        (("encoding: raw", "min: 0", "max: 9", "content: a: b", "key:=v: w"), BYTES),
    ],
)
def test_nrrd_is_read_as_by_pynrrd(tmp_path, lines, data):
    write_header(tmp_path / "v.nrrd", [*HEAD, *lines], data)
    expected, _ = nrrd.read(str(tmp_path / "v.nrrd"))
    np.testing.assert_array_equal(expected, VALUES)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, expected)


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_what_pynrrd_writes_is_read(tmp_path, kind, encoding):
    values = np.random.default_rng(1).integers(0, 99, (5, 4, 3)).astype(kind)
    nrrd.write(str(tmp_path / "v.nrrd"), values, {"encoding": encoding, "spacings": [1, 2, 3]})
    data = read_volume(tmp_path / "v.nrrd")
    np.testing.assert_array_equal(data.values, values)
    assert data.spacing == (1, 2, 3)


@pytest.mark.parametrize(
    "lines",
    [
        ("byteskip: 12", "datafile: v.raw"),
        ("BYTE SKIP: 12", "Data File: v.raw"),
        ("byte skip: -1", "DataFile: v.raw"),
        ("lineskip: 1", "data file: ./v.raw"),
    ],
)
def test_every_name_of_a_field_is_known(tmp_path, lines):
    (tmp_path / "v.raw").write_bytes(b"HEADERJUNK1\n" + BYTES)
    head = [line.title() if "short" in line else line.upper() for line in HEAD]
    head = [
        *head,
        "spacings: 1 1 1",
        "axismins: 1 2 3",
        "ENCODING: RAW",
        "centerings: node node node",
    ]
    write_header(tmp_path / "v.nhdr", [*head, *lines], b"")
    data = read_volume(tmp_path / "v.nhdr")
    np.testing.assert_array_equal(data.values, VALUES)
    assert data.origin == (1, 2, 3)


def test_bytes_that_no_header_counts_are_said(tmp_path):
    (tmp_path / "v.raw").write_bytes(BYTES + b"HEADERJUNK12")
    write_header(tmp_path / "v.nhdr", [*HEAD, "encoding: raw", "data file: v.raw"], b"")
    assert any("12 bytes more" in notice for notice in read_volume(tmp_path / "v.nhdr").notices)
    write_mha(tmp_path / "v.mha", VALUES, ["ElementDataFile = v.raw"], data=b"")
    text = (tmp_path / "v.mha").read_text().replace("ElementDataFile = LOCAL\n", "")
    (tmp_path / "v.mhd").write_text(text)
    assert any("12 bytes more" in notice for notice in read_volume(tmp_path / "v.mhd").notices)


def test_hexadecimal_values_are_read(tmp_path):
    text = "\n".join(BYTES.hex()[i : i + 61] for i in range(0, 2 * len(BYTES), 61))
    write_header(tmp_path / "v.nrrd", [*HEAD, "encoding: hex"], text.encode())
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, VALUES)


def test_packed_values_may_come_in_members(tmp_path):
    data = gzip.compress(BYTES[:99]) + gzip.compress(BYTES[99:])
    write_header(tmp_path / "v.nrrd", [*HEAD, "encoding: gz"], data)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, VALUES)


def test_bytes_to_skip_are_counted_after_unpacking(tmp_path):
    data = gzip.compress(b"junk" + BYTES)
    write_header(tmp_path / "v.nrrd", [*HEAD, "encoding: gzip", "byte skip: 4"], data)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, VALUES)


MINS, MAXS = "axis mins: 10 20 30", "axis maxs: 16 30 42"


@pytest.mark.parametrize(
    ("lines", "spacing", "origin"),
    [
        ([MAXS, "centers: node node node"], (1, 2, 3), (10, 20, 30)),
        (["axis maxs: 17 32 45", "centers: cell cell cell"], (1, 2, 3), (10.5, 21, 31.5)),
        (["spacings: 1 2 3", "centers: cell node ???"], (1, 2, 3), (10.5, 20, 30)),
        (["spacings: 1 2 3"], (1, 2, 3), (10, 20, 30)),
        ([MAXS], (1, 2, 3), (10, 20, 30)),
    ],
)
def test_cells_begin_half_a_step_before_their_centre(tmp_path, lines, spacing, origin):
    write_header(tmp_path / "v.nrrd", [*HEAD, "encoding: raw", MINS, *lines])
    data = read_volume(tmp_path / "v.nrrd")
    assert data.spacing == pytest.approx(spacing)
    assert data.origin == pytest.approx(origin)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("flip: 1", "the field 'flip', which NRRD does not know"),
        ("encoding: zrl", "the encoding 'zrl'"),
        ("endian: middle", "the endian 'middle'"),
        ("space: head", "the space 'head'"),
        ("type: quaternion", "the type 'quaternion'"),
        ("type: block", "blocks of bytes"),
        ("dimension: 4", "dimension 4 but 3 sizes"),
        ("number: 7", "counts 7 values but its sizes, 7 6 5, make 210"),
        ("kinds: domain domain 3-vector", "vectors or colours"),
        ("kinds: domain domain", "2 kinds for 3 axes"),
        ("byte skip: x", "the byte skip 'x'; write"),
        ("byte skip: -2", "byte skip -2"),
        ("space directions: (1,0) (0,1) 5", "write one vector in brackets"),
        ("space directions: (1,0,0) (0,1) (0,0,1)", "all alike"),
        ("spacings: 1 2 0", "the spacing 1, 2, 0|do not span"),
        ("spacings: 1 2 much", "the spacings '1 2 much'; write numbers"),
        ("data file: LIST", "several files"),
        ("data file: v%03d.raw 1 5 1", "several files"),
        ("no colon here", "the line 'no colon here'"),
        ("sizes: 7 6 4", "says sizes twice, '7 6 5' and '7 6 4'"),
        ("space units: \"mm\" \"cm\" \"mm\"", "in mm, cm, mm; write it in one unit"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_followed_is_named(tmp_path, line, sentence):
    name = line.partition(":")[0]
    head = [known for known in HEAD if known.partition(":")[0] != name or name == "sizes"]
    head += [] if name == "encoding" else ["encoding: raw"]
    write_header(tmp_path / "v.nrrd", [*head, line])
    with pytest.raises(BadInput, match=f"{sentence}"):
        read_volume(tmp_path / "v.nrrd")


def test_assumptions_on_numbers_are_said(tmp_path):
    head = [line for line in HEAD if "endian" not in line]
    write_header(tmp_path / "v.nrrd", [*head, "encoding: raw", "old min: 0", "oldmax: 2.5"])
    notices = read_volume(tmp_path / "v.nrrd").notices
    assert any("little endian was taken" in notice for notice in notices)
    assert any("stood for 0 to 2.5 before" in notice for notice in notices)


@pytest.mark.parametrize("true", ["True", "true", "TRUE", "T", "t", "1"])
@pytest.mark.parametrize("name", ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"])
def test_every_true_of_metaimage_swaps_bytes(tmp_path, true, name):
    extra = [f"{name} = {true}", "BinaryData = True"]
    write_mha(tmp_path / "v.mha", VALUES, extra, data=VALUES.astype(">i2").tobytes("F"))
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "v.mha"))).transpose(2, 1, 0)
    np.testing.assert_array_equal(expected, VALUES)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.mha").values, expected)


RAI = "AnatomicalOrientation = RAI"


@pytest.mark.parametrize(
    "extra",
    [
        ["ElementSpacing = 2 3 4", RAI],
        ["ElementSize = 2 3 4", RAI],
        ["ElementSpacing = 2 3 4", "ElementSize = 1 1 1", RAI],
        ["Comment = x", "Modality = MET_MOD_CT", "ElementMin = 3", "0008|0060 = CT", RAI],
        ["TransformMatrix = 0 1 0 0 0 1 1 0 0"],
        ["Rotation = 0 1 0 0 0 1 1 0 0"],
        ["Orientation = -1 0 0 0 1 0 0 0 -1", "AnatomicalOrientation = LAS"],
    ],
)
def test_metaimage_lies_where_itk_has_it(tmp_path, extra):
    write_mha(tmp_path / "v.mha", VALUES, extra)
    image = sitk.ReadImage(str(tmp_path / "v.mha"))
    data = read_volume(tmp_path / "v.mha")
    for index in ((0, 0, 0), (1, 2, 3), tuple(n - 1 for n in data.values.shape)):
        x, y, z = (data.affine @ [*index, 1])[:3]
        assert data.values[index] == image[image.TransformPhysicalPointToIndex([-x, -y, z])]


@pytest.mark.parametrize("position", ["Offset", "Position", "Origin", "ImagePosition", "OFFSET"])
def test_every_name_of_the_offset_is_known(tmp_path, position):
    write_mha(tmp_path / "v.mha", VALUES, [f"{position} = 1 2 3"], offset="")
    assert read_volume(tmp_path / "v.mha").origin == (1, 2, 3)


def test_intensities_of_metaimage_are_computed_and_said(tmp_path):
    extra = [f"ElementToIntensityFunction{n}" for n in ("Slope = 0.5", "Offset = -3")]
    write_mha(tmp_path / "v.mha", VALUES, extra)
    data = read_volume(tmp_path / "v.mha")
    np.testing.assert_array_equal(data.values, VALUES * 0.5 - 3)
    assert any("times 0.5 plus -3" in notice for notice in data.notices)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("BinaryData = perhaps", "BinaryData 'perhaps'; write True or False"),
        ("ElementByteOrderMSB = True", "twice, 'False' and 'True'"),
        ("HeaderSizePerSlice = 4", "a header before each slice"),
        ("HeaderSize = -3", "HeaderSize -3"),
        ("ElementStride = 2", "the field 'ElementStride', which MetaImage does not know"),
        ("ElementNumberOfChannels = 3", "vectors or colours"),
        ("ObjectType = Tube", "twice|the object 'Tube'"),
        ("TransformMatrix = 1 0 0 1", "4 numbers in its TransformMatrix for 3 axes; write 9"),
        ("ElementSpacing = 1 2", "2 numbers in its spacing"),
        ("ElementSpacing = 1 2 -3", "the spacing 1, 2, -3"),
        ("ElementToIntensityFunctionSlope = 0", "a slope that is not zero"),
        ("just words", "the line 'just words'"),
    ],
)
def test_a_field_of_metaimage_that_cannot_be_followed_is_named(tmp_path, line, sentence):
    write_mha(tmp_path / "v.mha", VALUES, ["BinaryDataByteOrderMSB = False", line])
    with pytest.raises(BadInput, match=sentence):
        read_volume(tmp_path / "v.mha")


def test_unknown_fields_of_metaimage_are_said(tmp_path):
    write_mha(tmp_path / "v.mha", VALUES, ["Scanner = old", "Window = 3"])
    assert any(
        "'Scanner', 'Window'" in notice for notice in read_volume(tmp_path / "v.mha").notices
    )


@pytest.mark.parametrize(
    "mark", [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "utf-8")]
)
def test_headers_with_a_byte_order_mark_are_read(tmp_path, mark):
    (tmp_path / "v.raw").write_bytes(BYTES)
    text = "\r\n".join(["NRRD0004", *HEAD, "encoding: raw", "data file: v.raw", ""])
    (tmp_path / "v.nhdr").write_bytes(mark[0] + text.encode(mark[1]))
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nhdr").values, VALUES)
    text = "ObjectType = Image\nNDims = 3\nDimSize = 7 6 5\nElementType = MET_SHORT\n"
    text += "ElementDataFile = v.raw\n"
    (tmp_path / "v.mhd").write_bytes(mark[0] + text.encode(mark[1]))
    np.testing.assert_array_equal(read_volume(tmp_path / "v.mhd").values, VALUES)


def test_a_mark_before_values_inside_is_passed_over(tmp_path):
    write_header(tmp_path / "v.nrrd", [*HEAD, "encoding: raw"], mark=codecs.BOM_UTF8)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, VALUES)
