"""Recovery: what is left is learned, what is gone stays as it was, and dense baselines."""

import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.training.dense import dense_size, parameters_of
from prune3d_gui.plugins.psp_seg.training.recovery import Recovery
from prune3d_gui.plugins.psp_seg.training.training import Settings

SETTINGS = Settings(steps=8, batch=1, rate=1e-3)


def recovery(cohort, network, path, gone=None, **more):
    gone = frozenset(network.units[::2]) if gone is None else gone
    return Recovery(
        network, gone, cohort, SETTINGS, path / "training.pt", seen=cohort, every=3, **more
    )


def test_what_is_gone_stays_as_it_was_and_the_rest_is_learned(cohort, network, tmp_path):
    before = {key: value.clone() for key, value in network.state_dict().items()}
    training = recovery(cohort, network, tmp_path)
    learned = training.run()
    made = training.whole()
    after = made.state_dict()
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    for name, place in network.units:
        key = f"{name}.branches.{place}.mix.weight"
        assert torch.equal(before[key], after[key]) == ((name, place) in training.gone)
        same = torch.equal(before[f"{name}.scales"][place], after[f"{name}.scales"][place])
        assert same == ((name, place) in training.gone)
    made.mask(training.gone)
    image = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        assert torch.equal(made(image), learned(image))


def test_its_curve_is_told_as_it_goes(cohort, network, tmp_path):
    told = []
    training = recovery(cohort, network, tmp_path)
    training.run(told.append)
    told = [progress.row for progress in told if progress.row]
    assert [row["step"] for row in told] == [0, 3, 6, 8]
    assert told == training.rows
    assert all(0 <= row["dice"] <= 1 for row in told)
    assert len({row["full_dice"] for row in told}) == 1


def test_it_regains_dice_on_what_it_is_trained_on(cohort, network, tmp_path):
    settings = Settings(steps=60, batch=2, rate=1e-2, average=0.9)
    training = Recovery(
        network, frozenset(network.units[::2]), cohort, settings, tmp_path / "training.pt",
        seen=cohort, every=20,
    )  # fmt: skip
    training.run()
    assert training.rows[-1]["dice"] > training.rows[0]["dice"] + 0.02


def test_it_goes_on_with_the_same_bits(cohort, network, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    wanted = recovery(cohort, network, tmp_path / "a")
    wanted.run()
    cancel = CancelToken()
    part = recovery(cohort, network, tmp_path / "b")
    with pytest.raises(Cancelled):
        part.run(lambda told: told.row and told.row["step"] and cancel.cancel(), cancel)
    last = recovery(cohort, network, tmp_path / "b")
    assert last.rows == part.rows
    last.run()
    assert last.rows == wanted.rows
    found, other = last.whole().state_dict(), wanted.whole().state_dict()
    assert all(torch.equal(found[key], other[key]) for key in other)


def test_a_checkpoint_of_other_branches_is_refused(cohort, network, tmp_path):
    recovery(cohort, network, tmp_path).save()
    with pytest.raises(BadInput, match="another gone"):
        recovery(cohort, network, tmp_path, frozenset(network.units[:1]))


@pytest.mark.parametrize("wanted", [200_000, 742_000])
def test_a_dense_network_has_the_parameters_asked_for(wanted):
    size = dense_size(wanted, len(CLASSES))
    assert abs(parameters_of(size, len(CLASSES)) - wanted) < 0.03 * wanted
    assert size.kernels == ((3, 3, 3),)
    assert size.branches == len(size.modules)


@pytest.mark.parametrize("wanted", [10, 10**9])
def test_a_dense_network_that_cannot_be_is_refused(wanted):
    with pytest.raises(BadInput, match="no dense network of"):
        dense_size(wanted, len(CLASSES))


def test_a_dense_network_is_written_and_read(tmp_path):
    made = Network(dense_size(60_000, len(CLASSES)), len(CLASSES)).eval()
    save_network(tmp_path / "dense.safetensors", made, CLASSES, 4.5, Window(), {})
    found, _ = load_network(tmp_path / "dense.safetensors")
    image = torch.randn(1, 1, 32, 32, 32)
    with torch.no_grad():
        assert torch.equal(found(image), made(image))
