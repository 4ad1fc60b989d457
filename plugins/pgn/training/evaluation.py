"""The fixed evaluation: view 00, 2,500 reference points by seed 0, 2,562 predicted points.

Beside the network stand what no prediction can beat, a second draw of the shape itself, and
two answers that need no network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image

from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress, Report, Row, Said
from prune3d_gui.metrics.points import PointReference

from ..data.batches import CROP, RENDERED, read_rgba, resized_rgb
from ..data.dataset import (
    Layout,
    Object,
    object_generator,
    read_points,
    reference_points,
)
from ..data.shipped import OUTPUTS, choose
from ..network.network import IMAGE_SIZE, AtlasNet
from ..network.template import evaluation_template

REFERENCE_POINTS, REFERENCE_SEED = 2500, 0
NAMELESS: Mapping[str, str] = MappingProxyType({})
_BATCH = 13
_LOOKED_THROUGH = 60
_LOOK = 32


@dataclass(frozen=True)
class SampleScore:
    """Scores of one shape.

    Attributes
    ----------
    key, category : str
        The shape's ``synset/id`` and category.
    chamfer, fscore : float
        Mean squared Chamfer distance, unit ball, and F-score at 0.001, 0..1.
    """

    key: str
    category: str
    chamfer: float
    fscore: float


def evaluation_image(shape: Object, size: int = IMAGE_SIZE) -> np.ndarray:
    """Give a shape's first view, centre cropped, as (size, size, 3) uint8."""
    image = read_rgba(shape.views[0])
    side = round(image.width * CROP / RENDERED)
    start = round((image.width - side) / 2)
    return resized_rgb(image.crop((start, start, start + side, start + side)), size)


def chosen(layout: Layout, split: str, count: int) -> list[Object]:
    """Give so many shapes per category of a split, those that ship as samples."""
    drawn = choose(layout, **({"val": 0, "heldout": 0} | {split: count}))
    return [shape for _, shape in drawn]


def predict(net: AtlasNet, objects: Sequence[Object], size: int = IMAGE_SIZE) -> np.ndarray:
    """Give the evaluation outputs of a network.

    Parameters
    ----------
    net : AtlasNet
        In evaluation mode.
    objects : sequence of Object
        Shapes whose first view is the input.
    size : int
        Side of the pictures.

    Returns
    -------
    (len(objects), P, 3) float32
        P is 2,562 for one sphere.
    """
    device = next(net.parameters()).device
    vertices, _ = evaluation_template(net.template, net.primitives)
    parts = []
    with torch.inference_mode():
        features = net.template_features(torch.tensor(vertices, device=device))
        for start in range(0, len(objects), _BATCH):
            batch = objects[start : start + _BATCH]
            images = np.stack([evaluation_image(o, size) for o in batch])
            tensor = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float().div(255)
            parts.append(net.decode_from(features, net.encode(tensor)).cpu().numpy())
    return np.concatenate(parts)


