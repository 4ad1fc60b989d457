"""Volumes longer than a block: whole in parts, shown as they grow, previews round the organs."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.model import final_stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.plugins.psp_seg.volumes import blocks, long
from prune3d_gui.plugins.psp_seg.volumes.long import is_unfinished
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import TINY

Q, SHAPE = Query(), (24, 96, 20)
AFFINE = along_axes((SPACING,) * 3, (-40.0, 12.0, 7.0))


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    """Blocks of 32 voxels, and every one of them is shown."""
    monkeypatch.setattr(blocks, "BLOCK", 32)
    monkeypatch.setattr(blocks, "MARGIN", 8)
    monkeypatch.setattr(long, "AROUND", 2)
    monkeypatch.setattr(long, "PATIENCE", 0.0)
    monkeypatch.setattr(long, "SHARE", 0)


@pytest.fixture
def model(make_model):
    return make_model(TINY)


@pytest.fixture
def marked(model, write):
    """A long patient whose reference lies at one end of it."""
    made = np.zeros(SHAPE, np.uint8)
    made[6:16, 70:80, 6:14] = 1
    made[8:10, 72:74, 8:10] = 2
    write("long-labels.nii.gz", made, AFFINE)
    return model.open_sample(write("long.nii.gz", ct(SHAPE), AFFINE)).id


@pytest.fixture
def bare(model, write):
    """The same without a reference."""
    return model.open_sample(write("bare.nii.gz", ct(SHAPE), AFFINE)).id


def left(model, count):
    return model.apply(Plan().with_value(model.left, count))


def stages(model, applied, sample, quality="full", cancel=NEVER):
    return list(model.reconstruct(applied, sample, Q, quality, cancel))


def labels(stage):
    return stage.scene.layer("labels").data.values


def counting(model):
    """The shapes of the blocks that were run."""
    shapes = []
    hook = lambda _, given: shapes.append(tuple(given[0].shape[2:]))  # noqa: E731
    model.network.stem.register_forward_pre_hook(hook)
    return shapes


def test_it_is_shown_as_it_grows_organs_first_and_the_last_is_the_full_result(model, marked):
    ran = counting(model)
    applied = left(model, 9)
    *grown, last = stages(model, applied, marked)
    assert len(ran) == len(grown) + 1 > 3
    assert max(map(max, ran)) <= 32
    count = len(ran)
    assert [stage.name for stage in grown] == [
        f"{done} of {count} blocks, nothing elsewhere yet" for done in range(1, count)
    ]
    assert all(stage.quality == "preview" and is_unfinished(stage.name) for stage in grown)
    assert (last.quality, last.name) == ("full", "")
    assert (labels(grown[0])[:, 66:84] == labels(last)[:, 66:84]).mean() > 0.5
    assert not labels(grown[0])[:, :32].any()
    for stage in grown:
        there = labels(stage) > 0
        assert np.array_equal(labels(stage)[there], labels(last)[there])
    assert np.array_equal(labels(final_stage(model, applied, marked, Q, NEVER)), labels(last))
    assert len(ran) == count  # it is kept


def test_every_voxel_is_that_of_its_block(model, marked):
    applied = left(model, 9)
    found = labels(final_stage(model, applied, marked, Q, NEVER))
    volume, runner = model.patient(marked).volume, model.branches.runner
    body = held_part(volume > runner.window.low)
    seen = np.zeros(SHAPE, bool)
    for block in runner.blocks(volume):
        given = runner.in_block(volume, block, applied.token)
        assert given.sum(axis=0) == pytest.approx(1, abs=1e-5)
        assert np.array_equal(found[block.kept], given.argmax(axis=0))
        seen[block.kept] = True
    assert np.array_equal(held_part(seen), body)
    assert not found[~seen].any()  # air is not run
    assert runner.segmented("", volume, applied.token).labels.tolist() == found.tolist()


def test_air_alone_is_background(model, write):
    values = np.full(SHAPE, -1000, np.float32)
    values[3, 3, 3] = -900
    sample = model.open_sample(write("air.nii.gz", values, AFFINE)).id
    ran = counting(model)
    (stage,) = stages(model, left(model, 9), sample)
    assert not labels(stage).any()
    assert ran == []


def test_a_preview_is_the_crop_round_the_organs_over_the_last_full_result(model, marked):
    whole, applied = model.apply(Plan()), left(model, 6)
    full = final_stage(model, whole, marked, Q, NEVER)
    ran = counting(model)
    *_, preview = stages(model, applied, marked, "preview")
    assert preview.quality == "preview"
    assert preview.name == "crop round the organs, elsewhere the last full result"
    assert not is_unfinished(preview.name)
    assert len(ran) == 1
    near = np.zeros(SHAPE, bool)
    near[4:18, 68:82, 4:16] = True
    assert np.array_equal(labels(preview)[~near], labels(full)[~near])
    volume, runner = model.patient(marked).volume, model.branches.runner
    part = slice(4, 18), slice(68, 82), slice(4, 16)
    (block,) = runner.blocks(volume, part)
    own = runner.in_block(volume, block, applied.token).argmax(axis=0)
    assert np.array_equal(labels(preview)[part], own)
    scores = model.score(applied, marked, Q, preview, None)
    assert 0 <= scores.values["dice"] <= 1
    assert "nsd" not in scores.values
    again = stages(model, applied, marked, "preview")
    assert np.array_equal(labels(again[-1]), labels(preview))
    assert len(ran) == 2  # the crop was kept; `own` ran once


def test_a_preview_before_any_full_result_says_that_there_is_nothing_elsewhere(model, marked):
    *_, preview = stages(model, left(model, 6), marked, "preview")
    assert preview.name == "crop round the organs, nothing elsewhere yet"
    assert labels(preview)[4:18, 68:82, 4:16].any()
    assert not labels(preview)[:, :60].any()


def test_without_a_reference_organs_are_where_the_full_model_found_them(model, bare):
    grown = stages(model, left(model, 9), bare, "preview")
    assert is_unfinished(grown[0].name)  # neither is known: it is the full result as it grows
    assert grown[-1].name == ""
    assert model.score(left(model, 9), bare, Q, grown[0], grown[-1].scene) is None
    full = final_stage(model, model.apply(Plan()), bare, Q, NEVER)
    part = held_part(labels(full) > 0)
    assert part is not None
    *_, preview = stages(model, left(model, 5), bare, "preview")
    assert preview.name.startswith("crop round the organs")
    outside = np.ones(SHAPE, bool)
    outside[tuple(slice(max(s.start - 2, 0), s.stop + 2) for s in part)] = False
    assert np.array_equal(labels(preview)[outside], labels(full)[outside])


def test_it_stops_between_blocks_and_goes_on_to_the_right_result(model, marked):
    applied, token = left(model, 9), CancelToken()
    walk = model.reconstruct(applied, marked, Q, "full", token)
    next(walk)
    ran = counting(model)
    token.cancel()
    with pytest.raises(Cancelled):
        list(walk)
    assert ran == []
    again = final_stage(model, applied, marked, Q, NEVER)
    volume, runner = model.patient(marked).volume, model.branches.runner
    assert np.array_equal(labels(again), runner.segmented("", volume, applied.token).labels)


def test_it_stops_within_a_block(model, marked):
    token = CancelToken()
    model.network.bottleneck.register_forward_hook(lambda *_: token.cancel())
    ran = []
    model.network.heads[0].register_forward_hook(lambda *_: ran.append(1))
    with pytest.raises(Cancelled):
        stages(model, left(model, 9), marked, "full", token)
    assert ran == []


def test_another_patient_under_the_same_name_has_its_own_results(model, marked, write):
    whole = model.apply(Plan())
    before = labels(final_stage(model, whole, marked, Q, NEVER))
    model.open_sample(write("long.nii.gz", ct(SHAPE, seed=4), AFFINE))
    ran = counting(model)
    after = labels(final_stage(model, whole, marked, Q, NEVER))
    assert ran
    assert not np.array_equal(before, after)


def test_no_curves_are_walked_for_it(model, marked):
    assert list(model.curves(marked, Q, NEVER)) == []


def test_all_branches_gone_it_still_runs(model, marked):
    *_, last = stages(model, left(model, 0), marked)
    assert labels(last).shape == SHAPE
