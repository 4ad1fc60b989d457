"""Field data of VTK's files, read in a process apart: a damaged file may end it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120
_CODE = "import sys; from prune3d_gui.files.field_data import tell; tell(sys.argv[1])"


def field_texts(path: Path) -> dict[str, str]:
    """The texts by name that are the field data of a ``.vtu``, ``.vtkhdf`` or ``.htg`` file.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    asked = [sys.executable, "-P", "-c", _CODE, str(path.absolute())]
    try:
        told = subprocess.run(asked, capture_output=True, timeout=SECONDS, check=True)
        return json.loads(told.stdout)
    except subprocess.TimeoutExpired:
        raise ValueError(f"VTK's reader took more than {SECONDS} seconds") from None
    except (subprocess.CalledProcessError, ValueError):
        raise ValueError("VTK's reader broke down over it") from None


def tell(path: str) -> None:
    """Print the texts as JSON; this runs in the process apart."""
    from vtkmodules.vtkCommonCore import vtkStringArray
    from vtkmodules.vtkIOHDF import vtkHDFReader
    from vtkmodules.vtkIOXML import vtkXMLHyperTreeGridReader, vtkXMLUnstructuredGridReader

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what VTK prints must not come into the answer
    readers: dict[str, type] = {".vtkhdf": vtkHDFReader, ".htg": vtkXMLHyperTreeGridReader}
    reader = readers.get(Path(path).suffix.lower(), vtkXMLUnstructuredGridReader)()
    reader.SetFileName(path)
    reader.Update()
    held = reader.GetOutputDataObject(0).GetFieldData()
    arrays = map(held.GetAbstractArray, range(held.GetNumberOfArrays()))
    found = {
        array.GetName(): array.GetValue(0)
        for array in arrays
        if isinstance(array, vtkStringArray) and array.GetNumberOfValues()
    }
    json.dump(found, answers)
    answers.close()
    if reader.GetErrorCode():
        raise SystemExit(1)
