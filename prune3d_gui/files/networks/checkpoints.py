"""Network weights in and out, without ever running code from a file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from ...core.errors import BadInput
from ..atomic import writing
from .containers import MOST_BYTES, read_content
from .pickles import Unread
from .sparse import MARK, expand
from .weights import folded, plain

Fits = Callable[[Mapping[str, Tensor]], bool]

_WRAPPERS = {"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
"""What torch puts into names while it compiles or shards; no layer is called so."""
_USUAL = ("state_dict", "model_state_dict", "model_state", "model", "network", "net", "weights")
"""Names of the weights in a training checkpoint, the likeliest first."""
_AVERAGED = re.compile(r"ema|averag|swa|shadow", re.I)
_BOOKKEEPING = re.compile(
    r"(.*\.)?(total_ops|total_params|n_averaged|num_updates|optimi[sz]er\w*\..*)|"
    r"(optim\w*|opt_state\w*|lr_sched\w*|scheduler\w*|callbacks|loops|scaler|grad_scaler|amp|"
    r"\w*rng_state\w*|random_state)(\..*)?",
    re.I,
)
_NOTHING_IN = ("torch.nn.modules.activation.", "torch.nn.modules.linear.Identity")
"""Beginnings of classes of whose objects the name says all."""
_MOST_ENTRIES = 200_000
_DEEPEST = 20
"""Levels of nesting that are looked through; no weights lie deeper."""
_LISTED = 64
"""Longest list of plain values that is kept as one fact."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file holds, its nesting turned into names such as ``model.layer.weight``.

    Attributes
    ----------
    name : str
        File name, for what is said.
    tensors : dict of Tensor
        Every tensor that belongs to no optimiser, as `weights.plain` makes it, in the order of
        the file.
    facts : dict
        Text, numbers, truth values and lists of them, by name.
    notices : tuple of str
        What was opened, folded or left unread, in sentences.
    classes : dict of str
        Class of each object that was not read, by name.
    ordered : bool
        Whether the tensors come in the order in which they were written.
    """

    name: str
    tensors: dict[str, Tensor]
    facts: dict[str, Any]
    notices: tuple[str, ...] = ()
    classes: dict[str, str] = field(default_factory=dict)
    ordered: bool = True

    @property
    def about(self) -> dict[str, str]:
        """The facts that stand at the top of the file, as text."""
        return {key: _text(value) for key, value in self.facts.items() if "." not in key}


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read every tensor and every plain fact of a file, dense or sparse, nested or not.

    Parameters
    ----------
    path : path
        See `containers.read_content` for the formats. A compact sparse file (see `sparse`)
        comes back dense.

    Raises
    ------
    BadInput
        When the file cannot be read, holds no tensors, or names code to run.
    """
    path = Path(path)
    content = read_content(path)
    tree, about = content.tree, content.about
    if MARK in about:
        tree, about = expand(path.name, tree, about)
    if isinstance(tree, Unread):
        raise _objects(path.name, [tree.name])
    if not isinstance(tree, Mapping | list | tuple):
        raise BadInput(
            f"'{path.name}' holds a {type(tree).__name__}, not a network's weights; "
            "save the network's state_dict()."
        )
    tensors: dict[str, Tensor | np.ndarray] = {}
    facts: dict[str, Any] = dict(about)
    classes: dict[str, str] = {}
    for key, value in _leaves(path.name, tree):
        if isinstance(value, Tensor | np.ndarray):
            if not _BOOKKEEPING.fullmatch(key):
                tensors[_without(key, _WRAPPERS)] = value
        elif isinstance(value, Unread):
            classes[key] = value.name
        else:
            facts[key] = value
    if not tensors:
        if classes:
            raise _objects(path.name, list(dict.fromkeys(classes.values())))
        raise BadInput(f"'{path.name}' holds no weights; save the network's state dict in it.")
    _check_sizes(path.name, tensors)
    made, notices = folded(path.name, {k: plain(path.name, k, v) for k, v in tensors.items()})
    unread = dict.fromkeys(own for own in classes.values() if not own.startswith(_NOTHING_IN))
    if unread:
        notices += (f"Objects of {', '.join(unread)} in '{path.name}' were left unread.",)
    said = (*content.notices, *notices)
    return Checkpoint(path.name, made, facts, said, classes, content.ordered)


def find_network(
    checkpoint: Checkpoint, fits: Fits, wanted: str = ""
) -> tuple[dict[str, Tensor], tuple[str, ...]] | None:
    """Find a network in a checkpoint, however its names begin.

    Parameters
    ----------
    checkpoint : Checkpoint
    fits : callable
        Whether tensors, by name, are a network of the kind that is looked for; told by a few
        names or shapes, the finer checks come later.
    wanted : str
        Beginning of the names of the one to take, where there are several.

    Returns
    -------
    tensors : dict of Tensor
        By their names in the network.
    notices : tuple of str
        Which one was taken, where several differ: the one averaged over training steps, as it is
        the one meant for use, else the one most usually meant, else the first.

    None is returned where there is none.

    Raises
    ------
    BadInput
        When the network that is taken has a value that is not finite, or `wanted` fits none.
    """
    name = checkpoint.name
    found = _networks(checkpoint.tensors, fits) or _networks(
        {_without(key, {"module"}): tensor for key, tensor in checkpoint.tensors.items()}, fits
    )
    if not found:
        return None
    places = sorted(found, key=_likelihood)
    if wanted:
        places = [place for place in places if f"{place}.".startswith(f"{wanted}.")]
        if not places:
            raise BadInput(
                f"'{name}' has no network under {wanted!r}; it has "
                f"{' and '.join(repr(place) for place in found)}."
            )
    taken = found[places[0]]
    differ = [place for place in places[1:] if not _alike(taken, found[place])]
    notices = ()
    if differ:
        others = " and ".join(f"'{place}'" for place in differ)
        why = ", averaged over training steps," if _AVERAGED.search(places[0]) else ""
        notices = (
            f"'{name}' holds several networks; '{places[0]}'{why} was taken, {others} left out "
            f'(a file \'{name}.json\' with {{"network": "{differ[0]}"}} says otherwise).',
        )
    for key, tensor in taken.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise BadInput(
                f"'{name}' has values that are not numbers (NaN or infinite) in '{key}'; "
                "choose an earlier checkpoint."
            )
    return taken, notices


