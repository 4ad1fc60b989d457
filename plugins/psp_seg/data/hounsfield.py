"""Whether values are Hounsfield units, told by how they are spread."""

from __future__ import annotations

import numpy as np

OFFSET = 1024.0
"""What scanners add so that no value is negative."""
_LOOKED = 1 << 21
"""Values that are looked at, at most."""
_TISSUE = (850.0, 1200.0)
"""Where the middle of tissue and bone lies with the offset."""


def in_hounsfield(name: str, values: np.ndarray) -> tuple[str, ...]:
    """Take the offset of a volume off where it has one, in place, and say so.

    With the offset, more than a twentieth of the values is that of dense bone, their middle that
    of water, and none lies where fat and lung should: padding below air is one value alone.

    Parameters
    ----------
    name : str
        What the volume is called.
    values : (X, Y, Z) float32
        Changed in place.

    Returns
    -------
    tuple of str
        Sentences on what was done, and on values that are unlike those of a CT.
    """
    some = values[tuple(slice(None, None, _step(values.size)) for _ in range(3))]
    low, high = float(values.min()), float(values.max())
    body = some[some > 600]
    between = np.count_nonzero((some > -900) & (some < -60))
    if body.size > 0.05 * some.size and between < 0.001 * some.size:
        middle = float(np.median(body))
        if _TISSUE[0] <= middle <= _TISSUE[1]:
            values -= np.float32(OFFSET)
            return (
                f"The values of '{name}' run from {low:g} to {high:g} with tissue near "
                f"{middle:.0f}: stored with an offset, so {OFFSET:g} was taken off.",
            )
    if low > -300 or high < 100:
        return (
            f"The values of '{name}' run from {low:g} to {high:g}, which is unlike a CT in "
            "Hounsfield units (air -1000, bone above 300); results mean little then.",
        )
    return ()


def _step(size: int) -> int:
    return max(round((size / _LOOKED) ** (1 / 3)), 1)
