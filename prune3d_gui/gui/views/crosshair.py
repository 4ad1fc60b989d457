"""The crosshair that all slices share: a place, and the axis that each view is cut across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.scene.scenes import Scene
from ...core.scene.views import View
from ...drawing.cameras import Vector
from ...geometry.slices import ALL, Plane, bounds, lattice, nearest, steps, windows_of


class Crosshair(QObject):
    """Where slices are; it starts in the middle of the first volume that comes."""

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.point: Vector = (0.0, 0.0, 0.0)
        self.axes: dict[str, int] = {}
        """Axis that a view is cut across, by its id."""
        self.windows: dict[str, tuple[float, float]] = {}
        """What the volume is offered to be seen with, by name."""
        self.window: tuple[float, float] | None = None
        """Values that are black and white in every slice."""
        self.mirrored = False
        """Whether slices are seen from their other side: from the feet, the front, the left."""
        self._placed = False
        self._wished: tuple[Vector, tuple[float, float] | None] | None = None

    def set_views(self, views: Iterable[View]) -> None:
        """Take the views there are; an axis chosen for one of them stays."""
        self.axes = {v.id: self.axes.get(v.id, v.axis) for v in views if v.kind == "slice"}

    def follow(self, scenes: Sequence[Scene]) -> None:
        """Go to the middle of the first volume of `scenes`, unless one was there before."""
        found = next(filter(None, map(lattice, scenes)), None)
        self.mirrored = any(scene.patient for scene in scenes)
        if found is not None and not self._placed:
            middle = np.add(*bounds(*found)) / 2
            near = (nearest(float(middle[axis]), steps(*found, axis)) for axis in range(3))
            offered = windows_of(scenes)
            self.point, self.window = self._wished or (tuple(near), self._seen_with(offered))
            self.windows = offered
            self._wished = None
        self._placed = found is not None

    def plane(self, view: str) -> Plane | None:
        """The plane that a view shows; None for one that is no slice."""
        known = view in self.axes
        return Plane(self.axes[view], self.point, self.mirrored) if known else None

    def point_at(self, view: str, place: Vector) -> None:
        """Go to a place in the plane of a view."""
        axis = self.axes[view]
        self.go(*(self.point[k] if k == axis else place[k] for k in range(3)))

    def go(self, x: float, y: float, z: float) -> None:
        """Have every slice go through a place."""
        self.point, self._wished = (float(x), float(y), float(z)), None
        self.moved.emit()

    def go_to(self, view: str, at: float) -> None:
        """Show the slice at a place along the axis of a view."""
        axis = self.axes[view]
        self.go(*(at if k == axis else self.point[k] for k in range(3)))

    def see_with(self, low: float, high: float) -> None:
        """Have other values black and white; nothing where they are not in order."""
        if low < high:
            self.window = float(low), float(high)
            self.moved.emit()

    def widen(self, wider: float, higher: float) -> None:
        """Change the window by shares of its width: how wide it is, and where its middle lies."""
        if self.window is None:
            return
        low, high = self.window
        middle = (low + high) / 2 + higher * (high - low)
        half = (high - low) / 2 * 2.0**wider
        self.see_with(middle - half, middle + half)

    def _seen_with(self, offered: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
        """The first window of another volume; one that the same windows are offered for stays."""
        named = {name: window for name, window in offered.items() if name != ALL}
        same = bool(named) and named == {n: w for n, w in self.windows.items() if n != ALL}
        if same and self.window not in (None, self.windows.get(ALL)):
            return self.window
        return next(iter(offered.values()), None)

    def turn(self, view: str, axis: int) -> None:
        """Cut a view across another axis."""
        self.axes[view] = axis
        self.moved.emit()

    def step(self, view: str, scene: Scene | None, count: int) -> None:
        """Go on by so many slices of a scene."""
        found = None if scene is None else lattice(scene)
        if found is not None:
            axis = self.axes[view]
            along = steps(*found, axis)
            self.go_to(view, nearest(self.point[axis] + count * along[1], along))

    def as_fields(self) -> dict[str, Any]:
        """Return where it is in plain values."""
        found = {"cut": self.point, "across": self.axes}
        return found | ({"window": self.window} if self.window else {})

    def take_fields(self, told: Mapping[str, Any]) -> list[str]:
        """Return to what `as_fields` gave; sentences on what cannot be."""
        try:
            x, y, z = map(float, told.get("cut", self.point))
            axes = {name: int(axis) for name, axis in dict(told.get("across", ())).items()}
            window = told.get("window", self.window)
            low, high = map(float, window) if window else (0.0, 1.0)
        except (TypeError, ValueError):
            return ["Where the slices were is damaged; they stay where they are."]
        self.axes |= {n: axis for n, axis in axes.items() if n in self.axes and 0 <= axis < 3}
        self.window = (low, high) if window and low < high else self.window
        self.go(x, y, z)
        self._wished = self.point, self.window  # for the volume that comes with the moment
        return []
