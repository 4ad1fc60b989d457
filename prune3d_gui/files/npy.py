"""The header of a NumPy array in a file."""

from __future__ import annotations

from typing import IO

import numpy as np

Header = tuple[tuple[int, ...], bool, np.dtype]
"""Sizes along each axis, whether the first runs fastest, and the type."""
_READS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_header(stream: IO[bytes]) -> Header | None:
    """Read the header that a stream begins with; the values follow.

    None for version 3, which is for arrays of several fields with names beyond Latin 1.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    read = _READS.get(np.lib.format.read_magic(stream))
    if read is None:
        return None
    shape, fortran, kind = read(stream)
    return tuple(int(n) for n in shape), fortran, kind
