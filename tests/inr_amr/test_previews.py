"""Previews in the window: the hollow marker is where the full result then is."""

from prune3d_gui.core.registry import discover
from tests.gui.previewing import follow_markers


def test_the_hollow_marker_is_where_the_full_result_comes(open_window, qtbot):
    window = open_window(discover().system("inr_amr"))
    assert follow_markers(window, qtbot, "tolerance", (0, 300, 500)) >= 2
