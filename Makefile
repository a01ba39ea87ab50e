.DEFAULT_GOAL := help
SHELL := /bin/bash

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

proto: ## make the Python stubs of proto/ anew
	libs/contracts/generate

lock: ## make every requirements.lock anew
	deploy/lock

lint: ## formatting, lint, types, architecture, contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	deploy/typecheck
	.venv/bin/python -m pytest -q tests/architecture
