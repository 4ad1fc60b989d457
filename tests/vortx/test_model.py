"""The model: stages, what is made again, scores by protocol, photographs, rooms of one's own."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, final_stage
from prune3d_gui.core.plan.plans import Plan, Query, resolve
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.scenes import Image, Mesh
from prune3d_gui.metrics.surfaces import ATLAS, TRANSFORMERFUSION
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.controls import CAMERA, SHOW, WEIGHED
from prune3d_gui.plugins.vortx.network.checkpoint import load_network
from prune3d_gui.plugins.vortx.pruning.controls import PRESETS
from prune3d_gui.plugins.vortx.showing import SURFACE, strip, voxels
from prune3d_gui.plugins.vortx.system import VortxSystem
from prune3d_gui.plugins.vortx.volumes.tiles import Box
from tests.vortx.small_room import NAMES, save_tiny, write_floor

FLOOR = NAMES[0]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    made = tuple(
        write_floor(folder / name, count) for name, count in zip(NAMES, (9, 6), strict=True)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "rooms", lambda: made)
        opened = VortxSystem().open(
            ModelRef("vortx", "own", str(save_tiny(folder / "tiny.safetensors")), "cpu")
        )
    yield opened
    opened.close()


def applied(model, **values):
    return model.apply(resolve(model.knobs, values)[0])


def stages(model, quality="full", query=Query(), sample=FLOOR, **values):  # noqa: B008
    return list(model.reconstruct(applied(model, **values), sample, query, quality, NEVER))


def test_levels_come_one_after_the_other_with_times_by_module(model):
    found = stages(model)
    assert [stage.name for stage in found] == ["coarse", "medium", "fine"]
    assert [stage.quality for stage in found] == ["preview", "preview", "full"]
    assert set(found[-1].times) == {"2D CNN", "Transformer", "3D CNN"}
    assert all(found[-1].times[name] >= found[0].times[name] for name in found[0].times)
    scene = found[-1].scene
    surface = scene.layer(SURFACE).data
    assert isinstance(surface, Mesh)
    assert len(surface.faces)
    assert {"height", "seen"} <= set(surface.arrays)
    assert scene.up == "z"
    assert scene.unit == "m"


@pytest.mark.parametrize(
    ("values", "looks", "fuses"),
    [
        ({"rate3d": 31}, 0, False),
        ({"rate_ff": 32}, 0, True),
        ({"width_ff": 33}, 0, True),
        ({"rate2d": 34}, 8, True),
    ],
)
def test_only_what_hangs_on_a_module_is_made_again(model, values, looks, fuses):
    stages(model)
    before = model.caches.looked, model.caches.fused
    after = stages(model, **values)
    assert model.caches.looked - before[0] == looks
    assert after[0].scene.layer(SURFACE).data is not stages(model)[0].scene.layer(SURFACE).data
    coarse = 6 * 6 * 3
    assert (model.caches.fused - before[1] >= coarse) == fuses


def test_a_drag_of_the_2d_part_looks_at_8_photographs_and_says_so(model):
    nine = Query().with_value(WEIGHED, 9)
    stages(model, query=nine)
    found = stages(model, "preview", nine, rate2d=41)
    assert [stage.name for stage in found] == [
        f"{n}, 8 views" for n in ("coarse", "medium", "fine")
    ]
    assert {stage.quality for stage in found} == {"preview"}
    (full,) = [stage for stage in stages(model, query=nine, rate2d=41) if stage.quality == "full"]
    assert full.name == "fine"
    assert next(stage.name for stage in stages(model, "preview", nine, rate3d=41)) == "coarse"


def test_a_result_that_was_previewed_is_not_shown_from_its_beginning_again(model):
    stages(model)
    stages(model, "preview", rate3d=12)
    assert [stage.name for stage in stages(model, rate3d=12)] == ["fine"]


def test_both_protocols_are_named_and_colour_both_surfaces(model):
    made = applied(model)
    stage = final_stage(model, made, FLOOR, Query(), NEVER)
    scores = model.score(made, FLOOR, Query(), stage, None)
    assert [part.name for part in scores.parts] == [ATLAS, TRANSFORMERFUSION]
    assert scores.values == scores.parts[0].values
    assert set(scores.values) <= {metric.id for metric in model.metrics}
    points = len(stage.scene.layer(SURFACE).data.points)
    assert scores.arrays[SURFACE]["distance"].shape == (points,)
    reference = model.reference(FLOOR, Query())
    own = scores.on_reference["reference"]["completeness"]
    assert own.shape == (len(reference.layer("reference").data.points),)
    assert np.isfinite(own).all()


def test_zeroed_and_removed_are_told_apart_and_modules_have_their_own(model):
    whole = applied(model).footprint
    zeroed = applied(model, rate2d=25, rate_ff=33).footprint
    removed = applied(model, rate3d=25).footprint
    assert whole.touched == 0
    assert (zeroed.removed, zeroed.macs) == (0, whole.macs)
    assert zeroed.zeroed > 0
    assert removed.zeroed == 0
    assert removed.removed > 0
    assert removed.macs < whole.macs
    assert removed.bytes < whole.bytes
    both = applied(model, **PRESETS["paper"]).footprint
    assert (both.zeroed, both.removed) == (zeroed.zeroed, removed.removed)


def test_photographs_are_chosen_from_the_strip(model):
    query = Query().with_value(CAMERA, "24")
    scene = stages(model, query=query)[-1].scene
    cameras = scene.first(Cameras)
    assert cameras.chooses == CAMERA.id
    assert cameras.chosen in cameras.names
    assert len(cameras.names) == 9
    room = model.rooms.of(FLOOR)
    shown = next(layer.data for layer in scene.layers if isinstance(layer.data, Image))
    np.testing.assert_array_equal(shown.pixels, room.pictures[8])
    small = model.thumbnail(CAMERA.id, "24", 32)
    assert max(small.shape[:2]) == 32
    assert model.thumbnail("other", "24", 32) is None
    assert list(strip(room)[[0, -1]]) == [0, 8]


@pytest.mark.parametrize("level", ["coarse", "medium", "fine"])
def test_voxels_of_each_level_can_be_shown(model, level):
    scene = stages(model, query=Query().with_value(SHOW, level))[-1].scene
    assert len(scene.layer(f"{level} voxels").data.faces)
    assert scene.layer(SURFACE) in scene.carried, "exports and scores still have it"


def test_the_outside_of_voxels_is_closed():
    box = Box((0.0, 0.0, 0.0), (8, 8, 8), 0.04)
    one = voxels(np.array([(1, 0, 0)]), box, "coarse")
    assert (len(one.points), len(one.faces)) == (8, 12)
    np.testing.assert_allclose(one.points.min(0), (0.14, -0.02, -0.02), atol=1e-6)
    np.testing.assert_allclose(np.ptp(one.points, axis=0), 0.16, atol=1e-6)
    two = voxels(np.array([(1, 0, 0), (2, 0, 0)]), box, "coarse")
    assert (len(two.points), len(two.faces)) == (12, 20)
    ends = two.points[two.faces]
    volume = np.einsum("ij,ij->i", ends[:, 0], np.cross(ends[:, 1], ends[:, 2])).sum() / 6
    assert volume == pytest.approx(2 * 0.16**3, rel=1e-4), "faces look to the outside"


def test_what_empties_a_result_is_said(model):
    found = stages(model, rate3d=100)
    scene = found[-1].scene
    if not len(scene.layer(SURFACE).data.faces):
        assert "level" in scene.layer(SURFACE).absent
    scores = model.score(applied(model, rate3d=100), FLOOR, Query(), found[-1], None)
    assert scores is not None
    assert found[-1].quality == "full"


def test_more_views_are_more_photographs(model):
    few, many = (model.rooms.of(FLOOR).looked_at(count) for count in (2, 60))
    assert len(few) == 2
    assert len(many) == 9
    assert WEIGHED.check(60) == 60
    found = [
        stages(model, query=Query().with_value(WEIGHED, count))[-1].scene.layer(SURFACE).data
        for count in (2, 9)
    ]
    assert found[0].points.shape != found[1].points.shape


def test_networks_are_exported_smaller_and_open_again(model, tmp_path):
    path = tmp_path / "pruned.safetensors"
    made = applied(model, **PRESETS["paper"])
    said = model.export(made, "safetensors", path, {"system": "vortx"})
    assert "bit for bit" in said[1]
    again, info = load_network(path)
    assert sum(p.numel() for p in again.parameters()) == (
        made.footprint.total - made.footprint.removed
    )
    assert info.weighted
    assert VortxSystem().recognise(path).kind == "network"
    half = tmp_path / "half.safetensors"
    model.export(made, "fp16", half, {})
    assert half.stat().st_size < 0.6 * path.stat().st_size


def test_surfaces_and_distances_are_exported(model, tmp_path):
    from prune3d_gui.files.meshes import read_mesh

    scene = stages(model)[-1].scene
    model.export_result(scene, "ply", tmp_path / "room.ply", {})
    own = scene.layer(SURFACE).data
    assert read_mesh(tmp_path / "room.ply").faces.shape == own.faces.shape
    model.export_result(scene, "tsdf", tmp_path / "room.npz", {})
    with np.load(tmp_path / "room.npz") as held:
        assert held["values"].shape == model.rooms.of(FLOOR).box.dims
        assert np.nanmin(held["values"]) < 0 < np.nanmax(held["values"])
        assert held["voxel"] == pytest.approx(0.04)
    with pytest.raises(BadInput, match="no signed distances"):
        model.export_result(model.reference(FLOOR, Query()), "tsdf", tmp_path / "no.npz", {})


def test_a_room_of_ones_own_is_taken_in_with_what_was_found_and_packed(model, tmp_path, made):
    from prune3d_gui.plugins.vortx.data.making import Wanted
    from prune3d_gui.plugins.vortx.data.scene_files import write_room

    folder = tmp_path / "my room"
    write_room(folder, made, Wanted("train"), 3)
    sample = model.open_sample(folder)
    assert sample.reference
    assert any("A file 'intake.json' in the folder overrides poses" in said for said in
               sample.notices)  # fmt: skip
    assert any(said == "Scores are against 'mesh.ply', beside the photographs." for said in
               sample.notices)  # fmt: skip
    assert model.samples()[0] is sample
    data = model.rooms.of(sample.id)
    assert data.cameras.sizes.max() == 64, "as wide as what it was trained on"
    model.unpack("again", model.pack(sample.id))
    again = model.rooms.of("again")
    np.testing.assert_array_equal(again.pictures[3], data.pictures[3])
    np.testing.assert_allclose(again.cameras.poses, data.cameras.poses)
    assert again.box == data.box
    assert again.reference(NEVER).mesh.points.shape == data.reference(NEVER).mesh.points.shape
    assert model.pack(FLOOR) == b""
    (folder / "intake.json").write_text('{"up": "-z"}')
    assert not any("up, " in said for said in model.open_sample(folder).notices)
    assert model.rooms.of(sample.id).cameras.poses[0, 2, 3] == pytest.approx(
        -data.cameras.poses[0, 2, 3]
    ), "upside down, as was given"


def test_rooms_without_a_reference_are_compared_with_the_full_result(model, monkeypatch):
    from dataclasses import replace

    room = replace(model.rooms.of(FLOOR), reference=lambda cancel: None, key="alone")
    model.rooms.add("alone", room)
    whole = final_stage(model, model.apply(Plan()), "alone", Query(), NEVER)
    made = applied(model, rate3d=20)
    stage = final_stage(model, made, "alone", Query(), NEVER)
    assert model.reference("alone", Query()) is None
    assert model.score(made, "alone", Query(), stage, None) is None
    scores = model.score(made, "alone", Query(), stage, whole.scene)
    assert scores is None or scores.against == "full"
    assert len(model.inputs("alone").layers) == 4


def test_unknown_rooms_and_units_are_refused(model):
    with pytest.raises(BadInput, match="'attic'"):
        stages(model, sample="attic")
    with pytest.raises(BadInput, match="'wall'"):
        model.apply(Plan(rates=(("wall", 5.0),)))
