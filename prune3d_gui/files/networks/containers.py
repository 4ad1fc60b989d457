"""What a file of network weights is, told by its content, and what lies in it as stored."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from ...core.errors import BadInput
from ...core.names import sayable
from ..npy import read_header
from ..paths import reason_of
from .pickles import RunsCode, load_pickle

MOST_BYTES = 4 << 30
"""Most that the weights of one file may take in memory, as float32."""
ENDINGS = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".npz")

_ADVICE = "save the network's state_dict()"
_FOREIGN = (
    (b"version https://git-lfs", "a pointer of Git LFS; fetch the file itself with 'git lfs pull'"),
    (b"<", "a web page or other markup; download the file itself again"),
    (b"\x1f\x8b", "packed with gzip; unpack it and open what is in it"),
    (b"BZh", "packed with bzip2; unpack it and open what is in it"),
    (b"\xfd7zXZ", "packed with xz; unpack it and open what is in it"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and open the network in it"),
    (b"Rar!", "a RAR archive; unpack it and open the network in it"),
    (b"\x89HDF", f"an HDF5 file, as Keras writes them; open it in its own program and {_ADVICE}"),
    (b"\x93NUMPY", "a single NumPy array; put all tensors by name into one .npz"),
)


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds, nested as it is stored.

    Attributes
    ----------
    tree : object
        Dictionaries, lists, tensors, NumPy arrays and plain values.
    about : dict of str
        What a safetensors file says of itself.
    notices : tuple of str
        What was taken where there was something to choose.
    ordered : bool
        Whether names come in the order in which they were written.
    """

    tree: Any
    about: dict[str, str]
    notices: tuple[str, ...] = ()
    ordered: bool = True


def read_content(path: Path) -> Content:
    """Read a safetensors file, a file of `torch.save`, or an ``.npz``; an archive with one in it.

    Parameters
    ----------
    path : path
        The content tells the format, not the name.

    Raises
    ------
    BadInput
        When the file is missing, empty, damaged or something else, or names code to run.
    """
    if path.is_dir():
        raise BadInput(f"'{path.name}' is a folder; choose a .safetensors, .pth or .pt file in it.")
    if not path.is_file():
        if "#" in path.name and path.with_name(path.name.rpartition("#")[0]).is_file():
            raise BadInput(
                f"'{path.name}' names a part of a file that is opened whole here; leave out what "
                "follows the '#'."
            )
        raise BadInput(f"'{path}' does not exist; check the name or choose another file.")
    try:
        with path.open("rb") as file:
            return _read(path.name, file, path.stat().st_size)
    except OSError as error:
        raise BadInput(
            f"'{path.name}' cannot be read ({reason_of(error)}); check its rights."
        ) from error


def _read(name: str, file: BinaryIO, size: int, outer: bool = True) -> Content:
    if not size:
        raise BadInput(f"'{name}' is empty; download or save it again.")
    head = file.read(512)
    file.seek(0)
    # The first 8 bytes may be a length that looks like the beginning of a pickle.
    if head[8:9] == b"{":
        if int.from_bytes(head[:8], "little") > size - 8:
            raise damaged(name)
        return _guarded(name, lambda: _read_safetensors(file))
    if head.startswith(b"PK\x03\x04"):
        return _guarded(name, lambda: _read_zip(name, file, outer))
    if head.startswith(b"\x80"):
        return Content(_guarded(name, lambda: load_pickle(file)), {})
    if head[257:262] == b"ustar":
        raise BadInput(
            f"'{name}' is not a checkpoint but a tar archive; unpack it and open the network in it."
        )
    for start, what in _FOREIGN:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start):
            raise BadInput(f"'{name}' is not a checkpoint but {what}.")
    raise BadInput(
        f"'{name}' is not a checkpoint, whatever its name says; choose a "
        ".safetensors, .pth or .pt file of network weights."
    )


def damaged(name: str) -> BadInput:
    """Return the sentence for a file that ends early or does not hold together."""
    return BadInput(f"'{name}' is damaged or cut short; download or save it again.")


