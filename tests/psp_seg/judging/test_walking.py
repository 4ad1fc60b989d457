"""Walking orders over patients: rows against other implementations, and the chart."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import label

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.jobs import COMPARING, compare_orders
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.opening import open_model
from prune3d_gui.plugins.psp_seg.system import SegmentSystem
from tests.psp_seg.conftest import SPACING
from tests.psp_seg.network.test_network import TINY, network

ORDERS = "l1,random"


def run(report=lambda told: None, cancel=NEVER, **options):
    values = {option.name: option.default for option in COMPARING} | options
    return compare_orders(values, report, cancel)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small network in a file: 12 branches."""
    path = tmp_path_factory.mktemp("walks") / "tiny.safetensors"
    save_network(path, network(TINY, len(CLASSES)), CLASSES, SPACING, Window(), {})
    return str(path)


@pytest.fixture(scope="module")
def walked(weights, tmp_path_factory):
    out = tmp_path_factory.mktemp("charts") / "walks.png"
    told = []
    asked = {"orders": ORDERS, "branches": "12,6,0", "random_seeds": 2, "patients": 2}
    rows = run(told.append, weights=weights, out=str(out), **asked)
    return rows, out, told


def test_every_order_has_a_row_for_each_number_of_branches(walked):
    rows, _, told = walked
    named = [(row["order"], row["order_seed"], row["branches"]) for row in rows]
    walks = [("l1", None), ("random", 0), ("random", 1)]
    whole = [("full", None, 12), *((*walk, left) for walk in walks for left in (12, 6, 0))]
    assert named[: len(whole)] == whole
    assert {name for name, *_ in named[len(whole) :]} <= {"dense"}
    full, everything = rows[0], next(row for row in rows if row["branches"] == 12)
    assert all(
        full[name] == everything[name] for name in ("dice", "tumours", "found", "parameters")
    )
    assert full["lost"] == full["alarms"] == 0
    assert [r["parameters"] for r in rows if r["order"] == "l1"] == sorted(
        (r["parameters"] for r in rows if r["order"] == "l1"), reverse=True
    )
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert all(progress.done < progress.total for progress in told)


def test_numbers_are_those_of_another_count(weights, walked):
    """Dice by sets of voxels, lesions by scipy's labels: of the random order with 6 left."""
    rows, *_ = walked
    row = next(r for r in rows if (r["order"], r["order_seed"], r["branches"]) == ("random", 1, 6))
    model = open_model(ModelRef("psp_seg", "again", weights, "cpu"))
    values = {"criterion": "random", "seed": 1, "branches": 6}
    plan = Plan()
    for knob in model.knobs:
        plan = plan.with_value(knob, values[knob.id]) if knob.id in values else plan
    applied = model.apply(plan)
    dice, count, found = {name: [] for name in CLASSES[1:]}, 0, 0
    for sample in ("patient-00", "patient-01"):
        *_, stage = model.reconstruct(applied, sample, Query(), "full", CancelToken())
        given, wanted = stage.scene.layer("labels").data.values, model.patient(sample).labels
        for number, name in enumerate(CLASSES[1:], 1):
            a, b = (set(np.flatnonzero(values == number)) for values in (given, wanted))
            if b:
                dice[name].append(2 * len(a & b) / (len(a) + len(b)))
            if "tumour" in name:
                bodies, many = label(wanted == number, np.ones((3, 3, 3)))
                count += many
                found += sum((given[bodies == n + 1] == number).mean() >= 0.1 for n in range(many))
    for name, values in dice.items():
        assert row[name] == pytest.approx(np.mean(values) if values else None)
    assert (row["lesions"], row["found"]) == (count, found)
    assert row["organs_low"] <= row["organs"] <= row["organs_high"]
    model.close()


def test_the_chart_says_what_it_was_drawn_from(walked):
    with Image.open(walked[1]) as drawn:
        drawn.load()
        assert "prune3d compare psp_seg" in drawn.text[KEY]
        assert np.asarray(drawn.convert("L")).std() > 10


def test_it_stops_and_refuses_in_words(weights, tmp_path):
    for asked, words in (
        ({"orders": "l2"}, "'l2'"),
        ({"branches": "13"}, "'13'"),
        ({"branches": "few"}, "'few'"),
        ({"out": str(tmp_path / "walks.gif")}, "walks.gif"),
    ):
        with pytest.raises(BadInput, match=words):
            run(weights=weights, **asked)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        run(cancel=token, weights=weights, orders=ORDERS)


@pytest.mark.skipif(len(SegmentSystem().bundled()) < 2, reason="the networks are not installed")
def test_the_bundled_networks_differ_in_their_weights_and_bring_their_scores():
    models = [SegmentSystem().open(ref) for ref in SegmentSystem().bundled()]
    assert len({model.weights_hash for model in models}) == len(models)
    for model in models:
        known = model.branches.scores("drop")  # measured in seconds, unless it is known
        assert set(known) == set(model.network.units)
        model.close()
