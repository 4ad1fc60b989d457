"""The artifact store: files that are named by the hash of their content (see `artifact_files`).

Equal content gives equal bytes, so it is kept once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from torch import Tensor

from prune3d_gui.resources import RESOURCES

from ..core.errors import BadInput
from ..core.plan.artifacts import SHORT, Artifact, Origin
from ..core.plan.knobs import is_hash
from .artifact_files import Stored, content_of, read_about, read_stored
from .atomic import writing
from .paths import check_file, check_folder, reason_of

ENDING = ".safetensors"
FEWEST = 4
"""Digits of a hash that must be given at least."""
_lent: list[Path] = []


def artifact_folder() -> Path:
    """Folder of the user's artifacts: ``PRUNE3D_ARTIFACTS`` or the platform's data folder."""
    given = os.environ.get("PRUNE3D_ARTIFACTS")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("prune3d", appauthor=False)) / "artifacts"


def bundled_folder() -> Path:
    """Folder of the artifacts that come with the program; it need not be there."""
    return RESOURCES / "artifacts"


def lend(folder: Path) -> None:
    """Let this process find artifacts in `folder` too: what was sent to a worker, say."""
    if folder not in _lent:
        _lent.append(folder)


class ArtifactStore:
    """Artifacts on disk: the user's, those that come with the program, those lent to a process.

    Several processes may share a folder; a file is written beside and then renamed.

    Parameters
    ----------
    folder : path, optional
        Where new ones go; None for `artifact_folder`.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder or artifact_folder())

    # -- in ---------------------------------------------------------------------------

    def keep(
        self,
        kind: str,
        title: str,
        made_from: Origin,
        tensors: Mapping[str, Tensor],
        facts: Mapping[str, str] | None = None,
        found: Mapping[str, float] | None = None,
    ) -> Artifact:
        """Keep something new; the same content again is the same artifact.

        Parameters
        ----------
        kind : str
            See `Artifact`.
        title : str
        made_from : Origin
        tensors : mapping of name to Tensor
            On any device.
        facts : mapping of name to text, optional
            What a reader of the tensors must know.
        found : mapping of knob id to float, optional
            See `Artifact`.

        Raises
        ------
        BadInput
            If the folder cannot be written, or the disk is full.
        """
        data = content_of(kind, title, made_from, tensors, facts or {}, found or {})
        return self.take_bytes(data, hashlib.sha256(data).hexdigest())

    def take(self, path: str | Path) -> Artifact:
        """Take in a file that was an artifact elsewhere.

        Raises
        ------
        BadInput
            If it cannot be read or is no artifact.
        """
        file = check_file(path, "the file of an artifact")
        try:
            data = file.read_bytes()
        except OSError as error:
            raise BadInput(f"'{path}' could not be read ({reason_of(error)}).") from error
        found = read_about(file, hashlib.sha256(data).hexdigest())
        if found is None:
            raise BadInput(
                f"'{path}' is no artifact; give a file that 'prune3d artifacts export' wrote, or "
                "open it as a network of its own."
            )
        read_stored(file, found)
        return self.take_bytes(data, found.hash)

    def take_bytes(self, data: bytes, digest: str) -> Artifact:
        """Keep the bytes of an artifact's file.

        Raises
        ------
        BadInput
            If they are not what the hash says, or cannot be written.
        """
        if hashlib.sha256(data).hexdigest() != digest:
            raise BadInput(f"The artifact {digest[:SHORT]} was damaged on its way; send it again.")
        path = check_folder(self.folder) / f"{digest}{ENDING}"
        with writing(path) as temporary:
            temporary.write_bytes(data)
        found = read_about(path, digest)
        if found is None:
            path.unlink()
            raise BadInput(f"The file {digest[:SHORT]} is no artifact; send another.")
        return found

    # -- out --------------------------------------------------------------------------

    def has(self, digest: str) -> bool:
        """Whether there is an artifact of that hash, damaged or not."""
        return self._path(digest) is not None

    def known(self) -> tuple[Artifact, ...]:
        """Every artifact whose file says what it is, the newest first."""
        return tuple(a for _, a in self.listed() if a is not None)

    def made_from(self, weights_hash: str) -> tuple[Artifact, ...]:
        """Those that belong to the network with these weights, the newest first."""
        return tuple(a for a in self.known() if a.made_from.weights_hash == weights_hash)

    def listed(self) -> tuple[tuple[Path, Artifact | None], ...]:
        """Every file, the newest first, with what it says of itself; None where it is damaged."""
        dated = sorted(((_date(path), path) for path in self._files()), reverse=True)
        return tuple((path, read_about(path, path.stem)) for _, path in dated)

    def find(self, text: str) -> Artifact:
        """Find an artifact by its hash or the beginning of it; raises as `named` and `about`."""
        return self.about(self.named(text))

    def named(self, text: str) -> str:
        """The hash that a text is the beginning of, whatever the state of its file.

        Raises
        ------
        BadInput
            If there is none, or several begin so.
        """
        beginning = text.strip().lower()
        if len(beginning) < FEWEST:
            raise BadInput(f"{text!r} is too short for a hash; give at least {FEWEST} digits.")
        found = sorted({path.stem for path in self._files() if path.stem.startswith(beginning)})
        if len(found) > 1:
            shown = " and ".join(name[: len(beginning) + FEWEST] for name in found[:3])
            raise BadInput(f"Several artifacts begin with {text!r}: {shown}; give more digits.")
        if not found:
            raise _missing(text)
        return found[0]

    def about(self, digest: str) -> Artifact:
        """What is known of an artifact; its content is not looked at.

        Raises
        ------
        BadInput
            If there is none, or it is damaged.
        """
        path = self.path(digest)
        found = read_about(path, digest)
        if found is None:
            raise _damaged(path)
        return found

    def path(self, digest: str) -> Path:
        """Where the file of an artifact is.

        Raises
        ------
        BadInput
            If there is none.
        """
        found = self._path(digest)
        if found is None:
            raise _missing(digest[:SHORT])
        return found

    def data(self, digest: str) -> bytes:
        """The bytes of an artifact's file, once they are known to be what the hash says.

        Raises
        ------
        BadInput
            If there is none, or it is damaged.
        """
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadInput(
                f"The artifact {digest[:SHORT]} could not be read ({reason_of(error)})."
            ) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise _damaged(path)
        return data

    def open(self, digest: str, kind: str, weights_hash: str, network: str) -> Stored:
        """Read an artifact for a network.

        Parameters
        ----------
        digest : str
        kind : str
            The kind that is wanted.
        weights_hash, network : str
            Hash and title of the network it is to be used with.

        Raises
        ------
        BadInput
            If there is none, it is damaged, of another kind or of another network.
        """
        found = self.fitting(digest, kind, weights_hash, network)
        self.data(digest)  # checks the hash
        return read_stored(self.path(digest), found)

    def fitting(self, digest: str, kind: str, weights_hash: str, network: str) -> Artifact:
        """What is known of an artifact that is to be used with a network; raises as `open`."""
        found = self.about(digest)
        if found.kind != kind:
            raise BadInput(
                f"The artifact {found.short} ({found.title!r}) is a {found.kind} where a {kind} is "
                "wanted; choose another, or none."
            )
        origin = found.made_from
        if origin.weights_hash != weights_hash:
            raise BadInput(
                f"The artifact {found.short} ({found.title!r}) belongs to {origin.network!r} "
                f"({origin.weights_hash[:SHORT]}), not to {network!r} ({weights_hash[:SHORT]}); "
                "open that network, or choose another artifact."
            )
        return found

    def remove(self, digest: str) -> None:
        """Delete an artifact of the user's.

        Raises
        ------
        BadInput
            If there is none, it came with the program, or the folder cannot be written.
        """
        path = self.path(digest)
        if path.parent != self.folder:
            raise BadInput(
                f"The artifact {digest[:SHORT]} came with the program; only yours can be removed."
            )
        try:
            path.unlink()
        except OSError as error:
            raise BadInput(
                f"The artifact {digest[:SHORT]} could not be removed ({reason_of(error)})."
            ) from error

    # -- inside -----------------------------------------------------------------------

    def _places(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((self.folder, bundled_folder(), *_lent)))

    def _path(self, digest: str) -> Path | None:
        if not is_hash(digest):
            return None
        paths = (place / f"{digest}{ENDING}" for place in self._places())
        return next((path for path in paths if path.is_file()), None)

    def _files(self) -> Iterator[Path]:
        for place in self._places():
            if place.is_dir():
                yield from (p for p in place.glob(f"*{ENDING}") if is_hash(p.stem))


def _missing(name: str) -> BadInput:
    return BadInput(
        f"There is no artifact {name!r} here; 'prune3d artifacts' lists those there are, and "
        "'prune3d artifacts import FILE' takes one in."
    )


def _damaged(path: Path) -> BadInput:
    short = path.stem[:SHORT]
    return BadInput(
        f"The artifact {short} is damaged (its file '{path.name}' is not what its name says); "
        f"choose another, or take it away with 'prune3d artifacts remove {short}' and make it "
        "again."
    )


def _date(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0.0
