"""Writing a reconstruction: as a mesh, as points or as a picture, by the ending of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core.errors import BadInput
from ..core.scenes import Layer, Mesh, Points, Scene
from ..core.scores import ColourScale, scale_of
from ..files.meshes import SUFFIXES as MESHES
from ..files.points import SUFFIXES as POINTS

PICTURES = (".png",)
ENDINGS = tuple(dict.fromkeys((*MESHES, *POINTS, *PICTURES)))


def check_ending(path: str) -> None:
    """Refuse an ending that nothing can be written to, before any work is done.

    Raises
    ------
    BadInput
        If the ending is unknown.
    """
    if _ending(path) not in ENDINGS:
        raise BadInput(f"'{path}' has no ending that is known here; take {' or '.join(ENDINGS)}.")


def write_scene(
    path: str, title: str, scene: Scene, colours: Sequence[ColourScale], recipe: Mapping[str, str]
) -> str:
    """Write `scene` as the ending of `path` says, and return what was written in a word.

    A ``.ply`` file takes the surface where there is one, else the points.

    Raises
    ------
    BadInput
        If the scene has no such layer, or the file cannot be written.
    """
    ending = _ending(path)
    if ending in PICTURES:
        from ..drawing.pictures import picture

        colour = scale_of(colours, scene)
        style = "mesh" if _layer(scene, Mesh) else "points"
        picture([(title, scene)], path, size=(800, 800), style=style, colour=colour, recipe=recipe)
        return "picture"
    mesh = _layer(scene, Mesh)
    if mesh is not None and ending in MESHES:
        from ..files.meshes import write_mesh

        write_mesh(path, mesh)
        return "mesh"
    points = _layer(scene, Points)
    if points is None and mesh is not None:
        points = Points(mesh.points, mesh.arrays)
    if points is not None and ending in POINTS:
        from ..files.points import write_points

        write_points(path, points)
        return "points"
    fit = [*(POINTS if points else ()), *(MESHES if mesh else ()), *PICTURES]
    endings = " or ".join(dict.fromkeys(fit))
    raise BadInput(f"'{path}' cannot hold this result; end the name in {endings}.")


def _ending(path: str) -> str:
    return Path(path).suffix.lower()


def _layer(scene: Scene, kind: type) -> Layer | None:
    return next((layer for _, layer in scene.layers if isinstance(layer, kind)), None)
