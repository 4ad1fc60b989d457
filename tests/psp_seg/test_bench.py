"""The measures of the bench: that ways give the same, and that rows say what they are of."""

import pytest
import torch
from torch import nn

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.psp_seg.bench import KERNELS, _timed, _ways, toggles


@pytest.mark.parametrize("kernel", KERNELS)
@torch.no_grad()
def test_every_way_of_a_convolution_gives_the_same(kernel):
    torch.manual_seed(0)
    layer = nn.Conv3d(6, 6, kernel, padding=tuple(side // 2 for side in kernel))
    x = torch.randn(1, 6, 7, 8, 9)
    ways = _ways(layer, x, kernel)
    assert len(ways) == (2 if kernel == (3, 3, 3) else 3)
    for way in ways.values():
        torch.testing.assert_close(way(), layer(x), atol=1e-5, rtol=1e-5)


def test_ways_take_turns_and_the_first_round_warms_up():
    ran = []
    ways = {"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}
    taken = _timed(ways, 2, NEVER, {"b": lambda: ran.append("before")})
    assert ran == ["a", "before", "b"] * 3
    assert {name: len(times) for name, times in taken.items()} == {"a": 2, "b": 2}
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        _timed(ways, 2, token)


def test_a_toggle_is_told_beside_the_work_after_it(make_model):
    rows = list(toggles(make_model(), 1, NEVER))
    *modules, whole = rows
    assert [row["measure"].split()[4] for row in modules] == [
        "encoder.1", "bottleneck", "decoder.1", "decoder.0",
    ]  # fmt: skip
    assert all(row["value"] > 0 and row["limit"] == "at most 1.15" for row in modules)
    assert {row["met"] for row in modules} <= {"yes", "no"}
    assert "limit" not in whole
    assert whole["note"] == "64 x 64 x 64 voxels"
