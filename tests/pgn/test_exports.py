"""Exports of the bundled network: opened again, told of honestly, with their moment."""

import json
import re
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.networks.sparse import sparse_bytes
from prune3d_gui.plugins.pgn.network.network import AtlasNet, Widths
from prune3d_gui.plugins.pgn.pruning.controls import FORMATS, RATE, SCOPE, WAY
from prune3d_gui.plugins.pgn.system import PgnSystem
from prune3d_gui.studies.ask.moments import exported, moment_of

PLAN = Plan().with_value(RATE, 60.0).with_rate("conv2", 30.0).with_lock("C1", True)
SUFFIX = {format_.id: format_.suffix for format_ in FORMATS}


@pytest.fixture(scope="module")
def model():
    system = PgnSystem()
    if not system.bundled():
        pytest.skip("the bundled weights are not installed")
    opened = system.open(system.bundled()[0])
    yield opened
    opened.close()


def points(model, plan=Plan(), sample=0):  # noqa: B008 - frozen
    applied = model.apply(plan)
    name = model.samples()[sample].id
    *_, last = model.reconstruct(applied, name, Query(), "full", CancelToken())
    return last.scene.layers[0].data.points


def export(model, folder, format_id, plan=PLAN):
    path = folder / f"net{SUFFIX[format_id]}"
    ref = PgnSystem().bundled()[0]
    moment = moment_of(ref, model, plan=plan, role="network", about={"samples": "val:3"})
    told = exported(moment, path).as_fields()
    return path, model.export(model.apply(plan), format_id, path, told)


@pytest.mark.parametrize("format_id", ["safetensors", "pth", "sparse"])
def test_opened_again_it_gives_the_same_frame_bit_for_bit(model, tmp_path, format_id):
    wanted = points(model, PLAN)
    path, said = export(model, tmp_path, format_id)
    again = PgnSystem().open(ModelRef("pgn", path.name, str(path), model.device))
    try:
        assert np.array_equal(points(again), wanted)
        assert again.note == (model.note if format_id != "pth" else again.note)
    finally:
        again.close()
    assert "same weights bit for bit" in " ".join(said)


def test_halves_move_the_points_by_what_is_said(model, tmp_path):
    wanted = [points(model, PLAN, sample) for sample in range(3)]
    path, said = export(model, tmp_path, "sparse16")
    again = PgnSystem().open(ModelRef("pgn", path.name, str(path), model.device))
    try:
        moved = max(
            np.abs(points(again, sample=i) - before).max() for i, before in enumerate(wanted)
        )
    finally:
        again.close()
    assert f"differ by {moved:.2g} at most" in " ".join(said)
    assert moved < 1e-2


@pytest.mark.parametrize("format_id", list(SUFFIX))
def test_a_file_of_zeros_is_never_called_small(model, tmp_path, format_id):
    path, said = export(model, tmp_path, format_id)
    zeroed = model.apply(PLAN).footprint.zeroed
    size = path.stat().st_size
    assert f"{size / 1e6:.2f} MB" in said[0]
    if format_id.startswith("sparse"):
        assert "dense again" in said[0]
        assert size < 51e6 / 2
    else:
        assert size > 51e6
        assert f"{zeroed:,} weights are zeros in place, which makes the file no smaller" in said[0]
    path, said = export(model, tmp_path, format_id, Plan())
    assert path.stat().st_size > (25e6 if format_id == "sparse16" else 51e6)
    assert not any(word in " ".join(said) for word in ("zeros in place", "gone"))


def test_the_sparse_file_is_as_big_as_the_arithmetic(model, tmp_path):
    path, _ = export(model, tmp_path, "sparse")
    counts = [(t.numel(), int((t != 0).sum())) for t in model.network.state_dict().values()]
    assert 0 <= path.stat().st_size - sparse_bytes(counts) < 30_000


@pytest.mark.parametrize("format_id", list(SUFFIX))
def test_every_file_has_its_moment(model, tmp_path, format_id):
    path, _ = export(model, tmp_path, format_id)
    if format_id == "pth":
        text = (tmp_path / "net.pth.moment.json").read_text()
    elif format_id == "onnx":
        onnx = pytest.importorskip("onnx")
        text = {p.key: p.value for p in onnx.load(path).metadata_props}[KEY]
    else:
        with safe_open(path, framework="numpy") as file:
            text = file.metadata()[KEY]
    moment = json.loads(text)
    applied = model.apply(PLAN)
    assert moment["plan"]["values"] == {
        knob.id: PLAN.value(knob)
        for knob in model.knobs
        if knob.invalidates == "prune" and PLAN.value(knob) != ""
    }
    assert (moment["plan"]["rates"], moment["plan"]["locks"]) == ({"conv2": 30.0}, ["C1"])
    assert (moment["system"], moment["weights_hash"]) == ("pgn", model.weights_hash)
    about = moment["about"]
    assert (about["data"], about["samples"], about["seed"]) == (model.note, "val:3", 0)
    assert about["versions"]["torch"] == torch.__version__
    assert about["zeroed"] == applied.footprint.zeroed
    assert read_moment(path).as_fields() == moment
    words = moment["command"].split()
    assert words[:3] == ["prune3d", "prune", "pgn"]
    assert words[words.index("--rate") + 1] == "60"
    assert words[-6:] == ["--unit-rate", "conv2=30", "--lock", "C1", "--out", path.name]


