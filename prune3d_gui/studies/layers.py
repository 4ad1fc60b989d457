"""What a result can be taken away as: a surface, points."""

from __future__ import annotations

from ..core.scenes import Grid, Mesh, Points, Scene, Volume


def surface_of(scene: Scene) -> Mesh | None:
    """The surface of a result: its mesh, else that of its volume at its iso value."""
    mesh = scene.layer(Mesh)
    volume = scene.layer(Volume) if mesh is None else None
    if volume is None:
        return mesh
    from ..geometry.contours import contour_volume

    return contour_volume(
        volume.values, volume.spacing, volume.origin, volume.iso, arrays=volume.arrays
    )


def points_of(scene: Scene) -> Points | None:
    """The points of a result, else the corners of its adaptive mesh or of its surface."""
    points = scene.layer(Points)
    if points is not None:
        return points
    corners = scene.layer(Grid) or surface_of(scene)
    return None if corners is None else Points(corners.points, corners.arrays)
