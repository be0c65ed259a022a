# Every target that needs Python packages sets up .venv by itself; afterwards no command needs the network
# (apart from `make run` and `make benchmark` with DATASET=owner/name, `make outputs`, and the notebooks that you
# run in `make lab`, which download their data).

PYTHON ?= python3
PYTHON_LEGACY ?= python3
CONSTRAINTS ?= constraints.txt
DATASET ?=
ONLY ?=
REPO ?=
BRANCH ?= main
ARGS ?=

# Recipes read these from the environment, so that no character in them is special to the shell.
export DATASET ONLY REPO BRANCH

# A variable that is misspelt would be ignored: DATSET=my_folder would run on the embedded corpus.
KNOWN := DATASET ONLY REPO BRANCH ARGS PYTHON PYTHON_LEGACY CONSTRAINTS
GIVEN := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) SHELL MAKE% -%,$(GIVEN))
$(if $(UNKNOWN),$(error No variable $(UNKNOWN): expected some of $(KNOWN)))

VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt requirements-dev.txt
STAMP := $(VENV)/installed-$(or $(notdir $(CONSTRAINTS)),newest)
LEGACY := .venv-legacy
LEGACY_REQUIREMENTS := legacy/requirements.txt
LEGACY_CONSTRAINTS := legacy/constraints.txt
LEGACY_STAMP := $(LEGACY)/installed
# What pyproject.toml excludes from the 120 columns of the rest.
NARROW := --line-length 88 "1 - "*.ipynb solutions/*.ipynb tests/test_tutorial_1.py \
  benchmarks/*.py benchmarks/cells/*.py tests/test_benchmarks.py
OPTIONS := $(if $(DATASET),--dataset "$$DATASET") $(if $(ONLY),--only "$$ONLY")

.DEFAULT_GOAL := help
.PHONY: help run test lab benchmark figures captions lint format outputs readme colab test-legacy clean

help:  ## Show this list (default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "PYTHON=python3.12 chooses the Python of a new .venv (delete the old one first); CONSTRAINTS= installs the newest packages;"
	@echo "PYTHON_LEGACY=python3.11 chooses that of .venv-legacy, which needs Python 3.10 to 3.12."

run: $(STAMP)  ## Run the tutorials on the embedded corpus, or with DATASET=folder or owner/name; ONLY=N runs one
	@$(BIN)/python tools/run.py $(OPTIONS)

test: $(STAMP)  ## Run all checks and tests, without a network; ARGS=... goes to pytest
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest $(ARGS)

lab: $(STAMP)  ## Open the tutorials in JupyterLab; DATASET=... as for run, ARGS=... goes to JupyterLab
	@$(if $(DATASET),SEQ2SEQ_DATASET="$$DATASET") $(BIN)/python -m jupyterlab $(ARGS)

benchmark: $(STAMP)  ## Measure what the tutorials claim, quickly on the embedded corpus, or with DATASET=... as for run
	@$(BIN)/python benchmarks/benchmark.py $(if $(DATASET),--dataset "$$DATASET") $(if $(ONLY),--only "$$ONLY") $(ARGS)

figures: $(STAMP)  ## Draw the figures in assets/figures again
	@$(BIN)/python assets/figures/draw.py

captions: $(STAMP)  ## Generate the embedded corpus in assets/captions again
	@$(BIN)/python assets/captions/generate.py

lint: $(STAMP)  ## Check the code and the notebooks with ruff
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff check $(NARROW)
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff format --check $(NARROW)

format: $(STAMP)  ## Format the code and the notebooks with ruff
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff check --fix $(NARROW)
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff format $(NARROW)

outputs: $(STAMP)  ## Execute the notebooks in place with their own settings; DATASET=... and ONLY=N as for run
	@$(BIN)/python tools/outputs.py $(OPTIONS)

readme: $(STAMP)  ## Write the tables of README.md and benchmarks/README.md from the stored results
	@$(BIN)/python tools/readme_table.py
	@$(BIN)/python benchmarks/benchmark.py --table

colab: $(STAMP)  ## Write Open in Colab badges for REPO=owner/name BRANCH=main; REPO=none removes them
	@$(BIN)/python tools/colab.py --branch "$$BRANCH" -- "$$REPO"

test-legacy: $(LEGACY_STAMP)  ## Run and test the notebooks in legacy/ with torchtext, in .venv-legacy; ARGS=... as for test
	@$(LEGACY)/bin/python -m pytest --noconftest tests/test_legacy.py $(ARGS)

clean:  ## Remove build/ and caches; .venv and the trained models in checkpoints/ stay
	@rm -rf build .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints
	@find assets benchmarks tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv whose Python is gone, say after an upgrade of the system, is set up again.
ifneq ($(shell test -e $(STAMP) && ! test -x $(BIN)/python && echo gone),)
.PHONY: $(STAMP)
endif

# The name of the stamp tells the constraints: installing with others removes it.
$(STAMP): $(REQUIREMENTS) $(CONSTRAINTS)
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  echo "Updating .venv..."; \
	else \
	  command -v "$(PYTHON)" >/dev/null || \
	    { echo "Expected Python 3.10 or newer, found no program $(PYTHON): add PYTHON=... to the command." >&2; exit 1; }; \
	  "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "Expected Python 3.10 or newer, found $$("$(PYTHON)" --version 2>&1): add PYTHON=... to the command." >&2; exit 1; }; \
	  "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
	    { echo "Expected Python's venv module, found none (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }; \
	  echo "Setting up .venv (first time only; downloads and installs torch and the rest, several minutes)..."; \
	  "$(PYTHON)" -m venv --clear $(VENV); \
	fi
	@rm -f $(VENV)/installed-*
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  $(addprefix -r ,$(REQUIREMENTS)) $(if $(CONSTRAINTS),-c $(CONSTRAINTS),--upgrade --upgrade-strategy eager) || \
	  { echo "Could not install the packages: see above; the same command tries again." \
	    "$(if $(CONSTRAINTS),($(CONSTRAINTS) is for Python 3.10 to 3.13; this is $$($(BIN)/python --version).))" >&2; exit 1; }
	@touch $@

$(LEGACY_STAMP): $(LEGACY_REQUIREMENTS) $(LEGACY_CONSTRAINTS)
	@"$(PYTHON_LEGACY)" -c 'import sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null || \
	  { echo "Expected Python 3.10 to 3.12 with its venv module for torchtext, found" \
	    "$$("$(PYTHON_LEGACY)" --version 2>&1): add PYTHON_LEGACY=... to the command." >&2; exit 1; }
	@echo "Setting up .venv-legacy (first time only; downloads and installs torch 2.3.1 and the rest, several minutes)..."
	@"$(PYTHON_LEGACY)" -m venv --clear $(LEGACY)
	@$(LEGACY)/bin/python -m pip install --quiet --disable-pip-version-check \
	  -r $(LEGACY_REQUIREMENTS) pytest -c $(LEGACY_CONSTRAINTS) || \
	  { echo "Could not install the packages: see above; the same command tries again." >&2; exit 1; }
	@touch $@
