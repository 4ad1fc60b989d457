"""Where a stored field lives, from what its file says and from what it gives."""

from __future__ import annotations

import numpy as np
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import check_affine

from ..network.domain import Domain
from ..network.network import FieldNetwork
from .facts import Facts

PROBES = 20_000
"""Points at which a field is evaluated to learn the range of its values."""

Numbers = tuple[float, ...]


def domain_of(
    network: FieldNetwork, facts: Facts, value: str = ""
) -> tuple[Domain, tuple[str, ...]]:
    """Put the domain together from what the file says, [-1, 1]^d where it says nothing.

    Parameters
    ----------
    network : FieldNetwork
    facts : Facts
    value : str
        What the values are, where the file does not say it.

    Returns
    -------
    domain : Domain
    notices : tuple of str
        What was assumed.

    Raises
    ------
    BadInput
        When what is said does not fit the network or itself.
    """
    name, d = facts.name, network.inputs
    lower, upper = facts.numbers("lower") or (-1.0,) * d, facts.numbers("upper") or (1.0,) * d
    if len(lower) != d or len(upper) != d or not _apart(lower, upper):
        raise BadInput(
            f"'{name}' takes {d} coordinates but its box goes from {list(lower)} to "
            f"{list(upper)}; give {d} numbers each, lower below upper by more than single "
            "precision rounds."
        )
    dimension = facts.whole("dimension", 0)
    dimension = min(d, 3) if dimension is None else dimension
    if dimension not in (2, 3) or d - dimension not in (0, 1):
        raise BadInput(
            f"'{name}' takes {d} coordinates but gives dimension {dimension}; give 2 or 3, with "
            "one more coordinate only for time."
        )
    span = tuple(b - a for a, b in zip(lower, upper, strict=True))
    origin = facts.numbers("origin") or lower[:dimension]
    size = facts.numbers("size") or span[:dimension]
    if len(origin) != dimension or len(size) != dimension or min(size) <= 0:
        raise BadInput(
            f"'{name}' gives origin {list(origin)} and size {list(size)}; give {dimension} numbers "
            "each, the sizes above 0."
        )
    box_to_world = facts.numbers("box_to_world") or ()
    if box_to_world:
        if dimension != 3 or len(box_to_world) != 16:
            raise BadInput(
                f"'{name}' gives a box_to_world of {len(box_to_world)} numbers in {dimension}D; "
                "give 4 x 4 numbers row by row, in 3D alone."
            )
        check_affine(np.reshape(box_to_world, (4, 4)), f"the box of '{name}'")
    low, high, notices = _measured(name, network, lower, span)
    if facts.said("lower") is None or facts.said("upper") is None:
        notices += (
            f"'{name}' does not say where its field lives, so the box [-1, 1]^{d} is taken, with "
            f"values from {low:.4g} to {high:.4g} as measured at {PROBES:,} points; a file "
            f"'{name}.json' with lower and upper can say otherwise.",
        )
    low, high = _range(facts, low, high)
    words = {"unit": facts.text("unit"), "value": facts.text("value", value)}
    times = facts.whole("times", 1) or 1
    return Domain(
        lower,
        upper,
        dimension,
        origin,
        size,
        low=low,
        high=high,
        times=times,
        box_to_world=box_to_world,
        **{key: text for key, text in words.items() if text},
    ), notices


def _apart(lower: Numbers, upper: Numbers) -> bool:
    """Whether single precision, in which networks compute, tells the ends apart."""
    return bool((np.asarray(lower, np.float32) < np.asarray(upper, np.float32)).all())


def _range(facts: Facts, low: float, high: float) -> tuple[float, float]:
    """The range that is said, or measured; the iso value must lie in it."""
    said_low, said_high, iso = facts.number("low"), facts.number("high"), facts.number("iso")
    low, high = low if said_low is None else said_low, high if said_high is None else said_high
    if not low < high:
        raise BadInput(
            f"'{facts.name}' has values from low {low:g} to high {high:g}; give low below high."
        )
    said = facts.said("iso")
    if said is not None and iso is not None and not low <= iso <= high:
        raise BadInput(
            f"'{said.file}' gives iso as {iso:g}, but the values go from {low:.4g} to "
            f"{high:.4g}; give one between them, or low and high too."
        )
    return low, high


def _measured(
    name: str, network: FieldNetwork, lower: Numbers, span: Numbers
) -> tuple[float, float, tuple[str, ...]]:
    """Give the least and the largest finite value at seeded points of the box."""
    points = np.array(lower) + np.random.default_rng(0).random((PROBES, len(span))) * np.array(span)
    values = network.evaluate(torch.as_tensor(points, dtype=torch.float32)).numpy()
    finite = values[np.isfinite(values)]
    notices = ()
    if len(finite) < PROBES:
        notices = (
            f"'{name}' gives values that are not numbers at {PROBES - len(finite):,} of "
            f"{PROBES:,} points; these places are marked.",
        )
    if not len(finite):
        return 0.0, 1.0, notices
    low, high = float(finite.min()), float(finite.max())
    return low, high if high > low else low + max(1.0, abs(low)), notices
