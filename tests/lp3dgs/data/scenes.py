"""Small scenes that are known in full, and a pinhole of our own to look at them."""

import numpy as np

from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.plugins.lp3dgs.data.tracing.bodies import Bodies, Body, Material
from prune3d_gui.plugins.lp3dgs.data.tracing.light import Studio
from prune3d_gui.plugins.lp3dgs.data.tracing.pictures import picture
from prune3d_gui.plugins.lp3dgs.data.tracing.shapes import Blocks, Ellipsoids
from prune3d_gui.plugins.lp3dgs.data.viewpoints import looking


def coloured(colour, **more):
    return Material(lambda chart, piece: chart.new_tensor(colour)[:, None].expand_as(chart), **more)


def ball(place, radius, material):
    return Body(Ellipsoids([(0, 0, 0)], [(radius,) * 3]), material, tuple(map(float, place)))


def slab(place, halves, material):
    return Body(Blocks([(0, 0, 0)], [halves]), material, tuple(map(float, place)))


def camera(eye, to, side=48, focus=60.0):
    pose = looking(np.array(eye, float), np.array(to, float))
    return Camera(side, side, focus, focus, side / 2, side / 2, pose)


def shown(bodies, view, fine=2, many=1, seed=(0,), studio=None):
    return picture(Bodies(tuple(bodies)), studio or Studio(), view, seed, fine, many)


def opengl(view):
    """World from camera by OpenGL's axes, as ``transforms.json`` has it."""
    return np.linalg.inv(view.world_to_camera) @ np.diag([1.0, -1.0, -1.0, 1.0])


def projected(pose, focus, middle, point):
    """Where a point is seen, by OpenGL's convention: the camera looks along its own -z, y is up.

    Written from the matrix alone, as a program that reads ``transforms.json`` does.
    """
    right, up, back, eye = (np.asarray(pose)[:3, k] for k in range(4))
    to = np.asarray(point, float) - eye
    depth = -(to @ back)
    return middle + focus * (to @ right) / depth, middle - focus * (to @ up) / depth


def centroid(weight):
    """Middle of what is bright in a picture (H, W), in pixels from its corner."""
    rows, columns = np.indices(weight.shape)
    total = weight.sum()
    return (weight * (columns + 0.5)).sum() / total, (weight * (rows + 0.5)).sum() / total
