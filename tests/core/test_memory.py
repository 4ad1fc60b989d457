"""Memory that was freed goes back to the system."""

import sys

import numpy as np
import psutil
import pytest

from prune3d_gui.core.memory import give_back


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told to")
def test_what_was_freed_in_pieces_is_given_back():
    process = psutil.Process()
    pieces = [np.ones(12_000, np.uint8) for _ in range(8_000)]  # 96 MB below what is mapped alone
    last = pieces[-1]
    held = process.memory_info().rss
    del pieces
    give_back()
    assert held - process.memory_info().rss > 60e6
    assert last.all()
