PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NODE_STAMP := node_modules/.installed
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup local test unit lint types format snapshots bench synth clean

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) $(NODE_STAMP) .cache/aws-lambda-rie ## Install everything this project needs, into this folder

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed: make PYTHON=python3.13 setup" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(NODE_STAMP): package.json package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { \
		echo "Node 20 or newer is needed" >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.cache/aws-lambda-rie: $(STAMP) scripts/fetch_rie.py
	$(BIN)/python scripts/fetch_rie.py

local: setup ## Run the whole product on this machine: make local ARGS="--port 8080"
	@exec $(BIN)/python -m local $(ARGS)

test: setup lint types ## Run every check and every test
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term --cov-fail-under=$(COVERAGE_FLOOR)

COVERAGE_FLOOR := 90

unit: setup ## Run the fast tests only
	$(BIN)/python -m pytest tests/unit -n $(JOBS)

lint: $(STAMP) ## Check style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## Check types
	$(BIN)/mypy

format: $(STAMP) ## Rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: setup ## Accept the present output as the expected one
	$(BIN)/python -m pytest tests --snapshot-update -m "not slow" -q

bench: setup ## Measure speed and size; not part of the tests
	$(BIN)/python -m bench $(ARGS)

synth: setup ## Write the CloudFormation template to cdk.out
	npx cdk synth --quiet

clean: ## Remove what the other targets made
	rm -rf $(VENV) node_modules .cache cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
