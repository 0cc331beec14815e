# What one does with ValueBoard. `make run` and `make test` need Python 3.11 or newer, nothing else.
# Stops at the first failure; prints what it does itself.
.SILENT:
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Containers set it to stay small. Compiling what it imports takes each process seconds, and the
# suite starts a hundred.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list
	awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: ready
ready:
	$(PYTHON) devtools/bootstrap.py

.PHONY: run
run: ready ## Run ValueBoard with the demo organisation; PORT=8001 asks for another port
	exec $(BIN)/python -m devtools.run

.PHONY: test
test: ready ## Run the whole suite in parallel; ARGS="tests/spaces -k tree" runs a part
	exec $(BIN)/python -m devtools.test $(ARGS)

.PHONY: check
check: ready ## Run all static checks; ARGS="mypy ruff" runs some
	exec $(BIN)/python -m devtools.check $(ARGS)

.PHONY: soak
soak: ready ## Run the full counts of what `make test` samples with a seed
	VALUEBOARD_SOAK=1 exec $(BIN)/python -m devtools.test --durations=10 $(ARGS)

.PHONY: bench
bench: ready ## Measure loading; ARGS="--spend --rows 1000000" as ratios, --records the ledger
	exec $(BIN)/python -m bench $(ARGS)

.PHONY: screenshots
screenshots: ready ## Take every page of the demo, light and dark, wide and narrow; ARGS="spend" some
	exec $(BIN)/python -m devtools.run --then devtools.screenshots $(ARGS)

.PHONY: manage
manage: ready ## Run a command of manage.py on the demo; ARGS="load_cur FOLDER" loads a bill
	exec $(BIN)/python -m devtools.run --manage $(ARGS)

.PHONY: drill
drill: ready ## Back the demo up; the next time, restore that beside it and say what is lost
	exec $(BIN)/python -m devtools.run --drill

.PHONY: demo-reset
demo-reset: ready ## Drop the demo database and make it again
	exec $(BIN)/python -m devtools.run --reset-demo

.PHONY: static
static: ready ## Build the front end into static/dist/, if its sources changed

.PHONY: format
format: ready ## Format code and templates, and redraw the layer picture
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .
	$(BIN)/djangofmt --quiet templates || true
	$(BIN)/djade $$(find templates -name '*.html') || true
	$(BIN)/python -m devtools.layers

.PHONY: stop
stop: ready ## Stop the embedded PostgreSQL alone, in use or not; Ctrl-C stops `make run`
	$(BIN)/python -m devtools.postgres stop