def score_objects(
    net: AtlasNet,
    objects: Sequence[Object],
    size: int = IMAGE_SIZE,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[SampleScore]:
    """Score a network on shapes by the fixed evaluation.

    Parameters
    ----------
    net : AtlasNet
        In evaluation mode.
    objects : sequence of Object
        Shapes to score.
    size : int
        Side of the pictures; 224 but for following a training on small pictures.
    cancelled : callable
        Asked between batches.

    Returns
    -------
    list of SampleScore

    Raises
    ------
    Cancelled
        When `cancelled` says so.
    """
    scores = []
    for start in range(0, len(objects), _BATCH):
        if cancelled():
            raise Cancelled("The evaluation was stopped.")
        batch = objects[start : start + _BATCH]
        for shape, points in zip(batch, predict(net, batch, size), strict=True):
            reference = reference_points(shape, REFERENCE_POINTS, REFERENCE_SEED)
            result = PointReference(reference).compare(points)
            scores.append(SampleScore(shape.key, shape.category, result.chamfer, result.fscore))
    return scores


def summary(scores: Sequence[SampleScore]) -> dict[str, Any]:
    """Average scores over shapes and per category, Chamfer x 1000."""

    def mean(some: Sequence[SampleScore]) -> dict[str, Any]:
        return {
            "chamfer_x1000": round(1000 * float(np.mean([s.chamfer for s in some])), 4),
            "fscore": round(float(np.mean([s.fscore for s in some])), 4),
            "samples": len(some),
        }

    names = sorted({s.category for s in scores})
    return mean(scores) | {
        "categories": {n: mean([s for s in scores if s.category == n]) for n in names}
    }


def score_floor(objects: Sequence[Object]) -> list[SampleScore]:
    """Score a second, independent draw of each shape: what sampling alone costs."""
    return _score_clouds(objects, lambda shape: _drawn(shape, "floor"))


def score_category_baseline(layout: Layout, objects: Sequence[Object]) -> list[SampleScore]:
    """Score the pooled training clouds of each shape's category: given the category only.

    The answer for a shape is 2,562 points drawn from all the training clouds of its category
    at once, the same points whatever the picture.
    """
    pools: dict[str, np.ndarray] = {}
    for synset in sorted({o.synset for o in objects}):
        shapes = [o for o in layout.of_split("train") if o.synset == synset]
        if not shapes:
            raise BadInput(
                f"The training split has no '{layout.categories[synset]}', so the "
                "category baseline cannot be scored."
            )
        each = -(-OUTPUTS // len(shapes)) + 8
        pool = np.concatenate([_drawn(o, "pool", each) for o in shapes])
        order = object_generator(synset, REFERENCE_SEED, "category").permutation(len(pool))
        pools[synset] = pool[order[:OUTPUTS]]
    return _score_clouds(objects, lambda shape: pools[shape.synset])


def score_nearest_baseline(layout: Layout, objects: Sequence[Object]) -> list[SampleScore]:
    """Score the cloud of the training shape with the nearest picture: given the picture only.

    Pictures are compared at 32 x 32, colour and alpha, over every view but 00 of up to 60
    training shapes of each category; the shape's category is not used.
    """

    def place(shape: Object) -> float:
        return object_generator(shape.key, REFERENCE_SEED, "look").random()

    train = sorted(layout.of_split("train"), key=place)
    seen = Counter[str]()
    owners, looks = [], []
    for shape in train:
        seen[shape.synset] += 1
        if seen[shape.synset] > _LOOKED_THROUGH:
            continue
        views = [v for v in shape.views if v.stem != "00"]
        owners += [shape] * len(views)
        looks += [_look(v) for v in views]
    if not looks:
        raise BadInput(
            "The training split has no pictures to look through, so the "
            "nearest-picture baseline cannot be scored."
        )
    bank = np.stack(looks)
    norms = (bank**2).sum(1)

    def answer(shape: Object) -> np.ndarray:
        nearest = owners[int((norms - 2 * bank @ _look(shape.views[0])).argmin())]
        return _drawn(nearest, "nearest")

    return _score_clouds(objects, answer)


def full_evaluation(
    net: AtlasNet,
    layout: Layout,
    cancelled: Callable[[], bool] = lambda: False,
    count: int = 10,
    report: Report = lambda told: None,
    named: Mapping[str, str] = NAMELESS,
) -> list[Row]:
    """Run the whole named evaluation, the floor and the baselines beside the network.

    Parameters
    ----------
    net : AtlasNet
        In evaluation mode.
    layout : Layout
        The set; its ``val`` and, apart from it, its ``heldout`` shapes are scored.
    cancelled : callable
        Asked between batches.
    count : int
        Shapes per category of each split.
    report : callable
        Told of each row, and why one cannot be had: the others do not depend on it.
    named : mapping of column to str
        Which network it is, for every row.

    Returns
    -------
    list of dict
        Flat rows: split, what is scored and what it was given, category (``all`` first),
        samples, chamfer_x1000 and fscore.

    Raises
    ------
    BadInput
        When the set has no shapes to score, or the network cannot be scored on any.
    Cancelled
        When `cancelled` says so.
    """
    ways = {
        "network": ("the picture", lambda o: score_objects(net, o, cancelled=cancelled)),
        "floor": ("the shape itself, drawn again", score_floor),
        "category cloud": ("the category", lambda o: score_category_baseline(layout, o)),
        "nearest picture": ("the picture", lambda o: score_nearest_baseline(layout, o)),
    }
    splits = {split: chosen(layout, split, count) for split in ("val", "heldout")}
    splits = {split: objects for split, objects in splits.items() if objects}
    if not splits:
        layout.of_split("val")
    todo = [(split, *way) for split in splits for way in ways.items()]
    rows: list[Row] = []
    failed: list[BadInput] = []
    for number, (split, name, (given, score)) in enumerate(todo):
        if cancelled():
            raise Cancelled("The evaluation was stopped.")
        report(Progress(number, len(todo), f"{split}: {name}"))
        try:
            result = summary(score(splits[split]))
        except BadInput as error:
            failed += [error] if name == "network" else []
            report(Said(f"There is no row '{name}' of the {split} split. {error}"))
            continue
        parts = {"all": result} | result.pop("categories")
        head = {"split": split, "scored": name, "given": given}
        found = [head | {"category": c} | values | named for c, values in parts.items()]
        for row in found:
            report(Progress(number + 1, len(todo), f"{split}: {name}", row))
        rows += found
    if len(failed) == len(splits):
        raise failed[0]
    return rows


def _drawn(shape: Object, purpose: str, count: int = OUTPUTS) -> np.ndarray:
    points = read_points(shape.points_path)
    draw = object_generator(shape.key, REFERENCE_SEED, purpose)
    return points[draw.integers(len(points), size=count)]


def _look(path: Path) -> np.ndarray:
    """Shrink a picture, colours weighed by alpha, to a vector."""
    small = np.asarray(read_rgba(path).resize((_LOOK, _LOOK), Image.Resampling.BILINEAR))
    values = small.astype(np.float32) / 255
    values[:, :, :3] *= values[:, :, 3:]
    return values.ravel()


def _score_clouds(
    objects: Sequence[Object], answer: Callable[[Object], np.ndarray]
) -> list[SampleScore]:
    scores = []
    for shape in objects:
        reference = reference_points(shape, REFERENCE_POINTS, REFERENCE_SEED)
        result = PointReference(reference).compare(answer(shape))
        scores.append(SampleScore(shape.key, shape.category, result.chamfer, result.fscore))
    return scores
