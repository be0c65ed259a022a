# Every target that needs Python packages sets up .venv by itself; afterwards no command needs the network
# (apart from `make run DATASET=owner/name` and `make outputs`, which download their data).

PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
DATASET ?=
ONLY ?=
REPO ?=
BRANCH ?= main
ARGS ?=

# Recipes read these from the environment, so that no character in them is special to the shell.
export DATASET ONLY REPO BRANCH

VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt requirements-dev.txt
STAMP := $(VENV)/installed-$(or $(notdir $(CONSTRAINTS)),newest)
OPTIONS := $(if $(DATASET),--dataset "$$DATASET") $(if $(ONLY),--only "$(ONLY)")

.DEFAULT_GOAL := help
.PHONY: help run test lab benchmark figures captions lint format outputs readme colab clean

help:  ## Show this list (default)
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "PYTHON=python3.12 makes a new .venv with another Python; CONSTRAINTS= installs the newest packages."

run: $(STAMP)  ## Run the tutorials on the embedded corpus, or with DATASET=folder or owner/name; ONLY=N runs one
	@$(BIN)/python tools/run.py $(OPTIONS)

test: $(STAMP)  ## Run all checks and tests, without a network; ARGS=... goes to pytest
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest $(ARGS)

lab: $(STAMP)  ## Open the tutorials in JupyterLab; DATASET=... as for run
	@$(if $(DATASET),SEQ2SEQ_DATASET="$$DATASET") $(BIN)/python -m jupyterlab

benchmark: $(STAMP)  ## Measure what the tutorials claim, quickly on the embedded corpus, or with DATASET=... as for run
	@$(BIN)/python benchmarks/benchmark.py $(if $(DATASET),--dataset "$$DATASET") $(if $(ONLY),--only "$$ONLY") $(ARGS)

figures: $(STAMP)  ## Draw the figures in assets/figures again
	@$(BIN)/python assets/figures/draw.py

captions: $(STAMP)  ## Generate the embedded corpus in assets/captions again
	@$(BIN)/python assets/captions/generate.py

lint: $(STAMP)  ## Check the code and the notebooks with ruff
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

format: $(STAMP)  ## Format the code and the notebooks with ruff
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

outputs: $(STAMP)  ## Execute the notebooks in place with their own settings; DATASET=... and ONLY=N as for run
	@$(BIN)/python tools/outputs.py $(OPTIONS)

readme: $(STAMP)  ## Write the tables in README.md and benchmarks/README.md from the stored results
	@$(BIN)/python tools/readme_table.py
	@$(BIN)/python benchmarks/benchmark.py --table

colab: $(STAMP)  ## Write Open in Colab badges for REPO=owner/name BRANCH=main; REPO=none removes them
	@$(BIN)/python tools/colab.py --branch "$$BRANCH" -- "$$REPO"

clean:  ## Remove build/ and caches; .venv and the trained models in checkpoints/ stay
	@rm -rf build .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints
	@find assets tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

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
	  { echo "Could not install the packages: see above; the same command tries again." >&2; exit 1; }
	@touch $@