def test_the_state_dict_loads_strictly_under_its_plain_names(model, tmp_path):
    path, said = export(model, tmp_path, "pth")
    state = torch.load(path, weights_only=True)
    assert all(isinstance(tensor, torch.Tensor) for tensor in state.values())
    AtlasNet().load_state_dict(state, strict=True)
    assert int((state["decoder.decoder.0.conv2.weight"] == 0).sum()) == 157286
    assert not any("cannot load" in sentence for sentence in said)


def test_onnx_gives_the_same_points(model, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    wanted = points(model, PLAN)
    path, said = export(model, tmp_path, "onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.name, given.shape) == ("image", ["batch", 3, 224, 224])
    image = model.image(model.samples()[0].id)[None]
    (found,) = session.run(["points"], {"image": np.ascontiguousarray(image)})
    assert found.shape == (1, 2562, 3)
    np.testing.assert_allclose(found[0], wanted, atol=2e-5)
    assert "differ by" in said[1]
    assert "3 images" in said[1]
    (two,) = session.run(["points"], {"image": np.concatenate([image, image])})
    np.testing.assert_allclose(two[1], found[0], atol=1e-6)


def test_onnx_without_onnxruntime_says_that_it_was_not_checked(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    _, said = export(model, tmp_path, "onnx")
    assert said[1] == "It was not checked: onnxruntime is not installed."


@pytest.mark.parametrize("format_id", ["safetensors", "pth", "sparse"])
def test_a_network_that_lost_channels_is_a_smaller_file(model, tmp_path, format_id):
    plan = Plan().with_value(WAY, "channels").with_value(RATE, 40.0).with_value(SCOPE, "all")
    wanted = points(model, plan)
    removed = model.apply(plan).footprint.removed
    path, said = export(model, tmp_path, format_id, plan)
    assert path.stat().st_size < 51e6 - 4 * removed + 200_000
    assert removed > 1_000_000
    assert format_id == "sparse" or f"{removed:,} parameters are gone" in said[0]
    again = PgnSystem().open(ModelRef("pgn", path.name, str(path), model.device))
    try:
        assert np.array_equal(points(again), wanted)
    finally:
        again.close()


def test_other_shapes_of_network_go_out_too(tmp_path):
    from prune3d_gui.core.frames import Footprint
    from prune3d_gui.plugins.pgn.exports import write_network

    torch.manual_seed(0)
    narrow = Widths(64, ((32, 24, 16),), (16, 24, 32, 40), (8, 16, 24, 16, 32, 24, 40, 32))
    curved = [AtlasNet(1, "SPHERE", 64, 32, 1, activation=a) for a in ("tanh", "logsigmoid")]
    cases = (AtlasNet(widths=narrow), AtlasNet(2, "SQUARE", 64, 32, 1), *curved)
    for network in cases:
        network = network.eval().requires_grad_(False)
        total = sum(parameter.numel() for parameter in network.parameters())
        size = Footprint(total, total, 0, 1000, 4 * total, "fp32", 0, "one image")
        template = torch.rand(50, 3 if network.template == "SPHERE" else 2)
        told = {}
        for format_id in SUFFIX:
            path = tmp_path / f"n{SUFFIX[format_id]}"
            told[format_id] = write_network(network, template, format_id, path, {}, footprint=size)
        assert "1,000 parameters are gone" in told["pth"][0]
        odd = network is cases[0]
        assert odd == any("cannot load it" in sentence for sentence in told["pth"])
        assert float(re.search(r"differ by (\S+) at most", told["onnx"][1])[1]) < 1e-4


def test_bad_formats_and_places(model, tmp_path):
    with pytest.raises(BadInput, match=r"'zip'.*safetensors, pth, sparse, sparse16, onnx"):
        model.export(model.apply(Plan()), "zip", tmp_path / "a.zip", {})
    for format_id, suffix in SUFFIX.items():
        with pytest.raises(BadInput, match="folder does not exist"):
            model.export(model.apply(Plan()), format_id, tmp_path / "no" / f"a{suffix}", {})
