# The commands of the project. Everything they need beyond python3 (3.11 or newer) and make is installed into .venv, at the
# exact versions of requirements/*.lock; uv installs it if present, otherwise pip.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup run test torture lint lint-style lint-types lint-imports format bench docs coverage migration lock clean

help:
	@echo "make run     collect and serve the Dagster UI on http://127.0.0.1:3000 (Ctrl-C ends it)"
	@echo "make test    the test suite; its last lines say how many tests are left to torture"
	@echo "make torture all tests: also further error generations and more ways in which a command can end"
	@echo "make lint    ruff, pyright and what may import what"
	@echo "make bench   the benchmarks, side by side with peers"
	@echo "make setup   only prepare $(VENV), for tests too"
	@echo "make docs    write the pages that are made from declarations and tests"
	@echo "make coverage RECORDED=folder   measure docs/coverage.md on recorded data"
	@echo "make migration name=what        write the migration to the declared tables"
	@echo "make lock    recompile requirements/*.lock"

setup: $(VENV)/.test

INSTALL := $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/python -m pip install --disable-pip-version-check --no-compile)

# Python 3.11 puts setuptools into an environment, which nothing here imports. Compiled everything takes 180 MB more. This is what a start and its judge import.
IMPORTED := dagster_postgres, dagster_webserver.cli, pandas, great_expectations, weatherflick_assets.cli.runner, weatherflick_assets.definitions

$(VENV)/.%: requirements/%.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(if $(UV),$(UV) venv --quiet --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip uninstall --quiet --yes setuptools)
	@echo "Installing the packages of $< into $(VENV), once ..."
	@$(INSTALL) --require-hashes --requirement $<
	@$(INSTALL) --quiet --no-deps --editable .
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c 'import $(IMPORTED)'
	@touch $@

# It needs less than the tests do.
run: $(VENV)/.runtime
	@exec $(BIN)/weatherflick up

test: setup
	@exec $(BIN)/python -m pytest

torture: setup
	@exec $(BIN)/python -m pytest --torture

lint: lint-style lint-types lint-imports

lint-style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: setup
	$(BIN)/pyright --pythonpath $(BIN)/python

lint-imports: setup
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup $(VENV)/.bench
	@exec $(BIN)/python -m benchmarks

docs: setup
	$(BIN)/python -m tools.data_catalogue
	$(BIN)/python -m tools.quality_rules
	$(BIN)/python -m tools.quality_defects
	$(BIN)/python -m tools.serving
	$(BIN)/python -m tools.alerts
	$(BIN)/python -m tools.upkeep
	$(BIN)/python -m tools.metrics
	$(BIN)/python -m tools.automation
	$(BIN)/python -m tools.reliability

coverage: setup
	$(BIN)/python -m tools.coverage_page $(RECORDED)

migration: setup
	$(BIN)/python -m tools.new_migration $(name)

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate pyproject.toml
lock:
	$(COMPILE) --output-file requirements/runtime.lock
	$(COMPILE) --extra test --constraint requirements/runtime.lock --output-file requirements/test.lock
	$(COMPILE) --extra test --extra bench --constraint requirements/test.lock --output-file requirements/bench.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage* .pytest_cache .ruff_cache .hypothesis
