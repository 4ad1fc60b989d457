"""Network weights in and out, without ever running code from a file."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .atomic import writing
from .sparse import expand

_NESTED = ("state_dict", "model_state_dict", "model", "network", "net", "weights")
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_CODE = re.compile(r"Unsupported (global|class)|Unsupported operand|not an allowed global", re.I)


def read_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read a state dict from a ``.safetensors``, ``.pth`` or ``.pt`` file, dense or sparse.

    The content tells the format, not the name. A compact sparse file (see `sparse`) comes back
    as dense tensors. A state dict nested in a training checkpoint
    (under ``state_dict``, ``model``...) is unwrapped; a list of tensors becomes ``name.0``,
    ``name.1`` and so on.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    tensors : dict
        Tensors on the CPU by name, as stored.
    metadata : dict
        What else the file says of itself, as text.

    Raises
    ------
    BadInput
        When the file is missing, empty, damaged or no checkpoint, when reading it would run
        code, or when a weight is not finite.
    """
    path = Path(path)
    tensors, metadata = expand(path.name, *read_stored(path))
    if not tensors:
        raise BadInput(f"'{path.name}' holds no weights; save the network's state dict in it.")
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise BadInput(
                f"'{path.name}' has values that are not numbers (NaN or infinite) in '{name}'; "
                "choose an earlier checkpoint."
            )
    return tensors, metadata


def read_stored(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the tensors of a file as they are stored; see `read_tensors`."""
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"'{path.name}' is a folder; choose a .safetensors, .pth or .pt file in it.")
    if not path.is_file():
        raise BadInput(f"'{path}' does not exist; check the name or choose another file.")
    try:
        with open(path, "rb") as file:
            head = file.read(16)
        size = path.stat().st_size
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise BadInput(f"'{path.name}' cannot be read ({reason}); check its rights.") from error
    if not size:
        raise BadInput(f"'{path.name}' is empty; download or save it again.")
    # The first 8 bytes may be a length that looks like the beginning of a pickle.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8:
        return _read_safetensors(path)
    if head.startswith((_ZIP, _PICKLE)):
        return _read_torch(path)
    if head[8:9] == b"{":
        raise _damaged(path)
    raise BadInput(
        f"'{path.name}' is not a checkpoint, whatever its name says; choose a "
        ".safetensors, .pth or .pt file of network weights."
    )


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


def _damaged(path: Path) -> BadInput:
    return BadInput(f"'{path.name}' is damaged or cut short; download or save it again.")


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise _damaged(path) from error


def _read_torch(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if _CODE.search(str(error)):
            raise BadInput(
                f"'{path.name}' holds Python objects that would run code when opened, so it was "
                "not; save only the network's state_dict()."
            ) from error
        raise _damaged(path) from error
    except Exception as error:  # a damaged pickle may raise anything at all
        raise _damaged(path) from error
    metadata: dict[str, str] = {}
    while isinstance(content, Mapping):
        nested = next((k for k in _NESTED if isinstance(content.get(k), Mapping)), None)
        if nested is None:
            break
        metadata |= {
            str(k): str(v) for k, v in content.items() if isinstance(v, (str, int, float, bool))
        }
        content = content[nested]
    if not isinstance(content, Mapping):
        raise BadInput(
            f"'{path.name}' holds a {type(content).__name__}, not a network's weights; "
            "save the network's state_dict()."
        )
    flat: dict[str, object] = {}
    for name, value in content.items():
        listed = isinstance(value, list | tuple)
        flat |= {f"{name}.{i}": v for i, v in enumerate(value)} if listed else {str(name): value}
    return {k: v.detach() for k, v in flat.items() if isinstance(v, Tensor)}, metadata
