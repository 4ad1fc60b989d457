"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.names import sayable

from .paths import target_of, temporary_for, unwritable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Write beside a file, then put the result in its place.

    Parameters
    ----------
    path : path
        File to write. What is there already survives any failure. A link stays, and the file
        that it leads to is written.

    Yields
    ------
    Path
        A temporary file in the same folder and with the same ending, to write to.

    Raises
    ------
    BadInput
        When the place cannot be written to (see `paths.target_of`), or the disk is full.
    """
    given, target = Path(path), target_of(path)
    temporary = temporary_for(target)
    try:
        temporary.open("xb").close()
        yield temporary
        _settle(temporary, target)
    except OSError as error:
        raise _explained(given, error) from error
    except UnicodeEncodeError as error:
        if sayable(str(given)) == str(given):
            raise
        raise BadInput(
            f"'{given}' could not be written: its name is not UTF-8, which this kind of file "
            "needs; choose another name and folder."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _settle(temporary: Path, target: Path) -> None:
    with open(temporary, "r+b") as file:
        os.fsync(file.fileno())
    if target.exists():
        temporary.chmod(target.stat().st_mode & 0o777)
    temporary.replace(target)


def _explained(path: Path, error: OSError) -> BadInput:
    if error.errno in _FULL:
        return BadInput(
            f"'{path}' could not be written: no space is left; free some or choose another place."
        )
    return unwritable(path, error)
