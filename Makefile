# The hall in two commands: `make serve` opens it, `make test` checks it. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)

# Debian packages. Empty on the command line (`make serve SERVE_PACKAGES=`) leaves the system alone.
PYTHON_PACKAGES := python3-venv ca-certificates
PRINT_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-noto-core
SERVE_PACKAGES := $(PYTHON_PACKAGES) $(PRINT_PACKAGES)
# libatomic1: the driver of the browser tests is linked to it and does not bring it.
# cups and its virtual PDF printer: handbooks are printed for real.
CUPS_PACKAGES := cups cups-client cups-ipp-utils printer-driver-cups-pdf
TEST_PACKAGES := $(SERVE_PACKAGES) git chromium libatomic1 poppler-utils postgresql $(CUPS_PACKAGES)
TRIAL_PACKAGES := fuse3 strace
# A process for each core; one that is done takes over tests of the other (a single one of them lasts minutes).
SPREAD := --numprocesses=auto --maxprocesses=4 --dist=worksteal
# How many power cuts `make trials` makes.
ROUNDS := 12

##@ Every day
.PHONY: serve test help
serve: ready  ## open the hall on http://127.0.0.1:8000
	exec $(BIN)/flask hall serve

test: lint types imports test-postgresql test-sqlite  ## check everything, on both databases

help:  ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Parts of the tests
.PHONY: lint types imports test-sqlite test-postgresql bench trials
lint: tools  ## style and mistakes
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: tools  ## type hints
	$(BIN)/mypy

imports: tools  ## who may import whom
	$(BIN)/lint-imports

test-postgresql: ready-to-test  ## the tests that touch the database, on a throw-away PostgreSQL
	$(BIN)/pytest $(SPREAD) --database=postgresql

test-sqlite: ready-to-test  ## all tests, on SQLite
	$(BIN)/pytest $(SPREAD)

bench: ready-to-test  ## measure (minutes, not part of `make test`)
	$(BIN)/pytest tests/bench -o python_files='bench_*.py' -s

trials: ready-to-test  ## power cuts, failing and full disks (root, FUSE, strace; not part of `make test`)
	@.ci/packages.sh $(TRIAL_PACKAGES)
	$(BIN)/pytest tests/trials -o python_files='trial_*.py' -s --rounds=$(ROUNDS)

##@ Upkeep
.PHONY: catalogues lock clean
catalogues: ready  ## gather new words, update and compile translations/
	$(BIN)/python -m hall.catalogues update
	$(BIN)/python -m hall.catalogues compile

lock:  ## pin the requirements anew from pyproject.toml
	.ci/lock.sh

clean:  ## remove what `make` made; the hall's own data (instance/) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(COMPILED)

# What the targets above stand on; each step does nothing when there is nothing to do.
.PHONY: ready tools ready-to-test
ready:
	@.ci/packages.sh --optional $(SERVE_PACKAGES)
	@.ci/venv.sh requirements.txt
	@$(MAKE) --silent --no-print-directory $(COMPILED)

tools: ready
	@.ci/venv.sh tests/requirements.txt

ready-to-test: tools
	@.ci/packages.sh $(TEST_PACKAGES)

$(COMPILED) &: $(CATALOGUES) hall/catalogues.py
	$(BIN)/python -m hall.catalogues compile
	@touch $(COMPILED)
