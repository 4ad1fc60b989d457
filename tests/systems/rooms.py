"""Rooms seen through noise, rebuilt by a network of three modules, from coarse to fine.

Cosine waves with fitted gains. The seeded choice is called neither ``random`` nor ``seed``.
"""

import json
import time
from functools import cache

import numpy as np

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.frames import Footprint, ModuleFootprint
from prune3d_gui.core.model import (
    Applied,
    Format,
    Model,
    ModelRef,
    Sample,
    Stage,
)
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.core.score.parts import Part
from prune3d_gui.core.score.scores import ColourScale, Metric, Scores
from prune3d_gui.core.system import System

MODULES, BRANCHES, WAVES, SEEN, SIDE = ("Coarse", "Middle", "Fine"), 4, 32, 24, 4.0
STAGES = (("coarse", 1 / 2), ("medium", 3 / 4), ("fine", 1.0))  # and their share of the grid
SIZE, TOTAL = BRANCHES * WAVES, len(MODULES) * BRANCHES * WAVES
RATES = tuple(Knob(name.lower(), "Rate", "rate", 0.0, unit="%", group=name) for name in MODULES)
ORDERS = (Choice("light", "Lightest first"), Choice("drawn", "Drawn by lot", seed="lot"))
ORDER = Knob("order", "Order", "choice", "light", choices=ORDERS)
LOT = Knob("lot", "Lot", "steps", 0, maximum=99, step=1)
GRID = Knob("grid", "Grid", "steps", 32, "reconstruct", 12, 64, 4, help="Voxels per edge.")


def room(seed, size):
    """Occupancy of a furnished room, (size, size, size): floor, two walls, a table, a lamp."""
    x, y, z = np.meshgrid(*[(np.arange(size) + 0.5) * SIDE / size] * 3, indexing="ij")
    (a, b), lamp = np.random.default_rng(seed).uniform(1.2, 2.8, (2, 2))
    shell = (x < 0.35) | (y < 0.35) | (z < 0.35)
    table = (abs(x - a) < 0.8) & (abs(y - b) < 0.6) & (z < 1.4)
    ball = (x - lamp[0]) ** 2 + (y - lamp[1]) ** 2 + (z - 2.9) ** 2 < 0.6**2
    return (shell | table | ball).astype(np.float32)


def waves(numbers, size):
    found = np.cos(np.pi * numbers[:, None] * (np.arange(size) + 0.5) / size)
    return (np.where(numbers, 2**0.5, 1)[:, None] * found).astype(np.float32)


def code(seed, numbers, noise=0.0):
    seen = room(seed, SEEN) + np.random.default_rng(seed).normal(0, noise, (SEEN,) * 3)
    along = [waves(one, SEEN) for one in numbers.T]
    return np.einsum("xyz,wx,wy,wz->w", seen, *along, optimize=True) / seen.size


