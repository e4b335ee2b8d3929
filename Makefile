# Two commands do everything on a fresh machine: `make run` and `make test`.
# Another interpreter: `make test PYTHON=python3.13`.

PYTHON ?= python3.11
ifeq ($(shell command -v $(PYTHON) 2>/dev/null),)
PYTHON := python3
endif

VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
VENV := .venv/$(VERSION)
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
RUN_DONE := $(VENV)/.run-installed
DEV_DONE := $(VENV)/.dev-installed

.PHONY: run test lint demo screenshots clean help

help:
	@echo "make run          the kiosk (ARGS='--windowed --size 1024x600' for more)"
	@echo "make test         the tests (ARGS='-k ink' to choose; PYTHON=python3.13 for another Python)"
	@echo "make lint         ruff and mypy"
	@echo "make demo         replay a drawing session off-screen"
	@echo "make screenshots  every screen as a PNG, into docs/screens"

run: $(RUN_DONE)
	@$(VENV)/bin/inkling run $(ARGS)

demo: $(RUN_DONE)
	@$(VENV)/bin/inkling demo $(ARGS)

screenshots: $(RUN_DONE)
	$(VENV)/bin/inkling screenshots docs/screens

test: $(DEV_DONE)
	$(VENV)/bin/python -m pytest $(ARGS)

lint: $(DEV_DONE)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

$(VENV)/bin/python:
	@echo "Making $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUN_DONE): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Inkling ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(DEV_DONE): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Inkling and its test tools ..."
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(RUN_DONE)

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache
