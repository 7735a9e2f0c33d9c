# Everything a person or a machine does with this checkout. `make help` lists the targets.

PYTHON ?= python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
LOCK := uv --no-config --quiet pip compile --universal --fork-strategy fewest --generate-hashes \
	--no-annotate --no-header --no-emit-package goeswith

.PHONY: help demo install test check suite bench faults lock clean
.NOTPARALLEL:

help:
	@echo "make demo     train on a year of real baskets and serve (HOST, PORT)"
	@echo "make test     the whole test suite"
	@echo "make install  the environment alone: .venv"
	@echo "make check    format, lint, types, import contracts, then tests"
	@echo "make bench    benchmarks beside named peers (BENCH=name, DATA folders: see docs/benchmarks.md)"
	@echo "make faults   what happens when disks fill up, processes die and orders are strange, at real size"
	@echo "make lock     choose the newest pins that pyproject.toml allows"
	@echo "make clean    remove .venv and the demo's model"

demo: $(VENV)/.run
	@exec $(BIN)/goeswith demo

install: $(VENV)/.dev

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=
	@rm -f .coverage.* # of processes that a test killed
	@$(BIN)/python -m coverage report
	@$(BIN)/python -m coverage report --include='recommender/*' --fail-under=95 --format=total >/dev/null \
		|| { echo "branch coverage of recommender/ is below 95%" >&2; exit 1; }

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.dev
	@$(BIN)/python tests/benchmarks $(BENCH)

faults: $(VENV)/.dev
	@FAULTS=full $(BIN)/python -m pytest -v -rsP tests/faults

# What is pinned is installed first, then this checkout; a second call finds the stamp and does nothing.
$(VENV)/.run: requirements.lock pyproject.toml
	@$(sound)
	@$(begin)
	@echo "installing requirements.lock into $(VENV) (about a minute) ..." >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(bytecode)
	@echo "compiling the kernels (about a minute) ..." >&2
	@$(BIN)/python -m training.kernels
	@$(end)

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock requirements-bench.lock
	@$(sound)
	@[ -e $(VENV)/.run ] || $(MAKE) --no-print-directory $(VENV)/.run
	@$(begin)
	@echo "installing requirements-dev.lock into $(VENV) ..." >&2
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --require-hashes --no-deps -r requirements-bench.lock 2>$(VENV)/bench.log \
		|| echo "without the peers of requirements-bench.lock (see $(VENV)/bench.log): tests against them are skipped" >&2
	@$(bytecode)
	@$(end)

# An install that was cut off leaves its mark, and the next one starts from an empty folder.
define sound
if [ -e $(VENV)/.unfinished ]; then \
	if kill -0 "$$(cat $(VENV)/.unfinished)" 2>/dev/null; then \
		echo "another make (process $$(cat $(VENV)/.unfinished)) is installing into $(VENV): wait for it, or remove $(VENV)" >&2; exit 2; \
	fi; \
	echo "the last install was cut off: starting anew" >&2; rm -rf $(VENV); \
fi; \
$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); $(create); }
endef

begin = echo $$PPID >$(VENV)/.unfinished
end = rm $(VENV)/.unfinished; touch $@

# Byte code once, on all cores: without it every start of a command would parse thousands of files.
define bytecode
$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib recommender service training >/dev/null 2>&1 || true
endef

define create
for python in $(PYTHON); do \
	if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "making $(VENV) with $$($$python --version)" >&2; $$python -m venv $(VENV) || exit 1; break; \
	fi; \
done; \
if ! [ -x $(BIN)/python ]; then \
	echo "goeswith needs Python 3.11 or newer with its venv module; none among: $(PYTHON)." >&2; \
	echo "Install it (Debian, Ubuntu: apt install python3-venv), or name it: make PYTHON=/path/to/python3.11 install" >&2; \
	exit 2; \
fi
endef

lock:
	@[ -x $(VENV).lock/bin/uv ] || { python3 -m venv $(VENV).lock && $(VENV).lock/bin/python -m pip install --quiet uv; }
	@PATH="$(VENV).lock/bin:$$PATH"; \
	printf 'hatchling\neditables\n' | $(LOCK) --upgrade pyproject.toml - --extra demo -o requirements.lock && \
	printf 'hatchling\neditables\n' | $(LOCK) --upgrade pyproject.toml - --extra dev -c requirements.lock -o requirements-dev.lock && \
	$(LOCK) --upgrade pyproject.toml --extra bench -c requirements-dev.lock -o requirements-bench.lock
	@rm -rf $(VENV).lock

clean:
	@rm -rf $(VENV) models/demo
