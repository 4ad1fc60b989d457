"""The command line: the same things as in the window, without one."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from ..core.cancel import CancelToken
from ..core.errors import BadInput, Cancelled, Prune3DError
from ..core.jobs import Row
from ..core.threads import share_cores
from .console import ProgressLine, say, stoppable
from .flags import Parser, add_json, add_model
from .output import check_target, emit
from .streams import let_go, ready_streams, write_out

if TYPE_CHECKING:
    from .commands import Command, Result

Layout = Callable[[Sequence[Row]], list[str]]
STOPPED = 130
USAGE = """usage: prune3d [COMMAND ...]

Drag a pruning slider and watch a 3D reconstruction degrade.
Without a command the window opens; with a file or a folder in its place, on that.

commands:
"""
PLAIN = {
    "gui": "open the window",
    "systems": "list the systems, and plugins that did not load",
    "artifacts": "list, show, export, import or remove fine-tuned networks, masks and orders",
    "show": "say what an exported file was made from and open the window on it, or make it again",
    "doctor": "say what is wrong with this machine, and how to mend it",
}
ON_MODEL = {
    "units": "list what can be pruned",
    "sweep": "score many plans on many samples",
    "sensitivity": "score each unit pruned alone",
    "budget": "find the plan that removes most within an error",
    "prune": "write the pruned network",
    "reconstruct": "write one reconstruction as a mesh, points or a picture",
    "reproduce": "make a table or figure of the paper again",
    "report": "write charts, tables and pictures as one file",
    "bench": "measure how fast it is",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 is success, 2 something a person can mend, 130 a stop on request, 1 anything else.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    share_cores()
    ready_streams()
    try:
        code = _dispatch(words)
        write_out("", sys.stdout)
        return code
    except (Cancelled, KeyboardInterrupt):
        say("stopped.")
        return STOPPED
    except BrokenPipeError:
        let_go(sys.stdout)  # the reader went away
        return 0
    except Prune3DError as error:
        if debug:
            traceback.print_exc()
        say(str(error))
        return 2
    except Exception as error:
        if debug:
            traceback.print_exc()
        text = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".:")
        hint = "" if debug else "; run it again with --debug to see where"
        say(f"something unexpected went wrong ({text}){hint}.")
        return 1


def _dispatch(words: list[str]) -> int:
    try:
        return _command_of(words)
    except SystemExit as stop:  # argparse has shown its help
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)


def _command_of(words: list[str]) -> int:
    if not words or words[0] == "gui":
        return _gui(words[1:])
    name, rest = words[0], words[1:]
    if name in ("-h", "--help", "help"):
        write_out(_help() + "\n", sys.stdout)
        return 0
    if name in ("-V", "--version"):
        from .. import __version__

        write_out(f"prune3d {__version__}\n", sys.stdout)
        return 0
    if name not in PLAIN | ON_MODEL and _is_path(name):
        return _gui(words)
    if name == "systems":
        return _simple(name, rest, _systems)
    if name == "artifacts":
        return _artifacts(rest)
    if name == "show":
        return _show(rest)
    if name == "doctor":
        return _simple(name, rest, _doctor)
    if words[:2] == ["bench", "studies"]:
        return _bench(words[1], "Measure how fast studies are.", words[2:])
    if words[:2] == ["bench", "window"]:
        return _bench(words[1], "Measure the window with each system.", words[2:])
    if words[:2] == ["bench", "soak"]:
        return _bench(words[1], "Do random things in the window, and count what stays.", words[2:])
    if words[:2] == ["bench", "fuzz"]:
        return _bench(words[1], "Open damaged files, and count what comes of them.", words[2:])
    if name in ON_MODEL:
        return _on_model(name, rest, words)
    return _job(name, rest)


def _is_path(word: str) -> bool:
    """Whether a word that is no command of ours names something on disk, and not by accident."""
    there = os.path.isfile(word) or os.path.isdir(word)
    return there and (os.path.basename(word) != word or word not in _jobs())


def _gui(rest: list[str]) -> int:
    from .machine.display import why_no_window

    reason = None if set(rest) & {"-h", "--help"} else why_no_window()
    if reason:
        raise BadInput(reason)
    try:
        from ..gui.app import main as open_window
    except ImportError as error:
        raise Prune3DError(
            f"The window could not start ({error}); 'prune3d doctor' says how to mend it."
        ) from error
    return open_window(rest) or 0


def _simple(name: str, rest: list[str], work: Callable[[], tuple]) -> int:
    parser = Parser(name, description=_sentence(PLAIN[name]))
    add_json(parser)
    args = parser.parse_args(rest)
    check_target(args.json)
    with _aside() as out:
        rows, notes, code, layout = work()
        emit(rows, args.json, notes, out, layout)
    return code


def _artifacts(rest: list[str]) -> int:
    from . import artifacts

    parser = Parser("artifacts", description=_sentence(PLAIN["artifacts"]))
    artifacts.add_flags(parser)
    add_json(parser)
    args = parser.parse_args(rest)
    check_target(args.json)
    with _aside() as out:
        rows, notes = artifacts.run(args)
        emit(rows, args.json, notes, out, artifacts.layout)
    return 0


def _show(rest: list[str]) -> int:
    from . import show
    from .machine.display import why_no_window

    parser = Parser("show", description=_sentence(PLAIN["show"]))
    show.add_flags(parser)
    add_json(parser)
    args = parser.parse_args(rest)
    check_target(args.json)
    with _aside() as out, stoppable() as cancel:
        text, lines = show.said(args)
        if args.out:
            rows, notes = show.again(args, cancel)
            emit(rows, args.json, notes, out, lambda _: [])
            return 0
        if args.json == "-":
            write_out(text, out)
            return 0
        if args.json:
            show.write_text(args.json, text)
        write_out("".join(f"{line}\n" for line in lines), out)
    if args.json or why_no_window():
        return 0
    return _gui(show.window_words(args))


def _doctor() -> tuple[list[Row], list[str], int, Layout]:
    from .machine.doctor import diagnose, report

    return *diagnose(), report


def _systems() -> tuple[list[Row], list[str], int, Layout]:
    from ..core.registry import discover, plugin_folder

    registry = discover()
    rows = [
        {"id": s.id, "title": s.title, "summary": s.summary, "citation": s.citation}
        | {"status": "ok", "reason": ""}
        for s in registry.systems
    ]
    rows += [
        {"id": b.name, "title": "", "summary": "", "citation": ""}
        | {"status": "broken", "reason": b.reason}
        for b in registry.broken
    ]
    return rows, [f"Your own plugins go into {plugin_folder()}."], 0, _listing


def named(title: str, summary: str) -> str:
    """A system's title and what it does, in a line."""
    return f"{title}: {summary[:1].lower()}{summary[1:]}" if summary else title


