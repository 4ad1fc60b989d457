"""What every way of making the same picture keeps to: cut-offs, and harmonics.

They are those of 3D Gaussian splatting (Kerbl et al. 2023), but for two. What lies outside three
standard deviations is left out pixel by pixel, not tile by tile, so that a picture does not
depend on its tiles. The nearest depth is that of gsplat, for scenes are of any size.
"""

from __future__ import annotations

NEAR = 0.01
"""Depth, in the units of the scene, that a centre has at least."""
LOW_PASS = 0.3
"""Added to the variances on screen, in square pixels: no Gaussian is thinner than a pixel."""
BORDER = 0.3
"""How far outside the picture, in halves of it, the projection is still bent with the centre."""
REACH = 9.0
"""Squared standard deviations from its centre at which a Gaussian ends."""
FAINT = 1 / 255
"""Least alpha that is blended."""
SOLID = 0.99
"""Most alpha that anything has."""
CLOSED = 1e-4
"""Transmittance that no pixel goes below: the Gaussian that would, and all behind it, are left."""

C0 = 0.28209479177387814
C1 = 0.4886025119029199
C2 = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
C3 = (
    0.5900435899266435,
    2.890611442640554,
    0.4570457994644658,
    0.3731763325901154,
    1.445305721320277,
)
"""Constants of the real spherical harmonics, degree by degree."""
