"""Writing studies to files; every method takes what it needs and asks nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from ...core.errors import BadInput, Prune3DError
from ...core.jobs import Row
from ...files.plans import write_plan
from ...files.tables import write_rows
from ...studies.ask.answers import RowFound
from ...studies.ask.moments import moment_of, plan_text
from ..dress.notices import Notices
from ..export.chart_files import write_chart
from ..export.exports import CURVE_FILES
from ..opening.opening import Opening
from ..state.controller import Controller
from .panel import StudiesPanel
from .record import Record, moment_of_study
from .report import StudyReport, Wanted


class StudiesExports(QObject):
    """Exports of the study that is chosen; a notice tells where the file is, or why not."""

    def __init__(
        self, controller: Controller, opening: Opening, panel: StudiesPanel, notices: Notices
    ) -> None:
        super().__init__(panel)
        self._panel, self._notices, self._opening = panel, notices, opening
        self.reports = StudyReport(controller)
        self.reports.written.connect(self._tell)
        self.reports.failed.connect(lambda sentence: notices.show("error", sentence))

    def export(self, path: str | Path) -> None:
        """Write all rows (``.csv``, ``.json``) or the chart that is shown (``.png``, ``.svg``)."""

        def act() -> None:
            record = self._record()
            suffix = Path(path).suffix.lower()
            if suffix not in CURVE_FILES:
                known = ", ".join(CURVE_FILES)
                raise BadInput(f"'{path}' has no ending that is known here; take one of {known}.")
            if suffix in (".csv", ".json"):
                write_rows(path, study_rows(record), moment_of_study(record))
            else:
                write_chart(path, self._panel.views, moment_of_study(record))
            self._tell(path)

        self._try(act)

    def report(self, path: str | Path) -> None:
        """Write one page with figures, tables, definitions and 3D pictures; takes a while."""
        from ...reports.report import check_report

        def act() -> None:
            check_report(path)
            record = self._record()
            if self.reports.busy:
                raise BadInput("A report is being written; wait until it is there.")
            registry = self._opening.registry
            citation = registry.system(record.card.ref.system).citation
            metric = self._panel.metric or record.metrics[0]
            self.reports.make(Wanted(Path(path), record, metric, citation))

        self._try(act)

    def export_plan(self, found: RowFound, path: str | Path) -> None:
        """Write the plan of a row as JSON, with the model it is for beside it."""

        def act() -> None:
            card, case = self._record().card, found.case
            made = moment_of(card.ref, card, plan=case.plan, query=case.query)
            write_plan(path, case.plan, {"plan": found.row.get("plan", "")}, made)
            self._tell(path)

        self._try(act)

    def close(self) -> None:
        """Wait until the report under way is written."""
        self.reports.close()

    def _record(self) -> Record:
        record = self._panel.record
        if record is None or not record.found:
            raise BadInput("There are no rows yet; start a study and wait for its first result.")
        return record

    def _tell(self, path: str | Path) -> None:
        self._notices.show("success", f"Written: {Path(path)}")

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Prune3DError as error:
            self._notices.show("error", str(error))


def facts_of(record: Record) -> dict[str, str]:
    """What a file says about the study it is of."""
    card = record.card
    facts = {
        "study": record.title,
        "system": card.ref.system,
        "model": card.title,
        "weights_hash": card.weights_hash,
        "samples_named": record.words,
    }
    for metric in record.metrics:
        facts[f"{metric.id}_definition"] = metric.definition
        threshold = record.threshold(metric)
        if threshold is not None:
            facts[f"{metric.id}_threshold"] = repr(threshold)
    return facts


def study_rows(record: Record) -> list[Row]:
    """Rows of a study, each with its plan and with what the study is of."""
    facts = facts_of(record)
    return [row | _plan(found) | facts for found in record.found for row in found.rows]


def _plan(found: RowFound) -> Row:
    """The plan of a row, under a name that is free: in a search, ``plan`` is its words."""
    if found.case is None:
        return {}
    return {"plan_json" if "plan" in found.row else "plan": plan_text(found.case.plan)}
