"""The model behind the contract: pruning, meshing, showing, scoring, export."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.plan.plans import Plan, Query, resolve
from prune3d_gui.core.scene.scenes import Grid, Mesh, Pick
from prune3d_gui.plugins.inr_amr.data.truth import VolumeTruth, pack_truth, unpack_truth
from prune3d_gui.plugins.inr_amr.mesh.specs import RULES
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field


def run(model, quality="full", plan=None, sample="ball", cancel=None, **looks):
    _, query = resolve(model.knobs, looks)
    applied = model.apply(plan or Plan())
    stages = list(model.reconstruct(applied, sample, query, quality, cancel or CancelToken()))
    assert stages[-1].quality == quality
    return applied, query, stages[-1]


def pruned(model, **values):
    return resolve(model.knobs, values)[0]


def test_the_least_tolerance_leaves_the_network_alone(make_model):
    model = make_model()
    applied = model.apply(Plan())
    assert applied.token.network is model.network
    assert applied.footprint.removed == 0


@pytest.mark.parametrize("bad", [0, 1.5, -1, float("nan")])
def test_a_tolerance_out_of_range_is_one_sentence(make_model, bad):
    with pytest.raises(BadInput, match=f"tolerance {bad}"):
        pruned(make_model(), tolerance=bad)


def test_a_tolerance_removes_neurons_for_good(make_model):
    model = make_model()
    applied = model.apply(pruned(model, tolerance=0.05))
    size = applied.footprint
    network = applied.token.network
    assert size.removed == model.network.parameters_count - network.parameters_count > 0
    assert size.zeroed == 0
    assert size.bytes == 4 * network.parameters_count
    assert size.macs < model.network.macs
    assert list(size.nonzero.values()) == list(network.widths)


def test_a_budget_is_met_and_one_that_cannot_be_met_is_refused(make_model):
    model = make_model()
    applied = model.apply(pruned(model, budget=200))
    assert applied.token.network.parameters_count <= 200
    with pytest.raises(BadInput, match="budget of 3"):
        model.apply(pruned(model, budget=3))


def test_ways_of_pruning_are_compared_at_equal_size(make_model):
    model = make_model()
    found = {}
    for criterion in ("id", "l1", "random"):
        plan = pruned(model, tolerance=0.1, criterion=criterion)
        applied, query, stage = run(model, plan=plan)
        scores = model.score(applied, "ball", query, stage, None)
        found[criterion] = applied.token.network.parameters_count, scores.values["rel_l2"]
    assert len({count for count, _ in found.values()}) == 1
    assert found["id"][1] < found["l1"][1]
    assert found["id"][1] < found["random"][1]


def test_unknown_unit_is_refused(make_model):
    with pytest.raises(BadInput, match="H9"):
        make_model().apply(Plan().with_rate("H9", 50))


def test_a_unit_with_a_rate_of_its_own(make_model):
    assert make_model().apply(Plan().with_rate("H1", 50)).token.network.widths == (12, 24)


@pytest.mark.parametrize("view", ["surface", "slices", "cells"])
@pytest.mark.parametrize("quality", ["preview", "full"])
def test_a_solid_field_is_shown_in_every_way(make_model, view, quality):
    model = make_model()
    applied, query, stage = run(model, quality, view=view)
    kind = Grid if view == "cells" else Mesh
    assert isinstance(stage.scene.layers[0].data, kind)
    assert np.isfinite(stage.scene.layers[0].data.points).all()
    assert stage.scene.layers[0].data.points.min() >= 0
    assert stage.scene.layers[0].data.points.max() <= 10 + 1e-4
    reference = model.reference("ball", query)
    assert len(reference.layers[0].data.points)
    scores = model.score(applied, "ball", query, stage, None)
    assert ("dofs" in scores.values) == (quality == "full")


@pytest.mark.parametrize("view", ["image", "height", "cells"])
def test_a_flat_field_is_shown_in_every_way(make_model, view):
    model = make_model(2)
    _, query, stage = run(model, view=view)
    z = stage.scene.layers[0].data.points[:, 2]
    assert (z.max() > 0.1) == (view == "height")
    assert len(model.reference("ball", query).layers[0].data.points)


def test_the_surface_is_where_the_field_has_its_value(make_model):
    model = make_model()
    applied, query, stage = run(model, iso=0.1, threshold=0.005)
    values = model.slice(applied, query).values(stage.scene.layers[0].data.points / 10)
    assert np.abs(values - 0.1).max() < 0.02


def test_scores_are_those_of_their_definitions(make_model):
    model = make_model(2)
    applied, query, stage = run(model)
    scores = model.score(applied, "ball", query, stage, None)
    points = np.random.default_rng(0).random((65_536, 2))
    got = model.slice(applied, query).values(points).astype(np.float64)
    want = model._references.of("ball").values(points, 0.0).astype(np.float64)
    rmse = np.sqrt(np.mean((got - want) ** 2))
    assert scores.values["rel_l2"] == pytest.approx(
        np.linalg.norm(got - want) / np.linalg.norm(want), rel=1e-6
    )
    assert scores.values["psnr"] == pytest.approx(20 * np.log10(1 / rmse), rel=1e-6)
    assert scores.values["cells"] == len(stage.scene.first(Grid).cells)
    assert scores.against == "reference"


def test_without_a_reference_the_unpruned_network_takes_its_place(make_model):
    model = make_model(truth=False)
    assert model.reference("ball", Query()) is None
    applied, query, stage = run(model)
    scores = model.score(applied, "ball", query, stage, None)
    assert (scores.against, scores.values["rel_l2"]) == ("full", 0.0)
    applied, query, stage = run(model, plan=pruned(model, tolerance=0.1))
    assert model.score(applied, "ball", query, stage, None).values["rel_l2"] > 0


def test_a_tighter_threshold_gives_more_cells_and_less_error(make_model):
    model = make_model()
    found = []
    for threshold in (0.1, 0.01):
        applied, query, stage = run(model, rule="interpolation", threshold=threshold)
        values = model.score(applied, "ball", query, stage, None).values
        found.append((values["cells"], values["rmse"]))
    assert found[1][0] > found[0][0]
    assert found[1][1] < found[0][1]


def test_time_moves_the_surface_and_its_reference(make_model):
    model = make_model(3, True)
    found = []
    for time in (0.0, 0.25):
        _, query, stage = run(model, time=time)
        away = np.linalg.norm(stage.scene.layers[0].data.points / 10 - 0.5, axis=1)
        reference = np.linalg.norm(
            model.reference("ball", query).layers[0].data.points / 10 - 0.5, axis=1
        )
        assert abs(away.mean() - reference.mean()) < 0.04
        found.append(away.mean())
    assert found[1] - found[0] > 0.05


def test_a_stopped_reconstruction_says_so(make_model):
    model, cancel = make_model(), CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run(model, cancel=cancel)


def test_a_cell_is_explained_with_ranks_errors_and_reason(make_model):
    model = make_model()
    _, _, stage = run(model, view="cells", rule="id")
    text = model.explain("ball", stage.scene, Pick("cells", 5, "cell"))
    assert text.startswith("Cell 5")
    for word in ("H1", "H2", "of 24", "nterpolation error", "level"):
        assert word in text


def test_a_vertex_is_explained(make_model):
    model = make_model()
    _, _, stage = run(model)
    assert "mm" in model.explain("ball", stage.scene, Pick("surface", 3))


def test_a_cell_where_the_field_is_no_number_is_marked_and_the_rest_works(make_model):
    model = make_model(2)
    plain = model.network.forward
    broken = lambda x: plain(x) / (1 - 2.0 * (x.norm(dim=-1) < 0.1)).clamp(min=0)  # noqa: E731
    model.network.forward = broken
    try:
        _, _, stage = run(model, view="cells", rule="interpolation")
        grid = stage.scene.layers[0].data
        bad = ~np.isfinite(grid.arrays["value"][grid.cells]).all(axis=1)
        assert 0 < bad.sum() < len(grid.cells)
        worst = model.explain(
            "ball", stage.scene, Pick("cells", int(np.flatnonzero(bad)[0]), "cell")
        )
        assert "not a finite number" in worst
    finally:
        del model.network.forward


def test_curves_of_all_rules_fall(make_model):
    model = make_model(2)
    curves = {c.id: c.points for c in model.curves("ball", Query(), CancelToken())}
    assert set(curves) == set(RULES)
    for points in curves.values():
        assert points[-1][0] > points[0][0]
        assert points[-1][1] < points[0][1]


def test_a_volume_is_another_reference(make_model, tmp_path):
    model = make_model()
    axis = (np.arange(24) + 0.5) / 24
    unit = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    values = model._references.of("ball").values(unit).reshape(24, 24, 24)
    np.save(tmp_path / "ball.npy", values)
    sample = model.open_sample(tmp_path / "ball.npy")
    applied, query, stage = run(model, sample=sample.id)
    scores = model.score(applied, sample.id, query, stage, None)
    assert scores.values["rel_l2"] < 0.2
    flat = tmp_path / "flat.npy"
    np.save(flat, values[0])
    with pytest.raises(BadInput, match="2 dimensions"):
        model.open_sample(flat)


def test_a_packed_volume_gives_the_same_scores_elsewhere(make_model, tmp_path):
    here, there = make_model(), make_model()
    path = tmp_path / "mine.npy"
    np.save(path, np.random.default_rng(0).normal(size=(6, 7, 8)))
    sample = here.open_sample(path).id
    data = here.pack(sample)
    there.unpack(sample, data)
    there.unpack(sample, data)
    assert [s.id for s in there.samples()] == ["ball", sample]
    found = []
    for model in (here, there):
        applied, query, stage = run(model, sample=sample, depth=2)
        found.append(model.score(applied, sample, query, stage, None))
    assert found[0].values == found[1].values
    assert {scores.against for scores in found} == {"reference"}
    assert there.pack(sample) == data


def test_a_volume_the_field_was_fitted_to_is_packed_and_a_function_is_not(make_model):
    model = make_model()
    assert model.pack("ball") == b""
    model.unpack("ball", b"")
    steps = np.random.default_rng(0).normal(size=(4, 5, 6, 3)).astype(np.float32)
    again = unpack_truth("x", pack_truth(VolumeTruth(steps, 3)))
    assert (again.dimension, again.volume.tobytes()) == (3, steps.tobytes())
    there = make_model(truth=False)
    there.unpack("ball", pack_truth(VolumeTruth(steps[..., 0])))
    applied, query, stage = run(there, depth=2)
    assert there.score(applied, "ball", query, stage, None).against == "reference"
    with pytest.raises(BadInput, match="'ball' is damaged"):
        model.unpack("ball", b"\x00" * 40)


@pytest.mark.parametrize(("dimension", "points"), [(2, 352**2), (3, 88**3)])
def test_running_once_evaluates_the_pruned_field_on_the_grid_named(make_model, dimension, points):
    model = make_model(dimension)
    applied = model.apply(pruned(model, tolerance=0.05))
    network, seen = applied.token.network, []
    with network.layers[0].register_forward_hook(lambda m, x, y: seen.append(len(y))):
        model.run_once(applied, "ball", Query())
    assert sum(seen) == points
    side = round(points ** (1 / dimension))
    grid = " × ".join([str(side)] * dimension)
    assert f"milliseconds are for {grid} regular points" in applied.footprint.workload
    left = network.parameters_count
    assert applied.footprint.sizes == {"fp16": 2 * left}


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_an_exported_network_opens_again_and_gives_the_same_values(make_model, tmp_path, suffix):
    model = make_model()
    applied = model.apply(pruned(model, tolerance=0.05))
    path = tmp_path / f"pruned.{suffix}"
    model.export(applied, suffix, path, {"plan": "tolerance 0.05"})
    network, info = load_field(path)
    assert network.widths == applied.token.network.widths
    assert info.domain == model.domain
    points = np.random.default_rng(1).random((100, 3))
    from prune3d_gui.plugins.inr_amr.network.domain import Slice

    got = Slice(network, info.domain).values(points)
    assert np.array_equal(got, model.slice(applied, Query()).values(points))


def test_a_slow_rule_gives_a_hand_what_it_has_by_then(make_model, monkeypatch):
    model = make_model()
    _, _, stage = run(model, "preview", view="cells", rule="hybrid", threshold=0.001)
    assert len(stage.scene.first(Grid).cells) > 64
    monkeypatch.setattr("prune3d_gui.plugins.inr_amr.mesh.meshing.QUICK_SECONDS", 1e-6)
    _, _, stage = run(model, "preview", view="cells", rule="hybrid", threshold=0.001)
    assert len(stage.scene.first(Grid).cells) == 64, "the base"


def test_a_near_moment_starts_from_the_mesh_before_and_decides_alike(make_model):
    model = make_model(3, True)
    looks = {"rule": "interpolation", "threshold": 0.03, "depth": 4}
    run(model, time=0.2, **looks)
    judged = []
    plain = model._meshes.mesher

    def counting(field, spec, start=None):
        judged.append(start is not None)
        return plain(field, spec, start)

    model._meshes.mesher = counting
    near = run(model, time=0.21, **looks)[2].scene.first(Grid)
    far = run(model, time=0.5, **looks)[2].scene.first(Grid)
    assert judged == [True, False]
    model._meshes.clear()
    fresh = run(model, time=0.21, **looks)[2].scene.first(Grid)
    assert abs(len(near.cells) - len(fresh.cells)) <= 0.03 * len(fresh.cells)
    assert len(far.cells)
