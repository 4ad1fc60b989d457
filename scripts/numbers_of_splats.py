"""Numbers and tables of the text on splats, made from rows; see `numbers_of`."""

from __future__ import annotations

from collections.abc import Callable

from kept_rows import lines, measured, some

SCORES = {
    "largest": "largest share (RadSplat)",
    "total": "total share (Mini-Splatting)",
    "sensitivity": "sensitivity (PUP 3D-GS)",
    "opacity": "opacity",
    "volume": "opacity x volume",
    "random": "random",
}
RATES = (30, 50, 60, 70, 80, 90, 95)
MASKS = (0, 1, 2)


def _psnr(score: str, rate: float) -> float:
    rows = some("lp3dgs-scores")
    return next(
        row["psnr"] for row in rows if row["criterion"] == score and abs(row["rate"] - rate) < 1e-6
    )


def _scores() -> str:
    """Decibels against photographs, by score and rate."""
    body = (
        (title, *(f"{_psnr(score, rate):.1f}" for rate in (0, *RATES)))
        for score, title in SCORES.items()
    )
    return lines(("score", "full", *(f"{rate} %" for rate in RATES)), body, right=1)


def _state(seed: int, state: str) -> dict:
    return next(row for row in some(f"lp3dgs-mask-{seed}") if row.get("state") == state)


def _masks() -> str:
    """What masks of several seeds found, and what fine-tuning gave back."""
    body = (
        (
            str(seed),
            f"{_state(seed, 'pruned')['pruned']:.1f} %",
            f"{_state(seed, 'pruned')['gaussians']:,}",
            *(f"{_state(seed, name)['psnr']:.2f}" for name in ("full", "pruned", "fine-tuned")),
            f"{_state(seed, 'fine-tuned')['ssim']:.3f}",
        )
        for seed in MASKS
    )
    head = ("seed", "found", "Gaussians left", "full, dB", "pruned", "fine-tuned", "SSIM")
    return lines(head, body, right=0)


READINGS = {
    "": "largest share itself",
    "code": "mask, m S (the released code)",
    "paper": "mask, log (m S) (the paper)",
    "straight-through": "mask, cut while training",
}


def _readings() -> str:
    """Decibels of each reading's ranking at the same counts, and what each found by itself."""
    found = some("lp3dgs-readings")
    rates = sorted({row["rate"] for row in found if not row["cut_of"]})
    cuts = {row["cut_of"].rpartition(" ")[0]: row["rate"] for row in found if row["cut_of"]}

    def told(reading: str, rate: float) -> str:
        row = next(r for r in found if r["reading"] == reading and r["rate"] == rate)
        return f"{row['psnr']:.1f}" if not reading else f"{row['psnr']:.1f} ({row['apart']:+.1f})"

    body = (
        (title, f"{cuts[reading]:.1f} %" if reading in cuts else "",
         *(told(reading, rate) for rate in rates))
        for reading, title in READINGS.items()
    )  # fmt: skip
    return lines(("ranked by", "found", *(f"{rate:g} %" for rate in rates)), body, right=1)


WAYS = {"full": "all", "mask": "all, under a mask", "pruned": "after the cut"}


def _costs() -> str:
    """Time, memory and pictures a second with a mask and without."""
    body = (
        (WAYS[row["way"]], f"{row['gaussians']:,}", f"{row['core_minutes']:.2f}",
         f"{row['peak_mb']:,.0f}", f"{row['pictures_s']:.0f}")
        for row in some("lp3dgs-costs")
    )  # fmt: skip
    head = ("trained", "Gaussians", "core minutes of 1,000 steps", "peak, MB", "pictures a second")
    return lines(head, body, right=1)


def _own(score: str) -> float:
    return next(row["psnr"] for row in some("lp3dgs-own") if row["criterion"] == score)


def _found() -> str:
    """What masks found, from least to most."""
    found = [f"{_state(seed, 'pruned')['pruned']:.0f}" for seed in MASKS]
    return " to ".join(dict.fromkeys((min(found), max(found))))


def _gained() -> str:
    """Decibels that the worst of the fine-tuned scenes is above the full one."""
    apart = min(_state(s, "fine-tuned")["psnr"] - _state(s, "full")["psnr"] for s in MASKS)
    return f"{apart:+.2f}"


def _measured() -> str:
    body = (measured(row) for row in some("lp3dgs-bench"))
    return lines(("measure", "value", "aim", ""), body, right=4)


NUMBERS: dict[str, Callable[[], str]] = {
    "splat-full": lambda: f"{_psnr('largest', 0):.1f}",
    **{f"splat-own-{score}": lambda score=score: f"{_own(score):.1f}" for score in SCORES},
    "splat-found": _found,
    "splat-gained": _gained,
    **{f"splat-{score}-60": lambda score=score: f"{_psnr(score, 60):.1f}" for score in SCORES},
}

TABLES: dict[str, Callable[[], str]] = {
    "lp3dgs-scores": _scores,
    "lp3dgs-masks": _masks,
    "lp3dgs-readings": _readings,
    "lp3dgs-costs": _costs,
    "lp3dgs-bench": _measured,
}
