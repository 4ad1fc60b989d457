"""The field that says where a study is worked out."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from ....studies.run.places import WorkersSpec
from ...dress.choice_box import ChoiceBox
from ...dress.number_box import whole_box
from .fields import Field, read_box

HERE, CLUSTER, GPUS = "here", "cluster", "gpus"


class PlaceField(Field):
    """Processes of this machine, or the address of a cluster."""

    edited = Signal()

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        box, count_box, address_line = ChoiceBox(), whole_box(1, cores), QLineEdit()
        super().__init__("Workers", box, count_box, address_line)
        self.box, self.count_box, self.address_line = box, count_box, address_line
        for title, where in (
            ("This machine", HERE), ("A cluster", CLUSTER), ("GPUs of a cluster", GPUS),
        ):  # fmt: skip
            self.box.addItem(title, where)
        self.count_box.setValue(max(cores // 2, 1))
        self.count_box.setSuffix(" at a time")
        self.address_line.setPlaceholderText("tcp://host:8786")
        self.box.currentIndexChanged.connect(self.turn)
        self.address_line.textEdited.connect(self.edited)
        self.count_box.valueChanged.connect(self.edited)
        self.count_box.refused.connect(self.tell)

    def turn(self, *_: object) -> None:
        """Show what the place chosen needs."""
        away = self.box.currentData() != HERE
        self.address_line.setVisible(away)
        self.count_box.setVisible(not away)
        self.edited.emit()

    def read(self) -> WorkersSpec:
        """The workers asked for.

        Raises
        ------
        BadInput
            If the address is none, or a number was typed that was refused.
        """
        where = self.box.currentData()
        if where == HERE:
            return WorkersSpec(count=read_box(self.count_box))
        from ....studies.run.cluster import checked

        return WorkersSpec(checked(self.address_line.text()), gpus=where == GPUS)
