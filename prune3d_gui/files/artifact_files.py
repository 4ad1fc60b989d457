"""Files of artifacts: safetensors whose bytes depend on nothing but what is in them.

A file holds tensors, zeros left out where that is smaller (see `sparse`), and under ``artifact``
what is known of it, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor, nn

from ..core.errors import BadInput
from ..core.names import all_sayable
from ..core.plan.artifacts import KIND, Artifact, Origin
from ..core.plan.knobs import Value
from .networks.containers import read_content
from .networks.sparse import MARK, expand, packed

ABOUT = "artifact"
"""Name under which a file says what is known of the artifact."""
HEADER_BYTES = 64 << 20
"""No header is larger."""
LONGEST = 300
"""Letters of a title or a name that are read."""


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

    def load_into(self, network: nn.Module, title: str) -> None:
        """Give a copy of the opened network the weights that are here, in its number types.

        Parameters
        ----------
        network : nn.Module
        title : str
            How people name the opened network.

        Raises
        ------
        BadInput
            If a weight is missing, unknown or of another shape.
        """
        try:
            network.load_state_dict(self.tensors)
        except RuntimeError as error:
            raise BadInput(
                f"The artifact '{self.artifact.title}' does not fit {title}; choose one that was "
                "made from it."
            ) from error


def content_of(
    kind: str,
    title: str,
    made_from: Origin,
    tensors: Mapping[str, Tensor],
    facts: Mapping[str, str],
    found: Mapping[str, float],
) -> bytes:
    """The file of an artifact; see `ArtifactStore.keep`.

    Raises
    ------
    BadInput
        If the kind is none.
    """
    if not KIND.fullmatch(kind):
        raise BadInput(f"{kind!r} is no kind of artifact; give a word of small letters.")
    origin = {**asdict(made_from), "by": dict(made_from.by)}
    known = {"kind": kind, "title": title, "made_from": origin}
    if found:
        known["found"] = dict(found)
    text = json.dumps(all_sayable(known), sort_keys=True)
    stored, about = packed(dict(sorted(tensors.items())), {**facts, ABOUT: text})
    data = safetensors.torch.save(stored, about)
    # The library writes the text in any order.
    size = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:size])
    header["__metadata__"] = dict(sorted(about.items()))
    words = json.dumps(header, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 8)
    return len(words).to_bytes(8, "little") + words + data[size:]


def read_about(path: Path, digest: str) -> Artifact | None:
    """What a file says of itself, from its header alone; None where it says nothing."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > HEADER_BYTES:
                return None
            found = json.loads(json.loads(file.read(size))["__metadata__"][ABOUT])
        kind, title, origin = str(found["kind"]), str(found["title"]), found["made_from"]
        if not KIND.fullmatch(kind):
            return None
        by = tuple(sorted((str(name), _plain(value)) for name, value in origin["by"].items()))
        names = ("system", "network", "weights_hash")
        system, network, weights_hash = (str(origin[name])[:LONGEST] for name in names)
        made_from = Origin(system, network, weights_hash, by)
        values = sorted((str(k), float(v)) for k, v in found.get("found", {}).items())
        size = path.stat().st_size
        return Artifact(kind, digest, title[:LONGEST], made_from, size, tuple(values))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read_stored(path: Path, artifact: Artifact) -> Stored:
    """Read all of a file.

    Raises
    ------
    BadInput
        If it is damaged.
    """
    content = read_content(path)
    tensors, facts = content.tree, content.about
    if MARK in facts:
        tensors, facts = expand(path.name, tensors, facts)
    # Copies: tensors inside a mapped file are not aligned, which changes the last bit.
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    return Stored(artifact, tensors, {k: v for k, v in facts.items() if k != ABOUT})


def _plain(value: Any) -> Value:
    return value if isinstance(value, bool | int | float | str) else json.dumps(value)
