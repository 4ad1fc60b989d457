"""What a wheel holds: what a checkout shows must be there after ``pip install``, too."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NO_SOURCE = shutil.ignore_patterns(".git", ".venv", "*.egg-info", ".*_cache", "__pycache__")


def left_out(folder, names):
    """What is no part of the tree: made by commands in its root, or by tools anywhere."""
    made = {"runs", "data", "build", "dist", "tests"} if Path(folder) == ROOT else set()
    return NO_SOURCE(folder, names) | (made & set(names))


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, project):
    """Files in a wheel built from a copy of the tree, by name."""
    for package in project["tool"]["setuptools"]["packages"]:
        folder = package.removeprefix("prune3d_gui.").replace(".", "/")
        if folder.startswith("plugins/") and not (ROOT / folder).is_dir():
            pytest.skip(f"{folder} is not in this checkout")
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed")
    place = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, place / "tree", ignore=left_out, symlinks=True)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--no-index", "-q", "-w", str(place), str(place / "tree")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = place.glob("prune3d-*.whl")
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
        (points,) = (n for n in names if n.endswith(".dist-info/entry_points.txt"))
        return names, archive.read(points).decode()


def packed(folder, package):
    """Names in the wheel of all files under a folder of the checkout."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{package}/{path.relative_to(ROOT / folder).as_posix()}"


def test_every_module_is_in_the_wheel(wheel):
    names, _ = wheel
    wanted = [*packed("prune3d_gui", "prune3d_gui"), *packed("plugins", "prune3d_gui/plugins")]
    assert set(wanted) <= names, "a package is missing from [tool.setuptools] packages"


def test_resources_are_in_the_wheel(wheel):
    names, _ = wheel
    wanted = set(packed("resources", "prune3d_gui/resources"))
    assert wanted <= names
    assert any(name.startswith("prune3d_gui/resources/icons/") for name in wanted)


def test_tests_and_scripts_stay_out(wheel):
    names, _ = wheel
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"prune3d_gui"}


def test_licences_are_in_the_wheel(wheel):
    names, _ = wheel
    for name in ("LICENSE", "THIRD_PARTY.md"):
        assert any(n.endswith(f".dist-info/licenses/{name}") for n in names)


def test_entry_points_lead_to_modules_in_the_wheel(wheel, project):
    names, points = wheel
    assert "prune3d = prune3d_gui.cli.main:main" in points
    for target in project["project"]["entry-points"]["prune3d.systems"].values():
        assert target in points
        assert target.partition(":")[0].replace(".", "/") + ".py" in names


def test_constraints_pin_every_dependency(project):
    pins = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        found = re.match(r"([\w.-]+)==([\w.]+)", line)
        assert found or not line or line.startswith("#"), f"{line!r} is no exact pin"
        if found:
            pins[canonical(found[1])] = found[2]
    extras = project["project"]["optional-dependencies"].values()
    for wanted in (*project["project"]["dependencies"], *(d for extra in extras for d in extra)):
        assert canonical(re.match(r"[\w.-]+", wanted)[0]) in pins, f"{wanted} is not pinned"
    assert (6, 11, 1) < tuple(map(int, pins["pyside6-essentials"].split("."))) < (6, 12)


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()
