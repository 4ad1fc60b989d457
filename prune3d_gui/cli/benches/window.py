"""The bench of the window: start, memory, drag and rest, of every system alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ...core.cancel import CancelToken
from ...core.errors import BadInput
from ...core.jobs import Progress, Row
from ...core.registry import discover
from ..commands import Result
from ..console import say
from ..flags import Parser
from ..machine.display import why_no_window
from ..opening import take_system


def add_flags(parser: Parser) -> None:
    """Flags of ``bench window``."""
    text = "systems to measure (default: all that have a network of their own)"
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=text)


def run(
    args: argparse.Namespace, report: Callable[[Progress], None], cancel: CancelToken
) -> Result:
    """Measure the window with each system; each row says what is wanted, and if it is met.

    Raises
    ------
    BadInput
        If a system is unknown, or there is no display.
    """
    if reason := why_no_window():
        raise BadInput(reason)
    named = [take_system("bench window", [name]).id for name in args.systems]
    systems = named or [s.id for s in discover().systems if s.bundled()]
    rows: list[Row] = []
    for number, system in enumerate(systems):
        cancel.check()
        report(Progress(number, len(systems), system))
        rows += [{"system": system, **row} for row in window_rows(system)]
    return Result(rows, [], keep=("system", "met"))


def window_rows(system: str) -> list[Row]:
    """Measure the window with `system`, where there is a display; says so where there is none."""
    if reason := why_no_window():
        say(f"the window was not measured. {reason}")
        return []
    from ...gui.measure import measure_window

    return measure_window(system)
