"""A report of a study: pictures of the 3D results, then charts and tables, in one page."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from ...core.cancel import CancelToken
from ...core.errors import Prune3DError
from ...core.model import Model
from ...core.scene.scenes import Scene
from ...core.score.scores import Metric
from ...reports.pictures import scenes_of, shot, spread
from ...reports.rows.costs import taken
from ...reports.rows.values import shown
from ...studies.ask.answers import RowFound
from ...studies.ask.losses import told_losses
from ...studies.live.events import Failed
from ..state.controller import Controller
from .record import Record, moment_of_study
from .words import place_of

SCENES = "study pictures"
PATIENCE_S = 20.0


@dataclass(frozen=True, eq=False)
class Wanted:
    """A report that is being made.

    Parameters
    ----------
    path : Path
    record : Record
    metric : Metric
    citation : str
    """

    path: Path
    record: Record
    metric: Metric
    citation: str


class StudyReport(QObject):
    """Makes one report at a time: scenes on the session's worker, the page on a thread.

    `written` carries the path, `failed` a sentence.
    """

    written = Signal(object)
    failed = Signal(str)
    _ended = Signal(object, str)

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._wanted: Wanted | None = None
        self._thread: threading.Thread | None = None
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a report is being made."""
        return self._wanted is not None

    def make(self, wanted: Wanted) -> None:
        """Make a report; its pictures are of a sample of the study, whose network must be open."""
        self._wanted = wanted
        controller, record = self._controller, wanted.record
        card, samples = controller.card, record.samples
        found = pictured(record)
        if not record.is_of(card) or not found or not samples:
            self._compose(())
            return
        self._colours = card.colours
        sample = controller.sample if controller.sample in samples else samples[0]
        known = controller.samples.get(sample)
        title = known.title if known is not None else sample
        if len(samples) > 1:
            title += f" (one of {len(samples)}, {record.words})"
        todo = [(one.case, _words(record, one)) for one in found]

        def draw(model: Model, cancel: CancelToken) -> tuple[list[tuple[str, Scene]], Scene]:
            return scenes_of(model, sample, title, wanted.metric, todo, cancel)

        controller.session.consult(SCENES, draw)

    def close(self) -> None:
        """Wait until the page under way is written."""
        self._wanted = None
        if self._thread is not None:
            self._thread.join(PATIENCE_S)

    # -- inside ------------------------------------------------------------------------

    def _on_done(self, tag: str, result: object) -> None:
        if tag == SCENES and self._wanted is not None:
            shots, first = result
            self._compose(
                tuple((caption, shot(scene, first, self._colours)) for caption, scene in shots)
            )

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == SCENES and self._wanted is not None:
            self._compose(())

    def _compose(self, pictures: Sequence[tuple[str, bytes]]) -> None:
        wanted = self._wanted
        self._thread = threading.Thread(
            target=self._write, args=(wanted, tuple(pictures)), name="prune3d-report", daemon=True
        )
        self._thread.start()

    def _write(self, wanted: Wanted, pictures: tuple[tuple[str, bytes], ...]) -> None:
        sentence = ""
        try:
            write(wanted, pictures)
        except Prune3DError as error:
            sentence = str(error)
        except Exception as error:
            traceback.print_exc()
            sentence = f"The report failed ({type(error).__name__}: {error})."
        self._ended.emit(wanted.path, sentence)

    def _on_ended(self, path: Path, sentence: str) -> None:
        self._wanted = None
        if sentence:
            self.failed.emit(sentence)
        else:
            self.written.emit(path)


def write(wanted: Wanted, pictures: tuple[tuple[str, bytes], ...]) -> None:
    """Draw the charts and write the page."""
    from ...reports.finding import Finding
    from ...reports.findings import compose
    from ...reports.report import write_report

    record = wanted.record
    series = getattr(record.question, "series", "")
    finding = Finding(
        record.kind, record.title, record.rows, record.column, series, record.words,
        len(record.cases),
        [row for found in record.found for row in found.parts],
    )  # fmt: skip
    lost = told_losses(record.card.metrics, record.found, record.column)
    moved = record.moved
    cached = f"{moved.cached:,} of {moved.done:,} evaluations." if moved.cached else ""
    report = compose(
        record.card,
        [finding],
        metric=wanted.metric.id,
        threshold=record.threshold(wanted.metric),
        pictures=pictures,
        citation=wanted.citation,
        cached=cached,
        notices=(*record.notes, *([lost] if lost else ())),
    )
    write_report(wanted.path, replace(report, moment=moment_of_study(record)))


def pictured(record: Record) -> tuple[RowFound, ...]:
    """A few rows with a plan, from the least pruned to the most."""
    known = [found for found in record.found if found.case is not None]
    known.sort(key=lambda one: taken(one.row))
    return spread(known)


def _words(record: Record, found: RowFound) -> str:
    return ", ".join(place_of(record, found)) or shown(found.row.get("plan")) or record.title
