"""Rows behind every number and chart of the texts: one file of a command's rows each.

A file ``docs/rows/NAME.json`` holds the command, a digest of what it depends on, and the rows.
It is stale when the command, the bundled weights or samples it uses, or the code that computes
its numbers changed; comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "docs" / "rows"
SAME = 1e-4
"""Relative difference up to which a row that is made again says the same; cores differ."""
SET = "data/pgn"
TUNED = "runs/figures-finetune"
CAR, AUTHORS = "data/real/car", "data/real/high_oscillation_small_dict.ckpt"
"""Files of others that the repository does not hold; ``docs/numbers.md`` says whose they are."""

_SCORING = (
    *("prune3d_gui/metrics/points.py", "prune3d_gui/pruning/*.py"),
    *(f"plugins/pgn/network/{name}.py" for name in ("network", "template", "units", "widths")),
)
PGN = (
    *_SCORING,
    *("plugins/pgn/pruning/channels.py", "plugins/pgn/pruning/controls.py"),
    *("resources/weights/pgn_sphere.safetensors", "resources/samples/pgn/samples.safetensors"),
)
PAPER = (*PGN, "plugins/pgn/paper/*.py")
TRAINED = (
    *PGN,
    *(f"plugins/pgn/training/{name}.py" for name in ("finetune", "training", "evaluation")),
    *(f"plugins/pgn/data/{name}.py" for name in ("batches", "frame", "rendering")),
    "plugins/pgn/data/designs/*.py",
)
FIELDS = (
    "resources/weights/inr_amr_*.safetensors",
    *("plugins/inr_amr/network/network.py", "plugins/inr_amr/network/neurons.py"),
    *(f"plugins/inr_amr/mesh/{name}.py" for name in ("cells", "complexity", "facts", "judgements")),
    *(f"plugins/inr_amr/mesh/{name}.py" for name in ("mesher", "rules", "specs", "plain")),
    *(f"plugins/inr_amr/mesh/{name}.py" for name in ("interpolant", "tree")),
    *("plugins/inr_amr/data/fields.py", "plugins/inr_amr/data/thorax.py"),
    "prune3d_gui/pruning/interpolative.py",
)
SEGMENTER = (
    "resources/weights/psp_seg_laptop*.safetensors",
    *("plugins/psp_seg/network/*.py", "plugins/psp_seg/pruning/*.py"),
    *("plugins/psp_seg/data/phantom.py", "prune3d_gui/metrics/overlaps.py"),
)
WALKED = (
    *SEGMENTER,
    "resources/weights/psp_seg_dense.safetensors",
    *("plugins/psp_seg/judging/walking.py", "prune3d_gui/metrics/lesions.py"),
)
RETRAINED = (*SEGMENTER, "plugins/psp_seg/training/*.py", "plugins/psp_seg/data/cohort.py")
SPLATS = (
    "resources/samples/lp3dgs/still_life/*.*",
    *("plugins/lp3dgs/raster/*.py", "plugins/lp3dgs/scoring/*.py", "plugins/lp3dgs/scored.py"),
    "plugins/lp3dgs/similarity.py",
    "prune3d_gui/metrics/images.py",
)
MASKED = (*SPLATS, *(f"plugins/lp3dgs/training/{n}.py" for n in ("masking", "fitting", "learned")))
COUNTED = (
    *("plugins/vortx/counting.py", "plugins/vortx/network/*.py"),
    *(f"plugins/vortx/pruning/{n}.py" for n in ("controls", "footprint", "groups", "pruner")),
    *(f"plugins/vortx/pruning/{n}.py" for n in ("parts", "units", "work")),
)
ROOMS = (
    *("resources/weights/vortx_small.safetensors", "resources/samples/vortx/*/*.*"),
    *("plugins/vortx/network/*.py", "plugins/vortx/network/sparse/*.py"),
    *("plugins/vortx/volumes/*.py", "plugins/vortx/pruning/*.py"),
    *("prune3d_gui/metrics/surfaces.py", "prune3d_gui/geometry/fusion/*.py"),
)
JUDGED = (*ROOMS, "plugins/vortx/judging/*.py")
REGAINED = (*JUDGED, "plugins/vortx/training/*.py")
ROOM_SET, MEAN = "data/vortx", "data/vortx/mean_fusion.safetensors"
"""Rooms that 'prune3d data vortx' made, and a network that 'prune3d train vortx --attn-heads 0'
did; ``docs/vortx.md`` says how."""
RECOVERED = "runs/figures-rooms-recover"
"""Folders, but for the seed, where networks are that recovery gave: they are compared, too."""
TURNED = "0,5,10,15,25,40,50,75"
"""Percent at which each slider of rooms is scored."""
SPLAT_RATIO = 33
"""Percent that masks find of the bundled scene, rounded: where costs are measured."""
SEEDS = {0: "", 1: " --weights resources/weights/psp_seg_laptop_seed1.safetensors"}
"""Flags that take the segmenter of each training seed."""


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
        A folder or file that must be there first; without it, rows that are there stay.
    minutes : float
        About how long it takes on two cores.
    check : str
        A short command that gives some of the same rows. Where code alone has changed and it
        gives them again, all of them are taken to stand.
    goes_on : str
        A folder in which the command finds what an earlier run of it left.
    checked : str
        A column: of the check's rows only those that have it are compared; all if empty.
    parts : bool
        Whether rows of parts, such as single views, are kept.
    """

    words: str
    depends: tuple[str, ...]
    needs: str = ""
    minutes: float = 1.0
    check: str = ""
    goes_on: str = ""
    checked: str = ""
    parts: bool = True

    @property
    def lacks(self) -> bool:
        """Whether what it needs is not there."""
        return bool(self.needs) and not (ROOT / self.needs).exists()


