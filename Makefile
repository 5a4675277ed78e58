# The two commands of a newcomer: `make run` and `make test`. Everything else is for operators and developers.
# The environment is .venv at the root, made from requirements.lock (hashes, no host named); uv is used when the
# machine has it, else it is installed into .venv first from the same lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Container images often forbid compiled files; a night and a test start many processes, which would then compile
# their libraries again each time (12 s a night, measured). They are kept in .venv and __pycache__, outside git.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run serve test check bench campaign story planches lock clean help

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(STAMP): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash deploy/environment.sh
	@touch $(STAMP)

run: $(STAMP) ## one whole night on the demonstration figures
	@$(BIN)/observatoire nightly

serve: $(STAMP) ## read the site at http://127.0.0.1:8044/
	@$(BIN)/observatoire serve

test: $(STAMP) ## every test, with a sample of each long campaign
	@$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder

check: $(STAMP) ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: $(STAMP) ## time, processor and memory of each stage; writes docs/performance.md
	@$(BIN)/python -m tests.bench && $(BIN)/python -m tests.bench.statuts

campaign: $(STAMP) ## the long campaigns in full, resumable; writes docs/campaigns.md
	@$(BIN)/python -m tests.campaigns

story: $(STAMP) ## five nights played in front of you: a drift, a revision, an outage, a return
	@$(BIN)/python -m tests.story

planches: $(STAMP) ## contact sheets of pages, e-mails and report under planches/
	@$(BIN)/python -m tests.browser.planches

lock: $(STAMP) ## resolve pyproject.toml again into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --no-emit-index-url --no-annotate --quiet --upgrade -o requirements.lock

clean: ## remove the environment and the demonstration warehouse's disposable parts
	rm -rf $(VENV) warehouse/cache warehouse/candidates planches
