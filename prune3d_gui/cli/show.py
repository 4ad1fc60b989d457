"""``prune3d show``: what an exported file was made from, and the same again."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.drawn import drawn
from ..core.errors import BadInput
from ..core.jobs import Row
from ..core.model import Model, Sample
from ..core.moment import Moment
from ..core.plan.axes import axis_named
from ..core.plan.plans import Plan, Query, Request
from ..core.registry import discover
from ..core.scene.scenes import Scene
from ..core.scene.views import views_of
from ..files.atomic import writing
from ..files.moments import read_moment
from ..files.tables import SUFFIXES as TABLES
from ..files.tables import write_rows
from ..studies.ask.curve import curve_rows
from ..studies.ask.moments import scores_in_words
from ..studies.ask.panes import PaneResult, pane_result
from ..studies.ask.told import told
from . import flags, opening, reopening
from .commands import format_for, write_result
from .console import say
from .exporting import PICTURES, check_ending
from .output import check_target


def add_flags(parser: flags.Parser) -> None:
    """Flags of ``show``."""
    parser.add_argument("file", metavar="FILE", help="a file that Prune3D exported")
    text = "make it again: a picture, mesh, points, table or network, by its ending"
    parser.add_argument("--out", metavar="FILE", help=text)
    parser.add_argument("--weights", metavar="FILE", help="the weights, where they are not found")
    text = "the sample's own file, where it is not found"
    parser.add_argument("--sample-file", metavar="FILE", help=text)
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda or mps")


def said(args: argparse.Namespace) -> tuple[str, list[str]]:
    """The moment of a file as JSON, and in sentences."""
    moment = read_moment(args.file)
    text = json.dumps(moment.as_fields(), indent=1, sort_keys=True)
    return text + "\n", told(moment, Path(args.file).name)


def write_text(path: str, text: str) -> None:
    """Write a moment as JSON."""
    with writing(path) as temporary:
        temporary.write_text(text, encoding="ascii")


def window_words(args: argparse.Namespace) -> list[str]:
    """Words of ``prune3d gui`` that open the window on the moment of the file."""
    return ["--show", args.file]


def again(args: argparse.Namespace, cancel: CancelToken) -> tuple[list[Row], list[str]]:
    """Make the file again as ``--out``; returns the rows and what to say.

    Raises
    ------
    BadInput
        If something it was made from is not here, or the file is of a kind that is not made so.
    """
    moment, out = read_moment(args.file), args.out
    check_target(out)
    system = discover().system(moment.system)
    near = Path(args.file).absolute().parent
    device = opening.check_device(args.device)
    ref, model = reopening.reopened(system, moment, args.weights, device, near)
    try:
        for notice in model.notices:
            say(notice)
        where = f"'{Path(args.file).name}'"
        flags.check_plan(model, moment.plan, where)
        query = _query(model, moment, where)
        sample = reopening.sample_again(ref, model, moment, args.sample_file, near, cancel)
        return _made(_Again(model, sample, query, moment, out, cancel))
    finally:
        model.close()


@dataclass(frozen=True, eq=False)
class _Again:
    """What is made again, and out of what."""

    model: Model
    sample: Sample | None
    query: Query
    moment: Moment
    out: str
    cancel: CancelToken

    def result(self, role: str, plan: Plan) -> PaneResult:
        """The result of a role."""
        if self.sample is None:
            raise BadInput(f"{self.model.title} has no sample; give one with --sample-file.")
        asked = self.query.asked(self.model.knobs)
        quality = "preview" if self.moment.quality == "preview" else "full"
        request = Request(self.sample.id, plan, asked, quality)
        return pane_result(self.model, request, role, self.cancel)

    def drawn(self, scene: Scene) -> Scene:
        """A scene as the knobs that only draw want it."""
        return drawn(scene, self.query, self.model.knobs)


def _made(work: _Again) -> tuple[list[Row], list[str]]:
    from ..drawing.shots import shot_of

    model, moment, out = work.model, work.moment, work.out
    ending = Path(out).suffix.lower()
    network = format_for(model, "network", out)
    shot = shot_of(moment)
    curve = "curve" in dict(moment.about)
    if moment.role == "" and not curve and (moment.command or shot is None):
        raise BadInput(_otherwise(moment))
    if ending in TABLES:
        return _table(work)
    if moment.role == "network" and network is not None:
        applied = model.apply(moment.plan, work.cancel)
        lines = model.export(applied, network.id, Path(out), moment.as_fields(), work.cancel)
        return [{"out": out}], [f"Wrote {out} ({network.title}).", *lines]
    if curve:
        raise BadInput(_otherwise(moment))
    if shot is not None and ending in PICTURES:
        return _picture(work)
    if format_for(model, "result", out) is None:
        check_ending(out, [f.suffix for f in model.formats if f.of == "result"])
    role = moment.role if moment.role in ("reference", "full") else "pruned"
    found = work.result(role, moment.plan)
    about = scores_in_words(found.scores)
    written, lines = write_result(
        model, work.drawn(found.scene), out, replace(moment, role=role), work.cancel
    )
    return [{"result": role, "out": out}], [
        f"Wrote {out} ({written}).",
        *lines,
        *_compared(moment, about),
    ]


def _otherwise(moment: Moment) -> str:
    if "curve" in dict(moment.about):
        return "It holds a curve, whose rows are made again: end --out in .csv or .json."
    if moment.command:
        return f"It was made by a command that does more than one result; run it: {moment.command}"
    return "It holds what a study found, not one result; ask the study again to make it again."


def _picture(work: _Again) -> tuple[list[Row], list[str]]:
    from ..drawing.pictures import take
    from ..drawing.shots import shot_of

    model, moment = work.model, work.moment
    shot = shot_of(moment)
    results = {role: work.result(role, moment.plan) for role in {*shot.roles, "pruned"}}
    scenes = {role: found.scene for role, found in results.items()}
    scores = results["pruned"].scores
    if "reference" in scenes and scores is not None:
        scenes["reference"] = scenes["reference"].with_arrays(scores.on_reference)
    scenes = {role: work.drawn(scene) for role, scene in scenes.items()}
    take(shot, work.out, scenes, views_of(model)[0], model.colours, moment)
    lines = [f"Wrote {work.out} (picture).", *_compared(moment, scores_in_words(scores))]
    return [{"out": work.out}], lines


def _table(work: _Again) -> tuple[list[Row], list[str]]:
    """The rows of a curve, or of the one result that the file holds."""
    model, moment = work.model, work.moment
    curve = dict(dict(moment.about).get("curve", ()))
    plans = [moment.plan]
    if curve:
        knob = axis_named(model.knobs, str(curve.get("axis", "")), looking=True)
        values = [knob.check(value) for value in curve.get("values", ())]
        plans = [moment.plan.with_value(knob, value) for value in values]
    rows: list[Row] = []
    sample = work.sample.id if work.sample is not None else ""
    for plan in plans:
        found = work.result("pruned", plan)
        about = (plan.bare(model.knobs), work.query, found.footprint, found.scores)
        rows += curve_rows(moment.system, model, sample, *about)
    write_rows(work.out, rows, moment)
    return rows, [f"Wrote {work.out} ({len(rows)} rows)."]


def _query(model: Model, moment: Moment, where: str) -> Query:
    """The query of a moment, checked against the knobs of a model.

    Raises
    ------
    BadInput
        If it names an unknown knob, or a value that does not fit.
    """
    known = {knob.id: knob for knob in model.knobs if knob.invalidates != "prune"}
    query = Query()
    for name, value in moment.query.values:
        if name not in known:
            raise BadInput(
                f"There is no knob {name!r}, which {where} names; {model.title!r} has "
                f"{', '.join(known) or 'none'}."
            )
        query = query.with_value(known[name], value)
    return query


def _compared(moment: Moment, about: dict) -> list[str]:
    """Whether the numbers are those that the file tells, in a sentence."""
    held = dict(moment.about).get("scores")
    if not isinstance(held, tuple) or "scores" not in about:
        return []
    before, now = dict(held), about["scores"]
    worst = [
        f"{name} {now.get(name)} (the file says {value})"
        for name, value in before.items()
        if now.get(name) != value
    ]
    if not worst:
        return [f"Its numbers are those of the file: {_numbers(now)}."]
    return [f"Other numbers than the file's: {', '.join(worst)}."]


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in values.items())
