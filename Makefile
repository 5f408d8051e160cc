# Every target is one line of shell or one script in Scripts/. `make` alone lists them.
PREFIX ?= /usr/local
SWIFT ?= swift

.DEFAULT_GOAL := help
.PHONY: help run build test check check-deep lint format bench fuzz install examples clean bootstrap

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

bootstrap: ## install what the build needs; does nothing when all is there
	@Scripts/bootstrap

run: bootstrap ## build a release and scan the bundled example logs with all controls
	@Scripts/run

build: bootstrap ## build a release
	$(SWIFT) build -c release --product trailwarden

test: bootstrap ## set up and pass every test
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test --skip-build --parallel
	Scripts/end-to-end

check: bootstrap ## everything CI runs: lint, build with all checks, tests
	Scripts/lint
	$(MAKE) test

check-deep: bootstrap ## sanitizers over all suites, and the fuzzers: for the night
	Scripts/check-deep

lint: ## formatting and the rules of the house
	Scripts/lint

format: ## format all Swift sources
	$(SWIFT) format -i -r --parallel Sources Tests Benchmarks Package.swift

bench: ## measure against the physical limit and, where installed, against peers
	@Scripts/bench

fuzz: ## let the fuzzer loose on the language for SECONDS (60)
	@Scripts/fuzz

install: bootstrap ## install a stripped binary, completions and manual under PREFIX
	@PREFIX="$(PREFIX)" Scripts/install

clean: ## remove what was built
	rm -rf .build Benchmarks/.build
