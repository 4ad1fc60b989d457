"""Gaussians as they are trained: tensors, their optimiser, and what changes how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.scene.gaussians import Gaussians

NAMES = ("means", "log_scales", "quaternions", "logits", "constants", "harmonics")
"""Tensors that are trained; `constants` are the harmonics of degree 0, `harmonics` the others."""
RATES = {
    "means": 1.6e-4,
    "log_scales": 5e-3,
    "quaternions": 1e-3,
    "logits": 5e-2,
    "constants": 2.5e-3,
    "harmonics": 1.25e-4,
}
"""Learning rates of 3DGS (Kerbl et al. 2023); the means' is times the extent of the scene."""
_MEANS_END = 0.01
"""Share of the learning rate of the means that is left at the end."""


class Trained:
    """The parameters of a scene, and Adam.

    Parameters
    ----------
    gaussians : Gaussians
        Where it begins.
    extent : float
        Of the scene, in its own units: how far cameras stand from their middle.
    device : str
    """

    def __init__(self, gaussians: Gaussians, extent: float, device: str = "cpu") -> None:
        self.extent, self.device = extent, torch.device(device)
        given = {
            "means": gaussians.means,
            "log_scales": gaussians.log_scales,
            "quaternions": gaussians.quaternions,
            "logits": gaussians.logits,
            "constants": gaussians.harmonics[:, :1],
            "harmonics": gaussians.harmonics[:, 1:],
        }
        self._hold({name: torch.from_numpy(np.array(values)) for name, values in given.items()})

    def _hold(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors = {
            name: tensor.to(self.device).contiguous().requires_grad_(True)
            for name, tensor in tensors.items()
        }
        groups = [{"params": [self.tensors[name]], "lr": RATES[name]} for name in NAMES]
        self.optimizer = torch.optim.Adam(groups, eps=1e-15)

    def __len__(self) -> int:
        return len(self.tensors["means"])

    @property
    def scales(self) -> Tensor:
        """Standard deviations along their own axes, (N, 3)."""
        return self.tensors["log_scales"].exp()

    @property
    def opacities(self) -> Tensor:
        """0 to 1, (N,)."""
        return self.tensors["logits"].sigmoid()

    def shaded(self, degree: int) -> Tensor:
        """Harmonics up to a degree, (N, K, 3)."""
        rest = self.tensors["harmonics"][:, : (degree + 1) ** 2 - 1]
        return torch.cat([self.tensors["constants"], rest], dim=1)

    def gaussians(self) -> Gaussians:
        """The scene as it is now."""
        found = {name: tensor.detach().cpu().numpy() for name, tensor in self.tensors.items()}
        harmonics = np.concatenate([found["constants"], found["harmonics"]], axis=1)
        return Gaussians(
            found["means"].copy(), found["log_scales"].copy(), found["quaternions"].copy(),
            found["logits"].copy(), harmonics,
        )  # fmt: skip

    def at(self, share: float) -> None:
        """Set the learning rates of a share, 0 to 1, of the training."""
        for name, group in zip(NAMES, self.optimizer.param_groups, strict=True):
            rate = RATES[name]
            if name == "means":
                rate *= self.extent * _MEANS_END**share
            group["lr"] = rate

    def step(self) -> None:
        """Move along the gradients, and forget them."""
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    # -- how many there are ------------------------------------------------------------

    def keep(self, which: Tensor, more: Mapping[str, Tensor] | None = None) -> None:
        """Keep those of a mask, (N,) bool, and put others behind them, which begin without moments.

        Parameters
        ----------
        which : (N,) bool tensor
        more : mapping of name to tensor, optional
            A tensor for each of `NAMES`.
        """
        states = {name: self.optimizer.state.get(self.tensors[name]) for name in NAMES}
        fresh = {
            name: torch.cat([self.tensors[name].detach()[which], *([more[name]] if more else [])])
            for name in NAMES
        }
        self._hold(fresh)
        for name, state in states.items():
            if state:
                zeros = torch.zeros_like(more[name]) if more else None
                self.optimizer.state[self.tensors[name]] = {
                    key: _grown(value, which, zeros) for key, value in state.items()
                }

    def forget(self, name: str) -> None:
        """Forget the moments of a tensor, where it was set by hand."""
        self.optimizer.state.pop(self.tensors[name], None)

    # -- checkpoints -------------------------------------------------------------------

    def given(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "tensors": {name: tensor.detach() for name, tensor in self.tensors.items()},
            "optimizer": self.optimizer.state_dict(),
        }

    def take(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        self._hold(state["tensors"])
        self.optimizer.load_state_dict(state["optimizer"])


def _grown(value: Any, which: Tensor, zeros: Tensor | None) -> Any:
    """A moment of those that are kept, 0 for new ones; the number of steps stays."""
    if not isinstance(value, Tensor) or not value.dim():
        return value
    return torch.cat([value[which], *([zeros] if zeros is not None else [])])
