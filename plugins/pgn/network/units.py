"""What can be pruned in an AtlasNet, with the paper's labels.

The encoder's units are C1 to C18: the 17 convolutions without the three 1x1
downsamplings, and the fully connected layer (Yuniarti et al. 2025, Table 3).
"""

from __future__ import annotations

from prune3d_gui.core.plan.knobs import Choice
from prune3d_gui.core.plan.units import Unit

from .network import AtlasNet

_SIDE = {"conv1": 112, "layer1": 56, "layer2": 28, "layer3": 14, "layer4": 7, "fc": 1}

SCOPES = (
    Choice("encoder", "Encoder", "C1 to C18, without the 1x1 downsamplings"),
    Choice("decoder", "Decoder", "the decoder's convolutions"),
    Choice("decoder+bn", "Decoder with BN gammas", "the same and its batch norm gammas"),
    Choice("all", "Whole network", "encoder and decoder, without gammas"),
)


def encoder_units(net: AtlasNet) -> tuple[Unit, ...]:
    """C1 to C18; MACs are for one 224 x 224 image."""
    weights = dict(net.named_parameters())
    names = ["conv1.weight"]
    names += [
        f"layer{layer}.{block}.conv{conv}.weight"
        for layer in (1, 2, 3, 4)
        for block in (0, 1)
        for conv in (1, 2)
    ]
    units = []
    for number, name in enumerate([*names, "fc.weight"], 1):
        part = name.split(".")[0]
        size = weights[f"encoder.{name}"].numel()
        path = ("encoder", part) if part.startswith("layer") else ("encoder",)
        units.append(Unit(f"C{number}", f"encoder.{name}", path, size, size * _SIDE[part] ** 2))
    return tuple(units)


def decoder_units(net: AtlasNet, points: int) -> tuple[Unit, ...]:
    """Convolutions of the decoders; MACs are for `points` template points of each."""
    units = []
    for index, mapping in enumerate(net.mappings):
        lists = [f"conv_list.{i}" for i in range(len(mapping.conv_list))]
        for name in ["conv1", "conv2", *lists, "last_conv"]:
            full = f"decoder.decoder.{index}.{name}.weight"
            size = mapping.get_parameter(f"{name}.weight").numel()
            units.append(
                Unit(_label(net, index, name), full, _path(net, index), size, size * points)
            )
    return tuple(units)


def gamma_units(net: AtlasNet) -> tuple[Unit, ...]:
    """Batch norm gammas of the decoders; scaling is not counted as MACs."""
    units = []
    for index, mapping in enumerate(net.mappings):
        lists = [f"bn_list.{i}" for i in range(len(mapping.bn_list))]
        for name in ["bn1", "bn2", *lists]:
            full = f"decoder.decoder.{index}.{name}.weight"
            size = mapping.get_parameter(f"{name}.weight").numel()
            path = (*_path(net, index), "batch norm gammas")
            units.append(Unit(_label(net, index, name), full, path, size))
    return tuple(units)


def network_units(net: AtlasNet, points: int) -> tuple[Unit, ...]:
    """All units: encoder, decoder, gammas."""
    return encoder_units(net) + decoder_units(net, points) + gamma_units(net)


def network_macs(net: AtlasNet, points: int) -> int:
    """Multiply-accumulates of one image and `points` template points of each primitive."""
    shortcuts = sum(
        net.get_parameter(f"encoder.layer{layer}.0.downsample.0.weight").numel()
        * _SIDE[f"layer{layer}"] ** 2
        for layer in (2, 3, 4)
    )
    return shortcuts + sum(unit.macs for unit in network_units(net, points))


def scope_units(scope: str, units: tuple[Unit, ...]) -> frozenset[str]:
    """Unit ids of a scope, or of a comma-separated list of ids (checked by the engine)."""
    gammas = {unit.id for unit in units if unit.path[-1] == "batch norm gammas"}
    encoder = {unit.id for unit in units if unit.path[0] == "encoder"}
    decoder = {unit.id for unit in units} - encoder - gammas
    named = {
        "encoder": encoder,
        "decoder": decoder,
        "decoder+bn": decoder | gammas,
        "all": encoder | decoder,
    }
    return frozenset(named[scope]) if scope in named else frozenset(scope.split(","))


def _label(net: AtlasNet, index: int, name: str) -> str:
    stem, _, number = name.partition(".")
    short = f"{stem}[{number}]" if number else stem
    return short if net.primitives == 1 else f"p{index:02d}.{short}"


def _path(net: AtlasNet, index: int) -> tuple[str, ...]:
    return ("decoder",) if net.primitives == 1 else ("decoder", f"primitive {index:02d}")
