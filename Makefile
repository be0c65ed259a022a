# Each target sets up what it needs by itself. Afterwards only data that are named by
# DATASET=owner/name, `make outputs` and the notebooks in `make lab` need the network.

PYTHON ?= python3
PYTHON_LEGACY ?= python3
CONSTRAINTS ?= constraints.txt
BRANCH ?= main
# Threads that wait let others work: on a busy machine, several times as fast.
OMP_WAIT_POLICY ?= PASSIVE
# Recipes read these from the environment, where no character is special to the shell.
export DATASET ONLY REPO BRANCH OMP_WAIT_POLICY

# A variable that is misspelt would be ignored: DATSET=my_folder would run on other data.
KNOWN := DATASET ONLY REPO BRANCH ARGS OMP_WAIT_POLICY PYTHON PYTHON_LEGACY CONSTRAINTS
GIVEN := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) SHELL MAKE% -%,$(GIVEN))
$(if $(UNKNOWN),$(error No variable $(UNKNOWN): expected some of $(KNOWN)))

BIN := .venv/bin
OPTIONS = $(if $(DATASET),--dataset "$$DATASET") $(if $(ONLY),--only "$$ONLY")
# The names of the stamps tell the constraints: installing with others removes them.
STAMP := .venv/installed-$(or $(notdir $(CONSTRAINTS)),newest)

.PHONY: help run test lab site benchmark figures captions lint format outputs readme colab test-legacy test-browser clean

help:  ## Show this list (default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile
	@echo "PYTHON=python3.12 makes a new .venv with that Python (delete the old one first);"
	@echo "CONSTRAINTS= installs the newest packages; PYTHON_LEGACY=... is for .venv-legacy."

run: $(STAMP)  ## Run the tutorials on the small corpus, or with DATASET=folder or owner/name; ONLY=N runs one
	@$(BIN)/python tools/run.py $(OPTIONS)
test: $(STAMP)  ## Run the checks and tests, without a network; ARGS=... goes to pytest
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)
lab: $(STAMP)  ## Open copies of the tutorials in JupyterLab, on Multi30k or DATASET=...; ARGS=... goes to JupyterLab
	@$(BIN)/python tools/lab.py $(if $(DATASET),--dataset "$$DATASET") $(ARGS)
site: .venv-site/installed  ## Make a website of the stored tutorials in build/site; REPO=owner/name BRANCH=main adds Colab buttons
	@.venv-site/bin/python -m sphinx -q -E -W --keep-going -c site . build/site
	@echo "The site is done: build/site/index.html"
benchmark: $(STAMP)  ## Measure what the tutorials claim, quickly on the small corpus, or with DATASET=...; ONLY=text, ARGS=--list
	@$(BIN)/python benchmarks/benchmark.py $(OPTIONS) $(ARGS)
outputs: $(STAMP)  ## Run the tutorials in place, as they are; DATASET=... and ONLY=N as for run
	@$(BIN)/python tools/run.py --in-place $(OPTIONS)
readme: $(STAMP)  ## Write the tables of README.md and benchmarks/README.md, and assets/alignment.png, from what is stored
	@$(BIN)/python tools/readme.py
	@$(BIN)/python benchmarks/benchmark.py --table
colab: $(STAMP)  ## Write Open in Colab badges for REPO=owner/name BRANCH=main; REPO=none removes them
	@$(BIN)/python tools/readme.py --colab="$$REPO" --branch="$$BRANCH"
figures: $(STAMP)  ## Draw the figures in assets/figures again
	@$(BIN)/python assets/figures/draw.py
captions: $(STAMP)  ## Generate the small corpus in assets/captions again
	@$(BIN)/python assets/captions/generate.py
lint: $(STAMP)  ## Check the code and the notebooks with ruff
	@$(BIN)/python -m ruff check . && $(BIN)/python -m ruff format --check .
format: $(STAMP)  ## Format the code and the notebooks with ruff
	@$(BIN)/python -m ruff check --fix . && $(BIN)/python -m ruff format .
test-legacy: .venv-legacy/installed  ## Run and test the notebooks in legacy/ with torchtext; ARGS=... as for test
	@.venv-legacy/bin/python -m pytest --noconftest tests/test_legacy.py $(ARGS)
test-browser: $(STAMP) site  ## Test the site and JupyterLab in your Chromium or Chrome; ARGS=... as for test
	@.venv-site/bin/python -m pytest site/test_browser.py $(ARGS)
clean:  ## Remove build/, with what benchmarks have saved, and caches; checkpoints/ and lab/ stay
	@rm -rf build .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints */__pycache__ */*/__pycache__

# $(call setup,folder,python,its variable,newest minor version,versions in words)
define setup
command -v "$(2)" >/dev/null || { echo "There is no program $(2): add $(3)=..." >&2; exit 1; }; \
"$(2)" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $(4)))' || \
  { echo "Python $(5) is needed, $(2) is $$("$(2)" --version 2>&1): add $(3)=..." >&2; exit 1; }; \
"$(2)" -c 'import venv, ensurepip' 2>/dev/null || \
  { echo "Python's venv module is missing (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }; \
echo "Setting up $(1) (first time only; downloads torch and the rest, several minutes)..."; \
"$(2)" -m venv --clear $(1)
endef
FAILED = { echo "Could not install the packages: see above; the same command tries again." \
  "(The versions in constraints.txt are for Python 3.10 to 3.13.)" >&2; exit 1; }
PIP := -m pip install --quiet --disable-pip-version-check

# What has lost its Python, say in an upgrade of the system, is set up again.
STAMPS := $(STAMP) .venv-legacy/installed .venv-site/installed
.PHONY: $(shell for stamp in $(STAMPS); do \
  test -e $$stamp && ! test -x $${stamp%/*}/bin/python && echo $$stamp; done)
$(STAMP): requirements.txt requirements-dev.txt $(CONSTRAINTS)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(call setup,.venv,$(PYTHON),PYTHON,99,3.10 or newer); }
	@rm -f .venv/installed-*
	@$(BIN)/python $(PIP) -r requirements.txt -r requirements-dev.txt \
	  $(if $(CONSTRAINTS),-c $(CONSTRAINTS),--upgrade --upgrade-strategy eager) || $(FAILED)
	@touch $@
.venv-legacy/installed: legacy/requirements.txt legacy/constraints.txt
	@$(call setup,.venv-legacy,$(PYTHON_LEGACY),PYTHON_LEGACY,12,3.10 to 3.12)
	@.venv-legacy/bin/python $(PIP) -r legacy/requirements.txt pytest -c legacy/constraints.txt || $(FAILED)
	@touch $@
.venv-site/installed: site/requirements.txt
	@$(call setup,.venv-site,$(PYTHON),PYTHON,99,3.10 or newer)
	@.venv-site/bin/python $(PIP) -r site/requirements.txt || $(FAILED)
	@touch $@
