import json
import sys

import pytest

from prune3d_gui.cli.machine import doctor, libraries, probes

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux libraries")


def test_the_doctor_looks_at_this_machine(cli):
    code, out, _ = cli("doctor --json -")
    rows = {row["check"]: row for row in json.loads(out)}
    assert code == int(any(row["status"] == "FAIL" for row in rows.values()))
    assert rows["Python"]["status"] == "OK"
    assert "threads" in rows["CPU"]["detail"]
    assert rows["system toy"] == doctor.finding(
        "system toy", "OK", "Eighty-four blobs opens (blobs-1)"
    )
    assert rows["plugin sad"]["status"] == "warn"
    assert "its data file is gone" in rows["plugin sad"]["detail"]
    assert all(row["mend"] for row in rows.values() if row["status"] != "OK")


def test_the_report_puts_the_mending_beneath():
    rows = [doctor.finding("Qt", "OK", "6"), doctor.finding("libraries", "FAIL", "gone", "get it")]
    assert doctor.report(rows) == [
        "OK    Qt         6",
        "FAIL  libraries  gone",
        "                 -> get it",
    ]


@linux
def test_a_library_that_is_not_there_is_missing():
    assert libraries.unopenable(["libc.so.6", "libnosuchthing.so.7"]) == ["libnosuchthing.so.7"]
    assert "libnosuchthing.so.7" in libraries.missing((), ("libnosuchthing.so.7",))


@linux
def test_libraries_that_are_linked_are_looked_up(tmp_path):
    assert libraries.unlinked(tmp_path / "nothing.so") == []
    folder = libraries.qt_plugins()
    assert (folder / libraries.PLUGINS[0]).is_file()


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libGL.so.1", "libgl1"),
        ("libX11.so.6", "libx11-6"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libwayland-cursor.so.0", "libwayland-cursor0"),
        ("libfontconfig.so.1", "libfontconfig1"),
    ],
)
def test_debian_packages_are_named(soname, package):
    assert libraries.packages([soname]) == ([package], [])


def test_an_unknown_name_is_said_to_be_unknown():
    assert libraries.packages(["odd-name"]) == ([], ["odd-name"])
    assert "odd-name" in libraries.install_line(["odd-name"])


def test_qt_that_crashes_is_known():
    assert doctor.qt_crashes("6.12.0", (3, 11))
    assert not doctor.qt_crashes("6.12.0", (3, 12))
    assert not doctor.qt_crashes("6.11.3", (3, 11))


def test_a_crash_in_a_probe_is_an_answer():
    answer, error = probes.ask("import os; os.abort()")
    assert answer is None
    assert "crashed" in error
    answer, error = probes.ask("raise ImportError('libodd.so.1 is missing')")
    assert answer is None
    assert "libodd.so.1 is missing" in error
    assert probes.ask("import sys; answer({'got': sys.argv[1]})", "x") == ({"got": "x"}, "")


def test_a_folder_that_cannot_be_written_is_found(tmp_path):
    assert doctor.why_unwritable(tmp_path / "not" / "there") == ""
    blocked = tmp_path / "file"
    blocked.touch()
    assert doctor.why_unwritable(blocked)


def test_setup_installs_what_the_doctor_asks_for():
    from pathlib import Path

    script = Path(__file__).parents[3] / "scripts" / "setup.sh"
    if not script.is_file():
        pytest.skip("no checkout")
    listed = script.read_text().partition("packages=(")[2].partition(")")[0].split()
    assert sorted(listed) == sorted(libraries.PACKAGES)
