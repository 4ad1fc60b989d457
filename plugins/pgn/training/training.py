"""Training from pictures to points in a given time, resumable at any moment.

The loss is AtlasNet's Chamfer distance alone. Most of the time goes to small pictures and few
points; the last stage works at the network's own size with a lower rate, and batch norm
statistics are taken anew at the end under the conditions of evaluation.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.jobs import Row
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.trainer import STOPPED, Losses, Trainer
from prune3d_gui.files.paths import check_folder

from ..data.ahead import Ahead
from ..data.batches import Batch, Batches
from ..data.dataset import Layout, open_layout
from ..network.network import IMAGE_SIZE, AtlasNet
from ..network.template import evaluation_template, random_template
from .evaluation import chosen, score_objects, summary
from .schedule import Settings, Stage

LEARNING = 3
"""Passes forward that a step of learning takes as long as: one, and twice as much back."""
WRITING = 8
"""Pictures that writing the network takes as long as."""
CHECKPOINT, LOG, NETWORK = "training.pt", "log.jsonl", "network.pt"

Progress = Callable[[dict[str, Any]], None]


def chamfer_loss(points: Tensor, targets: Tensor) -> Tensor:
    """Give AtlasNet's loss, the two mean squared nearest distances summed.

    The nearest points are found without gradient by one matrix product; the gradient then
    flows through the distances to them only, which is exactly the gradient of the minimum.

    Parameters
    ----------
    points, targets : Tensor, (B, M, 3) and (B, N, 3)

    Returns
    -------
    Tensor, scalar
    """
    with torch.no_grad():
        squares = (points**2).sum(2)[:, :, None] + (targets**2).sum(2)[:, None, :]
        squared = torch.baddbmm(squares, points, targets.transpose(1, 2), alpha=-2)
        to_target, to_point = squared.argmin(2), squared.argmin(1)
    there = points - targets.gather(1, to_target[:, :, None].expand(-1, -1, 3))
    back = points.gather(1, to_point[:, :, None].expand(-1, -1, 3)) - targets
    return (there**2).sum(2).mean() + (back**2).sum(2).mean()


def train(
    root: str | Path | Layout,
    out: str | Path,
    *,
    minutes: float | None = None,
    epochs: float | None = None,
    device: str | None = None,
    seed: int = 0,
    resume: bool = True,
    progress: Progress = lambda event: None,
    cancel: CancelToken = NEVER,
    **more: Any,
) -> Path:
    """Train a network on a set in AtlasNet's layout.

    Parameters
    ----------
    root, out : path
        The set, or what `open_layout` gave, and the folder for checkpoints, log and the
        trained network.
    minutes, epochs : float, optional
        Length of the training, one of the two. A resumed run counts the minutes it had.
    device : str, optional
        ``cpu`` or ``cuda``; the GPU if there is one.
    seed : int
        Seed of weights and draws.
    resume : bool
        Go on from the checkpoint in `out`, if there is one.
    progress : callable
        Given a dict at each step (step, minutes, fraction, loss_x1000, rate, size) and, under
        ``evaluation``, each evaluation. ``share`` is the part done of all the work: what comes
        after the last step is estimated from the pace of the steps, and told as ``ending``.
    cancel : CancelToken
        Looked at before each step; the run is saved before it stops.
    **more
        Other fields of `Settings`.

    Returns
    -------
    Path
        The trained network's file, a plain state dict.

    Raises
    ------
    BadInput
        When the set or the checkpoint cannot be used, or not one length was given.
    Cancelled
        When stopped; the checkpoint is written before.
    """
    settings = Settings(minutes=minutes, epochs=epochs, seed=seed, **more)
    layout = root if isinstance(root, Layout) else open_layout(root)
    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    run = _Run(layout, Path(out), settings, target, progress)
    if resume:
        run.resume()
    return run.finish(cancel)


class _Run(Trainer[AtlasNet]):
    """A training of AtlasNet; its rows are evaluations, and each step is an event."""

    report_seconds = math.inf

    def __init__(
        self,
        layout: Layout,
        out: Path,
        settings: Settings,
        device: torch.device,
        progress: Progress,
    ) -> None:
        check_folder(out)
        self.batches = Batches(layout.of_split("train"), settings.batch, settings.seed)
        epochs = settings.epochs
        steps = None if epochs is None else epochs * self.batches.steps_per_epoch
        super().__init__(out / CHECKPOINT, device, steps=steps, minutes=settings.minutes)
        self.out, self.settings, self.tell = out, settings, progress
        self.save_seconds = 60 * settings.save_minutes
        torch.manual_seed(settings.seed)
        net = AtlasNet(settings.primitives, settings.template, settings.bottleneck, settings.hidden)
        self.net = net.to(self.device)
        # The annotations of `to` know no format alone.
        self.net.encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=True)
        self.validation = chosen(layout, "val", settings.validate)
        self.half = half_is_faster(self.device)
        self.pace = 0.0
        """Seconds that a pixel of a picture takes to learn from, by the latest steps."""
        self.told = 0.0
        """Largest share of the work told so far; estimates may shrink, what is told does not."""
        self._event: dict[str, Any] = {}
        self._evaluated = 0.0

    def _tell(self, event: dict[str, Any], ended: float = 0.0) -> None:
        """Tell of an event, and of all the work done; `ended` is the part done of its ending.

        The ending, settling and scoring, is pictures that only go forward.
        """
        fraction = min(self.fraction, 1.0)
        length = self.seconds / max(fraction, 1e-9)
        pictures = self.settings.settle * self.settings.batch + len(self.validation)
        ending = max(pictures * IMAGE_SIZE**2 * self.pace / LEARNING, 0.01 * length)
        share = (fraction * length + ended * ending) / (length + ending)
        self.told = max(self.told, share)
        self.tell(event | {"minutes": self.seconds / 60, "share": self.told})

    def identity(self) -> dict[str, Any]:
        """Nothing: a run may go on with other settings, for longer above all."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "network": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self.net.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])

    def result(self) -> AtlasNet:
        """The network, whose batch norm is not settled."""
        return self.net

    def finish(self, cancel: CancelToken) -> Path:
        """Run to the end of the schedule, settle batch norm, score and write the network."""
        self._evaluated = self.seconds
        with Ahead(self.batches) as self.ahead:
            self.run(cancel=cancel)
            count, batch = self.settings.settle, self.settings.batch
            pictures = count * batch + len(self.validation) + WRITING
            for done in settling(self.net, self.ahead, self.step, count, self.half):
                if cancel.cancelled:
                    raise Cancelled(STOPPED)
                self._tell({"ending": "batch norm"}, done * batch / pictures)
        self.evaluate(IMAGE_SIZE, 1 - WRITING / pictures)
        # Training keeps the encoder's channels last, which only this process has a use for.
        state = {key: tensor.contiguous() for key, tensor in self.net.state_dict().items()}
        with writing(self.out / NETWORK) as path:
            torch.save(state, path)
        return self.out / NETWORK

    def learn(self, cancel: CancelToken) -> Losses:
        """Look at one batch."""
        begun, stage = time.perf_counter(), self.settings.stage(self.fraction)
        self._event = self._learn(self.ahead.draw(self.step, stage.size, stage.points), stage)
        taken = (time.perf_counter() - begun) / (self.settings.batch * stage.size**2)
        self.pace = 0.8 * self.pace + 0.2 * taken if self.pace else taken
        return {"loss": self._event["loss_x1000"] / 1000}

    def after(self, losses: Losses) -> None:
        """Tell of the step."""
        self._tell(self._event)

    def row(self, losses: Losses) -> Row | None:
        """An evaluation, every few minutes."""
        if self.seconds - self._evaluated < 60 * self.settings.evaluate_minutes:
            return None
        found = self.evaluate(self._event["size"])
        self._evaluated = self.seconds
        return found

    def _learn(self, batch: Batch, stage: Stage) -> dict[str, Any]:
        rate = self.settings.rate(self.fraction, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.net.train()
        generator = torch.Generator().manual_seed(self.settings.seed * 1_000_003 + self.step)
        template = random_template(
            self.settings.template, stage.points // self.settings.primitives, generator
        )
        points = training_pass(self.net, batch.images, template, self.half)
        loss = chamfer_loss(points, batch.points.to(self.device))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {
            "step": self.step + 1,
            "fraction": self.fraction,
            "loss_x1000": 1000 * loss.item(),
            "rate": rate,
            "size": stage.size,
        }

    def evaluate(self, size: int, ended: float = 0.0) -> Row | None:
        """Score the validation shapes, and append the result to the log; see `_tell`."""
        if not self.validation:
            return None
        self.net.eval()
        result = summary(score_objects(self.net, self.validation, size))
        entry = {"step": self.step, "seconds": round(self.seconds), "size": size} | result
        with open(self.out / LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
        self._tell({"evaluation": entry}, ended)
        return entry


def settle(net: AtlasNet, batches: Ahead, step: int, count: int, half: bool) -> None:
    """Do all of `settling`."""
    for _ in settling(net, batches, step, count, half):
        pass


def settling(net: AtlasNet, batches: Ahead, step: int, count: int, half: bool) -> Iterator[int]:
    """Average batch norm statistics anew, at full size and on the evaluation template.

    Parameters
    ----------
    net : AtlasNet
        Left in training mode.
    batches : Ahead
    step, count : int
        First batch to draw, and how many.
    half : bool
        As in `training_pass`.

    Yields
    ------
    int
        Batches done.
    """
    norms = [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [m.momentum for m in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    vertices, _ = evaluation_template(net.template, net.primitives)
    net.train()
    for k in range(count):
        batch = batches.draw(step + k, IMAGE_SIZE, 1)
        with torch.no_grad():
            training_pass(net, batch.images, torch.tensor(vertices), half)
        yield k + 1
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def training_pass(net: AtlasNet, images: Tensor, template: Tensor, half: bool) -> Tensor:
    """Give a network's points in training, in bfloat16 where that is asked for.

    Parameters
    ----------
    net : AtlasNet
    images : Tensor, (B, 3, S, S) float32, 0..1
    template : Tensor, (n, D)
    half : bool

    Returns
    -------
    Tensor, (B, primitives * n, 3) float32
    """
    device = next(net.parameters()).device
    with torch.autocast(device.type, torch.bfloat16, enabled=half):
        latent = net.encode(images.to(device))
    net.decoder_dtype = torch.bfloat16 if half else torch.float32
    try:
        return net.decode_from(net.template_features(template.to(device)), latent.float())
    finally:
        net.decoder_dtype = torch.float32


def half_is_faster(device: torch.device) -> bool:
    """Tell whether bfloat16 matrix products beat float32 on a device, by timing both."""
    if device.type not in ("cpu", "cuda"):
        return False

    def seconds(dtype: torch.dtype) -> float:
        a, b = (torch.ones(n, 512, dtype=dtype, device=device) for n in (4096, 512))
        best = math.inf
        for _ in range(4):
            begun = time.perf_counter()
            F.linear(a, b)[0, 0].item()
            best = min(best, time.perf_counter() - begun)
        return best

    return seconds(torch.bfloat16) < seconds(torch.float32)
