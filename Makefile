# `make help` lists what there is. Every target does its own set-up; there is nothing to run first.
# What stands in ARGS is passed on: make test ARGS="tidy::", make up ARGS=--help

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up dev demo dashboard test check fmt e2e bench openapi sqlx

# Queries are checked against `.sqlx/`. With DATABASE_URL set, the queue library would check its own
# against that database while it is compiled, and fail.
unexport DATABASE_URL
export SQLX_OFFLINE := true

# nextest runs tests side by side and kills those that hang; without it, cargo's own runner does.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
# `make test PROFILE=ci` keeps going after a failure and writes target/nextest/ci/junit.xml.
PROFILE ?= default

# What tests could not try on this machine, each with its reason (tests/it/support/left_out.rs).
LEFT_OUT := $(or $(CARGO_TARGET_DIR),target)/tmp/left-out
TELL_LEFT_OUT = if [ -s $(LEFT_OUT) ]; then echo "not tested on this machine:"; sort -u $(LEFT_OUT); fi

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The dev profile, here and below: on a fresh checkout compiling is what one waits for, and an
# unoptimised orchestrator still waits for models, not for itself. `make bench` measures a release.
up: dashboard ## Start everything in one process, with an embedded Postgres
	cargo run -q -- up $(ARGS)

dev: ## The same with hot reload: the API, and before it the dashboard as it is being written
	scripts/dev $(ARGS)

demo: ## One task on a sample repository with a scripted model, a worker killed on the way, on a throwaway home
	cargo run -q -- demo $(ARGS)

# Node is needed for it, and for nothing else: without Node the program shows a page that says so.
ifneq ($(shell command -v npm),)
dashboard: frontend/dist/index.html ## Build the dashboard, which the program has inside
else
dashboard:
	@echo "no dashboard: npm (Node 20.19 or newer) is not installed"
endif

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(shell git ls-files frontend openapi)
	cd frontend && npm run --silent build
	touch build.rs $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --silent
	touch $@

test: ## Run all tests, the house rules among them
	@rm -f $(LEFT_OUT)
ifeq ($(NEXTEST),yes)
	cargo nextest run --workspace --profile $(PROFILE) $(ARGS)
else
	@echo "cargo-nextest is not installed: using cargo test"
	cargo test --workspace --lib --bins --tests --no-fail-fast $(ARGS)
endif
	cargo test --workspace --doc -q
	@$(MAKE) --no-print-directory frontend/node_modules/.package-lock.json
	cd frontend && npm test --silent
	@$(TELL_LEFT_OUT)

check: ## Check format, lints, documentation, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
	@# A statement that is missing in .sqlx/ has not compiled above; this finds what is left over there.
	cargo test --quiet --workspace --test it sqlx::everything_kept_is_used
	@if cargo deny --version >/dev/null 2>&1; then \
		cargo deny --log-level error check licenses bans sources; \
	else \
		echo "skipped: cargo deny (cargo-deny is not installed)"; \
	fi
	@$(MAKE) --no-print-directory frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent check

fmt: ## Format the code
	cargo fmt --all

e2e: dashboard ## Run the long suites: real processes shot at random, the API from outside, the dashboard in a browser
	@rm -f $(LEFT_OUT)
ifeq ($(NEXTEST),yes)
	CODEGRAPH_FAULTS=long cargo nextest run -p codegraph --test it --profile e2e -E 'test(/^faults::/)' $(ARGS)
else
	@echo "cargo-nextest is not installed: using cargo test"
	CODEGRAPH_FAULTS=long cargo test -p codegraph --test it -- faults:: --test-threads=1 --nocapture $(ARGS)
endif
	cargo build -q
	tests/contract/run target/debug/codegraph
	cd frontend && npm run --silent ci
	cd frontend && CODEGRAPH_BIN=$(CURDIR)/target/debug/codegraph npm run --silent e2e:real
	@$(TELL_LEFT_OUT)

bench: ## Measure the engine, with pgbench beside it
	python3 -B scripts/bench $(ARGS)

openapi: ## Write openapi/codegraph.json anew
	cargo run -q -- openapi > openapi/codegraph.json.new || { rm openapi/codegraph.json.new; exit 1; }
	mv openapi/codegraph.json.new openapi/codegraph.json

sqlx: ## Write .sqlx/ anew, after a change to a statement or a table
	scripts/sqlx-prepare $(ARGS)
