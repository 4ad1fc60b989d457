"""Fitting a network to a reference with Adam on random points, resumable at any moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.trainer import Losses, Trainer

from ..data.truth import Truth
from ..network.domain import Domain, Slice
from ..network.network import ACTIVATIONS, FieldNetwork

POINTS = 65_536
"""Points a fitted field is scored at, drawn evenly with seed 0."""
LEARNING = 3
"""Evaluations that a step of learning takes as long as: forward, and twice as much back."""
_POOL, _PASSES = 1 << 20, 4


@dataclass(frozen=True)
class Settings:
    """A fit.

    Parameters
    ----------
    width, layers : int
        Neurons of each hidden layer, and number of hidden layers.
    activation : {"sine", "relu", "tanh", "silu"}
    fourier : int
        Random Fourier features in front; 0 for none.
    omega : float
        Frequency of every sine (Sitzmann et al. 2020); with Fourier features, the scale of the
        features' frequencies is `omega` / 10 periods per half box.
    minutes, steps : float, int or None
        Length, by training time or by steps; exactly one of them.
    batch : int
        Points per step.
    rate : float
        Learning rate at the start; it falls to a thousandth of it along a half cosine.
    seed : int
        Seed of weights and points.

    Raises
    ------
    BadInput
        When a setting is out of its range, or not exactly one length is given.
    """

    width: int = 64
    layers: int = 3
    activation: str = "sine"
    fourier: int = 0
    omega: float = 30.0
    minutes: float | None = None
    steps: int | None = None
    batch: int = 8192
    rate: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        lengths = [length for length in (self.minutes, self.steps) if length is not None]
        if len(lengths) != 1 or lengths[0] <= 0:
            raise BadInput(
                f"Training for {self.minutes} minutes or {self.steps} steps was asked for; give "
                "one of the two, larger than zero."
            )
        if self.activation not in ACTIVATIONS:
            raise BadInput(
                f"The activation {self.activation!r} is unknown; "
                f"take one of {', '.join(ACTIVATIONS)}."
            )
        for name, least in (("width", 1), ("layers", 1), ("fourier", 0), ("batch", 1)):
            if getattr(self, name) < least:
                raise BadInput(
                    f"A {name} of {getattr(self, name)} makes no network; give {least} or more."
                )
        if not (self.omega > 0 and self.rate > 0):
            raise BadInput(
                f"An omega of {self.omega} and a rate of {self.rate} cannot be trained with; "
                "give numbers above zero."
            )

    def network(self, inputs: int) -> FieldNetwork:
        """Make the network, with the initial weights that suit its activation."""
        generator = torch.Generator().manual_seed(self.seed)
        features, first = None, inputs
        if self.fourier:
            features = torch.randn(self.fourier, inputs, generator=generator) * self.omega / 10
            first = 2 * self.fourier
        sine = self.activation == "sine"
        omegas = (self.omega,) * self.layers if sine else ()
        if sine and self.fourier:
            omegas = (1.0, *omegas[1:])
        widths = (first, *(self.width,) * self.layers, 1)
        network = FieldNetwork(widths, self.activation, omegas, features)
        for number, layer in enumerate(network.layers):
            fan = layer.in_features
            bound = math.sqrt(6 / fan)
            if sine and number == 0 and not self.fourier:
                bound = 1 / fan
            elif sine and number:
                bound /= omegas[min(number, self.layers - 1)]
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            nn.init.uniform_(
                layer.bias, -1 / math.sqrt(fan), 1 / math.sqrt(fan), generator=generator
            )
        return network


@dataclass(frozen=True)
class Scores:
    """How near a field is to its reference, at `POINTS` even points of seed 0.

    Parameters
    ----------
    psnr : float
        20 log10 of the reference's range over the root mean squared error, in dB.
    rel_l2 : float
        Root of the summed squared errors over the summed squared reference values.
    rmse : float
        Root mean squared error, in the reference's unit.
    """

    psnr: float
    rel_l2: float
    rmse: float


def score(network: FieldNetwork, domain: Domain, truth: Truth, points: int = POINTS) -> Scores:
    """Compare a field with its reference at even points, and even times where there is time."""
    random = np.random.default_rng(0)
    unit = random.random((points, domain.dimension))
    moments = random.random(points) if domain.timed else np.zeros(points)
    wanted = truth.values(unit, moments).astype(np.float64)
    found = network.evaluate(_coordinates(network, domain, unit, moments)).double().cpu().numpy()
    error = np.sqrt(np.mean((found - wanted) ** 2))
    return Scores(
        psnr=float(20 * np.log10((domain.high - domain.low) / max(error, 1e-12))),
        rel_l2=float(error / max(np.sqrt(np.mean(wanted**2)), 1e-12)),
        rmse=float(error),
    )


def _coordinates(
    network: FieldNetwork, domain: Domain, unit: np.ndarray, moments: np.ndarray
) -> Tensor:
    """Turn places and one time each into the network's coordinates, (n, d)."""
    placed = Slice(network, domain).coordinates(unit)
    if domain.timed:
        low, high = domain.lower[-1], domain.upper[-1]
        placed[:, -1] = torch.as_tensor(low + moments * (high - low)).to(placed)
    return placed


