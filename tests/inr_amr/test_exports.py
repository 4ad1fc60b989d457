import json

import numpy as np
import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY
from prune3d_gui.plugins.inr_amr.exports import write_network
from prune3d_gui.plugins.inr_amr.network.domain import Domain
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork
from prune3d_gui.plugins.inr_amr.network.neurons import NeuronPruner
from prune3d_gui.plugins.inr_amr.stored.checkpoint import FieldInfo, field_hash, load_field

onnxruntime = pytest.importorskip("onnxruntime")

BOX = Domain((-1.0,) * 3, (1.0, 1.0, 2.0), 3, (0.0,) * 3, (20.0, 20.0, 30.0), "mm")
RECIPE = {"tolerance": 1e-3, "criterion": "id"}


def made(activation="sine", features=None, width=64):
    torch.manual_seed(3)
    first = 3 if features is None else 2 * len(features)
    omegas = (10.0, 5.0) if activation == "sine" else ()
    return FieldNetwork((first, width, width, 1), activation, omegas, features).eval()


def about(network):
    return FieldInfo(
        "f", field_hash(network), network.parameters_count, {"note": "fitted to a sphere"}, BOX
    )


def onnx_values(path, points):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["value"], {"coordinates": points})[0]


@pytest.mark.parametrize("activation", ["sine", "relu", "tanh", "silu"])
@pytest.mark.parametrize("features", [None, torch.randn(6, 3)])
@pytest.mark.parametrize("ending", ["safetensors", "pth", "onnx"])
def test_every_format_gives_the_same_field(tmp_path, activation, features, ending):
    network, path = made(activation, features), tmp_path / f"field.{ending}"
    difference = write_network(network, about(network), ending, path, RECIPE)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    points = np.random.default_rng(1).uniform(-1, 1, (777, 3)).astype(np.float32)
    own = network.evaluate(torch.as_tensor(points)).numpy()
    if ending == "onnx":
        found = onnx_values(path, points)
        assert found.shape == (777,)
        np.testing.assert_allclose(found, own, atol=2e-5)
        assert difference < 2e-5
        assert onnx_values(path, points[:1]).shape == (1,)
        return
    assert difference == 0
    loaded, info = load_field(path)
    assert np.array_equal(loaded.evaluate(torch.as_tensor(points)).numpy(), own)
    assert info.domain == BOX
    assert info.hash == field_hash(network)
    assert info.metadata["note"] == "fitted to a sphere"
    assert json.loads(info.metadata[KEY]) == RECIPE
    assert info.notices == ()


def test_onnx_says_how_it_was_made(tmp_path):
    onnx = pytest.importorskip("onnx")
    network = made()
    write_network(network, about(network), "onnx", tmp_path / "f.onnx", RECIPE)
    model = onnx.load(tmp_path / "f.onnx")
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(said[KEY]) == RECIPE
    assert said["domain"] == BOX.to_json()
    assert (said["activation"], said["note"]) == ("sine", "fitted to a sphere")
    assert [entry.version for entry in model.opset_import] == [17]
    (entry,) = model.graph.input
    assert entry.name == "coordinates"
    assert [d.dim_param or d.dim_value for d in entry.type.tensor_type.shape.dim] == ["n", 3]


def test_large_weights_stay_inside_the_file(tmp_path):
    network = made(width=700)
    write_network(network, about(network), "onnx", tmp_path / "f.onnx", RECIPE)
    (only,) = tmp_path.iterdir()
    assert only.stat().st_size > 4 * network.parameters_count


@pytest.mark.parametrize("ending", ["safetensors", "pth", "onnx"])
def test_a_pruned_network_is_a_smaller_file_of_the_same_values(tmp_path, ending):
    network = made("tanh")
    pruned = NeuronPruner(network, BOX).prune((20, 15))
    whole, small = tmp_path / f"whole.{ending}", tmp_path / f"small.{ending}"
    write_network(network, about(network), ending, whole, {})
    assert write_network(pruned, about(network), ending, small, RECIPE) < 1e-4
    saved = 4 * (network.parameters_count - pruned.parameters_count)
    assert abs(whole.stat().st_size - small.stat().st_size - saved) < 0.1 * saved
    if ending != "onnx":
        assert load_field(small)[0].widths == (20, 15)


def test_bad_formats_and_places(tmp_path):
    network = made()
    with pytest.raises(BadInput, match=r"'msgpack'.*safetensors, pth, onnx"):
        write_network(network, about(network), "msgpack", tmp_path / "f", {})
    for ending in ("safetensors", "pth", "onnx"):
        with pytest.raises(BadInput, match="folder does not exist"):
            write_network(network, about(network), ending, tmp_path / "no" / f"f.{ending}", {})
