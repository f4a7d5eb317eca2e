# ECGLens. `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
# Waiting threads sleep instead of spinning, as the front doors have it (src/jobs/__init__.py).
export OMP_WAIT_POLICY := PASSIVE
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Written last, so that an interrupted set-up starts over.
STAMP := $(VENV)/.installed
# Plain PyPI gives Linux machines the CUDA build of torch, gigabytes of it; this index has the
# small CPU build. `make install TORCH_INDEX=` leaves it out (a GPU machine wants that).
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# A published study again, and how much of it: smoke, laptop or full.
SUITE ?= storas
SCALE ?= smoke
# How much `make bench` measures: usual, long or quick.
PLAN ?= usual
# A worker for each core (1 GB each); a file stays with one, for its fixtures.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Every array's shape and kind against the signature of what it is handed to; doubles the time.
SHAPES := --jaxtyping-packages=ecglens,beartype.beartype
NUMERIC := tests/engine tests/models tests/explain tests/eval
# Each application of apps/ is a package that is installed beside the core.
APPS := $(patsubst %/pyproject.toml,./%,$(wildcard apps/*/pyproject.toml))
# Versions to install: those of the lock. `make install LOCK=/dev/null` takes the newest allowed.
LOCK ?= requirements.lock
# What pip installs is compiled at the end of the set-up, on all cores.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# What torch's builds for CUDA bring; `make hashes` has the least for a CPU.
CUDA := cuda-bindings cuda-toolkit nvidia-cudnn-cu13 nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvshmem-cu13 triton
# The environment whose packages `make sbom` lists.
IN ?= $(VENV)

.PHONY: help install install-newest install-lowest hashes sbom wheels demo test test-all test-long test-cluster lint reproduce validate bench docs clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

install: $(STAMP) ## set up .venv with the locked versions

$(STAMP): pyproject.toml $(APPS:%=%/pyproject.toml) requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[1] not in range(11, 14))' || \
	  { echo "ECGLens needs Python 3.11, 3.12 or 3.13; name one by PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "no venv module: install python3-venv, or name another Python by PYTHON=…"; exit 1; }
	@echo "installing into $(VENV) (a minute or two)"
	@$(PIP) --retries 0 --timeout 5 $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) \
	  -c $(LOCK) torch 2> >(grep -v WARNING >&2)
	@$(PIP) -c $(LOCK) -e '.[dev]' setuptools 2> >(grep -v WARNING >&2)
	@# With the setuptools that is there: one for each of them takes a minute more.
	@$(PIP) -c $(LOCK) --no-build-isolation $(APPS:%=-e %) 2> >(grep -v WARNING >&2)
	@$(BIN)/python -m compileall -q -j 0 -x /tests/ $(VENV)/lib >/dev/null || true # templates do not compile
	@mkdir -p .typings && ln -sfn ../src .typings/ecglens
	@touch $@

install-newest: ## the same with the newest versions that pyproject.toml allows
	@rm -f $(STAMP) && $(MAKE) --no-print-directory install LOCK=/dev/null

install-lowest: ## the same with the lowest versions that pyproject.toml allows
	@$(PYTHON) -m venv $(VENV) && $(PIP) uv && mkdir -p build && rm -f $(STAMP)
	@$(BIN)/uv pip compile --quiet --no-header --resolution lowest-direct --extra dev \
	  --python $(BIN)/python -o build/lowest.lock pyproject.toml
	@$(MAKE) --no-print-directory install LOCK=build/lowest.lock

hashes: $(STAMP) ## requirements.hashes again, after a change of requirements.lock or pyproject.toml
	@$(PIP) uv && mkdir -p build && printf '%s\n' $(CUDA) > build/cuda.txt
	@$(BIN)/uv pip compile --quiet --no-header --no-annotate --universal --python-version 3.11 \
	  --generate-hashes --extra formats --excludes build/cuda.txt --no-emit-package torch \
	  -c requirements.lock -o requirements.hashes pyproject.toml

sbom: $(STAMP) ## the packages of .venv, or of IN=…, with their licences: CycloneDX and CSV, in build/
	@test -x build/sbom/bin/pip-licenses || { $(PYTHON) -m venv build/sbom && build/sbom/bin/python -m \
	  pip install --quiet --disable-pip-version-check 'cyclonedx-bom==7.*' 'pip-licenses==5.*'; }
	@build/sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
	  -o build/sbom.json $(IN)/bin/python
	@build/sbom/bin/pip-licenses --python $(IN)/bin/python --from mixed --order license --format csv \
	  --output-file build/licences.csv >/dev/null
	@echo $(CURDIR)/build/sbom.json $(CURDIR)/build/licences.csv

# setuptools copies all that an earlier build left: files that are gone would be in the wheel.
wheels: $(STAMP) ## wheels of the core and of each application, in dist/
	@rm -rf dist
	@for source in . $(APPS); do \
	  rm -rf $$source/build/lib; \
	  $(BIN)/python -m build --wheel --outdir dist $$source >/dev/null; done
	@ls dist/*.whl

demo: $(STAMP) ## train, explain and rank on the embedded default; ends with the report's path
	@$(BIN)/python train.py hydra.run.dir=demo

# A test starts many processes, and each would compile the package again (1 s).
test: export PYTHONDONTWRITEBYTECODE :=
test: export OMP_NUM_THREADS := 1
test: export ECGLENS_WORKERS := 1
test: $(STAMP) ## every test that needs neither root, a browser nor three seconds
	@$(BIN)/python -m pytest -m 'not heavy and not cluster' $(PARALLEL)

test-all: export OMP_NUM_THREADS := 1
test-all: export ECGLENS_WORKERS := 1
test-all: $(STAMP) ## the rest but the long: a browser, kills, no network, a wheel elsewhere, Quantus
	@$(BIN)/python -c 'import quantus' 2>/dev/null || $(PIP) -c requirements.lock -e '.[bench]'
	@$(BIN)/python -m pytest -m 'heavy and not long' $(PARALLEL)

test-long: export OMP_NUM_THREADS := 1
test-long: export ECGLENS_WORKERS := 1
test-long: $(STAMP) ## experiments, and shapes of arrays: before a release
	@$(BIN)/python -m pytest -m long $(PARALLEL)
	@$(BIN)/python -m pytest -m 'not long and not cluster' $(PARALLEL) $(SHAPES) $(NUMERIC)

test-cluster: export OMP_NUM_THREADS := 1
test-cluster: $(STAMP) ## sweeps, several nodes, requeued jobs under a real Slurm on this machine (root)
	@for needed in munged slurmctld slurmd srun; do command -v $$needed >/dev/null || { \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends munge slurm-wlm; break; }; done
	@$(BIN)/python -m pytest -m cluster tests/cluster

docs: export NO_MKDOCS_2_WARNING := 1
docs: $(STAMP) ## the pages of docs/ as a site, in build/site
	@$(BIN)/mkdocs build --strict --quiet && echo $(CURDIR)/build/site/index.html

lint: $(STAMP) ## style, types, and that imports point one way
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright

reproduce: $(STAMP) ## a published study again, its tables beside the printed ones: SUITE=storas|arends|bender|multiverse|all SCALE=smoke|laptop|full
	@$(BIN)/ecglens reproduce $(SUITE) --scale $(SCALE)

validate: $(STAMP) ## measured intervals against LUDB's manual annotation and against exact ECGs
	@$(BIN)/python -m benchmarks.validate_ludb
	@$(BIN)/python -m benchmarks.validate_exact

bench: $(STAMP) ## what others would take and what ECGLens takes, kept in docs/ (a quarter of an hour)
	@$(BIN)/python -c 'import quantus' 2>/dev/null || $(PIP) -c requirements.lock -e '.[bench]' || true
	@$(BIN)/python -m benchmarks --plan $(PLAN)

clean: ## remove the environment, the store and the runs
	rm -rf $(VENV) .typings store runs demo dist *.egg-info apps/*/*.egg-info build apps/*/build
