"""What a file has that no plain perceptron has, told by names and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .layers import Layer

_TABLE = re.compile(r"hash|encoding\.params|embeddings|(?:^|\.)params$", re.I)
_STRUCTURES = (
    (r"skip\w*|shortcut\w*|resid\w*|res|resnet\w*|resblocks?|downsampl\w*", "skip connections"),
    (r"bn|batch norms?|batchnorm\w*|running (mean|var)", "batch normalisation"),
    (r"\w*norms?|layernorm\w*|groupnorm\w*", "normalisation between the layers"),
    (r"attn|\w*attention|qkv|[qkv] proj|in proj|to (q|k|v|qkv)", "attention"),
    (r"filters?|gabor|mfn", "multiplicative filters"),
    (r"lora|adapters?", "adapters beside its layers"),
    (r"lstm|gru|rnn|weight [ih]h", "recurrent layers"),
    (r"gates?|gating|glu", "gates"),
)
_CONDITIONS = (
    (r"modulat\w*|film|adain|styles?", "layers modulated by others"),
    (r"hyper ?nets?|hyper ?networks?", "a network that makes the weights of another"),
    (r"latents?|codes?|codebook", "latent codes beside the coordinates"),
)
_ENCODING = (r"freq\w*|bands?|encoding|encoder|pos ?enc|embed\w*", "an encoding of the coordinates")


def refuse_tables(name: str, keys: Iterable[str]) -> None:
    """Refuse hash grids.

    Raises
    ------
    BadInput
    """
    table = next((key for key in keys if _TABLE.search(key)), None)
    if table is not None:
        raise BadInput(
            f"'{name}' has a tensor '{table}' as hash-grid models have; their table of features is "
            "not a layer of neurons and cannot be pruned as such, so choose a plain perceptron."
        )


def refuse_extra(name: str, extra: Mapping[str, Tensor]) -> None:
    """Refuse tensors that are no part of a plain perceptron, saying what they are.

    Raises
    ------
    BadInput
    """
    if not extra:
        return
    kinds = (*_STRUCTURES, *_CONDITIONS, _ENCODING)
    named = next((key for key in extra if _what(key, kinds)), next(iter(extra)))
    tensor, what = extra[named], _what(named, kinds)
    if not what and tensor.dim() >= 3:
        what = "a convolution"
    elif not what and tensor.dim() <= 1 and re.search(r"(^|[._])(weight|gamma|beta)$", named):
        what = "normalisation, or of an activation with weights"
    sign = f"a sign of {what}, " if what else ""
    raise BadInput(
        f"'{name}' has a tensor '{named}' of shape {tuple(tensor.shape)}, {sign}which no plain "
        "perceptron has; choose a file of fully connected layers only."
    )


def refuse_structure(name: str, keys: Iterable[str], outside: Iterable[str]) -> None:
    """Refuse names of layers that are not simply applied one after the other.

    Parameters
    ----------
    keys, outside : iterable of str
        Full names of the network's tensors, and of what else is in the file, which may
        condition the network.

    Raises
    ------
    BadInput
    """
    for kinds, names in (((*_STRUCTURES, *_CONDITIONS), keys), (_CONDITIONS, outside)):
        for key in names:
            if what := _what(key, kinds):
                raise BadInput(
                    f"'{name}' has '{key}', a sign of {what}, and only layers applied one after "
                    "the other are read; choose a plain perceptron, or, where it is one, put "
                    f'{{"structure": "plain"}} into \'{name}.json\'.'
                )


def refuse_blocks(name: str, layers: Sequence[Layer]) -> tuple[str, ...]:
    """Refuse blocks of several layers that may add what they are given; says what was assumed.

    A block is a module with a number that holds layers with names, or one that is called a block;
    only one that gives as many values as it takes can add what it is given.

    Raises
    ------
    BadInput
    """
    blocks: dict[str, list[Layer]] = {}
    called = ""
    for layer in layers:
        parts = layer.name.split(".")
        calls = [re.search(r"bl(oc)?ks?(?![a-z])", part, re.I) is not None for part in parts]
        called = called or next((part for part, is_ in zip(parts, calls, strict=True) if is_), "")
        for depth in range(1, len(parts)):
            inner, numbered = parts[depth:], parts[depth - 1][-1].isdigit()
            worded = any(calls[:depth]) or not all(part.isdigit() for part in inner)
            single = calls[depth - 1] and not inner[0].isdigit()
            if (numbered and worded) or single:
                blocks.setdefault(".".join(parts[:depth]), []).append(layer)
    for block, own in blocks.items():
        if 1 < len(own) < len(layers) and own[0].inputs == own[-1].outputs:
            raise BadInput(
                f"'{name}' has a block '{block}' of {len(own)} layers ({own[0].name}, "
                f"{own[1].name}), as residual networks have, and does not say whether its input is "
                "added to what it gives; choose a plain perceptron, or, where nothing is added, "
                f'put {{"structure": "plain"}} into \'{name}.json\'.'
            )
    if not called:
        return ()
    return (
        f"The layers of '{name}' called '{called}' are read as applied one after the other, with "
        "nothing added.",
    )


def _what(key: str, kinds: Sequence[tuple[str, str]]) -> str:
    """Name what a tensor's name stands for; nothing for plain layers."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    words = " ".join(re.findall(r"[a-z]+", spread.lower()))
    return next((what for words_, what in kinds if re.search(rf"\b({words_})\b", words)), "")
