"""Deep grey to eight bits: where black and white lie in integers and floating point values."""

from __future__ import annotations

import numpy as np
from PIL import Image

_BITS = (8, 10, 12, 14, 16)
_WHITES = (1.0, 255.0, 65535.0)
_FEW = 0.01


def eight_bits(image: Image.Image, inverted: bool = False) -> tuple[Image.Image, tuple[str, ...]]:
    """Bring grey of more than eight bits to eight; other pictures come back as they are.

    Parameters
    ----------
    image : Image
        Of any mode; those with ``I`` or ``F`` hold deep grey.
    inverted : bool
        Whether the lowest value means white.

    Returns
    -------
    image : Image
        ``L``, or ``LA`` where one of the values stood for transparent.
    notices : tuple of str
        What was assumed of the values.
    """
    if image.mode[0] not in "IF":
        return image, ()
    values = np.asarray(image).astype(np.float64)
    clear = image.info.get("transparency")
    known = np.isfinite(values)
    notices = []
    if not known.all():
        notices.append(f"Values that are no number ({(~known).sum():,}) count as black.")
        values = np.where(known, values, 0.0)
    black, white, said = _ends(values, whole=image.mode[0] == "I")
    notices += [said] if said else []
    levels = ((values - black) / (white - black)).clip(0, 1)
    levels = (1 - levels if inverted else levels) * 255
    grey = Image.fromarray(levels.astype(np.uint8))
    if isinstance(clear, int):
        grey.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return grey, tuple(notices)


def _ends(values: np.ndarray, whole: bool) -> tuple[float, float, str]:
    """Values of black and of white, and a sentence where those are a guess."""
    low, high = float(values.min()), float(values.max())
    below = (values < 0).mean()
    if below > _FEW or high > _WHITES[-1]:
        if low == high:
            return low - 1, low + 1, f"All values are {low:g}, shown as grey."
        return low, high, f"Its values from {low:g} to {high:g} were scaled from black to white."
    said = "Values below 0 count as black. " if below else ""
    if whole:
        bits = next(b for b in _BITS if high < 2**b)
        if bits < 16:
            said += f"Its values end at {high:g}, so they were taken as {bits}-bit."
        return 0.0, 2.0**bits - 1, said.strip()
    white = next(w for w in _WHITES if high <= w)
    return 0.0, white, f"{said}Its floating point values were taken as 0 to {white:g}."
