# What one does with a clone of reclaim. `make help` lists it.
#
# The environment is .venv, made from requirements.lock with hashes, and made again when
# requirements.lock or pyproject.toml changes. Nothing has to be there before but Python
# 3.11, 3.12 or 3.13, make and bash.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready

# A name on the PATH is not enough: version managers put up names for versions that are not in
# use. So each is asked for its version.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	2>/dev/null && { echo $$name; break; }; done)

# `make demo`: where the made-up month is put. It is removed first.
DIR ?= ./demo-home
# `make up`: the practice's home folder, and the port of Airflow's pages.
HOME_DIR ?= ./reclaim-home
PORT ?= 8080

.PHONY: help demo test soak lint up lock clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 8

$(LOCKED): requirements.lock
	@test -n "$(PYTHON)" || { echo 'make: needs Python 3.11, 3.12 or 3.13 (or PYTHON=…)' >&2; exit 1; }
	@echo 'installing the locked packages into $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv: $(READY)

demo: $(READY)  ## A made-up month through the whole pipeline, under Airflow (DIR=./demo-home)
	@.ci/demo $(DIR)

test: $(READY)  ## The tests, without the long ones
	@$(BIN)/pytest -m "not soak"

soak: $(READY)  ## All tests, the long ones too
	@$(BIN)/pytest

lint: $(READY)  ## Style, types, and the direction of imports
	@bad=0; \
	$(BIN)/ruff check . || bad=1; \
	$(BIN)/ruff format --check . || bad=1; \
	$(BIN)/mypy || bad=1; \
	$(BIN)/lint-imports || bad=1; \
	exit $$bad

up: $(READY)  ## Airflow with our DAGs on a home folder (HOME_DIR=./reclaim-home PORT=8080)
	@exec .ci/up $(HOME_DIR) $(PORT)

lock:  ## Resolve requirements.lock anew from pyproject.toml
	@.ci/lock $(PYTHON)

clean:  ## Remove the environment and everything made by make
	@rm -rf $(VENV) .airflow demo-home build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
