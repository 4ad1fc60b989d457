"""A session, what it reports to, and a system to open."""

import pytest

from prune3d_gui.studies.live.session import LiveSession
from tests.toy import Plugin, ToyModel

from .listening import Listener


@pytest.fixture
def heard():
    return Listener()


@pytest.fixture
def session(heard):
    made = LiveSession(heard)
    yield made
    assert made.close()


@pytest.fixture
def system():
    class Toy(Plugin):
        made = ToyModel

        def open(self, ref, cancel):
            super().open(ref, cancel)
            return self.made(self, ref.title)

    return Toy()
