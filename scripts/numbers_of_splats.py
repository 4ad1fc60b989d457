"""Numbers and tables of the text on splats, made from rows; see `numbers_of`."""

from __future__ import annotations

from collections.abc import Callable

from kept_rows import lines, some

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


def _measured() -> str:
    body = (
        (row["measure"].replace("_", " "), f"{row['value']:.3g} {row['unit']}".rstrip(),
         row.get("limit") or "", row.get("note") or "")
        for row in some("lp3dgs-bench")
    )  # fmt: skip
    return lines(("measure", "value", "aim", ""), body, right=4)


NUMBERS: dict[str, Callable[[], str]] = {
    "splat-full": lambda: f"{_psnr('largest', 0):.1f}",
    **{f"splat-{score}-60": lambda score=score: f"{_psnr(score, 60):.1f}" for score in SCORES},
}

TABLES: dict[str, Callable[[], str]] = {
    "lp3dgs-scores": _scores,
    "lp3dgs-masks": _masks,
    "lp3dgs-bench": _measured,
}
