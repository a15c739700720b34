# Each verb is explained by the words behind its `##`; bare `make` prints them.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up test check prove format lint clean

SHELL := /bin/sh
export PYTHONUTF8 := 1
# Each worker of the tests and each process that they start would compile all of this again.
unexport PYTHONDONTWRITEBYTECODE
SEED ?=
MINUTES ?= 4
WORKERS ?= 4

help: ## print the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: ## run FrankenJet on this machine; PORT=, DATABASE_URL=, REDIS_URL=, RABBITMQ_URL= bring your own; SAMPLE=1 loads the sample there too
	@scripts/bootstrap.sh && exec .venv/bin/frankenjet up

# Tests about outages and leases wait more than they compute: four at a time keep two cores busy. Files go in the order
# of their names: those with few long tests would come last else, when nothing is left to run beside them.
test: ## run the tests, with a short seed of each adversary; WORKERS= is how many run at a time
	@scripts/bootstrap.sh --dev && exec .venv/bin/python -m pytest -m 'not prove' -n $(WORKERS) \
		--dist loadfile --no-loadscope-reorder

check: ## format, lint, imports, types, migrations, API files, requirements, compose file, proxy
	@scripts/bootstrap.sh --dev && exec scripts/check.sh

# Four of the tests go on for as long as they are told: each gets a quarter. Most of the others wait for processes to
# start, end and notice something: two at a time. What hangs is ended five minutes after the longest could have ended.
prove: ## run the adversaries and faults in full; SEED= repeats a run, MINUTES= is how long they look
	@scripts/bootstrap.sh --dev && export PROVE_SEED='$(SEED)' \
		PROVE_MINUTES=$$(awk 'BEGIN { print $(MINUTES) / 4 }') && exec .venv/bin/python -m pytest -m prove \
		-n 2 --dist loadfile --timeout $$(awk 'BEGIN { print $(MINUTES) * 15 + 300 }')

format: ## put the code into its format and mend what can be mended
	@scripts/bootstrap.sh --dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lint: ## say what ruff dislikes
	@scripts/bootstrap.sh --dev
	.venv/bin/ruff check .

clean: ## remove the environment and the tools' caches; the state folder stays
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
