"""What a query shows of a field: scenes of its reference, of networks and of their meshes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene
from prune3d_gui.geometry.contours import contour_volume

from .data.truth import Truth
from .mesh.interpolant import AdaptiveMesh
from .mesh.meshing import MeshCache
from .mesh.specs import MeshSpec
from .network.domain import Domain, Evaluate, Slice, in_parts
from .surface import COARSE, network_surface
from .views import Lattice, View, cut_of, field_scene, lattice, mesh_scene, surface_scene

PREVIEW_STEPS = 40
"""Points per side of the regular grid that previews in 3D are contoured on."""
REFERENCE_STEPS = {False: 88, True: 56}
"""The same for the reference, without and with time."""
FINE_STEPS = 128
"""The same for planes through the network itself."""
TRUTH_BYTES, LATTICE_BYTES, SURFACE_BYTES = 64 << 20, 32 << 20, 32 << 20
"""Of references as scenes, of values on regular points, and of surfaces of networks."""


class Showing:
    """Makes the scenes of one field, and keeps what takes long.

    Parameters
    ----------
    domain : Domain
    meshes : MeshCache
        Which knows what the cells of a mesh are to be coloured by.
    """

    def __init__(self, domain: Domain, meshes: MeshCache) -> None:
        self._domain, self._meshes = domain, meshes
        self._truths: Newest[Scene] = Newest(TRUTH_BYTES)
        self._lattices: Newest[Lattice] = Newest(LATTICE_BYTES)
        self._surfaces: Newest[Mesh] = Newest(SURFACE_BYTES)

    def truth(self, truth: Truth, time: float, view: View, cancel: CancelToken = NEVER) -> Scene:
        """Show a reference; regular points, no mesh."""
        steps = REFERENCE_STEPS[self._domain.timed]

        def evaluate(unit: np.ndarray) -> np.ndarray:
            return in_parts(lambda part: truth.values(part, time), unit, cancel)

        def make() -> Scene:
            if view.kind != "surface":
                return field_scene(evaluate, self._domain, view, steps)
            values, affine = self._lattice(truth, time, evaluate, steps)
            scene = surface_scene(
                contour_volume(values, affine, view.iso), values, self._domain, view
            )
            none = np.zeros(len(scene.layer("surface").data.points), np.float32)
            return scene.with_arrays({"surface": {"error": none}})

        return self._truths.keep((truth, time, view), make)

    def quick(
        self,
        field: Slice,
        view: View,
        spec: MeshSpec,
        mesh: AdaptiveMesh | None,
        cancel: CancelToken,
    ) -> Scene:
        """Show what follows a hand: regular points, or a mesh of few cells if there is none."""
        if view.kind == "cells" or (self._domain.dimension == 2 and not view.of_network):
            quick = mesh or self._meshes.quick(field, spec, cancel)
            return self.meshed(field, spec, quick, view, cancel)
        evaluate = partial(in_parts, field.values, cancel=cancel)
        if view.kind == "surface":
            values, affine = self._lattice(field.network, field.time, evaluate, PREVIEW_STEPS)
            return surface_scene(
                contour_volume(values, affine, view.iso), values, self._domain, view
            )
        return field_scene(evaluate, self._domain, view, PREVIEW_STEPS)

    def finest(self, field: Slice, view: View, cancel: CancelToken) -> Scene:
        """Show the network itself, without a mesh."""
        evaluate = partial(in_parts, field.values, cancel=cancel)
        if view.kind != "surface":
            return field_scene(evaluate, self._domain, view, FINE_STEPS)

        coarse = self._lattice(field.network, field.time, evaluate, COARSE + 1)[0]

        def make() -> Mesh:
            return network_surface(evaluate, self._domain, view.iso, coarse)

        found = self._surfaces.keep((field.network, field.time, view.iso), make)
        return surface_scene(found, coarse, self._domain, view)

    def meshed(
        self,
        field: Slice,
        spec: MeshSpec,
        mesh: AdaptiveMesh,
        view: View,
        cancel: CancelToken,
        look: Scene | None = None,
    ) -> Scene:
        """Show a mesh, or carry it in a `look` of the network."""
        grid = self._meshes.grid(field, spec, mesh, cut_of(view, self._domain))
        if view.kind == "cells":
            grid = self._meshes.coloured(grid, view.cells_by, cancel)
        if look is not None:
            return replace(look, carried=(Layer("cells", grid),))
        return mesh_scene(grid, self._domain, view)

    def clear(self) -> None:
        """Let go of everything."""
        self._truths.clear()
        self._lattices.clear()
        self._surfaces.clear()

    def _lattice(self, source: Any, time: float, evaluate: Evaluate, steps: int) -> Lattice:
        """Values of a source on regular points, kept: the iso value asks for them again."""
        return self._lattices.keep(
            (source, time, steps), lambda: lattice(evaluate, self._domain, steps)
        )
