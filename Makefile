SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run dev lint test e2e bench fuzz release

help:
	@echo "make run     builds what changed and serves http://127.0.0.1:3000 with demo data"
	@echo "             PORT, DATA_DIR and DATABASE_URL (sqlite:path, postgres://…) are taken from the environment"
	@echo "make dev     the same in debug, built again at every change"
	@echo "make lint    module cycles, names, dependencies, format, clippy on both sides, links of the documentation;"
	@echo "             with ADVISORIES=1 also known vulnerabilities, by cargo-audit and the network"
	@echo "make test    lints, tests on both databases, byte budget, journeys in a browser; the time of each"
	@echo "make e2e     the journeys alone; DB=postgres for the other database, ARGS= for Playwright"
	@echo "make fuzz    100,000 traces of drafts, 10,000 sequences of payments, the daily job killed over 100,000 certificates, servers killed for minutes"
	@echo "make bench   byte budget, requests per second, autosaves beside a bare writer"
	@echo "make release the program, its files, and its bill of materials (target/release/registrar.cdx.json)"

run:
	@tools/setup.sh
	@tools/build.sh
	@exec target/release/registrar serve --demo

dev:
	@tools/setup.sh
	@source tools/lib.sh; use_tools; exec cargo leptos watch -- serve --demo

release:
	@tools/setup.sh
	@tools/build.sh
	@source tools/lib.sh; use_tools; node tools/dependencies.mjs sbom target/release/registrar.cdx.json

lint:
	@tools/setup.sh lint
	@tools/lint.sh

test:
	@exec tools/test.sh

e2e:
	@tools/setup.sh test
	@tools/build.sh journeys
	@tools/e2e.sh $(or $(DB),sqlite) $(ARGS)

bench:
	@tools/setup.sh bench
	@tools/build.sh
	@tools/bench.sh

fuzz:
	@tools/setup.sh test
	@tools/fuzz.sh
