# What people and CI run. `make demo` and `make test` do all the set-up that they need.
PYTHON ?= python3
BIN := .venv/bin
DEMO_ARCHIVE := demo-archive

.PHONY: demo test lint format lock bench clean

demo: .venv/.runtime
	@$(BIN)/python -m flows.command run tests/footage --archive $(DEMO_ARCHIVE) --deployments tests/footage/deployments.csv
	@$(BIN)/python -m flows.command bouts --archive $(DEMO_ARCHIVE)
	@echo "The clips lie in $(DEMO_ARCHIVE)/media; the paths above can be opened in any player or browser."

test: .venv/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Fresh pins for every platform and Python at once; `pip install --no-deps` then takes exactly these.
lock: .venv/.dev
	$(BIN)/uv pip compile -q --universal --python-version 3.11.0 --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11.0 pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "Ethotrap needs Python 3.11 to 3.13; $(PYTHON) is another. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python cannot make virtual environments here. On Debian: apt install python3-venv"; exit 1; }

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked dependencies; the first time takes some minutes (PyTorch alone has gigabytes)."
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -r requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv build $(DEMO_ARCHIVE)
