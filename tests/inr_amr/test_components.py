"""Fields of several outputs, of which one is taken."""

import shlex

import pytest
import torch

from prune3d_gui.cli.main import main
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field
from prune3d_gui.plugins.inr_amr.system import FieldSystem
from prune3d_gui.studies.ask.moments import exported, moment_of

from .stored.stored_fields import assert_same, chain, state, stored

LAYERS = chain(3, 8, 8, 3)
FLOW = state({f"{2 * n}": own for n, own in enumerate(LAYERS)})


def output(number):
    def values(points):
        for own in LAYERS[:-1]:
            points = torch.relu(own(points))
        return LAYERS[-1](points)[:, number]

    return values


@pytest.fixture
def path(tmp_path):
    return stored(tmp_path / "flow.pth", FLOW, activation="relu", components=["u", "v", "p"])


@pytest.mark.parametrize(("wanted", "number"), [("0", 0), ("2", 2), ("v", 1)])
def test_one_output_by_number_or_name(path, wanted, number):
    network, info = load_field(path, wanted)
    assert_same(network, output(number))
    assert info.outputs == ("u", "v", "p")
    assert info.name == f"flow.pth#{'uvp'[number]}"
    assert info.domain.value == "uvp"[number]


@pytest.mark.parametrize("wanted", [1, "1", "v"])
def test_the_json_file_chooses_and_is_overruled(path, wanted):
    stored(path, FLOW, activation="relu", components=["u", "v", "p"], component=wanted)
    assert_same(load_field(path)[0], output(1))
    assert_same(load_field(path, "2")[0], output(2))


def test_without_a_choice_the_ways_to_choose_are_said(path):
    with pytest.raises(BadInput) as caught:
        load_field(path)
    for word in (
        "3 values",
        "--component (0 to 2 or u, v, p)",
        '{"component": 0}',
        "flow.pth.json",
    ):
        assert word in str(caught.value)
    with pytest.raises(BadInput, match=r"no component '3'; give 0 to 2 or u, v, p\."):
        load_field(path, "3")
    stored(path, FLOW, activation="relu", components=["u", "v"])
    with pytest.raises(BadInput, match=r"names 2 components \(u, v\), but"):
        load_field(path, "0")


def test_a_field_of_one_output_has_only_that(tmp_path):
    named = state({f"{2 * n}": own for n, own in enumerate(chain(3, 8, 1))})
    path = stored(tmp_path / "f.pth", named, activation="relu")
    assert load_field(path, "0")[1].name == "f.pth"
    with pytest.raises(BadInput, match="no component '1'"):
        load_field(path, "1")


def test_the_other_outputs_are_samples_that_open_them(path):
    system = FieldSystem()
    model = system.open(ModelRef(system.id, "flow", f"{path}#v"))
    assert model.own == "flow.pth#v"
    others = {sample.id: sample.opens for sample in model.samples() if sample.opens}
    assert {"flow.pth#u", "flow.pth#p"} < others.keys() | {"chest"}
    opened = system.open(others["flow.pth#p"])
    assert opened.own == "flow.pth#p"
    assert_same(opened.network, output(2))
    assert others["flow.pth#u"].file == str(path)
    moment = exported(moment_of(others["flow.pth#p"], opened, role="network"), "out.pth")
    assert shlex.split(moment.command)[3:5] == ["--weights", "flow.pth#p"]


def test_a_file_may_have_the_sign_in_its_name(tmp_path):
    named = state({f"{2 * n}": own for n, own in enumerate(chain(3, 8, 1))})
    path = stored(tmp_path / "run#3.pth", named, activation="relu")
    model = FieldSystem().open(ModelRef("inr_amr", "f", str(path)))
    assert model.own == "run#3.pth"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("units inr_amr --weights FILE --component v", "flow.pth#v"),
        ("units inr_amr --weights FILE#2", "flow.pth#p"),
        ("sweep inr_amr --sample FILE --component 0 --tolerance 0.1 --cells 64", "flow.pth#u: "),
        ("sweep inr_amr --sample FILE#u --weights FILE --tolerance 0.1 --cells 64", "flow.pth#u: "),
        ("mesh inr_amr --weights FILE --component 1 --cells 64", "dofs"),
        ("mesh inr_amr --sample FILE#v --cells 64", "dofs"),
        ("compare inr_amr --samples FILE --component p --cells 64", "hybrid"),
    ],
)
def test_the_command_line_takes_one(path, capsys, line, said):
    assert main(line.replace("FILE", str(path)).split()) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("units inr_amr --weights FILE", "choose it with --component"),
        ("mesh inr_amr --sample FILE --cells 64", "choose it with --component"),
        (
            "units inr_amr --weights FILE#0 --component 1",
            "The outputs 0 and 1 are named; name one.",
        ),
        ("units inr_amr --weights FILE#0 --sample FILE#1", "outputs 0 and 1 are named"),
        ("units inr_amr --component 1", "--component '1' is one output of a file"),
        ("mesh inr_amr --component 1 --cells 64", "fits only files"),
        ("mesh inr_amr --weights FILE#0 --component 1 --cells 64", "names an output and so does"),
    ],
)
def test_what_cannot_be_chosen_is_said(path, capsys, line, said):
    assert main(line.replace("FILE", str(path)).split()) == 2
    assert said in capsys.readouterr().err
