"""Tables 2, 4 and 5 of Li and Wang, "Pruned VoRTX" (2024), as plans beside what they printed."""

from __future__ import annotations

from prune3d_gui.core.experiments import Experiment, Printed
from prune3d_gui.core.plan.knobs import Value
from prune3d_gui.core.plan.plans import resolve

from .pruning.controls import KNOBS, PRESETS, RATE_2D, RATE_3D, RATE_FORWARD

OTHER_DATA = (
    "Another data set: fscore, prec, rec, acc and comp are of the network and the rooms named "
    "below, the paper's of its weights on ScanNet, so the two need not agree."
)
RATES = (
    "The text prunes 33 % of the feed-forward weights, the subscript of its equation 5 says 22 %; "
    "both are rows."
)
NAMES = ("acc", "comp", "prec", "rec", "fscore")


def _row(name: str, values: dict[str, Value], paper: dict[str, float], note: str = "") -> Printed:
    plan, _ = resolve(KNOBS, values)
    return Printed((("plan", name),), plan, paper=tuple(paper.items()), note=note)


def experiments() -> tuple[Experiment, ...]:
    """The tables that a network can be measured for."""
    text, equation = dict(PRESETS["paper"]), dict(PRESETS["equation"])
    full = dict(zip(NAMES, (0.054, 0.090, 0.708, 0.588, 0.641), strict=True))
    pruned = dict(zip(NAMES, (0.055, 0.093, 0.699, 0.586, 0.632), strict=True))
    alone: dict[str, tuple[dict[str, Value], float]] = {
        "2D CNN alone": ({RATE_2D.id: 25.0}, 609.0),
        "transformers alone": ({RATE_FORWARD.id: 33.0}, 618.0),
        "3D CNN alone": ({RATE_3D.id: 25.0}, 581.0),
        "all three": (text, 555.0),
    }
    return (
        Experiment(
            "table", "2", "VoRTX and pruned VoRTX",
            (
                _row("full", {}, full),
                _row("as the text says", text, pruned),
                _row("as equation 5 says", equation, {}),
            ),
            axis="plan", series="plan",
            notes=(RATES, OTHER_DATA, "What is scored is the Atlas protocol's single wall."),
        ),
        Experiment(
            "table", "4", "Parameters",
            (_row("full", {}, {"total": 6.2e6}),
             _row("as the text says", text, {}, "The paper's 5.22 M cannot be had from 25 % of the "
                  "3D CNN: that alone takes about 2.6 M.")),
            axis="plan", series="plan",
            notes=(
                "The paper's 6.2 M are the trainable parameters with the trunk frozen (6,181,203 "
                "of 6,445,275).",
            ),
        ),
        Experiment(
            "table", "5", "One module at a time",
            (
                _row("full", {}, {"seconds": 628.0}),
                *(_row(name, values, {"seconds": seconds})
                  for name, (values, seconds) in alone.items()),
            ),
            axis="plan", series="plan",
            notes=(
                "The paper's seconds are of 100 scenes on a GPU; zeros in place make no dense "
                "arithmetic faster, so compare MACs.",
                RATES,
            ),
        ),
    )  # fmt: skip
