"""What hears a session, and what it is asked."""

import queue

from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plan.plans import Plan, Query, Request
from prune3d_gui.studies.live.events import Exported
from tests.toy import TOLERANCE


class Listener:
    """Collects events and waits for them."""

    def __init__(self):
        self.events, self._queue = [], queue.Queue()
        self.on_frame = lambda frame: None

    def __call__(self, event):
        self.events.append(event)
        if isinstance(event, Frame):
            self.on_frame(event)
        self._queue.put(event)

    def wait(self, wanted):
        while True:
            event = self._queue.get(timeout=20)
            if wanted(event):
                return event

    def frame(self, generation, role="pruned", quality="full"):
        return self.wait(
            lambda e: (
                isinstance(e, Frame)
                and (e.generation, e.role, e.quality) == (generation, role, quality)
            )
        )


def at(tolerance, quality="full", sample="s0"):
    return Request(sample, Plan().with_value(TOLERANCE, tolerance), Query(), quality)


def shown(heard, generation):
    found = [e for e in heard.events if isinstance(e, Frame) and e.generation == generation]
    return [(frame.role, frame.quality) for frame in found]


def writing(path):
    """Work that writes the whole network."""

    def write(model, cancel):
        said = model.export(model.apply(Plan(), cancel), "npz", path, {}, cancel)
        return Exported(path, said or ())

    return write
