"""Everything that can be said of a field, and the names it goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fact:
    """Something that can be said of a field.

    Attributes
    ----------
    name : str
    kind : str
        "text", "number", "whole number", "numbers", "texts", or "object".
    default : str
        What holds where it is not said.
    example : object
    about : str
    """

    name: str
    kind: str
    default: str
    example: Any
    about: str


FACTS = (
    Fact("activation", "text", "told by the file, else asked for", "relu",
         "activation of the hidden layers: sine, relu, tanh or silu"),
    Fact("omega", "number", "30 where the weights are those of a SIREN, else asked for", 30,
         "frequency of the sines of all layers"),
    Fact("first_omega", "number", "omega, else 30", 30, "frequency of the first layer's sine"),
    Fact("hidden_omega", "number", "omega, else 30", 30, "frequency of the other layers' sines"),
    Fact("omegas", "numbers", "omega", [30, 10, 10], "frequency of each hidden layer's sine"),
    Fact("output_activation", "text", "none", "none",
         "activation of the last layer; a field with one is refused"),
    Fact("fourier", "text", "cos,sin", "sin,cos", "order of the Fourier features"),
    Fact("fourier_scale", "number", "2 pi", 1, "factor in front of the Fourier matrix"),
    Fact("layers", "texts", "from widths and names", ["first", "middle", "last"],
         "names of the layers in the order in which they are applied"),
    Fact("structure", "text", "read from the names", "plain",
         "plain: one layer after the other, whatever the names look like"),
    Fact("network", "text", "the likeliest", "ema_model",
         "beginning of the names of the network to take, where there are several"),
    Fact("component", "text or number", "asked for where there are several", 1,
         "output to take, counted from 0, or its name in components"),
    Fact("components", "texts", "numbers from 0", ["u", "v", "p"], "names of the outputs"),
    Fact("lower", "numbers", "-1 everywhere", [0, 0, 0],
         "least coordinates the network takes, time last"),
    Fact("upper", "numbers", "1 everywhere", [1, 1, 1], "largest coordinates it takes"),
    Fact("dimension", "whole number", "3, or 2 where there are 2 coordinates", 2,
         "coordinates of space, 2 or 3; one more is time"),
    Fact("origin", "numbers", "lower", [0, 0, 0], "the box's least corner in the world"),
    Fact("size", "numbers", "upper minus lower", [320, 320, 240], "the box's sides in the world"),
    Fact("box_to_world", "numbers", "none",
         [0.8, -0.6, 0, 10, 0.6, 0.8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
         "in 3D, from the box's own axes to the world's, 4 x 4 numbers row by row"),
    Fact("unit", "text", "none", "mm", "unit of length in the world"),
    Fact("value", "text", "value", "density in g/cm³", "what the values are"),
    Fact("low", "number", "measured", 0, "least value of the range that scores and colours use"),
    Fact("high", "number", "measured", 1, "largest value of that range"),
    Fact("times", "whole number", "1", 20, "steps of time that the data had"),
    Fact("iso", "number", "the middle of the range", 0.5, "value whose surface is shown first"),
    Fact("note", "text", "none", "Fitted to scan 7.", "what users of the field must know"),
    Fact("truth", "text", "none", "volume",
         "what it is compared with: a generator of ours, or volume"),
    Fact("trained_on", "text", "none", "scan7.nii", "the volume's file, where truth is volume"),
    Fact("domain", "object", "none", {"unit": "mm"}, "any of lower to times, in an object"),
)  # fmt: skip
"""Everything that can be said, in the order of the documentation."""

BOX = (
    *("lower", "upper", "dimension", "origin", "size", "box_to_world"),
    *("unit", "value", "low", "high", "times"),
)
"""What a domain consists of."""

BY_NAME = {fact.name: fact for fact in FACTS}
_SPELLINGS = {
    "activation": "nonlinearity nonlin act act_fn act_func activation_fn activation_function "
    "activation_func activation_type activation_name hidden_activation",
    "output_activation": "last_activation final_activation out_activation outermost_activation "
    "final_act last_act out_act output_act activation_out activation_last last_nonlinearity "
    "final_nonlinearity",
    "iso": "iso_value isovalue",
}
CALLED = {own: name for name, spelt in _SPELLINGS.items() for own in (name, *spelt.split())}
LINEAR_LAST = ("outermost_linear", "final_linear", "last_linear", "linear_last", "output_linear")
SKIPS = (
    "skip", "skips", "skip_connection", "skip_connections", "skip_layers", "skip_in", "use_skip",
    "latent_in", "residual", "residuals", "use_residual", "is_residual", "residual_connections",
)  # fmt: skip
ANYWHERE = {"activation", "output_activation", "omega", "first_omega", "hidden_omega", "omegas"}
"""What means the same wherever in a file it stands."""
KEPT = ("iso", "note", "truth", "trained_on")
"""What goes into the metadata of files made of a field."""


def omega_role(key: str) -> str:
    """Tell what a name such as ``hidden_omega_0``, ``w0_initial`` or ``net.0.omega_0`` means.

    Returns
    -------
    str
        The fact, or nothing where the name is no frequency of sines.
    """
    words = re.findall(r"[a-z]+|\d+", normal(key.rpartition(".")[2]))
    many = bool({"omegas", "s", "list"} & set(words))
    if {"omega", "omegas"} & set(words) or words[:2] == ["w", "0"] or words[1:3] == ["w", "0"]:
        core = {"omega", "omegas", "w", "0", "zero", "s", "list"}
    elif {"sine", "sin", "siren"} & set(words) and {"frequency", "freq"} & set(words):
        core = {"frequency", "freq", "0"}
    else:
        return ""
    first, hidden = {"first", "initial", "init"}, {"hidden"}
    if set(words) - core - first - hidden - {"siren", "sine", "sin", "layer", "layers"}:
        return ""
    if first & set(words):
        return "first_omega"
    if hidden & set(words):
        return "hidden_omega"
    return "omegas" if many else "omega"


def known_fact(key: str) -> str:
    """The fact that a name stands for, if any."""
    leaf = normal(key.rpartition(".")[2])
    return omega_role(leaf) or CALLED.get(leaf, leaf if leaf in BY_NAME else "")


def normal(key: str) -> str:
    """Write ``firstOmega`` and ``First omega`` as ``first_omega``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
