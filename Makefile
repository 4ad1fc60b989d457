# make setup   an environment with everything in it
# make run     the window (after setup, where that is needed)
# make test    lint, layering, types and every test (after setup, where that is needed)
# make figures numbers, tables and pictures of the texts; what is stale is run again

SHELL := /bin/bash
VENV := .venv
STAMP := $(VENV)/.prune3d-setup

.PHONY: setup run test bench figures lint clean

setup: $(STAMP)

# PYTHON=... names the Python to use; it counts when the environment is made.
export PYTHON
$(STAMP): pyproject.toml constraints.txt scripts/setup.sh
	@scripts/setup.sh $(VENV)
	@touch $(STAMP)

run: $(STAMP)
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY$$QT_QPA_PLATFORM" ]; then \
	  echo "There is no display to open a window on; log in to a desktop or run 'xvfb-run -a make run'." >&2; \
	  exit 2; \
	fi
	@$(VENV)/bin/prune3d

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python scripts/check_types.py

test: lint
	@scripts/test.sh $(VENV)

# Every number, table and picture of README and docs; WHAT=NAME for one of them.
figures: $(STAMP)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then screen=; \
	else screen="xvfb-run -a -s '-screen 0 1600x1200x24 +extension GLX'"; fi; \
	eval "$$screen $(VENV)/bin/python scripts/figures.py $(WHAT)"

bench: $(STAMP)
	@$(VENV)/bin/prune3d bench pgn

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
