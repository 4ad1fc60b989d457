import pytest

from .room import record


@pytest.fixture(scope="session")
def taken():
    """A room, recorded once."""
    return record(30)
