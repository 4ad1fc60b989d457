"""Torch's pickles, read without calling anything that they name.

Torch's own restricted reader (``weights_only``) does the reading. It stops at every class it
does not know, which training code leaves beside the weights all the time: options, numbers of
NumPy's, a schedule. Here a lifeless stand-in takes the place of each, so that the weights come
out and what was left unread can be named.
"""

from __future__ import annotations

import pickle
import re
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
import torch

_UNKNOWN = re.compile(r"GLOBAL (\S+) was not an allowed global")
_BLOCKED = re.compile(r"unsupported GLOBAL (\S+) whose module")
_FILLED = re.compile(r"Can only (SETITEMS?|append|extend)\b.*but got <class '(?:.*:)?([^']+)'>")
_CALLED = re.compile(r"call reduce for unrecognized|Only persistent_load of storage")
"""What a stand-in gave is called in turn; a whole module with its source, as torch once wrote."""
_HARMFUL = re.compile(
    r"(os|posix|nt|sys|subprocess|commands|shutil|runpy|importlib|pty|socket|ctypes|webbrowser)(\.|$)"
    r"|(_?io|codecs)\.open$|builtins\.(eval|exec|compile|open|__import__|input|breakpoint)$"
)
_MOST = 200
"""Unknown classes in one file; no training code leaves so many."""
_LOCK = threading.Lock()  # torch keeps what it was told to accept in one place for all threads


class RunsCode(Exception):
    """The pickle names something that would run code; its text is the name."""


@dataclass(frozen=True, eq=False)
class Unread:
    """An object of a class that is not known: its attributes, and nothing of what it does."""

    name: str
    state: dict[str, Any]

    @property
    def held(self) -> dict[str, Any]:
        """What a list or dictionary of torch's own holds, by name; nothing for other classes."""
        if not self.name.startswith("torch.nn.modules.container."):
            return {}
        parts = (self.state.get(key) for key in ("_parameters", "_buffers", "_modules"))
        return {key: own for part in parts if isinstance(part, dict) for key, own in part.items()}


class _StandIn:
    """What stands for a class; subclasses carry its name."""

    name = ""

    def __init__(self, *args: Any) -> None:
        self.__dict__["given"] = args

    def __new__(cls, *args: Any) -> Any:
        return object.__new__(cls)

    def __setstate__(self, state: Any) -> None:
        self.__dict__["state"] = state


class _Filled:
    """What stands for a kind of dictionary or list: a plain one."""

    kind: type = OrderedDict

    def __new__(cls, *args: Any) -> Any:
        return cls.kind()


class _Type:
    """A NumPy data type, of which only the letters are kept."""

    def __init__(self, text: Any = "", *rest: Any) -> None:
        self.text = str(text)
        self.order: Literal["<", ">", "="] = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = str(state[1])
        self.order = "<" if order == "<" else ">" if order == ">" else "="

    def read(self, data: Any) -> np.ndarray | None:
        """Bytes as flat values; None where they are no plain numbers or text."""
        try:
            kind = np.dtype(self.text).newbyteorder(self.order)
        except TypeError:
            return None
        return np.frombuffer(data, kind) if kind.kind in "biufcSU" else None


class _Array:
    """A NumPy array as it is pickled."""

    def __init__(self, *rest: Any) -> None:
        self.values: np.ndarray | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, fortran, data = state
        flat = kind.read(data)
        if flat is not None:
            self.values = flat.reshape(shape, order="F" if fortran else "C")


def _scalar(kind: _Type, data: Any) -> Any:
    found = kind.read(data)
    return Unread(f"numpy.{kind.text}", {}) if found is None else found[0].item()


