import os
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from prune3d_gui.studies.ask.keys import cache_folder, key_of
from prune3d_gui.studies.ask.outcomes import Outcome
from prune3d_gui.studies.run.cache import FILE, ResultCache

GOOD = Outcome({"l2": 0.1 + 0.2, "peak": 1e-300}, {"l2": 0.01}, {"zeroed": 3}, times=(1.5, 2.25))
ODD = Outcome({"l2": float("nan"), "peak": float("inf")}, {}, {"bytes": 1 << 40}, "nothing")


@pytest.fixture
def opened():
    made = []

    def make(folder, **options):
        made.append(ResultCache(folder, **options))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def test_a_name_that_is_no_text_has_a_key_of_its_own():
    assert key_of("caf\udce9") != key_of("caf\\udce9")


def test_outcomes_come_back_as_they_were(opened, tmp_path):
    opened(tmp_path).put_many({key_of("a"): GOOD, key_of("b"): ODD})
    found = opened(tmp_path).get_many([key_of("a"), key_of("b"), key_of("c")])
    assert set(found) == {key_of("a"), key_of("b")}
    assert found[key_of("a")] == GOOD
    odd = found[key_of("b")]
    assert np.isnan(odd.values["l2"])
    assert odd.values["peak"] == np.inf
    assert (odd.size, odd.against) == (ODD.size, "nothing")


def test_many_keys_are_asked_for_at_once(opened, tmp_path):
    keys = [key_of(str(n)) for n in range(1234)]
    opened(tmp_path).put_many(dict.fromkeys(keys, GOOD))
    assert len(opened(tmp_path).get_many([*keys, key_of("other")])) == 1234


def test_keys_tell_where_one_part_ends(opened):
    assert key_of("ab", "c") != key_of("a", "bc")
    assert len(key_of()) == 32


def test_two_may_use_it_at_a_time(opened, tmp_path):
    one, two = opened(tmp_path), opened(tmp_path)
    one.put_many({key_of("a"): GOOD})
    two.put_many({key_of("b"): GOOD})
    assert one.get_many([key_of("b")]) == {key_of("b"): GOOD}
    assert not one.trouble() + two.trouble()


def test_nothing_is_pickled(opened, tmp_path):
    opened(tmp_path).put_many({key_of("a"): ODD})
    with sqlite3.connect(tmp_path / FILE) as file:
        ((text,),) = file.execute("SELECT outcome FROM outcomes").fetchall()
    file.close()
    assert text.startswith('{"values":{"l2":NaN,')


def test_a_damaged_entry_is_a_miss(opened, tmp_path):
    opened(tmp_path).put_many({key_of("a"): GOOD, key_of("b"): GOOD})
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE outcomes SET outcome = '{\"values\":[' WHERE key = ?", [key_of("a")])
    file.close()
    assert list(opened(tmp_path).get_many([key_of("a"), key_of("b")])) == [key_of("b")]


def stays_in_memory(cache, *words):
    cache.put_many({key_of("a"): GOOD})
    assert cache.get_many([key_of("a")]) == {key_of("a"): GOOD}
    said = cache.trouble()
    for word in (*words, "stay in memory"):
        assert word in said
    assert cache.trouble() == "", "once"


def test_a_damaged_file_is_told_and_left(opened, tmp_path):
    (tmp_path / FILE).write_bytes(b"no database at all" * 400)
    stays_in_memory(opened(tmp_path), str(tmp_path / FILE), "damaged", "delete it")
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


def test_a_folder_that_is_a_file_is_told(opened, tmp_path):
    (tmp_path / "file").write_text("")
    stays_in_memory(opened(tmp_path / "file"), "cannot be used", "PRUNE3D_CACHE")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(opened, tmp_path):
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o500)
    stays_in_memory(opened(folder), str(folder), "cannot be used")


FULL = """
import resource, signal, sys
from prune3d_gui.studies.ask.keys import key_of
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.ask.outcomes import Outcome
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
cache = ResultCache(sys.argv[1])
first = {key_of("first"): Outcome({"l2": 1.0}, {}, {})}
cache.put_many(first)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
many = {key_of(str(n)): Outcome({"l2": float(n)}, {}, {"zeroed": n}) for n in range(5000)}
cache.put_many(many)
assert len(cache.get_many(many)) == 5000
assert cache.get_many(first) == first or not cache.get_many(first)
print(cache.trouble())
cache.close()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are those of Linux")
def test_a_full_disk_loses_nothing_that_was_found(opened, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "stay in memory" in done.stdout
    assert "full" in done.stdout
    # What had been stored before is still there.
    assert opened(tmp_path).get_many([key_of("first")])[key_of("first")].values == {"l2": 1.0}


def test_memory_alone_writes_nothing(opened, tmp_path):
    cache = opened(tmp_path / "none", memory=True)
    cache.put_many({key_of("a"): GOOD})
    assert cache.get_many([key_of("a")]) == {key_of("a"): GOOD}
    assert cache.trouble() == ""
    assert not (tmp_path / "none").exists()


def test_the_folder_can_be_chosen(own_cache):
    assert cache_folder() == own_cache
    assert ResultCache().path == own_cache / FILE