def main_tensors(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Guess the network of a checkpoint in which none was found, to say what is wrong with it.

    The tensors under the most usual name, without what their names have in common with those of
    a wrapped network.
    """
    tensors = checkpoint.tensors
    while True:
        heads = dict.fromkeys(key.partition(".")[0] for key in tensors if "." in key)
        usual = [head for head in _USUAL if head in heads]
        shared = list(heads) if all("." in key for key in tensors) and len(heads) == 1 else []
        inner = next((h for h in [*usual, *shared] if h in ("module", *_USUAL)), None)
        if inner is None:
            return tensors
        tensors = _under(tensors, f"{inner}.")


def write_tensors(
    path: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> None:
    """Write a state dict as safetensors, whole or not at all.

    Parameters
    ----------
    path : path
        File to write.
    tensors : mapping
        Tensors by name, on any device.
    metadata : mapping
        Text by name.

    Raises
    ------
    BadInput
        When the file cannot be written.
    """
    own = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }
    content = safetensors.torch.save(own, dict(metadata))
    with writing(path) as temporary:
        temporary.write_bytes(content)


def _objects(name: str, classes: list[str]) -> BadInput:
    shown = ", ".join(classes[:5])
    return BadInput(
        f"'{name}' holds Python objects ({shown}) in place of weights, which would run code when "
        "opened, so they were not; save only the network's state_dict()."
    )


def _check_sizes(name: str, tensors: Mapping[str, Tensor | np.ndarray]) -> None:
    """Refuse what would take too much room when it is dense, before any is made."""
    sizes = {key: 4 * math.prod(tensor.shape) for key, tensor in tensors.items()}
    if sum(sizes.values()) > MOST_BYTES:
        key = max(sizes, key=sizes.__getitem__)
        raise BadInput(
            f"'{name}' promises weights of more than {MOST_BYTES >> 30} GiB, '{key}' of shape "
            f"{tuple(tensors[key].shape)} among them; choose another file."
        )


def _leaves(name: str, tree: Any) -> Iterator[tuple[str, Any]]:
    """Walk through what is nested, in its order: dotted names and what they stand for."""
    waiting, count = [("", tree, 0)], 0
    while waiting:
        key, value, depth = waiting.pop()
        count += 1
        if count > _MOST_ENTRIES:
            raise BadInput(
                f"'{name}' holds more than {_MOST_ENTRIES:,} entries, far more than a network; "
                "save its state_dict()."
            )
        if depth > _DEEPEST:
            continue
        if isinstance(value, Unread) and value.held:
            inner = list(value.held.items())
        elif isinstance(value, Unread):
            inner = [(k, v) for k, v in value.state.items() if v is None or _is_plain(v)]
            if len(inner) < max(len(value.state), 1):
                yield key, value
        elif isinstance(value, Mapping):
            inner = list(value.items())
        elif isinstance(value, list | tuple) and not _is_plain(value):
            inner = list(enumerate(value))
        else:
            if value is not None and (isinstance(value, Tensor | np.ndarray) or _is_plain(value)):
                yield key, value
            continue
        begin = f"{key}." if key else ""
        waiting += [(f"{begin}{k}", v, depth + 1) for k, v in reversed(inner)]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= _LISTED and all(isinstance(v, str | int | float) for v in value)
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _without(key: str, parts: set[str]) -> str:
    return ".".join(part for part in key.split(".") if part not in parts)


def _under(tensors: Mapping[str, Tensor], begin: str) -> dict[str, Tensor]:
    return {k[len(begin) :]: tensor for k, tensor in tensors.items() if k.startswith(begin)}


def _networks(tensors: Mapping[str, Tensor], fits: Fits) -> dict[str, dict[str, Tensor]]:
    """Every network that fits, by the beginning of its names; none lies within another."""
    begins = {"": 0}
    for key in tensors:
        parts = key.split(".")[:-1]
        for depth in range(1, len(parts) + 1):
            begins.setdefault(".".join(parts[:depth]) + ".", depth)
    found: dict[str, dict[str, Tensor]] = {}
    for begin in sorted(begins, key=begins.__getitem__):
        if any(begin.startswith(f"{outer}." if outer else "") for outer in found):
            continue
        own = _under(tensors, begin)
        if fits(own):
            found[begin.removesuffix(".")] = own
    return found


def _likelihood(place: str) -> tuple[int, int]:
    head = place.partition(".")[0]
    usual = _USUAL.index(head) if head in _USUAL else len(_USUAL)
    return (0 if _AVERAGED.search(place) else 1, usual)


def _alike(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)
