"""The network: a U shape whose skips are added, with a module of branches at each level."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn.functional import interpolate

from .branches import ParallelModule, active, normed
from .sizes import Kernel, Size

FINE = 8
"""Channels at full resolution, of a network that works at half."""
Unit = tuple[str, int]
"""A branch: name of its module, and its place there."""


class Residual(nn.Module):
    """A plain convolution with a bypass: what the finest level has in place of branches."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm = normed(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map features to features of the same shape."""
        return active(x + self.norm(self.conv(x)))


class Down(nn.Module):
    """To the next level: a strided convolution and a plain one, with a strided bypass."""

    def __init__(self, channels: int, to: int) -> None:
        super().__init__()
        self.stride = nn.Conv3d(channels, to, 3, stride=2, padding=1)
        self.stride_norm = normed(to)
        self.conv = nn.Conv3d(to, to, 3, padding=1)
        self.conv_norm = normed(to)
        self.bypass = nn.Conv3d(channels, to, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, X, Y, Z) to (B, to, X / 2, Y / 2, Z / 2)."""
        found = active(self.stride_norm(self.stride(x)))
        return active(self.conv_norm(self.conv(found)) + self.bypass(x))


class Up(nn.Module):
    """Back from a level: nearest neighbours, twice as fine, then 1 x 1 x 1."""

    def __init__(self, channels: int, to: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels, to, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, X, Y, Z) to (B, to, 2 X, 2 Y, 2 Z); the convolution is done before."""
        return interpolate(self.conv(x), scale_factor=2.0, mode="nearest")


