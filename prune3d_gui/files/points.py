"""Point clouds in files: PLY, XYZ and NPZ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.moment import KEY, Moment
from ..core.scene.scenes import Arrays, Mesh, Points
from .atomic import writing
from .stamps import comments, texts, write_beside

SUFFIXES = (".ply", ".xyz", ".npz")


def write_points(
    path: str | Path,
    points: Points | Mesh,
    moment: Moment | None = None,
    colours: np.ndarray | None = None,
) -> None:
    """Write a point cloud in the format that the ending of `path` names.

    Parameters
    ----------
    path : path
        Ends in ``.ply`` (positions and one property per array), ``.xyz`` (positions as
        text) or ``.npz`` (``points`` and one entry per array).
    points : Points or Mesh
        Of a mesh, its vertices.
    moment : Moment or None
        What they were made from: comments of a PLY, a text in an NPZ; a file of its own beside
        an XYZ, of which many readers take every line for numbers.
    colours : (N, 3) uint8 or None
        sRGB of the points, which a PLY keeps.

    Raises
    ------
    BadInput
        For another ending, positions that are not finite, or a place that cannot be
        written to.
    """
    target = Path(path)
    suffix = checked_suffix(target, SUFFIXES, "points")
    check_positions(target, points.points)
    with writing(target) as temporary:
        if suffix == ".ply":
            temporary.write_bytes(_ply(points, moment, colours))
        elif suffix == ".xyz":
            np.savetxt(temporary, points.points, fmt="%.9g")
        else:
            entries: dict[str, Any] = {**points.arrays, **texts(moment), "points": points.points}
            with temporary.open("wb") as file:
                np.savez_compressed(file, **entries)
    if suffix == ".xyz":
        write_beside(target, moment)


def read_points(path: str | Path) -> Points:
    """Read a point cloud from PLY, XYZ or NPZ.

    Parameters
    ----------
    path : path
        Of a mesh in a PLY file, its vertices are taken; further columns of an XYZ
        file are ignored.

    Raises
    ------
    BadInput
        When there is no such file, or it holds no points.
    """
    target = Path(path)
    suffix = checked_suffix(target, SUFFIXES, "points")
    check_exists(target)
    try:
        points, arrays = {".ply": _read_ply, ".xyz": _read_xyz, ".npz": _read_npz}[suffix](target)
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise unreadable(target, "points", error) from error
    if points.ndim != 2 or points.shape[1] != 3 or not len(points):
        raise BadInput(f"'{target}' holds no points in 3D; choose a file with x, y and z.")
    check_positions(target, points, "read")
    kept = {name: values for name, values in arrays.items() if len(values) == len(points)}
    return Points(np.ascontiguousarray(points, np.float32), kept)


def checked_suffix(path: Path, known: tuple[str, ...], what: str) -> str:
    """Return the ending of `path` in small letters; `BadInput` unless it is a known one."""
    suffix = path.suffix.lower()
    if suffix not in known:
        raise BadInput(f"'{path}' is not a name for {what}; end it in {_either(known)}.")
    return suffix


def check_exists(path: Path) -> None:
    """Raise `BadInput` when there is no file at `path`."""
    if not path.is_file():
        raise BadInput(f"There is no file '{path}'; check the name or choose another one.")


def check_positions(path: Path, points: np.ndarray, verb: str = "written") -> None:
    """Raise `BadInput` when a position is not a finite number."""
    bad = int((~np.isfinite(points).all(axis=1)).sum())
    if bad:
        advice = "prune less and export again" if verb == "written" else "choose another file"
        raise BadInput(
            f"'{path}' was not {verb}: {bad:,} of {len(points):,} points have no position; "
            f"{advice}."
        )


def unreadable(path: Path, what: str, error: Exception) -> BadInput:
    """Return the sentence for a file that a parser gave up on."""
    reason = " ".join((str(error) or type(error).__name__).split())[:120].rstrip(".")
    return BadInput(
        f"'{path}' could not be read as {what} ({reason}); it may be damaged, choose another file."
    )


def ply_arrays(raw: Mapping[str, Any]) -> Arrays:
    """Return the further per-vertex properties that trimesh left in a PLY file's raw content."""
    vertex = raw.get("vertex", {})
    data = vertex.get("data")
    own = {"x", "y", "z", "nx", "ny", "nz", "red", "green", "blue", "alpha"}
    names = [name for name in vertex.get("properties", {}) if name not in own]
    arrays = {name: np.asarray(data[name]).squeeze() for name in names}
    return {name: np.array(values) for name, values in arrays.items() if values.ndim == 1}


def scalar_arrays(points: Points | Mesh) -> Arrays:
    """Return the arrays with one number per vertex, by a name without spaces, as float32."""
    return {
        "_".join(name.split()): np.asarray(values, np.float32)
        for name, values in points.arrays.items()
        if np.shape(values) == (len(points.points),)
    }


def _ply(points: Points | Mesh, moment: Moment | None, colours: np.ndarray | None) -> bytes:
    x, y, z = np.asarray(points.points, np.float32).T
    columns = {"x": x, "y": y, "z": z, **scalar_arrays(points)}
    if colours is not None:
        columns |= dict(zip(("red", "green", "blue"), np.asarray(colours, np.uint8).T, strict=True))
    kinds = {name: "uchar" if v.dtype == np.uint8 else "float" for name, v in columns.items()}
    codes = {"uchar": "u1", "float": "<f4"}
    rows = np.empty(len(x), [(name, codes[kinds[name]]) for name in columns])
    for name, values in columns.items():
        rows[name] = values
    header = [
        "ply",
        "format binary_little_endian 1.0",
        *(f"comment {line}" for line in comments(moment)),
        f"element vertex {len(rows)}",
        *(f"property {kinds[name]} {name}" for name in columns),
        "end_header",
        "",
    ]
    return "\n".join(header).encode() + rows.tobytes()


def _read_ply(path: Path) -> tuple[np.ndarray, Arrays]:
    import trimesh

    loaded = trimesh.load(path, file_type="ply", process=False)
    vertices = getattr(loaded, "vertices", None)  # of a cloud, a mesh, or a path of edges
    if vertices is None:
        raise ValueError("it has no vertices")
    return np.asarray(vertices), ply_arrays(loaded.metadata.get("_ply_raw", {}))


def _read_xyz(path: Path) -> tuple[np.ndarray, Arrays]:
    return np.loadtxt(path, dtype=np.float64, ndmin=2, encoding="utf-8-sig")[:, :3], {}


def _read_npz(path: Path) -> tuple[np.ndarray, Arrays]:
    with np.load(path, allow_pickle=False) as content:
        own = ("points", KEY)
        arrays = {name: content[name] for name in content.files if name not in own}
        return np.asarray(content["points"], np.float64), arrays


def _either(endings: tuple[str, ...]) -> str:
    return ", ".join(endings[:-1]) + f" or {endings[-1]}"
