# Everything one does with a checkout. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup test soak check bench format docs demo run lock clean

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY) ## a working .venv/bin/sluicegate; starts nothing

$(READY): requirements/dev.txt requirements/build.txt pyproject.toml scripts/bootstrap
	@scripts/bootstrap
	@touch $@

test: setup ## set everything up and run all tests
	@scripts/install-servers >/dev/null
	@scripts/install-browser >/dev/null || echo "test: the tests that need a browser will fail" >&2
	$(BIN)/pytest -n auto

soak: setup ## events from DingTalk in every order, with every outcome; some minutes
	EVERY_ORDER=1 $(BIN)/pytest -n auto tests/integration/test_dingtalk_events.py

check: setup ## format, lint, types, layers, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/settings_page.py --check
	$(BIN)/python scripts/reference_pages.py --check
	$(BIN)/python scripts/cli_page.py --check

bench: setup ## the benchmarks, each beside its peer
	@$(BIN)/python -m benchmarks

format: setup ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup ## write the generated pages again
	$(BIN)/python scripts/settings_page.py
	$(BIN)/python scripts/reference_pages.py
	$(BIN)/python scripts/cli_page.py

demo: setup ## a ticket's whole way on this machine; ONCE=1 stops after it
	$(BIN)/sluicegate demo $(if $(filter-out 0,$(ONCE)),--once)

run: setup ## the service alone
	$(BIN)/sluicegate up

lock: ## resolve the dependencies again; UPGRADE=1 takes newer versions
	scripts/lock $(if $(filter-out 0,$(UPGRADE)),--upgrade)

clean: ## remove what was made here
	rm -rf .venv .servers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -not -path './node_modules/*' -prune -exec rm -rf {} +