def _guarded(name: str, read: Callable[[], Any]) -> Any:
    """Turn whatever a damaged file raises into one sentence."""
    try:
        return read()
    except (BadInput, OSError):
        raise
    except RunsCode as code:
        raise BadInput(
            f"'{name}' names '{code}', which would run code when opened, so it was not; save only "
            "the network's state_dict()."
        ) from code
    except pickle.UnpicklingError as error:
        if "Unsupported operand" in str(error):
            raise BadInput(
                f"'{name}' is a pickle of another kind than torch.save writes by itself; {_ADVICE} "
                "with plain torch.save."
            ) from error
        raise damaged(name) from error
    except MemoryError as error:
        raise BadInput(
            f"'{name}' promises more than this machine's memory holds; it may be damaged."
        ) from error
    except Exception as error:  # a damaged file may raise anything at all
        raise damaged(name) from error


def _read_safetensors(file: BinaryIO) -> Content:
    if sayable(str(file.name)) != str(file.name):  # its library opens only names that are text
        data = file.read()
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        return Content(safetensors.torch.load(data), header.get("__metadata__", {}))
    try:
        with safetensors.safe_open(file.name, framework="pt", device="cpu") as stored:
            names = stored.keys()
            tensors = {name: stored.get_tensor(name) for name in names}
            return Content(tensors, stored.metadata() or {}, ordered=False)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_zip(name: str, file: BinaryIO, outer: bool) -> Content:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    names = [info.filename for info in infos]
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise BadInput(
            f"'{name}' unpacks to more than {MOST_BYTES >> 30} GiB, which no network of these "
            "systems takes; choose another file."
        )
    last = {part.rpartition("/")[2] for part in names}
    if "constants.pkl" in last and any("/code/" in f"/{part}" for part in names):
        raise BadInput(
            f"'{name}' is a TorchScript program, code and weights together; {_ADVICE} instead."
        )
    if "archive_format" in last or "serialized_exported_program.json" in last:
        raise BadInput(
            f"'{name}' is an exported torch program (.pt2), code and weights together; {_ADVICE} "
            "instead."
        )
    if "data.pkl" in last:
        file.seek(0)
        return Content(load_pickle(file), {})
    if names and all(part.endswith(".npy") for part in names):
        return Content(_read_npz(file), {})
    if not outer:
        raise BadInput(f"'{name}' is an archive in an archive; unpack it and open what is in it.")
    return _inside(name, file, infos)


def _read_npz(file: BinaryIO) -> dict[str, np.ndarray]:
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        return {
            info.filename.removesuffix(".npy"): _npy(archive.read(info))
            for info in archive.infolist()
        }


def _npy(data: bytes) -> np.ndarray:
    """Read an array; one that is cut short or holds objects is an error before any room is made."""
    stream = io.BytesIO(data)
    header = read_header(stream)
    if header is None or header[2].hasobject:
        raise ValueError("it holds fields or Python objects")
    shape, fortran, kind = header
    flat = np.frombuffer(data, kind, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def _inside(name: str, file: BinaryIO, infos: list[zipfile.ZipInfo]) -> Content:
    """Open the one network that lies in an archive."""
    found = [info for info in infos if info.filename.lower().endswith(ENDINGS)]
    if len(found) != 1:
        listed = ", ".join(repr(info.filename) for info in (found or infos)[:5])
        what = f"{len(found)} networks" if found else "no network"
        raise BadInput(
            f"'{name}' is an archive with {what} in it ({listed or 'it is empty'}); unpack it and "
            "open one file."
        )
    inner = f"{name}/{found[0].filename}"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        zipfile.ZipFile(file) as archive,
        (Path(folder) / "inner").open("w+b") as unpacked,
    ):
        shutil.copyfileobj(archive.open(found[0]), unpacked)
        unpacked.flush()
        unpacked.seek(0)
        content = _read(inner, unpacked, found[0].file_size, outer=False)
        tree = content.tree
        if isinstance(tree, dict):  # safetensors are mapped from the file that goes now
            tree = {k: v.clone() if isinstance(v, Tensor) else v for k, v in tree.items()}
    said = f"'{name}' is an archive; '{found[0].filename}' in it was opened."
    return Content(tree, content.about, (said, *content.notices), content.ordered)
