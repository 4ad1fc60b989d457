"""What jobs make: rows choose every artifact that they name, and the newest pictures arrive."""

from types import SimpleNamespace

import numpy as np

from prune3d_gui.cli.console import ProgressLine
from prune3d_gui.core.jobs import Pictured
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.gui.study.controller import _made_case
from prune3d_gui.gui.study.mail import StudyMail
from prune3d_gui.studies.ask.answers import Moved

KNOBS = (
    Knob("order", "Order", "artifact", "", takes="order"),
    Knob("network", "Network", "artifact", "", takes="network"),
)
ONE, OTHER = "a" * 64, "b" * 64


def case(**row):
    return _made_case(SimpleNamespace(card=SimpleNamespace(knobs=KNOBS)), SimpleNamespace(row=row))


def test_a_network_and_its_order_are_chosen_together():
    assert dict(case(network=ONE, order=OTHER, dice=0.9).plan.values) == {
        "network": ONE,
        "order": OTHER,
    }


def test_a_row_that_names_a_file_or_nothing_chooses_none():
    assert case(network="/tmp/own.safetensors") is None
    assert case(dice=0.9) is None


def test_a_row_turns_the_knob_that_what_it_made_was_made_for():
    rate = Knob("rate", "Rate", "rate", 0.0)
    mask = Knob("mask", "Mask", "artifact", "", takes="mask", sets="rate")
    card = SimpleNamespace(knobs=(rate, mask))

    def case(**row):
        return _made_case(SimpleNamespace(card=card), SimpleNamespace(row=row))

    assert dict(case(mask=ONE, rate=20.9).plan.values) == {"mask": ONE, "rate": 20.9}
    assert dict(case(mask=ONE).plan.values) == {"mask": ONE}
    assert case(rate=20.9) is None


def test_of_pictures_on_their_way_only_the_newest_arrives(qtbot):
    mail, got = StudyMail(), []
    mail.arrived.connect(got.extend)
    pictured = [Pictured((), str(number)) for number in range(4)]
    mail.post(1, pictured[0])
    mail.post(1, Moved(1, 9))
    mail.post(2, pictured[1])
    mail.post(1, pictured[2])
    mail.post(1, Moved(2, 9))
    qtbot.waitUntil(lambda: bool(got))
    assert got == [(1, pictured[2]), (1, Moved(2, 9)), (2, pictured[1])]
    mail.post(1, pictured[3])
    qtbot.waitUntil(lambda: got[-1] == (1, pictured[3]))
    mail.close()


def test_the_command_line_passes_pictures_by(capsys):
    line = ProgressLine()
    line(Pictured((("now", np.zeros((2, 2, 3), np.uint8)),), "step 3"))
    assert capsys.readouterr().err == ""
