"""From the worker to the GUI thread: in order, previews replaced, nothing after closing."""

import threading

from prune3d_gui.gui.state.bridge import Bridge
from prune3d_gui.studies.live.events import Done
from tests.gui.state.test_history import frame


def test_letters_arrive_in_order_on_the_gui_thread(qtbot):
    bridge, seen = Bridge(), []
    bridge.event.connect(lambda event: seen.append((event, threading.current_thread())))
    worker = threading.Thread(target=lambda: [bridge.post(number) for number in range(100)])
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: len(seen) == 100)
    assert [event for event, _ in seen] == list(range(100))
    assert {thread for _, thread in seen} == {threading.main_thread()}


def test_a_newer_frame_replaces_an_unread_preview(qtbot):
    bridge, seen = Bridge(), []
    bridge.event.connect(seen.append)
    previews = [frame(0.1 * n, quality="preview") for n in (1, 2, 3)]
    full = frame(0.4)
    for event in (*previews, full, "end"):
        bridge.post(event)
    qtbot.waitUntil(lambda: "end" in seen)
    assert seen == [full, "end"]


def test_previews_of_two_roles_and_references_pile_up_no_more(qtbot):
    bridge, seen = Bridge(), []
    bridge.event.connect(seen.append)
    for number in range(5):
        last = [
            Done("reference", number),
            frame(0.1 * number + 0.1, quality="preview", role="full"),
            frame(0.1 * number + 0.1, quality="preview"),
        ]
        for event in last:
            bridge.post(event)
    bridge.post("end")
    qtbot.waitUntil(lambda: "end" in seen)
    assert seen == [*last, "end"]


def test_full_frames_are_all_kept(qtbot):
    bridge, seen = Bridge(), []
    bridge.event.connect(seen.append)
    frames = [frame(0.1), frame(0.2), frame(0.3, quality="preview")]
    for event in (*frames, "end"):
        bridge.post(event)
    qtbot.waitUntil(lambda: "end" in seen)
    assert seen == [*frames, "end"]


def test_nothing_comes_after_closing(qtbot):
    bridge, seen = Bridge(), []
    bridge.event.connect(seen.append)
    bridge.post("one")
    bridge.close()
    bridge.post("two")
    qtbot.wait(20)
    assert seen == []
