"""What several rooms of tests of VoRTX look at."""

from tests.vortx.data.conftest import made, wanted

__all__ = ["made", "wanted"]
