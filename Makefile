# Two commands matter: `make build` and `make test`. The README shows the plain dbt commands behind them.
#   SOURCE=  source system: seeds (default, the sample shop), landed, online_retail
#   RAW=     its file, folder, glob or URL; on PostgreSQL also the schema that holds its tables
#   TARGET=  duckdb (default) or postgres
#   WAREHOUSE=  the DuckDB file
#   PUBLISHED=  the folder with the published marts of DuckDB
#   QUERY=   what `make metrics` asks, in the words of `mf query`
#   OUT=     the file of `make dashboard` (default dashboard.html)
#   VARS=    knobs of dbt_project.yml, for example VARS='{kpi_period_days: 30}'
#   DBT_PACKAGES_FROM=  a folder with checkouts of the dbt packages, instead of the dbt hub

PYTHON ?= python3
SOURCE ?= seeds
TARGET ?= duckdb
WAREHOUSE ?= warehouse.duckdb
PUBLISHED ?= published
OUT ?= dashboard.html
VARS ?= {}
# As typed, and through the environment: names hold blanks, quotes and $.
override SOURCE := $(value SOURCE)
override RAW := $(value RAW)
override TARGET := $(value TARGET)
override WAREHOUSE := $(value WAREHOUSE)
override PUBLISHED := $(value PUBLISHED)
override OUT := $(value OUT)
override VARS := $(value VARS)
override Q := $(value Q)
export SOURCE RAW TARGET WAREHOUSE PUBLISHED OUT VARS Q DBT_PACKAGES_FROM
export DBT_PROFILES_DIR := $(CURDIR)/profiles

BIN := .venv/bin
INSTALLED := dbt_packages/.installed
COPIED := $(or $(DBT_PACKAGES_FROM),offline_packages)
.DEFAULT_GOAL := help
.PHONY: help build publish test lint docs dashboard metrics ask notebook data benchmark clean packages FORCE

help:  ## show the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

build: .venv/.build packages  ## build and test the warehouse, publish its marts, say what is in them
	@$(BIN)/python scripts/build.py --source "$$SOURCE" --raw "$$RAW" --target "$$TARGET" --vars "$$VARS"

publish: .venv/.build  ## publish the marts of the last build, where `make build` could not
	@$(BIN)/python scripts/publish.py --target "$$TARGET"

test: .venv/.dev packages  ## prove everything: both engines, their equality, real data, Python
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/python

lint: .venv/.dev packages  ## check style, YAML, documentation and layers
	@$(BIN)/python scripts/lint.py

docs: .venv/.build packages  ## write the documentation with lineage, one page: target/static_index.html
	@$(BIN)/python scripts/docs.py

metrics: .venv/.reports packages  ## list the metrics; with QUERY='--metrics orders --group-by metric_time__month' ask
	@$(BIN)/python scripts/metrics.py --target "$$TARGET" --vars "$$VARS" $(if $(QUERY),query --quiet --decimals 2 $(QUERY),list metrics)

dashboard: .venv/.reports  ## write dashboard.html from the published marts, one file for any browser
	@$(BIN)/python -m dashboard --target "$$TARGET" --out "$$OUT"

data: .venv/.dev  ## write the sample shop in seeds/raw anew
	@$(BIN)/python scripts/generate_data.py

ask: .venv/.build packages  ## answer a question of analyses/, Q=win_back_mail; without Q list them
	@$(BIN)/python scripts/ask.py "$$Q" --target "$$TARGET" --vars "$$VARS"

notebook: .venv/.reports  ## run analyses/exploring_the_marts.ipynb on the published marts and save it
	@$(BIN)/python scripts/run_notebook.py

benchmark: .venv/.dev packages  ## measure build times and memory
	@$(BIN)/python benchmarks/builds.py

clean:  ## remove what builds leave behind, the environment included
	rm -rf .venv dbt_packages dbt_packages.new target logs dashboard.html published published.versions \
		warehouse.duckdb warehouse.duckdb.wal warehouse.duckdb.landed*

packages: $(INSTALLED)

# Installed anew when packages.yml, the lock or what was copied is newer, or another folder is named.
ifneq ($(shell cat $(INSTALLED) 2>&1; find '$(COPIED)' -name .git -prune -o -newer $(INSTALLED) -print 2>&1),$(DBT_PACKAGES_FROM))
$(INSTALLED): FORCE
endif
$(INSTALLED): packages.yml package-lock.yml | .venv/.build
	@$(BIN)/python scripts/install_packages.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 to 3.13 is needed, this is " + sys.version.split()[0] + ". Name another with make PYTHON=...") if not (3, 10) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv .venv

.venv/.build: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.reports: requirements.txt requirements-reports.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-reports.txt
	@touch $@ .venv/.build

.venv/.dev: requirements.txt requirements-reports.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/.build .venv/.reports

# Spark, for the test that shows it every statement; needs a Java 17 or newer
.venv/.spark: requirements-spark.txt .venv/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@touch $@
