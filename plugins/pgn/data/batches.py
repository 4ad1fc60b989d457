"""Training batches: random views, crops and flips, and random points of each shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .dataset import Object, object_generator, read_points

CROP, RENDERED = 127, 137
"""AtlasNet crops 127 of a rendering's 137 pixels."""

SMALL_BYTES = 4 << 30
"""Of small pictures kept; those beyond are decoded each time."""

_STORED_POINTS = 4096
_CACHED_SIZE = 128
_LEVELS = np.float32(255)


@dataclass(frozen=True)
class Batch:
    """One training batch.

    Attributes
    ----------
    images : Tensor, (B, 3, S, S) float32, 0..1, channels last in memory
    points : Tensor, (B, n, 3) float32, unit ball
    """

    images: Tensor
    points: Tensor


@dataclass(frozen=True)
class Cut:
    """What is cut out of a picture: where, as shares of the room there is, and whether mirrored."""

    path: Path
    place: np.ndarray
    mirrored: bool


@dataclass(frozen=True, eq=False)
class Drawn:
    """What chance chose for a batch, with room for its pictures.

    Attributes
    ----------
    cuts : tuple of Cut
    images : (B, S, S, 3) float32
        Filled row by row.
    points : (B, n, 3) float32
    """

    cuts: tuple[Cut, ...]
    images: np.ndarray
    points: np.ndarray

    def batch(self) -> Batch:
        """The batch, once all rows are filled."""
        pictures = torch.from_numpy(self.images).permute(0, 3, 1, 2)
        return Batch(pictures, torch.from_numpy(self.points))


class Batches:
    """Draws batches; each depends on the seed and its step alone, so a run can be cut anywhere.

    Small pictures are decoded once and kept; those at full size are decoded each time. This is
    the plain way; `Ahead` gives the same batches sooner.

    Parameters
    ----------
    objects : sequence of Object
        Shapes to train on; those with no picture but view 00 are left out, since view 00 is
        kept for evaluation.
    size : int
        Shapes per batch.
    seed : int
        Seed of every draw.

    Raises
    ------
    BadInput
        When no object can be trained on, or a cloud cannot be read.
    """

    def __init__(self, objects: Sequence[Object], size: int, seed: int) -> None:
        if not objects:
            raise BadInput("There are no objects to train on; the training split is empty.")
        self._views = [[v for v in o.views if v.stem != "00"] for o in objects]
        kept = [k for k, views in enumerate(self._views) if views]
        if not kept:
            raise BadInput(
                "The training split has no object with pictures other than 00.png; "
                "view 00 is kept for evaluation, so render more views."
            )
        self._views = [self._views[k] for k in kept]
        self._points = [_stored_points(objects[k], seed) for k in kept]
        self._size, self._seed = size, seed
        self._small: dict[tuple[int, Path], np.ndarray] = {}

    @property
    def steps_per_epoch(self) -> int:
        """Batches in which every shape comes about once."""
        return max(len(self._points) // self._size, 1)

    def draw(self, step: int, image_size: int, points: int) -> Batch:
        """Draw the batch of a step.

        Parameters
        ----------
        step : int
            Number of the step from the start of training.
        image_size : int
            Side of the pictures, 224 for the network's own size.
        points : int
            Points per shape, drawn with replacement.

        Returns
        -------
        Batch
        """
        drawn = self.drawn(step, image_size, points)
        for row in range(len(drawn.cuts)):
            self.fill(drawn, row)
        return drawn.batch()

    def drawn(self, step: int, image_size: int, points: int) -> Drawn:
        """Draw all but the pictures; see `draw`."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self._seed, 1, epoch]).permutation(len(self._points))
        places = np.arange(place * self._size, (place + 1) * self._size)
        chosen = np.take(order, places, mode="wrap")
        random = np.random.default_rng([self._seed, 2, step])
        targets = np.empty((len(chosen), points, 3), np.float32)
        cuts = []
        for row, index in enumerate(chosen):
            path = self._views[index][random.integers(len(self._views[index]))]
            cuts.append(Cut(path, random.random(2), random.random() < 0.5))
            cloud = self._points[index]
            targets[row] = cloud[random.integers(len(cloud), size=points)]
        images = np.empty((len(chosen), image_size, image_size, 3), np.float32)
        return Drawn(tuple(cuts), images, targets)

    def fill(self, drawn: Drawn, row: int) -> None:
        """Cut out the picture of a row, 0..1; several threads may do so.

        Raises
        ------
        BadInput
            If it cannot be read.
        """
        cut = drawn.cuts[row]
        picture = self._picture(cut.path, drawn.images.shape[1], cut.place)
        picture = picture[:, ::-1] if cut.mirrored else picture
        np.divide(picture, _LEVELS, out=drawn.images[row])

    def _picture(self, path: Path, size: int, place: np.ndarray) -> np.ndarray:
        """Cut a random AtlasNet crop of a picture, resized: (size, size, 3) uint8."""
        if size > _CACHED_SIZE:
            image = read_rgba(path)
            side = round(image.width * CROP / RENDERED)
            left, top = (place * (image.width - side + 1)).astype(int)
            return resized_rgb(image.crop((left, top, left + side, top + side)), size)
        image = self._small.get((size, path))
        if image is None:
            image = resized_rgb(read_rgba(path), round(size * RENDERED / CROP))
            if len(self._small) * image.nbytes < SMALL_BYTES:
                self._small[size, path] = image
        left, top = (place * (len(image) - size + 1)).astype(int)
        return image[top : top + size, left : left + size]


def read_rgba(path: Path) -> Image.Image:
    """Read a square rendering with its transparency.

    Raises
    ------
    BadInput
        When the file is not a square picture.
    """
    try:
        with Image.open(path) as file:
            image = file.convert("RGBA")
    except (OSError, ValueError, SyntaxError) as error:
        raise BadInput(f"'{path}' is not a readable picture; render it again.") from error
    if image.width != image.height:
        raise BadInput(f"'{path}' is {image.width} x {image.height}, not square; render it again.")
    return image


def resized_rgb(image: Image.Image, size: int) -> np.ndarray:
    """Resize a transparent picture as AtlasNet does: (size, size, 3) uint8.

    Pillow weighs colours by alpha as it resizes, so the background comes out exactly black and
    the outline keeps its full colour; only then is alpha dropped.
    """
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))[:, :, :3]


def _stored_points(shape: Object, seed: int) -> np.ndarray:
    points = read_points(shape.points_path)
    if len(points) <= _STORED_POINTS:
        return points
    draw = object_generator(shape.key, seed, "training")
    return points[draw.choice(len(points), _STORED_POINTS, replace=False)]
