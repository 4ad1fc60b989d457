"""A procedural abdomen in portal-venous CT, with exact labels: one seed, one patient.

Smooth implicit shapes are painted over one another in a world warped by smooth noise, so that no
two patients are alike; then texture, the blur of a scanner and its coloured noise. Places are in
mm, x to the patient's right, y to the front, z up (RAS+), the middle of the volume at 0; distances
are negative inside. Lesions are grown inside organs, as Hu et al. ("Label-free liver tumor
segmentation", CVPR 2023) do in real scans, with shapes and numbers of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

LIVER, LIVER_TUMOUR, KIDNEY, KIDNEY_TUMOUR = 1, 2, 3, 4
SIDE = 288.0
"""Sides of the volume in mm."""
SIZE = 64
"""Voxels along each side: 4.5 mm."""


@dataclass(frozen=True, eq=False)
class Patient:
    """One procedural patient.

    Parameters
    ----------
    volume : (N, N, N) int16
        Hounsfield units.
    labels : (N, N, N) uint8
        Numbers of `classes.CLASSES`.
    affine : (4, 4) float64
        From numbers of voxels to mm, RAS+.
    """

    volume: np.ndarray
    labels: np.ndarray
    affine: np.ndarray


def patient(seed: int, number: int, size: int = SIZE) -> Patient:
    """Make one patient.

    Parameters
    ----------
    seed, number : int
        Of the cohort, and of the patient in it.
    size : int
        Voxels along each side of 288 mm.
    """
    return _Painter(np.random.default_rng((seed, number)), size).paint()


class _Painter:
    """Paints one patient, from the skin inwards."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.rng = rng
        self.size, self.voxel = size, SIDE / size
        axis = ((np.arange(size) + 0.5) * self.voxel - SIDE / 2).astype(np.float32)
        self.plain = np.meshgrid(axis, axis, axis, indexing="ij")
        warp = rng.uniform(4, 9)
        self.x, self.y, self.z = (c + warp * 0.6 * self.noise(31.0) for c in self.plain)
        self.hu = np.full((size,) * 3, -1000.0, np.float32)
        self.labels = np.zeros((size,) * 3, np.uint8)

    # -- shapes ------------------------------------------------------------------------

    def noise(self, sigma: float) -> np.ndarray:
        """Smooth noise of mean 0 and deviation 1; `sigma` in mm."""
        shape = (self.size,) * 3
        made = self.rng.standard_normal(shape, np.float32)
        made = gaussian_filter(made, sigma / self.voxel, mode="wrap", truncate=3.0)
        return (made - made.mean()) / made.std()

    def between(self, low: float, high: float) -> float:
        """One uniform number."""
        return float(self.rng.uniform(low, high))

    def ellipsoid(
        self,
        middle: tuple[float, float, float],
        radii: tuple[float, float, float],
        tilt: float = 0.0,
    ) -> np.ndarray:
        """Distance to an ellipsoid, nearly; `tilt` in radians about y leans its top to +x."""
        px, py, pz = (c - m for c, m in zip((self.x, self.y, self.z), middle, strict=True))
        if tilt:
            sin, cos = np.sin(tilt), np.cos(tilt)
            px, pz = cos * px - sin * pz, sin * px + cos * pz
        near = np.sqrt(sum((p / r) ** 2 for p, r in zip((px, py, pz), radii, strict=True)))
        steep = np.sqrt(sum((p / r**2) ** 2 for p, r in zip((px, py, pz), radii, strict=True)))
        return near * (near - 1) / np.maximum(steep, 1e-4)

    def tube(self, x: float, y: float, radius: float, flat: float = 1.0) -> np.ndarray:
        """Distance to an upright tube, `flat` times as wide as deep."""
        return np.hypot((self.x - x) / flat, self.y - y) - radius

    def cover(self, distance: np.ndarray, soft: float = 1.0) -> np.ndarray:
        """Share of each voxel that lies inside; `soft` voxels wide at the edge."""
        return np.clip(0.5 - distance / (soft * self.voxel), 0, 1)

    def fill(self, distance: np.ndarray, value: float | np.ndarray, soft: float = 1.0) -> None:
        """Paint what lies inside."""
        self.hu += self.cover(distance, soft) * (value - self.hu)

    # -- anatomy -----------------------------------------------------------------------

    def paint(self) -> Patient:
        """Paint everything, in the order in which one covers the other."""
        self._body()
        self._spine()
        self._soft_organs()
        self._bowel()
        self._liver()
        self._kidneys()
        self._liver_tumours()
        self._kidney_tumours()
        affine = np.diag((self.voxel,) * 3 + (1.0,))
        affine[:3, 3] = -SIDE / 2 + self.voxel / 2
        return Patient(self._scanned(), self.labels, affine)

    def _body(self) -> None:
        """Skin, fat, the muscles of the wall, ribs, the fat inside, lungs."""
        self.wide, self.deep = self.between(112, 132), self.between(84, 104)
        power = 2.4
        near = (np.abs(self.x / self.wide) ** power + np.abs(self.y / self.deep) ** power) ** (
            1 / power
        )
        skin = (near - 1) * (self.wide + self.deep) / 2
        fat, muscle = self.between(8, 20), self.between(10, 15)
        self.wall = skin + fat + muscle  # negative in the cavity
        self.fill(skin, 40)
        self.fill(skin + 2, self.between(-110, -90))
        self.fill(skin + fat, self.between(48, 62))
        self.fill(self.wall, self.between(-105, -85))
        front = self.y / self.deep
        step, shift = self.between(26, 31), self.between(0, 28)
        height = self.z + 38 * front + shift  # ribs fall towards the front
        level = (height + step / 2) % step - step / 2
        ribs = np.hypot(skin + fat + muscle * 0.6, level * 0.8) - self.between(3.8, 5.2)
        ribs = np.maximum(ribs, 12 - height + 45 * np.maximum(front - 0.3, 0))
        self.fill(ribs, 300 - 120 * self.cover(ribs + 3), 1.0)
        top = self.between(82, 104)
        bump = 34 * (1 - (self.x / self.wide) ** 2 - (self.y / self.deep) ** 2)
        self.dome = top + bump + 6 * (self.x > 0) - self.z  # negative in the lungs
        self.fill(np.maximum(self.dome, self.wall + 3), self.between(-850, -760))

    def _spine(self) -> None:
        """Vertebrae with dense rims, discs, canal and processes; psoas and back muscles."""
        back = -self.deep + self.between(46, 54)
        level = (self.z + self.between(0, 34)) % 34 - 17
        for side in (-1, 1):
            self.fill(self.tube(side * 36, back - 20, 20, 1.35), self.between(50, 62))
            psoas = self.tube(side * 30.0, back + 2, 14, 0.9)
            self.fill(np.maximum(psoas, self.z + 25), self.between(50, 62))
        body = self.tube(0, back, 16, 1.25)
        self.fill(body, self.between(320, 420))
        self.fill(body + 4, self.between(130, 200))
        self.fill(np.maximum(body, 12.5 - np.abs(level)), self.between(75, 100))
        self.fill(self.tube(0, back - 27, 8.5), 30)
        process = np.maximum(self.tube(0, back - 46, 11, 0.4), np.abs(level) - 11)
        self.fill(process, self.between(250, 330))
        self.back = back
        blood = self.between(135, 180)
        self.fill(self.tube(-13, back + 30, self.between(8.5, 11)), blood)
        self.cava = self.tube(17, back + 29, self.between(9, 12), 1.15)
        self.fill(self.cava, self.between(105, 150))

    def _soft_organs(self) -> None:
        """Spleen, stomach with an air cap, pancreas."""
        spleen = self.ellipsoid(
            (-self.wide + self.between(50, 60), self.back + self.between(25, 40), 55),
            (self.between(22, 29), self.between(34, 42), self.between(38, 52)),
            -0.25,
        )
        self.fill(np.maximum(spleen, self._held(2)), self.between(108, 138))
        stomach = self.ellipsoid(
            (-40 + self.between(-8, 8), self.between(20, 40), self.between(40, 60)),
            (self.between(28, 38), self.between(26, 36), self.between(32, 44)),
            0.4,
        )
        stomach = np.maximum(stomach, self._held(3))
        self.fill(stomach, 60)
        self.fill(stomach + 4, self.between(5, 45) + 8 * self.noise(9))
        level = self.between(38, 52)
        self.fill(np.maximum(stomach + 5, level - self.y), -950)
        sag = self.y - (self.back + 52) + 0.004 * self.x**2
        pancreas = np.hypot(sag, self.z - self.between(8, 22) + 0.12 * self.x) - 10
        self.fill(np.maximum(pancreas, np.abs(self.x + 12) - 55), self.between(78, 105))

    def _bowel(self) -> None:
        """Loops in front and below, some with gas."""
        loops = self.noise(10.0)
        there = np.maximum(self._held(5), self.z - 8 + 0.15 * self.x)
        there = np.maximum(there, self.back + 28 - self.y)
        wall = np.maximum(there, (self.between(-0.1, 0.15) - loops) * 16)
        self.fill(wall, self.between(55, 85))
        self.fill(wall + 4, self.between(5, 35))
        gas = np.maximum(wall + 5, (self.between(1.5, 1.9) - loops - 0.006 * self.y) * 16)
        self.fill(gas, -930)

    def _held(self, room: float) -> np.ndarray:
        """Distance to what is left of the cavity below the lungs, `room` mm inside."""
        return np.maximum(self.wall + room, room - self.dome)

    def _liver(self) -> None:
        """Two lobes grown together, vessels in them, a gallbladder below."""
        right = self.ellipsoid(
            (self.between(50, 60), self.between(-8, 8), self.between(32, 46)),
            (self.between(60, 70), self.between(64, 76), self.between(70, 86)),
            self.between(-0.1, 0.15),
        )
        left = self.ellipsoid(
            (self.between(-14, 6), self.between(30, 44), self.between(48, 62)),
            (self.between(48, 64), self.between(28, 36), self.between(28, 38)),
            self.between(0.1, 0.3),
        )
        width = 9.0
        liver = -width * np.logaddexp(-right / width, -left / width)
        liver += 1.8 * self.noise(9)
        liver = np.maximum(liver, self._held(2.5))
        liver = np.maximum(liver, 3 - self.cava)
        liver = np.maximum(liver, self.back + 24 - self.y - 0.55 * np.maximum(self.x - 30, 0))
        gall = self.ellipsoid(
            (self.between(28, 44), self.between(38, 52), self.between(-8, 6)),
            (self.between(11, 15), self.between(13, 18), self.between(20, 28)),
            0.2,
        )
        liver = np.maximum(liver, 1.5 - gall)
        self.tissue = self.between(95, 122)
        self.fill(liver, self.tissue)
        vessels = np.hypot(self.noise(13), self.noise(13)) - self.between(0.16, 0.24)
        inner = np.maximum(vessels * 26, liver + 6)
        self.fill(inner, self.tissue + self.between(28, 55))
        self.fill(gall, self.between(2, 16))
        self.liver = liver
        self.labels[liver < 0] = LIVER

    def _kidneys(self) -> None:
        """Cortex, darker medulla, and a hilum filled with fat towards the spine."""
        cortex, darker = self.between(145, 188), self.between(18, 32)
        fold = self.noise(8)
        self.kidneys = []
        for side in (-1, 1):
            middle = (
                side * self.between(53, 62),
                self.back + self.between(20, 30),
                self.between(-18, 4) - 12 * (side > 0),
            )
            radii = (self.between(24, 29), self.between(23, 28), self.between(48, 59))
            lean = -side * self.between(0.1, 0.25)
            kidney = np.maximum(self.ellipsoid(middle, radii, lean), self._held(3))
            kidney = kidney + 0.8 * fold
            self.fill(kidney - 7, -95)  # the fat around it
            self.labels[(kidney - 3.5 < 0) & (self.labels == LIVER)] = 0
            hilum = self.ellipsoid(
                (middle[0] - side * radii[0] * 0.95, middle[1] + 6, middle[2]),
                (radii[0] * 0.85, 13, self.between(17, 23)),
            )
            kidney = np.maximum(kidney, 1.0 - hilum)
            self.fill(kidney, cortex)
            self.fill(np.maximum(kidney + 7.5, (0.1 - fold) * 9), cortex - darker)
            self.labels[kidney < 0] = KIDNEY
            self.kidneys.append(kidney)

    # -- tumours -----------------------------------------------------------------------

    def _lump(self, middle: np.ndarray, radius: float) -> np.ndarray:
        """Distance to a rough ball, stretched along the axes of the volume."""
        stretch = self.rng.uniform(0.8, 1.25, 3)
        stretch /= np.cbrt(stretch.prod())
        away = [(c - m) / s for c, m, s in zip(self.plain, middle, stretch, strict=True)]
        rough = self.noise(max(radius * 0.45, self.voxel))
        return np.sqrt(sum(a * a for a in away)) - radius * (1 + 0.16 * rough)

    def _somewhere(self, within: np.ndarray) -> np.ndarray | None:
        """Place of a random voxel of a mask in mm; None where it is empty."""
        found = np.flatnonzero(within)
        if not found.size:
            return None
        at = np.unravel_index(found[self.rng.integers(found.size)], within.shape)
        return np.array([c[at] for c in self.plain])

    def _radius(self, most: float) -> float:
        """A radius in mm, small ones more often."""
        return float(np.exp(self.between(np.log(9), np.log(most))))

    def _liver_tumours(self) -> None:
        """None to three, darker than the liver, darkest in the middle."""
        count = self.rng.choice(4, p=(0.15, 0.35, 0.3, 0.2))
        for _ in range(count):
            radius = self._radius(28)
            middle = self._somewhere((self.liver < -0.55 * radius) & (self.labels == LIVER))
            lump = None if middle is None else self._lump(middle, radius)
            if lump is None:
                continue
            lump = np.maximum(lump, self.liver)
            value = self.tissue - self.between(35, 65)
            core = value - self.between(0, 25)
            self.fill(lump, value, max(0.36 * radius / self.voxel, 1.0))
            self.fill(lump + 0.5 * radius, core, max(0.36 * radius / self.voxel, 1.0))
            self.labels[(lump < 0) & np.isin(self.labels, (LIVER, LIVER_TUMOUR))] = LIVER_TUMOUR

    def _kidney_tumours(self) -> None:
        """None to two, from the cortex inwards or outwards."""
        count = self.rng.choice(3, p=(0.3, 0.45, 0.25))
        for _ in range(count):
            kidney = self.kidneys[self.rng.integers(2)]
            radius = self._radius(26)
            middle = self._somewhere(np.abs(kidney + 0.25 * radius) < self.voxel)
            lump = None if middle is None else self._lump(middle, radius)
            if lump is None:
                continue
            lump = np.maximum(lump, kidney - 0.9 * radius)
            lump = np.maximum(lump, self._held(1))
            free = (self.labels == 0) | (self.labels == KIDNEY) | (self.labels == KIDNEY_TUMOUR)
            free &= self.hu < 260
            cover = self.cover(lump, max(0.36 * radius / self.voxel, 1.0)) * free
            self.hu += cover * (self.between(70, 115) - self.hu)
            self.labels[(lump < 0) & free] = KIDNEY_TUMOUR

    # -- scanner -----------------------------------------------------------------------

    def _scanned(self) -> np.ndarray:
        """Texture of the tissue, the scanner's blur, and noise without its low frequencies."""
        hu = self.hu + 6 * self.noise(9) * (self.hu > -300)
        hu = gaussian_filter(hu, 0.55)
        white = self.rng.standard_normal(hu.shape, np.float32)
        coloured = gaussian_filter(white - 0.6 * gaussian_filter(white, 2.0), 0.45)
        hu += self.between(10, 24) * coloured / coloured.std()
        return np.clip(np.rint(hu), -1024, 1500).astype(np.int16)
