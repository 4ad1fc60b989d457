"""Networks in and out of files: safetensors whose names tell which branches are there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import read_checkpoint, write_tensors

from ..classes import CLASSES
from .network import Network
from .normal import Window
from .sizes import FOUR, SEVEN, SIZES, Size

OURS = "PSP-Seg"
"""What files of ours say that they are."""
_BRANCH = re.compile(r"((?:encoder|decoder)\.\d+|bottleneck)\.branches\.(\d+)\.mix\.weight")
ANCHORS = {"stem.weight", "bottleneck.scales", "down.0.stride.weight", "heads.0.weight"}
"""Tensors by which a network of the kind is known."""


@dataclass(frozen=True)
class NetworkInfo:
    """What a network file holds.

    Attributes
    ----------
    name : str
        File name.
    hash : str
        `weights_hash` of the network.
    classes : tuple of str
        Names, the background first.
    spacing : float
        Sides of the voxels in mm that it was trained on.
    window : Window
        Hounsfield units that it tells apart.
    metadata : dict of str
        What else the file says of itself.
    notices : tuple of str
        What had to be assumed, in sentences.
    """

    name: str
    hash: str
    classes: tuple[str, ...]
    spacing: float
    window: Window
    metadata: dict[str, str]
    notices: tuple[str, ...] = ()


def weights_hash(network: Network) -> str:
    """Sixteen digits that tell two networks apart: of the names and values of all tensors."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def save_network(
    path: str | Path,
    network: Network,
    classes: tuple[str, ...],
    spacing: float,
    window: Window,
    metadata: Mapping[str, str],
    half: bool = False,
) -> None:
    """Write the branches that are there, and all else, as safetensors.

    Parameters
    ----------
    path : path
    network : Network
    classes : tuple of str
    spacing : float
        Sides of voxels in mm.
    window : Window
    metadata : mapping of str
    half : bool
        Store float16.

    Raises
    ------
    BadInput
        When the file cannot be written.
    """
    told = {
        "format": OURS,
        "size": json.dumps(asdict(network.size)),
        "classes": json.dumps(classes),
        "spacing_mm": f"{spacing:g}",
        "window_hu": json.dumps([window.low, window.high]),
        **metadata,
    }
    state = network.state_dict()
    tensors = {key: value.half() if half else value for key, value in state.items()}
    write_tensors(path, tensors, told)


def load_network(path: str | Path) -> tuple[Network, NetworkInfo]:
    """Open a network of ours, whole or with branches removed.

    Where the file does not say how it is made, the layout is told from the shapes.

    Raises
    ------
    BadInput
        When the file cannot be read or holds another network.
    """
    path = Path(path)
    found = read_checkpoint(path)
    state, about = found.tensors, found.about
    missing = sorted(ANCHORS - set(state))
    if missing:
        raise BadInput(
            f"'{path.name}' has no tensor '{missing[0]}', so it is no PSP-Seg network of this "
            "program; choose another file."
        )
    notices = list(found.notices)
    size = _size(path.name, about, state)
    kept: dict[str, tuple[int, ...]] = {name: () for name, _ in size.modules}
    for key in state:
        match = _BRANCH.fullmatch(key)
        if match and match[1] in kept:
            kept[match[1]] += (int(match[2]),)
    count = int(state["heads.0.weight"].shape[0])
    network = Network(size, count, kept)
    _fill(path.name, network, state)
    classes = _classes(path.name, about, count, notices)
    window, spacing = Window(), 4.5
    try:
        window = Window(*map(float, json.loads(about["window_hu"])))
        spacing = float(about["spacing_mm"])
    except (KeyError, ValueError, TypeError):
        notices.append(
            f"'{path.name}' does not say which Hounsfield units and voxels it was trained on; "
            f"{window.low:g} to {window.high:g} and {spacing:g} mm are taken."
        )
    used = {"size", "classes", "spacing_mm", "window_hu", "format"}
    rest = {key: value for key, value in about.items() if key not in used}
    info = NetworkInfo(
        path.name, weights_hash(network), classes, spacing, window, rest, tuple(notices)
    )
    return network.eval(), info


def _size(name: str, about: Mapping[str, Any], state: Mapping[str, Tensor]) -> Size:
    """How the network is made: as the file says, else as its shapes do."""
    try:
        told = json.loads(about["size"])
        kernels = tuple(tuple(map(int, kernel)) for kernel in told["kernels"])
        widths = tuple(map(int, told["channels"]))
        return Size(
            str(told["id"]), widths, float(told["expansion"]),
            kernels, bool(told["half"]),  # type: ignore[arg-type]
        )  # fmt: skip
    except (KeyError, ValueError, TypeError):
        pass
    depth = sum(bool(re.fullmatch(r"down\.\d+\.bypass\.weight", key)) for key in state)
    bypasses = [state[f"down.{level}.bypass.weight"].shape for level in range(depth)]
    widths = (*(int(shape[1]) for shape in bypasses), int(bypasses[-1][0]))
    places = [int(match[2]) for key in state if (match := _BRANCH.fullmatch(key))]
    kernels = SEVEN if max(places, default=0) >= len(FOUR) else FOUR
    known = next((s for s in SIZES.values() if s.channels == widths and s.kernels == kernels), None)
    if known is not None:
        return known
    spread = next((k for k in state if k.endswith(".spread.weight")), "")
    if not spread:
        raise BadInput(
            f"'{name}' does not say how its network is made, and has no branches to tell it "
            "from; give the file as this program wrote it."
        )
    inner, outer = state[spread].shape[:2]
    return Size("own", widths, inner / outer, kernels, "fine.head.weight" in state)


def _fill(name: str, network: Network, state: Mapping[str, Tensor]) -> None:
    wanted = network.state_dict()
    for key, target in wanted.items():
        if key not in state:
            raise BadInput(f"'{name}' has no tensor '{key}'; the file is incomplete.")
        if state[key].shape != target.shape:
            raise BadInput(
                f"The tensor '{key}' of '{name}' has the shape {tuple(state[key].shape)}, where "
                f"{tuple(target.shape)} fits; the file is damaged or of another network."
            )
        if not torch.isfinite(state[key].float()).all():
            raise BadInput(f"The tensor '{key}' of '{name}' holds NaN or infinite values.")
    extra = sorted(set(state) - set(wanted))
    if extra:
        raise BadInput(f"'{name}' has a tensor '{extra[0]}' that no PSP-Seg network has.")
    network.load_state_dict({key: state[key].float() for key in wanted})


def _classes(name: str, about: Mapping[str, Any], count: int, said: list[str]) -> tuple[str, ...]:
    try:
        found = tuple(map(str, json.loads(about["classes"])))
    except (KeyError, ValueError, TypeError):
        found = ()
    if len(found) == count:
        return found
    found = CLASSES if count == len(CLASSES) else ()
    found = found or ("background", *(f"class {number}" for number in range(1, count)))
    said.append(f"'{name}' does not name its {count} classes; {', '.join(found[1:])} are taken.")
    return found
