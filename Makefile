# Every task of the project. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PARTS := common broker web tasks cli
PROJECTS := $(PARTS:%=%/pyproject.toml)
LOCKS := requirements

# Asked for its version, because a launcher named uv may be present without the program behind it.
ifneq ($(shell uv --version 2>/dev/null),)
INSTALLER := uv
CREATE := UV_PYTHON_DOWNLOADS=never uv venv --allow-existing --python $(PYTHON) $(VENV)
INSTALL := uv pip install --python $(BIN)/python
else
INSTALLER := pip
CREATE := $(PYTHON) -m venv $(VENV)
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check
endif

# What an environment holds is recorded by empty files in it, one for each step.
CREATED := $(VENV)/created-with-$(INSTALLER)
RUN_READY := $(VENV)/ready-to-run
DEV_READY := $(VENV)/ready-to-develop
NODE_MODULES := node_modules
NODE_READY := $(NODE_MODULES)/package-lock.json

.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run dev demo test test-fast fuzz faults check format screens lighthouse check-locks check-translations translations lock upgrade bench bench-scale bench-streaming soak release clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(DEV_READY) ## Build .venv with everything that developing needs (also plain `make`)

run: $(RUN_READY) ## Serve Twite at http://127.0.0.1:8000, data in ./data (ARGS="--port 8080")
	@exec $(BIN)/twite run $(ARGS)

dev: $(DEV_READY) ## Serve Twite while you change it: sources restart the web part, templates show at once
	@exec $(BIN)/twite run --reload $(ARGS)

demo: $(RUN_READY) ## Fill the empty ./data with a made-up town to try Twite out, and serve it (ARGS="--port 8080")
	@$(BIN)/twite demo
	@exec $(BIN)/twite run $(ARGS)

test: $(DEV_READY) ## Run all tests on SQLite, and those that keep data on PostgreSQL (ARGS: more arguments for pytest)
	@exec $(BIN)/python tests/run.py $(ARGS)

test-fast: $(DEV_READY) ## Run the unit tests of all parts on SQLite, which need no service (ARGS="-k name")
	$(BIN)/pytest -p no:cacheprovider -n auto --fast $(PARTS:%=%/tests) $(ARGS)

fuzz: $(DEV_READY) ## Send ever new requests to every operation of the API (ARGS="--examples 1000")
	$(BIN)/pytest -p no:cacheprovider -n 2 --timeout 3600 --examples 100 tests/test_fuzzing.py $(ARGS)

faults: $(DEV_READY) ## Attack and break the real thing, for minutes each (ARGS="--database postgresql")
	$(BIN)/pytest -p no:cacheprovider --timeout 3600 -m faults --long-faults $(ARGS)

check: $(DEV_READY) $(NODE_READY) ## Check style, types, borders between the parts, migrations and locks (needs Node.js)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NODE_MODULES)/.bin/biome ci --error-on-warnings
	$(NODE_MODULES)/.bin/tsc
	$(BIN)/python -m twite_common.migrations check
	@$(MAKE) --no-print-directory check-translations
	@$(MAKE) --no-print-directory check-locks

check-translations: $(DEV_READY) ## Check that each text is in the catalogs, and translated without a mistake
	@$(BIN)/python tests/translations.py check

translations: $(DEV_READY) ## Extract the texts from the code, and bring the catalogs of all languages up to date
	@$(BIN)/python tests/translations.py update

# Without uv only the names and versions are compared, which needs no network.
check-locks: $(DEV_READY) ## Check that the locks fit the projects and name no download address
	$(BIN)/python tests/locks.py
ifeq ($(INSTALLER),uv)
	@rm -rf build/locks && mkdir -p build && cp -R $(LOCKS) build/locks
	@$(MAKE) --no-print-directory lock LOCKS=build/locks
	diff -u -r $(LOCKS) build/locks
endif

# A version that is locked already stays, unless the project no longer allows it.
COMPILE = uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(COMPILE_OPTIONS)
OWN := $(foreach name,twite-common twite-broker twite-web twite-tasks twite,--no-emit-package $(name))

lock: ## Write the locks anew from the projects' dependencies (needs uv)
	$(COMPILE) $(OWN) $(PROJECTS) --output-file $(LOCKS)/run.txt
	$(COMPILE) $(LOCKS)/build.in --output-file $(LOCKS)/build.txt
	$(COMPILE) $(LOCKS)/dev.in --output-file $(LOCKS)/dev.txt

upgrade: COMPILE_OPTIONS := --upgrade
upgrade: lock ## Write the locks anew with the newest versions that the projects allow (needs uv)

format: $(DEV_READY) $(NODE_READY) ## Format Python, scripts and styles, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NODE_MODULES)/.bin/biome check --write

screens: $(DEV_READY) ## Take pictures of every page into ./build/screens (ARGS="--only home,profile --as member")
	@$(BIN)/python tests/screens.py $(ARGS)

lighthouse: $(DEV_READY) $(NODE_READY) ## Measure the first pages with Lighthouse and on a throttled phone (needs Node.js)
	@$(BIN)/python tests/lighthouse.py

bench: $(DEV_READY) ## Measure speed and memory
	@exec $(BIN)/python bench/run.py $(ARGS)

bench-scale: $(DEV_READY) ## Measure small and large sites (ARGS="--database postgresql://…")
	@exec $(BIN)/python bench/scale.py $(ARGS)

soak: $(DEV_READY) ## Send a day's mix for an hour, and look for what grows (ARGS="--minutes 5")
	@exec $(BIN)/python bench/soak.py $(ARGS)

bench-streaming: $(DEV_READY) ## Measure how soon 1,000 listeners hear of a post
	@exec $(BIN)/python bench/streaming.py $(ARGS)

release: $(DEV_READY) ## Build and tag the version that the projects name, into ./dist; nothing is pushed
	@exec $(BIN)/python deploy/release.py

clean: ## Remove everything that make made; ./data stays
	rm -rf $(VENV) $(NODE_MODULES) tests/clients/javascript/node_modules build dist .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(PARTS) tests bench -name __pycache__ -prune -exec rm -rf {} +

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Twite needs Python 3.11 or later.")'
	$(CREATE)
	@touch $@

$(RUN_READY): $(LOCKS)/run.txt $(LOCKS)/build.txt $(PROJECTS) $(CREATED)
	$(INSTALL) --require-hashes -r $(LOCKS)/run.txt -r $(LOCKS)/build.txt
	$(INSTALL) --no-deps --no-build-isolation $(PARTS:%=-e ./%)
	@touch $@

$(DEV_READY): $(LOCKS)/dev.txt $(RUN_READY)
	$(INSTALL) --require-hashes -r $(LOCKS)/dev.txt
	@touch $@

# Only checks and tests of the website use it: running a site needs no Node.js.
$(NODE_READY): package.json package-lock.json | $(DEV_READY)
	@$(BIN)/python tests/node_modules.py
	@touch $@
