# The studio's commands. `make run` and `make test` need Python 3.11 to 3.14 with venv, and make; nothing else.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-thorough test-engines chaos lint audit format bench bench-load bench-consumers bench-cutting bench-enlarger bench-editor bench-idle bench-hanging bench-memory bench-printing bench-slow bench-start fit-cutting train-enlarger lock clean

PYTHON_IN_VENV := .venv/bin/python

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'

run:  ## Start the studio; Ctrl-C stops it. PORT=8001 chooses another port
	@.ci/environment requirements.lock later
	@$(PYTHON_IN_VENV) -m stickers.running.runner --follow-parent

setup:  ## Make .venv with what the studio needs; `make run` does it by itself
	@.ci/environment requirements.lock

setup-dev:  ## Make .venv with what the tests and linters need, too
	@.ci/environment requirements-dev.lock later

# Bytecode is always written: without it each worker, and each studio that a test starts, would compile all modules again.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(PYTHON_IN_VENV) -m pytest --numprocesses=auto --dist=worksteal

test: setup-dev  ## Run the tests; ARGS="tests/house/test_lock.py -x" for some of them
	@.ci/browser
	@$(PYTEST) -m "not thorough" $(ARGS)

test-thorough: setup-dev  ## Run the tests that take long: every address as every person, kills, seeded faults, an upgrade
	@$(PYTEST) -m thorough $(ARGS)

test-engines: setup-dev  ## Run the studio over a real PostgreSQL, Redis, S3 and RabbitMQ
	@.ci/engines
	@$(PYTHON_IN_VENV) -m tests.engines $(ARGS)

chaos: setup-dev  ## Kill, fill and refuse at every state of the pipeline; ARGS="--engines --runs 20" over PostgreSQL and Redis
	@$(if $(findstring --engines,$(ARGS)),.ci/engines,:)
	@$(PYTHON_IN_VENV) -m tests.chaos $(ARGS)

lint: setup-dev  ## Check style, types, directions of imports, migrations and that the locks fit pyproject.toml
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .
	$(PYTHON_IN_VENV) -m mypy
	.venv/bin/lint-imports --no-cache --no-logo
	$(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
	$(PYTHON_IN_VENV) -m pytest --quiet tests/house/test_lock.py

audit: setup-dev  ## Look for known faults in the pinned packages
	@$(PYTHON_IN_VENV) -m tests.audit

format: setup-dev  ## Put the code into the house's style
	$(PYTHON_IN_VENV) -m ruff check --fix .
	$(PYTHON_IN_VENV) -m ruff format .

bench: setup-dev  ## Measure the pipeline and the pages against their baselines
	@$(PYTHON_IN_VENV) -m tests.bench
	@$(PYTHON_IN_VENV) -m tests.bench.printing
	@$(PYTHON_IN_VENV) -m tests.bench.agreement

bench-load: setup-dev  ## Measure 500 orders of 10 designers at once over PostgreSQL and Redis
	@.ci/engines
	@$(PYTHON_IN_VENV) -m tests.bench.crowd

bench-cutting: setup-dev  ## Measure the cutting of sheets, kind by kind, against its baseline; ARGS="--against ../before"
	@$(PYTHON_IN_VENV) -m tests.fitting.art
	@$(PYTHON_IN_VENV) -m tests.bench.cutting $(ARGS)
	@$(PYTHON_IN_VENV) -m tests.bench.oracle

bench-enlarger: setup-dev  ## Score the enlarging net on art it never saw, beside Lanczos; ARGS="--picture crops.png"
	@$(PYTHON_IN_VENV) -m tests.bench.enlarger $(ARGS)

bench-editor: setup-dev  ## Measure how soon an edit by hand is seen; ARGS="--strokes 40"
	@$(PYTHON_IN_VENV) -m tests.bench.editor $(ARGS)

bench-consumers: setup-dev  ## Open our print and cut files in the programs that people use, as far as they are installed
	@$(PYTHON_IN_VENV) -m tests.bench.consumers $(ARGS)

bench-idle: setup-dev  ## Measure what a studio costs that has nothing to do; ARGS="--sheets 1 50000"
	@$(PYTHON_IN_VENV) -m tests.bench.idle $(ARGS)

bench-hanging: setup-dev  ## Measure what status calls that hang cost cutting and ordering; ARGS="--against ../before"
	@$(PYTHON_IN_VENV) -m tests.bench.hanging $(ARGS)

bench-slow: setup-dev  ## Measure what slow readers cost everybody else; ARGS="--against ../before"
	@$(PYTHON_IN_VENV) -m tests.bench.slow $(ARGS)

bench-memory: setup-dev  ## Measure whether web server and worker are small again after heavy work
	@$(PYTHON_IN_VENV) -m tests.bench.memory $(ARGS)

bench-printing: setup-dev  ## Measure whole print jobs against another build and against boxes; ARGS="--against ../before"
	@$(PYTHON_IN_VENV) -m tests.bench.print_jobs $(ARGS)

bench-start: setup-dev  ## Time a fresh clone until its first page; ARGS="--against ../before" names the build to compare
	@$(PYTHON_IN_VENV) -m tests.bench.start $(ARGS)

# Programs that fit numbers to pictures have an environment of their own: PyTorch is no dependency of the studio.
FITTING := .venv-fitting/bin/python

.venv-fitting/installed: tests/fitting/requirements.txt
	$(or $(PYTHON),python3) -m venv .venv-fitting
	$(FITTING) -m pip install --quiet --disable-pip-version-check -r tests/fitting/requirements.txt
	cp tests/fitting/requirements.txt $@

train-enlarger: .venv-fitting/installed  ## Train the enlarging net, or go on where it stopped; ARGS="--steps 60000"
	$(FITTING) -m tests.fitting.enlarger.patches test-results/enlarger/patches --shards 12
	OMP_NUM_THREADS=1 $(FITTING) -m tests.fitting.enlarger.train test-results/enlarger $(ARGS)

SHEETS := test-results/cutting
fit-cutting: .venv-fitting/installed  ## Fit the learned cutting engine, or go on where it stopped; ARGS="--minutes 240"
	$(FITTING) -m tests.fitting.cutting.sheets $(SHEETS)/training --sheets 5000
	OMP_NUM_THREADS=1 $(FITTING) -m tests.fitting.cutting.train $(SHEETS)/training $(SHEETS)/net.pt --side 512 --whole 0.7 $(ARGS)
	$(FITTING) -m tests.fitting.cutting.export $(SHEETS)/net.pt
	$(FITTING) -m tests.fitting.cutting.sheets $(SHEETS)/judging --first 5000000 --sheets 400
	$(FITTING) -m tests.fitting.cutting.judge $(SHEETS)/judging

COMPILE := .ci/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(ARGS) --output-file

lock:  ## Renew the locks after a change of dependencies in pyproject.toml; ARGS=--upgrade takes the newest of all
	@$(COMPILE) requirements.lock pyproject.toml >/dev/null
	@$(COMPILE) requirements-dev.lock pyproject.toml --group dev --constraint requirements.lock >/dev/null
	@echo uv | $(COMPILE) .ci/uv.lock - >/dev/null

clean:  ## Remove .venv and caches; data/ with your sheets stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find stickers tests -name __pycache__ -type d -prune -exec rm -rf {} +
