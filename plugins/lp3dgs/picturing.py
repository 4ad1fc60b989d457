"""Pictures of a scene: what each camera sees is worked out once, and blended as often as asked."""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.gaussians import Gaussians

from .raster.seen import Seen, activated, look
from .scenes import LONGEST, Background, SplatScene, resized
from .splatting import Splats

SEEN_BYTES = 384 << 20
"""Of what cameras see."""
WANTED_BYTES = 256 << 20
"""Of what pictures are compared with."""


class Picturing:
    """Makes pictures of one set of Gaussians with the cameras of a scene.

    Parameters
    ----------
    scene : SplatScene
    gaussians : Gaussians
        Those of the scene, or others of the same number.
    """

    def __init__(self, scene: SplatScene, gaussians: Gaussians) -> None:
        self.scene, self.gaussians = scene, gaussians
        self._parts = activated(gaussians)
        self.splats = Splats(self._parts)
        self._seen: Newest[Seen] = Newest(SEEN_BYTES, lambda seen: seen.nbytes)

    @property
    def nbytes(self) -> int:
        """Memory it takes: what it is made of, and what cameras see of it."""
        own = sum(part.nbytes for part in self._parts)
        return own + self.splats.nbytes + sum(seen.nbytes for seen in self._seen.values())

    def seen(self, number: int, longest: int = LONGEST, cancel: CancelToken = NEVER) -> Seen:
        """What a camera sees of all of them."""
        camera = self.scene.camera(number, longest)
        return self._seen.keep((number, longest), lambda: look(self._parts, camera, cancel))

    def picture(
        self,
        number: int,
        kept: np.ndarray | None,
        background: Background,
        longest: int = LONGEST,
        cancel: CancelToken = NEVER,
    ) -> np.ndarray:
        """The picture of a camera with those that are kept: (H, W, 3) float32, 0 to 1."""
        made = self.seen(number, longest, cancel).picture(kept, background, cancel=cancel)
        return np.clip(made.colours, 0, 1)

    def glance(
        self, number: int, background: Background, longest: int, cancel: CancelToken = NEVER
    ) -> np.ndarray:
        """The picture of a camera with all of them; nothing of it is kept."""
        seen = look(self._parts, self.scene.camera(number, longest), cancel)
        return np.clip(seen.picture(None, background, cancel=cancel).colours, 0, 1)

    def forget(self) -> None:
        """Keep nothing of what cameras see."""
        self._seen.clear()
        self.splats.forget()


class Wanted:
    """What pictures are compared with: photographs, or the full scene's own pictures.

    Parameters
    ----------
    whole : Picturing
        Of the opened scene.
    """

    def __init__(self, whole: Picturing) -> None:
        self._whole = whole
        self._kept: Newest[np.ndarray] = Newest(WANTED_BYTES)

    def of(
        self, number: int, background: Background, longest: int, cancel: CancelToken = NEVER
    ) -> np.ndarray:
        """The picture that a camera's is compared with: (H, W, 3) float32, 0 to 1."""
        key = number, background, longest

        def made() -> np.ndarray:
            photograph = self._whole.scene.photographs.get(number)
            if photograph is None:
                return self._whole.picture(number, None, background, longest, cancel)
            camera = self._whole.scene.camera(number, longest)
            return resized(photograph(background, longest), camera)

        return self._kept.keep(key, made)


def as_bytes(picture: np.ndarray) -> np.ndarray:
    """A picture of 0 to 1 as it is shown and written: (H, W, 3) uint8."""
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def apart(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How far two pictures are apart, four times as far as they are, on white: (H, W, 3) uint8."""
    return as_bytes(1 - np.minimum(np.abs(found - wanted) * DIFFERENCE, 1))


DIFFERENCE = 4.0
"""By what differences are magnified."""
