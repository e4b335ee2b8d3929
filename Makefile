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

INSTALL = @$(PYTHON) -B -m firmware_tools install $(if $(ROOT),--root "$(ROOT)")

.PHONY: run test lint demo screenshots references animation texts install rollback uninstall clean help

help:
	@echo "make run          the kiosk (ARGS='--windowed --size 1024x600' for more)"
	@echo "make test         the tests (ARGS='-k ink' to choose; PYTHON=python3.13 for another Python)"
	@echo "make lint         ruff and mypy"
	@echo "make demo         replay a drawing session off-screen"
	@echo "make screenshots  the screens that docs/ shows, into docs/screens"
	@echo "make animation    docs/inkling.webp, the moving picture of the README"
	@echo "make references   the pictures that the tests compare with, after a change of looks"
	@echo "make texts        the translations and docs/configuration.md, after a change"
	@echo "sudo make install    as a service that starts with the power (WHEELS=DIR: without a network)"
	@echo "sudo make rollback   the release before; sudo make uninstall removes all but the data"

install:
	$(INSTALL) $(if $(WHEELS),--wheels "$(WHEELS)")

rollback:
	$(INSTALL) --rollback

uninstall:
	$(INSTALL) --remove

run: $(RUN_DONE)
	@$(VENV)/bin/inkling run $(ARGS)

demo: $(RUN_DONE)
	@$(VENV)/bin/inkling demo $(ARGS)

screenshots: $(RUN_DONE)
	$(VENV)/bin/inkling screenshots docs/screens --only accepted rejected several turn why steps \
		compare teach kid drawer portrait attract

references: $(DEV_DONE)
	INKLING_ACCEPT=1 $(VENV)/bin/python -m pytest tests/test_references.py

animation: $(DEV_DONE)
	$(VENV)/bin/python -m firmware_tools animation docs/inkling.webp

texts: $(DEV_DONE)
	$(VENV)/bin/python -m firmware_tools catalogues
	$(VENV)/bin/python -m firmware_tools configuration
	$(VENV)/bin/python -m firmware_tools wiring

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
