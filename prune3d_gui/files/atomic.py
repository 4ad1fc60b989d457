"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prune3d_gui.core.errors import BadInput

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Write beside a file, then put the result in its place.

    Parameters
    ----------
    path : path
        File to write. What is there already survives any failure.

    Yields
    ------
    Path
        A temporary file in the same folder and with the same ending, to write to.

    Raises
    ------
    BadInput
        When the folder is missing or cannot be written to, or the disk is full.
    """
    target = Path(path)
    if target.is_dir():
        raise BadInput(f"'{target}' is a folder; give the name of a file to write.")
    temporary = target.with_name(f".{target.stem}-{secrets.token_hex(6)}{target.suffix}")
    try:
        temporary.open("xb").close()
        yield temporary
        _settle(temporary, target)
    except OSError as error:
        raise _explained(target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _settle(temporary: Path, target: Path) -> None:
    with open(temporary, "r+b") as file:
        os.fsync(file.fileno())
    if target.exists():
        temporary.chmod(target.stat().st_mode & 0o777)
    temporary.replace(target)


def _explained(target: Path, error: OSError) -> BadInput:
    if error.errno in _FULL:
        return BadInput(
            f"'{target}' could not be written: no space is left; free some or choose another place."
        )
    if isinstance(error, FileNotFoundError) and not target.parent.is_dir():
        return BadInput(
            f"'{target}' could not be written: its folder does not exist; create it "
            "or choose another place."
        )
    reason = (error.strerror or str(error) or type(error).__name__).rstrip(".").lower()
    return BadInput(f"'{target}' could not be written ({reason}); choose another place.")
