"""What can be pruned in VoRTX: weights of 2D convolutions, of feed-forwards and of U-Nets.

In the knobs' pools are 313,832 weights of 2D convolutions, 68,608 of feed-forwards and 5,952,840
of 3D convolutions of the released network. The view encoders' can have rates of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from prune3d_gui.core.plan.units import Unit

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.unet import UNet
from .controls import ENCODERS, FUSION, PHOTOGRAPHS, VOLUME
from .work import Work, picture_macs, volume_macs

POOLS = (PHOTOGRAPHS, FUSION, VOLUME)
"""Modules whose units share the rate of a knob."""
_STAGES = ("stem", "stage1", "stage2", "up1", "up2")


def network_units(network: Vortx, work: Work) -> tuple[Unit, ...]:
    """Units of a network, a tree by module; multiply-accumulates are those of `work`."""
    return (
        *_picture_units(network, work),
        *_fusion_units(network, work),
        *_volume_units(network, work),
    )


def _picture_units(network: Vortx, work: Work) -> Iterator[Unit]:
    """Of the trunk, ``conv2.1.0.3``, of the pyramid, ``out2.2``, and of each level's encoder."""
    for name, macs in picture_macs(network, work.size).items():
        count = network.get_parameter(name).numel()
        parts = name.split(".")
        short = ".".join(part for part in parts[1:-1] if part != "layers")
        if parts[0] == "view_embedders":
            short, path = f"{parts[1]}.encoder", (ENCODERS,)
        else:
            path = (PHOTOGRAPHS, parts[1] if parts[1].startswith("conv") else "FPN")
        yield Unit(short, name, path, count, macs * work.images)


def _fusion_units(network: Vortx, work: Work) -> Iterator[Unit]:
    """Of the feed-forwards: ``coarse.ff0.fc1``."""
    for number, level in enumerate(LEVELS if network.size.heads else ()):
        for layer in range(len(network.size.hidden[number])):
            for part in ("fc1", "fc2"):
                name = f"mv_fusion.{level}.transformer.encoder_layers.{layer}.mlp.{part}.weight"
                count = network.get_parameter(name).numel()
                tokens = work.levels[level].tokens
                yield Unit(
                    f"{level}.ff{layer}.{part}", name, (FUSION, level), count, count * tokens
                )


def _volume_units(network: Vortx, work: Work) -> Iterator[Unit]:
    """Of the U-Nets: ``fine.stage1.2.0``, ``fine.up1.1.0.skip``."""
    for level in LEVELS:
        unet = network.cnns3d[level]
        assert isinstance(unet, UNet)
        for name, macs in volume_macs(unet, work.levels[level]).items():
            count = unet.get_parameter(name).numel()
            short = name.removesuffix(".kernel").replace(".downsample.0", ".skip")
            short = short.replace(".net.", ".").replace("stem.0", "stem")
            path = (VOLUME, level, next(stage for stage in _STAGES if name.startswith(stage)))
            yield Unit(f"{level}.{short}", f"cnns3d.{level}.{name}", path, count, macs)
