import json
import shlex

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.studies.ask.recipe import flat, plan_text, prune_command, recipe_of
from prune3d_gui.studies.ask.versions import versions
from tests.toy import TOLERANCE

PLAN = Plan().with_value(TOLERANCE, 0.25).with_rate("mid", 1.0).with_lock("low", True)


def test_a_recipe_holds_the_whole_plan_and_json_holds_it(toy):
    model = toy.open(toy.bundled()[0])
    recipe = recipe_of("toy", model, PLAN, samples="val:2", command=("prune", "toy", "a b"))
    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["plan"] == {
        "values": {"tolerance": 0.25, "scope": "all"},
        "rates": {"mid": 1.0},
        "locks": ["low"],
    }
    assert recipe["command"] == "prune3d prune toy 'a b'"
    assert recipe["weights_hash"] == model.weights_hash
    assert recipe["versions"] == versions()
    assert (recipe["samples"], recipe["seed"]) == ("val:2", 0)
    text = flat(recipe)
    assert all(isinstance(value, str) for value in text.values())
    assert json.loads(text["plan"]) == recipe["plan"]
    assert "samples" not in recipe_of("toy", model, PLAN)
    assert json.loads(plan_text(PLAN))["values"] == {"tolerance": 0.25}


def test_the_command_of_a_plan_does_the_same(toy, fields, tmp_path):
    ref = toy.bundled()[0]
    words = prune_command(ref, toy.open(ref), PLAN, "a.npz")
    assert shlex.join(words) == (
        "prune toy --tolerance 0.25 --scope all --unit-rate mid=1 --lock low --out a.npz"
    )
    file = tmp_path / "own.npz"
    file.write_bytes(b"x")
    own = ModelRef("toy", "own", str(file))
    assert prune_command(own, toy.open(ref), Plan(), "b")[2:4] == ("--weights", str(file))
    for number, ref in enumerate(fields.bundled()):
        words = prune_command(ref, fields.open(ref), Plan(), "b")
        assert words[2:4] == ("--sample", f"s{number}")


def test_the_command_names_a_folder_of_the_users(toy, tmp_path):
    ref = ModelRef("toy", "scene", str(tmp_path))
    assert (ref.file, ref.own) == ("", str(tmp_path))
    assert ModelRef("toy", "", "").own == ModelRef("toy", "", str(tmp_path / "gone")).own == ""
    words = prune_command(ref, toy.open(toy.bundled()[0]), PLAN, "a.npz")
    assert words[2:4] == ("--weights", str(tmp_path))