_NUMPY: list[tuple[Callable[..., Any], str]] = [
    *((_scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    *((_Array, f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
    (_Array, "numpy.ndarray"),
    (_Type, "numpy.dtype"),
]


def _buffer(data: Any, kind: _Type, shape: tuple[int, ...], order: Any) -> np.ndarray | Unread:
    flat = kind.read(data)
    return Unread("numpy.ndarray", {}) if flat is None else flat.reshape(shape, order=order)


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    """Bytes as old protocols write them."""
    return text.encode("latin1")


class _Values(pickle.Unpickler):
    """A reader of numbers, text, lists, dictionaries and NumPy arrays, and of nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Stand-ins for what NumPy's values name.

        Raises
        ------
        RunsCode
            For all else.
        """
        full = f"{module}.{name}"
        known = {text: made for made, text in _NUMPY}
        known |= {f"numpy.{core}.numeric._frombuffer": _buffer for core in ("core", "_core")}
        known["_codecs.encode"] = _encoded
        if full not in known:
            raise RunsCode(full)
        return known[full]


def load_values(file: BinaryIO) -> Any:
    """Read a plain pickle of numbers, text, lists, dictionaries and NumPy arrays.

    Parameters
    ----------
    file : binary file

    Raises
    ------
    RunsCode
        If it names anything else.
    Exception
        Nearly any, where the file is damaged.
    """
    return _plain(_Values(file).load(), {})


def load_pickle(file: BinaryIO) -> Any:
    """Read what `torch.save` wrote, in either of its forms.

    Parameters
    ----------
    file : binary file
        Open for reading, with its place at the beginning.

    Returns
    -------
    object
        Dictionaries, lists, tuples, tensors, NumPy arrays, numbers and text, and `Unread` for
        every object of another class.

    Raises
    ------
    RunsCode
        If it names something that would run code.
    Exception
        Nearly any, where the file is damaged.
    """
    known: dict[str, type] = {}
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while True:
            file.seek(0)
            try:
                # A sparse tensor whose indices lie outside of it would write anywhere.
                with (
                    torch.sparse.check_sparse_tensor_invariants(),
                    torch.serialization.safe_globals(
                        [*_NUMPY, *((cls, name) for name, cls in known.items())]
                    ),
                ):
                    content = torch.load(file, map_location="cpu", weights_only=True)
                return _plain(content, {})
            except pickle.UnpicklingError as error:
                if len(known) > _MOST or not _learned(str(error), known):
                    raise


def _learned(message: str, known: dict[str, type]) -> bool:
    """Make a stand-in for what the reader stumbled over; False if nothing can be made."""
    blocked = _BLOCKED.search(message)
    if blocked:
        raise RunsCode(blocked[1])
    found = _UNKNOWN.search(message)
    if found:
        name = found[1] if "." in found[1] else f"builtins.{found[1]}"
        if _HARMFUL.match(name):
            raise RunsCode(name)
        if name in known:
            return False
        known[name] = type(f":{name}", (_StandIn,), {"name": name})
        return True
    if known and _CALLED.search(message):
        raise RunsCode(next(iter(known)))
    found = _FILLED.search(message)
    if found and found[2] in known and issubclass(known[found[2]], _StandIn):
        kind = OrderedDict if found[1].startswith("SET") else list
        known[found[2]] = type(f":{found[2]}", (_Filled,), {"kind": kind})
        return True
    return False


def _plain(value: Any, seen: dict[int, Any]) -> Any:
    """Put arrays and `Unread` objects in the place of what stood for them.

    What is met again is taken from `seen`, so that references cannot multiply.
    """
    if not isinstance(value, _StandIn | _Array | dict | list | tuple):
        return value
    if id(value) in seen:
        return seen[id(value)]
    seen[id(value)] = value
    if isinstance(value, _StandIn):
        state = value.__dict__.get("state")
        state = state[0] if isinstance(state, tuple) and state else state
        found = Unread(value.name, _plain(state, seen) if isinstance(state, dict) else {})
    elif isinstance(value, _Array):
        found = Unread("numpy.ndarray", {}) if value.values is None else value.values
    elif isinstance(value, dict):
        found = value
        value.update({key: _plain(own, seen) for key, own in value.items()})
    elif isinstance(value, list):
        found = value
        value[:] = [_plain(own, seen) for own in value]
    elif type(value) is tuple:
        found = tuple(_plain(own, seen) for own in value)
    else:
        return value  # torch.Size
    seen[id(value)] = found
    return found
