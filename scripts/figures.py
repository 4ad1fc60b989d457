"""Make every number, table and picture of the texts: ``make figures``, or ``WHAT=NAME`` for one.

Rows that are stale are run again (see `rows`), pictures whose rows or weights changed are drawn
again, and the texts are filled from the rows (see `texts`). What is not stale is left alone, so it
can be stopped and started again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path

from numbers_of import NUMBERS, TABLES
from room_figures import AXES, MODULES, ROOM, SHOWN, draw_grid, draw_rates
from rows import RECIPES, ROOT, ROWS, SEEDS, digests, make, rows, stale, stands
from study_figures import CHARTS, StudyFigures
from texts import TEXTS, filled
from window_figures import CHOSEN, STUDIED, draw_study_window, draw_window

DOCS = ROOT / "docs"
DRAWN = ROWS / "pictures.json"
SYSTEM, SAMPLE = "pgn", "sedan"
PGN, FIELDS = "resources/weights/pgn_sphere.safetensors", "resources/weights/inr_amr_*.safetensors"
STRIP = (0, 30, 50, 60, 70, 80)
TURNS = (*range(0, 100, 5), 45)
STUDY_SAMPLE = "tugboat-0010"
ROOMS = ("resources/weights/vortx_small.safetensors", "resources/samples/vortx/*/info.json")
SEGMENTER = "resources/weights/psp_seg_laptop.safetensors"
PATIENT, BRANCHES = "patient-01", (24, 22, 20, 18, 16, 14, 12)
TOLERANCES = (1e-3, 0.01, 0.03, 0.1, 0.2, 0.05)


@dataclass(frozen=True)
class Picture:
    """A picture: what draws it, and the rows and files that it shows."""

    draw: Callable[[Path], bool | None]
    shows: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    recipe: str = ""

    def digest(self) -> str:
        """What it would show, in short."""
        shown = {name: rows(name) for name in self.shows}
        held = json.dumps([self.recipe, shown, digests(self.depends)], sort_keys=True)
        return hashlib.sha256(held.encode()).hexdigest()[:16]


@cache
def studies() -> StudyFigures:
    """What draws the study charts; it opens the bundled model once."""
    return StudyFigures()


def pictures() -> dict[str, Picture]:
    """Every picture by its name under ``docs/``."""
    charts = "prune3d_gui/reports/charts.py"
    found = {
        f"study-{name}.png": Picture(
            lambda path, name=name: studies().draw(name, path),
            parts,
            (charts,),
        )
        for name, parts in CHARTS.items()
    }
    return found | {
        "curve.png": Picture(draw_curve, ("pgn-table2",)),
        "dofs.png": Picture(draw_dofs, ("inr_amr-compare",)),
        "strip.png": Picture(draw_strip, (), (PGN,), f"{SAMPLE} {STRIP}"),
        "window.png": Picture(
            lambda path: draw_window(path, SYSTEM, SAMPLE, TURNS), (), (PGN,), f"{SAMPLE} {TURNS}"
        ),
        "field.png": Picture(
            lambda path: draw_window(path, "inr_amr", "chest_relu", TOLERANCES),
            (),
            (FIELDS,),
            f"chest_relu {TOLERANCES}",
        ),
        "segment.png": Picture(
            lambda path: draw_window(path, "psp_seg", PATIENT, BRANCHES),
            (),
            (SEGMENTER,),
            f"{PATIENT} {BRANCHES}",
        ),
        "orders.png": Picture(
            lambda path: draw_of_seeds(path, "orders"),
            tuple(f"psp_seg-orders-{seed}" for seed in SEEDS),
            ("plugins/psp_seg/judging/charts.py",),
        ),
        "ranks.png": Picture(
            lambda path: draw_of_seeds(path, "ranks"),
            tuple(f"psp_seg-ranks-{seed}" for seed in SEEDS),
            ("plugins/psp_seg/judging/charts.py",),
        ),
        "splats.png": Picture(
            draw_scores,
            ("lp3dgs-scores", *(f"lp3dgs-mask-{seed}" for seed in range(3)), "lp3dgs-readings"),
            recipe="2",
        ),
        "still.png": Picture(draw_still, (), ("resources/samples/lp3dgs/still_life/*.*",), "4"),
        "rooms.png": Picture(draw_grid, (), ROOMS, f"{ROOM} {MODULES} {SHOWN}"),
        "rooms-rates.png": Picture(draw_rates, tuple(f"vortx-{name}" for name in AXES)),
        "studies.png": Picture(
            lambda path: draw_study_window(path, SYSTEM, STUDY_SAMPLE),
            (),
            (PGN,),
            f"{STUDY_SAMPLE} {STUDIED} {CHOSEN}",
        ),
    }


def draw_strip(path: Path) -> None:
    """Draw one object's reference and its reconstructions at several rates."""
    from prune3d_gui.core.cancel import CancelToken
    from prune3d_gui.core.plan.plans import Plan, Query
    from prune3d_gui.core.registry import discover
    from prune3d_gui.drawing.pictures import picture

    system = discover().system(SYSTEM)
    model = system.open(system.bundled()[0])
    sample = next(s.id for s in model.samples() if SAMPLE in s.id)
    scenes = [("Reference", model.reference(sample, Query()))]
    knob = next(k for k in model.knobs if k.id == model.primary)
    for rate in STRIP:
        applied = model.apply(Plan().with_value(knob, rate))
        *_, stage = model.reconstruct(applied, sample, Query(), "full", CancelToken())
        scores = model.score(applied, sample, Query(), stage, None)
        title = f"{rate:g} %: {scores.values['chamfer_x1000']:.2f}"
        scenes.append((title, stage.scene.with_arrays(scores.arrays)))
    size = (200 * len(scenes), 240)
    picture(scenes, path, size=size, style="mesh", colours=model.colours)
    model.close()


