"""How much memory tensors take while something runs, on any device, whatever else goes on."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Held(TorchDispatchMode):
    """Counts the bytes of tensors that are made inside.

    Attributes
    ----------
    now, most : int
        Of those that are still there, and the most of them at a time. What an operation takes
        for itself while it runs is not counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._live: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        known = {_storage(one)._cdata for one in tree_leaves((args, kwargs)) if _is_tensor(one)}
        made = func(*args, **(kwargs or {}))
        for one in tree_leaves(made):
            if _is_tensor(one) and _storage(one)._cdata not in known | self._live:
                self._add(_storage(one))
        return made

    def _add(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        self._live.add(key)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._free, key, size)

    def _free(self, key: int, size: int) -> None:
        self._live.discard(key)
        self.now -= size


def _is_tensor(one: object) -> bool:
    return isinstance(one, Tensor)


def _storage(tensor: Tensor) -> torch.UntypedStorage:
    return tensor.untyped_storage()
