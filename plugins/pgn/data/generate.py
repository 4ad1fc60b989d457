"""The procedural data set, written in the same layout as AtlasNet's ShapeNet files."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.files.paths import check_folder
from prune3d_gui.files.texts import read_json

from .designs import CATEGORIES, Category, Design
from .designs.meshes import assemble
from .frame import from_design
from .rendering import DISTANCE, FIELD, render, scan

VERSION = 2
"""1 had its objects face -z; since 2 they face +x as those of ShapeNet do."""
POINTS = 30_000
ELEVATIONS = (25.0, 30.0)
TRAIN_SHARE = 0.8
_CLOUDS = "ShapeNetV1PointCloud"
_VIEWS = "ShapeNetV1Renderings"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class _Task:
    root: Path
    seed: int
    synset: str
    design: str
    index: int
    views: int

    @property
    def name(self) -> str:
        return f"{self.design}-{self.index:04d}"

    @property
    def cloud(self) -> Path:
        return self.root / _CLOUDS / self.synset / f"{self.name}.points.ply.npy"

    @property
    def folder(self) -> Path:
        return self.root / _VIEWS / self.synset / self.name

    def complete(self) -> bool:
        # The cloud is renamed into place last, when all the views are already there.
        return self.cloud.is_file() and self.folder.is_dir()


def generate(
    root: Path,
    *,
    objects_per_design: int = 24,
    seed: int = 0,
    views: int = 24,
    workers: int = 2,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Write the whole set below `root`; objects already there are kept.

    Parameters
    ----------
    root : pathlib.Path
        Folder that gets taxonomy.json, recipe.json, splits.json, the point clouds and
        the renderings. splits.json appears last, when everything else is complete.
    objects_per_design : int
        How many objects each design gets.
    seed : int
        The one number everything random derives from.
    views : int
        Renderings of each object.
    workers : int
        Processes working side by side; they do not change a single byte.
    progress : callable, optional
        Called with (done, total, id) after each object.
    cancelled : callable, optional
        Asked between objects; a true answer stops the work.

    Raises
    ------
    BadInput
        If an argument or the folder cannot be used.
    Cancelled
        If `cancelled` said so. What is complete stays and is not made again.
    """
    root = Path(root)
    for name, value, low, high in (
        ("objects per design", objects_per_design, 1, 9999),
        ("seed", seed, 0, 2**32 - 1),
        ("number of views", views, 1, 100),
        ("number of workers", workers, 1, 256),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadInput(f"The {name} is {value!r}; give a whole number from {low} to {high}.")
    recipe: dict[str, Any] = {"version": VERSION, "seed": seed, "views": views, "points": POINTS}
    _prepare(root, recipe)
    tasks = [
        _Task(root, seed, category.synset, design.name, index, views)
        for index in range(objects_per_design)
        for category, design in _designs()
    ]
    missing = [task for task in tasks if not task.complete()]
    done = len(tasks) - len(missing)
    for task in _run(missing, workers, cancelled or (lambda: False)):
        done += 1
        if progress is not None:
            progress(done, len(tasks), f"{task.synset}/{task.name}")
    recipe["objects_per_design"] = objects_per_design
    recipe["designs"] = {
        category.synset: {design.name: objects_per_design for design in category.designs}
        for category in CATEGORIES
    }
    _write_json(root / "splits.json", {"recipe": recipe, **splits(objects_per_design, seed)})


def splits(objects_per_design: int, seed: int) -> dict[str, list[str]]:
    """Return which objects train, validate and are held out, as "synset/id" entries.

    Parameters
    ----------
    objects_per_design : int
        How many objects each design has.
    seed : int
        Seed of the set; the 80/20 split is shuffled by it within each category.
    """
    result: dict[str, list[str]] = {"train": [], "val": [], "heldout": []}
    for category in CATEGORIES:
        names: dict[bool, list[str]] = {False: [], True: []}
        for design in category.designs:
            names[design.held_out] += [
                f"{category.synset}/{design.name}-{index:04d}"
                for index in range(objects_per_design)
            ]
        rng = np.random.default_rng([seed, int(category.synset)])
        order = [names[False][k] for k in rng.permutation(len(names[False]))]
        cut = int(TRAIN_SHARE * len(order))
        result["train"] += sorted(order[:cut])
        result["val"] += sorted(order[cut:])
        result["heldout"] += names[True]
    return result


def _designs() -> Iterator[tuple[Category, Design]]:
    for category in CATEGORIES:
        for design in category.designs:
            yield category, design


def _prepare(root: Path, recipe: dict[str, int]) -> None:
    """Make the folder and the files that say what it holds; refuse another recipe's folder."""
    path = check_folder(root) / "recipe.json"
    try:
        if path.exists():
            held = read_json(path)
            if held != recipe:
                raise BadInput(
                    f"The folder {str(root)!r} already holds a set made by another recipe "
                    f"({held}); choose an empty folder or delete this one first."
                )
        for category in CATEGORIES:
            (root / _CLOUDS / category.synset).mkdir(parents=True, exist_ok=True)
            (root / _VIEWS / category.synset).mkdir(parents=True, exist_ok=True)
        _write_json(
            root / "taxonomy.json",
            [{"synsetId": category.synset, "name": category.name} for category in CATEGORIES],
        )
        _write_json(path, recipe)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The folder {str(root)!r} cannot be written ({error}); choose another folder."
        ) from error


