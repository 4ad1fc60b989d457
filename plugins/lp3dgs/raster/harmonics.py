"""Rotations and spherical harmonics, as compiled loops write them."""

from __future__ import annotations

import math

from prune3d_gui.geometry.compiling import inlined

from .rules import C0, C1, C2, C3


@inlined
def turn(q, r):
    """Write the rotation of a quaternion to `r`, and give the quaternion's length."""
    length = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    w, x, y, z = q[0] / length, q[1] / length, q[2] / length, q[3] / length
    r[0, 0], r[0, 1], r[0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    r[1, 0], r[1, 1], r[1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    r[2, 0], r[2, 1], r[2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    return length


@inlined
def basis(x, y, z, terms, b):
    """Write real spherical harmonics of a unit vector to `b`."""
    b[0] = C0
    if terms > 1:
        b[1], b[2], b[3] = -C1 * y, C1 * z, -C1 * x
    if terms > 4:
        xx, yy, zz = x * x, y * y, z * z
        b[4], b[5], b[6] = C2[0] * x * y, -C2[0] * y * z, C2[1] * (2 * zz - xx - yy)
        b[7], b[8] = -C2[0] * x * z, C2[2] * (xx - yy)
        if terms > 9:
            b[9], b[10] = -C3[0] * y * (3 * xx - yy), C3[1] * x * y * z
            b[11] = -C3[2] * y * (4 * zz - xx - yy)
            b[12] = C3[3] * z * (2 * zz - 3 * xx - 3 * yy)
            b[13] = -C3[2] * x * (4 * zz - xx - yy)
            b[14], b[15] = C3[4] * z * (xx - yy), -C3[0] * x * (xx - 3 * yy)


@inlined
def slopes(x, y, z, terms, b):
    """Write derivatives of the harmonics by x, y and z, (16, 3), to `b`."""
    b[0, 0] = b[0, 1] = b[0, 2] = 0.0
    if terms > 1:
        b[1, 0], b[1, 1], b[1, 2] = 0.0, -C1, 0.0
        b[2, 0], b[2, 1], b[2, 2] = 0.0, 0.0, C1
        b[3, 0], b[3, 1], b[3, 2] = -C1, 0.0, 0.0
    if terms > 4:
        b[4, 0], b[4, 1], b[4, 2] = C2[0] * y, C2[0] * x, 0.0
        b[5, 0], b[5, 1], b[5, 2] = 0.0, -C2[0] * z, -C2[0] * y
        b[6, 0], b[6, 1], b[6, 2] = -2 * C2[1] * x, -2 * C2[1] * y, 4 * C2[1] * z
        b[7, 0], b[7, 1], b[7, 2] = -C2[0] * z, 0.0, -C2[0] * x
        b[8, 0], b[8, 1], b[8, 2] = 2 * C2[2] * x, -2 * C2[2] * y, 0.0
    if terms > 9:
        xx, yy, zz = x * x, y * y, z * z
        b[9, 0], b[9, 1], b[9, 2] = -6 * C3[0] * x * y, -3 * C3[0] * (xx - yy), 0.0
        b[10, 0], b[10, 1], b[10, 2] = C3[1] * y * z, C3[1] * x * z, C3[1] * x * y
        b[11, 0] = 2 * C3[2] * x * y
        b[11, 1] = -C3[2] * (4 * zz - xx - 3 * yy)
        b[11, 2] = -8 * C3[2] * y * z
        b[12, 0], b[12, 1] = -6 * C3[3] * x * z, -6 * C3[3] * y * z
        b[12, 2] = C3[3] * (6 * zz - 3 * xx - 3 * yy)
        b[13, 0] = -C3[2] * (4 * zz - 3 * xx - yy)
        b[13, 1] = 2 * C3[2] * x * y
        b[13, 2] = -8 * C3[2] * x * z
        b[14, 0], b[14, 1] = 2 * C3[4] * x * z, -2 * C3[4] * y * z
        b[14, 2] = C3[4] * (xx - yy)
        b[15, 0], b[15, 1], b[15, 2] = -3 * C3[0] * (xx - yy), 6 * C3[0] * x * y, 0.0
