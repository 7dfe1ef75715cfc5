# Gonogo. Two commands matter: `make run` and `make test`. Each installs what it lacks.
.PHONY: help run test check matrix bench docs build release install lint format clean

GONOGO := .build/release/gonogo

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: release ## start the Owner Cabinet stand-in, run its checklist, show a GO and a NO-GO, stop everything
	@scripts/owner-cabinet-run.sh

test: ## install what is missing, build, run every test; ends with `N passed, N failed`
	@scripts/install.sh build servers tools
	@scripts/test.sh

check: lint test ## format lint, warnings as errors, tests

matrix: release ## run the examples' checklists against every fault of the Testbed: lines × faults
	@scripts/matrix.sh
	@scripts/agent-platform-matrix.sh

bench: release ## measure, beside named peers
	@scripts/install.sh build servers bench
	@Benchmarks/run.sh

docs: build ## write the manuals, the JSON Schemas and the man page from the descriptors
	@scripts/make-docs.sh

build: ## a debug build
	@scripts/install.sh build
	@swift build 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]' ; exit $${PIPESTATUS[0]}

release: ## an optimised build
	@scripts/install.sh build servers
	@scripts/build-release.sh

install: release ## put gonogo into $(PREFIX), by default /usr/local
	@install -D -m 755 $(GONOGO) $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/gonogo
	@$(GONOGO) man > .build/gonogo.1 && install -D -m 644 .build/gonogo.1 $(DESTDIR)$(or $(PREFIX),/usr/local)/share/man/man1/gonogo.1

lint: ## format lint; the build treats warnings as errors
	@swift format lint --strict --recursive Package.swift Sources Tests Testbed

format: ## format everything in place
	@swift format --in-place --recursive Package.swift Sources Tests Testbed

clean: ## remove what was built
	@rm -rf .build

SHELL := /bin/bash
