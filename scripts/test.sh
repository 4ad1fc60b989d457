#!/usr/bin/env bash
# Run every test with the environment in the folder $1, on a virtual screen: what needs no
# window first, so that a plain mistake shows within seconds, then the windowed tests.
set -euo pipefail

venv=${1:-.venv}
screen=()
if [ "$(uname)" = Linux ]; then
    if ! command -v xvfb-run >/dev/null || ! command -v xauth >/dev/null; then
        echo "test: the tests need a virtual screen: sudo apt-get install xvfb xauth" >&2
        exit 1
    fi
    screen=(xvfb-run -a -s '-screen 0 1600x1200x24 +extension GLX')
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
        tests/drawing/ | tests/gui/) windowed+=("$path") ;;
        *) plain+=("$path") ;;
    esac
done
exec "${screen[@]}" "$venv/bin/python" -m pytest -q -rs "${plain[@]}" "${windowed[@]}"
