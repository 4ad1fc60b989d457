"""The loop of trainings: told, saved, stopped, gone on with to the same bits."""

import itertools

import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.files.networks.trainer import Trainer


class Line(Trainer[torch.Tensor]):
    """Learns three numbers from noisy ones."""

    row_steps, report_seconds = 4, 1e9

    def __init__(self, state, steps=20, rate=0.1, **more):
        super().__init__(state, steps=None if "minutes" in more else steps, **more)
        self.rate, self.counted = rate, 0
        self.weights = torch.zeros(3, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.weights], rate)
        self.generator = torch.Generator().manual_seed(0)
        self.resume()

    def learn(self, cancel):
        cancel.check()
        noise = torch.randn(3, generator=self.generator)
        loss = ((self.weights - torch.arange(3.0) - 0.1 * noise) ** 2).sum()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach()}

    def after(self, losses):
        self.counted = self.step

    def result(self):
        return self.weights.detach().clone()

    def identity(self):
        return {"rate": self.rate}

    def state_dict(self):
        own = {"weights": self.weights.detach(), "optimizer": self.optimizer.state_dict()}
        return {**super().state_dict(), **own, "generator": self.generator.get_state()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        with torch.no_grad():
            self.weights.copy_(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])


def stop_before(training, step, within=False):
    """Ask for a stop before a step, or within it before anything is changed."""
    token, learn = CancelToken(), training.learn

    def stopping(cancel):
        if training.step == step - (not within):
            token.cancel()
        return learn(cancel if within else CancelToken())

    training.learn = stopping
    with pytest.raises(Cancelled, match="goes on where it was"):
        training.run(cancel=token)


def steps_of(told):
    return [progress.row["step"] for progress in told if progress.row]


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("step", [1, 7, 8, 19])
def test_a_stopped_one_ends_with_the_same_bits(tmp_path, step, within):
    whole = Line(tmp_path / "whole.pt")
    wanted = whole.run()
    stop_before(Line(tmp_path / "parts.pt"), step, within)
    again = Line(tmp_path / "parts.pt")
    assert again.step == step
    assert torch.equal(again.run(), wanted)
    untimed = [{k: v for k, v in row.items() if k != "seconds"} for row in again.rows]
    assert untimed == [{k: v for k, v in row.items() if k != "seconds"} for row in whole.rows]
    assert again.counted == again.step == 20


def test_rows_are_told_as_they_come_and_again_when_it_goes_on(tmp_path):
    told = []
    Line(tmp_path / "a.pt").run(told.append)
    assert steps_of(told) == [4, 8, 12, 16, 20]
    assert [(one.done, one.total) for one in told] == [(n, 20) for n in (4, 8, 12, 16, 20)]
    assert all(isinstance(one.row["loss"], float) and "loss" in one.message for one in told)
    stop_before(Line(tmp_path / "b.pt"), 10)
    told.clear()
    Line(tmp_path / "b.pt").run(told.append)
    assert steps_of(told) == [4, 8, 12, 16, 20]


def test_it_tells_and_saves_every_few_seconds(tmp_path, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))  # a second for each step
    training, told, saved = Line(tmp_path / "a.pt"), [], []
    training.row_steps, training.report_seconds, training.save_seconds = 0, 3.0, 8.0
    monkeypatch.setattr(training, "save", lambda: saved.append(training.step))
    training.run(told.append)
    assert [one.done for one in told] == [3, 6, 9, 12, 15, 18]
    assert not any(one.row for one in told)
    assert saved == [8, 16, 20]
    assert training.seconds == 20


def test_minutes_are_its_length_where_they_are_given(tmp_path, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))
    training, told = Line(tmp_path / "a.pt", minutes=0.5), []
    training.run(told.append)
    assert training.step == 30
    assert (told[-1].done, told[-1].total) == (pytest.approx(28 / 60), 0.5)
    longer = Line(tmp_path / "a.pt", minutes=0.6)
    longer.run()
    assert longer.step == 36


def test_a_checkpoint_of_another_or_a_damaged_one_is_refused_and_kept(tmp_path):
    path = tmp_path / "a.pt"
    stop_before(Line(path), 5)
    before = path.read_bytes()
    with pytest.raises(BadInput, match="another rate"):
        Line(path, rate=0.2)
    assert path.read_bytes() == before
    path.write_bytes(before[:100])
    with pytest.raises(BadInput, match="not a checkpoint of this training"):
        Line(path)
