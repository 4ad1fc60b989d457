import json

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.files.plans import read_plan, write_plan

PLAN = Plan(
    values=(("criterion", "l1"), ("fold", True), ("rate", 40.6), ("seed", 3)),
    rates=(("C15", 56.00001017252604), ("conv_list[0]", 1e-7)),
    locks=("C1", "C2"),
)


def test_a_plan_comes_back_as_it_was(tmp_path):
    path = tmp_path / "best.json"
    write_plan(path, PLAN, {"metric": "chamfer_x1000", "threshold": 5.0})
    assert read_plan(path) == PLAN
    assert json.loads(path.read_text())["about"] == {"metric": "chamfer_x1000", "threshold": 5.0}
    write_plan(path, Plan())
    assert read_plan(path) == Plan()


def test_what_a_person_wrote_is_enough(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"format": "prune3d-plan", "rates": {"C2": 30, "C1": 20}}')
    assert read_plan(path) == Plan().with_rate("C1", 20).with_rate("C2", 30)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("\x00\xff", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1, 2]", "is no plan"),
        ('{"rates": {}}', "is no plan"),
        ('{"format": "prune3d-plan", "rates": {"C1": 130}}', "rate 130 of C1"),
        ('{"format": "prune3d-plan", "rates": {"C1": NaN}}', "rate nan of C1"),
        ('{"format": "prune3d-plan", "rates": {"C1": "many"}}', "rate 'many' of C1"),
        ('{"format": "prune3d-plan", "rates": [1]}', "rates are not"),
        ('{"format": "prune3d-plan", "values": {"rate": [1]}}', "values are not"),
        ('{"format": "prune3d-plan", "values": {"rate": Infinity}}', "values are not"),
        ('{"format": "prune3d-plan", "locks": "C1"}', "locks are not"),
        ('{"format": "prune3d-plan", "base": 3}', "says 'base'"),
    ],
)
def test_nonsense_is_refused(tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BadInput, match=words) as caught:
        read_plan(path)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"none\.json"):
        read_plan(tmp_path / "none.json")
    with pytest.raises(BadInput, match="is a folder; choose a file in it"):
        read_plan(tmp_path)
    big = tmp_path / "big.json"
    with open(big, "wb") as file:
        file.truncate(5_000_000)
    with pytest.raises(BadInput, match="too large"):
        read_plan(big)
