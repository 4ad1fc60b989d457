"""Opening a network: the bundled one, or a file of the user's."""

from __future__ import annotations

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.paths import check_file

from . import shipped
from .model import VortxModel
from .network.checkpoint import load_network
from .rooms import Rooms


def open_model(ref: ModelRef, cancel: CancelToken = NEVER) -> VortxModel:
    """Open the bundled network (empty path) or a file of the user's.

    Raises
    ------
    BadInput
        If the file cannot be read or is another network.
    """
    path = check_file(ref.path, "a network of VoRTX") if ref.path else shipped.weights()
    if path is None:
        raise BadInput(
            "No network of VoRTX comes with this installation; open a file of yours, or make rooms "
            "with 'prune3d data vortx' and train one on them with 'prune3d train vortx'."
        )
    network, info = load_network(path)
    cancel.check()
    device = chosen_device(ref.device, mps=False)
    return VortxModel(network, info, Rooms(info.picture, shipped.rooms()), device)