def _listing(rows: Sequence[Row]) -> list[str]:
    width = max((len(row["id"]) for row in rows), default=0)
    lines = []
    for row in rows:
        title = named(row["title"], row["summary"]) or f"did not load: {row['reason']}"
        lines.append(f"{row['id']:<{width}}  {title}")
        if row["citation"]:
            lines.append(" " * (width + 2) + row["citation"])
    return lines or ["no systems are installed"]


def _on_model(name: str, rest: list[str], words: list[str]) -> int:
    from ..studies.ask.moments import moment_of, with_command
    from . import opening
    from .commands import Context

    if rest and rest[0] in ("-h", "--help"):
        write_out(_about_systems(name, ON_MODEL[name]) + "\n", sys.stdout)
        return 0
    with _aside():
        system, flags = opening.take_target(name, rest)
    if name == "bench" and any(job.id == name for job in system.jobs()):
        return _job(name, rest)
    command = _command(name)
    with _aside():
        ref, model = opening.take_model(system, flags)
    try:
        parser = Parser(f"{name} {system.id}", description=_sentence(command.help))
        command.add(parser, model)
        add_model(parser)

        def work(args: argparse.Namespace, progress: ProgressLine, cancel: CancelToken) -> Result:
            for notice in model.notices:
                say(notice)
            found = command.run(Context(system, ref, model, args, words, cancel, progress))
            return replace(found, moment=with_command(moment_of(ref, model), words))

        return _run(parser, flags, work)
    finally:
        model.close()


def _command(name: str) -> Command:
    from . import commands
    from .benches import bench
    from .study import budget, report, reproduce, studying

    known = (
        *commands.COMMANDS,
        studying.SWEEP,
        studying.SENSITIVITY,
        budget.COMMAND,
        reproduce.COMMAND,
        report.COMMAND,
        bench.BENCH,
    )
    return next(command for command in known if command.name == name)


