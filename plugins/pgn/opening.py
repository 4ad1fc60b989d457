"""Opening a network, with the samples that come with the program."""

from __future__ import annotations

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.paths import check_file
from prune3d_gui.resources import RESOURCES, resource

from .bundled import WEIGHTS
from .data.gallery import Gallery
from .data.shipped import SAMPLES
from .data.strangeness import LATENTS
from .model import PgnModel
from .network.checkpoint import load_network


def open_model(ref: ModelRef, cancel: CancelToken = NEVER) -> PgnModel:
    """Open the bundled network (empty path) or a checkpoint of the user's.

    Raises
    ------
    BadInput
        If the file cannot be read or is another network.
    """
    path = check_file(ref.path, "a checkpoint") if ref.path else resource(WEIGHTS)
    if path is None:
        raise BadInput(
            "The bundled weights are not installed; open a checkpoint, or run `prune3d train pgn`."
        )
    net, info = load_network(path)
    cancel.check()
    samples = RESOURCES / SAMPLES
    gallery = Gallery.shipped(samples)
    cancel.check()
    return PgnModel(net, info, gallery, chosen_device(ref.device), samples / LATENTS)
