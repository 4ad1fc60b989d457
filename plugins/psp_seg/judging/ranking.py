"""The job that scores branches by every criterion, and keeps an order for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.job_moments import moment_of_job
from prune3d_gui.core.jobs import Made, Progress, Report, Row
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.charts import check_chart

from ..branches import unit_id
from ..model import SegmentModel
from ..patients import CALIBRATED, CALIBRATION
from ..pruning.importance import agreement
from ..pruning.orders import KIND, as_text, ascending
from ..shipped import SYSTEM

CRITERIA = ("change", "relative", "output", "l1", "taylor", "drop")
TRUE = "drop"
"""The criterion that the others are compared with: what it costs, measured."""


def rank(
    model: SegmentModel, options: Mapping[str, Any], report: Report, cancel: CancelToken
) -> list[Row]:
    """Score every branch by every criterion; rows of branches, then of agreement.

    Returns
    -------
    list of row
        For a branch: ``unit``, ``parameters``, and its score by each criterion. For a criterion:
        ``criterion``, ``spearman`` and ``kendall``, its rank correlation with the measured drop.

    Raises
    ------
    BadInput
        If the chart cannot be written where `out` says.
    """
    out = str(options["out"])
    check_chart(out)
    own = model.branches
    for done, criterion in enumerate(CRITERIA):
        report(Progress(done, len(CRITERIA) + 1, f"scoring by {criterion}"))
        own.scores(criterion, cancel)
    scores = {criterion: own.scores(criterion) for criterion in CRITERIA}
    rows: list[Row] = [
        {
            "unit": unit_id(branch),
            "parameters": own.network.parameters_of(branch),
            **{criterion: scores[criterion][branch] for criterion in CRITERIA},
        }
        for branch in own.network.units
    ]
    about = f"{CALIBRATED} procedural patients of seed {CALIBRATION}"
    for criterion in CRITERIA:
        rho, tau = agreement(scores[criterion], scores[TRUE])
        row: Row = {"criterion": criterion, "spearman": rho, "kendall": tau, "calibration": about}
        if options["keep"]:
            order = ascending(scores[criterion], own.network.units)
            origin = Origin(
                SYSTEM, model.title, model.weights_hash,
                (("calibration", about), ("criterion", criterion), ("job", "rank")),
            )  # fmt: skip
            made = ArtifactStore().keep(
                KIND, f"By {criterion}", origin, {}, {"order": as_text(order)}
            )
            report(Made(made))
            row["order"] = made.hash
        rows.append(row)
    if out:
        from .charts import draw_agreement

        moment = moment_of_job(
            SYSTEM, "rank", options, {"calibration": about}, model.title,
            str(options["weights"]), model.weights_hash,
        )  # fmt: skip
        draw_agreement({model.title: rows}, out, moment)
    return rows
