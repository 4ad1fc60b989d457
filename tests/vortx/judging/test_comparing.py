"""Networks compared on whole rooms: the scores are the model's, boxes are beside, it goes on."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.metrics.surfaces import ATLAS, METRICS, TRANSFORMERFUSION
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.jobs import COMPARING
from prune3d_gui.plugins.vortx.judging import comparing
from prune3d_gui.plugins.vortx.judging.means import ahead_of, mean_of
from prune3d_gui.plugins.vortx.judging.whole import Judge, box_mesh
from prune3d_gui.plugins.vortx.opening import open_model
from tests.vortx.small_room import NAMES, save_tiny, with_floors, write_floor

BOXES = ("box of the reference", "box that is looked at")
NETWORKS = ("tiny", "tiny, preset paper")


@pytest.fixture
def asked(tmp_path, monkeypatch):
    with_floors(monkeypatch, tmp_path / "rooms")
    weights = save_tiny(tmp_path / "tiny.safetensors")
    own = {option.name: option.default for option in COMPARING}
    return {**own, "weights": str(weights), "preset": "paper", "out": str(tmp_path / "out")}


def test_every_room_has_networks_and_boxes_by_both_protocols(asked):
    told = []
    rows = comparing.compare(asked, told.append, NEVER)
    rooms = [row for row in rows if "room" in row]
    assert [row["name"] for row in rooms[::8]] == list(NAMES)
    assert [(row["method"], row["part"]) for row in rooms[:8]] == [
        (method, part) for method in (*NETWORKS, *BOXES) for part in (ATLAS, TRANSFORMERFUSION)
    ]
    assert [p.row for p in told if isinstance(p, Progress) and p.row] == rooms
    done = [p.done / p.total for p in told if isinstance(p, Progress)]
    assert done == sorted(done)
    assert done[-1] == 1
    full, pruned = rooms[0], rooms[2]
    assert full["zeroed"] == 0 < pruned["zeroed"]
    assert full["parameters"] > pruned["parameters"]
    assert full["macs"] > pruned["macs"]
    assert all(row["seconds"] > 0 for row in rooms if row["method"] in NETWORKS)
    # What is scored is what the window scores.
    model = open_model(ModelRef("vortx", "", asked["weights"]))
    applied = model.apply(Plan())
    *_, stage = model.reconstruct(applied, NAMES[0], Query(), "full", NEVER)
    scores = model.score(applied, NAMES[0], Query(), stage, None)
    model.close()
    for part, row in zip(scores.parts, rooms[:2], strict=True):
        assert {name: row[name] for name in part.values} == dict(part.values)
    means = rows[len(rooms) :]
    assert len(means) == 8
    each = [row["fscore"] for row in rooms if row["method"] == "tiny" and row["part"] == ATLAS]
    assert means[0]["fscore"] == pytest.approx(np.mean(each))
    assert means[0]["fscore_low"] <= means[0]["fscore"] <= means[0]["fscore_high"]
    assert means[2]["ahead"] == pytest.approx(means[0]["fscore"] - means[2]["fscore"])


def test_it_goes_on_where_it_stopped_and_begins_anew_when_other_things_are_asked(
    asked, monkeypatch
):
    cancel, judged = CancelToken(), []
    asked["preset"] = "none"

    def stopping(told):
        if isinstance(told, Progress) and told.message.startswith(f"{NAMES[1]}: "):
            cancel.cancel()

    with pytest.raises(Cancelled):
        comparing.compare(asked, stopping, cancel)

    class Counted(Judge):
        def __init__(self, folder, cancel):
            judged.append(folder.name)
            super().__init__(folder, cancel)

    monkeypatch.setattr(comparing, "Judge", Counted)
    rows = comparing.compare(asked, lambda _: None, NEVER)
    assert judged == [NAMES[1]]
    assert len(rows) == 18
    assert comparing.compare(asked, lambda _: None, NEVER) == rows
    assert judged == [NAMES[1]]
    comparing.compare({**asked, "views": 2, "rooms": 1}, lambda _: None, NEVER)
    assert judged == [NAMES[1], NAMES[0]]


def test_rooms_are_taken_from_a_folder_of_test_rooms(asked, tmp_path):
    write_floor(tmp_path / "set" / "test" / "unseen")
    given = {**asked, "scenes": str(tmp_path / "set"), "preset": "none"}
    rows = comparing.compare(given, lambda _: None, NEVER)
    assert {row["name"] for row in rows} == {"unseen", "mean of 1"}
    with pytest.raises(BadInput, match=r"no test rooms.*--split test"):
        comparing.compare({**given, "scenes": str(tmp_path / "rooms")}, print, NEVER)
    with pytest.raises(BadInput, match=r"missing\.pt"):
        comparing.compare({**given, "others": "missing.pt"}, print, NEVER)


def test_without_networks_it_says_how_to_train_one(asked, monkeypatch):
    monkeypatch.setattr(shipped, "weights", lambda: None)
    with pytest.raises(BadInput, match="prune3d train vortx"):
        comparing.compare({**asked, "weights": ""}, print, NEVER)


def test_a_box_has_six_sides():
    box = box_mesh(np.array((0.0, 1.0, 2.0)), np.array((1.0, 3.0, 5.0)))
    ends = box.points[box.faces]
    normals = np.cross(ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 0]) / 2
    assert np.linalg.norm(normals, axis=1).sum() == pytest.approx(2 * (2 + 3 + 6))
    outward = ends.mean(1) - box.points.mean(0)
    assert ((normals * outward).sum(1) > 0).all()


def test_what_is_not_defined_is_left_out_and_counted():
    rows = [{"part": ATLAS, "fscore": 0.5, "prec": 0.5}, {"part": ATLAS, "fscore": 0.0}]
    mean = mean_of(rows, "rooms")
    assert mean["fscore"] == 0.25
    assert mean["prec"] == 0.5
    assert mean["undefined"] == 1 + 2 * (len(METRICS) - 2)
    assert ahead_of(rows, rows[::-1]) == {"ahead": 0.0, "ahead_low": -0.5, "ahead_high": 0.5}
