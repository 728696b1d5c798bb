# Two commands on a fresh machine: `make demo` and `make test`. Python >= 3.11 with venv, git and make are all they need.
# make help lists the rest.

# In an empty environment the shell still finds programs, but Python then can't find itself.
PATH ?= /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

PORT ?= 8000
WORKERS ?= 2
UV = uv==0.13.9
PYTHONS = $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
COMPILE = .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help demo test check lint bench screenshots load soak lock clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 8

# exec: Ctrl-C and SIGTERM reach the demo itself and not a shell in front of it.
demo: .venv/.run-stamp ## a line to dial in the browser: make demo PORT=8000
	@exec .venv/bin/helpline demo --port $(PORT)

# Waiting for servers and other processes leaves the cores of two workers idle for a fifth of the time.
test: WORKERS = 4
test: lint ## what a fresh machine can check in under 5 minutes, PostgreSQL included
	.venv/bin/python -m pytest -n $(WORKERS) -m "not slow and not browser"

check: export HELPLINE_THOROUGH = 1
check: lint .venv/.solver-stamp ## everything: also slow tests, real processes, long properties, the browser
	.venv/bin/python -m pytest -n $(WORKERS) --timeout=300 --durations=25 --durations-min=15

lint: .venv/.test-stamp ## style, types and the direction of imports
	.venv/bin/ruff check --quiet
	.venv/bin/ruff format --check --quiet
	.venv/bin/mypy --no-error-summary
	@echo .venv/bin/lint-imports; .venv/bin/lint-imports --no-cache > .venv/imports.log || { cat .venv/imports.log; exit 1; }

bench: .venv/.test-stamp ## speed, as ratios to a bare Flask
	@exec .venv/bin/python -m tests.bench

screenshots: .venv/.test-stamp ## pictures of the main pages, in docs/screens
	@exec .venv/bin/python -m tests.browser.screens

load: .venv/.test-stamp ## a thousand callers wait and ten new ones come a second: how long answers take
	@exec .venv/bin/python -m tests.load

soak: export HELPLINE_KILLS = 1000
soak: .venv/.soak-stamp ## what takes hours: a thousand kills, ten thousand random lives of a helpline, the fuzzer
	.venv/bin/python -m pytest tests/processes/test_kills.py tests/processes/test_restarts.py
	.venv/bin/python -m tests.stateful --sequences 10000 --workers $(WORKERS)
	.venv/bin/python -m tests.fuzz --seconds 600

lock: .venv/.test-stamp ## solve the dependencies anew and rewrite .lock/
	$(PIP) install $(UV)
	$(COMPILE) --upgrade --group build --output-file .lock/run.txt
	$(COMPILE) --upgrade --extra test --output-file .lock/test.txt
	$(COMPILE) --upgrade --extra solver --constraint .lock/test.txt --output-file .lock/solver.txt
	$(COMPILE) --upgrade --extra soak --constraint .lock/test.txt --output-file .lock/soak.txt

clean: ## remove whatever make made
	rm -rf .venv var/demo build *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is touched last, so that an interrupted installation starts again.
.venv/.made-stamp:
	@for python in $(PYTHONS); do \
	    "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "making .venv with $$python"; "$$python" -m venv .venv && touch $@ && exit 0; \
	done; \
	echo "No Python >= 3.11 with venv was found: install one (Debian: apt-get install python3 python3-venv)" \
	     "or name yours (make test PYTHON=/path/to/python3)." >&2; exit 1

.venv/.run-stamp: .lock/run.txt pyproject.toml | .venv/.made-stamp
	@echo "installing what helpline runs on"
	@$(PIP) install --require-hashes -r .lock/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test-stamp: .lock/test.txt .venv/.run-stamp
	@echo "installing what its tests need"
	@$(PIP) install --require-hashes -r .lock/test.txt
	@touch $@

.venv/.solver-stamp: .lock/solver.txt .venv/.test-stamp
	@echo "installing the solver"
	@$(PIP) install --require-hashes -r .lock/solver.txt
	@touch $@

.venv/.soak-stamp: .lock/soak.txt .venv/.test-stamp
	@echo "installing the fuzzer"
	@$(PIP) install --require-hashes -r .lock/soak.txt
	@touch $@