def _write_json(path: Path, value: object) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def _run(tasks: list[_Task], workers: int, cancelled: Callable[[], bool]) -> Iterator[_Task]:
    """Make every object, in this process for one worker and in spawned ones for more."""
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            if cancelled():
                raise Cancelled("Stopped; the objects made so far are kept.")
            yield _make(task)
        return
    waiting = iter(tasks)
    context = multiprocessing.get_context("spawn")
    with _single_threaded(), ProcessPoolExecutor(workers, mp_context=context) as pool:
        pending = {pool.submit(_make, task) for task in islice(waiting, 2 * workers)}
        try:
            while pending:
                finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                if cancelled():
                    raise Cancelled("Stopped; the objects made so far are kept.")
                for future in finished:
                    following = next(waiting, None)
                    if following is not None:
                        pending.add(pool.submit(_make, following))
                    yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let the processes started meanwhile use one numeric thread each."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _make(task: _Task) -> _Task:
    """Write one object: first all its views, then its points."""
    design = next(
        design
        for category, design in _designs()
        if category.synset == task.synset and design.name == task.design
    )
    shape, camera, scanner = (
        np.random.default_rng(
            [task.seed, int(task.synset), zlib.crc32(task.design.encode()), task.index, purpose]
        )
        for purpose in range(3)
    )
    mesh = assemble(design.build(shape))
    beside = task.folder.with_name(f".{task.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    (beside / "rendering").mkdir(parents=True)
    lines = []
    for view in range(task.views):
        # The camera stands where the text says: angles are rounded before use.
        azimuth = round(float(camera.uniform(0.0, 360.0)), 4)
        elevation = round(float(camera.uniform(*ELEVATIONS)), 4)
        image = Image.fromarray(render(mesh, azimuth, elevation))
        image.save(beside / "rendering" / f"{view:02d}.png", compress_level=4)
        lines.append(f"{azimuth:.4f} {elevation:.4f} 0 {DISTANCE:.6f} {FIELD:g}\n")
    (beside / "rendering" / "rendering_metadata.txt").write_text("".join(lines), encoding="ascii")
    shutil.rmtree(task.folder, ignore_errors=True)
    beside.replace(task.folder)
    partial = task.cloud.with_name(f".{task.name}.part")
    with partial.open("wb") as stream:
        np.save(stream, from_design(scan(mesh, POINTS, scanner)))
    partial.replace(task.cloud)
    return task