@cache
def network():  # its waves and their gains, the strongest of a module first
    numbers = np.array(sorted(np.ndindex(12, 12, 12), key=lambda k: (np.dot(k, k), k))[:TOTAL])
    got, want = (np.array([code(n, numbers, noise) for n in range(9, 49)]) for noise in (0.4, 0))
    gains = (got * want).sum(0) / (got**2).sum(0)
    order = np.lexsort((-abs(gains * got).mean(0), np.arange(TOTAL) // SIZE))
    return numbers[order], gains[order].astype(np.float32)


class Plugin(System):
    id, title, citation = "rooms", "Rooms in three modules", "No one, 2026."
    delay = 0.0  # seconds for each slice of each module

    def bundled(self):
        return (ModelRef(self.id, "Three modules"),)

    def open(self, ref, cancel=NEVER):
        return RoomsModel(self, ref.title)


class RoomsModel(Model):
    weights_hash, primary = "rooms-1", "coarse"
    knobs, formats = (*RATES, ORDER, LOT, GRID), (Format("npz", "Gains", ".npz"),)
    colours = (ColourScale("error", "|f - g|", 0.0, 1.0),)
    metrics = (
        Metric("l2", "Relative L2", "lower", "||f - g|| / ||g||.", "%"),
        Metric("overlap", "Overlap", "higher", "Dice of f and g above 0.5."),
    )
    units = tuple(
        Unit(f"{name[0]}{at + 1}", f"{name}.{at}", (name,), WAVES, 999, "waves", True, (row, at))
        for row, name in enumerate(MODULES)
        for at in range(BRANCHES)
    )

    def __init__(self, system, title):
        self.system, self.title, (self.numbers, self.gains) = system, title, network()

    def samples(self):
        return tuple(Sample(f"r{seed}", f"Room {seed}", "Unseen") for seed in range(3))

    def gone(self, plan):
        found, own = set(), dict(plan.rates)
        for number, knob in enumerate(RATES):
            order = list(self.units[number * BRANCHES :][BRANCHES - 1 :: -1])
            if plan.value(ORDER) == "drawn":
                np.random.default_rng([int(plan.value(LOT)), number]).shuffle(order)
            free = [unit.id for unit in order if unit.id not in own]
            found |= set(free[: round(float(plan.value(knob)) / 100 * BRANCHES)])
        found |= {unit.id for unit in self.units if unit.check_rate(own.get(unit.id, 0)) == 100}
        return found - set(plan.locks)

    def apply(self, plan, cancel=NEVER):
        gone = self.gone(plan)
        left = {unit.id: 0 if unit.id in gone else WAVES for unit in self.units}
        sizes = (TOTAL, TOTAL, TOTAL - sum(left.values()), 0, 4 * TOTAL, "npz", 12 * 999)
        own = TOTAL // len(MODULES)
        gone_in = [sum(n == 0 for n in list(left.values())[k * BRANCHES :][:BRANCHES])
                   for k in range(len(MODULES))]  # fmt: skip
        modules = tuple(
            ModuleFootprint(name, own, WAVES * lost, 0, 4 * own, 4 * 999)
            for name, lost in zip(MODULES, gone_in, strict=True)
        )
        size = Footprint(*sizes, "one grid", left, frozenset(left), modules=modules)
        return Applied(plan, size, self.gains * np.repeat([n > 0 for n in left.values()], WAVES))

    def reconstruct(self, applied, sample, query, quality, cancel):
        strength = applied.token * code(int(sample[1:]), self.numbers, 0.4)
        for level, (name, share) in enumerate(STAGES[: 3 if quality == "full" else 2]):
            size, times = round(int(query.value(GRID)) * share), {}
            values = np.zeros((size,) * 3, np.float32)
            for number, module in enumerate(MODULES[: level + 1]):
                start = time.perf_counter()
                own = number * SIZE + np.flatnonzero(strength[number * SIZE :][:SIZE])
                x, y, z = (waves(one, size) for one in self.numbers[own].T)
                for place in range(size):
                    cancel.check()
                    time.sleep(self.system.delay)
                    values[place] += (y * (strength[own] * x[:, place])[:, None]).T @ z
                times[module] = (time.perf_counter() - start) * 1e3
            yield Stage("full" if level == 2 else "preview", self.scene(values), name, times)

    def scene(self, values):
        affine = along_axes((SIDE / len(values),) * 3, (SIDE / len(values) / 2,) * 3)
        return Scene((Layer("room", Volume(values, 0.5, affine, "m")),))

    def reference(self, sample, query, cancel=NEVER):
        return self.scene(room(int(sample[1:]), int(query.value(GRID))))

    def score(self, applied, sample, query, stage, full, cancel=NEVER):
        got = stage.scene.layers[0].data.values
        want = room(int(sample[1:]), len(got))
        both, cut = (got, want), len(got) // 6
        parts = []
        for name, g, w in (("whole", got, want), ("trimmed", *(v[cut:, cut:, cut:] for v in both))):
            common, each = ((g > 0.5) & (w > 0.5)).sum(), (g > 0.5).sum() + (w > 0.5).sum()
            l2, overlap = 100 * np.linalg.norm(g - w) / np.linalg.norm(w), 2 * common / each
            parts.append(Part("protocol", name, {"l2": float(l2), "overlap": float(overlap)}))
        arrays = {"room": {"error": np.abs(got - want).ravel()}}
        told = arrays if stage.quality == "full" else {}
        return Scores(parts[0].values, {}, arrays, on_reference=told, parts=tuple(parts))

    def export(self, applied, format_id, path, moment, cancel=NEVER):
        np.savez(path, gains=applied.token, waves=self.numbers, **{KEY: json.dumps(moment)})
        return ()