_COMPARE = (
    f"compare vortx --preset paper --views 16 --scenes {ROOM_SET} "
    f"--others {','.join((MEAN, *(f'{RECOVERED}-{seed}/network.safetensors' for seed in SEEDS)))}"
)
_SWEEP = "sweep pgn --no-cache --scope"

RECIPES = {
    "pgn-evaluate": Recipe(f"evaluate pgn --data {SET}", TRAINED, SET, 3),
    "pgn-table2": Recipe(
        "reproduce pgn --table 2 --samples val:130",
        PAPER,
        minutes=4,
        check=f"{_SWEEP} encoder --rate 0,45,80 --samples val:130",
    ),
    "pgn-table3": Recipe(
        "reproduce pgn --table 3 --samples val:16",
        PAPER,
        minutes=5,
        check="reproduce pgn --table 3 --counts-only",  # "pgn-layers" is checked for the errors
    ),
    "pgn-table4": Recipe(
        "reproduce pgn --table 4 --samples val:130",
        PAPER,
        minutes=6,
        check=f"{_SWEEP} decoder --rate 15,60 --samples val:130",
    ),
    "pgn-table5": Recipe(
        "reproduce pgn --table 5 --samples val:130",
        PAPER,
        minutes=4,
        check=f"{_SWEEP} all --rate 20,70 --samples val:130",
    ),
    "pgn-random": Recipe(
        "sweep pgn --criterion random --seed 0,1,2 --rate 0:90:10 --samples val:16",
        PGN,
        minutes=1,
        check="sweep pgn --criterion random --seed 1 --rate 10 --samples val:16 --no-cache",
    ),
    "pgn-layers": Recipe(
        "sensitivity pgn --rate 0:90:10 --samples val:16",
        PGN,
        minutes=3,
        check="sensitivity pgn --rate 50 --samples val:16 --no-cache",
    ),
    "pgn-masks": Recipe(
        "sweep pgn --scope all --rate 0:90:10 --samples val:32 --repeats 9",
        PGN,
        minutes=3,
        check=f"{_SWEEP} all --rate 30,60 --samples val:32",
    ),
    "pgn-channels": Recipe(
        "sweep pgn --scope all --way channels --rate 0,1,2,3,5,10,20,30,40,50,60,70,80,90 "
        "--samples val:32 --repeats 9",
        PGN,
        minutes=3,
        check=f"{_SWEEP} all --way channels --rate 5,50 --samples val:32",
    ),
    "pgn-budget": Recipe(
        "budget pgn",
        PGN,
        minutes=10,
        check="sweep pgn --rate 0,46.6 --samples val:32 --no-cache",
    ),
    "pgn-finetune": Recipe(
        f"finetune pgn --data {SET} --most 60 --out {TUNED}",
        TRAINED,
        SET,
        40,
        check=f"finetune pgn --data {SET} --most 5 --out {TUNED}-check",  # see `stands`
        goes_on=TUNED,
    ),
    "pgn-car": Recipe(f"sweep pgn --samples {CAR} --rate 0,45,75", PGN, CAR),
    "pgn-bench": Recipe("bench pgn", (), minutes=2),
    "studies-bench": Recipe("bench studies pgn", (), minutes=8),
    "inr_amr-bench": Recipe("bench inr_amr", FIELDS, minutes=3),
    "psp_seg-bench": Recipe("bench psp_seg", (), minutes=5),
    **{
        f"psp_seg-orders-{seed}": Recipe(
            f"compare psp_seg{network}",
            WALKED,
            minutes=8,
            check=f"compare psp_seg{network} --orders l1 --branches 12",
        )
        for seed, network in SEEDS.items()
    },
    **{
        f"psp_seg-ranks-{seed}": Recipe(f"rank psp_seg --no-keep{network}", SEGMENTER)
        for seed, network in SEEDS.items()
    },
    **{
        f"psp_seg-recover-{seed}": Recipe(
            "recover psp_seg --criterion random --steps 100 "
            f"--seed {seed} --out runs/figures-recover-{seed}{network}",
            RETRAINED,
            minutes=4,
        )
        for seed, network in SEEDS.items()
    },
    "lp3dgs-scores": Recipe(
        "sweep lp3dgs --criterion largest,total,sensitivity,opacity,volume,random "
        "--rate 0,10,20,30,40,50,60,70,80,90,95",
        SPLATS,
        minutes=2,
        check="sweep lp3dgs --criterion largest --rate 60 --no-cache",
        parts=False,
    ),
    **{
        f"lp3dgs-mask-{seed}": Recipe(
            f"mask lp3dgs --seed {seed} --out runs/figures-mask-{seed}",
            MASKED,
            minutes=2,
            check=f"mask lp3dgs --seed {seed} --steps 20 --finetune 0 --out runs/mask-check",
            checked="step",
        )
        for seed in range(3)
    },
    "lp3dgs-readings": Recipe(
        "compare lp3dgs --out runs/figures-readings",
        (*MASKED, "plugins/lp3dgs/training/rivals.py"),
        minutes=3,
    ),
    "lp3dgs-own": Recipe(
        "sweep lp3dgs --criterion largest,total,sensitivity,opacity,volume,random --rate 60 "
        "--weights resources/samples/lp3dgs/still_life/still.spz",
        SPLATS,
        minutes=1,
        check="sweep lp3dgs --criterion largest --rate 60 --no-cache "
        "--weights resources/samples/lp3dgs/still_life/still.spz",
        parts=False,
    ),
    "lp3dgs-costs": Recipe(f"costs lp3dgs --ratio {SPLAT_RATIO}", (), minutes=2),
    "lp3dgs-bench": Recipe("bench lp3dgs", (), minutes=3),
    "vortx-count": Recipe("count vortx", COUNTED),
    "vortx-count-60": Recipe("count vortx --views 60", COUNTED),
    **{
        f"vortx-{name}": Recipe(
            f"sweep vortx --axis {name} --{name.replace('_', '-')} {TURNED}",
            ROOMS,
            minutes=2,
            check=f"sweep vortx --axis {name} --{name.replace('_', '-')} 25 --no-cache",
        )
        for name in ("rate2d", "rate_ff", "width_ff", "rate3d")
    },
    **{
        f"vortx-recover-{seed}": Recipe(
            f"finetune vortx --scenes {ROOM_SET} --steps 120 --whole 0 --seed {seed} "
            f"--out {RECOVERED}-{seed}",
            REGAINED,
            ROOM_SET,
            minutes=5,
        )
        for seed in SEEDS
    },
    "vortx-compare": Recipe(
        f"{_COMPARE} --out runs/figures-rooms",
        JUDGED,
        MEAN,
        minutes=11,
        check=f"{_COMPARE} --rooms 1 --out runs/figures-rooms-check",
        goes_on="runs/figures-rooms",
        checked="room",
    ),
    "vortx-bench": Recipe("bench vortx", (), minutes=4),
    "psp_seg-progressive": Recipe(
        "progressive psp_seg --out runs/figures-progressive", RETRAINED, minutes=25
    ),
    "inr_amr-table1": Recipe(
        f"reproduce inr_amr --table 1 --weights {AUTHORS}",
        (*FIELDS, "plugins/inr_amr/paper.py", "plugins/inr_amr/mesh/deviation.py"),
        AUTHORS,
    ),
    "inr_amr-compare": Recipe(
        "compare inr_amr",
        FIELDS,
        minutes=5,
        check="compare inr_amr --samples oscillation",
    ),
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
    """Run a recipe and keep its rows; what a run under other code left is not gone on with."""
    recipe = RECIPES[name]
    if recipe.lacks:
        raise SystemExit(f"{name} needs '{recipe.needs}'; docs/numbers.md says where it is from.")
    depends = digests(recipe.depends)
    if recipe.goes_on:
        folder = ROOT / recipe.goes_on
        mark = folder / "depends.json"
        if folder.is_dir() and not (mark.is_file() and json.loads(mark.read_text()) == depends):
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(json.dumps(depends), encoding="utf-8")
    found = _run(recipe.words)
    _keep(name, depends, [row for row in found if recipe.parts or "part" not in row])


def stands(name: str) -> bool:
    """Whether rows that are stale by their code alone come out again; then they are kept."""
    recipe, held = RECIPES[name], json.loads((ROWS / f"{name}.json").read_text(encoding="utf-8"))
    depends = digests(recipe.depends)
    old = held["depends"]
    changed = {key for key in old.keys() | depends if old.get(key) != depends.get(key)}
    if not recipe.check or recipe.lacks or any(not key.endswith(".py") for key in changed):
        return False
    print(f"{name}: prune3d {recipe.check}, to see whether its rows stand")
    if recipe.goes_on:
        shutil.rmtree(ROOT / f"{recipe.goes_on}-check", ignore_errors=True)
    found = [row for row in _run(recipe.check) if not recipe.checked or recipe.checked in row]
    found = [row for row in found if recipe.parts or "part" not in row]
    if not found or not all(any(_alike(row, kept) for kept in held["rows"]) for row in found):
        return False
    _keep(name, depends, held["rows"])
    return True


def _alike(row: dict, kept: dict) -> bool:
    """Whether two rows say the same in all they share, but for what a clock says."""
    shared = [k for k in row if k in kept and k != "seconds" and k.partition("_")[0] != "ms"]
    return all(
        math.isclose(row[k], kept[k], rel_tol=SAME) if _is_number(row[k], kept[k]) else
        row[k] == kept[k]
        for k in shared
    )  # fmt: skip


def _is_number(*values: object) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _run(words: str) -> list[dict]:
    """Rows of a command, with seven digits."""
    program = "from prune3d_gui.cli.main import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *words.split(), "--json", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"'prune3d {words}' ended with {done.returncode}.")
    return [_rounded(row) for row in json.loads(done.stdout)]


def _keep(name: str, depends: dict[str, str], found: list[dict]) -> None:
    held = {"command": f"prune3d {RECIPES[name].words}", "depends": depends, "rows": found}
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
        if key not in ("network", "file", "out")
    }
