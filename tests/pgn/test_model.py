"""The model behind the contract: pruning, caching, scoring, export."""

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Layer, Mesh, Pick, Scene
from prune3d_gui.plugins.pgn.network.checkpoint import load_network
from prune3d_gui.plugins.pgn.pruning.controls import CRITERION, RANKING, RATE, SCOPE


def run(model, plan=None, sample=None, quality="full"):
    applied = model.apply(plan or Plan())
    sample = sample or model.samples()[0].id
    *_, stage = model.reconstruct(applied, sample, Query(), quality, CancelToken())
    assert stage.quality == quality
    return stage.scene


def score(model, sample, scene, full=None):
    return model.score(model.apply(Plan()), sample, Query(), Stage("full", scene), full)


def test_samples_and_selection(model):
    assert {s.group for s in model.samples()} == {"airplane", "chair"}
    shown, seen = model.samples()[0].thumbnail, model.image(model.samples()[0].id)
    large = Image.fromarray(shown[..., :3]).resize((224, 224), Image.Resampling.BILINEAR)
    assert np.abs(np.asarray(large) - 255 * seen.transpose(1, 2, 0)).mean() < 2, "what is seen"
    assert set(np.unique(shown[..., 3])) == {0, 255}, "in full colour"
    assert (shown[..., 3] == 0).any(), "clear around it"
    assert len(model.select("val:2")) == 2
    assert model.select("val:1") == model.select("val:2")[:1]
    assert len(model.select("heldout")) == 2


@pytest.mark.parametrize("text", ["val:3", "val:0", "val:x", "nowhere", "train:2"])
def test_selection_that_cannot_be_met_says_what_to_do(model, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=text.replace("?", ".")):
        model.select(text)


def test_a_folder_is_a_selection(model, small_set):
    assert len(model.select(str(small_set))) == 2
    assert len(model.select(f"{small_set}:1")) == 1


def test_reconstruction_is_the_networks_own_forward(model, small_weights):
    scene = run(model)
    net, _ = load_network(small_weights)
    image = torch.from_numpy(model.image(model.samples()[0].id))[None]
    with torch.no_grad():
        wanted = net(image, model.template("full"))[0].numpy()
    assert scene.layers[0].data.points.shape == (2562, 3)
    assert scene.layers[0].data.faces.shape == (5120, 3)
    np.testing.assert_allclose(scene.layers[0].data.points, wanted, atol=1e-6)


def test_preview_is_the_first_points_of_the_full_result(model):
    full, preview = run(model), run(model, quality="preview")
    assert preview.layers[0].data.points.shape == (642, 3)
    np.testing.assert_allclose(
        preview.layers[0].data.points, full.layers[0].data.points[:642], atol=1e-6
    )


def test_any_path_back_to_rate_zero_is_bit_exact(model):
    before = run(model).layers[0].data.points.copy()
    for scope in ("encoder", "decoder", "decoder+bn", "all", "C15,conv2"):
        plan = Plan().with_value(SCOPE, scope).with_value(RATE, 60.0)
        assert not np.array_equal(run(model, plan).layers[0].data.points, before)
    assert np.array_equal(run(model).layers[0].data.points, before)


@pytest.mark.parametrize("scope", ["encoder", "decoder", "decoder+bn", "all"])
def test_kept_latents_and_features_change_no_result(model, small_weights, small_samples, scope):
    from prune3d_gui.plugins.pgn.data.gallery import Gallery
    from prune3d_gui.plugins.pgn.model import PgnModel

    plan = Plan().with_value(SCOPE, scope).with_value(RATE, 35.0)
    for rate in (10.0, 80.0, 35.0):
        used = run(model, plan.with_value(RATE, rate))
    fresh = PgnModel(*load_network(small_weights), Gallery.shipped(small_samples), "cpu")
    assert np.array_equal(run(fresh, plan).layers[0].data.points, used.layers[0].data.points)


