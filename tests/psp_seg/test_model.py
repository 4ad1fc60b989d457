"""The segmenter as a model: units, plans, footprints, previews, scores, patients of one's own."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.model import ModelRef, final_stage
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.plan.axes import baseline_of
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import Labels
from prune3d_gui.core.scene.scenes import Mesh, Pick, Volume
from prune3d_gui.core.scene.views import agreed, shown_in
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.plugins.psp_seg import comparing
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.controls import CRITERION, NETWORK, ORDER, SHOW
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.macs import step_macs
from prune3d_gui.plugins.psp_seg.network.removal import removed
from prune3d_gui.plugins.psp_seg.opening import open_model
from prune3d_gui.plugins.psp_seg.pruning.orders import KIND, as_text, shuffled
from prune3d_gui.plugins.psp_seg.showing import body_of
from prune3d_gui.pruning.knobs import SEED
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import TINY, network

SAMPLE, Q = "patient-01", Query()


@pytest.fixture
def model(make_model):
    return make_model()


def left(model, count):
    return Plan().with_value(model.left, count)


def labels_of(model, applied, sample=SAMPLE, query=Q):
    return final_stage(model, applied, sample, query, NEVER).scene.layer("labels").data.values


def test_branches_are_whole_units_in_a_matrix_of_modules_and_kernels(model):
    assert len(model.units) == 28
    assert all(unit.whole and unit.cell is not None and unit.macs > 0 for unit in model.units)
    assert len({unit.cell for unit in model.units}) == 28
    assert len({unit.id for unit in model.units}) == 28
    rows = {unit.path: unit.cell[0] for unit in model.units}
    assert list(rows.values()) == [0, 1, 2, 3]
    assert {unit.cell[1] for unit in model.units} == set(range(7))
    assert model.primary in {knob.id for knob in model.knobs}
    assert baseline_of(model.knobs).choice.id == "random"
    assert agreed(model.views) == model.views


def test_nothing_pruned_is_the_network_itself(model):
    applied = model.apply(Plan())
    size = applied.footprint
    assert size.removed == size.zeroed == 0
    assert size.total == sum(p.numel() for p in network(classes=5).parameters())
    assert size.prunable == sum(unit.count for unit in model.units)
    assert not size.touched


@pytest.mark.parametrize("count", [20, 7, 0])
def test_a_footprint_is_that_of_the_network_without_the_branches(model, count):
    applied = model.apply(left(model, count))
    model.network.mask(applied.token)
    small = removed(model.network)
    size = applied.footprint
    assert len(small.units) == count
    assert size.removed == size.total - sum(p.numel() for p in small.parameters())
    assert size.bytes == 4 * (size.total - size.removed)
    assert size.macs == sum(step_macs(small, (64, 64, 64)).values())
    kept = [unit for unit in model.units if size.nonzero[unit.id]]
    assert len(kept) == count
    assert sum(unit.count for unit in kept) == size.prunable - size.removed


def test_the_slider_walks_an_order_and_back_is_the_same_again(model):
    before, walked = frozenset(), []
    for count in (28, 21, 14, 7):
        applied = model.apply(left(model, count))
        assert before <= applied.token
        before = applied.token
        walked.append(labels_of(model, applied))
    again = labels_of(model, model.apply(left(model, 21)))
    assert np.array_equal(again, walked[1])
    assert not np.array_equal(walked[0], walked[2])


def test_a_result_is_that_of_the_network_with_these_branches_removed(model):
    applied = model.apply(left(model, 11))
    found = labels_of(model, applied)
    model.network.mask(applied.token)
    small = removed(model.network)
    volume = model._patients.of(SAMPLE).volume
    with torch.inference_mode():
        logits = small(model.info.window.seen(volume)[None, None])[0]
    assert (logits.argmax(0).numpy() == found).mean() > 0.9999  # layouts may differ in a last bit


def test_toggled_and_locked_branches_are_heard(model):
    first, second = model.units[0], model.units[1]
    plan = Plan().with_rate(first, 100).with_lock(second.id, True)
    applied = model.apply(plan)
    assert applied.footprint.removed == first.count
    assert second.id not in applied.footprint.scope
    everything = model.apply(plan.with_value(model.left, 0))
    assert everything.footprint.nonzero[second.id] == second.count
    assert sum(1 for n in everything.footprint.nonzero.values() if n) == 1
    with pytest.raises(BadInput, match="There is no unit 'X9'; take from "):
        model.apply(Plan().with_lock("X9", True))


def test_chance_is_seeded(model):
    def away(seed):
        plan = left(model, 14).with_value(CRITERION, "random").with_value(SEED, seed)
        return model.apply(plan).token

    assert away(1) == away(1)
    assert len({away(seed) for seed in range(6)}) > 3


def test_every_criterion_gives_an_order_of_all_branches(make_model, monkeypatch):
    model = make_model(scored=False)
    small = torch.zeros(1, 16, 16, 16, dtype=torch.long)
    small[:, 4:12, 4:12, 4:12] = 1
    from prune3d_gui.plugins.psp_seg.pruning.importance import Case

    image = torch.randn(1, 1, 16, 16, 16, generator=torch.Generator().manual_seed(0))
    model.__dict__["_cases"] = (Case(image, small),)
    orders = set()
    for choice in CRITERION.choices:
        plan = left(model, 14).with_value(CRITERION, choice.id)
        applied = model.apply(plan)
        assert len(applied.token) == 14
        orders.add(applied.token)
    assert len(orders) >= 5


def test_an_order_that_was_kept_is_walked(model):
    order = shuffled(model.network.units, 5)
    origin = Origin("psp_seg", model.title, model.weights_hash)
    kept = ArtifactStore().keep(KIND, "Shuffled", origin, {}, {"order": as_text(order)})
    applied = model.apply(left(model, 20).with_value(ORDER, kept.hash))
    assert applied.token == set(order[:8])
    other = ArtifactStore().keep(
        KIND, "Other's", Origin("psp_seg", "Other", "0" * 16), {}, {"order": as_text(order)}
    )
    with pytest.raises(BadInput, match="belongs to 'Other'"):
        model.apply(left(model, 20).with_value(ORDER, other.hash))
    short = ArtifactStore().keep(KIND, "Short", origin, {}, {"order": as_text(order[:3])})
    with pytest.raises(BadInput, match="of 3 branches"):
        model.apply(left(model, 20).with_value(ORDER, short.hash))


def test_a_network_that_was_made_is_pruned_instead(model):
    state = {k: v.clone() for k, v in model.network.state_dict().items()}
    state["decoder.0.scales"] *= 0.1
    origin = Origin("psp_seg", model.title, model.weights_hash)
    kept = ArtifactStore().keep("network", "Recovered", origin, state)
    plan = left(model, 20).with_value(NETWORK, kept.hash).with_value(CRITERION, "l1")
    here = labels_of(model, model.apply(left(model, 20).with_value(CRITERION, "l1")))
    there = labels_of(model, model.apply(plan))
    assert not np.array_equal(here, there)
    del state["decoder.0.scales"]
    damaged = ArtifactStore().keep("network", "Damaged", origin, state)
    with pytest.raises(BadInput, match="'Damaged' does not fit"):
        model.apply(Plan().with_value(NETWORK, damaged.hash))


def test_a_preview_is_shown_but_has_no_border_scores(model):
    applied = model.apply(left(model, 20))
    (preview,) = model.reconstruct(applied, SAMPLE, Q, "preview", NEVER)
    assert preview.quality == "preview"
    scores = model.score(applied, SAMPLE, Q, preview, None)
    assert "nsd" not in scores.values
    assert not [part for part in scores.parts if part.kind == "lesion"]
    full = final_stage(model, applied, SAMPLE, Q, NEVER)
    whole = model.score(applied, SAMPLE, Q, full, None)
    assert {"dice", "nsd", "found", "false"} <= set(whole.values)
    assert whole.against == "reference"


def test_scenes_hold_slices_and_closed_surfaces_in_mm(model):
    scene = final_stage(model, model.apply(Plan()), SAMPLE, Q, NEVER).scene
    reference = model.reference(SAMPLE, Q)
    for one in (scene, reference):
        assert one.unit == "mm"
        for view in model.views:
            assert shown_in(one, view) is not None
        assert one.first(Volume) is not None
        assert one.first(Labels) is not None
    assert (
        max(open_edges(layer.data) for layer in scene.layers if isinstance(layer.data, Mesh)) == 0
    )
    # Where voxels touch by an edge alone, surface nets have no two faces for it.
    for layer in reference.layers:
        assert not isinstance(layer.data, Mesh) or open_edges(layer.data) < 0.01


def open_edges(mesh):
    """Share of the edges that only one face has."""
    if not len(mesh.faces):
        return 0.0
    edges = np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    return float((counts % 2 == 1).mean())


def test_agreement_shows_where_and_changes_no_number(model):
    applied, agreeing = model.apply(left(model, 20)), Q.with_value(SHOW, "agreement")
    plain = final_stage(model, applied, SAMPLE, Q, NEVER)
    stage = final_stage(model, applied, SAMPLE, agreeing, NEVER)
    found, wanted = labels_of(model, applied), model._patients.of(SAMPLE).labels
    maps = stage.scene.layer("agreement").data.values
    assert np.array_equal(maps == 1, (found == wanted) & (wanted > 0))
    assert np.array_equal(maps > 0, (found > 0) | (wanted > 0))
    assert np.array_equal(maps == 3, (found == 0) & (wanted > 0))
    one = model.score(applied, SAMPLE, agreeing, stage, None)
    assert one.values == model.score(applied, SAMPLE, Q, plain, None).values


def test_evaluating_gives_what_scoring_gives(model):
    applied = model.apply(left(model, 20))
    samples = model.select("val:2")
    for sample, found in zip(samples, model.evaluate(applied, samples, Q, {}), strict=True):
        stage = final_stage(model, applied, sample, Q, NEVER)
        one = model.score(applied, sample, Q, stage, None)
        assert found.values == one.values
        assert [p.name for p in found.parts] == [p.name for p in one.parts]


@pytest.fixture
def few_points(monkeypatch):
    """Three points to a curve, and one random order."""
    monkeypatch.setattr(comparing, "POINTS", 3)
    monkeypatch.setattr(comparing, "RANDOM_SEEDS", (0,))


def test_other_orders_and_chance_are_curves_whose_ends_agree(model, few_points):
    curves = {curve.id: curve for curve in model.curves(SAMPLE, Q, NEVER)}
    curves.pop("dense", None)  # a network of its own, which ships
    assert set(curves) == {"change", "rounds", "l1", "random"}
    full, none = model.apply(Plan()), model.apply(left(model, 0))
    for applied, at in ((full, -1), (none, 0)):
        stage = final_stage(model, applied, SAMPLE, Q, NEVER)
        values = model.score(applied, SAMPLE, Q, stage, None).values
        x, y = model.comparison.x, model.comparison.y
        for curve in curves.values():
            assert curve.points[at] == pytest.approx((values[x], values[y]))
    walked = model.apply(left(model, 14))
    stage = final_stage(model, walked, SAMPLE, Q, NEVER)
    values = model.score(walked, SAMPLE, Q, stage, None).values
    middle = (values["parameters"], values["dice_error"])
    assert any(point == pytest.approx(middle) for point in curves["change"].points)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(model.curves(SAMPLE, Q, token))


def test_a_smaller_dense_network_that_is_there_is_a_point(model, few_points, tmp_path, monkeypatch):
    small = network(TINY, len(CLASSES))
    small.mask(frozenset(small.units))
    path = tmp_path / "dense.safetensors"
    save_network(path, removed(small), CLASSES, SPACING, model.info.window, {})
    monkeypatch.setattr("prune3d_gui.plugins.psp_seg.model.DENSE", str(path))
    dense = list(model.curves(SAMPLE, Q, NEVER))[-1]
    assert dense.id == "dense"
    ((parameters, error),) = dense.points
    assert parameters == sum(p.numel() for p in removed(small).parameters())
    assert 0 < error <= 1


def test_surfaces_know_their_distance_to_the_other_and_a_lost_one_is_far(model):
    applied = model.apply(Plan())
    stage = final_stage(model, applied, SAMPLE, Q, NEVER)
    scores = model.score(applied, SAMPLE, Q, stage, None)
    reference = model.reference(SAMPLE, Q)
    for scene, found in ((stage.scene, scores.arrays), (reference, scores.on_reference)):
        known = {layer.name for layer in scene.with_arrays(found).layers}
        assert set(found) <= known & set(CLASSES)
        for name, arrays in found.items():
            assert arrays["signed"].shape == (len(scene.layer(name).data.points),)
    assert set(scores.on_reference) == {
        n for n in CLASSES[1:] if len(reference.layer(n).data.points)
    }  # fmt: skip
    there = np.isin(np.arange(len(CLASSES)), stage.scene.layer("labels").data.values)
    bodies = {n: there[list(body_of(CLASSES.index(n), CLASSES))].any() for n in scores.on_reference}
    for name in (name for name, found in bodies.items() if not found):
        assert np.isinf(scores.on_reference[name]["signed"]).all()
        text = model.explain(SAMPLE, reference.with_arrays(scores.on_reference), Pick(name, 0))
        assert text.endswith(f"the result has no {name}.")
    for name in scores.arrays:  # the surfaces of a network that knows no organ may be empty
        text = model.explain(SAMPLE, stage.scene.with_arrays(scores.arrays), Pick(name, 0))
        assert "the reference's border" in text
    agreement = Q.with_value(SHOW, "agreement")
    seen = final_stage(model, applied, SAMPLE, agreement, NEVER)
    told = model.score(applied, SAMPLE, agreement, seen, None)
    assert not told.arrays
    assert not told.on_reference


def test_patients_are_named_counted_and_refused(model):
    assert len(model.select("val:24")) == 24
    assert model.select("patient-02,patient-05") == ("patient-02", "patient-05")
    with pytest.raises(BadInput, match="'patient-99' is no sample"):
        model.select("patient-99")
    with pytest.raises(BadInput):
        model.select("val:25")
    with pytest.raises(BadInput, match="There is no patient 'nobody'"):
        model.reference("nobody", Q)


def test_a_patient_without_a_reference_is_compared_with_the_full_result(model, write):
    affine = along_axes((SPACING,) * 3)
    sample = model.open_sample(write("own.nii.gz", ct((24, 24, 24)), affine))
    assert not sample.reference
    assert model.samples()[0].id == sample.id
    assert model.reference(sample.id, Q) is None
    whole = final_stage(model, model.apply(Plan()), sample.id, Q, NEVER)
    applied = model.apply(left(model, 10))
    stage = final_stage(model, applied, sample.id, Q, NEVER)
    assert model.score(applied, sample.id, Q, stage, None) is None
    scores = model.score(applied, sample.id, Q, stage, whole.scene)
    assert scores.against == "full"
    assert 0 <= scores.values["dice"] <= 1
    assert "own.nii.gz" not in model.select("val:3")
    map_ = np.zeros((24, 24, 24), np.uint8)
    map_[5:12, 5:12, 5:12] = 1
    again = model.open_sample(write("own-seg.nii.gz", map_, affine))
    assert again.id == sample.id
    assert again.reference
    assert model.score(applied, sample.id, Q, stage, None).against == "reference"


def test_a_patient_travels_to_another_machine(make_model, write):
    affine = along_axes((SPACING,) * 3, (1.0, 2.0, 3.0))
    here, there = make_model(), make_model()
    sample = here.open_sample(write("own.nii.gz", ct((24, 24, 24)), affine)).id
    assert here.pack(SAMPLE) == b""
    there.unpack(sample, here.pack(sample))
    plan = left(here, 12)
    assert np.array_equal(
        labels_of(here, here.apply(plan), sample), labels_of(there, there.apply(plan), sample)
    )


def test_a_bad_file_loses_nothing(model, tmp_path):
    before = model.samples()
    bad = tmp_path / "bad.nii.gz"
    bad.write_bytes(b"no volume at all")
    with pytest.raises(BadInput, match=r"bad\.nii\.gz"):
        model.open_sample(bad)
    assert model.samples() == before


def test_classes_are_those_of_the_network(model):
    assert tuple(model.classes) == CLASSES
    scene = model.reference(SAMPLE, Q)
    named = {label.name for label in scene.layer("labels").data.table.values()}
    assert named == set(CLASSES[1:])


def test_a_tumour_within_an_organ_has_a_surface_of_its_own(model):
    reference = model.reference(SAMPLE, Q)
    held = reference.layer("labels").data.values
    for number, name in enumerate(CLASSES[1:], 1):
        assert bool(len(reference.layer(name).data.faces)) == bool((held == number).any())


def test_a_smaller_network_is_opened_again_even_without_a_branch(model, tmp_path):
    for count in (5, 0):
        applied = model.apply(left(model, count))
        path = tmp_path / "small.safetensors"
        model.export(applied, "safetensors", path, {})
        opened = open_model(ModelRef("psp_seg", "small", str(path), "cpu"))
        whole = opened.apply(Plan())
        assert len(opened.units) == count
        assert whole.footprint.macs == applied.footprint.macs
        assert np.array_equal(labels_of(opened, whole), labels_of(model, applied))
        assert opened.apply(Plan().with_value(opened.left, 0)).footprint.nonzero is not None
        opened.close()


def test_branches_rank_by_the_order_that_is_walked_once_it_is_known(make_model):
    model = make_model()
    ranks = model.apply(Plan()).footprint.ranks
    assert sorted(ranks) == sorted(unit.id for unit in model.units)
    assert (min(ranks.values()), max(ranks.values())) == (0, 1)
    three = model.apply(left(model, len(model.units) - 3)).footprint
    gone = {name for name, count in three.nonzero.items() if not count}
    assert gone == set(sorted(ranks, key=ranks.get)[:3])
    other = model.apply(Plan().with_value(CRITERION, "random")).footprint.ranks
    assert sorted(other.values()) == sorted(ranks.values())
    assert other != ranks
    assert not make_model(scored=False).apply(Plan()).footprint.ranks
