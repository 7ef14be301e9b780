# Gewu: few, plain targets. `make demo` and `make test` work on a fresh Debian or Ubuntu machine with Rust and Node.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
NPM ?= npm
PAGE := web/dist/index.html
PAGE_SOURCES := $(shell find web/src web/docs web/public web/style tiles/sprite -type f 2>/dev/null) web/index.html web/docs.html web/vite.config.ts web/package-lock.json
LISTEN ?= 127.0.0.1:8080
CARGO_DENY := 0.20.2
FUZZ := cql2 envelope batch wkb
ADVISORIES := https://github.com/rustsec/advisory-db

.PHONY: help setup build demo test conformance test-rust test-web lint bench peers-build peers load fuzz fmt clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is missing: PostgreSQL with PostGIS, GDAL headers, a browser for the tests
	@deploy/setup.sh

$(PAGE): $(PAGE_SOURCES)
	cd web && $(NPM) ci --no-audit --no-fund --loglevel=error && $(NPM) run build
	@touch $@

build: setup $(PAGE) ## build the binary with the map page in it
	$(CARGO) build --release

demo: build ## load the sample region of Dali into a private PostGIS and serve the map
	target/release/gewu demo --listen $(LISTEN)

test: setup $(PAGE) ## everything: unit, property, PostGIS, GDAL, the page in a browser; ends with a summary
	@tests/run.sh

conformance: setup $(PAGE) ## the abstract tests of the OGC standards against a running server, kept in target/conformance.txt; part of `make test`
	$(CARGO) test --test ogc conf_ -- --test-threads 2 | tee target/conformance.txt

lint: setup $(PAGE) ## formatting, clippy, documentation, types of the page, licences and advisories of dependencies: no warnings
	$(CARGO) fmt --all --check
	$(CARGO) clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --document-private-items
	cd web && $(NPM) run check
	@command -v cargo-deny >/dev/null || $(CARGO) install cargo-deny --locked --version $(CARGO_DENY)
	$(CARGO) deny --locked check licenses bans sources
	@if GIT_TERMINAL_PROMPT=0 timeout 30 git ls-remote --exit-code $(ADVISORIES) HEAD >/dev/null 2>&1; then \
	  $(CARGO) deny --locked check advisories; \
	else \
	  echo 'advisories: not checked, $(ADVISORIES) cannot be reached'; \
	fi

bench: setup $(PAGE) ## measure resolve and tiles
	$(CARGO) bench

peers-build: setup $(PAGE)
	$(CARGO) build --release --bin gewu --example lattice --example lookup --example designs

peers: peers-build ## measure beside other software; PARTS="r1 r2 r3 r4 t4 past"
	benches/peers/run.py $(or $(PARTS),all)

load: peers-build ## resolve for MINUTES (30) while edits stream in
	benches/load/run.py $(or $(MINUTES),30)

fuzz: ## bytes from anywhere for every fuzz target, MINUTES (10) each
	@command -v cargo-fuzz >/dev/null || $(CARGO) install cargo-fuzz --locked
	@rustup toolchain list | grep -q '^nightly' || rustup toolchain install nightly --profile minimal
	cd fuzz && for target in $(FUZZ); do \
	  cargo +nightly fuzz run $$target -- -max_total_time=$$(( 60 * $(or $(MINUTES),10) )) -print_final_stats=1 || exit 1; \
	done

fmt: ## format the code
	$(CARGO) fmt --all

clean: ## remove what was built; the data directory .gewu stays
	$(CARGO) clean
	rm -rf web/dist web/node_modules
