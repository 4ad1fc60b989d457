"""What is said of the user's own pictures: how unlike those a network knows they are."""

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from prune3d_gui.cli.main import main
from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.data.intake import load_image
from prune3d_gui.plugins.pgn.data.shipped import SAMPLES, read_shipped
from prune3d_gui.plugins.pgn.data.strangeness import (
    FAR,
    LATENTS,
    Yardstick,
    read_latents,
    write_latents,
)
from prune3d_gui.plugins.pgn.model import PgnModel
from prune3d_gui.plugins.pgn.network.checkpoint import load_network
from prune3d_gui.plugins.pgn.pruning.controls import RATE
from prune3d_gui.plugins.pgn.training.release import write_known

RESOURCES = files("prune3d_gui.resources").joinpath(SAMPLES)
DATA = Path(__file__).parents[4] / "shared/data/pgn"
CAR = DATA / "atlasnet_layout/ShapeNetV1Renderings/02958343/1a0bc9ab92c915167ae33d942430658c"


def angle(one, other):
    """Degrees between two vectors, by the cosine rule."""
    return np.degrees(np.arccos(one @ other / np.sqrt((one @ one) * (other @ other))))


@pytest.fixture(scope="module")
def yardstick(shipped):
    found = read_latents(Path(str(RESOURCES.joinpath(LATENTS))), shipped.weights_hash)
    assert found is not None, "the file belongs to other weights; see release.write_known"
    return found


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """A flat drawing, nothing like a rendering."""
    image = Image.new("RGBA", (137, 137))
    ImageDraw.Draw(image).ellipse((30, 50, 110, 90), fill=(255, 0, 255, 255))
    path = tmp_path_factory.mktemp("pictures") / "drawing.png"
    image.save(path)
    return path


def encoded(model, image):
    with torch.inference_mode():
        return model.network.encode(torch.from_numpy(image)[None]).numpy()[0]


def test_angles_and_percentiles_are_those_of_their_definition():
    known = np.random.default_rng(0).normal(3.0, 1.0, (25, 6)).astype(np.float32)
    stick = Yardstick.among(known)
    centred = known.astype(float) - known.mean(0, dtype=float)
    for row, usual in enumerate(stick.usual):
        others = [angle(centred[row], other) for k, other in enumerate(centred) if k != row]
        assert usual == pytest.approx(min(others), abs=1e-9)
    nearer = [100 * sum(other < usual for other in stick.usual) / 25 for usual in stick.usual]
    np.testing.assert_allclose(stick.percentile(stick.usual), nearer)
    assert stick.percentile(np.array([180.0])) == 100
    assert stick.degrees(known[:3]) == pytest.approx(0, abs=1e-3)


def test_the_shipped_latents_are_the_bundled_networks(shipped, yardstick):
    """A validation picture has the angle by the encoder that the file has for it."""
    assert yardstick.trained
    assert yardstick.known.shape[1] == shipped.network.bottleneck == 1024
    assert len(yardstick.usual) == len(shipped.select("val:130"))
    shipped.apply(Plan())
    centre = yardstick.known.mean(0, dtype=float)
    for number, sample in enumerate(shipped.select("val:6")):
        latent = encoded(shipped, shipped.image(sample)) - centre
        nearest = min(angle(latent, known - centre) for known in yardstick.known)
        assert nearest == pytest.approx(yardstick.usual[number], abs=0.1)


def test_held_out_designs_lie_farther_than_validation_pictures(shipped, yardstick):
    shipped.apply(Plan())
    latents = np.stack([encoded(shipped, shipped.image(s)) for s in shipped.select("heldout")[::2]])
    assert np.median(yardstick.percentile(yardstick.degrees(latents))) > 85


def test_real_renderings_of_a_car_lie_beyond_the_95th_percentile(shipped, yardstick):
    views = sorted(CAR.glob("rendering/*.png"))
    if len(views) < 24:
        pytest.skip("the renderings of a ShapeNet car are not there")
    shipped.apply(Plan())
    latents = np.stack([encoded(shipped, load_image(v).tensor.numpy()) for v in views[::2]])
    far = yardstick.percentile(yardstick.degrees(latents)) >= FAR
    assert far.all()
    (told,) = shipped.open_sample(views[0]).notices
    assert told.startswith("Unlike the training pictures, which are procedural")
    assert "flat to 45 %" in told


def test_a_real_airplane_is_not_unlike_and_still_warned_of(shipped):
    path = DATA / "plane_input_demo.png"
    if not path.is_file():
        pytest.skip("the rendering of a ShapeNet airplane is not there")
    (told,) = shipped.open_sample(path).notices
    assert told.startswith("Not unlike the training pictures")
    assert "a real object may still become another" in told