def _bench(name: str, text: str, rest: list[str]) -> int:
    from .benches import soak as bench_soak
    from .benches import studies as bench_studies
    from .benches import window as bench_window
    from .benches.fuzz import bench as bench_fuzz

    measured = {
        "studies": bench_studies, "window": bench_window, "soak": bench_soak, "fuzz": bench_fuzz,
    }[name]  # fmt: skip
    parser = Parser(f"bench {name}", description=text)
    measured.add_flags(parser)
    return _run(parser, rest, measured.run)


def _job(name: str, rest: list[str]) -> int:
    from . import opening
    from .benches.previews import preview_rows
    from .benches.window import window_rows
    from .commands import Result
    from .flags import add_options, option_values

    with _aside():
        jobs = _jobs() | ON_MODEL
    if name not in jobs:
        known = [*PLAIN, *jobs]
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
        if os.path.basename(name) != name or os.path.splitext(name)[1]:
            raise BadInput(f"There is no command and no file {name!r}; check its name.")
        raise BadInput(f"There is no command {name!r}; {hint}")
    if rest and rest[0] in ("-h", "--help"):
        write_out(_about_systems(name, jobs[name]) + "\n", sys.stdout)
        return 0
    with _aside():
        system = opening.take_system(name, rest)
    job = next((job for job in system.jobs() if job.id == name), None)
    if job is None:
        raise BadInput(f"The system {system.id!r} has no command {name!r}.")
    parser = Parser(f"{name} {system.id}", description=job.title)
    add_options(parser, job.options)

    def work(args: argparse.Namespace, progress: ProgressLine, cancel: CancelToken) -> Result:
        options = option_values(job.options, args)
        rows = job.run(options, progress, cancel)
        if name != "bench":
            return Result(rows, [])
        rows += preview_rows(system, options.get("device", "auto"), progress, cancel)
        return Result(rows + window_rows(system.id), [], keep=("limit", "met"))

    return _run(parser, rest[1:], work)


def _run(parser: Parser, words: list[str], work: Callable[..., Result]) -> int:
    """Read the flags, work with progress and Ctrl-C, and write out what was found."""
    add_json(parser)
    args = parser.parse_args(words)
    check_target(args.json)
    with _aside() as out, stoppable() as cancel:
        progress = ProgressLine()
        try:
            found = work(args, progress, cancel)
        finally:
            progress.clear()
        emit(found.rows, args.json, found.notes, out, found.layout, found.keep, found.moment)
        return STOPPED if cancel.cancelled else found.code


def _jobs() -> dict[str, str]:
    from ..core.registry import discover

    found: dict[str, str] = {}
    for system in discover().systems:
        for job in system.jobs():
            if job.id not in PLAIN and job.id not in ON_MODEL:
                found.setdefault(job.id, job.title)
    return found


def _help() -> str:
    def lines(commands: dict[str, str], after: str) -> list[str]:
        return [f"  {name + after:<22}{text.rstrip('.')}" for name, text in commands.items()]

    listed = [*lines(PLAIN, ""), *lines(ON_MODEL, " SYSTEM"), *lines(_jobs(), " SYSTEM")]
    end = (
        "'prune3d COMMAND SYSTEM --help' lists its flags. All take --json FILE (- for standard\n"
        "output) and --debug. Results go to standard output, progress to standard error."
    )
    return USAGE + "\n".join(listed) + "\n\n" + end


def _about_systems(name: str, text: str) -> str:
    from ..core.registry import discover

    known = (
        "\n".join(f"  {s.id:<12}{named(s.title, s.summary)}" for s in discover().systems)
        or "  none"
    )
    return (
        f"usage: prune3d {name} SYSTEM [flags]\n\n{_sentence(text)}\n\nsystems:\n"
        f"{known}\n\n'prune3d {name} SYSTEM --help' lists its flags."
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


class _aside(redirect_stdout):
    """Send what others print to standard error, and keep standard output for the result."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def __enter__(self) -> TextIO:
        out = sys.stdout
        super().__enter__()
        return out


if __name__ == "__main__":
    sys.exit(main())
