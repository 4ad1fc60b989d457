"""The soak: random actions of a hand in one window, over all systems."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ...core.cancel import CancelToken
from ...core.errors import BadInput
from ...core.jobs import Progress
from ..commands import Result
from ..flags import Parser, whole
from ..machine.display import why_no_window

ACTIONS = 800


def add_flags(parser: Parser) -> None:
    """Flags of ``bench soak``."""
    text = f"random actions to do (default: {ACTIONS})"
    parser.add_argument("--actions", type=whole, default=ACTIONS, metavar="N", help=text)
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="which actions they are")


def run(
    args: argparse.Namespace, report: Callable[[Progress], None], cancel: CancelToken
) -> Result:
    """Drag, turn, press, open, export and study at random, and count what stays behind.

    The last rows say who takes the memory. More at rest than is wanted is told there, and is no
    fault of the actions.

    Raises
    ------
    BadInput
        If there is nothing to do, or no display.
    """
    if args.actions < 1:
        raise BadInput(f"--actions {args.actions} are none; give 1 or more.")
    if reason := why_no_window():
        raise BadInput(reason)
    from ...gui.memory_table import AT_REST
    from ...gui.soak import soak_apart

    report(Progress(0, 1, f"{args.actions} actions of seed {args.seed}"))
    found = soak_apart(args.actions, args.seed)
    wrong = any(
        row["met"] == "no" and not row["measure"].startswith(AT_REST) for row in found["rows"]
    )
    return Result(found["rows"], found["notes"], keep=("limit", "met"), code=int(wrong))
