"""The house's arrows: import-linter's contracts, and what it cannot see."""

import ast
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