class Fit(Trainer[FieldNetwork]):
    """A fit in progress; what comes out is in the reference's own unit. It has no rows.

    Parameters
    ----------
    truth : Truth
    domain : Domain
    settings : Settings
    state : path
        File of the checkpoint, so that a stopped fit goes on where it was.
    device : str
        ``cpu`` or ``cuda``.

    Raises
    ------
    BadInput
        When the checkpoint is damaged or belongs to another fit.
    """

    kind = "fit"
    row_steps, report_seconds, save_seconds = 0, 1.0, 30.0

    def __init__(
        self, truth: Truth, domain: Domain, settings: Settings, state: Path, device: str = "cpu"
    ) -> None:
        super().__init__(state, device, steps=settings.steps, minutes=settings.minutes)
        self.truth, self.domain, self.settings = truth, domain, settings
        self.network = settings.network(len(domain.lower)).to(self.device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), settings.rate, fused=True)
        self._epoch, self._pool = -1, (torch.empty(0), torch.empty(0))
        self.resume()

    def identity(self) -> dict[str, Any]:
        """Network, seed and domain; a fit may go on for longer, or at another rate."""
        own = asdict(self.settings)
        for name in ("minutes", "steps", "batch", "rate"):
            del own[name]
        return own | {"domain": self.domain.to_json()}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])

    def progress(self) -> tuple[float, float]:
        """How far it is, scoring counted in, of its length in minutes or steps."""
        done, length = super().progress()
        whole = self.steps or self.step / max(self.fraction, 1e-9)
        scoring = POINTS / (LEARNING * self.settings.batch)  # in steps
        return done * whole / (whole + scoring), length

    def said(self, losses: Losses) -> str:
        """PSNR of the last batch."""
        psnr = 10 * math.log10(4 / max(float(losses["loss"]), 1e-12))
        return f"step {self.step}, PSNR {psnr:.1f} dB"

    def learn(self, cancel: CancelToken) -> Losses:
        """Look at one batch of points."""
        settings = self.settings
        cosine = (1 + math.cos(math.pi * min(self.fraction, 1))) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate * (0.001 + 0.999 * cosine) * min(1, (self.step + 1) / 50)
        coordinates, values = self._points()
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.step)
        chosen = torch.randint(len(values), (settings.batch,), generator=generator)
        chosen = chosen.to(self.device)
        loss = nn.functional.mse_loss(self.network(coordinates[chosen]), values[chosen])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach()}

    def _points(self) -> tuple[Tensor, Tensor]:
        """Give the pool of points of this step, drawn anew every few passes."""
        size = min(_POOL, self.settings.batch * 64)
        epoch = self.step // max(1, _PASSES * size // self.settings.batch)
        if epoch != self._epoch:
            random = np.random.default_rng([self.settings.seed, epoch])
            unit = self.truth.draw(random, size)
            moments = random.random(size) if self.domain.timed else np.zeros(size)
            values = torch.from_numpy(self.truth.values(unit, moments)).to(self.device)
            low, high = self.domain.low, self.domain.high
            scaled = (values - low) / (high - low) * 2 - 1
            placed = _coordinates(self.network, self.domain, unit, moments)
            self._epoch, self._pool = epoch, (placed, scaled)
        return self._pool

    @torch.no_grad()
    def result(self) -> FieldNetwork:
        """Give a copy on the CPU, in the reference's unit, with weights rounded to float16."""
        network = self.settings.network(len(self.domain.lower))
        network.load_state_dict(self.network.state_dict())
        half = (self.domain.high - self.domain.low) / 2
        last = network.layers[-1]
        last.weight.mul_(half)
        last.bias.mul_(half).add_(self.domain.low + half)
        for parameter in network.parameters():
            parameter.copy_(parameter.half())
        return network
