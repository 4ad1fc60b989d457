#!/usr/bin/env bash
# Make an environment in the folder $1 and install the package in it, with pinned versions.
# Run from the root of the repository; run again, it only does what is missing.
set -euo pipefail

venv=${1:-.venv}

say() { printf 'setup: %s\n' "$*" >&2; }

# -- libraries of the operating system (Linux) --------------------------------------------

# What Qt and VTK load, and what shows a window where there is no screen. 'prune3d doctor'
# knows the same list (prune3d_gui/cli/machine/libraries.py).
packages=(libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
    libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libx11-xcb1
    libwayland-cursor0 libgl1-mesa-dri)
tools=(xvfb xauth)

installed() {
    # libglib2.0-0 is called libglib2.0-0t64 on newer releases, which provide the old name.
    local found
    found=$(dpkg-query -W -f='${Status}\n' "$1" "$1t64" 2>/dev/null || true)
    grep -q '^install ok installed' <<<"$found"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    say "installing ${*}"
    as_root apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return
    as_root apt-get update >/dev/null
    as_root apt-get install -y --no-install-recommends "$@" >/dev/null
}

libraries() {
    [ "$(uname)" = Linux ] || return 0
    if ! command -v dpkg-query >/dev/null; then
        say "not Debian or Ubuntu: 'prune3d doctor' will say which libraries are missing, if any."
        return 0
    fi
    local missing=()
    for name in "${packages[@]}" "${tools[@]}"; do
        installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if may_install && apt_install "${missing[@]}"; then
        return 0
    fi
    say "libraries are missing; the window and the tests need them. Install them with"
    say "    sudo apt-get install ${missing[*]}"
}

# -- Python -------------------------------------------------------------------------------

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && fits "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

make_venv() {
    if [ -x "$venv/bin/python" ] && fits "$venv/bin/python" &&
        "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return
    fi
    local python
    if ! python=$(find_python) || ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        may_install && apt_install python3 python3-venv || true
        python=$(find_python) || {
            say "no Python 3.11 or newer was found; install one, or name it: make setup PYTHON=..."
            exit 1
        }
        "$python" -c 'import ensurepip, venv' 2>/dev/null || {
            say "$python has no venv module; install it with: sudo apt-get install python3-venv"
            exit 1
        }
    fi
    say "making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
}

libraries
make_venv
say "installing Python packages into $venv (about a gigabyte; this takes minutes)"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check \
    -c constraints.txt -e '.[dev,cluster]'
say "done; 'make run' opens the window."