class Fine(nn.Module):
    """What a network at half resolution adds at full: one convolution of the image, mixed in."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.image = nn.Conv3d(1, FINE, 3, padding=1)
        self.norm = normed(FINE)
        self.up = Up(channels, FINE)
        self.mix = nn.Conv3d(FINE, FINE, 3, padding=1)
        self.mix_norm = normed(FINE)
        self.head = nn.Conv3d(FINE, classes, 1)

    def seen(self, image: Tensor) -> Tensor:
        """What it takes from the image alone, (B, FINE, X, Y, Z)."""
        found: Tensor = self.norm(self.image(image))
        return found

    def forward(self, seen: Tensor, features: Tensor) -> Tensor:
        """Map what was `seen` and features of half its resolution to logits (B, K, X, Y, Z)."""
        found = active(seen + self.up(features))
        return self.head(active(found + self.mix_norm(self.mix(found))))


class Network(nn.Module):
    """PSP-Seg: logits of classes for each voxel of a volume.

    Parameters
    ----------
    size : Size
    classes : int
        The background included.
    kept : mapping of module to places, optional
        Which branches there are; all of them where it is not given.

    References
    ----------
    Li, Ye, Chen, Xia: "Unified Start, Personalized End: Progressive Pruning for Efficient 3D
    Medical Image Segmentation", arXiv 2509.09267, 2025.
    """

    def __init__(
        self, size: Size, classes: int, kept: Mapping[str, tuple[int, ...]] | None = None
    ) -> None:
        super().__init__()
        self.size, self.classes = size, classes
        widths, last = size.channels, len(size.channels) - 1

        def module(name: str, level: int) -> ParallelModule:
            wanted = range(len(size.kernels)) if kept is None else kept.get(name, ())
            kernels: list[Kernel | None] = [
                kernel if place in wanted else None for place, kernel in enumerate(size.kernels)
            ]
            inner = max(round(size.expansion * widths[level]), 1)
            return ParallelModule(widths[level], inner, kernels)

        named = {name: module(name, level) for name, level in size.modules}
        self.stem = (
            nn.Conv3d(1, widths[0], 3, stride=2, padding=1)
            if size.half
            else nn.Conv3d(1, widths[0], 1)
        )
        self.encoder = nn.ModuleList(
            [Residual(widths[0]), *(named[f"encoder.{level}"] for level in range(1, last))]
        )
        self.down = nn.ModuleList(Down(widths[i], widths[i + 1]) for i in range(last))
        self.bottleneck = named["bottleneck"]
        self.up = nn.ModuleList(Up(widths[i + 1], widths[i]) for i in range(last))
        finest = named["decoder.0"] if size.half else Residual(widths[0])
        self.decoder = nn.ModuleList(
            [finest, *(named[f"decoder.{level}"] for level in range(1, last))]
        )
        self.fine = Fine(widths[0], classes) if size.half else None
        self.heads = nn.ModuleList(nn.Conv3d(widths[i], classes, 1) for i in range(last))
        for layer in self.modules():
            if isinstance(layer, nn.Conv3d):
                nn.init.kaiming_normal_(layer.weight, 0.01, nonlinearity="leaky_relu")
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)
        finest = () if self.fine is None else (self.fine.head,)
        for layer in (*self.heads, *finest):  # all classes alike at first
            nn.init.normal_(layer.weight, std=0.02)

    # -- branches ----------------------------------------------------------------------

    def module(self, name: str) -> ParallelModule:
        """The module of branches of that name, as `Size.modules` has it."""
        found = self.get_submodule(name)
        assert isinstance(found, ParallelModule)
        return found

    @property
    def units(self) -> tuple[Unit, ...]:
        """Every branch that is there, by module and place, in the order they are run."""
        return tuple(
            (name, place) for name, _ in self.size.modules for place in self.module(name).places
        )

    def mask(self, units: frozenset[Unit]) -> None:
        """Skip these branches and no others: at once, exactly, and as fast as if removed."""
        for name, _ in self.size.modules:
            self.module(name).mask(place for other, place in units if other == name)

    # -- running -----------------------------------------------------------------------

    def steps(self) -> tuple[tuple[str, Callable[[dict[str, Tensor]], Tensor]], ...]:
        """The forward pass in its steps: a name, and what gives it from the steps before.

        The input is called ``image``; the last step gives the logits. Who keeps the results of
        steps can begin again at the first that has changed.
        """
        last = len(self.size.channels) - 1
        found: list[tuple[str, Callable[[dict[str, Tensor]], Tensor]]] = [
            ("stem", lambda have: self.stem(have["image"])),
            ("encoder.0", lambda have: self.encoder[0](have["stem"])),
        ]
        fine = self.fine
        if fine is not None:  # first, since no branch changes it
            found.insert(0, ("fine", lambda have: fine.seen(have["image"])))
        before = "encoder.0"

        def step(name: str, of: nn.Module, *inputs: str) -> None:
            def run(have: dict[str, Tensor]) -> Tensor:
                x = have[inputs[0]]
                for other in inputs[1:]:
                    x = x + have[other]
                result: Tensor = of(x)
                return result

            found.append((name, run))

        for level in range(1, last + 1):
            step(f"down.{level}", self.down[level - 1], before)
            before = "bottleneck" if level == last else f"encoder.{level}"
            step(before, self.get_submodule(before), f"down.{level}")
        for level in range(last - 1, -1, -1):
            step(f"up.{level}", self.up[level], before)
            before = f"decoder.{level}"
            step(before, self.decoder[level], f"up.{level}", f"encoder.{level}")
        if fine is not None:
            found.append(("logits", lambda have: fine(have["fine"], have[before])))
        else:
            found.append(("logits", lambda have: self.heads[0](have[before])))
        return tuple(found)

    def features(self, image: Tensor) -> dict[str, Tensor]:
        """Return what every step gives for an image (B, 1, X, Y, Z), by its name."""
        have = {"image": image}
        for name, run in self.steps():
            have[name] = run(have)
        return have

    def encoded(self, image: Tensor) -> dict[str, Tensor]:
        """Return what the steps down to the bottleneck give, by their names."""
        have = {"image": image}
        for name, run in self.steps():
            if name == "fine":
                continue
            have[name] = run(have)
            if name == "bottleneck":
                break
        return have

    def entering(self, name: str, have: Mapping[str, Tensor]) -> Tensor:
        """What goes into a module of branches: from below, and in the decoder from the side, too.

        Parameters
        ----------
        name : str
            As in `Size.modules`.
        have : mapping
            What the steps before it gave.
        """
        kind, _, level = name.partition(".")
        if kind == "decoder":
            return have[f"up.{level}"] + have[f"encoder.{level}"]
        return have[f"down.{level or len(self.size.channels) - 1}"]

    def forward(self, image: Tensor) -> Tensor:
        """Map an image (B, 1, X, Y, Z) to logits (B, K, X, Y, Z).

        Sides of the image are multiples of `Size.multiple`.
        """
        return self.features(image)["logits"]

    def supervised(self, have: Mapping[str, Tensor]) -> list[Tensor]:
        """Logits of all scales for deep supervision, the finest first.

        Parameters
        ----------
        have : mapping
            What `features` gave.
        """
        first = [] if self.fine is None else [have["logits"]]
        return first + [head(have[f"decoder.{i}"]) for i, head in enumerate(self.heads)]

    def parameters_of(self, unit: Unit) -> int:
        """Parameters of a branch, its scalar included."""
        branch = self.module(unit[0]).branch(unit[1])
        return 1 + sum(p.numel() for p in branch.parameters())

    def kept_all(self) -> dict[str, tuple[int, ...]]:
        """Places of the branches that are there, by module."""
        return {name: self.module(name).places for name, _ in self.size.modules}

    def kept(self) -> dict[str, tuple[int, ...]]:
        """Places of the branches that are run, by module."""
        return {name: self.module(name).alive for name, _ in self.size.modules}
