"""Writing NIfTI: values and where they lie, with the moment that they were made at."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.files.atomic import writing


def write_nifti(
    path: str | Path,
    values: np.ndarray,
    affine: np.ndarray,
    moment: Mapping[str, Any] | None = None,
) -> None:
    """Write a volume as compressed NIfTI-1, in mm; equal values give equal bytes.

    Parameters
    ----------
    path : path
        Its name ends in ``.nii.gz``.
    values : (X, Y, Z) or (X, Y, Z, K)
    affine : (4, 4) float
        From numbers of voxels to mm; written as both sform and qform.
    moment : mapping, optional
        Plain values that go into the header as a comment, as JSON.
    """
    slowest = (values[..., at] for at in range(values.shape[-1]))
    write_parts(path, values.shape, values.dtype, slowest, affine, moment)


def write_parts(
    path: str | Path,
    shape: tuple[int, ...],
    kind: np.dtype | type,
    parts: Iterable[np.ndarray],
    affine: np.ndarray,
    moment: Mapping[str, Any] | None = None,
) -> None:
    """Write a volume of which only a part is in memory at a time; see `write_nifti`.

    Parameters
    ----------
    shape : three or four int
    kind : dtype
    parts : iterable of arrays
        One after the other they are the volume, the last axis slowest.
    """
    import nibabel

    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.dtype(kind))
    header.set_data_shape(shape)
    header.set_slope_inter(1, 0)
    header.set_xyzt_units("mm")
    header.set_qform(affine, code=1, strip_shears=True)
    header.set_sform(affine, code=1)
    if moment:
        text = json.dumps(dict(moment), sort_keys=True)
        header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", text.encode()))
    with (
        writing(path) as temporary,
        temporary.open("wb") as plain,
        gzip.GzipFile("", "wb", 6, plain, mtime=0) as file,
    ):
        header.write_to(file)
        for part in parts:
            file.write(np.asarray(part, kind).ravel("F").tobytes())
