"""Measuring the rasteriser: ratios in one run, since machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row
from prune3d_gui.core.limits import limited
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians

from .raster.plain import plain
from .raster.rasterise import rasterise
from .raster.seen import Parts, Seen, activated, look
from .raster.tiled import tiled
from .scoring.scores import kept_at

FEW = 20_000
COUNTS = (FEW, 100_000, 300_000, 1_000_000)
"""Of Gaussians, whose pictures are timed."""
PREVIEWED = {FEW: "at most 80", 150_000: "at most 400"}
"""Milliseconds that a preview of so many may take."""
SIDE = 200
"""Of the pictures, in pixels."""
ROWS = 4
"""Of the picture, which the plain way makes; the rest would take it as long, row by row."""


def ball(count: int, seed: int = 0) -> Gaussians:
    """Gaussians that cover a sphere, however many they are, with harmonics of degree 3."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(count, 3))
    places *= (1 + 0.02 * rng.normal(size=(count, 1))) / np.linalg.norm(places, axis=1)[:, None]
    sizes = np.log(0.5 * np.sqrt(4 * np.pi / count)) + rng.normal(0, 0.4, (count, 3))
    turns, logits = rng.normal(size=(count, 4)), rng.normal(0, 2, count)
    parts = (places, sizes, turns, logits, rng.normal(0, 0.2, (count, 16, 3)))
    return Gaussians(*(part.astype(np.float32) for part in parts))


def facing(side: int = SIDE) -> Camera:
    """A camera that has the ball fill most of its picture."""
    view = np.eye(4)
    view[2, 3] = 2.6
    return Camera(side, side, 1.1 * side, 1.1 * side, side / 2, side / 2, view)


def measure(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure pictures, derivatives, previews and growth.

    Parameters
    ----------
    options : mapping
        ``rounds``: how often each is timed; the quickest counts.
    report : callable
    cancel : CancelToken

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit`` and ``note``; ``limit``, and whether it is ``met``,
        where there is one.

    Raises
    ------
    Cancelled
    """
    rounds, rows = int(options["rounds"]), []
    steps = (against_torch, threads, previews, growth)
    for number, step in enumerate(steps):
        for row in step(rounds, cancel):
            rows.append(row)
            report(Progress(number, len(steps), row["measure"], row))
    return rows


def against_torch(rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """The compiled way against the plain one and tiles in torch, each on one thread.

    More of them do torch no good: its steps are small.
    """
    view, parts = facing(), [torch.from_numpy(part) for part in activated(ball(FEW))]
    strip = replace(view, height=ROWS, cy=ROWS / 2)

    def forward(way: Callable[..., Any], camera: Camera) -> Callable[[], object]:
        def run() -> None:
            with torch.no_grad():
                way(*parts, camera)

        return run

    def backward(way: Callable[..., Any]) -> Callable[[], object]:
        def run() -> None:
            leaves = [part.clone().requires_grad_() for part in parts]
            colours: Tensor = way(*leaves, view)[0]
            colours.square().sum().backward()

        return run

    ways = (
        forward(rasterise, view), forward(tiled, view), forward(plain, strip),
        backward(rasterise), backward(tiled),
    )  # fmt: skip
    ours, in_tiles, band, both, both_in_tiles = quickest(ways, rounds, cancel, 1)
    slow = band * SIDE / ROWS
    said = f"{slow:.1f} s for all rows, from {ROWS}; {ours * 1e3:.1f} ms"
    yield _row("plain picture / picture", slow / ours, "x", "at least 40", said)
    said = f"{in_tiles * 1e3:.0f} ms, {ours * 1e3:.1f} ms"
    yield _row("tiles in torch / picture", in_tiles / ours, "x", "at least 3", said)
    said = f"{both_in_tiles * 1e3:.0f} ms, {both * 1e3:.1f} ms"
    yield _row(
        "tiles in torch / picture, with derivatives", both_in_tiles / both, "x", "at least 4", said
    )


def threads(rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """One thread against two."""
    view, parts = facing(), activated(ball(FEW))

    def run() -> None:
        look(parts, view).picture()

    one, two = np.inf, np.inf
    for _ in range(4 * rounds):
        one = min(one, *quickest((run,), 1, cancel, 1))
        two = min(two, *quickest((run,), 1, cancel, 2))
    said = f"{one * 1e3:.1f} ms, {two * 1e3:.1f} ms"
    yield _row("one thread / two", one / two, "x", "at least 1.6", said)


def previews(rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """A picture of what a rate keeps, where camera and ranking are known."""
    for count, limit in PREVIEWED.items():
        gaussians = ball(count)
        seen = look(activated(gaussians), facing())
        ranked = np.random.default_rng(0).permutation(count)

        def tick(seen: Seen = seen, ranked: np.ndarray = ranked) -> None:
            seen.picture(kept_at(ranked, 10))

        (taken,) = quickest((tick,), rounds, cancel)
        pairs = f"{len(seen.tiles.ids):,} pairs of a Gaussian and a tile"
        yield _row(f"preview of {count:,}", taken * 1e3, "ms", limit, pairs)


def growth(rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """What a Gaussian takes of a picture, from few to many."""
    least = 0.0
    for count in COUNTS:
        parts, view = activated(ball(count)), facing()

        def draw(parts: Parts = parts, view: Camera = view) -> None:
            look(parts, view).picture()

        (taken,) = quickest((draw,), rounds, cancel)
        each = taken / count * 1e6
        least = least or each
        limit = "" if count == COUNTS[0] else "at most 1.5"
        said = f"{taken * 1e3:.0f} ms, {each:.2f} µs each"
        name = f"time of each of {count:,} / of each of {COUNTS[0]:,}"
        yield _row(name, each / least, "x", limit, said)


def quickest(
    ways: tuple[Callable[[], object], ...], rounds: int, cancel: CancelToken, many: int = 0
) -> list[float]:
    """Least time of each in seconds, of `rounds` in which they take turns, on `many` threads."""
    found, before = [np.inf] * len(ways), torch.get_num_threads()
    torch.set_num_threads(many or before)
    try:
        for _ in range(rounds):
            for number, way in enumerate(ways):
                cancel.check()
                begun = time.perf_counter()
                way()
                found[number] = min(found[number], time.perf_counter() - begun)
    finally:
        torch.set_num_threads(before)
    return found


def _row(measure: str, value: float, unit: str, limit: str, note: str) -> Row:
    return limited({"measure": measure, "value": value, "unit": unit, "note": note}, limit)
