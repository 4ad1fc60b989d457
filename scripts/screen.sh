#!/usr/bin/env bash
# Run the Python $PRUNE3D_PYTHON on a virtual screen of its own; pytest-xdist starts one for each
# process of tests.
exec xvfb-run -a -s '-screen 0 1600x1200x24 +extension GLX' "$PRUNE3D_PYTHON" "$@"
