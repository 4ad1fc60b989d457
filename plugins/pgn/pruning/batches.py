"""Passes of many samples at once, for devices that are fast only so.

What the one-by-one passes of `trail` keep layer by layer costs more there than it saves. Kept
are the latent vectors of the masks in effect, so that plans that leave the encoder alone share
them. The results are those of the plain pass up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import torch
from torch import Tensor

from prune3d_gui.core.newest import Newest

from ..network.network import AtlasNet
from .trail import Trails

LATENT_BYTES = 64 << 20
MOST = 64
"""Samples at once, beyond which a large GPU gains nothing."""
MOST_BYTES = 4 << 30
"""Bytes that a batch takes at most, and no more than a quarter of what is free."""
ENCODER_BYTES = 16 << 20
"""Bytes that the encoder takes at a time for one picture of 224 x 224."""
UNKNOWN_BYTES = 8 << 30
LAYERS = 4
"""Results as wide as the latent vector that the decoder holds at a time for each point."""

Pictures = Callable[[Sequence[str]], Tensor]


class BatchPasses:
    """Passes of a network, under the masks in effect, on several samples at once.

    Parameters
    ----------
    network : AtlasNet
    trails : Trails
        Knows the state of the masks, and keeps what is alike for all samples.
    """

    def __init__(self, network: AtlasNet, trails: Trails) -> None:
        self._network, self._trails = network, trails
        self._state: Hashable = None
        self._latents: Newest[Tensor] = Newest(LATENT_BYTES)

    @torch.inference_mode()
    def points(self, samples: Sequence[str], pictures: Pictures, quality: str = "full") -> Tensor:
        """Give surface points.

        Parameters
        ----------
        samples : sequence of sample id
        pictures : callable
            Gives the inputs of some of them, (b, 3, H, W).
        quality : str

        Returns
        -------
        (B, primitives * n, 3) Tensor
        """
        latents = self._latents_of(samples, pictures)
        return self._network.decode_from(self._trails.features(quality), latents)

    def _latents_of(self, samples: Sequence[str], pictures: Pictures) -> Tensor:
        state = self._trails.encoder.signature()
        if state != self._state:
            self._latents.clear()
            self._state = state
        known = {sample: self._latents.get(sample) for sample in samples}
        found = {sample: latent for sample, latent in known.items() if latent is not None}
        missing = [sample for sample in known if sample not in found]
        if missing:
            encoded = self._network.encode(pictures(missing))
            if missing == list(samples):
                self._keep(missing, encoded)
                return encoded
            found |= zip(missing, encoded, strict=True)
            self._keep(missing, encoded)
        return torch.stack([found[sample] for sample in samples])

    def _keep(self, samples: Sequence[str], encoded: Tensor) -> None:
        for sample, latent in zip(samples, encoded, strict=True):
            self._latents.put(sample, latent)

    def clear(self) -> None:
        """Forget everything that was computed."""
        self._latents.clear()


def samples_at_once(bottleneck: int, outputs: int, device: str) -> int:
    """How many samples a pass takes at once: one on a CPU, and on a GPU what its memory holds.

    Parameters
    ----------
    bottleneck, outputs : int
        Length of the latent vector, and points of a result.
    device : str
    """
    if device == "cpu":
        return 1
    each = ENCODER_BYTES + 4 * LAYERS * bottleneck * outputs
    return max(1, min(MOST, min(MOST_BYTES, free_bytes(device) // 4) // each))


def free_bytes(device: str) -> int:
    """Bytes free on a GPU; where it does not say, those of a small one."""
    return torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else UNKNOWN_BYTES
