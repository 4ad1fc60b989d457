"""The house's arrows: import-linter's contracts, and what it cannot see."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = "prune3d_gui.plugins"
ALLOWED = ("core", "pruning", "metrics", "files", "geometry", "resources")
SCREEN = {"PySide6", "pyqtgraph", "pyvistaqt", "qtpy", "shiboken6"}
DRAWING = {"pyvista", "vtk", "vtkmodules"}
LONGEST, FULLEST = 500, 20
"""Lines of a file and modules of a folder, at most."""
MANY = "plugins/*/data/designs"
"""What needs no rooms: one module for each kind of thing that is drawn there."""


def imports(path, package):
    """Absolute names of everything a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            base += [node.module] if node.module else []
            yield from (".".join([*base, alias.name]) for alias in node.names)


def plugin_files():
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        folders = path.relative_to(ROOT / "plugins").parts[:-1]
        yield pytest.param(path, ".".join([PLUGINS, *folders]), id="/".join(path.parts[-2:]))


@pytest.mark.parametrize(("path", "package"), list(plugin_files()))
def test_a_plugin_speaks_only_to_what_is_beneath_it(path, package):
    own = ".".join(package.split(".")[:3])
    for name in imports(path, package):
        top = name.split(".")[0]
        assert top not in SCREEN | DRAWING, f"{path} imports {name}"
        assert top != "plugins", f"{path} imports {name}; say {PLUGINS}"
        if top == "prune3d_gui" and not (name + ".").startswith(own + "."):
            room = name.split(".")[1]
            assert room in ALLOWED or room.startswith("__"), f"{path} imports {name}"


@pytest.mark.parametrize("room", ["files", "geometry"])
def test_vtk_is_imported_only_when_it_is_needed(room):
    for path in sorted((ROOT / "prune3d_gui" / room).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {n.split(".")[0] for n in names} & DRAWING, f"{path} imports {names}"


def modules():
    """Every module of the program and its plugins by name: its file."""
    for folder, name in (("prune3d_gui", "prune3d_gui"), ("plugins", PLUGINS)):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            yield ".".join([name, *(part for part in parts if part != "__init__")]), path


@pytest.fixture(scope="module")
def arrows():
    """What each module imports of the others, wherever in it."""
    known = dict(modules())
    found = {name: set() for name in known}
    for name, path in known.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for wanted in imports(path, package):
            while wanted and wanted not in known:
                wanted = wanted.rpartition(".")[0]
            found[name] |= {wanted} - {"", name}
    return found


def circles(arrows):
    """Ways that lead back to where they begin, one through each that closes a circle."""
    arrows, found = {name: set(others) for name, others in arrows.items()}, []
    while True:
        try:
            graphlib.TopologicalSorter(arrows).prepare()
        except graphlib.CycleError as error:
            way = error.args[1][::-1]
            arrows[way[0]].discard(way[1])
            found.append(" -> ".join(way))
        else:
            return found


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) in (["a -> b -> a"], ["b -> a -> b"])
    assert len(circles({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}})) == 2


def test_no_module_imports_itself_by_way_of_others(arrows):
    found = circles(arrows)
    assert not found, "\n".join(found)


def test_no_room_imports_itself_by_way_of_its_neighbours(arrows):
    """In every folder: what is beside each other, rooms as a whole, has no circle either."""
    found = []
    for folder in sorted({name.rpartition(".")[0] for name in arrows} - {""}):
        begin = f"{folder}."
        between = {}
        for name, others in arrows.items():
            for other in others:
                if name.startswith(begin) and other.startswith(begin):
                    one, two = (n.removeprefix(begin).split(".")[0] for n in (name, other))
                    between.setdefault(one, set()).update({two} - {one})
        found += [f"in {folder}: {way}" for way in circles(between)]
    assert not found, "\n".join(found)


def test_rooms_of_the_window_do_not_know_its_floor(arrows):
    begin = "prune3d_gui.gui."
    floor = {n for n in arrows if n.startswith(begin) and n.count(".") == 2}
    floor -= {name.rpartition(".")[0] for name in arrows}
    rooms = {n for n in arrows if n.startswith(begin)} - floor
    known = [f"{room} -> {n}" for room in sorted(rooms) for n in sorted(arrows[room] & floor)]
    assert not known, "\n".join(known)


def test_files_and_folders_are_small():
    long, full = [], []
    for top in ("prune3d_gui", "plugins", "tests", "scripts"):
        files = sorted((ROOT / top).rglob("*.py"))
        for path in files:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LONGEST:
                long.append(f"{path.relative_to(ROOT)} has {lines} lines")
        for folder in sorted({path.parent for path in files}):
            count = sum(path.parent == folder and path.name != "__init__.py" for path in files)
            if count > FULLEST and not folder.relative_to(ROOT).match(MANY):
                full.append(f"{folder.relative_to(ROOT)} has {count} modules")
    assert not long + full, "\n".join(long + full)


def test_relative_imports_are_resolved(tmp_path):
    source = tmp_path / "x.py"
    source.write_text("from ...studies import sweep\nfrom .near import a\nfrom . import b\n")
    assert list(imports(source, f"{PLUGINS}.one")) == [
        "prune3d_gui.studies.sweep",
        f"{PLUGINS}.one.near.a",
        f"{PLUGINS}.one.b",
    ]


def test_the_program_knows_no_system():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    systems = project["entry-points"]["prune3d.systems"]
    words = re.compile(
        rf"(?<![a-zA-Z0-9])({'|'.join(map(re.escape, systems))})(?![a-zA-Z0-9])", re.I
    )
    for path in sorted((ROOT / "prune3d_gui").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found = words.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{path} names the system {found[0]!r}"


def test_import_linter_keeps_its_contracts():
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
