"""The job that makes rooms: told, stopped, and gone on with."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.vortx.data.jobs import JOB
from prune3d_gui.plugins.vortx.data.scene_files import read_scene, scenes_in


def options(out, **more):
    chosen = {one.name: one.default for one in JOB.options}
    small = {"out": str(out), "rooms": 2, "frames": 3, "side": 48, "samples": 1, "split": "test"}
    return {**chosen, **small, **more}


def test_rooms_are_made_stopped_and_gone_on_with(tmp_path):
    cancel, told = CancelToken(), []

    def report(progress):
        told.append(progress)
        if progress.message == "1 of 2 rooms, 1 of 3 frames":
            cancel.cancel()

    with pytest.raises(Cancelled):
        JOB.run(options(tmp_path), report, cancel)
    assert [one.name for one in (tmp_path / "test").iterdir()] == ["test_0000"]
    first = (tmp_path / "test" / "test_0000" / "info.json").stat().st_mtime_ns
    (row,) = JOB.run(options(tmp_path), told.append, CancelToken())
    assert (row["rooms"], row["new"]) == (2, 1)
    assert (tmp_path / "test" / "test_0000" / "info.json").stat().st_mtime_ns == first
    assert told[-1].done == told[-1].total == 6
    assert any(one.message == "1 of 2 rooms, 2 of 3 frames" for one in told)
    rooms = [read_scene(folder) for folder in scenes_in(tmp_path, "test")]
    assert [room.name for room in rooms] == ["test_0000", "test_0001"]
    pianos = [any(one["name"] == "piano" for one in room.told["furniture"]) for room in rooms]
    assert pianos == [True, True]
    assert not np.allclose(rooms[0].poses, rooms[1].poses)
    with pytest.raises(BadInput, match="holds a room that was made with other settings"):
        JOB.run(options(tmp_path, side=64), told.append, CancelToken())
