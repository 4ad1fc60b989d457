"""What several views see of a voxel, made into one: a transformer over views, or their mean.

Stier et al., "VoRTX: volumetric 3D reconstruction with transformers for voxelwise view selection
and fusion" (2021). The tokens of a voxel are the views that see it; only these are looked at.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad, scaled_dot_product_attention

from .tokens import Tokens

NEAR, SPREAD = 1.85, 0.85
"""Metres that are taken off depths, and that they are divided by."""


class Attention(nn.Module):
    """Attention among the views of a voxel; its weights are those of `nn.MultiheadAttention`.

    Parameters
    ----------
    width, heads : int
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor, tokens: Tokens) -> Tensor:
        """(T, C) to (T, C)."""
        width, heads = x.shape[1], self.heads
        asked = linear(x, self.in_proj_weight, self.in_proj_bias)
        parts = [x[:0]]
        for own in tokens.groups(asked):
            voxels, views = own.shape[:2]
            if views == 1:  # it attends to itself alone
                parts.append(own[:, 0, 2 * width :])
                continue
            query, key, value = (
                own.view(voxels, views, 3, heads, width // heads).permute(2, 0, 3, 1, 4).unbind()
            )
            seen = scaled_dot_product_attention(query, key, value)
            parts.append(seen.transpose(1, 2).reshape(-1, width))
        mixed: Tensor = self.out_proj(parts[1] if len(parts) == 2 else torch.cat(parts))
        return mixed


class FeedForward(nn.Module):
    """Two layers on each token.

    Parameters
    ----------
    width, hidden : int
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        for layer in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(T, C) to (T, C)."""
        made: Tensor = self.fc2(self.fc1(x).relu_())
        return made


class EncoderLayer(nn.Module):
    """Attention and feed-forward, each added to what came in.

    Parameters
    ----------
    width, heads, hidden : int
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = Attention(width, heads), FeedForward(width, hidden)

    def forward(self, x: Tensor, tokens: Tokens) -> Tensor:
        """(T, C) to (T, C)."""
        x = x + self.attn(self.norm1(x), tokens)
        made: Tensor = x + self.mlp(self.norm2(x))
        return made


class Transformer(nn.Module):
    """Encoder layers.

    Parameters
    ----------
    width, heads : int
    hidden : tuple of int
        Width of the feed-forward of each layer.
    """

    def __init__(self, width: int, heads: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder_layers = nn.ModuleList(EncoderLayer(width, heads, own) for own in hidden)

    def forward(self, x: Tensor, tokens: Tokens) -> Tensor:
        """(T, C) to (T, C)."""
        for layer in self.encoder_layers:
            x = layer(x, tokens)
        return x


class TransformerFusion(nn.Module):
    """Views fused by a transformer; each also says how likely it sees a surface there.

    Parameters
    ----------
    width, heads : int
    hidden : tuple of int
        Width of the feed-forward of each layer.
    """

    def __init__(self, width: int, heads: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.transformer = Transformer(width, heads, hidden)
        self.depth_mlp = nn.Linear(width + 1, width)
        self.proj_tsdf_mlp = nn.Linear(width, 1)
        nn.init.kaiming_normal_(self.depth_mlp.weight)
        # Views say little before they have learned; the release draws these as the others.
        nn.init.normal_(self.proj_tsdf_mlp.weight, std=0.01)
        for layer in (self.depth_mlp, self.proj_tsdf_mlp):
            nn.init.zeros_(layer.bias)

    def forward(
        self, features: Tensor, depths: Tensor, tokens: Tokens, weighted: bool
    ) -> tuple[Tensor, Tensor]:
        """Fuse.

        Parameters
        ----------
        features : (T, C)
        depths : (T,)
            Metres along the camera's axis.
        tokens : Tokens
        weighted : bool
            Whether views weigh as likely as they see a surface (the second phase), or alike.

        Returns
        -------
        fused : (N, C)
            Zeros where no view sees a voxel.
        logits : (T,)
            That the surface is within three voxels of the voxel, along the view.
        """
        depth = ((depths - NEAR) / SPREAD).to(features.dtype)
        x = self.transformer(self.depth_mlp(torch.cat((features, depth[:, None]), 1)), tokens)
        logits = self.proj_tsdf_mlp(x)[:, 0]
        if weighted:
            # One more view, which says neither yes nor no, and has seen nothing.
            weights = (pad(own, (0, 1)).softmax(1) for own in tokens.groups(logits))
            parts = [
                (own * weight[:, :-1, None]).sum(1)
                for own, weight in zip(tokens.groups(x), weights, strict=True)
            ]
        else:
            parts = [own.mean(1) for own in tokens.groups(x)]
        return tokens.of_voxels(parts, x.new_zeros(x.shape[1])), logits


class MeanFusion(nn.Module):
    """The mean over views; without weights."""

    def forward(
        self, features: Tensor, depths: Tensor, tokens: Tokens, weighted: bool
    ) -> tuple[Tensor, None]:
        """Fuse; see `TransformerFusion`, but it says nothing of surfaces."""
        parts = [own.mean(1) for own in tokens.groups(features)]
        return tokens.of_voxels(parts, features.new_zeros(features.shape[1])), None
