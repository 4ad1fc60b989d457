"""What a file or a folder holds, as one hash."""

import hashlib

import pytest

from prune3d_gui.files.digests import digest_of


def test_a_file_is_known_by_its_bytes_whatever_its_name(tmp_path):
    data = bytes(range(256)) * 9000  # more than one piece
    for name in ("a.bin", "b.png"):
        (tmp_path / name).write_bytes(data)
    found = {digest_of(tmp_path / name) for name in ("a.bin", "b.png")}
    assert found == {hashlib.sha256(data).hexdigest()}


def test_a_folder_is_known_by_the_names_and_bytes_in_it(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "x.txt").write_bytes(b"x")
        (folder / "y.txt").write_bytes(b"y")
    assert digest_of(one) == digest_of(two)
    (two / "y.txt").write_bytes(b"z")
    assert digest_of(one) != digest_of(two)
    (two / "y.txt").write_bytes(b"y")
    (two / "y.txt").rename(two / "z.txt")
    assert digest_of(one) != digest_of(two)


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="gone"):
        digest_of(tmp_path / "gone")
