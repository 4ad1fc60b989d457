"""Networks in and out of files; how one is made is told from the shapes of its weights."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import find_network, read_checkpoint, write_tensors

from .features import LEVELS
from .network import Vortx
from .sizes import FEATURES, LAYERS, Size
from .trunk import first, second, third
from .unet import BLOCKS, Widths

OURS = "VoRTX"
"""What files of ours say that they are."""
ANCHORS = ("cnn2d.conv0.0.weight", "cnns3d.coarse.stem.0.kernel", "output_layers.fine.kernel")
"""Tensors by which a network of the kind is known."""
_FIXED = ("upsampler.",)
_TORCHVISION = "layers."


@dataclass(frozen=True)
class NetworkInfo:
    """What a network file holds.

    Attributes
    ----------
    name : str
        File name.
    hash : str
        `weights_hash` of the network.
    picture : int
        Width of photographs in pixels that it was trained on; 640 where the file does not say.
    weighted : bool
        Whether views weigh as likely as they see a surface (it was trained in the second phase).
    metadata : dict of str
        What else the file says of itself.
    notices : tuple of str
        What had to be assumed, in sentences.
    """

    name: str
    hash: str
    picture: int
    weighted: bool
    metadata: dict[str, str]
    notices: tuple[str, ...] = ()


def weights_hash(network: Vortx) -> str:
    """Sixteen digits that tell two networks apart: of the names and values of all tensors."""
    digest = hashlib.sha256(str(network.size.heads).encode())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def save_network(
    path: str | Path, network: Vortx, metadata: Mapping[str, str], half: bool = False
) -> None:
    """Write a network as safetensors, with the names of the release.

    Parameters
    ----------
    path : path
    network : Vortx
    metadata : mapping of str
        `picture_width` and `weighted` are read again.
    half : bool
        Store float16; whole numbers stay.

    Raises
    ------
    BadInput
        When the file cannot be written.
    """
    tensors = {
        key: value.half() if half and value.is_floating_point() else value
        for key, value in network.state_dict().items()
    }
    write_tensors(path, tensors, {"format": OURS, "heads": str(network.size.heads), **metadata})


def load_network(path: str | Path, expected: Size | None = None) -> tuple[Vortx, NetworkInfo]:
    """Open a network: of ours, a training in progress, or a Lightning checkpoint of the release.

    Parameters
    ----------
    path : path
    expected : Size, optional
        That it has to have; any by default, pruned ones as well.

    Raises
    ------
    BadInput
        When the file cannot be read, holds another network, or one of another width.
    """
    path = Path(path)
    checkpoint = read_checkpoint(path)
    found = find_network(checkpoint, lambda tensors: all(name in tensors for name in ANCHORS))
    if found is None:
        raise BadInput(
            f"'{path.name}' has no tensor '{ANCHORS[1]}', so it is no VoRTX network; choose "
            "another file."
        )
    state, notices = found
    about, said = checkpoint.about, [*checkpoint.notices, *notices]
    size = size_of(path.name, state, _heads(about, checkpoint.facts, state, path.name, said))
    if expected is not None and size.unets != expected.unets:
        raise BadInput(
            f"'{path.name}' has a coarse U-Net that begins with {size.unets[0].stem} channels, "
            f"where {expected.unets[0].stem} are expected; it is of another width, or pruned."
        )
    network = Vortx(size)
    _fill(path.name, network, state)
    used = {"format", "heads", "picture_width", "weighted"}
    rest = {key: value for key, value in about.items() if key not in used}
    picture, weighted = _trained(about, checkpoint.facts)
    if not picture:
        picture = 640
        said.append(
            f"'{path.name}' does not say what it was trained on; photographs of {picture} pixels "
            "and weights of views, as in the release's second phase, are taken."
        )
    info = NetworkInfo(path.name, weights_hash(network), picture, weighted, rest, tuple(said))
    return network.eval(), info


def size_of(name: str, state: Mapping[str, Tensor], heads: int) -> Size:
    """How a network is made, from the shapes of its weights; `name` is of the file.

    Raises
    ------
    BadInput
        If a tensor is missing, or has another number of axes.
    """

    def shape(key: str, axes: int) -> tuple[int, ...]:
        if key not in state:
            raise BadInput(f"'{name}' has no tensor '{key}'; the file is incomplete.")
        if state[key].ndim != axes:
            raise BadInput(
                f"The tensor '{key}' of '{name}' has {state[key].ndim} axes, where {axes} fit; the "
                "file is of another network."
            )
        return tuple(state[key].shape)

    unets = []
    for level in LEVELS:
        at = f"cnns3d.{level}."
        width = {
            part: shape(f"{at}{part}.kernel", 3)
            for part in (
                "stem.0", "stage1.0.net.0", "stage2.0.net.0", "up1.0.net.0", "up2.0.net.0",
                *(f"{block}.net.{conv}" for block in BLOCKS for conv in (0, 3)),
            )
        }  # fmt: skip

        def out(part: str, width: dict[str, tuple[int, ...]] = width) -> int:
            return width[part][2]

        unets.append(
            Widths(
                width["stem.0"][1],
                out("stem.0"),
                (out("stage1.0.net.0"), out("stage2.0.net.0")),
                (out("stage1.1.net.3"), out("stage2.1.net.3")),
                (out("up1.0.net.0"), out("up2.0.net.0")),
                (out("up1.1.0.net.3"), out("up2.1.0.net.3")),
                tuple(out(f"{block}.net.0") for block in BLOCKS),
            )
        )
    hidden = tuple(
        tuple(
            shape(f"mv_fusion.{level}.transformer.encoder_layers.{layer}.mlp.fc1.weight", 2)[0]
            for layer in range(LAYERS)
        )
        if heads
        else (2 * width,) * LAYERS
        for level, width in zip(LEVELS, FEATURES, strict=True)
    )
    return Size((unets[0], unets[1], unets[2]), heads, FEATURES, hidden)


def load_trunk(network: Vortx, path: str | Path) -> None:
    """Give the 2D part the trunk of a MnasNet 1.0, as torchvision saves it.

    Raises
    ------
    BadInput
        When the file cannot be read or holds another network.
    """
    path = Path(path)
    wanted = f"{_TORCHVISION}0.weight"
    found = find_network(read_checkpoint(path), lambda tensors: wanted in tensors)
    if found is None:
        raise BadInput(f"'{path.name}' has no tensor '{wanted}'; give torchvision's mnasnet1_0.")
    state, _ = found
    parts = (("", first), (f"{_TORCHVISION}9.", second), (f"{_TORCHVISION}10.", third))
    for (begin, make), own in zip(parts, network.cnn2d.trunk, strict=True):
        for key, target in make().state_dict().items():
            place = f"{begin}{key}" if begin else f"{_TORCHVISION}{key}"
            given = state.get(place)
            if given is None and key.endswith("num_batches_tracked"):
                continue
            if given is None or given.shape != target.shape:
                what = "no" if given is None else "another"
                raise BadInput(
                    f"'{path.name}' has {what} tensor '{place}' of the shape "
                    f"{tuple(target.shape)}; give torchvision's mnasnet1_0."
                )
            own.state_dict()[key].copy_(given)


def load_2d(network: Vortx, path: str | Path) -> None:
    """Give a network the 2D CNN and the directions of a trained one, however that one fuses views.

    Raises
    ------
    BadInput
        As `load_network`.
    """
    given, _ = load_network(path)
    for own, theirs in (
        (network.cnn2d, given.cnn2d),
        (network.view_embedders, given.view_embedders),
    ):
        own.load_state_dict(theirs.state_dict())


def _trained(about: Mapping[str, str], facts: Mapping[str, Any]) -> tuple[int, bool]:
    """Width of photographs, 0 if unknown, and whether the second phase had begun."""
    try:
        if "picture_width" in about:
            return int(about["picture_width"]), about.get("weighted") == "True"
        own = {key: facts[f"training.{key}"] for key in ("crop's width", "second", "steps")}
        return int(own["crop's width"]), facts["step"] > own["second"] * own["steps"]
    except (KeyError, ValueError, TypeError):
        return 0, True


def _heads(
    about: Mapping[str, str],
    facts: Mapping[str, Any],
    state: Mapping[str, Tensor],
    name: str,
    said: list[str],
) -> int:
    """Number of heads, which no shape tells."""
    if not any(key.startswith("mv_fusion.") for key in state):
        return 0
    for key, value in (*about.items(), *facts.items()):
        if re.fullmatch(r"(.*\.)?(heads|attn_heads)", key):
            try:
                return max(int(json.loads(str(value))), 1)
            except ValueError:
                break
    said.append(f"'{name}' does not say how many heads attention has; 2 are taken.")
    return 2


def _fill(name: str, network: Vortx, state: Mapping[str, Tensor]) -> None:
    wanted = network.state_dict()
    for key, target in wanted.items():
        if key.startswith(_FIXED) or key.endswith("num_batches_tracked"):
            continue
        if key not in state:
            raise BadInput(f"'{name}' has no tensor '{key}'; the file is incomplete.")
        if state[key].shape != target.shape:
            raise BadInput(
                f"The tensor '{key}' of '{name}' has the shape {tuple(state[key].shape)}, where "
                f"{tuple(target.shape)} fits; the file is damaged or of another network."
            )
    extra = sorted(set(state) - set(wanted))
    if extra:
        raise BadInput(f"'{name}' has a tensor '{extra[0]}' that no VoRTX network has.")
    with torch.no_grad():
        for key, target in wanted.items():
            if key in state and not key.startswith(_FIXED):
                target.copy_(state[key])
