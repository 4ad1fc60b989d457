"""Gaussians and files of them, made with numbers alone."""

import struct

import numpy as np

from prune3d_gui.core.scene.gaussians import TERMS, Gaussians

MEANS, CONSTANT = ["x", "y", "z"], ["f_dc_0", "f_dc_1", "f_dc_2"]
SCALES, TURN = ["scale_0", "scale_1", "scale_2"], ["rot_0", "rot_1", "rot_2", "rot_3"]


def gaussians(count=300, degree=3, seed=0):
    """Gaussians of a small scene, with values as trained ones have them."""
    rng = np.random.default_rng(seed)
    harmonics = rng.normal(0, 0.2, (count, TERMS[degree], 3))
    harmonics[:, 0] = rng.uniform(-1.5, 1.5, (count, 3))
    parts = (
        rng.normal(0, 2, (count, 3)),
        rng.uniform(-7, -2, (count, 3)),
        rng.normal(0, 1, (count, 4)),
        rng.normal(0, 3, count),
        harmonics,
    )
    return Gaussians(*map(np.float32, parts))


def names(degree=3):
    """Properties of a 3DGS PLY in their order."""
    rest = [f"f_rest_{i}" for i in range(3 * TERMS[degree] - 3)]
    normals = ["nx", "ny", "nz"]
    return [*MEANS, *normals, *CONSTANT, *rest, "opacity", *SCALES, *TURN]


def rows(count=40, properties=None, seed=1):
    """Rows of a PLY: (N,) with a float32 for each property."""
    rng = np.random.default_rng(seed)
    properties = properties or names()
    made = np.empty(count, [(name, "<f4") for name in properties])
    for name in properties:
        made[name] = rng.normal(0, 1, count)
    return made


def ply_bytes(table, count=None, more=""):
    """A little-endian PLY of these rows."""
    lines = ["ply", "format binary_little_endian 1.0"]
    lines += [f"element vertex {len(table) if count is None else count}"]
    lines += [f"property float {name}" for name in table.dtype.names]
    return "\n".join([*lines, f"{more}end_header", ""]).encode() + table.tobytes()


def spz_head(version=3, count=2, degree=0, bits=12, flags=0):
    """The first 16 bytes of an SPZ, before they are packed."""
    return struct.pack("<4sIIBBBB", b"NGSP", version, count, degree, bits, flags, 0)


def colours(harmonics, ways):
    """Colours less 0.5 seen along unit ways, by the real spherical harmonics of 3DGS: (N, 3).

    Written from the definition, associated Legendre functions with the Condon-Shortley phase.
    """
    from scipy.special import sph_harm_y

    x, y, z = ways.T
    theta, phi = np.arccos(np.clip(z, -1, 1)), np.arctan2(y, x)
    basis = []
    for band in range(int(np.sqrt(harmonics.shape[1]))):
        for order in range(-band, band + 1):
            value = sph_harm_y(band, abs(order), theta, phi)
            part = value.imag if order < 0 else value.real
            basis.append(part * (np.sqrt(2) if order else 1))
    return np.einsum("nk,nkc->nc", np.stack(basis, 1), harmonics.astype(float))
