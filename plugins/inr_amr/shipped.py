"""The fields that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prune3d_gui.core.model import ModelRef
from prune3d_gui.resources import resource

SYSTEM = "inr_amr"
"""Id of the system that these are fields of."""
BUNDLED = "shipped:"
"""What the path of a bundled field begins with; its name follows."""
SHIPPED = (
    ("chest_relu", "Chest, 3D, ReLU", "weights/inr_amr_chest_relu.safetensors"),
    ("chest", "Chest, 3D, SIREN", "weights/inr_amr_chest.safetensors"),
    ("breathing", "Breathing chest, 3D and time", "weights/inr_amr_breathing.safetensors"),
    ("oscillation", "Oscillation, 2D", "weights/inr_amr_oscillation.safetensors"),
)
"""Name, title, and file under the resources, in the order shown."""


@dataclass(frozen=True)
class ShippedField:
    """A field that is installed: its name, its title, and its file."""

    name: str
    title: str
    path: Path

    @property
    def ref(self) -> ModelRef:
        """What opens it."""
        return ModelRef(SYSTEM, self.title, BUNDLED + self.name)


def installed() -> tuple[ShippedField, ...]:
    """Find the shipped fields whose file is there."""
    found = ((name, title, resource(file)) for name, title, file in SHIPPED)
    return tuple(ShippedField(name, title, path) for name, title, path in found if path)
