"""An opened scene: what goes at a rate, pictures and their scores, files."""

import base64
import json

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Pick
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.splats.formats import read_splats, write_splats
from prune3d_gui.plugins.lp3dgs.controls import CRITERION, MASK, RATE
from prune3d_gui.plugins.lp3dgs.opening import open_model
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.lp3dgs.balls import PARTS, hiding, photographed

HIDDEN = 100 * 60 / 360
"""Percent of the Gaussians that nothing shows."""
Q = Query()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return photographed(tmp_path_factory.mktemp("scenes") / "ball", hiding())


@pytest.fixture
def model(folder):
    made = open_model(ModelRef("lp3dgs", "ball", str(folder), "cpu"))
    yield made
    made.close()


@pytest.fixture
def alone(folder):
    made = open_model(ModelRef("lp3dgs", "ball", str(folder / "scene.ply"), "cpu"))
    yield made
    made.close()


def applied(model, rate, **values):
    plan = Plan().with_value(RATE, rate)
    for knob in model.knobs:
        if knob.id in values:
            plan = plan.with_value(knob, values[knob.id])
    return model.apply(plan)


def result(model, rate, quality="full", **values):
    made = applied(model, rate, **values)
    *_, stage = model.reconstruct(made, "scene", Q, quality, NEVER)
    return stage.scene, model.score(made, "scene", Q, stage, None)


def test_a_folder_opens_with_its_photographs_and_a_file_with_cameras_round_it(model, alone):
    assert model.samples()[0].reference
    assert not alone.samples()[0].reference
    assert any("every 8th" in notice for notice in model.notices)
    assert any("were put round the scene" in notice for notice in alone.notices)
    reference = model.reference("scene", Q)
    assert reference.layer("photograph").data.pixels.shape == (48, 48, 3)
    assert alone.reference("scene", Q) is None
    knob = next(knob for knob in model.knobs if knob.id == "camera")
    assert knob.choices[0].help == "held out"


def test_what_no_view_shows_goes_first_and_leaves_the_same_picture(model):
    full, whole = result(model, 0.0)
    pruned, scores = result(model, HIDDEN)
    before, after = (scene.layer("picture").data.pixels for scene in (full, pruned))
    assert np.abs(before.astype(int) - after).max() <= 4, "a ball of splats lets a little through"
    kept = pruned.layer("Gaussians").data.kept
    shares = model.shares().largest
    assert shares[~kept].max() <= shares[kept].min()
    assert kept[300:].mean() < 0.2
    assert scores.values["psnr"] > 45, "8-bit photographs of this scene"
    assert whole.values["psnr"] > 50
    assert scores.values["gaussians"] == 300


@pytest.mark.parametrize("criterion", [choice.id for choice in CRITERION.choices])
def test_every_criterion_prunes_to_the_count_and_comes_back(model, criterion):
    made = applied(model, 50.0, criterion=criterion)
    assert made.token.sum() == 180
    size = made.footprint
    assert size.removed == 180 * model.each
    assert size.nonzero == {"gaussians": 180}
    assert applied(model, 0.0, criterion=criterion).token.all()


def test_shares_lose_less_than_opacity_and_chance(model):
    by = {c: result(model, 60.0, criterion=c)[1].values["psnr"] for c in ("largest", "random")}
    assert by["largest"] > by["random"] + 1


def test_held_out_and_training_views_are_parts_apart(model):
    _, scores = result(model, 60.0)
    groups = {part.name: part for part in scores.parts if part.kind == "views"}
    assert set(groups) == {"held out", "trained on"}
    views = [part for part in scores.parts if part.kind == "view"]
    held = {model.scene.cameras.names[n] for n in model.scene.held}
    mean = np.mean([part.values["psnr"] for part in views if part.name in held])
    assert scores.values["psnr"] == pytest.approx(mean) == groups["held out"].values["psnr"]
    _, preview = result(model, 60.0, "preview")
    assert {part.kind for part in preview.parts} == {"views"}


def test_scores_of_a_scene_alone_are_against_its_own_full_pictures(alone):
    full, whole = result(alone, 0.0)
    assert whole.against == "full"
    assert whole.values["psnr"] == 100
    assert (full.layer("difference").data.pixels == 255).all()
    _, pruned = result(alone, 80.0)
    assert pruned.values["psnr"] < 40


def test_gaussians_are_told_and_marked_by_what_goes_next(model):
    model.prepare()
    scene, _ = result(model, 30.0)
    shown = scene.layer("Gaussians").data
    assert shown.arrays["next"].sum() == 36
    assert not shown.arrays["next"][~shown.kept].any()
    assert shown.arrays["unseen"][300:].all()
    assert shown.arrays["importance"].max() == pytest.approx(100)
    said = model.explain("scene", scene, Pick("Gaussians", 7, "gaussian"))
    assert "opacity 1.00" in said
    assert "largest share" in said


