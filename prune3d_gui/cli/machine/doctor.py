"""The doctor: what is wrong with this machine, and how to mend it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from ...core.jobs import Row
from . import libraries, probes
from .display import why_no_window

Status = Literal["OK", "warn", "FAIL"]
OLDEST = (3, 11)
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")


def finding(check: str, status: Status, detail: str, mend: str = "") -> Row:
    """Return one line of the report."""
    return {"check": check, "status": status, "detail": detail, "mend": mend}


def diagnose() -> tuple[list[Row], list[str], int]:
    """Look at everything the program stands on.

    Returns
    -------
    rows : list of dict
        ``check``, ``status`` (OK, warn, FAIL), ``detail`` and ``mend``.
    notes : list of str
        The verdict.
    code : int
        1 when something would stop the window, else 0.
    """
    rows = [row for check in CHECKS for row in check()]
    failed = [row["check"] for row in rows if row["status"] == "FAIL"]
    verdict = f"To mend before the window can open: {', '.join(failed)}."
    return rows, [verdict if failed else "The window can open here."], int(bool(failed))


def report(rows: list[Row]) -> list[str]:
    """Lines for people: status, check, detail, and beneath it how to mend it."""
    width = max(len(row["check"]) for row in rows)
    lines = []
    for row in rows:
        lines.append(f"{row['status']:<5} {row['check']:<{width}}  {row['detail']}")
        if row["mend"]:
            lines.append(" " * (width + 8) + f"-> {row['mend']}")
    return lines


def python() -> Iterator[Row]:
    """Python itself."""
    here = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] < OLDEST:
        yield finding("Python", "FAIL", here, "install Python 3.11 or newer and 'make setup'")
    else:
        yield finding("Python", "OK", here)


def packages() -> Iterator[Row]:
    """Python packages, and the one release of Qt that crashes."""
    for name in ("PySide6_Essentials", "vtk", "pyvista", "pyvistaqt", "pyqtgraph", "torch"):
        try:
            found = version(name)
        except PackageNotFoundError:
            yield finding(name, "FAIL", "not installed", f"pip install {name}")
            continue
        if name.startswith("PySide6") and qt_crashes(found, sys.version_info[:2]):
            yield finding(
                name,
                "FAIL",
                f"{found} loses references to None and ends Python before 3.12",
                "pip install 'PySide6_Essentials<6.12', or use Python 3.12 or newer",
            )
        else:
            yield finding(name, "OK", found)


def qt_crashes(qt: str, running: tuple[int, int]) -> bool:
    """Whether this Qt for Python ends this Python after a few thousand calls."""
    numbers = tuple(int(part) for part in qt.split(".")[:2] if part.isdigit())
    return numbers >= (6, 12) and running < (3, 12)


def system_libraries() -> Iterator[Row]:
    """Shared libraries that Qt and VTK need."""
    if not sys.platform.startswith("linux"):
        return
    lost = libraries.missing()
    if lost:
        mend = libraries.install_line(lost)
        yield finding("libraries", "FAIL", f"missing: {', '.join(lost)}", mend)
    else:
        yield finding("libraries", "OK", "all that Qt's X11 platform and VTK need")
    lost = libraries.missing(libraries.WAYLAND, ())
    if lost:
        mend = f"only needed on Wayland: {libraries.install_line(lost)}"
        yield finding("Wayland", "warn", f"missing: {', '.join(lost)}", mend)


def window() -> Iterator[Row]:
    """A display, Qt's platform on it, and who draws in 3D."""
    reason = why_no_window()
    if reason:
        yield finding("display", "FAIL", "none", reason.partition("; ")[2].rstrip("."))
        return
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    given = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    yield finding("display", "OK", " ".join(given) or "the desktop's")
    answer, error = probes.ask(probes.QT)
    if answer is None:
        mend = "mend the libraries above first; QT_DEBUG_PLUGINS=1 prints more"
        yield finding("Qt", "FAIL", error, mend)
        return
    yield finding("Qt", "OK", f"{answer['qt']} on {answer['platform']}")
    renderer = answer.get("renderer", "")
    if not renderer:
        mend = "install a graphics driver; on Debian and Ubuntu: apt-get install libgl1-mesa-dri"
        yield finding("OpenGL", "FAIL", "Qt got no OpenGL context", mend)
    elif any(name in renderer.lower() for name in SOFTWARE):
        mend = "it works, slowly; a graphics driver makes large scenes smooth"
        detail = f"{renderer} {answer['version']}: software, no graphics card is used"
        yield finding("OpenGL", "warn", detail, mend)
    else:
        yield finding("OpenGL", "OK", f"{renderer} {answer['version']}")


def devices() -> Iterator[Row]:
    """What computes."""
    answer, error = probes.ask(probes.TORCH)
    if answer is None:
        yield finding("torch", "FAIL", error, "pip install --force-reinstall torch")
        return
    threads, cores = answer["threads"], os.cpu_count()
    yield finding("CPU", "OK", f"{threads} torch threads on {cores} cores")
    if answer["cuda"]:
        yield finding("CUDA", "OK", ", ".join(answer["cuda"]))
    elif Path("/proc/driver/nvidia/version").exists():
        mend = "install the CUDA build of torch that fits the driver"
        yield finding("CUDA", "warn", "a driver is there, but torch cannot use it", mend)
    else:
        yield finding("CUDA", "OK", "none; not needed")
    if sys.platform == "darwin":
        yield finding("MPS", "OK", "yes" if answer["mps"] else "none; not needed")


def systems() -> Iterator[Row]:
    """Systems, their bundled models, and plugins that did not load."""
    from ...core.registry import discover, plugin_folder

    registry = discover()
    if not registry.systems:
        yield finding("systems", "FAIL", "none loaded", "install the package again")
    for system in registry.systems:
        answer, error = probes.ask(probes.MODEL, system.id)
        name = f"system {system.id}"
        if answer is None:
            yield finding(name, "warn", error, "install the package again, or use --weights FILE")
        else:
            yield finding(name, "OK", f"{answer['title']} opens ({answer['hash'][:12]})")
    for broken in registry.broken:
        mend = "mend or remove the plugin; the others work"
        yield finding(f"plugin {broken.name}", "warn", broken.reason, mend)
    folder = plugin_folder()
    yield finding("plugin folder", "OK", f"{folder}{'' if folder.is_dir() else ' (not there yet)'}")


def folders() -> Iterator[Row]:
    """Folders that settings and caches go into."""
    import platformdirs

    for name, folder in (
        ("settings", platformdirs.user_config_path("prune3d", appauthor=False)),
        ("cache", platformdirs.user_cache_path("prune3d", appauthor=False)),
    ):
        reason = why_unwritable(folder)
        if reason:
            mend = f"give yourself the right to write to {folder}"
            yield finding(name, "warn", f"{folder} ({reason})", mend)
        else:
            yield finding(name, "OK", str(folder))


def why_unwritable(folder: Path) -> str:
    """Say why nothing can be written to `folder`, or to the nearest one above that exists."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            return ""
    except OSError as error:
        return error.strerror or str(error)


CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    python,
    packages,
    system_libraries,
    window,
    devices,
    systems,
    folders,
)