def test_footprint_keeps_zeroed_and_removed_apart(model):
    footprint = model.apply(Plan().with_value(RATE, 50.0)).footprint
    encoder = {u.id for u in model.units if u.path[0] == "encoder"}
    assert footprint.scope == encoder
    assert footprint.prunable == sum(u.count for u in model.units if u.id in encoder)
    assert footprint.zeroed == round(0.5 * footprint.prunable)
    assert footprint.removed == 0
    assert footprint.bytes == 4 * footprint.total
    counts = {u.id: u.count for u in model.units}
    zeros = {u.id: int((model.network.get_parameter(u.name) == 0).sum()) for u in model.units}
    assert footprint.nonzero == {u: counts[u] - zeros[u] for u in counts}


def test_bytes_of_other_formats_count_the_same_parameters(model):
    from prune3d_gui.files.networks.sparse import sparse_bytes

    full = model.apply(Plan()).footprint
    assert full.sizes == {"fp16": 2 * full.total, "sparse": 4 * full.total}
    found = model.apply(Plan().with_value(RATE, 80.0)).footprint
    units = {u.name for u in model.units}
    pairs = [
        (p.numel(), int(torch.count_nonzero(p)) if name in units else p.numel())
        for name, p in model.network.named_parameters()
    ]
    assert found.sizes["fp16"] == full.sizes["fp16"]
    assert found.sizes["sparse"] == sparse_bytes(pairs, 4) < 0.5 * full.sizes["sparse"]


def test_per_layer_and_random_give_other_results(model):
    plan = Plan().with_value(RATE, 70.0)
    seen = [
        run(model, plan),
        run(model, plan.with_value(RANKING, "layer")),
        run(model, plan.with_value(CRITERION, "random")),
    ]
    assert len({scene.layers[0].data.points.tobytes() for scene in seen}) == 3


def test_scores_are_against_the_reference_and_say_so(model):
    sample = model.samples()[0].id
    scene = run(model)
    scores = score(model, sample, scene)
    reference = model.reference(sample, Query()).layers[0].data.points.astype(np.float64)
    points = scene.layers[0].data.points.astype(np.float64)
    squared = ((points[:, None] - reference[None]) ** 2).sum(2)
    wanted = 1000 * (squared.min(1).mean() + squared.min(0).mean())
    assert scores.values["chamfer_x1000"] == pytest.approx(wanted, rel=1e-5)
    assert scores.against == "reference"
    assert 0 < scores.floors["chamfer_x1000"] < scores.values["chamfer_x1000"]
    for found, axis in (
        (scores.arrays["reconstruction"]["distance"], 1),
        (scores.on_reference["reference"]["distance"], 0),
    ):
        np.testing.assert_allclose(found, np.sqrt(squared.min(axis)), rtol=1e-4, atol=1e-6)


def test_without_reference_the_full_result_takes_its_place(model, small_set):
    picture = next(small_set.glob("ShapeNetV1Renderings/*/*/rendering/00.png"))
    sample = model.open_sample(picture)
    assert not sample.reference
    assert model.reference(sample.id, Query()) is None
    full = run(model, sample=sample.id)
    assert score(model, sample.id, full) is None
    scores = score(model, sample.id, full, full)
    assert (scores.against, scores.values["chamfer_x1000"]) == ("full", 0.0)
    assert not scores.on_reference


def test_nan_results_are_kept_as_nan(model):
    points = np.full((2562, 3), np.nan, np.float32)
    faces = np.zeros((1, 3), np.int32)
    scores = score(
        model, model.samples()[0].id, Scene((Layer("reconstruction", Mesh(points, faces)),))
    )
    assert np.isnan(scores.values["chamfer_x1000"])


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_exported_network_opens_again_and_gives_the_same_points(
    model, tmp_path, suffix, small_samples
):
    from prune3d_gui.plugins.pgn.data.gallery import Gallery
    from prune3d_gui.plugins.pgn.model import PgnModel

    plan = Plan().with_value(RATE, 40.0)
    wanted = run(model, plan).layers[0].data.points
    path = tmp_path / f"pruned.{suffix}"
    model.export(model.apply(plan), suffix, path, {"plan": "rate 40"})
    again = PgnModel(*load_network(path), Gallery.shipped(small_samples), "cpu")
    assert np.array_equal(run(again).layers[0].data.points, wanted)


