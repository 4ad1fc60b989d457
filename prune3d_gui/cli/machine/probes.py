"""Questions put to another Python process, so that a crash there is only an answer here."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

TIMEOUT_S = 60
MARK = "prune3d-answer "

QT = """
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
app = QGuiApplication([])
found = {"qt": qVersion(), "platform": app.platformName()}
surface, context = QOffscreenSurface(), QOpenGLContext()
surface.create()
if context.create() and context.makeCurrent(surface):
    gl = context.functions()
    found |= {"renderer": gl.glGetString(0x1F01), "version": gl.glGetString(0x1F02)}
    context.doneCurrent()
answer(found)
"""

TORCH = """
import torch
cuda = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
answer({
    "threads": torch.get_num_threads(),
    "cuda": [torch.cuda.get_device_name(i) for i in cuda],
    "mps": torch.backends.mps.is_available(),
})
"""

MODEL = """
import sys
from prune3d_gui.core.registry import discover
system = discover().system(sys.argv[1])
refs = system.bundled()
if not refs:
    sys.exit("no model comes with it")
model = system.open(refs[0])
answer({"title": model.title, "hash": model.weights_hash})
model.close()
"""

_PREAMBLE = (
    f"import json\ndef answer(found):\n    print({MARK!r} + json.dumps(found), flush=True)\n"
)


def ask(question: str, *words: str) -> tuple[dict[str, Any] | None, str]:
    """Run `question` in a Python of its own.

    Parameters
    ----------
    question : str
        Source that calls ``answer(dictionary)`` once.
    *words : str
        Arguments it finds in ``sys.argv``.

    Returns
    -------
    answer : dict or None
        What it answered.
    error : str
        Why there is no answer, in one line.
    """
    command = [sys.executable, "-c", _PREAMBLE + question, *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {TIMEOUT_S} s"
    for line in done.stdout.splitlines():
        if line.startswith(MARK):
            return json.loads(line.removeprefix(MARK)), ""
    return None, _why(done)


def _why(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    said = lines[-1] if lines else ""
    for line in lines:
        if "could not load the qt platform plugin" in line.lower():
            said = line
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return f"it crashed ({name}){': ' + said if said else ''}"
    return said or f"it ended with code {done.returncode}"
