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

from .tutorial import tutorial_plugin

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
def built(tmp_path_factory, project):
    """A wheel built from a copy of the tree."""
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
    (found,) = place.glob("prune3d-*.whl")
    return found


@pytest.fixture(scope="module")
def wheel(built):
    """Names of the files in the wheel, and its entry points."""
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
        (points,) = (n for n in names if n.endswith(".dist-info/entry_points.txt"))
        return names, archive.read(points).decode()


@pytest.fixture(scope="module")
def checked(built, tmp_path_factory):
    """Check the types of a plugin where the wheel is installed, and what it needs."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    (packages,) = (place / "env").glob("lib/python*/site-packages")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(packages)
    needed = [path for path in sys.path if Path(path).name == "site-packages"]
    (packages / "needed.pth").write_text("\n".join(needed))

    def check(code):
        (place / "plugin.py").write_text(code, encoding="utf-8")
        python = str(place / "env" / "bin" / "python")
        command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
        done = subprocess.run(
            [*command, "plugin.py"], cwd=place, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    return check


def packed(folder, package):
    """Names in the wheel of all files under a folder of the checkout."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{package}/{path.relative_to(ROOT / folder).as_posix()}"


def test_every_module_is_in_the_wheel(wheel):
    names, _ = wheel
    wanted = [*packed("prune3d_gui", "prune3d_gui"), *packed("plugins", "prune3d_gui/plugins")]
    assert set(wanted) <= names, "a package is missing from [tool.setuptools] packages"


def test_a_plugin_author_s_type_checker_knows_the_contract(checked):
    assert "Success" in checked(tutorial_plugin())


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("def samples(self)", "def samples(self, more: int)", 'Signature of "samples"'),
        (
            "plan: Plan, cancel: CancelToken = NEVER) -> Applied",
            "plan: Plan) -> Applied",
            'Signature of "apply"',
        ),
        ("plan: Plan, cancel", "plan: str, cancel", 'Argument 1 of "apply" is incompatible'),
        ('Knob("rate", "Rate", "rate"', 'Knob("rate", "Rate", "percent"', 'Argument 3 to "Knob"'),
        ("yield Stage(each, ", "yield Stage(side, ", 'Argument 1 to "Stage"'),
        ("    def open(", "    def opened(", 'abstract attribute "open"'),
    ],
)
def test_what_a_plugin_has_wrong_is_told_by_its_author_s_type_checker(checked, right, wrong, said):
    code = tutorial_plugin() + "\n\nPlugin()\n"
    assert code.count(right) == 1
    told = checked(code.replace(right, wrong))
    assert said in told, told


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
