#!/usr/bin/env bash
# Run every test with the environment in the folder $1: in two processes, each with a virtual
# screen of its own, a file of tests in one of them. What needs no window comes first, so that a
# plain mistake shows within seconds. WORKERS=0 runs them one after the other, for a debugger.
set -euo pipefail

venv=${1:-.venv}
export PRUNE3D_PYTHON=$PWD/$venv/bin/python
python=$PRUNE3D_PYTHON
if [ "$(uname)" = Linux ]; then
    if ! command -v xvfb-run >/dev/null || ! command -v xauth >/dev/null; then
        echo "test: the tests need a virtual screen: sudo apt-get install xvfb xauth" >&2
        exit 1
    fi
    python=scripts/screen.sh
fi

plain=()
windowed=()
for path in tests/*/ tests/test_*.py; do
    name=$(basename "$path")
    # Tests of a plugin go with its folder.
    if grep -q "^$name = \"prune3d_gui.plugins" pyproject.toml && [ ! -d "plugins/$name" ]; then
        continue
    fi
    case $path in
        tests/__pycache__/) ;;
        tests/drawing/ | tests/gui/ | tests/systems/) windowed+=("$path") ;;
        *) plain+=("$path") ;;
    esac
done
workers=${WORKERS:-2}
if [ "$workers" -gt 0 ]; then
    spread=(--dist loadfile --no-loadscope-reorder --tx "$workers*popen//python=$python")
    python=$PRUNE3D_PYTHON
else
    spread=()
fi
exec "$python" -m pytest -q -rs "${spread[@]}" "${plain[@]}" "${windowed[@]}"
