"""Projection: each Gaussian as an ellipse on the plane of a picture, with its colour.

An ellipse is kept as ``u = l11 dx + l12 dy``, ``v = l22 dy``, and ends where ``u u + v v`` is 9.
Unlike the inverse covariance, this tells thin ellipses in float32, too: nothing cancels.
All is computed in float64 and then rounded to the numbers that are given.
"""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.geometry.compiling import compiled

from .harmonics import basis, turn
from .rules import BORDER, FAINT, LOW_PASS, NEAR

ROW = 9
"""Numbers of a projected Gaussian: x, y, l11, l12, l22, opacity, red, green, blue."""
X, Y, L11, L12, L22, OPACITY, RED = range(7)


def lens(camera: Camera) -> np.ndarray:
    """Return what the loops need of a camera: (23,) float64.

    The rows of camera from world, where it stands, fx, fy, cx, cy, and how far left, right, up
    and down the projection is bent, at a depth of 1.
    """
    half = 0.5 * np.array((camera.width / camera.fx, camera.height / camera.fy))
    low = np.array((-camera.cx / camera.fx, -camera.cy / camera.fy))
    high = low + 2 * half
    view = np.asarray(camera.world_to_camera, dtype=np.float64)
    numbers = (camera.fx, camera.fy, camera.cx, camera.cy)
    ends = np.stack([low - BORDER * half, high + BORDER * half], 1)
    return np.concatenate([view[:3].ravel(), camera.place, numbers, ends.ravel()])


@compiled
def project(first, last, means, scales, quaternions, opacities, harmonics, eye, rows, depths):
    """Write rows, (N, 9), and depths, (N,), of Gaussians `first` to `last`.

    The depth is infinite where nothing can be seen of one: it is behind the camera, too faint,
    or has a number that is none.
    """
    r, a, b = np.empty((3, 3)), np.empty((2, 3)), np.empty(16)
    spread = np.empty((3, 3))
    terms = harmonics.shape[1]
    for g in range(first, last):
        depths[g] = np.inf
        m0, m1, m2 = float(means[g, 0]), float(means[g, 1]), float(means[g, 2])
        z = eye[8] * m0 + eye[9] * m1 + eye[10] * m2 + eye[11]
        if not (z >= NEAR and opacities[g] >= FAINT):
            continue
        x = eye[0] * m0 + eye[1] * m1 + eye[2] * m2 + eye[3]
        y = eye[4] * m0 + eye[5] * m1 + eye[6] * m2 + eye[7]
        turn(quaternions[g].astype(np.float64), r)
        for i in range(3):
            for j in range(3):
                turned = eye[4 * i] * r[0, j] + eye[4 * i + 1] * r[1, j] + eye[4 * i + 2] * r[2, j]
                spread[i, j] = turned * float(scales[g, j])
        fx, fy = eye[15], eye[16]
        bent_x = min(max(x / z, eye[19]), eye[20])
        bent_y = min(max(y / z, eye[21]), eye[22])
        for j in range(3):
            a[0, j] = fx / z * (spread[0, j] - bent_x * spread[2, j])
            a[1, j] = fy / z * (spread[1, j] - bent_y * spread[2, j])
        xx = a[0, 0] * a[0, 0] + a[0, 1] * a[0, 1] + a[0, 2] * a[0, 2]
        yy = a[1, 0] * a[1, 0] + a[1, 1] * a[1, 1] + a[1, 2] * a[1, 2]
        xy = a[0, 0] * a[1, 0] + a[0, 1] * a[1, 1] + a[0, 2] * a[1, 2]
        n0 = a[0, 1] * a[1, 2] - a[0, 2] * a[1, 1]
        n1 = a[0, 2] * a[1, 0] - a[0, 0] * a[1, 2]
        n2 = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
        area = n0 * n0 + n1 * n1 + n2 * n2 + LOW_PASS * (xx + yy) + LOW_PASS * LOW_PASS
        yy += LOW_PASS
        dx, dy, dz = m0 - eye[12], m1 - eye[13], m2 - eye[14]
        far = math.sqrt(dx * dx + dy * dy + dz * dz)
        basis(dx / far, dy / far, dz / far, terms, b)
        rows[g, 0] = fx * x / z + eye[17]
        rows[g, 1] = fy * y / z + eye[18]
        rows[g, 2] = math.sqrt(yy / area)
        rows[g, 3] = -xy / math.sqrt(yy * area)
        rows[g, 4] = 1 / math.sqrt(yy)
        rows[g, 5] = opacities[g]
        sound = 0.0
        for c in range(3):
            shade = 0.5
            for k in range(terms):
                shade += b[k] * harmonics[g, k, c]
            sound += 0.0 * shade
            rows[g, 6 + c] = max(shade, 0.0)
        for i in range(9):
            sound += 0.0 * rows[g, i]
        for i in range(4):
            sound += 0.0 * quaternions[g, i]
        for i in range(3):
            sound += 0.0 * scales[g, i]
        if sound == 0.0 and area < np.inf:
            depths[g] = z
