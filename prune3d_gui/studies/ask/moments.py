"""Moments of a model: what files say they were made from, and the command line that does it."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ...core.model import ModelRef, Sample
from ...core.moment import Moment, paired
from ...core.names import sayable
from ...core.plan.artifacts import artifacts_in
from ...core.plan.axes import seeds_of
from ...core.plan.knobs import Knob, Value
from ...core.plan.plans import Plan, Query
from ...core.score.scores import Scores
from ...files.digests import digest_of
from .versions import versions

NO_PLAN, NO_QUERY = Plan(), Query()


class Described(Protocol):
    """What a moment says of a model: an opened one has it, and so has its card."""

    title: str
    device: str
    weights_hash: str
    note: str
    knobs: tuple[Knob, ...]


def moment_of(
    ref: ModelRef,
    model: Described,
    *,
    sample: Sample | None = None,
    plan: Plan = NO_PLAN,
    query: Query = NO_QUERY,
    role: str = "",
    quality: str = "",
    about: Mapping[str, Any] | None = None,
) -> Moment:
    """Say what a file is made from: values of all knobs, those at their default too.

    Parameters
    ----------
    ref : ModelRef
        What `model` was opened from.
    model : Model or ModelCard
        As it was before pruning.
    sample : Sample or None
        None where there is no single one.
    plan, query : Plan, Query
    role : {"reference", "full", "pruned", "network", ""}
        The reference and the full result know no plan.
    quality : {"full", "preview", ""}
    about : mapping
        What else a reader may want to know: plain values by name.
    """
    prune = {knob.id for knob in model.knobs if knob.invalidates == "prune"}
    values = {k.id: plan.value(k) for k in model.knobs if k.id in prune and plan.value(k) != ""}
    asked = {k.id: query.value(k) for k in model.knobs if k.id not in prune}
    told = {
        "seed": next((values[name] for name in seeds_of(model.knobs) if name in values), 0),
        "device": model.device,
        "versions": dict(versions()),
        "data": model.note,
        "artifacts": _artifacts(plan),
        **(about or {}),
    }
    file = sample.file if sample is not None else ""
    made = Moment(
        system=ref.system,
        model=model.title,
        weights=Path(ref.path).name if ref.own else "",
        weights_hash=model.weights_hash,
        sample="" if sample is None else file or sample.id,
        sample_title="" if sample is None else sample.title,
        sample_file=file,
        sample_hash="" if sample is None else sample.file_hash,
        plan=replace(plan, values=tuple(sorted(values.items()))),
        query=Query(tuple(sorted(asked.items()))),
        role=role,
        quality=quality,
        about=paired({name: value for name, value in told.items() if value not in ("", {})}),
    )
    return made.of(role)


def reconstructed(moment: Moment, out: str | Path) -> Moment:
    """The moment of a result, with the command line that writes it to a file of that name."""
    words = ["reconstruct", moment.system, *_network(moment)]
    own = moment.weights and not moment.sample_file and moment.sample in ("", moment.weights)
    if moment.sample_file:
        words += ["--image", moment.sample_file]
    elif moment.sample and not own:
        words += ["--sample", moment.sample]
    words += [] if moment.role in ("pruned", "") else ["--result", moment.role]
    words += [*_turned(moment.plan), *_flags(moment.query.values)]
    return with_command(moment, [*words, "--out", Path(out).name])


def exported(moment: Moment, out: str | Path) -> Moment:
    """The moment of a pruned network, with the command line that writes it."""
    words = ["prune", moment.system, *_network(moment)]
    if moment.sample and not moment.weights:
        words += ["--sample", moment.sample]
    return with_command(moment, [*words, *_turned(moment.plan), "--out", Path(out).name])


def with_command(moment: Moment, words: Sequence[str]) -> Moment:
    """The moment with a command line, given as the words after ``prune3d``; files by name only."""
    named = [_named(word) for word in words]
    return replace(moment, command=sayable(shlex.join(["prune3d", *named])))


def scores_in_words(scores: Scores | None) -> dict[str, Any]:
    """What a moment says of the numbers of a result, so that it can be checked when made again."""
    if scores is None:
        return {}
    values = {name: float(v) for name, v in scores.values.items() if math.isfinite(v)}
    return {"scores": values, "against": scores.against} if values else {}


def stamped(sample: Sample, path: Path) -> Sample:
    """A sample that was taken in from a file or a folder of the person's, with name and hash."""
    try:
        digest = digest_of(path)
    except OSError:  # the model has read it; it is gone since
        digest = ""
    return replace(sample, file=sayable(path.name), file_hash=digest)


def plan_text(plan: Plan) -> str:
    """A plan as JSON, for a column of a table; what is empty is left out, but for the knobs."""
    told = {name: held for name, held in plan.as_fields().items() if held or name == "values"}
    return json.dumps(told, sort_keys=True)


def _network(moment: Moment) -> list[str]:
    return ["--weights", moment.weights] if moment.weights else []


def _turned(plan: Plan) -> list[str]:
    words = _flags(plan.values)
    for unit, rate in plan.rates:
        words += ["--unit-rate", f"{unit}={rate:.10g}"]
    return [*words, "--lock", ",".join(plan.locks)] if plan.locks else words


def _flags(values: Sequence[tuple[str, Value]]) -> list[str]:
    return [w for name, value in values for w in (f"--{name.replace('_', '-')}", _text(value))]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _named(word: str) -> str:
    """A word of a command line in which a path is the name of its file."""
    flag, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
    path = Path(value)
    if len(path.parts) > 1 and (path.is_absolute() or path.exists() or ".." in path.parts):
        value = path.name
    return f"{flag}{sign}{value}"


def _artifacts(plan: Plan) -> dict[str, Any]:
    """What the artifacts of a plan are, by hash, so that a file says it where they are not."""
    chosen = artifacts_in(plan)
    if not chosen:
        return {}
    from ...files.artifacts import ArtifactStore

    found = map(ArtifactStore().about, chosen)
    return {
        a.hash: {"kind": a.kind, "title": a.title, "made_by": _without_paths(a.made_from.by)}
        for a in found
    }


def _without_paths(by: Sequence[tuple[str, Value]]) -> dict[str, Value]:
    return {name: _named(value) if isinstance(value, str) else value for name, value in by}
