"""VTK's readers run beside this process, which nothing they do can end."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.rasters.apart import APART, Apart
from prune3d_gui.files.volumes import read_volume
from tests.files.volume_files import image_of, volume

LIMIT = 1 << 20


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "v.vti"
    image_of(volume()).save(path)
    return path


@pytest.fixture
def apart():
    made = []

    def make(**options):
        made.append(Apart(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def alive(process):
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def slc(path, size):
    """Write a file of VTK's that promises size^3 values and holds none."""
    path.write_bytes(b"11111\n%d %d %d 8\n" % (size, size, size) + bytes(50))
    return path


def test_one_process_is_kept_until_it_dies(image, tmp_path, apart):
    beside = apart()
    first = beside.read(image, ".vti", LIMIT)
    np.testing.assert_array_equal(first.values[..., 0], volume())
    process = beside._process.pid
    assert process != os.getpid()
    beside.read(image, ".vti", LIMIT)
    assert beside._process.pid == process
    with pytest.raises(ValueError, match="broke down over it, or asked for more memory"):
        beside.read(slc(tmp_path / "v.slc", 2_147_483_647), ".slc", LIMIT)
    assert not alive(process)
    beside.read(image, ".vti", LIMIT)
    assert beside._process.pid != process


def test_closing_ends_the_process_and_another_starts(image, apart):
    beside = apart()
    beside.close()
    beside.read(image, ".vti", LIMIT)
    process = beside._process.pid
    beside.close()
    assert not alive(process)
    assert beside.read(image, ".vti", LIMIT).shape == (7, 6, 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_reader_that_stalls_is_ended(image, tmp_path, apart):
    beside = apart(seconds=1.5)
    beside.read(image, ".vti", LIMIT)
    os.mkfifo(tmp_path / "v.mnc")  # opening it waits for a writer that never comes
    start = time.monotonic()
    with pytest.raises(ValueError, match="took more than 2 seconds"):
        beside.read(tmp_path / "v.mnc", ".mnc", LIMIT)
    assert time.monotonic() - start < 10
    assert beside.read(image, ".vti", LIMIT).shape == (7, 6, 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_an_answer_that_nobody_waited_for_is_not_the_next_one(image, tmp_path, apart):
    beside = apart()
    beside.read(image, ".vti", LIMIT)
    os.mkfifo(tmp_path / "v.mnc")
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind an `&`
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            beside.read(tmp_path / "v.mnc", ".mnc", LIMIT)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, kept)
    np.testing.assert_array_equal(beside.read(image, ".vti", LIMIT).values[..., 0], volume())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is bounded on Linux")
def test_memory_is_bounded(tmp_path, apart):
    with pytest.raises(ValueError, match="more memory than it may have"):
        apart().read(slc(tmp_path / "v.slc", 3000), ".slc", LIMIT)  # 27 GB


def test_any_thread_may_read(image):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(read_volume(image).values)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for values in found:
        np.testing.assert_array_equal(values, volume())


def _read_in_worker(path, queue):
    queue.put(read_volume(path).values.sum())


def test_a_daemonic_worker_may_read(image):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    worker = context.Process(target=_read_in_worker, args=(image, queue), daemon=True)
    worker.start()
    assert queue.get(timeout=60) == volume().sum()
    worker.join(30)
    assert worker.exitcode == 0
    queue.close()
    queue.join_thread()


PARENT = """
import os, signal, sys
from prune3d_gui.files.rasters.apart import APART
from prune3d_gui.files.volumes import read_volume
read_volume(sys.argv[1])
print(APART._process.pid, flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("end", ["killed", "finished"])
def test_the_process_does_not_outlive_this_one(image, end):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PARENT, image, end],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    beside = int(done.stdout)
    deadline = time.monotonic() + 20
    while alive(beside) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(beside)


def test_reading_loads_no_vtk_here(image):
    code = "import sys; from prune3d_gui.files.volumes import read_volume as r; r(sys.argv[1]); "
    code += "print([m for m in sys.modules if m.startswith(('vtk', 'pyvista'))])"
    done = subprocess.run([sys.executable, "-c", code, image], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_what_the_reader_says_names_the_file_as_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    empty = image_of(volume())
    empty.clear_data()
    empty.save("v.vti")
    with pytest.raises(BadInput, match=r"^'v\.vti' holds no values"):
        read_volume("v.vti")
    assert APART._process is not None
