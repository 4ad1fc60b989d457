"""Rows behind every number and chart of the texts: one file of a command's rows each.

A file ``docs/rows/NAME.json`` holds the command, a digest of what it depends on, and the rows.
It is stale when the command, the bundled weights or samples it uses, or the code that computes
its numbers changed; comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "docs" / "rows"
SET = "data/pgn"

_SCORING = ("prune3d_gui/metrics/points.py", "prune3d_gui/pruning/*.py", "plugins/pgn/network.py",
            "plugins/pgn/template.py", "plugins/pgn/units.py")  # fmt: skip
PGN = (
    *_SCORING,
    *("plugins/pgn/channels.py", "plugins/pgn/widths.py", "plugins/pgn/controls.py"),
    *("resources/weights/pgn_sphere.safetensors", "resources/samples/pgn/samples.safetensors"),
)
PAPER = (*PGN, "plugins/pgn/paper*.py")
TRAINED = (
    *PGN,
    *("plugins/pgn/finetune.py", "plugins/pgn/batches.py", "plugins/pgn/training.py"),
    *("plugins/pgn/evaluation.py", "plugins/pgn/designs/*.py", "plugins/pgn/rendering.py"),
    "plugins/pgn/frame.py",
)
FIELDS = (
    "resources/weights/inr_amr_*.safetensors",
    *(f"plugins/inr_amr/{name}.py" for name in ("network", "neurons", "mesher", "rules")),
    *(f"plugins/inr_amr/{name}.py" for name in ("interpolant", "tree", "fields", "thorax")),
    "prune3d_gui/pruning/interpolative.py",
)


@dataclass(frozen=True)
class Recipe:
    """A command whose rows are kept.

    Parameters
    ----------
    words : str
        The command line after ``prune3d``.
    depends : tuple of str
        Files and patterns below the root whose content counts.
    needs : str
        A folder that must be there first, with the command that makes it.
    minutes : float
        About how long it takes on two cores.
    """

    words: str
    depends: tuple[str, ...]
    needs: str = ""
    minutes: float = 1.0


RECIPES = {
    "pgn-evaluate": Recipe(f"evaluate pgn --data {SET}", TRAINED, SET, 3),
    "pgn-table2": Recipe("reproduce pgn --table 2 --samples val:130", PAPER, minutes=4),
    "pgn-table3": Recipe("reproduce pgn --table 3 --samples val:16", PAPER, minutes=5),
    "pgn-table4": Recipe("reproduce pgn --table 4 --samples val:130", PAPER, minutes=6),
    "pgn-table5": Recipe("reproduce pgn --table 5 --samples val:130", PAPER, minutes=4),
    "pgn-random": Recipe(
        "sweep pgn --criterion random --seed 0,1,2 --rate 0:90:10 --samples val:16", PGN, minutes=1
    ),
    "pgn-layers": Recipe("sensitivity pgn --rate 0:90:10 --samples val:16", PGN, minutes=3),
    "pgn-masks": Recipe(
        "sweep pgn --scope all --rate 0:90:10 --samples val:32 --repeats 9", PGN, minutes=3
    ),
    "pgn-channels": Recipe(
        "sweep pgn --scope all --way channels --rate 0,1,2,3,5,10,20,30,40,50,60,70,80,90 "
        "--samples val:32 --repeats 9",
        PGN,
        minutes=3,
    ),
    "pgn-budget": Recipe("budget pgn", PGN, minutes=10),
    "pgn-finetune": Recipe(f"finetune pgn --data {SET} --most 60", TRAINED, SET, 40),
    "pgn-bench": Recipe("bench pgn", (), minutes=2),
    "studies-bench": Recipe("bench studies pgn", (), minutes=10),
    "inr_amr-bench": Recipe("bench inr_amr", FIELDS, minutes=10),
    "inr_amr-compare": Recipe("compare inr_amr", FIELDS, minutes=5),
}


def rows(name: str) -> list[dict]:
    """Rows of a recipe as they are kept; none where they were never made."""
    path = ROWS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []


def stale(name: str) -> str:
    """Say why the rows of a recipe must be made again; empty where they need not."""
    path = ROWS / f"{name}.json"
    if not path.is_file():
        return "never made"
    held = json.loads(path.read_text(encoding="utf-8"))
    if held["command"] != f"prune3d {RECIPES[name].words}":
        return "another command"
    now = digests(RECIPES[name].depends)
    changed = [key for key in now if held["depends"].get(key) != now[key]]
    changed += [key for key in held["depends"] if key not in now]
    return f"changed: {', '.join(changed)}" if changed else ""


def make(name: str) -> None:
    """Run a recipe and keep its rows."""
    recipe = RECIPES[name]
    if recipe.needs and not (ROOT / recipe.needs).is_dir():
        raise SystemExit(
            f"{name} needs the set in '{recipe.needs}'; make it with 'prune3d data pgn'."
        )
    program = [
        sys.executable,
        "-c",
        "from prune3d_gui.cli.main import main; raise SystemExit(main())",
    ]
    done = subprocess.run(
        [*program, *recipe.words.split(), "--json", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"'prune3d {recipe.words}' ended with {done.returncode}.")
    held = {
        "command": f"prune3d {recipe.words}",
        "depends": digests(recipe.depends),
        "rows": [_rounded(row) for row in json.loads(done.stdout)],
    }
    ROWS.mkdir(parents=True, exist_ok=True)
    (ROWS / f"{name}.json").write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def digests(patterns: Iterable[str]) -> dict[str, str]:
    """Short SHA-256 of every file: of what code does, and of other files' bytes."""
    found = {}
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            content = _code(path) if path.suffix == ".py" else path.read_bytes()
            found[path.relative_to(ROOT).as_posix()] = hashlib.sha256(content).hexdigest()[:16]
    return found


def _code(path: Path) -> bytes:
    """What a module does: its syntax tree without docstrings, places and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [
                part
                for part in body
                if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ]
    return ast.dump(tree).encode()


def _rounded(row: dict) -> dict:
    """A row with seven digits, which no text shows more of, and no path of this machine."""
    return {
        key: float(f"{value:.7g}") if isinstance(value, float) else value
        for key, value in row.items()
        if key not in ("network", "out")
    }
