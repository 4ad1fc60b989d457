"""Rooms that several tests look at, made once."""

import pytest

from prune3d_gui.plugins.vortx.data.making import Wanted, make_room

SMALL = {"frames": 24, "side": 128, "samples": 1}


@pytest.fixture(scope="session")
def wanted():
    return Wanted("train", **SMALL)


@pytest.fixture(scope="session")
def made(wanted):
    return make_room(wanted, 3)