def test_a_pixel_tells_the_gaussians_that_make_it(model):
    scene, _ = result(model, 30.0)
    kept = scene.layer("Gaussians").data.kept
    said = model.explain("scene", scene, Pick("picture", 24 * 48 + 24, "pixel"))
    assert said.startswith("Pixel 24, 24: ")
    first = int(said.partition("most by ")[2].partition(" ")[0].replace(",", ""))
    assert kept[first]
    nothing, _ = result(model, 100.0)
    told = model.explain("scene", nothing, Pick("picture", 0, "pixel"))
    assert told == "Pixel 0, 0: no Gaussian, only background."
    photograph = model.reference("scene", Q)
    assert "photograph" in model.explain("scene", photograph, Pick("photograph", 5, "pixel"))


def test_scores_are_curves_and_learned_masks_too(model):
    mask = np.random.default_rng(0).normal(size=360).astype(np.float32)
    origin = Origin("lp3dgs", model.title, model.weights_hash, (("job", "mask"),))
    kept = ArtifactStore().keep(MASK.takes, "By hand", origin, {"mask": torch.from_numpy(mask)})
    curves = {curve.id: curve for curve in model.curves("scene", Q, NEVER)}
    assert set(curves) >= {"largest", "total", "opacity", "random", kept.hash}
    assert (mask > 0).sum() in dict(curves[kept.hash].points), "where it would cut itself"
    _, scores = result(model, 60.0)
    at = dict(curves["largest"].points)[scores.values["gaussians"]]
    assert at == pytest.approx(scores.values["rmse"], rel=1e-6)


def test_a_kept_subset_has_the_same_rows_bit_for_bit(model, folder, tmp_path):
    made = applied(model, 40.0)
    out = tmp_path / "kept.ply"
    moment = Moment("lp3dgs", "ball").as_fields()
    said = model.export(made, "ply", out, moment)
    assert "216 of 360" in said[0]
    before, after = (read_splats(path).gaussians for path in (folder / "scene.ply", out))
    for name in PARTS:
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name)[made.token])
    assert read_moment(out).system == "lp3dgs"
    again = open_model(ModelRef("lp3dgs", "kept", str(out), "cpu"))
    assert again.units[0].count == 216
    again.close()


def test_the_mask_is_read_in_a_few_lines(model, tmp_path):
    made = applied(model, 40.0)
    out = tmp_path / "kept.mask.json"
    model.export(made, "mask", out, {})
    held = json.loads(out.read_text())
    packed = np.frombuffer(base64.b64decode(held["bits"]), np.uint8)
    kept = np.unpackbits(packed, count=held["gaussians"], bitorder="little").astype(bool)
    np.testing.assert_array_equal(kept, made.token)
    assert held["kept"] == 216


def test_pictures_are_written_as_they_are_shown(model, tmp_path):
    scene, _ = result(model, 40.0)
    for format_id in ("picture", "difference"):
        out = tmp_path / f"{format_id}.png"
        model.export_result(scene, format_id, out, {})
        with Image.open(out) as image:
            np.testing.assert_array_equal(np.asarray(image), scene.layer(format_id).data.pixels)
    with pytest.raises(BadInput, match="no difference"):
        model.export_result(model.reference("scene", Q), "difference", tmp_path / "a.png", {})


def test_it_refuses_in_words(model, folder, tmp_path):
    with pytest.raises(BadInput, match="'E1'"):
        model.apply(Plan(rates=(("E1", 100.0),)))
    with pytest.raises(BadInput, match="no artifact"):
        applied(model, 10.0, **{MASK.id: "0" * 64})
    path = tmp_path / "words.ply"
    path.write_text("no scene")
    with pytest.raises(BadInput, match="splats"):
        open_model(ModelRef("lp3dgs", "words", str(path), "cpu"))
    write_splats(folder / "other.spz", model.scene.splats)
    try:
        with pytest.raises(BadInput, match="choose the file itself"):
            open_model(ModelRef("lp3dgs", "two", str(folder), "cpu"))
    finally:
        (folder / "other.spz").unlink()


def test_files_and_folders_are_recognised(folder, tmp_path):
    system = SplatSystem()
    assert system.recognise(folder / "scene.ply").sure
    assert system.recognise(folder).kind == "scene"
    assert system.recognise(folder / "images") is None
    points = tmp_path / "points.ply"
    points.write_text(
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
        "property float z\nend_header\n0 0 0\n"
    )
    assert system.recognise(points) is None
