"""The artifact store: files that are named by the hash of their content, each safetensors.

A file holds tensors, zeros left out where that is smaller (see `sparse`), and under ``artifact``
what is known of it, as JSON. Equal content gives equal bytes, so it is kept once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import safetensors.torch
from torch import Tensor

from ..core.artifacts import KIND, SHORT, Artifact, Origin
from ..core.errors import BadInput
from ..core.knobs import is_hash
from ..core.names import all_sayable
from .atomic import writing
from .containers import read_content
from .paths import check_file, check_folder, reason_of
from .sparse import MARK, expand, packed

ABOUT = "artifact"
"""Name under which a file says what is known of the artifact."""
ENDING = ".safetensors"
FEWEST = 4
"""Digits of a hash that must be given at least."""
HEADER_BYTES = 64 << 20
"""No header is larger."""
_lent: list[Path] = []


@dataclass(frozen=True, eq=False)
class Stored:
    """An artifact with its content.

    Attributes
    ----------
    artifact : Artifact
    tensors : dict of Tensor
        By name, dense, on the CPU, in the type in which they were kept.
    facts : dict of str
        What the plugin keeps beside them, as text by name.
    """

    artifact: Artifact
    tensors: dict[str, Tensor]
    facts: dict[str, str]


def artifact_folder() -> Path:
    """Folder of the user's artifacts: ``PRUNE3D_ARTIFACTS`` or the platform's data folder."""
    given = os.environ.get("PRUNE3D_ARTIFACTS")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("prune3d", appauthor=False)) / "artifacts"


def bundled_folder() -> Path:
    """Folder of the artifacts that come with the program; it need not be there."""
    return Path(str(files("prune3d_gui.resources"))) / "artifacts"


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

        Raises
        ------
        BadInput
            If the folder cannot be written, or the disk is full.
        """
        if not KIND.fullmatch(kind):
            raise BadInput(f"{kind!r} is no kind of artifact; give a word of small letters.")
        known = {"kind": kind, "title": title, "made_from": asdict(made_from)}
        known["made_from"]["by"] = dict(made_from.by)
        text = json.dumps(all_sayable(known), sort_keys=True)
        ordered = dict(sorted(tensors.items()))
        data = _content(*packed(ordered, {**(facts or {}), ABOUT: text}))
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
        found = _known(file, hashlib.sha256(data).hexdigest())
        if found is None:
            raise BadInput(
                f"'{path}' is no artifact; give a file that 'prune3d artifacts export' wrote, or "
                "open it as a network of its own."
            )
        _read(file, found)
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
        found = _known(path, digest)
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
        return tuple((path, _known(path, path.stem)) for _, path in dated)

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
        found = _known(path, digest)
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
        return _read(self.path(digest), found)

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


def _content(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file whose bytes depend on nothing but its content.

    The library writes the text in any order.
    """
    data = safetensors.torch.save(dict(tensors), dict(metadata))
    size = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:size])
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[size:]


def _known(path: Path, digest: str) -> Artifact | None:
    """What a file says of itself, from its header alone; None where it says nothing."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > HEADER_BYTES:
                return None
            found = json.loads(json.loads(file.read(size))["__metadata__"][ABOUT])
        origin = found["made_from"]
        by = tuple(sorted((str(name), value) for name, value in origin["by"].items()))
        texts = (str(origin[name]) for name in ("system", "network", "weights_hash"))
        return Artifact(
            str(found["kind"]), digest, str(found["title"]), Origin(*texts, by), path.stat().st_size
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _read(path: Path, artifact: Artifact) -> Stored:
    content = read_content(path)
    tensors, facts = content.tree, content.about
    if MARK in facts:
        tensors, facts = expand(path.name, tensors, facts)
    # Copies: tensors inside a mapped file are not aligned, which changes the last bit.
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    return Stored(artifact, tensors, {k: v for k, v in facts.items() if k != ABOUT})


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
