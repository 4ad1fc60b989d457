"""Writing NIfTI: values and where they lie, with the moment that they were made at."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
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
    import nibabel

    image = nibabel.Nifti1Image(values, affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1, strip_shears=True)
    if moment:
        text = json.dumps(dict(moment), sort_keys=True)
        image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", text.encode()))
    with writing(path) as temporary:
        temporary.write_bytes(gzip.compress(image.to_bytes(), 6, mtime=0))