def test_masks_neither_change_what_is_said_nor_are_changed(shipped, drawing):
    shipped.apply(Plan())
    told = shipped.open_sample(drawing).notices
    applied = shipped.apply(Plan().with_value(RATE, 60.0))
    before = [t.clone() for t in shipped.network.state_dict().values()]
    opened = shipped.open_sample(drawing)
    assert opened.notices == told
    after = shipped.network.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    *_, stage = shipped.reconstruct(applied, opened.id, Query(), "full", CancelToken())
    with torch.inference_mode():
        image = torch.from_numpy(shipped.image(opened.id))[None]
        plain = shipped.network(image, shipped.template("full"))[0].numpy()
    np.testing.assert_allclose(stage.scene.layers[0].data.points, plain, atol=1e-5)


def test_another_network_encodes_the_validation_pictures_once_and_only_when_asked(
    small_weights, drawing, tmp_path
):
    samples = read_shipped(Path(str(RESOURCES)))[:24]
    entries = Gallery.shipped(Path(str(RESOURCES)))
    gallery = Gallery({s.key: entries.entry(s.key) for s in samples}, tuple(s.key for s in samples))
    net, info = load_network(small_weights)
    model = PgnModel(net, info, gallery, "cpu", Path(str(RESOURCES.joinpath(LATENTS))))
    seen = []
    model.network.encoder.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    model.reference(samples[0].key, Query())
    assert model.select("val:24")
    assert not seen
    (told,) = model.open_sample(drawing).notices
    assert sum(seen) == 24 + 1
    model.open_sample(drawing)
    assert sum(seen) == 24 + 2
    assert "nlike the validation pictures that come with the program" in told
    assert "training pictures" not in told  # which nobody knows
    assert "45 %" not in told
    model.close()


def test_too_few_validation_pictures_say_nothing(model, drawing):
    assert model.open_sample(drawing).notices == ()


def test_latents_are_written_for_one_network_and_read_for_no_other(
    small_set, small_weights, tmp_path
):
    out = tmp_path / "latents.safetensors"
    write_known(small_weights, small_set, out, count=3)
    net, info = load_network(small_weights)
    found = read_latents(out, info.hash)
    assert found.trained
    assert found.known.shape == (3, 48)
    assert found.usual.shape == (2,)
    views = [*(small_set / "ShapeNetV1Renderings").glob("*/egg-000[23]/rendering/01.png")]
    assert len(views) == 4
    with torch.inference_mode():
        latents = [net.encode(load_image(v).tensor[None]).numpy()[0] for v in views]
    for known in found.known:
        assert min(abs(known - latent).max() for latent in latents) < 1e-2
    assert read_latents(out, "0" * 64) is None
    assert read_latents(tmp_path / "none.safetensors", info.hash) is None
    out.write_bytes(out.read_bytes()[:200])
    assert read_latents(out, info.hash) is None


def test_a_network_that_sees_no_difference_says_nothing(small_weights, drawing, tmp_path):
    net, info = load_network(small_weights)
    with torch.no_grad():
        net.encoder.fc.weight.zero_()
    path = tmp_path / "latents.safetensors"
    write_latents(path, info.hash, np.ones((30, 48), np.float32), np.ones((30, 48), np.float32))
    model = PgnModel(net, info, Gallery({}, ()), "cpu", path)
    assert model.open_sample(drawing).notices == ()
    model.close()


def test_the_command_line_says_it_of_a_picture_and_of_a_set(
    shipped, drawing, small_set, tmp_path, capsys
):
    """The network is opened anew by each command."""
    picture = tmp_path / "out.ply"
    assert main(["reconstruct", "pgn", "--image", str(drawing), "--out", str(picture)]) == 0
    assert capsys.readouterr().err.count("Unlike the training pictures") == 1
    argv = ["sweep", "pgn", "--rate", "0", "--samples", str(small_set), "--json", "-"]
    assert main(argv) == 0
    said = capsys.readouterr().err
    assert said.count("Of the 2 pictures, 2 lie beyond the 95th percentile") == 1


def test_a_picture_of_a_set_that_cannot_be_read_is_left_to_its_own_refusal(
    shipped, small_set, tmp_path
):
    root = shutil.copytree(small_set, tmp_path / "set")
    broken = root / "ShapeNetV1Renderings/02691156/egg-0000/rendering/00.png"
    broken.write_bytes(b"no picture")
    found = shipped.select(str(root))
    (told,) = [n for s in shipped.samples() if s.id in found for n in s.notices]
    assert told.startswith("Of 1 of its 2 pictures, 1 lies beyond the 95th percentile")
    with pytest.raises(BadInput, match="not a readable picture"):
        shipped.image("02691156/egg-0000")
