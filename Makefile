# book: build and serve · html: build · zip: offline download · test · notebooks · lint · bench
# lab: bundle the live lab's JavaScript after a change in genie_edu/lab/src (needs Node)
# gpu: the recorded runs that data/ lacks · record: let the book tell of them
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TORCH_OPTIONS ?=
TESTS ?= tests
WORKERS ?= 2
# What is timed; the other scripts of benchmarks/ make the recorded runs of data/.
BENCHES := core solvers training lab
STAMPS := $(VENV)/.stamps

.DELETE_ON_ERROR:
.PHONY: book html zip test notebooks lint lint-lab lab bench gpu record clean

book: $(STAMPS)/book
	@$(BIN)/python tools/build_site.py --serve

html: $(STAMPS)/book
	@$(BIN)/python tools/build_site.py

zip: $(STAMPS)/book
	@$(BIN)/python tools/build_site.py --zip

test: $(STAMPS)/full $(STAMPS)/chromium
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

notebooks: $(STAMPS)/full
	@$(BIN)/python tools/notebooks.py $(CHAPTERS)

lint: $(STAMPS)/full
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python tools/notebooks.py --check
	@$(MAKE) --no-print-directory lint-lab

# The lab's JavaScript: the committed bundle needs no Node, its sources' checks do.
NODE_PACKAGES := tools/lab/node_modules/.package-lock.json

$(NODE_PACKAGES): tools/lab/package-lock.json
	@cd tools/lab && npm ci --no-audit --no-fund --silent && touch node_modules/.package-lock.json

lab: $(NODE_PACKAGES)
	@node tools/lab/lint.mjs --fix
	@node tools/lab/build.mjs

lint-lab:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		$(MAKE) --silent $(NODE_PACKAGES) && node tools/lab/lint.mjs; \
	else \
		echo "genie_edu/lab/src is not checked: node and npm are missing"; test "$$CI" != true; \
	fi

bench: $(STAMPS)/full $(STAMPS)/chromium
	@for name in $(BENCHES); do $(BIN)/python benchmarks/$$name.py || exit 1; done

# With the Python at hand, whose torch knows the GPU. Give the same command again after a stop;
# OPTIONS="--slice-minutes 8" stops each of the two by itself.
PRESET ?= cifar10
MINUTES ?= --train-minutes 16 --distill-minutes 8
FOLDER ?= data/$(subst -,_,$(PRESET))
gpu:
	@PYTHONPATH=. $(PYTHON) -m genie_edu.cli run $(PRESET) --folder $(FOLDER) $(MINUTES) $(OPTIONS)
	@PYTHONPATH=. $(PYTHON) benchmarks/cifar10_ablations.py --preset $(PRESET) --folder $(FOLDER) $(OPTIONS)

# After a run: the files' hashes and rows, the lab's copies, the chapters' stored outputs.
record: $(STAMPS)/full
	@$(BIN)/python tools/artefacts.py
	@$(BIN)/python -m genie_edu.lab.images
	@$(BIN)/python -m genie_edu.lab.poster
	@$(BIN)/python tools/notebooks.py --all 13_cifar10_base_model 14_cifar10_genie 15_quality_cost_fairness
	@$(BIN)/python tools/readme.py

clean:
	@rm -rf _build .pytest_cache .ruff_cache

# The stamps say which files an environment was made from; a change there installs again.
$(STAMPS)/venv:
	@echo "Making $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "Python 3.11.5 or later is needed: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/book: requirements-book.txt pyproject.toml book/_ext/pyproject.toml | $(STAMPS)/venv
	@echo "Installing what rendering needs ..."
	@$(PIP) -r requirements-book.txt
	@$(PIP) --no-deps --no-build-isolation -e . -e book/_ext
	@touch $@

# A torch that is there already is kept: its line is left out of what is installed.
$(STAMPS)/full: requirements.txt $(STAMPS)/book
	@echo "Installing what the tests need (PyTorch too, if $(VENV) has none) ..."
	@grep -h '^[^#-].*==' requirements.txt requirements-book.txt | grep -v '^torch==' > $(STAMPS)/pins.txt
	@$(BIN)/python -c 'import torch' 2>/dev/null || \
		$(PIP) $(TORCH_OPTIONS) -c $(STAMPS)/pins.txt $$(grep '^torch==' requirements.txt)
	@$(PIP) -r $(STAMPS)/pins.txt
	@touch $@

$(STAMPS)/chromium: $(STAMPS)/full
	@$(BIN)/python tools/chromium.py && touch $@ || true
