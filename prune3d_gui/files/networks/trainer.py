"""Trainings: they tell how far they are, save, stop, and go on with the same bits."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from ...core.cancel import NEVER, CancelToken
from ...core.errors import BadInput, Cancelled
from ...core.jobs import Progress, Report, Row
from ..atomic import writing

STOPPED = "The training was stopped; the same command goes on where it was."
Losses = Mapping[str, float | Tensor]
"""What a step minimised, and parts of it, by name: numbers, or tensors of one."""
Result = TypeVar("Result")


class Trainer(ABC, Generic[Result]):
    """A training in progress, which a checkpoint holds all of.

    A kind of training says what a step is (`learn`), what comes out (`result`), what its checkpoint
    holds (`state_dict`, `load_state_dict`) and what tells it from others (`identity`). Its
    ``__init__`` makes networks, optimisers and generators, and calls `resume` last. A training that
    was stopped ends with the same bits as one that was not where all that is drawn at random comes
    from the number of the step, or from generators that the checkpoint holds.

    Parameters
    ----------
    state : path
        Of the checkpoint, so that a stopped training goes on where it was.
    device : str or torch.device
    steps, minutes : float, optional
        Length, by steps or by training time; one of the two.

    Attributes
    ----------
    step : int
        Steps done; in `learn`, the number of the step from 0.
    seconds : float
        Time that they took, checkpoints and rows included.
    rows : list of Row
        What was told so far: the curve.
    kind : str
        Name in the checkpoint of what tells this training from others.
    row_steps : int
        Steps between rows; 0 for none.
    report_seconds, save_seconds : float
        Between two words on how far it is, and between two checkpoints.
    """

    kind = "training"
    row_steps = 10
    report_seconds = 2.0
    save_seconds = 60.0

    def __init__(
        self,
        state: Path,
        device: str | torch.device = "cpu",
        *,
        steps: float | None = None,
        minutes: float | None = None,
    ) -> None:
        self.state, self.device = state, torch.device(device)
        self.steps, self.minutes = steps, minutes
        self.step, self.seconds = 0, 0.0
        self.rows: list[Row] = []

    # -- what a kind of training is ------------------------------------------------------

    @abstractmethod
    def learn(self, cancel: CancelToken) -> Losses:
        """Do one step.

        Raises
        ------
        Cancelled
            If it stops before it has changed anything that the checkpoint holds.
        """

    @abstractmethod
    def result(self) -> Result:
        """What was learned."""

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What has to be as it was to go on from a checkpoint: settings, data; plain values."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds: tensors and plain values."""
        own = {"step": self.step, "seconds": self.seconds, "rows": self.rows}
        return {self.kind: dict(self.identity()), **own}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        self.step, self.seconds = state["step"], state["seconds"]
        self.rows = list(state.get("rows", ()))

    def after(self, losses: Losses) -> None:
        """Do what comes after a step, which `step` counts already."""

    def row(self, losses: Losses) -> Row | None:
        """Return the row of the step that was done, where it has one."""
        if not self.row_steps or self.step % self.row_steps:
            return None
        found = {name: float(value) for name, value in losses.items()}
        return {"step": self.step, "seconds": self.seconds, **found}

    def said(self, losses: Losses) -> str:
        """Say how far it is, in a few words."""
        return f"step {self.step}, loss {float(losses['loss']):.4g}"

    def progress(self) -> tuple[float, float]:
        """How much is done, of how much."""
        whole = self.steps if self.steps is not None else self.minutes or 1.0
        return whole * min(self.fraction, 1.0), whole

    # -- what all of them do -------------------------------------------------------------

    @property
    def fraction(self) -> float:
        """Share of the training that is done."""
        if self.steps is not None:
            return self.step / self.steps
        assert self.minutes is not None, "one of the two is given"
        return self.seconds / (60 * self.minutes)

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one.

        Raises
        ------
        BadInput
            If it is damaged, or belongs to another training.
        """
        if not self.state.is_file():
            return
        try:
            state = torch.load(self.state, map_location=self.device, weights_only=True)
            other = [k for k, v in self.identity().items() if state[self.kind].get(k) != v]
            if not other:
                self.load_state_dict(state)
        except Exception as error:  # a damaged pickle may raise anything at all
            raise BadInput(
                f"'{self.state}' is not a checkpoint of this training; delete it to start anew, "
                "or write to another file."
            ) from error
        if other:
            raise BadInput(
                f"'{self.state}' is the checkpoint of a training with another {other[0]}; take "
                "the same settings to go on, or delete it to start anew."
            )

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        with writing(self.state) as temporary:
            torch.save(self.state_dict(), temporary)

    def run(self, report: Report = lambda told: None, cancel: CancelToken = NEVER) -> Result:
        """Train to the end.

        Parameters
        ----------
        report : callable
            Told every few seconds how far it is, and each row as it comes; of a training that
            goes on, the rows that it had first.
        cancel : CancelToken
            Looked at before each step.

        Raises
        ------
        Cancelled
            When stopped; the checkpoint is written before.
        """
        for row in self.rows:
            report(Progress(*self.progress(), f"step {row['step']}", row))
        told = saved = self.seconds
        before = time.perf_counter()
        while self.fraction < 1:
            try:
                cancel.check()
                losses = self.learn(cancel)
            except Cancelled as stop:
                self.save()
                raise Cancelled(STOPPED) from stop
            self.step += 1
            now = time.perf_counter()
            self.seconds, before = self.seconds + now - before, now
            self.after(losses)
            row = self.row(losses)
            self.rows += [row] if row is not None else []
            if row is not None or self.seconds - told >= self.report_seconds:
                told = self.seconds
                report(Progress(*self.progress(), self.said(losses), row))
            if self.seconds - saved >= self.save_seconds:
                saved = self.seconds
                self.save()
        self.save()
        return self.result()
