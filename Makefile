# Everything goes through one environment in .venv, made from uv.lock.
PYTHON ?= python3.11
UV_VERSION := 0.13.9
BIN := .venv/bin
EXTRAS := --extra postgres
# Large and hardly imported: bytecode of these would cost more than it saves.
UNCOMPILED := /(twilio/rest|phonenumbers|numpy|fontTools|pip|setuptools|pkg_resources|pygments)/
CATALOGS := locales/korshi.pot locales/kk/LC_MESSAGES/korshi.po locales/ru/LC_MESSAGES/korshi.po

.PHONY: run test lint bench kills catalogs po clean

run: .venv/ready locales/compiled  ## Start Korshi; without tokens with stand-in messengers in the browser
	@$(BIN)/python demo/run.py

test: .venv/ready-test locales/compiled  ## All checks and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

bench: .venv/ready-test locales/compiled  ## Figures and ratios of docs/performance.md
	$(BIN)/python -m bench

kills: .venv/ready-test locales/compiled  ## kill -9 at 20 random points under load
	$(BIN)/python -m bench.kills --times 20

catalogs: locales/compiled

locales/compiled: .venv/ready locales/kk/LC_MESSAGES/korshi.po locales/ru/LC_MESSAGES/korshi.po
	@$(BIN)/pybabel --quiet compile --directory locales --domain korshi
	@touch $@

po: .venv/ready  ## Take new sentences of the code into the catalogs; their headers stay as they are
	@for catalog in $(CATALOGS); do sed '/^$$/q' $$catalog > $$catalog.head || exit 1; done
	$(BIN)/pybabel --quiet extract --add-location=file --sort-output --width=118 \
		-k N_ -k choose:1 -k both:1 -k bilingual_choice:1 -k ngettext:1,2 -o locales/korshi.pot bot handlers
	for language in kk ru; do \
		$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --width=118 \
			-l $$language -D korshi -i locales/korshi.pot -d locales || exit 1; \
	done
	@for catalog in $(CATALOGS); do \
		sed '1,/^$$/d' $$catalog | cat $$catalog.head - > $$catalog.new && mv $$catalog.new $$catalog && rm $$catalog.head || exit 1; \
	done

.venv/ready: pyproject.toml uv.lock
	@$(MAKE) --no-print-directory .venv/bin/uv
	@echo "Installing the locked packages …"
	@.venv/bin/uv sync --frozen $(EXTRAS) --inexact --no-install-project
	@$(BIN)/python -m compileall -q -j 0 -x '$(UNCOMPILED)' .venv/lib || true
	@touch $@

.venv/ready-test: .venv/ready
	@.venv/bin/uv sync --frozen $(EXTRAS) --all-groups --no-install-project --inexact
	@touch $@

.venv/bin/uv:
	@echo "Making the environment in .venv …"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (on Debian: apt-get install python3.11 python3.11-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

clean:
	rm -rf .venv .mypy_cache .ruff_cache locales/compiled locales/*/LC_MESSAGES/*.mo
