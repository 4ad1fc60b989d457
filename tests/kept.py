"""Rows as earlier versions gave them, by the command: its numbers stay what they were."""

import json
import math
from pathlib import Path

from prune3d_gui.cli.main import main

ALIKE = 1e-4
"""Relative difference allowed: processors round sums differently."""
SHARES, AT_THE_EDGE = ("fscore", "precision", "recall"), 1 / 2500 + 1e-7
"""Shares of points below a distance, and by how much they may differ: one point of 2,500 that is
just there is on either side, by the processor."""


def kept_rows(path):
    """Commands of a file of kept rows, each with its rows."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def compare(command, kept, capsys):
    """Run a command again and hold every value that was kept to what it gives."""
    counted = command.startswith(("sweep", "sensitivity"))
    code = main([*command.split(), *["--no-cache", "--workers", "1"] * counted, "--json", "-"])
    out, err = capsys.readouterr()
    assert code == 0, err
    found = json.loads(out)
    assert len(found) == len(kept)
    wrong = [
        f"row {number}, {name}: {row.get(name)!r}, kept {value!r}"
        for number, (row, known) in enumerate(zip(found, kept, strict=True))
        for name, value in known.items()
        if not _alike(name, row.get(name), value)
    ]
    assert not wrong, "\n".join(wrong)


def _alike(name, value, kept):
    if isinstance(kept, float) and isinstance(value, int | float):
        edge = AT_THE_EDGE if name.startswith(SHARES) else 0.0
        return math.isclose(value, kept, rel_tol=ALIKE, abs_tol=edge)
    return value == kept
