# `make run` and `make test` need Python 3.11+, make and git, and no more.
PYTHON ?= python3
# A folder of its own for another Python: make test PYTHON=python3.14 VENV=.venv-3.14
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test test-all soak lint docs audit constraints translations bench bench-check clean

run: $(VENV)/run
	$(BIN)/open-event-uploads serve

# A process for each core; one that has run its tests takes some from another.
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

test: $(VENV)/test
	$(PYTEST) -m "not slow" tests/unit tests/functional

test-all: $(VENV)/test
	$(PYTEST) --hypothesis-profile=thorough --cov --cov-report=term:skip-covered
	$(PYTEST) --stack cloud tests/functional

soak: $(VENV)/test
	$(BIN)/python -m tests.faults.soak default
	$(BIN)/python -m tests.faults.soak cloud --times 100

lint: $(VENV)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/zizmor --offline --quiet .github

# The notice of Material for MkDocs is known: docs/explanation/this-site.md. `--quiet` would
# count no warnings, so that nothing would be strict.
docs: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

audit: $(VENV)/lint
	$(BIN)/python .ci/audit.py

# Made anew when versions are raised: it holds for every Python that is supported.
constraints: $(VENV)/lint
	$(BIN)/python -m uv pip compile --universal --python-version 3.11 --quiet pyproject.toml \
	  --extra postgres --extra s3 --extra svg --no-header --no-emit-index-url --no-annotate --output-file constraints.txt
	@printf '%s\n' '# What was tested together, exactly; made by `make constraints`.' | cat - constraints.txt > .constraints
	@mv .constraints constraints.txt

# The texts of the admin pages in other languages: adds new ones, removes old ones, and compiles them.
translations: $(VENV)/test
	$(BIN)/python -m tests.translations

# Where the figures are written; `make bench JSON=bench/results.json` takes those that are committed.
JSON ?= .bench/results.json

bench: $(VENV)/test
	$(BIN)/python -m bench --json $(JSON)

bench-check: $(VENV)/test
	$(BIN)/python -m bench --json $(JSON) --against bench/results.json

clean:
	rm -rf $(VENV) .bench .site

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

# Each stamp is renewed when what it installs may have changed.
$(VENV)/run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/run

$(VENV)/lint: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,lint]'
	@touch $@ $(VENV)/run $(VENV)/test

$(VENV)/docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@touch $@ $(VENV)/run
