"""Recipes: what is needed to make a network or a result again, kept in what is written."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.model import Model, ModelRef
from ...core.names import all_sayable
from ...core.plan.artifacts import artifacts_in
from ...core.plan.axes import seeds_of
from ...core.plan.plans import Plan
from .versions import versions


def recipe_of(
    system: str, model: Model, plan: Plan, *, samples: str = "", command: Sequence[str] = ()
) -> dict[str, Any]:
    """Say what made a pruned network, in values that JSON holds.

    Parameters
    ----------
    system : str
        Id of the system.
    model : Model
        The opened model, as it was before pruning.
    plan : Plan
        What was pruned.
    samples : str
        How a person named the samples it was made or judged with; empty for none.
    command : sequence of str
        Words of the command line that does the same, after ``prune3d``.
    """
    values = _values(model, plan)
    recipe = {
        "system": system,
        "model": model.title,
        "weights_hash": model.weights_hash,
        "plan": plan_fields(plan) | {"values": values},
        "artifacts": _artifacts(plan),
        "data": model.note,
        "samples": samples,
        "seed": next((values[name] for name in seeds_of(model.knobs) if name in values), 0),
        "device": model.device,
        "versions": dict(versions()),
        "command": shlex.join(["prune3d", *command]) if command else "",
    }
    return all_sayable({name: value for name, value in recipe.items() if value not in ("", {})})


def plan_fields(plan: Plan) -> dict[str, Any]:
    """A plan as values that JSON holds; what is empty is left out, but for the knobs."""
    found: dict[str, Any] = {"values": dict(plan.values)}
    if plan.rates:
        found["rates"] = dict(plan.rates)
    if plan.locks:
        found["locks"] = list(plan.locks)
    return found


def plan_text(plan: Plan) -> str:
    """A plan as JSON."""
    return json.dumps(plan_fields(plan), sort_keys=True)


def flat(recipe: Mapping[str, Any]) -> dict[str, str]:
    """A recipe as text by name, for files that hold nothing else; what is no text is JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for name, value in recipe.items()
    }


def prune_command(ref: ModelRef, model: Model, plan: Plan, out: str | Path) -> tuple[str, ...]:
    """Words of ``prune3d prune`` that write the same file as the window does.

    Parameters
    ----------
    ref : ModelRef
        What `model` was opened from.
    """
    words = ["prune", ref.system]
    if ref.own:
        words += ["--weights", ref.path]
    elif any(sample.opens for sample in model.samples()):
        mine = [s.id for s in model.samples() if s.opens is None or s.opens == ref]
        words += ["--sample", mine[0]] if mine else []
    for knob, value in _values(model, plan).items():
        words += [f"--{knob.replace('_', '-')}", _text(value)] if value != "" else []
    for unit, rate in plan.rates:
        words += ["--unit-rate", f"{unit}={rate:g}"]
    if plan.locks:
        words += ["--lock", ",".join(plan.locks)]
    return (*words, "--out", str(out))


def _artifacts(plan: Plan) -> dict[str, Any]:
    """What the artifacts of a plan are, by hash, so that a file says it where they are not."""
    chosen = artifacts_in(plan)
    if not chosen:
        return {}
    from ...files.artifacts import ArtifactStore

    found = map(ArtifactStore().about, chosen)
    return {
        a.hash: {"kind": a.kind, "title": a.title, "made_by": dict(a.made_from.by)} for a in found
    }


def _values(model: Model, plan: Plan) -> dict[str, Any]:
    """Values of all knobs that prune, those at their default too."""
    return {knob.id: plan.value(knob) for knob in model.knobs if knob.invalidates == "prune"}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
