.DEFAULT_GOAL := help
SHELL := /bin/bash

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

proto: ## make the Python stubs of proto/ anew
	libs/contracts/generate

released: ## take the present proto/ as what clients rely on: from then on it only grows
	.venv/bin/buf build proto --exclude-source-info -o proto/released.binpb

lock: ## make every requirements.lock anew
	deploy/lock

lint: ## formatting, lint, types, architecture, contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	deploy/typecheck
	.venv/bin/python -m pytest -q tests/architecture

PYTHON ?= python3
EMBEDDED = .venv/bin/python -m embedded

venv: ## make .venv with what the demo needs (Python 3.11 or later is enough)
	@$(PYTHON) deploy/embedded/bootstrap

venv-test: ## make .venv with what tests and checks need too
	@$(PYTHON) deploy/embedded/bootstrap --tests

demo: venv ## start the whole system, stay until Ctrl-C
	@$(EMBEDDED) run

demo-up: venv ## start the whole system in the background
	@$(EMBEDDED) up

demo-down: venv ## stop it, keep the data
	@$(EMBEDDED) down

demo-reset: venv ## stop it, delete the data
	@$(EMBEDDED) reset

demo-status: venv ## show what runs, and where
	@$(EMBEDDED) status

demo-logs: venv ## show the last lines of every log
	@$(EMBEDDED) logs


test: venv-test ## lint and every test but chaos, compose, fuzz and published-servers, against real servers
	@$(MAKE) --no-print-directory lint
	.venv/bin/python -m pytest -q --numprocesses 2 --dist loadfile \
	  --ignore=tests/chaos --ignore=services/metrics/tests/chaos --ignore=tests/architecture \
	  --ignore=tests/published_servers --ignore=tests/e2e/test_fuzz.py

chaos: venv-test ## the story while every process is killed, stands still and is cut off; 60 rounds and all mutants of the usage pipeline
	.venv/bin/python -m pytest -q tests/chaos services/metrics/tests/chaos

WALKS ?= 300
machines: venv-test ## more walks of everybody through both machines and the desk, WALKS=300 of them by night; SEED=... for the same ones again
	MACHINE_WALKS=$(WALKS) .venv/bin/python -m pytest -q --show-capture=no tests/machines $(if $(SEED),--hypothesis-seed $(SEED))

ROUNDS ?= 1000
chaos-usage: venv-test ## more rounds, ROUNDS=1000 of them by night; SEED=... for the same ones again
	.venv/bin/python -m services.metrics.tests.chaos --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

FUZZ_EXAMPLES ?= 100
fuzz: venv-test ## requests to each operation of the API, made from its document, FUZZ_EXAMPLES=100 of them by night
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) .venv/bin/python -m pytest -q tests/e2e/test_fuzz.py

registry-entries: venv-test ## a thousand real registry entries are imported, submitted, reviewed in bulk and listed
	REGISTRY_ENTRIES=$${REGISTRY_ENTRIES:-1000} .venv/bin/python -m pytest -q -rP tests/e2e/test_registry_entries.py

published-servers: venv-test ## try the live checks against servers from the Python index and npm; needs Node.js
	tests/published_servers/prepare
	.venv/bin/python -m pytest -q tests/published_servers

OTELCOL = build/otelcol/otelcol
$(OTELCOL): services/metrics/tests/otelcol-builder.yaml
	mkdir -p $(@D)
	go run go.opentelemetry.io/collector/cmd/builder@v0.160.0 --config $<

otel-collector: venv-test $(OTELCOL) ## the OpenTelemetry Collector itself in front of ours; builds it once, needs Go
	OTELCOL=$(CURDIR)/$(OTELCOL) .venv/bin/python -m pytest -q services/metrics/tests/test_otel_collector.py

compose-verify: venv-test ## build the images, run docker compose, walk the story through it
	deploy/compose/verify

.PHONY: fuzz registry-entries published-servers otel-collector help proto released lock lint venv venv-test demo demo-up demo-down demo-reset demo-status demo-logs test machines chaos chaos-usage compose-verify
