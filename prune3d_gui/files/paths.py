"""Places on disk, looked at before anything is read from them or worked out for them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from prune3d_gui.core.errors import BadInput

NAME_BYTES = 255
"""Bytes that the name of a file may have on the usual disks."""
LEFT = re.compile(r"\.prune3d-\d{1,9}-[0-9a-f]{12}(\.\w+)*")
"""Names of files that are being written, or were when a process was killed."""
UNTOUCHED_S = 600.0 if os.name == "posix" else 86_400.0
"""Seconds for which nobody must have written to such a file before it is swept."""
SUFFIX_BYTES = 24
"""A longer end of a name is not taken for its kind."""


def check_file(path: str | Path, wanted: str) -> Path:
    """Refuse what cannot be read as a file; returns `path`.

    Parameters
    ----------
    path : path
    wanted : str
        What to give instead, such as ``the JSON of a plan``.

    Raises
    ------
    BadInput
        If there is nothing, a folder, or something that is no ordinary file.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise BadInput(f"'{path}' is a folder; choose a file in it.")
        if path.is_file():
            return path
        known = os.path.lexists(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"'{path}' cannot be a file ({reason_of(error)}); give {wanted}.") from error
    if not known:
        raise BadInput(f"There is no file '{path}'; give {wanted}.")
    if path.is_symlink() and not path.exists():
        raise BadInput(f"'{path}' is a link that leads to no file; give {wanted}.")
    raise BadInput(f"'{path}' is not an ordinary file; give {wanted}.")


def check_target(path: str | Path) -> None:
    """Refuse a file that cannot be written, before anything is worked out for it.

    Raises
    ------
    BadInput
        As `target_of`, or if the folder cannot be written to.
    """
    target = target_of(path)
    try:
        _try_out(target.parent)
    except OSError as error:
        raise unwritable(Path(path), error) from error


def target_of(path: str | Path) -> Path:
    """Where a file to be written lies, once links are followed.

    Raises
    ------
    BadInput
        If the folder is missing, the name is too long, or it belongs to a folder, a device or a
        link that leads in a circle.
    """
    given = Path(path)
    _check_name(given)
    try:
        target = _followed(given)
        known, folder = target.exists(), target.parent.is_dir()
    except (OSError, ValueError) as error:
        raise BadInput(
            f"'{given}' cannot be a file ({reason_of(error)}); choose another name."
        ) from error
    if target.is_dir() or not target.name:
        raise BadInput(f"'{given}' is a folder; give the name of a file to write.")
    if known and not target.is_file():
        raise BadInput(f"'{given}' is not an ordinary file; choose another place.")
    if not folder:
        if target.parent.exists():
            raise BadInput(
                f"'{given}' could not be written: '{target.parent}' is a file, not a folder; "
                "choose another place."
            )
        linked = f", a link to '{target}'," if given.is_symlink() else ""
        raise BadInput(
            f"'{given}'{linked} could not be written: its folder does not exist; create it or "
            "choose another place."
        )
    return target


def check_folder(path: str | Path) -> Path:
    """Make a folder that is to be filled, with those around it, and try it out; returns it.

    Raises
    ------
    BadInput
        If it cannot be made or written to, or a file is in its place.
    """
    folder = Path(path)
    try:
        if folder.exists() and not folder.is_dir():
            raise BadInput(f"'{folder}' is a file; choose another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        _try_out(folder)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The folder '{folder}' cannot be written ({reason_of(error)}); choose another folder."
        ) from error
    return folder


def beside(path: str | Path, ending: str) -> Path:
    """A file that goes with `path`: its name and `ending`, cut where both would be too long.

    The same path always gives the same place.
    """
    path = Path(path)
    name = os.fsencode(path.name)
    if len(name) + len(ending) > NAME_BYTES:
        digest = hashlib.sha256(name).hexdigest()[:12]
        kept = name[: NAME_BYTES - len(ending) - len(digest) - 1].decode("utf-8", "ignore")
        return path.with_name(f"{kept}-{digest}{ending}")
    return path.with_name(path.name + ending)


def temporary_for(target: Path) -> Path:
    """A name that nobody has, in the folder of `target` and with its ending, however long.

    It has the number of this process, so that `sweep` knows what nobody writes to any more.
    """
    suffix = target.suffix if len(os.fsencode(target.suffix)) <= SUFFIX_BYTES else ""
    return target.with_name(f".prune3d-{os.getpid()}-{secrets.token_hex(6)}{suffix}")


def sweep(folder: str | Path) -> int:
    """Remove what processes that were killed left half written in a folder; how many files.

    A file that was touched within the last minutes stays, for another machine's process may be
    writing it and its number says nothing here.
    """
    gone = 0
    try:
        found = [entry for entry in os.scandir(folder) if LEFT.fullmatch(entry.name)]
    except OSError:
        return 0
    for entry in found:
        with suppress(OSError):
            old = time.time() - entry.stat(follow_symlinks=False).st_mtime > UNTOUCHED_S
            if old and not _lives(int(entry.name.split("-")[1])):
                os.unlink(entry.path)
                gone += 1
    return gone


def _lives(process: int) -> bool:
    """Whether a process of that number runs on this machine."""
    if os.name != "posix":  # where a signal of 0 is none
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def unwritable(path: Path, error: Exception) -> BadInput:
    """The sentence for a file that could not be written."""
    return BadInput(f"'{path}' could not be written ({reason_of(error)}); choose another place.")


def reason_of(error: Exception) -> str:
    """What an error of the system says, in a few words."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.rstrip(".").lower()


def _followed(path: Path) -> Path:
    """Where a chain of links leads, though nothing need be there; other paths as they are."""
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise BadInput(f"'{path}' is a link that leads in a circle; choose another place.")
    return target


def _check_name(path: Path) -> None:
    size = len(os.fsencode(path.name))
    if size > NAME_BYTES:
        raise BadInput(
            f"'{path}' cannot be a file: its name has {size} bytes and may have {NAME_BYTES}; "
            "choose a shorter one."
        )


def _try_out(folder: Path) -> None:
    """Make a file and take it away again: what rights and disks say of themselves is not all."""
    trial = temporary_for(folder / "trial")
    try:
        trial.open("xb").close()
    finally:
        with suppress(OSError):
            trial.unlink()
