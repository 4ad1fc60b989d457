import math

import pytest

from prune3d_gui.core.score.parts import Part, means_over
from prune3d_gui.core.score.scores import Metric, Scores, told, vanished

DICE = Metric("dice", "Dice", "higher", "Overlap.")
HD95 = Metric("hd95", "HD95", "lower", "Distance.", "mm")
VOLUME = Metric("ml", "Volume", "higher", "Volume of the result.", "ml", own=True)
METRICS = (DICE, HD95, VOLUME)
NAN = math.nan


def organ(name, dice, hd95, ml=1.0):
    return Part("class", name, {"dice": dice, "hd95": hd95, "ml": ml})


def test_means_leave_out_what_is_undefined():
    parts = [organ("liver", 0.9, 2.0), organ("kidney", NAN, NAN), organ("tumour", 0.5, NAN)]
    parts.append(Part("lesion", "1", {"dice": 0.0}))
    assert means_over(parts, "class") == {"dice": pytest.approx(0.7), "hd95": 2.0, "ml": 1.0}
    assert means_over(parts[1:2], "class") == {"ml": 1.0}
    assert means_over(parts, "view") == {}


def test_an_infinite_value_is_a_value():
    assert Part("view", "a", {"psnr": math.inf}).has("psnr")
    assert not Part("view", "a", {"psnr": NAN}).has("psnr")
    assert not Part("view", "a", {}).has("psnr")


@pytest.mark.parametrize(
    ("now", "lost"),
    [
        (organ("kidney", 0.4, 9.0), False),
        (organ("kidney", 0.0, NAN), True),
        (organ("kidney", NAN, NAN), True),
        (organ("kidney", 0.0, 80.0), True),  # an error says nothing of what is gone
        (organ("kidney", 0.1, NAN), False),
        (organ("kidney", 0.0, NAN, 40.0), True),  # nor does what is found elsewhere
        (None, True),
    ],
)
def test_what_the_full_model_has_may_vanish(now, lost):
    full = [organ("kidney", 0.9, 2.0), organ("liver", 0.9, 2.0)]
    pruned = [organ("liver", 0.3, 50.0), *([now] if now else [])]
    assert [part.name for part in vanished(METRICS, full, pruned)] == ["kidney"] * lost


def test_what_the_full_model_lacks_cannot_vanish():
    full = [organ("kidney", 0.0, NAN), organ("liver", NAN, NAN)]
    pruned = [organ("kidney", 0.0, NAN), organ("liver", NAN, NAN)]
    assert vanished(METRICS, full, pruned) == ()


def test_compared_with_the_full_result_what_is_0_is_lost():
    pruned = [organ("kidney", 0.0, NAN), organ("liver", 0.8, 2.0), organ("tumour", NAN, NAN)]
    assert [part.name for part in vanished(METRICS, None, pruned)] == ["kidney"]


def test_an_error_alone_tells_of_a_part_too():
    full = [Part("module", "cnn", {"hd95": 2.0})]
    assert vanished(METRICS, full, [Part("module", "cnn", {"hd95": 0.0})]) == ()
    assert vanished(METRICS, full, [Part("module", "cnn", {"hd95": NAN})]) == tuple(full)


def test_a_comparison_with_itself_tells_only_what_parts_have_of_their_own():
    parts = (organ("liver", 1.0, 0.0, 800.0), Part("lesion", "1", {"dice": 1.0}))
    scores = Scores({"dice": 1.0, "ml": 800.0}, against="full", parts=parts, over="class")
    own = told(METRICS, scores, 0)
    assert own.values == {"ml": 800.0}
    assert own.parts == (Part("class", "liver", {"ml": 800.0}),)
    assert told(METRICS, scores, 5) is scores


def test_a_metric_that_has_no_better_way_says_none():
    volume = Metric("volume", "Volume", "", "Volume in the result.")
    assert (volume.headed, volume.defined) == ("Volume", "Volume in the result.")
    error = Metric("error", "Error", "lower", "Mean distance.")
    assert (error.headed, error.defined) == ("Error ↓", "Mean distance; lower is better.")
