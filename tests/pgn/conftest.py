"""A small set in AtlasNet's layout and a small network, both made on the spot."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.pgn.data.dataset import open_layout
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.data.shipped import write_shipped
from prune3d_gui.plugins.pgn.model import PgnModel
from prune3d_gui.plugins.pgn.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.system import PgnSystem

SYNSETS = {"02691156": "airplane", "03001627": "chair"}


def write_set(root, objects=4):
    """Ellipsoids, pictured as ellipses: enough for readers and models to work on."""
    rng = np.random.default_rng(0)
    splits = {"train": [], "val": [], "heldout": []}
    for synset in SYNSETS:
        for number in range(objects):
            name = f"egg-{number:04d}"
            axes = rng.uniform(0.3, 1.0, 3)
            normals = rng.normal(size=(4000, 3))
            cloud = normals / np.linalg.norm(normals, axis=1, keepdims=True) * axes
            points = root / "ShapeNetV1PointCloud" / synset / f"{name}.points.ply.npy"
            points.parent.mkdir(parents=True, exist_ok=True)
            np.save(points, cloud.astype(np.float32))
            views = root / "ShapeNetV1Renderings" / synset / name / "rendering"
            views.mkdir(parents=True)
            y, x = np.mgrid[-1:1:137j, -1:1:137j]
            inside = (x / axes[0]) ** 2 + (y / axes[1]) ** 2 < 0.5
            picture = np.zeros((137, 137, 4), np.uint8)
            picture[inside] = (int(200 * axes[2]), 90, 40, 255)
            for view in range(2):
                Image.fromarray(picture).save(views / f"{view:02d}.png")
            split = ("val", "heldout", "train", "train")[number % 4]
            splits[split].append(f"{synset}/{name}")
    names = [{"synsetId": s, "name": n} for s, n in SYNSETS.items()]
    (root / "taxonomy.json").write_text(json.dumps(names))
    (root / "splits.json").write_text(json.dumps(splits))
    return root


@pytest.fixture(scope="session")
def small_set(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="session")
def small_samples(small_set, tmp_path_factory):
    out = tmp_path_factory.mktemp("samples")
    write_shipped(open_layout(small_set), out)
    return out


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory):
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_network(path, AtlasNet(bottleneck=48, hidden=32), {"note": "Random weights."})
    return path


@pytest.fixture
def model(small_weights, small_samples):
    net, info = load_network(small_weights)
    made = PgnModel(net, info, Gallery.shipped(small_samples), "cpu")
    yield made
    made.close()


@pytest.fixture(scope="module")
def shipped():
    """The model that comes with the program."""
    refs = PgnSystem().bundled()
    if not refs:
        pytest.skip("the bundled weights are not installed; train them with `prune3d train pgn`")
    made = PgnSystem().open(ModelRef("pgn", "shipped", device="cpu"))
    yield made
    made.close()
