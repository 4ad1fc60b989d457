"""Shared libraries of the operating system that Qt and VTK need on Linux."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# What a bare Debian or Ubuntu needs for the window; apt brings the rest.
PACKAGES = (
    "libgl1",
    "libegl1",
    "libglib2.0-0",
    "libdbus-1-3",
    "libfontconfig1",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libx11-xcb1",
    "libwayland-cursor0",
    "libgl1-mesa-dri",
)
# Opened at run time, so that no binary lists them.
OPENED = ("libGL.so.1", "libEGL.so.1")
PLUGINS = ("platforms/libqxcb.so", "xcbglintegrations/libqxcb-glx-integration.so")
WAYLAND = ("platforms/libqwayland.so", "platforms/libqwayland-generic.so")

_SPECIAL = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLX.so.0": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libz.so.1": "zlib1g",
}


def packages(sonames: Iterable[str]) -> tuple[list[str], list[str]]:
    """Debian packages that hold `sonames`, and the sonames whose package is not known.

    Debian names a library package after its soname: ``libxcb-cursor.so.0`` is in
    ``libxcb-cursor0``, with a dash where the name itself ends in a digit.
    """
    found, unknown = [], []
    for soname in sonames:
        stem, sign, version = soname.partition(".so.")
        if soname in _SPECIAL:
            found.append(_SPECIAL[soname])
        elif sign and stem.startswith("lib") and version.isdigit():
            dash = "-" if stem[-1:].isdigit() else ""
            found.append(f"{stem}{dash}{version}".lower())
        else:
            unknown.append(soname)
    return list(dict.fromkeys(found)), unknown


def install_line(sonames: Iterable[str]) -> str:
    """Say how to install `sonames`, as far as that is known for this system."""
    sonames = list(sonames)
    known, unknown = packages(sonames)
    if not shutil.which("apt-get"):
        return (
            f"install the packages of your distribution that hold {', '.join(sonames)} "
            "(their names are only known here for Debian and Ubuntu)"
        )
    sudo = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "
    parts = [f"{sudo}apt-get install {' '.join(known)}"] if known else []
    parts += [f"find the package that holds {', '.join(unknown)}"] if unknown else []
    return " and ".join(parts)


def unlinked(binary: Path) -> list[str]:
    """Libraries that the loader cannot find for `binary`; empty where it cannot be asked."""
    ldd = shutil.which("ldd")
    if ldd is None or not binary.is_file():
        return []
    done = subprocess.run([ldd, str(binary)], capture_output=True, text=True, check=False)
    lines = (line.split() for line in done.stdout.splitlines() if "not found" in line)
    return [words[0] for words in lines if words]


def unopenable(sonames: Iterable[str]) -> list[str]:
    """Those of `sonames` that the loader cannot open."""
    missing = []
    for soname in sonames:
        try:
            ctypes.CDLL(soname)
        except OSError:
            missing.append(soname)
    return missing


def qt_plugins() -> Path | None:
    """Folder of Qt's plugins, found without loading Qt."""
    spec = importlib.util.find_spec("PySide6")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in ("Qt/plugins", "plugins"):
            if (Path(folder) / name).is_dir():
                return Path(folder) / name
    return None


def missing(names: Iterable[str] = PLUGINS, opened: Iterable[str] = OPENED) -> list[str]:
    """Sonames that Qt's plugins or VTK would look for in vain; empty off Linux."""
    if not sys.platform.startswith("linux"):
        return []
    folder = qt_plugins()
    found = [soname for name in names if folder for soname in unlinked(folder / name)]
    return list(dict.fromkeys([*found, *unopenable(opened)]))
