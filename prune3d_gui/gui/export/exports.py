"""Writing results to files; every method takes what it needs and asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject

from ...core.cancel import CancelToken
from ...core.errors import BadInput, Prune3DError
from ...core.model import Model
from ...core.moment import Moment, paired
from ...core.scene.scenes import Grid, Scene
from ...files.grids import GRID_SUFFIXES
from ...files.paths import check_target
from ...geometry.scenes import has_surface
from ...studies.ask.curve import curve_rows
from ...studies.ask.moments import exported, reconstructed
from ...studies.live.events import Exported, Failed
from ..charts.metric_plots import MetricPlots
from ..dress.notices import Notices
from ..state.controller import Controller
from ..views.viewport import Viewport
from .frozen import Frozen, frozen, of_frame
from .pending import PendingChip

MESH_FILES = (".ply", ".obj", ".stl", ".glb")
POINT_FILES = (".ply", ".xyz", ".npz")
CURVE_FILES = (".csv", ".json", ".png", ".svg")
TAG = "export"
Write = Callable[[Frozen, Scene, Moment], None]


class Exports(QObject):
    """Exports of what the window shows, always at full quality.

    What is written is what was asked for at the click: the model, sample, plan and query of
    that moment. Geometry and networks are written on the session's worker; a chip tells what
    is under way and stops it, a notice where the file is, or why there is none.
    """

    def __init__(
        self, controller: Controller, viewport: Viewport, plots: MetricPlots, notices: Notices
    ) -> None:
        super().__init__(controller)
        self._controller, self._viewport = controller, viewport
        self._plots, self._notices = plots, notices
        self._numbers = count()
        self.chip = PendingChip()
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)

    def mesh_files(self) -> tuple[str, ...]:
        """Endings of what `export_mesh` can write of the pruned result on screen."""
        frame = self._controller.frames.get("pruned")
        grid = frame is not None and frame.scene.first(Grid) is not None
        surface = frame is None or has_surface(frame.scene)
        return (*(MESH_FILES if surface or not grid else ()), *(GRID_SUFFIXES if grid else ()))

    def export_mesh(self, role: str, path: str | Path) -> None:
        """Write the surface or the adaptive mesh of one of the three results."""

        def write(held: Frozen, scene: Scene, moment: Moment) -> None:
            from ...drawing.shapes import write_cells, write_surface

            if Path(path).suffix.lower() in GRID_SUFFIXES:
                write_cells(path, scene, moment)
            else:
                write_surface(path, scene, moment, held.scales, _dark(moment))

        self._write(role, path, (*MESH_FILES, *GRID_SUFFIXES), write)

    def export_points(self, role: str, path: str | Path) -> None:
        """Write the points of one of the three results."""

        def write(held: Frozen, scene: Scene, moment: Moment) -> None:
            from ...drawing.shapes import write_cloud

            write_cloud(path, scene, moment, held.scales, _dark(moment))

        self._write(role, path, POINT_FILES, write)

    def export_result(self, role: str, format_id: str, path: str | Path) -> None:
        """Write one of the three results in a format that the model has for them."""

        def start() -> None:
            held = self._frozen(role)

            def write(model: Model, cancel: CancelToken) -> Exported:
                held.check(model)
                scene, moment = held.found(model, cancel)
                told = reconstructed(moment, path).as_fields()
                said = model.export_result(scene, format_id, Path(path), told, cancel)
                return Exported(Path(path), said)

            self._send(path, write)

        self._try(start)

    def export_network(self, format_id: str, path: str | Path) -> None:
        """Write the pruned network itself."""

        def start() -> None:
            held = self._frozen("network")

            def write(model: Model, cancel: CancelToken) -> Exported:
                held.check(model)
                applied = model.apply(held.request.plan, cancel)
                told = exported(held.moment, path).as_fields()
                return Exported(
                    Path(path), model.export(applied, format_id, Path(path), told, cancel)
                )

            self._send(path, write)

        self._try(start)

    def export_curves(self, path: str | Path) -> None:
        """Write the visited points of the present curve, or a picture of the plots."""

        def act() -> None:
            suffix = _suffix(path, CURVE_FILES)
            if suffix in (".csv", ".json"):
                self._write_rows(path)
            else:
                from .chart_files import write_chart

                write_chart(path, self._plots, self._curve_moment())
            self._tell(path)

        self._try(act)

    def screenshot(
        self,
        path: str | Path,
        scale: int = 1,
        transparent: bool = False,
        corners: bool = True,
    ) -> None:
        """Write the views as a PNG, as they are on screen."""

        def act() -> None:
            _suffix(path, (".png",))
            moment = of_frame(self._controller, self._viewport)
            self._viewport.screenshot(path, scale, transparent, moment, corners)
            self._tell(path)

        self._try(act)

    # -- inside ------------------------------------------------------------------------

    def _frozen(self, role: str) -> Frozen:
        held = frozen(self._controller, self._viewport, role)
        look = dict(held.moment.look) | ({"dark": True} if self._viewport.dark else {})
        return replace(held, moment=replace(held.moment, look=paired(look)))

    def _write(self, role: str, path: str | Path, suffixes: tuple[str, ...], write: Write) -> None:
        def start() -> None:
            _suffix(path, suffixes)
            held = self._frozen(role)

            def on_worker(model: Model, cancel: CancelToken) -> Exported:
                scene, moment = held.found(model, cancel)
                cancel.check()
                write(held, held.foremost(scene), reconstructed(moment, path))
                return Exported(Path(path))

            self._send(path, on_worker)

        self._try(start)

    def _send(self, path: str | Path, write: Callable[[Model, CancelToken], Exported]) -> None:
        check_target(path)
        tag = f"{TAG} {next(self._numbers)}"
        self.chip.add(tag, Path(path).name, self._controller.session.export(tag, write))

    def _curve_moment(self) -> Moment:
        """The moment of the plots: that of the screen, and the points of the curve."""
        moment = of_frame(self._controller, self._viewport)
        points = tuple(visit.value for visit in self._controller.curve())
        curve = {"axis": self._controller.axis.id, "values": points}
        return replace(moment, about=paired(dict(moment.about) | {"curve": curve}))

    def _write_rows(self, path: str | Path) -> None:
        from ...files.tables import write_rows

        controller = self._controller
        visits = controller.curve()
        if not visits:
            raise BadInput("No point was visited yet; drag the slider first.")
        card = controller.card
        of_visit = partial(curve_rows, card.ref.system, card, controller.sample)
        rows = [of_visit(v.plan, v.query, v.footprint, v.scores) for v in visits]
        write_rows(path, [row for of_one in rows for row in of_one], self._curve_moment())

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Prune3DError as error:
            self._notices.show("error", str(error))

    def _on_done(self, tag: str, result: object) -> None:
        if tag.startswith(TAG):
            self.chip.drop(tag)
            self._tell(result.path, result.notices)

    def _on_failed(self, failed: Failed) -> None:
        self.chip.drop(failed.tag)

    def _tell(self, path: str | Path, more: Sequence[str] = ()) -> None:
        said = f"Written: {Path(path)}"
        self._notices.show("success", ". ".join((said, " ".join(more))) if more else said)


def _dark(moment: Moment) -> bool:
    return bool(dict(moment.look).get("dark"))


def _suffix(path: str | Path, known: tuple[str, ...]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise BadInput(
            f"'{path}' has no ending that is known here; take one of {', '.join(known)}."
        )
    return suffix
