# Everything runs in .venv, installed under constraints.txt; an install runs again only when
# pyproject.toml or constraints.txt has changed. PYTHON=... picks another interpreter.

SHELL := /bin/bash
VENV := .venv
RUN := $(VENV)/bin/python -m
PYTHON = $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

# By the environment, so that the packages of an isolated build are held to the same set.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint format wheel quality new-corpora speed clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

demo: $(VENV)/installed ## Score a sample article and write an HTML report
	$(VENV)/bin/framing demo

test: $(VENV)/installed-test ## Run the tests, but for the slow ones and those for a GPU
	$(RUN) pytest -q

test-all: $(VENV)/installed-test ## Run every test
	$(RUN) pytest -q -m ""

lint: $(VENV)/installed-dev ## Check style, format and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

format: $(VENV)/installed-dev ## Format the code and sort the imports
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

wheel: $(VENV)/bin/python ## Build the wheel into dist/, with framing-small inside
	@rm -rf dist
	$(RUN) pip wheel -qq --no-deps --wheel-dir dist .

quality: $(VENV)/installed-test ## Measure quality anew (DATA=corpora ENCODER=folder)
	$(RUN) benchmarks.quality --data "$(DATA)" --encoder "$(ENCODER)"

new-corpora: $(VENV)/installed-bench ## Retrain on new corpora beside SetFit (DATA=corpora ENCODER=folder)
	$(RUN) benchmarks.new_corpora --data "$(DATA)" --encoder "$(ENCODER)"

speed: $(VENV)/installed-bench ## Measure speed beside other tools on this machine (DEVICE=cpu or cuda)
	$(RUN) benchmarks.speed --device $(or $(DEVICE),cpu)

clean: ## Remove the environment, the builds and the caches
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "framing needs Python 3.11 or later and found none; install one, or name it:" >&2; \
		echo "  make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is not Python 3.11 or later" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; \
		exit 1; }

# A stamp for each set of extras.
$(VENV)/installed: EXTRAS :=
$(VENV)/installed-test: EXTRAS := [test]
$(VENV)/installed-dev: EXTRAS := [dev]
$(VENV)/installed-bench: EXTRAS := [bench]
$(VENV)/installed $(VENV)/installed-test $(VENV)/installed-dev $(VENV)/installed-bench: \
		pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing framing-score$(EXTRAS) into $(VENV); the first time takes some minutes"
	@$(RUN) pip install -qq --editable ".$(EXTRAS)"
	@touch $@
