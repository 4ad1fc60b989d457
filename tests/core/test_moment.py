import json

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import FORMAT, VERSION, Moment, paired
from prune3d_gui.core.plan.plans import Plan, Query

MOMENT = Moment(
    system="toy",
    model="Toy",
    weights="/home/me/secret/net.pth#2",
    weights_hash="abc",
    sample="one",
    sample_file="/home/me/photo.png",
    plan=Plan((("rate", 30.0), ("scope", "all")), (("a", 10.0),), ("b",)),
    query=Query((("colour", "error"),)),
    role="pruned",
    cameras=(("space", (("focus", (0.0, 0.5, 0.0)), ("position", (1.0, 2.0, 3.0)))),),
    look=(("style", "mesh"),),
    about=(("seed", 3),),
    command="prune3d reconstruct toy --rate 30",
)


def test_what_is_written_is_read_again():
    assert Moment.of_text(MOMENT.as_text()) == MOMENT
    assert hash(Moment.of_text(MOMENT.as_text())) == hash(MOMENT)


def test_it_has_names_and_no_path():
    assert MOMENT.weights == "net.pth#2"
    assert MOMENT.sample_file == "photo.png"
    assert "/home" not in MOMENT.as_text()


def test_the_full_result_and_the_reference_know_no_plan():
    assert MOMENT.of("full").plan == Plan() == MOMENT.of("reference").plan
    assert MOMENT.of("pruned") == MOMENT


def test_nested_values_become_pairs():
    assert paired({"b": [1, 2], "a": {"c": None}}) == (("a", (("c", None),)), ("b", (1, 2)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": VERSION + 1}, "newer one"),
        ({"format": "other"}, FORMAT),
        ({"version": "1"}, "version is '1'"),
        ({"system": ""}, "names no system"),
        ({"role": "nobody"}, "role is 'nobody'"),
        ({"plan": []}, "plan is"),
        ({"plan": {"rates": {"a": 101}}}, "101"),
        ({"plan": {"values": {"rate": float("nan")}}}, "nan"),
        ({"plan": {"values": {"rate": None}}}, "plan is {'rate': None}"),
        ({"query": 3}, "query is 3"),
        ({"query": {"time": [1, 2]}}, "query is {'time': [1, 2]}"),
        ({"cameras": "x"}, "cameras is 'x'"),
        ({"model": 4}, "model is 4"),
    ],
)
def test_what_is_damaged_is_said_in_a_sentence(change, said):
    with pytest.raises(BadInput, match=r"'a\.png'") as caught:
        Moment.of_fields(MOMENT.as_fields() | change, "'a.png'")
    assert said in str(caught.value)


def test_what_is_no_json_is_said(tmp_path):
    with pytest.raises(BadInput, match="not JSON"):
        Moment.of_text("{")
    assert json.loads(MOMENT.as_text())["plan"]["locks"] == ["b"]


def test_what_a_system_calls_by_a_path_is_written_by_its_name():
    moment = Moment(system="toy", sample="/home/me/scan.nii", model="/home/me/net.pth")
    assert moment.sample == "/home/me/scan.nii"  # a window must find it again
    assert "/home" not in moment.as_text()
    assert Moment.of_text(moment.as_text()).sample == "scan.nii"
