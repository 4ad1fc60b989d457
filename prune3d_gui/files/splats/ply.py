"""PLY as 3D Gaussian splatting writes it: values before their activations, one row for each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.gaussians import TERMS, Gaussians
from .ply_tables import Element, PlyHeader, blocks, header_text, read_ply_header
from .splat_file import BLOCK, Choice, SplatFile, SplatHeader, room

FORMAT = "3DGS PLY"
_MEANS, _CONSTANT = ("x", "y", "z"), ("f_dc_0", "f_dc_1", "f_dc_2")
_SCALES, _TURN = ("scale_0", "scale_1", "scale_2"), ("rot_0", "rot_1", "rot_2", "rot_3")
_NEEDED = (*_MEANS, *_CONSTANT, "opacity", *_SCALES, *_TURN)
_REST = "f_rest_"


def is_splat(header: PlyHeader) -> bool:
    """Whether a PLY holds Gaussians, if perhaps not all that is needed of them."""
    vertex = header.element("vertex")
    return vertex is not None and {"opacity", "scale_0"} <= {*vertex.names}


def peek(path: Path, header: PlyHeader) -> SplatHeader:
    """What the header promises; `BadInput` where properties are missing."""
    vertex, degree, taken = _layout(path, header)
    left = [code for name, code in vertex.properties if name not in taken]
    return SplatHeader(FORMAT, vertex.count, degree, np.dtype(",".join(left) or "V0").itemsize)


def read(path: Path, choice: Choice) -> SplatFile:
    """Read what is chosen, exactly as it is stored where that is float32."""
    with path.open("rb") as stream:
        header = read_ply_header(stream)
    vertex, degree, taken = _layout(path, header)
    kind = header.kind(vertex)
    gaussians = room(choice.count, degree)
    extras = {
        name: np.empty(choice.count, kind[name].newbyteorder("="))
        for name in vertex.names
        if name not in taken
    }
    start = 0
    for rows in blocks(path, header, "vertex", BLOCK):
        to, which = choice.within(start, start + len(rows))
        start += len(rows)
        if to.stop > to.start:
            _spread(gaussians, to, _gathered(rows[which], taken))
            for name, values in extras.items():
                values[to] = rows[name][which]
    return SplatFile(
        gaussians,
        FORMAT,
        extras,
        vertex.names,
        header.comments,
        rows=choice.rows,
        notices=tuple(_notices(header, vertex, degree, taken)),
    )


def content(splats: SplatFile, comments: Iterable[str]) -> Iterable[bytes]:
    """The bytes of a file, in pieces: rows as they were read, in the order of their properties.

    Where there is none, it is the order of 3DGS with normals of zero.
    """
    gaussians, count = splats.gaussians, splats.gaussians.count
    wide = _rest(splats.order)
    own = _names(gaussians.degree, wide if wide > TERMS[-1] else None)
    free = {name: values for name, values in splats.extras.items() if name not in own}
    names = [name for name in splats.order if name in own or name in free]
    if not splats.order:
        normals = ("nx", "ny", "nz")
        free = dict.fromkeys(normals, np.broadcast_to(np.float32(0), count)) | free
        rest = sorted((n for n in own if n.startswith(_REST)), key=lambda n: int(n[len(_REST) :]))
        names = [*_MEANS, *normals, *_CONSTANT, *rest, "opacity", *_SCALES, *_TURN]
    names += [name for name in (*own, *free) if name not in names]
    kinds = [(name, free[name].dtype.str[1:] if name in free else "f4") for name in names]
    places = [[*own, *free].index(name) for name in names]
    yield header_text(tuple(comments), (Element("vertex", count, tuple(kinds)),))
    for start in range(0, count, BLOCK):
        part = gaussians.kept(slice(start, start + BLOCK))
        flat = [values.reshape(part.count, -1) for values in _fields(part)]
        further = [values[start : start + BLOCK] for values in free.values()]
        rows = np.empty(part.count, [(name, "<" + code) for name, code in kinds])
        if all(code == "f4" for _, code in kinds):
            table = np.concatenate([*flat, *(values[:, None] for values in further)], axis=1)
            _table(rows)[:] = np.take(table, places, axis=1)
        else:
            for name, values in zip(own, np.concatenate(flat, axis=1).T, strict=True):
                rows[name] = values
            for name, values in zip(free, further, strict=True):
                rows[name] = values
        yield rows.tobytes()


def _layout(path: Path, header: PlyHeader) -> tuple[Element, int, list[str]]:
    """The element, the degree of its harmonics, and the properties that Gaussians are made of."""
    vertex = header.element("vertex") or Element("vertex", 0)
    names = set(vertex.names)
    twice = len(names) < len(vertex.names)
    rest = sum(name.startswith(_REST) for name in names)
    missing = [name for name in _NEEDED if name not in names]
    missing += [name for name in map(f"{_REST}{{}}".format, range(rest)) if name not in names]
    if missing:
        more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        raise BadInput(
            f"'{path}' lacks the properties {', '.join(missing[:4])}{more} of Gaussian splats; "
            "export it again as a 3DGS PLY."
        )
    if rest % 3 or rest // 3 + 1 not in (*TERMS, 25) or twice or vertex.listed:
        raise BadInput(
            f"'{path}' has {rest} properties {_REST}...; spherical harmonics of degree 0 to 4 "
            "have 0, 9, 24, 45 or 72, each a number with a name of its own; export it again."
        )
    degree = min(TERMS.index(rest // 3 + 1) if rest < 72 else 3, 3)
    return vertex, degree, _names(degree, rest // 3)


def _rest(names: Iterable[str]) -> int:
    """How many coefficients of a colour a file has beyond the constant."""
    return sum(name.startswith(_REST) for name in names) // 3


def _names(degree: int, rest: int | None = None) -> list[str]:
    """The property of each number of a Gaussian, field by field as it has them in memory.

    `rest` is how many coefficients of a colour the file has beyond the constant; it holds those
    of one colour after the other.
    """
    terms = TERMS[degree] - 1
    rest = terms if rest is None else rest
    higher = [f"{_REST}{colour * rest + term}" for term in range(terms) for colour in range(3)]
    return [*_MEANS, *_SCALES, *_TURN, "opacity", *_CONSTANT, *higher]


def _fields(gaussians: Gaussians) -> tuple[np.ndarray, ...]:
    return (
        gaussians.means,
        gaussians.log_scales,
        gaussians.quaternions,
        gaussians.logits,
        gaussians.harmonics,
    )


def _table(rows: np.ndarray) -> np.ndarray:
    """Rows whose properties are all float32 as a matrix of them, which shares their memory."""
    order = rows.dtype[0].str[0]
    return rows.view(order + "f4").reshape(len(rows), -1)


def _gathered(rows: np.ndarray, names: list[str]) -> np.ndarray:
    """The numbers of these properties, (N, P) float32: a dozen times faster where all are that."""
    kinds = {rows.dtype[name].str[1:] for name in rows.dtype.names or ()}
    if kinds == {"f4"}:
        places = {name: column for column, name in enumerate(rows.dtype.names or ())}
        return np.take(_table(rows), [places[name] for name in names], axis=1)
    with np.errstate(over="ignore"):
        return np.stack([rows[name].astype(np.float32) for name in names], axis=1)


def _spread(gaussians: Gaussians, to: slice, numbers: np.ndarray) -> None:
    start = 0
    for values in _fields(gaussians):
        width = values[:1].size if len(values) else 0
        values[to] = numbers[:, start : start + width].reshape(-1, *values.shape[1:])
        start += width


def _notices(header: PlyHeader, vertex: Element, degree: int, taken: list[str]) -> Iterable[str]:
    others = [one.name for one in header.elements if one.name != "vertex" and one.count]
    wide = [name for name, code in vertex.properties if name in taken and code != "f4"]
    if not degree:
        yield "It has no spherical harmonics beyond the constant: no colour changes with the view."
    if any(name.startswith(_REST) and name not in taken for name in vertex.names):
        yield "Its spherical harmonics of degree 4 are kept with it, but not drawn."
    if wide:
        yield f"{len(wide)} properties, such as {wide[0]}, are not float32 and became that."
    if not header.order:
        yield "It is text; it is written in binary."
    if header.order == ">":
        yield "It is big-endian; it is written little-endian."
    if others:
        yield f"Its elements {', '.join(others)} are not of Gaussians and are not kept."
