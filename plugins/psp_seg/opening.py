"""Opening a segmenter: a bundled network, or a file of the user's."""

from __future__ import annotations

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.paths import check_file
from prune3d_gui.resources import resource

from .model import SegmentModel
from .network.checkpoint import load_network
from .shipped import NETWORKS, known_scores, thumbnails


def open_model(ref: ModelRef, cancel: CancelToken = NEVER) -> SegmentModel:
    """Open a bundled network (the first for an empty path) or a file of the user's.

    Raises
    ------
    BadInput
        If the file cannot be read or is another network.
    """
    if ref.path not in NETWORKS:
        network, info = load_network(check_file(ref.path, "a network of PSP-Seg"))
    else:
        title, file = NETWORKS[ref.path]
        found = resource(file)
        if found is None:
            raise BadInput(
                f"The bundled network '{title}' is not installed; open a file of yours, or "
                "run 'prune3d train psp_seg'."
            )
        network, info = load_network(found)
    cancel.check()
    device = chosen_device(ref.device, mps=False)
    return SegmentModel(network, info, device, thumbnails, known_scores(info.hash))
