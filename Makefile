# The few commands that define done, here and in CI. `make PYTHON=python3.13 test` picks an interpreter.
PYTHON ?= python3
VENV ?= .venv
STACK ?= dev
BIN := $(VENV)/bin
QUICKSTART := examples/quickstart
STACKWRIGHT := $(CURDIR)/$(BIN)/stackwright

.PHONY: up down test test-slow test-versions setup lint format types imports check wheel protos bench lock clean

up: $(VENV)/.user ## Set up, and deploy examples/quickstart
	$(STACKWRIGHT) stack select --cwd $(QUICKSTART) --create $(STACK)
	$(STACKWRIGHT) up --cwd $(QUICKSTART) --stack $(STACK) --yes

down: $(VENV)/.user ## Destroy what `make up` deployed
	$(STACKWRIGHT) destroy --cwd $(QUICKSTART) --stack $(STACK) --yes

test: setup ## Set up, and run the tests
	$(BIN)/pytest -n 2 --dist loadscope $(PYTEST_ARGS)

test-slow: setup ## The longer suites too (see CONTRIBUTING.md)
	$(BIN)/pytest -m "slow or not slow" $(PYTEST_ARGS)

test-versions: ## The tests on every supported interpreter there is
	tools/test-versions $(PYTEST_ARGS)

setup: $(VENV)/.dev

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Stackwright needs Python 3.11 or newer; name one: make PYTHON=python3.13 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.user: $(VENV)/.made pyproject.toml $(QUICKSTART)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable . -r $(QUICKSTART)/requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ $(VENV)/.user

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

check: lint types imports

wheel: setup
	rm -rf dist
	$(BIN)/uv build --quiet --wheel --out-dir dist

protos: setup ## Regenerate src/stackwright/wire/stubs from src/stackwright/wire/proto
	$(BIN)/python tools/generate_stubs.py

bench: setup ## Compare with the peers that are installed; writes bench/README.md
	$(BIN)/python -m bench

lock: $(VENV)/.made ## Resolve the development dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header \
		--no-emit-index-url --upgrade pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
