"""Reading back what an exported file was made from, whatever kind of file it is."""

from __future__ import annotations

import html
import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.moment import FORMAT, KEY, VERSION, Moment
from .field_data import field_texts
from .grids import GRID_SUFFIXES
from .paths import beside, check_file, reason_of
from .stamps import BESIDE, is_beside, of_comments
from .tables import read_rows
from .texts import read_json

HEAD = 1 << 22
"""Bytes of a file in which its moment begins and ends, where it is at the top."""
Held = str | Mapping[str, Any] | None
"""A moment as text or fields; empty or None where there is none."""


def read_moment(path: str | Path) -> Moment:
    """Read the moment that an exported file carries, or that lies beside it.

    Parameters
    ----------
    path : path
        Anything that Prune3D writes; its ending says how it holds a moment. Files of before
        moments, whose networks, pictures and grids have a recipe, are read as well.

    Raises
    ------
    BadInput
        If there is no such file, it carries none, or it is damaged or of a newer version.
    """
    file = check_file(path, "a file that Prune3D exported")
    where, suffix = f"'{file.name}'", file.suffix.lower()
    held: Held = None
    try:
        if suffix in _READERS:
            held = _READERS[suffix](file)
        lies = beside(file, BESIDE)
        if not held and lies.is_file():
            where, held = f"'{lies.name}'", lies.read_text(encoding="utf-8").strip()
            _check_beside(file, held)
    except BadInput:
        raise
    except OSError as error:
        raise BadInput(f"{where} could not be read ({reason_of(error)}).") from error
    except Exception as error:  # parsers of damaged files raise nearly anything
        reason = " ".join((str(error) or type(error).__name__).split())[:120].rstrip(".")
        raise BadInput(
            f"{where} could not be read ({reason}); it may be damaged, so open what it was made "
            "from."
        ) from error
    if not held:
        raise BadInput(
            f"'{file.name}' carries no moment: Prune3D did not export it, or another program "
            "saved it again; open what it was made from."
        )
    return Moment.of_text(held, where) if isinstance(held, str) else Moment.of_fields(held, where)


def _check_beside(file: Path, text: str) -> None:
    with file.open("rb") as opened:
        header = opened.read(80)
    if file.suffix.lower() == ".stl" and not is_beside(header, text):
        raise BadInput(
            f"The moment beside '{file.name}' is of another file; put the one back that was "
            "written with it."
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _of_lines(path: Path, end: str = "") -> Held:
    text = _head(path).decode("latin-1")
    return of_comments(text.partition(end)[0].splitlines() if end else text.splitlines())


def _ply(path: Path) -> Held:
    return _of_lines(path, "end_header")


def _glb(path: Path) -> Held:
    with path.open("rb") as file:
        magic, _, _, length, kind = struct.unpack("<4sIII4s", file.read(20))
        if magic != b"glTF" or kind != b"JSON":
            raise ValueError("it is no binary glTF")
        tree = json.loads(file.read(length))
    return tree.get("asset", {}).get("extras", {}).get(KEY)


def _npz(path: Path) -> Held:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
        texts = {name: str(content[name]) for name in (KEY, "recipe") if name in content.files}
    return _named(texts)


def _svg(path: Path) -> Held:
    found = re.search(rf'<metadata id="{KEY}">(.*?)</metadata>', _text(path), re.S)
    return html.unescape(found[1]) if found else None


def _html(path: Path) -> Held:
    found = re.search(rf'<script type="application/json" id="{KEY}">(.*?)</script>', _text(path))
    return found[1] if found else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _png(path: Path) -> Held:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()  # some texts come after the pixels
        return _named(dict(getattr(picture, "text", {})))


def _json(path: Path) -> Held:
    content = read_json(path)
    if isinstance(content, list):
        return _of_rows(content)
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return content
    about = content.get("about", {}) if isinstance(content, dict) else {}
    if not isinstance(about, dict) or not about.get("system", about.get(KEY)):
        return None
    plan = {name: content.get(name, {}) for name in ("values", "rates", "locks")}
    return about.get(KEY) or _of_recipe(about | {"plan": plan})


def _csv(path: Path) -> Held:
    return _of_rows(read_rows(path))


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> Held:
    return next((row[KEY] for row in rows if row.get(KEY)), None)


def _grid(path: Path) -> Held:
    return _named(field_texts(path))


def _safetensors(path: Path) -> Held:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(min(length, path.stat().st_size)))
    return _named(header.get("__metadata__", {}))


def _torch(path: Path) -> Held:
    from .networks.containers import read_content

    tree = read_content(path).tree
    found = _named({k: v for k, v in tree.items() if isinstance(v, str)})
    old = beside(path.with_suffix(""), ".recipe.json")
    return _of_recipe(read_json(old)) if not found and old.is_file() else found


def _onnx(path: Path) -> Held:
    import onnx

    model = onnx.load(path, load_external_data=False)
    return _named({prop.key: prop.value for prop in model.metadata_props})


def _nifti(path: Path) -> Held:
    import nibabel

    header = nibabel.load(path).header
    said = [extension.get_content() for extension in getattr(header, "extensions", ())]
    texts = [one if isinstance(one, str) else one.decode("utf-8", "replace") for one in said]
    return next((text for text in texts if FORMAT in text), None)


def _named(texts: Mapping[str, str]) -> Held:
    """The moment among texts by name, else what a recipe of before says."""
    if KEY in texts:
        return texts[KEY]
    if "recipe" in texts:
        return _of_recipe(json.loads(texts["recipe"]))
    return _of_recipe(texts) if {"system", "plan"} <= texts.keys() else None


def _of_recipe(recipe: Mapping[str, Any]) -> Held:
    """Fields of a moment out of a recipe, as files had one before; whole values may be JSON."""
    held = {
        name: json.loads(value) if name in ("plan", "query", "versions") and value else value
        for name, value in recipe.items()
        if isinstance(value, str)
    }
    held = {**recipe, **held}
    if not held.get("system"):
        return None
    role = held.get("result", "network" if "plan" in held and "sample" not in held else "pruned")
    known = ("system", "model", "weights_hash", "sample", "query", "quality", "command")
    told = {name: held[name] for name in ("seed", "samples", "device", "data") if name in held}
    plan = {} if role in ("reference", "full") else held.get("plan", {})
    fields = {name: held[name] for name in known if held.get(name)}
    return {"format": FORMAT, "version": VERSION, "role": role, "plan": plan, **fields} | (
        {"about": told} if told else {}
    )


_READERS: dict[str, Callable[[Path], Held]] = {
    ".ply": _ply,
    ".obj": _of_lines,
    ".glb": _glb,
    ".npz": _npz,
    ".svg": _svg,
    ".html": _html,
    ".htm": _html,
    ".png": _png,
    ".json": _json,
    ".csv": _csv,
    ".safetensors": _safetensors,
    ".pth": _torch,
    ".pt": _torch,
    ".onnx": _onnx,
    ".nii": _nifti,
    ".gz": _nifti,
    **dict.fromkeys(GRID_SUFFIXES, _grid),
}
