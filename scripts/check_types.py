#!/usr/bin/env python3
"""Check types: mypy with the settings of pyproject.toml, over the rooms that are checked.

The folders ``plugins`` and ``resources`` are packages of ``prune3d_gui`` (package-dir in
pyproject.toml), which no option of mypy can say; so every module is given to it by name.
"""

import sys
from pathlib import Path

from mypy import build, main
from mypy.errors import CompileError
from mypy.modulefinder import BuildSource

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "geometry", "pruning", "metrics", "files", "studies")
"""Those of ``prune3d_gui``; what draws, reports or has a command line is not checked."""


def modules() -> list[BuildSource]:
    """Every module of the rooms, the plugins and the resources."""
    folders = {room: ROOT / "prune3d_gui" / room for room in ROOMS} | {
        name: ROOT / name for name in ("plugins", "resources")
    }
    found = [BuildSource("prune3d_gui/__init__.py", "prune3d_gui")]
    for room, folder in folders.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join(["prune3d_gui", room, *(p for p in parts if p != "__init__")])
            found.append(BuildSource(str(path.relative_to(ROOT)), name))
    return found


def check(arguments: list[str]) -> int:
    """Print what is wrong; the exit status says whether anything is."""
    _, options = main.process_options(arguments, require_targets=False)
    checked = modules()
    try:
        wrong = build.build(checked, options).errors
    except CompileError as error:
        wrong = error.messages
    print(*wrong or [f"The types of {len(checked)} modules fit."], sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(check(sys.argv[1:]))
