"""Small sound files of every format that the program reads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from ....core.model import Model
from ....core.plan.plans import Plan
from ....core.scene.scenes import Mesh, Points
from ....core.system import System
from ....files.meshes import write_mesh
from ....files.networks.checkpoints import write_tensors
from ....files.networks.sparse import write_sparse
from ....files.plans import write_plan
from ....files.points import write_points
from ... import opening

VOLUMES = "volumes"
WEIGHTS = "weights"
SHAPES = "shapes"
FACTS = "facts"
PICTURES = "pictures"
LARGEST = 8 << 20
"""Bytes of the largest file of a network that is worth damaging again and again."""


def write_seeds(folder: Path, systems: Iterable[System]) -> dict[str, list[Path]]:
    """Write a sound file of every format.

    Parameters
    ----------
    folder : path
        An empty folder.
    systems : iterable of System
        Their bundled models are exported in each of their formats.

    Returns
    -------
    dict of list of path
        Files by what they hold: `VOLUMES`, `PICTURES`, `WEIGHTS`, `SHAPES`, `FACTS`, and a
        system's id for a network of its own.
    """
    random = np.random.default_rng(0)
    found = {
        VOLUMES: _volumes(folder, random),
        PICTURES: _pictures(folder, random),
        WEIGHTS: _weights(folder),
        SHAPES: _shapes(folder, random),
        FACTS: _facts(folder),
    }
    for system in systems:
        networks = _networks(folder, system)
        if networks:
            found[system.id] = networks
    return found


def _volumes(folder: Path, random: np.random.Generator) -> list[Path]:
    import nibabel
    from PIL import Image

    values = random.normal(size=(7, 6, 5)).astype(np.float32)
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    flat, numbers = values.tobytes("F"), " ".join(f"{v:.5g}" for v in values.ravel("F"))
    for name in ("one.nii", "packed.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(values, affine), folder / name)
    nibabel.save(nibabel.Nifti2Image(values, affine), folder / "two.nii")
    nibabel.save(nibabel.MGHImage(values, affine), folder / "brain.mgz")
    nrrd = (
        "NRRD0004\ntype: float\ndimension: 3\nsizes: 7 6 5\nspace: right-anterior-superior\n"
        "space directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (0,0,0)\nendian: little\n"
    )
    mha = (
        "ObjectType = Image\nNDims = 3\nDimSize = 7 6 5\nElementType = MET_FLOAT\n"
        "ElementSpacing = 1 2 3\nOffset = 0 0 0\n"
    )
    vti = (
        '<VTKFile type="ImageData" version="0.1" byte_order="LittleEndian"><ImageData '
        'WholeExtent="0 6 0 5 0 4" Origin="0 0 0" Spacing="1 2 3"><Piece Extent="0 6 0 5 0 4">'
        '<PointData Scalars="a"><DataArray type="Float32" Name="a" format="ascii">'
        f"{numbers}</DataArray></PointData></Piece></ImageData></VTKFile>"
    )
    vtk = (
        "# vtk DataFile Version 3.0\nx\nASCII\nDATASET STRUCTURED_POINTS\nDIMENSIONS 7 6 5\n"
        "ORIGIN 0 0 0\nSPACING 1 2 3\nPOINT_DATA 210\nSCALARS a float 1\nLOOKUP_TABLE default\n"
        f"{numbers}\n"
    )
    for name, content in (
        ("raw.nrrd", f"{nrrd}encoding: raw\n\n".encode() + flat),
        ("packed.nrrd", f"{nrrd}encoding: gzip\n\n".encode() + gzip.compress(flat)),
        ("text.nrrd", f"{nrrd}encoding: ascii\n\n{numbers}".encode()),
        ("raw.mha", f"{mha}ElementDataFile = LOCAL\n".encode() + flat),
        ("text.mha", f"{mha}BinaryData = False\nElementDataFile = LOCAL\n{numbers}".encode()),
        ("image.vti", vti.encode()),
        ("image.vtk", vtk.encode()),
    ):
        (folder / name).write_bytes(content)
    np.save(folder / "array.npy", values)
    np.savez_compressed(folder / "array.npz", values=values, spacing=[1.0, 2, 3])
    pages = [Image.fromarray(page) for page in values]
    pages[0].save(folder / "stack.tif", save_all=True, append_images=pages[1:])
    return sorted(folder.iterdir())


def _pictures(folder: Path, random: np.random.Generator) -> list[Path]:
    from PIL import Image

    colours = random.integers(0, 256, (24, 20, 4), np.uint8)
    colours[:6, :, 3] = 0
    picture, found = Image.fromarray(colours), []
    for name in ("clear.png", "photo.jpg", "plain.bmp", "web.webp", "few.gif", "photo.tif"):
        found.append(folder / name)
        clear = name.endswith(("png", "webp", "tif"))
        (picture if clear else picture.convert("RGB")).save(found[-1])
    return found


def _weights(folder: Path) -> list[Path]:
    generator = torch.Generator().manual_seed(0)
    state = {
        f"net.{i}.{part}": torch.randn(shape, generator=generator)
        for i, shapes in enumerate((((8, 3), (8,)), ((8, 8), (8,)), ((1, 8), (1,))))
        for part, shape in zip(("weight", "bias"), shapes, strict=True)
    }
    masked = {key: tensor * (tensor > 0) for key, tensor in state.items()}
    wrapped = {"state_dict": state, "epoch": 3, "best": np.float64(0.5), "activation": "relu"}
    found = [folder / name for name in ("w.pth", "old.pth", "w.safetensors", "w.npz", "s.ckpt")]
    torch.save(wrapped, found[0])
    torch.save(wrapped, found[1], _use_new_zipfile_serialization=False)
    write_tensors(found[2], state, {"activation": "relu", "note": "A seed."})
    np.savez(found[3], **{key: tensor.numpy() for key, tensor in state.items()})
    write_sparse(found[4], masked, {"activation": "relu"})
    return found


def _shapes(folder: Path, random: np.random.Generator) -> list[Path]:
    points = random.normal(size=(20, 3)).astype(np.float32)
    faces = random.permuted(np.tile(np.arange(20), (8, 1)), axis=1)[:, :3].astype(np.int32)
    found = []
    for suffix in (".ply", ".xyz", ".npz"):
        found.append(folder / f"cloud{suffix}")
        write_points(found[-1], Points(points, {"distance": points[:, 0]}))
    for suffix in (".ply", ".obj", ".stl", ".glb"):
        found.append(folder / f"mesh{suffix}")
        write_mesh(found[-1], Mesh(points, faces))
    return found


def _facts(folder: Path) -> list[Path]:
    plan, facts = folder / "plan.json", folder / "net.pth.json"
    write_plan(plan, Plan((("rate", 40.0),), (("C1", 5.0),), ("C2",)), {"system": "none"})
    facts.write_text(json.dumps({"activation": "relu", "lower": [-1, -1], "unit": "mm"}))
    return [plan, facts]


def _networks(folder: Path, system: System) -> list[Path]:
    """Export the first bundled model; the smallest of its files at least."""
    if not system.bundled():
        return []
    model = system.open(opening.bundled(system))
    try:
        made = [_exported(folder, system, model, format_.id, format_.suffix)
                for format_ in model.formats if format_.of == "network"]  # fmt: skip
    finally:
        model.close()
    made = sorted((path for path in made if path.suffix != ".onnx"), key=_size)
    return [path for path in made if _size(path) <= LARGEST] or made[:1]


def _exported(folder: Path, system: System, model: Model, format_id: str, suffix: str) -> Path:
    path = folder / f"{system.id}-{format_id}{suffix}"
    model.export(model.apply(Plan()), format_id, path, {})
    return path


def _size(path: Path) -> int:
    return path.stat().st_size