def test_unknown_format_and_unit_are_refused(model, tmp_path):
    with pytest.raises(BadInput, match="zip"):
        model.export(model.apply(Plan()), "zip", tmp_path / "a.zip", {})
    with pytest.raises(BadInput, match="C99"):
        model.apply(Plan().with_value(SCOPE, "C15,C99"))


def test_moving_starts_from_the_original_weights(model):
    before = run(model).layers[0].data.points.copy()
    model.apply(Plan().with_value(RATE, 90.0))
    model.move_to("cpu")
    assert np.array_equal(run(model).layers[0].data.points, before)


def test_running_once_reuses_nothing_and_leaves_everything_alone(model):
    sample, plan = model.samples()[0].id, Plan().with_rate("C16", 40.0)
    before = run(model, plan).layers[0].data.points.copy()
    applied, kept = model.apply(plan), model.trails.memory.bytes
    seen = []
    with model.network.encoder.conv1.register_forward_hook(lambda *_: seen.append(1)):
        model.run_once(applied, sample, Query())
        model.run_once(applied, sample, Query())
    assert (len(seen), model.trails.memory.bytes) == (2, kept)
    assert np.array_equal(run(model, plan).layers[0].data.points, before)


def scores_of(model, sample):
    scene = run(model, sample=sample)
    found = score(model, sample, scene, scene)
    return scene.layers[0].data.points.tobytes(), found.values, found.floors, found.against


@pytest.mark.parametrize("kind", ["picture", "object"])
def test_a_packed_sample_gives_the_same_points_and_scores_elsewhere(
    small_set, small_weights, tmp_path, kind
):
    from PIL import Image

    from prune3d_gui.plugins.pgn.data.gallery import Gallery
    from prune3d_gui.plugins.pgn.model import PgnModel

    here = PgnModel(*load_network(small_weights), Gallery({}, ()), "cpu")
    if kind == "picture":
        picture = np.full((90, 120, 3), 255, np.uint8)
        picture[20:70, 30:80] = np.random.default_rng(0).integers(0, 200, (50, 50, 3))
        Image.fromarray(picture).save(tmp_path / "chair.png")
        sample = here.open_sample(tmp_path / "chair.png").id
    else:
        sample = here.select(f"{small_set}:1")[0]
    data = here.pack(sample)
    assert len(data) < 200_000
    there = PgnModel(*load_network(small_weights), Gallery({}, ()), "cpu")
    there.unpack(sample, data)
    assert scores_of(there, sample) == scores_of(here, sample)
    assert there.pack(sample) == data


def test_an_input_of_more_than_256_levels_is_packed_whole():
    from prune3d_gui.core.model import Sample
    from prune3d_gui.plugins.pgn.data.gallery import Entry
    from prune3d_gui.plugins.pgn.data.packs import pack, unpack

    image = np.random.default_rng(0).random((3, 224, 224), np.float32)
    entry = unpack("x", pack(Entry(Sample("x", "X"), lambda: image)))
    assert np.array_equal(entry.image(), image)


def test_bundled_samples_need_no_pack_and_damaged_ones_are_refused(model):
    assert model.pack(model.samples()[0].id) == b""
    before = run(model).layers[0].data.points
    model.unpack(model.samples()[0].id, b"")
    assert np.array_equal(run(model).layers[0].data.points, before)
    with pytest.raises(BadInput, match="'mine' is damaged"):
        model.unpack("mine", b"\x00" * 40)


def test_a_sample_sent_anew_replaces_all_that_came_from_the_old_one(model):
    from prune3d_gui.core.model import Sample
    from prune3d_gui.plugins.pgn.data.gallery import Entry
    from prune3d_gui.plugins.pgn.data.packs import pack

    random = np.random.default_rng(0)
    seen = []
    for _ in range(2):
        image = random.random((3, 224, 224), np.float32)
        cloud = random.random((50, 3), np.float32)
        model.unpack("mine", pack(Entry(Sample("mine", "Mine"), lambda i=image: i, cloud)))
        seen.append(scores_of(model, "mine"))
    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


def test_explain_says_where_and_how_far(model):
    sample = model.samples()[0].id
    scene = run(model)
    scene = scene.with_arrays(score(model, sample, scene).arrays)
    text = model.explain(sample, scene, Pick("reconstruction", 7))
    assert "Vertex 7" in text
    assert "nearest reference" in text
