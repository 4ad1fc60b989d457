"""AtlasNet for single-view reconstruction: a ResNet-18 encoder and a point decoder.

Names and shapes are those of the released AtlasNet v3 files (Groueix et al., *A Papier-Mache
Approach to Learning 3D Surface Generation*, CVPR 2018; master branch), so that their state
dicts load unchanged. The decoder is computed as ``points x channels`` matrix products, which
is the same sum as a kernel-1 ``Conv1d`` and about twice as fast on a CPU.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Template = Literal["SPHERE", "SQUARE"]

IMAGE_SIZE = 224


class _BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al., CVPR 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
            if stride != 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu_(self.bn1(self.conv1(x)))
        return F.relu_(self.bn2(self.conv2(x)).add_(shortcut))


class ResNet18(nn.Module):
    """The image encoder: ResNet-18 whose last layer gives the latent vector.

    Parameters
    ----------
    bottleneck : int
        Length of the latent vector, 1,024 in the released networks.
    """

    def __init__(self, bottleneck: int = 1024) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(_BasicBlock(64, 64, 1), _BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(_BasicBlock(64, 128, 2), _BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(_BasicBlock(128, 256, 2), _BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(_BasicBlock(256, 512, 2), _BasicBlock(512, 512, 1))
        self.fc = nn.Linear(512, bottleneck)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
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
        x = F.max_pool2d(F.relu_(self.bn1(self.conv1(images))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Mapping(nn.Module):
    """One primitive's decoder: template points and a latent vector to surface points.

    Parameters
    ----------
    inputs : int
        Width of a template point, 3 on the sphere and 2 on the square.
    bottleneck, hidden : int
        Widths of the first layer and of the others.
    layers : int
        Number of hidden layers in ``conv_list``.
    """

    def __init__(
        self, inputs: int, bottleneck: int = 1024, hidden: int = 512, layers: int = 2
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, bottleneck, 1)
        self.conv2 = nn.Conv1d(bottleneck, hidden, 1)
        self.conv_list = nn.ModuleList(nn.Conv1d(hidden, hidden, 1) for _ in range(layers))
        self.last_conv = nn.Conv1d(hidden, 3, 1)
        self.bn1 = nn.BatchNorm1d(bottleneck)
        self.bn2 = nn.BatchNorm1d(hidden)
        self.bn_list = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(layers))

    def template_features(self, points: Tensor) -> Tensor:
        """Apply ``conv1`` to template points: (n, inputs) to (n, bottleneck)."""
        return F.linear(points, self.conv1.weight[:, :, 0], self.conv1.bias)

    def decode_from(self, features: Tensor, latent: Tensor, dtype: torch.dtype) -> Tensor:
        """Deform the template: (n, C) features and (B, C) latents to (B, n, 3) points."""
        batch, count = len(latent), len(features)
        x = features.to(dtype) + latent.to(dtype)[:, None, :]
        x = F.relu_(self.bn1(x.reshape(batch * count, -1)))
        hidden = (self.conv2, *self.conv_list)
        for conv, norm in zip(hidden, (self.bn2, *self.bn_list), strict=True):
            x = F.relu_(_linear_norm(x, conv, norm))
        x = F.linear(x.float(), self.last_conv.weight[:, :, 0], self.last_conv.bias)
        return x.reshape(batch, count, 3)


def _linear_norm(x: Tensor, conv: nn.Conv1d, norm: nn.BatchNorm1d) -> Tensor:
    """Kernel-1 convolution then batch norm, as one matrix product when not training."""
    weight, bias = conv.weight[:, :, 0], conv.bias
    if norm.training:
        return norm(F.linear(x, weight.to(x.dtype), bias.to(x.dtype)))
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = (bias - norm.running_mean) * scale + norm.bias
    return F.linear(x, (weight * scale[:, None]).to(x.dtype), bias.to(x.dtype))


class _Atlas(nn.Module):
    """Holder that gives the decoders their released names, ``decoder.decoder.<p>``."""

    def __init__(self, mappings: list[Mapping]) -> None:
        super().__init__()
        self.decoder = nn.ModuleList(mappings)


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
    ) -> None:
        super().__init__()
        self.primitives, self.template = primitives, template
        self.bottleneck, self.hidden, self.layers = bottleneck, hidden, layers
        self.decoder_dtype = torch.float32
        self.encoder = ResNet18(bottleneck)
        width = 3 if template == "SPHERE" else 2
        self.decoder = _Atlas(
            [Mapping(width, bottleneck, hidden, layers) for _ in range(primitives)]
        )

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
