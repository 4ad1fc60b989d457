"""The projection's derivative: from the ellipses and colours on screen back to the Gaussians."""

from __future__ import annotations

import math

import numpy as np

from prune3d_gui.geometry.compiling import compiled, inlined

from .harmonics import basis, slopes, turn
from .rules import LOW_PASS


@inlined
def from_ellipse(g_x, g_y, g11, g12, g22, m, s, r, eye, a, t, g_mean, g_scale, g_turn):
    """Carry the derivative by an ellipse back to a centre, scales and a rotation matrix.

    Parameters
    ----------
    g_x, g_y, g11, g12, g22 : float
        By the numbers of the ellipse.
    m, s : (3,) float64
        Centre and scales.
    r : (3, 3) float64
        Rotation.
    eye : (23,) float64
        See `lens`.
    a, t : (2, 3), (3, 3) float64
        Room to work in.
    g_mean, g_scale, g_turn : (3,), (3,), (3, 3) float64
        What is written, all of it.
    """
    x = eye[0] * m[0] + eye[1] * m[1] + eye[2] * m[2] + eye[3]
    y = eye[4] * m[0] + eye[5] * m[1] + eye[6] * m[2] + eye[7]
    z = eye[8] * m[0] + eye[9] * m[1] + eye[10] * m[2] + eye[11]
    fx, fy = eye[15], eye[16]
    bent_x, bent_y = min(max(x / z, eye[19]), eye[20]), min(max(y / z, eye[21]), eye[22])
    kx, ky = fx / z, fy / z
    for i in range(3):
        for j in range(3):
            t[i, j] = eye[4 * i] * r[0, j] + eye[4 * i + 1] * r[1, j] + eye[4 * i + 2] * r[2, j]
    for j in range(3):
        a[0, j] = kx * (t[0, j] - bent_x * t[2, j]) * s[j]
        a[1, j] = ky * (t[1, j] - bent_y * t[2, j]) * s[j]
    xx = a[0, 0] * a[0, 0] + a[0, 1] * a[0, 1] + a[0, 2] * a[0, 2]
    yy = a[1, 0] * a[1, 0] + a[1, 1] * a[1, 1] + a[1, 2] * a[1, 2]
    xy = a[0, 0] * a[1, 0] + a[0, 1] * a[1, 1] + a[0, 2] * a[1, 2]
    n0 = a[0, 1] * a[1, 2] - a[0, 2] * a[1, 1]
    n1 = a[0, 2] * a[1, 0] - a[0, 0] * a[1, 2]
    n2 = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    area = n0 * n0 + n1 * n1 + n2 * n2 + LOW_PASS * (xx + yy) + LOW_PASS * LOW_PASS
    xx += LOW_PASS
    yy += LOW_PASS
    l11, l22, root = math.sqrt(yy / area), 1 / math.sqrt(yy), math.sqrt(yy * area)
    l12 = -xy / root
    g_area = -0.5 * (g11 * l11 + g12 * l12) / area
    g_xx = g_area * yy
    g_yy = g_area * xx + 0.5 * (g11 * l11 - g12 * l12 - g22 * l22) / yy
    g_xy = -2 * xy * g_area - g12 / root
    slope_x = slope_y = 0.0
    g_kx = g_ky = 0.0
    for j in range(3):
        ga = 2 * g_xx * a[0, j] + g_xy * a[1, j]
        gb = 2 * g_yy * a[1, j] + g_xy * a[0, j]
        g_kx += ga * a[0, j] / kx
        g_ky += gb * a[1, j] / ky
        slope_x -= kx * ga * t[2, j] * s[j]
        slope_y -= ky * gb * t[2, j] * s[j]
        ga, gb = kx * ga, ky * gb
        gc = -bent_x * ga - bent_y * gb
        g_scale[j] = ga * t[0, j] + gb * t[1, j] + gc * t[2, j]
        for i in range(3):
            g_turn[i, j] = (eye[i] * ga + eye[4 + i] * gb + eye[8 + i] * gc) * s[j]
    g_px, g_py = kx * g_x, ky * g_y
    g_pz = -(g_kx * kx + g_ky * ky + g_px * x + g_py * y) / z
    if eye[19] <= x / z <= eye[20]:
        g_px += slope_x / z
        g_pz -= slope_x * bent_x / z
    if eye[21] <= y / z <= eye[22]:
        g_py += slope_y / z
        g_pz -= slope_y * bent_y / z
    for i in range(3):
        g_mean[i] = eye[i] * g_px + eye[4 + i] * g_py + eye[8 + i] * g_pz


