"""What only VTK's readers read; runs in a process of its own, see `apart`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .places import OWN, PATIENT, Place, turned, upright
from .raster import Raster, Room, stride_for


def read_apart(path: Path, ending: str, limit: int) -> Raster:
    """Read an image or rectilinear grid.

    Parameters
    ----------
    ending : str
        That of the format, whatever the file is called.
    """
    if ending == ".vti":
        return _read_vti(path, limit)
    if ending == ".mnc":
        return _read_minc(path, limit)
    import pyvista

    with _vtk_errors():
        data = pyvista.read(path, force_ext=ending)
    if isinstance(data, pyvista.ImageData):
        values, notices = _scalars(path, data)
        place = _place(path, data, data.extent, values.shape)
    elif isinstance(data, pyvista.RectilinearGrid):
        values, notices = _scalars(path, data)
        values, spacing, origin, said = _evened(path, data, values)
        place, notices = upright(path, spacing, origin), [*notices, *said]
    else:
        raise BadInput(
            f"'{path}' holds a {type(data).__name__}, not values on a regular grid; resample it "
            "to an image first."
        )
    room = Room(path, (*values.shape, 1), values.dtype, limit, place)
    _put(room, values)
    return room.raster(values.shape, notices=[*_UNPLACED.get(ending, ()), *notices])


_UNPLACED = {
    ".dcm": ("One slice of DICOM was read; its place in the patient was left out.",),
}


def _put(room: Room, values: np.ndarray) -> None:
    """Write (X, Y, Z) values to a room, slice by slice."""
    step = room.stride
    for z in range(0, values.shape[2], step):
        room.put(room.view[:, :, z // step, 0], values[::step, ::step, z])


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
        stride, room = stride_for(path, (*sizes, 1), limit), None
        for z in range(0, sizes[2], stride) if stride > 1 else (0,):
            if stride == 1:
                reader.Update()
            else:
                top = min(extent[4] + z + (not flat), extent[5])
                reader.UpdateExtent([*extent[:4], extent[4] + z, top])
            data = pyvista.wrap(reader.GetOutput())
            slab, notices = _scalars(path, data)
            if room is None:
                place = _place(path, data, extent, sizes)
                room = Room(path, (*sizes, 1), slab.dtype, limit, place)
            if stride == 1:
                _put(room, slab)
            else:
                room.put(room.view[:, :, z // stride, 0], slab[::stride, ::stride, 0])
    assert room is not None  # there is a slab
    return room.raster(sizes, notices=notices)


def _read_minc(path: Path, limit: int) -> Raster:
    """Read MINC 1, which nibabel knows with its place."""
    import nibabel

    image = nibabel.Minc1Image.from_filename(path)
    if len(image.shape) not in (2, 3):
        raise BadInput(f"'{path}' has {len(image.shape)} axes; choose a file with 2 or 3 of space.")
    values = np.asanyarray(image.dataobj).reshape(*image.shape, *(1,) * (3 - image.ndim))
    place = turned(path, image.affine, values.shape, "mm", PATIENT)
    room = Room(path, (*values.shape, 1), values.dtype, limit, place)
    _put(room, values)
    return room.raster(image.shape, "mm")


def _place(path: Path, image: Any, extent: Sequence[int], sizes: Sequence[int]) -> Place:
    """Return where an image of VTK's lies; values of cells stand at their centres."""
    affine, steps = np.eye(4), np.array(image.spacing)
    affine[:3, :3] = np.array(image.direction_matrix) * steps
    first = np.array(extent[::2]) + (0 if image.point_data.keys() else 0.5)
    affine[:3, 3] = np.array(image.origin) + affine[:3, :3] @ first
    if (np.array(sizes) > 1)[~(steps > 0)].any():
        raise BadInput(
            f"'{path}' has the spacing {', '.join(f'{s:g}' for s in steps)}; write positive "
            "numbers in the file."
        )
    return turned(path, affine, sizes, ways=OWN)


def _evened(path: Path, grid: Any, values: np.ndarray) -> tuple[np.ndarray, Any, Any, list[str]]:
    """Resample the values of a rectilinear grid linearly to the mean step of each axis."""
    spacing, origin, uneven = [1.0] * 3, [0.0] * 3, []
    for axis, ends in enumerate((grid.x, grid.y, grid.z)):
        places = np.asarray(ends, float)
        if not grid.point_data.keys() and len(places) > 1:
            places = (places[1:] + places[:-1]) / 2
        if len(places) != values.shape[axis]:
            raise ValueError(f"it has {len(places)} coordinates along {'xyz'[axis]}")
        origin[axis], steps = float(places[0]), np.diff(places)
        if not len(steps):
            continue
        if not (steps > 0).all():
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
    said = f"Uneven steps ({'; '.join(uneven)}) were resampled linearly to their mean."
    return values, spacing, origin, [said] if uneven else []


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


def _scalars(path: Path, data: Any) -> tuple[np.ndarray, list[str]]:
    """Return the active or first array of a grid of VTK's as (X, Y, Z)."""
    centred = not data.point_data.keys()
    arrays = data.cell_data if centred else data.point_data
    if not arrays.keys():
        raise BadInput(f"'{path}' holds no values; choose a file with an array.")
    name = arrays.active_scalars_name or arrays.keys()[0]
    values, notices = np.asarray(arrays[name]), []
    sizes = [max(n - centred, 1) for n in data.dimensions]
    rest = [*arrays.keys(), *([] if centred else data.cell_data.keys())]
    rest.remove(name)
    if rest:
        others = ", ".join(f"'{other}'" for other in rest)
        notices.append(f"The array '{name}' was read; {others} were left out.")
    if values.ndim > 1 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim > 1:
        notices.append(f"The {values.shape[1]} components of '{name}' became their length.")
        values = np.linalg.norm(values.astype(np.float32), axis=1)
    return values.reshape(sizes, order="F"), notices
