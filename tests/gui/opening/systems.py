"""Two small systems that take files by their first letters."""

from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.system import Taken
from tests.conftest import settled
from tests.toy import Plugin, ToyModel


class Drawings(Plugin):
    """Takes what begins with DRAW as a sample; not sure of pictures."""

    id, title = "drawings", "Drawings"
    sample_files, model_files = ("*.draw",), ()

    def bundled(self):
        return (ModelRef(self.id, "A hand that draws"),)

    def recognise(self, path):
        if path.is_dir():
            return Taken("scene", "A folder of drawings.") if (path / "index").is_file() else None
        head = path.read_bytes()[:4]
        if head == b"DRAW":
            return Taken("sample", "A drawing.")
        return (
            Taken("sample", "A picture that could be traced.", False) if head == b"PICT" else None
        )

    def open(self, ref, cancel=None):
        return DrawingModel(self, ref.title)


class DrawingModel(ToyModel):
    """Calls its samples by the names of their files."""

    def open_sample(self, path, cancel=None):
        if path.read_bytes().endswith(b"damaged"):
            raise BadInput(f"'{path}' is damaged.")
        return Sample("s1", path.name, "Yours")


class Nets(Plugin):
    """Takes what begins with NET or PICT: a network, and a picture that it is sure of."""

    id, title = "nets", "Nets"
    broken = False

    def bundled(self):
        return (ModelRef(self.id, "A bundled net"),)

    def recognise(self, path):
        if self.broken:
            raise ZeroDivisionError("division by zero")
        head = b"" if path.is_dir() else path.read_bytes()
        if head.startswith(b"NET"):
            return Taken("network", "A net.")
        return Taken("sample", "A picture.") if head.startswith(b"PICT") else None

    def open(self, ref, cancel=None):
        if ref.file and Path(ref.file).read_bytes().endswith(b"damaged"):
            raise BadInput(f"'{ref.file}' holds no net that can be read.")
        return DrawingModel(self, ref.title)


def file(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def shows(window, system, title):
    card = window.controller.card
    here = card is not None and card.ref.system == system and settled(window)
    return here and window.parts.gallery.title.text() == title
