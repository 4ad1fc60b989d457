"""Values on a regular grid in files: pictures, volumes and volumes over time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from .headers import read_meta, read_npy, read_npz, read_nrrd
from .points import check_exists, unreadable
from .rasters import Raster, empty, four, stride_for, turned

SUFFIXES = (
    *(".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".vti", ".vtr", ".vtk"),
    *(".npy", ".npz", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp"),
)
_LENGTHS = {"meter": "m", "mm": "mm", "micron": "µm"}
_SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}


@dataclass(frozen=True, eq=False)
class VolumeData:
    """Values on a regular grid of two or three axes of space, and perhaps one of time.

    Parameters
    ----------
    values : (X, Y) or (X, Y, Z) float32, or with time last, (X, Y, T) or (X, Y, Z, T)
        Finite and not all alike. In pictures, y runs upwards.
    spacing, origin : tuple of float
        Grid step and place of the first value, one number for each axis of space, in `unit`.
    unit : str
        Unit of length; empty where the file does not say.
    times : int
        Moments; 1 without time.
    time_step : float
        Time between two moments, in seconds where the file has a unit of time.
    affine : (4, 4) float64 or None
        In 3D, from numbers of voxels to the world, where the file has one (NIfTI).
    notices : tuple of str
        Sentences on what was changed while reading.
    """

    values: np.ndarray
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    unit: str = ""
    times: int = 1
    time_step: float = 1.0
    affine: np.ndarray | None = None
    notices: tuple[str, ...] = ()


def read_volume(path: str | Path, limit_bytes: int = 256 << 20) -> VolumeData:
    """Read values on a regular grid, whatever the format.

    Parameters
    ----------
    path : path
        NIfTI (turned to the closest right-anterior-superior axes; its fourth axis is time),
        NRRD, MetaImage, VTK images and rectilinear grids (resampled linearly where their
        steps are uneven), NumPy arrays (``.npz``: the array ``values`` or the only one, and
        ``spacing`` and ``origin``; a fourth axis is time), pictures as grey values, TIFF
        stacks, and any other format that pyvista reads as an image.
    limit_bytes : int
        Most bytes that the values may take as float32. Larger files are read with whole
        strides along the axes of space; NIfTI, NRRD, MetaImage, VTI, NumPy and TIFF files
        slice by slice.

    Raises
    ------
    BadInput
        When there is no such file, its format is unknown or damaged, it is no image of two
        or three axes of space, or its values are all the same or none is finite.
    """
    target = Path(path)
    if target.is_dir():
        raise BadInput(f"'{target}' is a folder; choose one file that ends in {_endings()}.")
    check_exists(target)
    reader = _reader(target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = reader(target, limit_bytes)
    except BadInput:
        raise
    except KeyError as error:
        missing = ValueError(f"{error} is missing or unknown in its header")
        raise unreadable(target, "a volume", missing) from error
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise unreadable(target, "a volume", error) from error
    return _checked(target, found)


def _endings() -> str:
    return f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"


def _reader(path: Path) -> Any:
    suffix = path.suffix.lower()
    if path.name.lower().endswith((".nii", ".nii.gz")):
        return _read_nifti
    for endings, reader in _READERS.items():
        if suffix in endings:
            return reader
    from pyvista.core.utilities.reader import CLASS_READERS

    if suffix not in CLASS_READERS:
        raise BadInput(f"'{path}' is no volume that can be read; choose {_endings()}.")
    return _read_pyvista


def _checked(path: Path, found: Raster) -> VolumeData:
    """Drop single axes, turn to float32, and refuse what cannot be fitted."""
    *space, times = found.values.shape
    kept = [axis for axis in range(3) if space[axis] > 1]
    if len(kept) < 2 or not times:
        shape = " x ".join(f"{n:,}" for n in found.shape)
        raise BadInput(
            f"'{path}' holds {shape} values, which is no picture or volume; choose a file with "
            "two or three axes of space."
        )
    values, notices = _numbers(path, found)
    spacing = [abs(float(found.spacing[axis])) * found.stride for axis in kept]
    if not all(math.isfinite(s) and s > 0 for s in spacing):
        given = ", ".join(f"{s:g}" for s in found.spacing)
        raise BadInput(f"'{path}' has the spacing {given}; write positive numbers in the file.")
    values = values.reshape([space[axis] for axis in kept] + [times] * (times > 1))
    return VolumeData(
        values=np.ascontiguousarray(values),
        spacing=tuple(spacing),
        origin=tuple(float(found.origin[axis]) for axis in kept),
        unit=found.unit,
        times=times,
        time_step=found.time_step if times > 1 and found.time_step > 0 else 1.0,
        affine=found.affine if len(kept) == 3 else None,
        notices=(*found.notices, *_strided(found), *notices),
    )


def _numbers(path: Path, found: Raster) -> tuple[np.ndarray, list[str]]:
    stored = found.stored or found.values.dtype
    if stored.kind not in "biuf" or found.values.dtype.kind not in "biuf":
        raise BadInput(
            f"'{path}' holds values of type {stored}, not plain numbers; save one number for "
            "each voxel."
        )
    with np.errstate(over="ignore"):
        values = found.values.astype(np.float32)
    finite = np.isfinite(values)
    bad = values.size - int(np.count_nonzero(finite))
    if bad == values.size:
        raise BadInput(
            f"'{path}' holds no finite value (all NaN or infinite); choose another file."
        )
    low, high = (float(f(values, where=finite, initial=i)) for f, i in _EXTREMES)
    if low == high:
        raise BadInput(
            f"'{path}' holds the value {low:g} everywhere, so there is nothing to fit; choose "
            "another file."
        )
    notices = []
    if stored.kind != "f":
        notices.append(
            f"Values of type {stored.name}, from {low:,.10g} to {high:,.10g}, became float32."
        )
    if bad:
        values[~finite] = low
        notices.append(
            f"{bad:,} of {values.size:,} values were NaN or infinite and became the smallest "
            f"finite value, {low:,.10g}."
        )
    return values, notices


_EXTREMES = ((np.min, np.inf), (np.max, -np.inf))


def _strided(found: Raster) -> list[str]:
    if found.stride == 1:
        return []
    size = 4 * math.prod(found.shape) / 1e6
    shape = " x ".join(f"{n:,}" for n in found.shape)
    return [
        f"Only one in {found.stride} values along each axis of space was read: all {shape} "
        f"would take {size:,.0f} MB as float32."
    ]


def _read_nifti(path: Path, limit: int) -> Raster:
    import nibabel
    from nibabel.affines import obliquity, voxel_sizes
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    image = nibabel.load(path, keep_file_open=True)  # else each slice unpacks all before it
    whole, stored = four(path, image.shape), image.get_data_dtype()
    if stored.kind not in "biuf":
        return Raster(np.zeros(whole, stored), whole)
    stride = stride_for(path, whole, limit)
    proxy = image.dataobj.reshape(whole)
    values = np.asanyarray(proxy) if stride == 1 else empty(whole, stride)
    for z in range(0, whole[2] if stride > 1 else 0, stride):
        for moment in range(whole[3]):
            plane = np.asanyarray(proxy[:, :, z, moment])
            values[:, :, z // stride, moment] = plane[::stride, ::stride]
    turn = io_orientation(image.affine)
    affine = image.affine @ np.diag([stride, stride, stride, 1.0])
    affine = affine @ inv_ornt_aff(turn, values.shape[:3])
    lean = math.degrees(obliquity(image.affine).max())
    length, second = image.header.get_xyzt_units()
    zooms = image.header.get_zooms()
    return Raster(
        apply_orientation(values, turn),
        image.shape,
        tuple(voxel_sizes(affine) / stride),
        tuple(affine[:3, 3]),
        stride,
        _LENGTHS.get(length, ""),
        float(zooms[3]) * _SECONDS.get(second, 1.0) if len(zooms) > 3 else 1.0,
        affine,
        _leaning(lean),
        stored,
    )


def _leaning(degrees: float) -> tuple[str, ...]:
    if degrees < 0.05:
        return ()
    return (
        f"The volume's axes are oblique to the world's, by up to {degrees:.1f} degrees; "
        "the values are placed along the world's axes.",
    )


def _read_pyvista(path: Path, limit: int) -> Raster:
    import pyvista

    with _vtk_errors():
        data = pyvista.read(path)
    if isinstance(data, pyvista.ImageData):
        values, notices = _scalars(path, data)
        spacing, origin, said = _image_place(data, data.extent)
    elif isinstance(data, pyvista.RectilinearGrid):
        values, notices = _scalars(path, data)
        values, spacing, origin, said = _evened(path, data, values)
    else:
        raise BadInput(
            f"'{path}' holds a {type(data).__name__}, not values on a regular grid; resample it "
            "to an image first."
        )
    stride = stride_for(path, values.shape, limit)
    thin = values[::stride, ::stride, ::stride, None]
    return Raster(thin, values.shape, spacing, origin, stride, notices=(*said, *notices))


def _read_vti(path: Path, limit: int) -> Raster:
    import pyvista
    from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline as Pipeline
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    with _vtk_errors():
        reader = vtkXMLImageDataReader()
        reader.SetFileName(str(path))
        reader.UpdateInformation()
        extent = reader.GetOutputInformation(0).Get(Pipeline.WHOLE_EXTENT())
        if extent is None:
            raise ValueError("its header is damaged")
        flat = reader.GetNumberOfPointArrays() > 0  # values at the points of a plane
        sizes = [max(b - a + flat, 1) for a, b in zip(extent[::2], extent[1::2], strict=True)]
        stride = stride_for(path, (*sizes, 1), limit)
        values = empty(sizes, stride)
        for z in range(0, sizes[2], sizes[2] if stride == 1 else stride):
            if stride == 1:
                reader.Update()
            else:
                top = min(extent[4] + z + (not flat), extent[5])
                reader.UpdateExtent([*extent[:4], extent[4] + z, top])
            data = pyvista.wrap(reader.GetOutput())
            slab, notices = _scalars(path, data)
            if stride == 1:
                values = slab
            else:
                values[:, :, z // stride] = slab[::stride, ::stride, 0]
    spacing, origin, said = _image_place(data, extent)
    return Raster(
        values[..., None],
        sizes,
        spacing,
        origin,
        stride,
        notices=(*said, *notices),
        stored=slab.dtype,
    )


def _image_place(image: Any, extent: Sequence[int]) -> tuple[Any, Any, tuple[str, ...]]:
    """Return the spacing, the place of the first value, and what to say of the directions."""
    spacing, matrix = np.array(image.spacing), np.array(image.direction_matrix)
    first = np.array(extent[::2]) + (0 if image.point_data.keys() else 0.5)
    return spacing, np.array(image.origin) + matrix @ (first * spacing), turned(matrix)


def _evened(path: Path, grid: Any, values: np.ndarray) -> tuple[np.ndarray, Any, Any, Any]:
    """Resample the values of a rectilinear grid linearly to the mean step of each axis."""
    spacing, origin, uneven = [1.0] * 3, [0.0] * 3, []
    for axis, ends in enumerate((grid.x, grid.y, grid.z)):
        places = np.asarray(ends, float)
        if not grid.point_data.keys() and len(places) > 1:
            places = (places[1:] + places[:-1]) / 2
        origin[axis], steps = float(places[0]), np.diff(places)
        if not len(steps):
            continue
        if (steps <= 0).any():
            raise ValueError(f"its coordinates along {'xyz'[axis]} do not rise")
        spacing[axis] = float(steps.mean())
        if not np.allclose(steps, spacing[axis], rtol=1e-3, atol=0):
            uneven.append(f"{steps.min():.4g} to {steps.max():.4g} along {'xyz'[axis]}")
            even = np.linspace(places[0], places[-1], len(places))
            left = np.clip(np.searchsorted(places, even, "right") - 1, 0, len(steps) - 1)
            share = ((even - places[left]) / steps[left]).astype(np.float32)
            share = share.reshape([-1 if a == axis else 1 for a in range(3)])
            low, high = values.take(left, axis), values.take(left + 1, axis)
            values = low * (1 - share) + high * share
    if uneven and min(values.shape) == 1:
        raise BadInput(
            f"'{path}' is a single slice with uneven steps; resample it to an image first."
        )
    notices = ()
    if uneven:
        notices = (f"Uneven steps ({'; '.join(uneven)}) were resampled linearly to their mean.",)
    return values, spacing, origin, notices


@contextmanager
def _vtk_errors() -> Iterator[None]:
    """Turn what VTK says on its error output into an exception."""
    import pyvista

    with pyvista.vtk_verbosity("off"), pyvista.VtkErrorCatcher(send_to_logging=False) as caught:
        yield
    events = [*caught.error_events, *caught.warning_events]
    failed = next((e.alert for e in events if e.kind == "ERROR" or "Error" in e.alert), "")
    if failed:
        raise ValueError(failed)


def _scalars(path: Path, data: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the active or first array of a grid of VTK's as (X, Y, Z)."""
    centred = not data.point_data.keys()
    arrays = data.cell_data if centred else data.point_data
    if not arrays.keys():
        raise BadInput(f"'{path}' holds no values; choose a file with an array.")
    name = arrays.active_scalars_name or arrays.keys()[0]
    values, notices = np.asarray(arrays[name]), []
    sizes = [max(n - centred, 1) for n in data.dimensions]
    if len(arrays.keys()) > 1:
        rest = ", ".join(f"'{other}'" for other in arrays.keys() if other != name)  # noqa: SIM118
        notices.append(f"The array '{name}' was read; {rest} were left out.")
    if values.ndim > 1:
        notices.append(f"The {values.shape[1]} components of '{name}' became their length.")
        values = np.linalg.norm(values.astype(np.float32), axis=1)
    return values.reshape(sizes, order="F"), tuple(notices)


def _read_picture(path: Path, limit: int) -> Raster:
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        pages = getattr(image, "n_frames", 1)
        whole = (*image.size, pages, 1)
        stride = stride_for(path, whole, limit)
        planes, coloured = [], False
        for page in range(0, pages, stride):
            image.seek(page)
            if image.size != whole[:2]:
                raise BadInput(f"'{path}' has pages of several sizes; save one size in a file.")
            grey = ImageOps.exif_transpose(image) if pages == 1 else image
            if grey.mode not in ("1", "L", "I", "F") and not grey.mode.startswith("I;"):
                grey, coloured = grey.convert("L"), True
            planes.append(np.array(grey)[::-stride, ::stride].T)
    values = np.stack(planes, axis=2)[..., None]
    shape = whole[:3] if pages > 1 else whole[:2]
    notices = ("Colours became grey values (ITU-R 601 luma).",) if coloured else ()
    return Raster(values, shape, stride=stride, notices=notices)


_READERS = {
    (".nrrd", ".nhdr"): read_nrrd,
    (".mha", ".mhd"): read_meta,
    (".vti",): _read_vti,
    (".npy",): read_npy,
    (".npz",): read_npz,
    (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp"): _read_picture,
}
