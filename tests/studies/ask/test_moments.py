import json
import shlex
from dataclasses import replace

import pytest

from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.studies.ask.moments import (
    exported,
    moment_of,
    plan_text,
    reconstructed,
    stamped,
    with_command,
)
from prune3d_gui.studies.ask.told import told
from prune3d_gui.studies.ask.versions import versions
from tests.toy import GRID, TOLERANCE

PLAN = Plan().with_value(TOLERANCE, 0.25).with_rate("mid", 1.0).with_lock("low", True)
SAMPLE = Sample("s1", "Seed 1")


@pytest.fixture
def model(toy):
    return toy.open(toy.bundled()[0])


def test_a_moment_holds_the_whole_plan_and_json_holds_it(toy, model):
    ref = toy.bundled()[0]
    query = Query().with_value(GRID, 20)
    moment = moment_of(ref, model, sample=SAMPLE, plan=PLAN, query=query, role="pruned")
    assert Moment.of_text(moment.as_text()) == moment
    fields = moment.as_fields()
    assert fields["plan"] == {
        "values": {"tolerance": 0.25, "scope": "all"},
        "rates": {"mid": 1.0},
        "locks": ["low"],
    }
    assert fields["query"] == {"grid": 20}
    assert (moment.weights, moment.weights_hash) == ("", model.weights_hash)
    assert fields["about"]["versions"] == versions()
    assert (fields["about"]["data"], fields["about"]["seed"]) == (model.note, 0)
    for role in ("reference", "full"):
        assert "plan" not in replace(moment, role=role).of(role).as_fields()
    assert json.loads(plan_text(PLAN))["values"] == {"tolerance": 0.25}


def test_a_file_of_ones_own_is_known_by_name_and_hash(toy, model, tmp_path):
    file = tmp_path / "mine.png"
    file.write_bytes(b"a picture")
    sample = stamped(Sample(str(file), "mine"), file)
    ref = ModelRef("toy", "own", str(tmp_path))
    moment = moment_of(ref, model, sample=sample, plan=PLAN, role="pruned")
    assert (moment.sample, moment.sample_file) == ("mine.png", "mine.png")
    assert len(moment.sample_hash) == 64
    assert moment.weights == tmp_path.name
    made = reconstructed(moment, tmp_path / "out.ply")
    assert str(tmp_path.parent) not in made.as_text()
    assert shlex.split(made.command)[2:7] == [
        "toy", "--weights", tmp_path.name, "--image", "mine.png",
    ]  # fmt: skip


def test_the_command_of_a_plan_does_the_same(toy, fields, model):
    ref = toy.bundled()[0]
    moment = moment_of(ref, model, plan=PLAN, role="network")
    assert exported(moment, "/far/away/a.npz").command == (
        "prune3d prune toy --scope all --tolerance 0.25 --unit-rate mid=1 --lock low --out a.npz"
    )
    moment = moment_of(ref, model, sample=SAMPLE, role="reference")
    assert reconstructed(moment, "a.ply").command == (
        "prune3d reconstruct toy --sample s1 --result reference --grid 24 --out a.ply"
    )
    for number, ref in enumerate(fields.bundled()):
        opened = fields.open(ref)
        (own,) = [sample for sample in opened.samples() if sample.opens == ref]
        words = exported(moment_of(ref, opened, sample=own, role="network"), "b").command.split()
        assert words[3:5] == ["--sample", f"s{number}"]


def test_words_of_a_command_keep_no_path(tmp_path):
    file = tmp_path / "a b.npz"
    words = ["sweep", "toy", "--weights", str(file), f"--plan={file}", "--rate", "0.5/2"]
    assert with_command(Moment(), words).command == (
        "prune3d sweep toy --weights 'a b.npz' '--plan=a b.npz' --rate 0.5/2"
    )


def test_it_is_told_in_sentences(toy, model):
    about = {"scores": {"l2": 3.25}, "against": "reference"}
    moment = moment_of(
        toy.bundled()[0], model, sample=SAMPLE, plan=PLAN, role="pruned", about=about
    )
    lines = told(reconstructed(moment, "a.ply"), "a.ply")
    assert lines[0].startswith("'a.ply' holds the pruned result of Seed 1, made with")
    text = "\n".join(lines)
    assert "Pruned by: scope all, tolerance 0.25." in text
    assert "Rates of their own: mid 1 %." in text
    assert "Scores against the reference: l2 3.25." in text
    assert lines[-1].endswith("--out a.ply")