@inlined
def from_colour(g_shade, m, harmonic, terms, eye, b, d, g_mean):
    """Add to the derivative by a centre what comes of the direction that it is seen in.

    `g_shade`, (3,), is by the colour; `b`, (16,), is left with the harmonics, for the caller's
    own use; `d`, (16, 3), is room to work in.
    """
    dx, dy, dz = m[0] - eye[12], m[1] - eye[13], m[2] - eye[14]
    far = math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx / far, dy / far, dz / far
    basis(dx, dy, dz, terms, b)
    slopes(dx, dy, dz, terms, d)
    gx = gy = gz = 0.0
    for k in range(1, terms):
        along = (
            g_shade[0] * harmonic[k, 0] + g_shade[1] * harmonic[k, 1] + g_shade[2] * harmonic[k, 2]
        )
        gx += along * d[k, 0]
        gy += along * d[k, 1]
        gz += along * d[k, 2]
    along = gx * dx + gy * dy + gz * dz
    g_mean[0] += (gx - along * dx) / far
    g_mean[1] += (gy - along * dy) / far
    g_mean[2] += (gz - along * dz) / far


@compiled
def project_back(
    first, last, order, means, scales, quaternions, harmonics, rows, slopes_by_row, eye,
    by_means, by_scales, by_quaternions, by_opacities, by_harmonics,
):  # fmt: skip
    """Write derivatives by Gaussians ``order[first:last]``, given those by their rows, (N, 9)."""
    m, s, q = np.empty(3), np.empty(3), np.empty(4)
    r, a, t, b, d = (
        np.empty((3, 3)),
        np.empty((2, 3)),
        np.empty((3, 3)),
        np.empty(16),
        np.empty((16, 3)),
    )
    g_mean, g_scale, g_turn, g_shade = np.empty(3), np.empty(3), np.empty((3, 3)), np.empty(3)
    terms = harmonics.shape[1]
    for n in range(first, last):
        g = order[n]
        for i in range(3):
            m[i], s[i] = means[g, i], scales[g, i]
            g_shade[i] = slopes_by_row[g, 6 + i] if rows[g, 6 + i] > 0 else 0.0
        for i in range(4):
            q[i] = quaternions[g, i]
        length = turn(q, r)
        row = slopes_by_row[g]
        from_ellipse(
            float(row[0]), float(row[1]), float(row[2]), float(row[3]), float(row[4]),
            m, s, r, eye, a, t, g_mean, g_scale, g_turn,
        )  # fmt: skip
        from_colour(g_shade, m, harmonics[g], terms, eye, b, d, g_mean)
        for i in range(3):
            by_means[g, i], by_scales[g, i] = g_mean[i], g_scale[i]
        by_opacities[g] = row[5]
        for k in range(terms):
            for c in range(3):
                by_harmonics[g, k, c] = b[k] * g_shade[c]
        w, x, y, z = q[0] / length, q[1] / length, q[2] / length, q[3] / length
        h = g_turn
        gw = 2 * (x * (h[2, 1] - h[1, 2]) + y * (h[0, 2] - h[2, 0]) + z * (h[1, 0] - h[0, 1]))
        gx = 2 * (
            y * (h[0, 1] + h[1, 0]) + z * (h[0, 2] + h[2, 0])
            + w * (h[2, 1] - h[1, 2]) - 2 * x * (h[1, 1] + h[2, 2])
        )  # fmt: skip
        gy = 2 * (
            x * (h[0, 1] + h[1, 0]) + z * (h[1, 2] + h[2, 1])
            + w * (h[0, 2] - h[2, 0]) - 2 * y * (h[0, 0] + h[2, 2])
        )  # fmt: skip
        gz = 2 * (
            x * (h[0, 2] + h[2, 0]) + y * (h[1, 2] + h[2, 1])
            + w * (h[1, 0] - h[0, 1]) - 2 * z * (h[0, 0] + h[1, 1])
        )  # fmt: skip
        along = gw * w + gx * x + gy * y + gz * z
        by_quaternions[g, 0] = (gw - along * w) / length
        by_quaternions[g, 1] = (gx - along * x) / length
        by_quaternions[g, 2] = (gy - along * y) / length
        by_quaternions[g, 3] = (gz - along * z) / length
