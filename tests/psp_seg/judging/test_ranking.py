"""Criteria beside the measured drop: the rows, the artifacts, the chart."""

import pytest
from scipy.stats import spearmanr

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.jobs import Made
from prune3d_gui.core.moment import KEY
from prune3d_gui.plugins.psp_seg import model
from prune3d_gui.plugins.psp_seg.jobs import RANKING
from prune3d_gui.plugins.psp_seg.judging.ranking import CRITERIA, rank


def test_agreement_is_of_the_scores_in_the_rows_and_is_drawn(make_model, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "CALIBRATED", 1)
    out, told = tmp_path / "ranks.svg", []
    values = {option.name: option.default for option in RANKING} | {"out": str(out)}
    rows = rank(make_model(), values, told.append, NEVER)
    units = [row for row in rows if "unit" in row]
    for row in (row for row in rows if "criterion" in row):
        name = row["criterion"]
        rho = spearmanr([u[name] for u in units], [u["drop"] for u in units]).statistic
        assert row["spearman"] == pytest.approx(rho)
    assert sum(isinstance(one, Made) for one in told) == len(CRITERIA)
    drawn = out.read_text(encoding="utf-8")
    assert KEY in drawn
    assert "prune3d rank psp_seg" in drawn
