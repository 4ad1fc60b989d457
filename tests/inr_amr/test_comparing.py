"""Error against degrees of freedom, by rule, as rows and as a chart."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.inr_amr import comparing
from prune3d_gui.plugins.inr_amr.comparing import best_pair, compare_field, dofs_at
from prune3d_gui.plugins.inr_amr.jobs import COMPARING, compare_rules
from prune3d_gui.plugins.inr_amr.mesh.specs import RULES
from prune3d_gui.plugins.inr_amr.stored.checkpoint import save_field


def quiet(progress):
    pass


def run(**options):
    values = {option.name: option.default for option in COMPARING} | options
    return compare_rules(values, quiet, CancelToken())


@pytest.fixture(scope="module")
def path(fits, tmp_path_factory):
    network, domain, _ = fits[2, False]
    path = tmp_path_factory.mktemp("fields") / "ball.safetensors"
    save_field(path, network, domain, {})
    return str(path)


@pytest.fixture(scope="module")
def compared(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("charts") / "dofs.png"
    return run(samples=path, cells=400, out=str(out)), out


def test_progress_is_whole_only_after_the_chart(path, tmp_path, monkeypatch):
    monkeypatch.setitem(comparing.SWEEP, "sine", ((0.1,), (4.0,)))
    told = []
    values = {option.name: option.default for option in COMPARING}
    values |= {"samples": f"{path},{path}", "cells": 64, "out": str(tmp_path / "c.png")}
    compare_rules(values, told.append, CancelToken())
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert all(0 <= progress.done < progress.total for progress in told)
    assert done[-1] > 1.5, "of two fields"


def of(rows, rule):
    return [row for row in rows if row["rule"] == rule and row["best"]]


def test_every_rule_has_one_best_curve_of_falling_error(compared):
    rows, _ = compared
    assert {row["rule"] for row in rows} == set(RULES)
    for rule in RULES:
        best = of(rows, rule)
        assert len({(row["tolerance"], row["proportion"]) for row in best}) == 1
        assert all(a["dofs"] < b["dofs"] for a, b in pairwise(best))
        assert best[-1]["rmse"] <= best[0]["rmse"]  # decomposition may find nothing to split


def test_uniform_is_of_whole_levels_and_goes_one_beyond(compared):
    rows, _ = compared
    found = of(rows, "uniform")
    assert [row["cells"] for row in found] == [16, 64, 256, 1024]
    assert [row["dofs"] for row in found] == [25, 81, 289, 1089]


def test_adaptive_rules_end_at_the_cells_and_hybrid_takes_the_best_pair(compared):
    rows, _ = compared
    for rule in ("id", "gradient", "interpolation", "hybrid"):
        assert max(row["cells"] for row in of(rows, rule)) <= 400
    (pair,) = {(r["tolerance"], r["proportion"]) for r in of(rows, "hybrid")}
    assert pair == best_pair([r for r in rows if r["rule"] == "id"])
    assert pair == (of(rows, "id")[0]["tolerance"], of(rows, "id")[0]["proportion"])


def test_every_rule_starts_at_the_level_asked_for(make_model):
    rows = compare_field(make_model(2), 300, "ball", quiet, CancelToken(), start=4)
    for rule in RULES:
        first = of(rows, rule)[0]
        assert (first["cells"], first["points"], first["dofs"]) == (256, 289, 289)


def test_both_ways_of_counting_are_there_and_errors_have_an_error(compared):
    rows, _ = compared
    assert all(row["dofs"] <= row["points"] for row in rows)
    assert any(row["dofs"] < row["points"] for row in of(rows, "interpolation"))
    assert all(0 < row["rmse_error"] < row["rmse"] for row in rows)
    assert len({row["definitions"] for row in rows}) == 1


def test_error_share_refers_to_the_range_of_values(compared):
    rows, _ = compared
    assert all(row["rmse_share"] == pytest.approx(row["rmse"] / 1.0) for row in rows)


def test_the_chart_is_a_picture_with_every_colour(compared):
    _, out = compared
    with Image.open(out) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for colour, *_ in comparing._STYLES.values():
        if colour.startswith("#"):
            rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
            assert (np.abs(pixels.astype(int) - rgb).sum(axis=1) < 12).sum() > 20


def test_3d_with_time_at_time_zero(make_model, monkeypatch):
    monkeypatch.setitem(comparing.SWEEP, "sine", ((0.1,), (4.0,)))
    rows = compare_field(make_model(timed=True), 200, "ball", quiet, CancelToken())
    assert [r["cells"] for r in of(rows, "uniform")] == [64, 512]
    assert {row["rule"] for row in rows} == set(RULES)


def test_dofs_at_an_error():
    curve = [(10, 0.1), (1000, 0.001)]
    assert dofs_at(curve, 0.1) == 10
    assert dofs_at(curve, 0.01) == pytest.approx(100)
    assert dofs_at(curve, 1e-4) == np.inf


def test_the_best_pair_needs_the_fewest_dofs_at_an_error_that_half_reach():
    def rows(tolerance, *curve):
        return [
            {"tolerance": tolerance, "proportion": 0.2, "dofs": d, "rmse_share": e}
            for d, e in curve
        ]

    fast, slow, stuck = (
        rows(0.1, (10, 0.5), (100, 0.01)),
        rows(0.2, (10, 0.5), (500, 0.01)),
        rows(0.3, (10, 0.3)),
    )
    assert best_pair(slow + stuck + fast) == (0.1, 0.2)
    assert best_pair(rows(0.1, (10, 0.4), (99, 0.2)) + rows(0.2, (50, 0.3))) == (0.1, 0.2)


def test_stopping(make_model):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        compare_field(make_model(2), 100, "ball", quiet, cancel)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"out": "chart.pdf"}, "'chart.pdf' has no ending"),
        ({"out": "nowhere/chart.png"}, "folder does not exist"),
        ({"samples": "nobody"}, "nobody"),
        ({"cells": 3}, "--cells 3 cannot be met"),
        ({"cells": -1}, "--cells -1 cannot be met"),
        ({"cells": 200, "start_level": 4}, "a mesh begins with 256 cells at level 4"),
        ({"start_level": 7}, "--start-level 7 begins with 16,384 cells"),
        ({"start_level": 99}, "--start-level 99 is out of range; take 0 to 12"),
    ],
)
def test_bad_input_is_one_sentence(path, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        run(**{"samples": path} | options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
