"""Scores that outlive the window: what was worked out over the training views, as an artifact.

An artifact of scores is found again by the Gaussians, the cameras, the background and the code
that made it, so what is opened a second time is not scored again. Few and small ones are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.artifacts import Artifact, Origin
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.files.artifacts import ArtifactStore

from ..raster.seen import Background
from ..shipped import SYSTEM

KIND = "splat_scores"
LARGEST_BYTES = 64 << 20
"""Scores that take more are worked out each time."""
ALL_BYTES = 256 << 20
"""Of all scores that are kept; the oldest go first."""
_FOLDERS = ("raster", "scoring")
"""Code that scores depend on."""

Arrays = Mapping[str, np.ndarray]


class KeptScores:
    """The scores of one scene by name, kept where there is room.

    A folder that cannot be read or written makes no difference but that scores are worked out
    again.

    Parameters
    ----------
    title, weights_hash : str
        Of the scene.
    cameras : sequence of Camera
        Whose pictures are looked at.
    background : (r, g, b)
        Of the pictures.
    """

    def __init__(
        self, title: str, weights_hash: str, cameras: Sequence[Camera], background: Background
    ) -> None:
        self._title, self._weights_hash = title, weights_hash
        self._views = len(cameras)
        self._seen_by = digest_of(cameras, background)

    def of(self, name: str, work: Callable[[], Arrays]) -> Arrays:
        """The arrays of a score: those kept, else what `work` gives, which are kept from then on.

        Parameters
        ----------
        name : str
            Of the score; part of what it is found by.
        work : callable
            Gives arrays by name, each of a value for every Gaussian.
        """
        by = (("code", code_digest()), ("scores", name), ("views", self._seen_by))
        found = self._read(by)
        if found is not None:
            return found
        made = work()
        if sum(values.nbytes for values in made.values()) <= LARGEST_BYTES:
            with suppress(BadInput):
                self._keep(name, by, made)
        return made

    def _read(self, by: tuple[tuple[str, str], ...]) -> Arrays | None:
        with suppress(BadInput, OSError):
            store = ArtifactStore()
            for artifact in store.made_from(self._weights_hash):
                if artifact.kind == KIND and artifact.made_from.by == by:
                    stored = store.open(artifact.hash, KIND, self._weights_hash, self._title)
                    return {name: values.numpy() for name, values in stored.tensors.items()}
        return None

    def _keep(self, name: str, by: tuple[tuple[str, str], ...], made: Arrays) -> None:
        store = ArtifactStore()
        title = f"Scores of {self._title}: {name}, over {self._views} views"
        tensors = {key: torch.from_numpy(np.ascontiguousarray(a)) for key, a in made.items()}
        store.keep(KIND, title, Origin(SYSTEM, self._title, self._weights_hash, by), tensors)
        own = [a for path, a in store.listed() if a is not None and path.parent == store.folder]
        for old in _too_old(one for one in own if one.kind == KIND):
            with suppress(BadInput):
                store.remove(old.hash)


def _too_old(newest_first: Iterable[Artifact]) -> list[Artifact]:
    """Those that there is no room for."""
    taken, gone = 0, []
    for one in newest_first:
        taken += one.bytes
        if taken > ALL_BYTES:
            gone.append(one)
    return gone


def digest_of(cameras: Sequence[Camera], background: Background) -> str:
    """A short SHA-256 of what looks at a scene."""
    digest = hashlib.sha256(repr(tuple(float(part) for part in background)).encode())
    for one in cameras:
        lens = (one.width, one.height, one.fx, one.fy, one.cx, one.cy)
        digest.update(repr(tuple(float(part) for part in lens)).encode())
        digest.update(np.ascontiguousarray(one.world_to_camera, np.float64).tobytes())
    return digest.hexdigest()[:16]


@cache
def code_digest() -> str:
    """A short SHA-256 of the code that scores depend on, so that other code scores anew."""
    digest, here = hashlib.sha256(), Path(__file__).parents[1]
    for file in sorted(file for name in _FOLDERS for file in (here / name).glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
