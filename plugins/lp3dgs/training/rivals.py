"""The job that learns masks by several readings and compares them with a score at equal counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Made, Progress, Report, Row, Said, Told, part_of
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.paths import check_folder

from ..controls import CRITERION, MASK_KIND
from ..model import SplatModel
from ..opening import open_model
from ..scoring.scores import kept_at, ranking
from ..shipped import SYSTEM
from .fitting import Target
from .learned import held_out, keep_mask, made_by, masking_of, own_targets
from .masking import LEAST, READINGS, MaskSettings

_LEARNING = 0.7


@dataclass(frozen=True, eq=False)
class Rival:
    """A way to rank Gaussians.

    Parameters
    ----------
    title : str
    reading : str
        Of the mask; empty for a score.
    seed : int
    order : (N,) int64
        From the first to go.
    found : float
        Percent that the mask prunes by itself; NaN for a score.
    """

    title: str
    reading: str
    seed: int
    order: np.ndarray
    found: float


def compare_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Learn a mask by each reading and seed, and rank by it and by the score at the same counts.

    A mask that was learned with the same settings before is not learned again.

    Returns
    -------
    list of row
        On the held-out views, without training after the cut: ``ranking``, ``reading``, ``seed``,
        ``rate``, ``gaussians``, ``psnr``, ``ssim``; ``apart``, the decibels above the score at
        the same count; ``cut_of``, the reading and seed whose own cut the count is, else empty.

    Raises
    ------
    BadInput
        If the scene cannot be opened, or an option is out of its range.
    """
    folder = check_folder(options["out"])
    check_folder(ArtifactStore().folder)
    readings, seeds = _words(options["readings"]), _numbers(options["seeds"], "--seeds", int)
    rates = _numbers(options["rates"], "--rates", float)
    settings = [
        MaskSettings(options["steps"], reading=reading, seed=seed)
        for reading in readings
        for seed in seeds
    ]
    model = open_model(ModelRef(SYSTEM, "compared", str(options["scene"] or ""), "cpu"), cancel)
    score, side = str(options["score"]), int(options["side"])
    titles = {choice.id: choice.title for choice in CRITERION.choices}
    rivals = [
        Rival(titles[score], "", 0, ranking(model.scores(score, cancel=cancel)), float("nan"))
    ]
    targets = own_targets(model, side, cancel)
    device = chosen_device(options["device"], mps=False)
    for number, one in enumerate(settings):
        telling = part_of(_named(report, one), number, len(settings) / _LEARNING)
        rivals.append(_learned(model, targets, one, score, side, folder, device, telling, cancel))
    rows = []
    counts = _counts(rivals, rates)
    for number, (rate, cut_of) in enumerate(counts):
        values = []
        for rival in rivals:
            kept = kept_at(rival.order, rate)
            found = held_out(model, model.whole.gaussians, kept, side, cancel)
            values.append(found["psnr"])
            row: Row = {
                "ranking": rival.title, "reading": rival.reading, "seed": rival.seed,
                "rate": rate, "gaussians": int(kept.sum()), **found,
                "apart": found["psnr"] - values[0], "cut_of": cut_of,
            }  # fmt: skip
            rows.append(row)
            done = _LEARNING + (1 - _LEARNING) * number / len(counts)
            report(Progress(done, 1.0, f"{rival.title} at {rate:.1f} %", row))
    return rows


def _named(report: Report, settings: MaskSettings) -> Report:
    """Report with the name of a mask; its curve is no row of the comparison."""

    def tell(told: Told) -> None:
        if isinstance(told, Progress):
            said = f"{settings.reading}, seed {settings.seed}: {told.message}"
            told = replace(told, message=said, row=None)
        report(told)

    return tell


def _learned(
    model: SplatModel,
    targets: list[Target],
    settings: MaskSettings,
    score: str,
    side: int,
    folder: Path,
    device: str,
    report: Report,
    cancel: CancelToken,
) -> Rival:
    """A mask: what was kept of an earlier one, or learned now."""
    title = f"Mask, {settings.reading}, seed {settings.seed}"
    ranks = _kept(model, settings, score, side)
    if ranks is None:
        state = folder / f"mask-{settings.reading}-{settings.seed}.pt"
        masking = masking_of(model, targets, settings, score, side, state, device)
        masking.run(report, cancel)
        ranks = masking.logits().detach().cpu().numpy()
        if (ranks > 0).mean() >= LEAST:
            report(Made(keep_mask(model, masking, score, side)))
            state.unlink(missing_ok=True)
        else:  # its checkpoint stays, so that it is not learned again
            report(
                Said(
                    f"{title} would keep {(ranks > 0).mean():.2%} of the Gaussians: it is no cut, "
                    "and is compared by how it ranks alone."
                )
            )
    found = 100 * float((ranks <= 0).mean())
    return Rival(title, settings.reading, settings.seed, ranking(ranks), found)


def _kept(model: SplatModel, settings: MaskSettings, score: str, side: int) -> np.ndarray | None:
    """The logits of a mask that was learned with the same settings; None where there is none."""
    store, by = ArtifactStore(), tuple(sorted(made_by(settings, score, side).items()))
    for artifact in store.made_from(model.weights_hash):
        if artifact.kind == MASK_KIND and artifact.made_from.by == by:
            stored = store.open(artifact.hash, MASK_KIND, model.weights_hash, model.title)
            found: np.ndarray = stored.tensors["mask"].numpy()
            return found
    return None


def _counts(rivals: list[Rival], rates: list[float]) -> list[tuple[float, str]]:
    """Rates at which all are compared, and whose own cut each is."""
    own = [
        (rival.found, f"{rival.reading} {rival.seed}")
        for rival in rivals
        if rival.found <= 100 * (1 - LEAST)
    ]
    return sorted([*((rate, "") for rate in rates), *own])


def _words(text: str) -> list[str]:
    found = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in found:
        if word not in READINGS:
            raise BadInput(f"The reading {word!r} is unknown; take some of {', '.join(READINGS)}.")
    if not found:
        raise BadInput("There is no reading to compare; give --readings, such as 'code,paper'.")
    return found


def _numbers(text: str, flag: str, kind: Any) -> list[Any]:
    def read() -> Iterator[Any]:
        for word in filter(None, (part.strip() for part in str(text).split(","))):
            try:
                value = kind(word)
            except ValueError:
                value = -1
            if not 0 <= value < (100 if kind is float else 1 << 31):
                raise BadInput(f"{flag} has {word!r}; give numbers with commas, such as 20,60.")
            yield value

    return list(dict.fromkeys(read()))
