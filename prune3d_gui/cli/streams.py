"""The standard streams: whatever they are, what was worked out is said or its loss is."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from ..core.errors import BadInput


def ready_streams() -> None:
    """Make both streams fit to be written to; call it once, before anything is.

    What an encoding cannot say is written out as an escape. A stream that was closed leads to
    nowhere, and so does its number: else the next file opened would have that, and get what is
    meant for the terminal.
    """
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(number))
        with suppress(AttributeError, ValueError, OSError):  # not every stream can be told
            getattr(sys, name).reconfigure(errors="backslashreplace")


def leads_nowhere(stream: TextIO) -> bool:
    """Whether a stream was closed when the program was started."""
    return getattr(stream, "name", "") == os.devnull


def write_out(text: str, stream: TextIO) -> None:
    """Write a result to standard output, to its end.

    Raises
    ------
    BrokenPipeError
        If the reader went away.
    BadInput
        If it cannot be written: a full disk, say.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        let_go(stream)
        reason = (error.strerror or type(error).__name__).lower()
        raise BadInput(
            f"The result could not be written to standard output ({reason}); send it elsewhere, "
            "or give --json FILE."
        ) from error


def write_aside(text: str) -> None:
    """Write to standard error; where that is not possible nobody is listening."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        let_go(sys.stderr)


def let_go(stream: TextIO) -> None:
    """Let a stream lead to nowhere, so that the interpreter does not fail on it at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _nowhere(number: int) -> TextIO:
    with suppress(OSError):
        opened = os.open(os.devnull, os.O_WRONLY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)
    return open(os.devnull, "w", encoding="utf-8")
