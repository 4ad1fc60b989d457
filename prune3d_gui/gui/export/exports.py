"""Writing results to files; every method takes what it needs and asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from ...core.errors import BadInput, Prune3DError
from ...core.scene.scenes import Grid, Mesh, Points, Scene
from ...core.scene.views import foremost
from ...files.grids import GRID_SUFFIXES
from ...geometry.scenes import has_surface, points_of, surface_of
from ...studies.live.events import Exported
from ..charts.metric_plots import MetricPlots
from ..dress.notices import Notices
from ..state.controller import Controller
from ..state.recipes import curve_rows, recipe_of
from ..views.viewport import Viewport

ROLES = ("reference", "full", "pruned")
MESH_FILES = (".ply", ".obj", ".stl", ".glb")
POINT_FILES = (".ply", ".xyz", ".npz")
CURVE_FILES = (".csv", ".json", ".png", ".svg")


class Exports(QObject):
    """Exports of what the window shows, always at full quality.

    Geometry and networks are written on the session's worker once the full-quality
    result is there; a notice tells where the file is, or why there is none.
    """

    def __init__(
        self, controller: Controller, viewport: Viewport, plots: MetricPlots, notices: Notices
    ) -> None:
        super().__init__(controller)
        self._controller, self._viewport = controller, viewport
        self._plots, self._notices = plots, notices
        controller.done.connect(self._on_done)

    def mesh_files(self) -> tuple[str, ...]:
        """Endings of what `export_mesh` can write of the pruned result on screen."""
        frame = self._controller.frames.get("pruned")
        grid = frame is not None and frame.scene.first(Grid) is not None
        surface = frame is None or has_surface(frame.scene)
        return (*(MESH_FILES if surface or not grid else ()), *(GRID_SUFFIXES if grid else ()))

    def export_mesh(self, role: str, path: str | Path) -> None:
        """Write the surface or the adaptive mesh of one of the three results."""

        def write(scene: Scene, facts: dict[str, str]) -> None:
            if Path(path).suffix.lower() in GRID_SUFFIXES:
                from ...files.grids import write_grid

                write_grid(path, _grid(scene, role), facts)
            else:
                from ...files.meshes import write_mesh

                write_mesh(path, _mesh(scene, role))

        self._write(role, path, (*MESH_FILES, *GRID_SUFFIXES), write)

    def export_result(self, role: str, format_id: str, path: str | Path) -> None:
        """Write one of the three results in a format that the model has for them."""

        def send(scene: Scene, facts: dict[str, str]) -> None:
            self._controller.session.export_result(scene, format_id, Path(path), facts)

        self._try(lambda: self._send(role, send))

    def export_points(self, role: str, path: str | Path) -> None:
        """Write the points of one of the three results."""

        def write(scene: Scene, facts: dict[str, str]) -> None:
            from ...files.points import write_points

            write_points(path, _points(scene, role))

        self._write(role, path, POINT_FILES, write)

    def export_network(self, format_id: str, path: str | Path) -> None:
        """Write the pruned network itself."""
        controller = self._controller

        def act() -> None:
            if controller.card is None:
                raise BadInput("No model is open; open a model first.")
            controller.session.export_network(controller.plan, format_id, Path(path))

        self._try(act)

    def export_curves(self, path: str | Path) -> None:
        """Write the visited points of the present curve, or a picture of the plots."""

        def act() -> None:
            suffix = _suffix(path, CURVE_FILES)
            if suffix in (".csv", ".json"):
                self._write_rows(path)
            else:
                self._write_plots(path, suffix)
            self._tell(path)

        self._try(act)

    def screenshot(self, path: str | Path, scale: int = 1, transparent: bool = False) -> None:
        """Write the views as a PNG."""

        def act() -> None:
            _suffix(path, (".png",))
            frame = self._controller.frames.get("pruned")
            recipe = recipe_of(frame, self._controller.query) if frame else {}
            self._viewport.screenshot(path, scale, transparent, recipe)
            self._tell(path)

        self._try(act)

    # -- inside ------------------------------------------------------------------------

    def _write(
        self, role: str, path: str | Path, suffixes: tuple[str, ...], write: Callable
    ) -> None:
        def send(scene: Scene, facts: dict[str, str]) -> None:
            done, shown = Exported(Path(path)), foremost(scene, self._controller.card.views)
            self._controller.session.run("export", lambda: (write(shown, facts), done)[1])

        def start() -> None:
            _suffix(path, suffixes)
            self._send(role, send)

        self._try(start)

    def _send(self, role: str, send: Callable[[Scene, dict[str, str]], None]) -> None:
        """Hand a result and what made it to `send`, once it is at full quality."""

        def act() -> None:
            send(self._scene(role), self._facts(role))

        if self._controller.card is None:
            raise BadInput("No model is open; open a model first.")
        if role not in ROLES:
            raise BadInput(f"There is no result {role!r}; take one of {', '.join(ROLES)}.")
        self._controller.when_settled(lambda: self._try(act))

    def _scene(self, role: str) -> Scene:
        if role == "reference":
            scene = self._controller.shown.reference
        else:
            frame = self._controller.frames.get(role)
            scene = frame.scene if frame else None
        if scene is None:
            raise BadInput(f"There is no {role} result of this sample to export.")
        return scene

    def _facts(self, role: str) -> dict[str, str]:
        frame = self._controller.frames.get("full" if role == "full" else "pruned")
        return recipe_of(frame, self._controller.query) | {"result": role}

    def _write_rows(self, path: str | Path) -> None:
        from ...files.tables import write_rows

        controller = self._controller
        visits = controller.curve()
        if not visits:
            raise BadInput("No point was visited yet; drag the slider first.")
        card, sample = controller.card, controller.sample
        write_rows(path, [row for visit in visits for row in curve_rows(card, sample, visit)])

    def _write_plots(self, path: str | Path, suffix: str) -> None:
        from ...files.atomic import writing

        frame = self._controller.frames.get("pruned")
        with writing(path) as temporary:
            if suffix == ".svg":
                self._plots.write_svg(str(temporary))
            else:
                image = self._plots.picture()
                for name, text in (
                    recipe_of(frame, self._controller.query) if frame else {}
                ).items():
                    image.setText(name, text)
                if not image.save(str(temporary), "PNG"):
                    raise BadInput(f"'{path}' could not be written; choose another place.")

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Prune3DError as error:
            self._notices.show("error", str(error))

    def _on_done(self, tag: str, result: object) -> None:
        if tag == "export":
            self._tell(result.path, result.notices)

    def _tell(self, path: str | Path, more: Sequence[str] = ()) -> None:
        said = f"Written: {Path(path)}"
        self._notices.show("success", ". ".join((said, " ".join(more))) if more else said)


def _suffix(path: str | Path, known: tuple[str, ...]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise BadInput(
            f"'{path}' has no ending that is known here; take one of {', '.join(known)}."
        )
    return suffix


def _grid(scene: Scene, role: str) -> Grid:
    grid = scene.first(Grid)
    if grid is None:
        raise BadInput(
            f"The {role} result has no adaptive mesh; export its surface as one of "
            f"{', '.join(MESH_FILES)}."
        )
    return grid


def _mesh(scene: Scene, role: str) -> Mesh:
    mesh = surface_of(scene)
    if mesh is None:
        raise BadInput(f"The {role} result has no surface; export its points instead.")
    return mesh


def _points(scene: Scene, role: str) -> Points:
    points = points_of(scene)
    if points is None:
        raise BadInput(f"The {role} result has no points to export.")
    return points
