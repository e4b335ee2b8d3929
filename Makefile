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

.PHONY: run test lint demo screenshots references animation texts performance comparison reliability install rollback uninstall package clean help \
	virtual-pi virtual-pi-all virtual-pi-shell image

help:
	@echo "make run          the kiosk (ARGS='--windowed --size 1024x600' for more)"
	@echo "make test         the tests (ARGS='-k ink' to choose; PYTHON=python3.13 for another Python)"
	@echo "make lint         ruff and mypy"
	@echo "make demo         replay a drawing session off-screen"
	@echo "make screenshots  the screens that docs/ shows, into docs/screens"
	@echo "make animation    docs/inkling.webp, the moving picture of the README"
	@echo "make references   the pictures that the tests compare with, after a change of looks"
	@echo "make texts        the translations and docs/configuration.md, after a change"
	@echo "make performance  measure everything, write docs/performance.md (BOARD='Raspberry Pi 4')"
	@echo "make comparison   Inkling beside a browser page, a server, Qt and Kivy; into docs/performance.md"
	@echo "make reliability  inject faults, wear it out for hours, write docs/reliability.md (ARGS='kills ends')"
	@echo "make virtual-pi   the product on an emulated Pi, tested from outside (virtual-pi-all: everything)"
	@echo "make virtual-pi-shell  the emulated Pi for yourself; make image  a card for a Raspberry Pi 3 or 4"
	@echo "make package      the Debian package (ARGS='--debian trixie --arch arm64' for another machine)"
	@echo "sudo make install    as a service that starts with the power (WHEELS=DIR: without a network)"
	@echo "sudo make rollback   the release before; sudo make uninstall removes all but the data"

install:
	$(INSTALL) $(if $(WHEELS),--wheels "$(WHEELS)")

rollback:
	$(INSTALL) --rollback

uninstall:
	$(INSTALL) --remove

# The same commit gives the same package.
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))

package: $(DEV_DONE)
	@$(if $(EPOCH),SOURCE_DATE_EPOCH=$(EPOCH)) $(VENV)/bin/python -m firmware_tools package $(ARGS)

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

# The float forms and the plots need the extra "train": pip install -e '.[train]' in the same environment.
performance: $(RUN_DONE)
	$(VENV)/bin/python -m firmware_tools floats build/floats
	$(VENV)/bin/inkling bench all --floats build/floats --verbose --report $(if $(BOARD),--board "$(BOARD)") --json $(ARGS) > build/bench.json
	$(VENV)/bin/python -m firmware_tools performance build/bench.json

# The others' packages come from PyPI and npm, into ~/.cache/inkling/comparison; chromium, xvfb, xdotool from apt.
comparison: $(RUN_DONE)
	$(VENV)/bin/python -m firmware_tools comparison --report docs/performance.md $(ARGS)

reliability: $(RUN_DONE)
	$(VENV)/bin/python -m firmware_tools reliability --write $(ARGS)

test: $(DEV_DONE)
	$(VENV)/bin/python -m pytest $(ARGS)

lint: $(DEV_DONE)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Root makes the system's image (once, then it is in the cache); all else needs no rights.
VIRTUAL_PI = PYTHONPATH=tests:. $(VENV)/bin/python -m

virtual-pi: $(DEV_DONE)
	$(VIRTUAL_PI) pytest -s -v -m short tests/virtual_pi/story_*.py $(ARGS)

virtual-pi-all: $(DEV_DONE)
	$(VIRTUAL_PI) pytest -s -v tests/virtual_pi/story_*.py $(ARGS)

virtual-pi-shell: $(DEV_DONE)
	$(VIRTUAL_PI) virtual_pi shell $(ARGS)

image: $(DEV_DONE)
	$(VIRTUAL_PI) virtual_pi image $(ARGS)

$(VENV)/bin/python:
	@echo "Making $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }  # half of one would be taken for a whole one

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
