"""Previews: where the full result is expected, and where it then is."""

import numpy as np

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.registry import discover
from prune3d_gui.core.score.estimates import estimate
from tests.gui.previewing import follow_markers

RATES = (10, 20, 30, 40, 50, 60, 70, 80)


def test_the_hollow_marker_is_where_the_full_result_comes(open_window, qtbot):
    window = open_window(discover().system("pgn"))
    assert follow_markers(window, qtbot, "rate", (0, 80, 160, 240, 320)) >= 2


def test_estimates_are_within_a_tenth_of_the_full_result():
    system = discover().system("pgn")
    model = system.open(system.bundled()[0])

    def score(rate, sample, quality):
        applied = model.apply(Plan((("rate", float(rate)),) if rate else ()))
        (stage,) = model.reconstruct(applied, sample, Query(), quality, NEVER)
        return model.score(applied, sample, Query(), stage, None).values

    raw, off, asked = [], [], 0
    for sample in [sample.id for sample in model.samples()[::25]]:
        ends = [score(0, sample, quality) for quality in ("preview", "full")]
        for rate in RATES:
            preview, full = (score(rate, sample, quality) for quality in ("preview", "full"))
            for metric in model.metrics:
                if metric.plot:
                    asked += 1
                    name = metric.id
                    raw.append(abs(preview[name] / full[name] - 1))
                    told = estimate(metric, preview[name], ends[0][name], ends[1][name])
                    if told is not None:
                        off.append(abs(told / full[name] - 1))
    assert np.median(raw) > 0.2
    assert len(off) > asked / 2
    assert max(off) <= 0.1
    assert np.median(off) < 0.02
    model.close()
