"""Triangle meshes in files: PLY, OBJ, STL and GLB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import BadInput
from ..core.moment import Moment
from ..core.scene.scenes import Arrays, Mesh, Points
from . import points as clouds
from .atomic import writing
from .stamps import as_values, comments, stl_header, write_beside

if TYPE_CHECKING:
    from trimesh import Trimesh

SUFFIXES = (".ply", ".obj", ".stl", ".glb")


def write_mesh(
    path: str | Path,
    mesh: Mesh | Points,
    moment: Moment | None = None,
    colours: np.ndarray | None = None,
) -> None:
    """Write a mesh in the format that the ending of `path` names.

    Parameters
    ----------
    path : path
        Ends in ``.ply`` or ``.glb``, which keep arrays of one number per vertex (GLB those
        without NaN), or in ``.obj`` or ``.stl``, which keep none.
    mesh : Mesh
    moment : Moment or None
        What it was made from: comments of a PLY or OBJ, ``asset.extras`` of a GLB; a file of
        its own beside an STL, which holds no text.
    colours : (N, 3) uint8 or None
        sRGB of the vertices; an STL has none. GLB keeps them linear, as glTF wants them.

    Raises
    ------
    BadInput
        For another ending, points without a surface, positions that are not finite, or a
        place that cannot be written to.
    """
    import trimesh

    target = Path(path)
    suffix = clouds.checked_suffix(target, SUFFIXES, "a mesh")
    if not isinstance(mesh, Mesh) or not len(mesh.faces):
        raise BadInput(
            f"'{target}' was not written: this result has no surface; export it as points, "
            f"to a file that ends in {', '.join(clouds.SUFFIXES)}."
        )
    clouds.check_positions(target, mesh.points)
    arrays = clouds.scalar_arrays(mesh) if suffix in (".ply", ".glb") else {}
    if suffix == ".glb":  # its header is JSON, which has no NaN
        arrays = {name: values for name, values in arrays.items() if np.isfinite(values).all()}
    if colours is not None and suffix == ".glb":
        colours = _linear(colours)
    shape = trimesh.Trimesh(
        mesh.points,
        mesh.faces,
        process=False,
        vertex_attributes=dict(arrays),
        vertex_colors=colours,
    )
    with writing(target) as temporary:
        temporary.write_bytes(_content(shape, suffix, moment))
    if suffix == ".stl":
        write_beside(target, moment)


def read_mesh(path: str | Path) -> Mesh:
    """Read a mesh from PLY, OBJ, STL or GLB; several parts become one.

    Parameters
    ----------
    path : path
        Corners of an STL file that lie on each other become one vertex.

    Raises
    ------
    BadInput
        When there is no such file, or it holds no triangles.
    """
    import trimesh

    target = Path(path)
    suffix = clouds.checked_suffix(target, SUFFIXES, "a mesh")
    clouds.check_exists(target)
    try:
        scene = trimesh.load_scene(target, file_type=suffix[1:], process=False)
        parts = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh)]
        shape = parts[0] if len(parts) == 1 else trimesh.util.concatenate(parts) if parts else None
        if suffix == ".stl" and isinstance(shape, trimesh.Trimesh):
            shape.merge_vertices()
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise clouds.unreadable(target, "a mesh", error) from error
    if not isinstance(shape, trimesh.Trimesh) or not len(shape.faces):
        raise BadInput(f"'{target}' holds no triangles; choose a file with a surface.")
    clouds.check_positions(target, shape.vertices, "read")
    return Mesh(
        np.ascontiguousarray(shape.vertices, np.float32),
        np.ascontiguousarray(shape.faces, np.int32),
        _arrays(shape),
    )


def _content(shape: Any, suffix: str, moment: Moment | None) -> bytes:
    """The bytes of a file, with what it was made from where it can hold that."""
    if suffix == ".glb":
        extras = as_values(moment)

        def sign(tree: dict[str, Any]) -> None:
            if extras:
                tree["asset"]["extras"] = extras

        return shape.export(file_type="glb", tree_postprocessor=sign)
    content = shape.export(file_type=suffix[1:])
    if suffix == ".obj":
        return "".join([*(f"# {line}\n" for line in comments(moment)), content]).encode()
    if suffix == ".stl":
        return stl_header(moment) + content[80:]
    first, end, rest = content.partition(b"\nformat binary_little_endian 1.0\n")
    said = "".join(f"comment {line}\n" for line in comments(moment))
    return first + end + said.encode() + rest


def _linear(colours: np.ndarray) -> np.ndarray:
    """8-bit sRGB as 8-bit linear light (IEC 61966-2-1)."""
    light = np.asarray(colours, np.float64) / 255
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return np.rint(light * 255).astype(np.uint8)


def _arrays(shape: Trimesh) -> Arrays:
    """Return the arrays with one number per vertex that came with the file."""
    found = dict(clouds.ply_arrays(shape.metadata.get("_ply_raw", {})))
    for name, values in shape.vertex_attributes.items():
        found[name.removeprefix("_")] = np.asarray(values).squeeze()
    count = len(shape.vertices)
    return {name: values for name, values in found.items() if values.shape == (count,)}