def draw_curve(path: Path) -> bool:
    """Draw Chamfer distance and F-score of the encoder's sweep against the rate."""
    from matplotlib.figure import Figure

    found = rows("pgn-table2")
    if not found:
        return False
    figure = Figure(figsize=(9, 3), layout="constrained")
    rates = [row["rate"] for row in found]
    parts = (("chamfer_x1000", "Chamfer distance × 1000", "log"), ("fscore", "F-score", "linear"))
    for axes, (name, title, scale) in zip(figure.subplots(1, 2), parts, strict=True):
        axes.plot(rates, [row[name] for row in found], "o-", markersize=4)
        axes.axhline(found[0][name], linestyle="--", linewidth=1, color="grey")
        axes.set(title=title, xlabel="rate (% of 11,519,168 encoder weights)", yscale=scale)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    return True


def draw_of_seeds(path: Path, what: str) -> bool:
    """Draw what jobs of the segmenter found with the network of either seed."""
    from prune3d_gui.plugins.psp_seg.judging.charts import draw_agreement, draw_walks

    found = {f"Seed {seed}": rows(f"psp_seg-{what}-{seed}") for seed in SEEDS}
    if not all(found.values()):
        return False
    draw = draw_walks if what == "orders" else draw_agreement
    draw(found, str(path))
    return True


def draw_scores(path: Path) -> bool:
    """Draw PSNR against the rate for every score, and where learned masks cut."""
    from matplotlib.figure import Figure
    from numbers_of_splats import MASKS, SCORES

    found, masks = rows("lp3dgs-scores"), [rows(f"lp3dgs-mask-{seed}") for seed in MASKS]
    if not found or not all(masks):
        return False
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    for score, title in SCORES.items():
        own = [row for row in found if row["criterion"] == score]
        axes.plot([r["rate"] for r in own], [r["psnr"] for r in own], "o-", ms=4, label=title)
    states = [{row["state"]: row for row in own if "state" in row} for own in masks]
    for state, marker in (("pruned", "x"), ("fine-tuned", "*")):
        own = [one[state] for one in states]
        axes.plot([r["pruned"] for r in own], [r["psnr"] for r in own], marker, color="black",
                  ms=9, label=f"learned mask, {state}")  # fmt: skip
    learned = sorted({round(one["pruned"]["pruned"]) for one in states})
    for rate in learned:
        axes.axvline(rate, color="black", lw=0.8, ls="-.", zorder=0)
        axes.annotate(f"learned: {rate} %", (rate, 0.03), xycoords=("data", "axes fraction"),
                      xytext=(4, 0), textcoords="offset points", fontsize=8)  # fmt: skip
    others = [row for row in rows("lp3dgs-readings") if row["reading"]]
    for reading, marker in (("code", "v"), ("paper", "d"), ("straight-through", "P")):
        own = sorted((row for row in others if row["reading"] == reading), key=itemgetter("rate"))
        axes.plot([r["rate"] for r in own], [r["psnr"] for r in own], marker + ":", ms=4, lw=1,
                  color="grey", label=f"ranked by a mask: {reading}")  # fmt: skip
    axes.set(xlabel="Gaussians pruned (%)", ylabel="PSNR of held-out views (dB)")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9, frameon=False)
    figure.savefig(path, dpi=110)
    return True


