"""Places that are read from and written to: what is refused, and where a link leads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.paths import (
    NAME_BYTES,
    beside,
    check_file,
    check_folder,
    check_target,
    sweep,
    temporary_for,
)

posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and rights of POSIX")


def put(path, text="new"):
    with writing(path) as temporary:
        temporary.write_text(text)


def unwritable_folder(tmp_path):
    """A folder that even root cannot write to, where there is one."""
    if os.geteuid():
        (tmp_path / "shut").mkdir(mode=0o500)
        return tmp_path / "shut"
    if sys.platform != "linux" or not Path("/sys/kernel").is_dir():
        pytest.skip("root may write everywhere here")
    return Path("/sys/kernel")


@pytest.mark.parametrize("check", [check_target, put])
def test_what_cannot_become_a_file_is_refused_for_its_own_reason(tmp_path, check):
    (tmp_path / "file").write_text("")
    for path, words in (
        (tmp_path, "is a folder; give the name of a file"),
        (tmp_path / "none" / "a.npz", "its folder does not exist"),
        (tmp_path / "file" / "a.npz", "file' is a file, not a folder"),
        (tmp_path / ("é" * 200), "has 400 bytes and may have 255"),
    ):
        with pytest.raises(BadInput, match=words) as caught:
            check(path)
        assert str(path) in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


@posix
@pytest.mark.parametrize("check", [check_target, put])
def test_a_folder_that_cannot_be_written_to_is_known_before_the_work(tmp_path, check):
    folder = unwritable_folder(tmp_path)
    with pytest.raises(BadInput, match=r"could not be written \(.+\); choose another place"):
        check(folder / "a.npz")
    with pytest.raises(BadInput, match="cannot be written"):
        check_folder(folder / "more")


@pytest.mark.parametrize("name", ["a" * 240 + ".npz", "b" * 255, "c." + "d" * 253, "ж" * 125])
def test_the_longest_names_can_be_written(tmp_path, name):
    assert len(os.fsencode(temporary_for(tmp_path / name).name)) <= NAME_BYTES
    put(tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_temporary_file_has_the_ending_of_its_kind(tmp_path):
    with writing(tmp_path / "a.vtkhdf") as temporary:
        assert temporary.suffix == ".vtkhdf"
        temporary.write_bytes(b"x")


def test_what_goes_beside_a_file_always_fits_and_is_found_again(tmp_path):
    assert beside(tmp_path / "f.pth", ".training.pt").name == "f.pth.training.pt"
    long = [tmp_path / ("ж" * 120 + end) for end in ("a.safetensors", "b.safetensors")]
    one, other = (beside(path, ".training.pt") for path in long)
    assert one == beside(long[0], ".training.pt")
    assert one != other
    assert one.name.endswith(".training.pt")
    for path in (one, other):
        put(path)


@posix
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(Path("there") / "real.txt")
    put(link)
    assert link.is_symlink()
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("new", 0o640)
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["real.txt"]
    chain, empty = tmp_path / "chain", tmp_path / "empty"
    chain.symlink_to(link)
    put(chain, "newer")
    assert target.read_text() == "newer"
    empty.symlink_to(tmp_path / "there" / "made.txt")
    put(empty)
    assert (tmp_path / "there" / "made.txt").read_text() == "new"
    assert empty.is_symlink()


@posix
@pytest.mark.parametrize("check", [check_target, put])
def test_links_that_lead_to_no_file_are_refused(tmp_path, check):
    for name, leads, words in (
        ("a", tmp_path, "is a folder"),
        (
            "b",
            tmp_path / "none" / "x",
            "a link to '.*x', could not be written: its folder does not",
        ),
        ("c", tmp_path / "c", "leads in a circle|symbolic links"),
        ("d", "/dev/null", "not an ordinary file"),
    ):
        (tmp_path / name).symlink_to(leads)
        with pytest.raises(BadInput, match=words):
            check(tmp_path / name)
        assert (tmp_path / name).is_symlink()


def test_what_is_no_file_to_read_is_refused_for_its_own_reason(tmp_path):
    with pytest.raises(BadInput, match="is a folder; choose a file in it"):
        check_file(tmp_path, "a plan")
    with pytest.raises(BadInput, match=r"no file '.*none'; give a plan"):
        check_file(tmp_path / "none", "a plan")
    with pytest.raises(BadInput, match="cannot be a file"):
        check_file(tmp_path / ("x" * 300), "a plan")
    (tmp_path / "file").write_text("")
    assert check_file(str(tmp_path / "file"), "a plan") == tmp_path / "file"


@posix
def test_pipes_and_broken_links_are_no_files_to_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "none")
    with pytest.raises(BadInput, match="not an ordinary file"):
        check_file(tmp_path / "pipe", "a plan")
    with pytest.raises(BadInput, match="leads to no file"):
        check_file(tmp_path / "link", "a plan")


def test_a_folder_to_fill_is_made_with_those_around_it(tmp_path):
    folder = tmp_path / "a" / "b"
    assert check_folder(folder) == folder
    assert folder.is_dir()
    assert not list(folder.iterdir())
    (tmp_path / "file").write_text("kept")
    with pytest.raises(BadInput, match="is a file; choose another folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(BadInput, match="cannot be written"):
        check_folder(tmp_path / "file" / "in")
    assert (tmp_path / "file").read_text() == "kept"


@posix
def test_a_name_that_is_no_text_can_be_written(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        put(path)
    except BadInput:
        pytest.skip("this disk takes only names that are text")
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.txt"]


def test_what_a_killed_process_left_half_written_is_swept(tmp_path):
    code = (
        "import os, signal, sys; from prune3d_gui.files.atomic import writing\n"
        "with writing(sys.argv[1]) as path: os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.ply")], check=False)
    assert done.returncode < 0
    (left,) = tmp_path.iterdir()
    own = temporary_for(tmp_path / "mine.ply")
    for path in (own, tmp_path / ".prune3d-notes.txt", tmp_path / "out.ply"):
        path.write_text("kept")
    assert sweep(tmp_path) == 0, "written a moment ago"
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    assert sweep(tmp_path) == 1
    assert not left.exists()
    assert len(list(tmp_path.iterdir())) == 3
    assert sweep(tmp_path / "nowhere") == 0
