"""AtlasNet for single-view reconstruction: a ResNet-18 encoder and a point decoder.

Names and shapes are those of the released AtlasNet v3 files (Groueix et al., *A Papier-Mache
Approach to Learning 3D Surface Generation*, CVPR 2018; master branch), so that their state
dicts load unchanged. The decoder is computed as ``points x channels`` matrix products, which
is the same sum as a kernel-1 ``Conv1d`` and about twice as fast on a CPU.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .widths import Widths

Template = Literal["SPHERE", "SQUARE"]

IMAGE_SIZE = 224
ACTIVATIONS = {
    "relu": F.relu_,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "logsigmoid": F.logsigmoid,
    "softsign": F.softsign,
    "tanh": torch.tanh,
}
"""What AtlasNet's option ``activation`` may be; it is that of the decoder's hidden layers."""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al., CVPR 2016)."""

    def __init__(self, inputs: int, inner: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inner, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
            if stride != 1 or inputs != outputs
            else None
        )

    def first(self, x: Tensor) -> Tensor:
        """The first convolution; `x` stays as it is."""
        return F.relu_(self.bn1(self.conv1(x)))

    def second(self, x: Tensor, inner: Tensor) -> Tensor:
        """The second convolution, of `inner`, and the shortcut, of `x`; both stay as they are."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu_(self.bn2(self.conv2(inner)).add_(shortcut))

    def forward(self, x: Tensor) -> Tensor:
        """Both convolutions, and the shortcut."""
        return self.second(x, self.first(x))


class ResNet18(nn.Module):
    """The image encoder: ResNet-18 whose last layer gives the latent vector.

    Parameters
    ----------
    widths : Widths
        Channels of its layers; the latent vector has 1,024 values in the released networks.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        one, two, three, four = widths.stages
        inner = widths.inner
        self.conv1 = nn.Conv2d(3, one, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(one)
        self.layer1 = _layer(one, inner[0:2], one, 1)
        self.layer2 = _layer(one, inner[2:4], two, 2)
        self.layer3 = _layer(two, inner[4:6], three, 2)
        self.layer4 = _layer(three, inner[6:8], four, 2)
        self.fc = nn.Linear(four, widths.bottleneck)
        for module in self.modules():
            # On ``meta`` there is nothing to draw, and asking for it imports torch's compiler:
            # half a second and 170 MB.
            if isinstance(module, nn.Conv2d) and not module.weight.is_meta:
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        """Give the latent vectors.

        At 224 x 224 the average over the last 7 x 7 map is the original's ``AvgPool2d(7)``;
        the average over the whole map lets training use other sizes too.

        Parameters
        ----------
        images : Tensor, (B, 3, H, W) float32, 0..1
            Object on exactly black.

        Returns
        -------
        Tensor, (B, bottleneck)
        """
        x = self.stem(images)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

    def stem(self, images: Tensor) -> Tensor:
        """Everything before the first block."""
        return F.max_pool2d(F.relu_(self.bn1(self.conv1(images))), 3, 2, 1)

    @property
    def blocks(self) -> tuple[BasicBlock, ...]:
        """The eight blocks, two a layer."""
        return (*self.layer1, *self.layer2, *self.layer3, *self.layer4)

    def head(self, x: Tensor) -> Tensor:
        """Everything after the last block."""
        return self.fc(x.mean((2, 3)))


def _layer(inputs: int, inner: tuple[int, ...], outputs: int, stride: int) -> nn.Sequential:
    first = BasicBlock(inputs, inner[0], outputs, stride)
    return nn.Sequential(first, BasicBlock(outputs, inner[1], outputs, 1))


class Mapping(nn.Module):
    """One primitive's decoder: template points and a latent vector to surface points.

    Parameters
    ----------
    inputs : int
        Width of a template point, 3 on the sphere and 2 on the square.
    bottleneck : int
        Width of the first layer.
    hidden : tuple of int
        Widths of ``conv2`` and of each layer in ``conv_list``.
    activation : str
        One of `ACTIVATIONS`.
    """

    def __init__(
        self,
        inputs: int,
        bottleneck: int = 1024,
        hidden: tuple[int, ...] = (512, 512, 512),
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.activate = ACTIVATIONS[activation]
        self.conv1 = nn.Conv1d(inputs, bottleneck, 1)
        self.conv2 = nn.Conv1d(bottleneck, hidden[0], 1)
        pairs = itertools.pairwise(hidden)
        convs = nn.ModuleList(nn.Conv1d(a, b, 1) for a, b in pairs)
        self.conv_list = cast("Sequence[nn.Conv1d]", convs)  # a list of them knows modules only
        self.last_conv = nn.Conv1d(hidden[-1], 3, 1)
        self.bn1 = nn.BatchNorm1d(bottleneck)
        self.bn2 = nn.BatchNorm1d(hidden[0])
        norms = nn.ModuleList(nn.BatchNorm1d(width) for width in hidden[1:])
        self.bn_list = cast("Sequence[nn.BatchNorm1d]", norms)

    def template_features(self, points: Tensor) -> Tensor:
        """Apply ``conv1`` to template points: (n, inputs) to (n, bottleneck)."""
        return F.linear(points, self.conv1.weight[:, :, 0], self.conv1.bias)

    def decode_from(self, features: Tensor, latent: Tensor, dtype: torch.dtype) -> Tensor:
        """Deform the template: (n, C) features and (B, C) latents to (B, n, 3) points."""
        x = self.shifted(features, latent, dtype)
        for layer in range(len(self.hidden)):
            x = self.deeper(x, layer)
        return self.placed(x, len(latent))

    @property
    def hidden(self) -> tuple[tuple[nn.Conv1d, nn.BatchNorm1d], ...]:
        """The layers between ``conv1`` and ``last_conv``, each with its batch norm."""
        return ((self.conv2, self.bn2), *zip(self.conv_list, self.bn_list, strict=True))

    def shifted(self, features: Tensor, latent: Tensor, dtype: torch.dtype) -> Tensor:
        """Add the latents and apply ``bn1``: (n, C) and (B, C) to (B * n, C)."""
        x = features.to(dtype) + latent.to(dtype)[:, None, :]
        return self.activate(self.bn1(x.reshape(len(latent) * len(features), -1)))

    def deeper(self, x: Tensor, layer: int) -> Tensor:
        """Apply one of the `hidden` layers; `x` stays as it is."""
        return self.activate(_linear_norm(x, *self.hidden[layer]))

    def placed(self, x: Tensor, batch: int) -> Tensor:
        """Apply ``last_conv``: (B * n, width) to (B, n, 3) float32."""
        x = F.linear(x.float(), self.last_conv.weight[:, :, 0], self.last_conv.bias)
        return x.reshape(batch, -1, 3)


def _linear_norm(x: Tensor, conv: nn.Conv1d, norm: nn.BatchNorm1d) -> Tensor:
    """Kernel-1 convolution then batch norm, as one matrix product when not training."""
    weight, bias = conv.weight[:, :, 0], conv.bias
    assert bias is not None
    if norm.training:
        return norm(F.linear(x, weight.to(x.dtype), bias.to(x.dtype)))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = (bias - norm.running_mean) * scale + norm.bias
    return F.linear(x, (weight * scale[:, None]).to(x.dtype), bias.to(x.dtype))


class _Atlas(nn.Module):
    """Holder that gives the decoders their released names, ``decoder.decoder.<p>``."""

    def __init__(self, mappings: list[Mapping]) -> None:
        super().__init__()
        self.decoder = cast("Sequence[Mapping]", nn.ModuleList(mappings))


class AtlasNet(nn.Module):
    """Image to surface points.

    With one sphere primitive and the default widths it has 12,762,691 parameters.

    Parameters
    ----------
    primitives : int
        Number of deformed templates.
    template : {'SPHERE', 'SQUARE'}
        Template that each primitive deforms.
    bottleneck, hidden, layers : int
        Latent length, width and number of the decoders' hidden layers.
    widths : Widths, optional
        Channels layer by layer, instead of `bottleneck`, `hidden` and `layers`.
    activation : str
        Of the decoder, one of `ACTIVATIONS`; no tensor tells it.

    Attributes
    ----------
    decoder_dtype : torch.dtype
        Type the decoders compute in; ``torch.bfloat16`` is for training only.
    """

    def __init__(
        self,
        primitives: int = 1,
        template: Template = "SPHERE",
        bottleneck: int = 1024,
        hidden: int = 512,
        layers: int = 2,
        widths: Widths | None = None,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        if widths is None:
            widths = Widths(bottleneck, ((hidden,) * (1 + layers),) * primitives)
        self.primitives, self.template, self.widths = primitives, template, widths
        self.activation = activation
        self.bottleneck = widths.bottleneck
        self.hidden, self.layers = widths.hidden[0][0], len(widths.hidden[0]) - 1
        self.decoder_dtype = torch.float32
        self.encoder = ResNet18(widths)
        width = 3 if template == "SPHERE" else 2
        self.decoder = _Atlas(
            [Mapping(width, widths.bottleneck, own, activation) for own in widths.hidden]
        )

    @classmethod
    def like(cls, state: MappingOf[str, Tensor], activation: str = "relu") -> AtlasNet:
        """Make a network without values, as wide and deep as the tensors of a state dict.

        Its parameters are on the ``meta`` device until a state dict is loaded with ``assign``.

        Raises
        ------
        KeyError
            With the name of a tensor that is not there.
        """
        first = state["decoder.decoder.0.conv1.weight"]
        widths = Widths.of(state)
        template: Template = "SPHERE" if first.shape[1] == 3 else "SQUARE"
        with torch.device("meta"):
            return cls(len(widths.hidden), template, widths=widths, activation=activation)

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The decoders, one per primitive."""
        return tuple(self.decoder.decoder)

    def encode(self, images: Tensor) -> Tensor:
        """Give the latent vectors, (B, bottleneck), of (B, 3, H, W) images in 0..1."""
        return self.encoder(images)

    def template_features(self, points: Tensor) -> Tensor:
        """Apply each primitive's ``conv1`` to its template points.

        The latent vector only shifts ``conv1``'s output, so this serves every image.

        Parameters
        ----------
        points : Tensor, (n, D) for all primitives or (primitives, n, D)
            Template points; D is 3 on the sphere and 2 on the square.

        Returns
        -------
        Tensor, (primitives, n, bottleneck)
        """
        each = points if points.dim() == 3 else points.expand(self.primitives, *points.shape)
        return torch.stack(
            [m.template_features(p) for m, p in zip(self.mappings, each, strict=True)]
        )

    def decode_from(self, features: Tensor, latent: Tensor) -> Tensor:
        """Give surface points from cached template features.

        Parameters
        ----------
        features : Tensor, (primitives, n, bottleneck)
            Result of `template_features`.
        latent : Tensor, (B, bottleneck)
            Result of `encode`.

        Returns
        -------
        Tensor, (B, primitives * n, 3) float32, unit ball
            Primitive after primitive.
        """
        parts = [
            m.decode_from(f, latent, self.decoder_dtype)
            for m, f in zip(self.mappings, features, strict=True)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def forward(self, images: Tensor, points: Tensor) -> Tensor:
        """Give (B, primitives * n, 3) surface points from images and template points."""
        return self.decode_from(self.template_features(points), self.encode(images))