def draw_still(path: Path) -> bool:
    """Draw one camera's picture of the bundled scene at several rates, and its photograph."""
    import numpy as np
    from PIL import Image, ImageDraw

    from prune3d_gui.core.cancel import NEVER
    from prune3d_gui.core.plan.plans import Plan, Query
    from prune3d_gui.core.registry import discover

    system = discover().system("lp3dgs")
    model = system.open(system.bundled()[0])
    knob = next(k for k in model.knobs if k.id == model.primary)
    shown = [("Photograph", model.reference("scene", Query()).layer("photograph").data.pixels)]
    for rate in (0, 30, 60, 90):
        applied = model.apply(Plan().with_value(knob, float(rate)))
        *_, stage = model.reconstruct(applied, "scene", Query(), "full", NEVER)
        shown.append((f"{rate} % pruned", stage.scene.layer("picture").data.pixels))
    model.close()
    side, head = shown[0][1].shape[0], 22
    sheet = Image.new("RGB", (side * len(shown), side + head), "white")
    for at, (title, pixels) in enumerate(shown):
        sheet.paste(Image.fromarray(np.asarray(pixels)), (side * at, head))
        ImageDraw.Draw(sheet).text((side * at + 6, 5), title, fill="black")
    sheet.save(path, optimize=True)
    return True


def draw_dofs(path: Path) -> bool:
    """Draw error against degrees of freedom for every mesh rule, from the rows of ``compare``."""
    from prune3d_gui.plugins.inr_amr.comparing import draw, title_of
    from prune3d_gui.plugins.inr_amr.opening import open_field

    found, titles = rows("inr_amr-compare"), {}
    for name in dict.fromkeys(row["sample"] for row in found):
        model = open_field(name, "")
        titles[name] = title_of(model)
        model.close()
    if found:
        draw(found, titles, str(path))
    return bool(found)


def run(what: str) -> None:
    """Bring rows, pictures and texts up to date; all of them, or only what is called `what`."""
    if what and what not in RECIPES and what not in pictures():
        known = ", ".join([*RECIPES, *pictures()])
        raise SystemExit(f"There is no figure {what!r}; there are {known}.")
    for name, recipe in RECIPES.items():
        why = stale(name) if what in ("", name) else ""
        if why and not what and recipe.lacks:
            print(f"{name}: {why}; its rows stay, for '{recipe.needs}' is missing")
        elif why and not (why.startswith("changed") and stands(name)):
            print(f"{name}: {why}; prune3d {recipe.words} (about {recipe.minutes:g} minutes)")
            make(name)
    drawn = json.loads(DRAWN.read_text(encoding="utf-8")) if DRAWN.is_file() else {}
    for name, picture in pictures().items():
        digest = picture.digest()
        if (what and what != name) or (drawn.get(name) == digest and (DOCS / name).is_file()):
            continue
        print(f"drawing docs/{name}")
        if picture.draw(DOCS / name) is not False:
            drawn[name] = digest
            DRAWN.write_text(json.dumps(drawn, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name in TEXTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        try:
            made = filled(text, NUMBERS, TABLES)
        except LookupError as missing:
            print(f"{name} is left as it is: rows are missing ({missing})")
            continue
        if made != text:
            print(f"filling {name}")
            (ROOT / name).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1] if len(sys.argv) > 1 else "")
