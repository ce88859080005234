# PayCenter. `make` alone lists the targets; `make demo` and `make test` need nothing prepared.

PY := .venv/bin/python
STAGE ?= local
VECTORS ?= ../shared/vectors
ARCHITECTURE ?= $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)

export SAM_CLI_TELEMETRY := 0
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help

.PHONY: help install lock lint types fmt test validate build smoke demo sandbox invoke local-invoke events vectors oracles counts config browser pr clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install:  ## make or refresh .venv and .venv-emulator
	@sh tools/environments.sh

lock: install  ## resolve the pinned requirement files afresh from pyproject.toml
	@sh tools/lock.sh

fmt: install  ## format the code
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix-only --quiet .

lint: install  ## ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: install  ## mypy --strict
	@$(PY) -m mypy

test: install build  ## all tests but the browser's
	@$(if $(wildcard $(VECTORS)),VECTORS=$(abspath $(VECTORS))) $(PY) -m pytest -m "not browser" --durations=5

browser: install build  ## the whole path in a headless Chromium
	@$(PY) -m pytest tests/browser -m browser

validate: install  ## sam validate --lint
	@.venv/bin/sam validate --lint

build: install  ## sam build for ARCHITECTURE (default: this machine's)
	@$(PY) -m tools.build --architecture $(ARCHITECTURE)

smoke: build  ## import every built handler as Lambda would
	@$(PY) -m tools.smoke

demo: build  ## orders' lives and every way to pay, watched from outside
	@$(PY) -m sandbox demo --speed $(or $(SPEED),60)

sandbox: build  ## keep the whole system up and print its addresses (SPEED=60: a minute passes in a second)
	@$(PY) -m sandbox up --speed $(or $(SPEED),1) $(SANDBOX_FLAGS)

invoke: install  ## FUNCTION=create_order [EVENT=case]: run an event against the running sandbox
	@$(PY) -m tools.invoke "$(FUNCTION)" $(EVENT)

local-invoke: build  ## every function with every event, in containers (`sam local`)
	@$(PY) -m tools.local

events: install  ## stamp and sign the events that depend on the clock
	@$(PY) -m tools.events

vectors: install  ## VECTORS=DIR: signature cases made by independent implementations
	@$(PY) -m tools.vectors $(VECTORS)

oracles: install  ## published SDKs as the other side, in environments of their own (CI: with what they need)
	@$(PY) -m tools.oracles $(if $(CI),--install) $(ORACLES_FLAGS)

counts: build  ## AWS calls and write units of an order's life beside their limits
	@$(PY) -m tools.counts

config: install  ## FILE=config.toml [STAGE=dev]: validate and write business lines, accounts, ladders
	@$(PY) -m tools.configure $(FILE) --stage $(STAGE)

pr: lint types validate test smoke  ## what CI asks of a change, without the demo

clean:  ## remove what was built; environments stay
	rm -rf .aws-sam .sandbox .pytest_cache .mypy_cache .ruff_cache
