"""A patient of one's own as bytes, for a worker on another machine."""

from __future__ import annotations

import json

import numpy as np
import safetensors.numpy

from .data.patients import PatientData


def packed(patient: PatientData) -> bytes:
    """A patient as safetensors; `unpacked` gives it back."""
    tensors = {
        "volume": np.ascontiguousarray(patient.volume),
        "affine": np.ascontiguousarray(patient.affine),
        "own_affine": np.ascontiguousarray(patient.own_affine),
        "own_shape": np.array(patient.own_shape, np.int64),
    }
    if patient.labels is not None:
        tensors["labels"] = np.ascontiguousarray(patient.labels)
    return safetensors.numpy.save(tensors, {"notices": json.dumps(patient.notices)})


def unpacked(data: bytes) -> PatientData:
    """A patient out of what `packed` gave."""
    tensors = safetensors.numpy.load(data)
    size = 8 + int.from_bytes(data[:8], "little")
    about = json.loads(data[8:size]).get("__metadata__", {})
    return PatientData(
        tensors["volume"],
        tensors["affine"],
        tensors.get("labels"),
        tuple(int(side) for side in tensors["own_shape"]),
        tensors["own_affine"],
        tuple(json.loads(about.get("notices", "[]"))),
    )
