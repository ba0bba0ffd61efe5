# `make` lists what there is. Nothing needs to be installed before but Python 3.11, its venv module and make.
PYTHON ?= python3
SHARE ?= 100
ARGS ?=
PART ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
IN_VENV := $(VENV)/bin/python
PLATFORM := $(IN_VENV) -m loyalty.platform
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0

.PHONY: help run stop test check prove bench demo-year lock messages clean environment environment-run environment-test environment-bench

help: ## This list
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: environment-run ## Start everything at http://127.0.0.1:8000 (PORT=8001, HOST=0.0.0.0, DEMO=0 for no demo data)
	exec $(PLATFORM) run

stop: ## Stop what `make run` started in another terminal
	$(PLATFORM) stop

test: environment-test ## All tests (ARGS="tests/members -k redeem" for some)
	missing=()
	test -x /usr/bin/chromium || missing+=(chromium)
	PATH=$$PATH:/sbin ldconfig -p | grep -q 'libpangoft2-1\.0' || missing+=($(PANGO))
	if [ $${#missing[@]} -gt 0 ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
		echo "Installing $${missing[*]}"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" > /dev/null
	elif [ $${#missing[@]} -gt 0 ]; then
		echo "Tests that need $${missing[*]} are skipped. To run them: sudo apt-get install -y $${missing[*]}"
	fi
	$(VENV)/bin/pytest -n 2 --dist loadscope $(ARGS)

check: environment-test ## Style, types, layers, templates, migrations, translations, accessibility (ARGS="lint types" for some)
	$(PLATFORM) check $(ARGS)

prove: environment-test ## The long proofs: random histories by the thousand (SHARE=5 for five percent of them)
	PROOF_SHARE=$(SHARE) $(VENV)/bin/pytest -n 2 --dist worksteal -m proof $(ARGS)

bench: environment-bench ## Measurements against their targets (PART=rules for one of them)
	$(IN_VENV) -m tests.bench $(PART)

demo-year: environment-run ## A year of demo data instead of three months, into an empty database
	$(PLATFORM) migrate --verbosity 0
	$(PLATFORM) manage load_demo --months 12 $(ARGS)

lock: environment-test ## Write the locks with their hashes (ARGS=--upgrade for the newest allowed versions)
	for name in requirements requirements-demo requirements-dev requirements-bench; do
		$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
			--no-emit-index-url --no-header $(ARGS) $$name.in -o $$name.txt
	done

messages: environment-test ## Collect the texts to translate and compile the translations
	command -v msgfmt xgettext > /dev/null || { echo "Install gettext first: apt-get install -y gettext"; exit 1; }
	$(IN_VENV) manage.py messages

clean: ## Remove what can be made again; the database in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis static_collected var/test-template
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

environment:
	if ! $(IN_VENV) -c 'import pip' 2> /dev/null; then
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
			echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make run PYTHON=python3.11"
			exit 1
		}
		$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || {
			echo "Python's venv module is missing. Install it: apt-get install -y python3-venv"
			exit 1
		}
		rm -rf $(VENV)
		$(PYTHON) -m venv $(VENV)
	fi

# Installs the locks named, unless these very locks are installed already.
define install
	locks=$$(sha256sum $(1))
	if [ "$$(cat $(VENV)/.installed-$(2) 2> /dev/null)" != "$$locks" ]; then
		echo "Installing the packages of $(1) (about half a minute)"
		$(IN_VENV) -m pip --disable-pip-version-check install --quiet --require-hashes $(addprefix -r ,$(1))
		echo "$$locks" > $(VENV)/.installed-$(2)
	fi
endef

environment-run: environment
	$(call install,requirements.txt requirements-demo.txt,run)

environment-test: environment
	$(call install,requirements.txt requirements-demo.txt requirements-dev.txt,test)

environment-bench: environment
	$(call install,requirements.txt requirements-demo.txt requirements-dev.txt requirements-bench.txt,bench)
