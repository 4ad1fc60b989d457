"""Writing a reconstruction: as a mesh, as points or as a picture, by the ending of the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import BadInput
from ..core.moment import Moment
from ..core.scene.scenes import Grid, Mesh, Scene
from ..core.score.scores import ColourScale
from ..files.grids import GRID_SUFFIXES
from ..files.meshes import SUFFIXES as MESHES
from ..files.points import SUFFIXES as POINTS
from ..geometry.scenes import points_of, surface_of

PICTURES = (".png",)
ENDINGS = tuple(dict.fromkeys((*MESHES, *GRID_SUFFIXES, *POINTS, *PICTURES)))


def check_ending(path: str, more: Sequence[str] = ()) -> None:
    """Refuse an ending that nothing can be written to, before any work is done.

    Parameters
    ----------
    path : str
    more : sequence of str
        Endings that the model knows besides.

    Raises
    ------
    BadInput
        If the ending is unknown.
    """
    if _ending(path) not in ENDINGS:
        known = " or ".join((*more, *ENDINGS))
        raise BadInput(f"'{path}' has no ending that is known here; take {known}.")


def write_scene(
    path: str, title: str, scene: Scene, colours: Sequence[ColourScale], moment: Moment
) -> str:
    """Write `scene` as the ending of `path` says, and return what was written in a word.

    A ``.ply`` file takes the surface where there is one, else the points. ``.vtu``,
    ``.vtkhdf`` and ``.htg`` take the adaptive mesh.

    Raises
    ------
    BadInput
        If the scene has no such layer, or the file cannot be written.
    """
    ending = _ending(path)
    if ending in PICTURES:
        from ..drawing.pictures import picture

        size, style = (800, 800), "mesh" if scene.first(Mesh) else "points"
        picture([(title, scene)], path, size=size, style=style, colours=colours, moment=moment)
        return "picture"
    from ..drawing.shapes import write_cells, write_cloud, write_surface

    look = dict(moment.look)
    colours, dark = colours if look.get("coloured", True) else (), bool(look.get("dark"))
    grid = scene.first(Grid)
    if grid is not None and ending in GRID_SUFFIXES:
        write_cells(path, scene, moment)
        return "adaptive mesh"
    mesh = surface_of(scene)
    if mesh is not None and ending in MESHES:
        write_surface(path, scene, moment, colours, dark)
        return "mesh"
    points = points_of(scene)
    if points is not None and ending in POINTS:
        write_cloud(path, scene, moment, colours, dark)
        return "points"
    fit = [*(POINTS if points else ()), *(MESHES if mesh else ())]
    fit += [*(GRID_SUFFIXES if grid else ()), *PICTURES]
    endings = " or ".join(dict.fromkeys(fit))
    raise BadInput(f"'{path}' cannot hold this result; end the name in {endings}.")


def _ending(path: str) -> str:
    return Path(path).suffix.lower()
