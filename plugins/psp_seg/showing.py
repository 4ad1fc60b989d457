"""Scenes of a segmentation: slices with outlines, smooth surfaces, and where it agrees."""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene, Volume
from prune3d_gui.geometry.contours import contour_volume
from prune3d_gui.geometry.labels import surface as nets

from .data.patients import PatientData
from .scoring import body_of
from .volumes.segmented import Segmented, from_voxel

WINDOWS = {
    "Soft tissue": (-160.0, 240.0),
    "Liver": (15.0, 165.0),
    "Bone": (-500.0, 1300.0),
    "Lung": (-1350.0, 150.0),
}
"""Level minus and plus half the width: 40 / 400, 90 / 150, 400 / 1800, -600 / 1500."""
CT, LABELS, PROBABILITIES = "CT", "labels", "probabilities"
_COLOURS = ((205, 92, 72), (250, 214, 64), (86, 142, 214), (82, 214, 160), (190, 120, 220))
AGREE, OVER, UNDER = 1, 2, 3
AGREEMENT = {
    AGREE: Label("agrees", (120, 170, 120)),
    OVER: Label("over: in the result alone", (232, 120, 40)),
    UNDER: Label("under: in the reference alone", (70, 110, 230)),
}
ORGAN_OPACITY = 0.35
_WHITE = (240, 240, 240)


def table(classes: tuple[str, ...]) -> dict[int, Label]:
    """Names and colours of the classes but the background."""
    return {
        number: Label(name, _COLOURS[(number - 1) % len(_COLOURS)])
        for number, name in enumerate(classes)
        if number
    }


def volume_layer(patient: PatientData) -> Layer:
    """The CT, seen in slices."""
    data = Volume(patient.volume, 300.0, patient.affine, "mm", windows=WINDOWS)
    return Layer(CT, data, "none", "slice")


def reference_scene(patient: PatientData, classes: tuple[str, ...]) -> Scene | None:
    """The label map of a reference: outlines on slices, surface nets in space."""
    if patient.labels is None:
        return None
    known = Labels(patient.labels, table(classes), patient.affine, "mm")
    layers = [volume_layer(patient), Layer(LABELS, known, view="slice", outline=True)]
    for number, name in _named(classes):
        whole = np.isin(patient.labels, body_of(number, classes))
        one = Labels((whole * number).astype(np.uint8), known.table, patient.affine, "mm")
        layers.append(_body(number, name, nets(one), classes))
    return Scene(tuple(layers), up="z", unit="mm", patient=True)


def result_scene(
    patient: PatientData,
    result: Segmented,
    classes: tuple[str, ...],
) -> Scene:
    """A result: outlines of its label map on slices, surfaces of its probabilities in space.

    Parameters
    ----------
    patient : PatientData
    result : Segmented
    classes : tuple of str
    """
    known = Labels(result.labels, table(classes), patient.affine, "mm")
    layers = [volume_layer(patient)]
    if patient.labels is not None:
        plain = {n: Label(f"{one.name} of the reference", _WHITE) for n, one in known.table.items()}
        under = Labels(patient.labels, plain, patient.affine, "mm")
        layers.append(Layer("reference", under, view="slice", outline=True))
    layers.append(Layer(LABELS, known, view="slice", outline=True))
    for number, name in _named(classes):
        body, corner = result.body(body_of(number, classes))
        mesh = contour_volume(body, from_voxel(patient.affine, corner), 0.5)
        layers.append(_body(number, name, mesh, classes))
    held = result.carried(classes, patient.affine)
    carried = () if held is None else (Layer(PROBABILITIES, held),)
    return Scene(tuple(layers), carried, up="z", unit="mm", patient=True)


def agreement_scene(patient: PatientData, wanted: np.ndarray, shown: Scene) -> Scene:
    """A result seen by where it agrees with a reference; what it carries stays."""
    found = shown.layer(LABELS).data.values
    same = (found == wanted) & (wanted > 0)
    maps = np.select([same, (found > 0) & ~same, wanted > 0], [AGREE, OVER, UNDER], 0).astype(
        np.uint8
    )
    known = Labels(maps, AGREEMENT, patient.affine, "mm")
    cut = Layer("agreement", known, view="slice", outline=True)
    bodies = Layer("bodies", known, opacity=0.6)
    carried = (*shown.carried, Layer(LABELS, shown.layer(LABELS).data))
    return Scene((volume_layer(patient), cut, bodies), carried, up="z", unit="mm", patient=True)


def surface_bytes(scene: Scene | None) -> int:
    """Bytes of the surfaces of a scene; all else of it belongs to its patient."""
    shown = () if scene is None else scene.layers
    meshes = (layer.data for layer in shown if isinstance(layer.data, Mesh))
    return sum(mesh.points.nbytes + mesh.faces.nbytes for mesh in meshes)


def _named(classes: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(number, name) for number, name in enumerate(classes) if number]


def _body(number: int, name: str, mesh: Mesh, classes: tuple[str, ...]) -> Layer:
    """One class in space; an organ lets its lesions be seen."""
    absent = "" if len(mesh.faces) else f"No {name} is there."
    holds = len(body_of(number, classes)) > 1
    colour = table(classes)[number].colour
    return Layer(name, mesh, opacity=ORGAN_OPACITY if holds else 1.0, tint=colour, absent=absent)
