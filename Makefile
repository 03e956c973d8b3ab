# make run    the portal with its demonstration, in a browser
# make test   every check: format, types, layers, tests, and that they go through 97 in 100 lines and branches
# make coverage what the tests that ran last did not go through
# make bench  time and queries of the pages: small, then at the size of a county, beside Django's admin
# make load   a go-live morning: 300 people in 150 seconds, and staff beside them
# make lint   the checks without the tests
# make drawing the imports, drawn into docs/architecture.md
# make licences what the portal runs on, with its licences, into docs/licences.md
# make sbom   a bill of materials of what the portal runs on (CycloneDX), into instance/sbom.json
# make audit  known vulnerabilities of what the portal runs on; asks pypi.org, and fails where that does not know a package
# make clean  forget what was installed and built; keeps the database in instance/

PYTHON ?= python3
python := .venv/bin/python
pip := $(python) -m pip --disable-pip-version-check -qq install --require-hashes --requirement
coverage := .coverage.json
# In 100 lines and branches; it only rises.
least_covered := 97
sources := $(wildcard static/*.scss static/*/*.scss)

# node and npm are found here on machines that have none of their own.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: run test coverage bench load build lint clean requirements chromium libreoffice drawing licences sbom audit
.DELETE_ON_ERROR:

run: build
	@exec $(python) -m flask --app app serve

test: lint chromium libreoffice
	@CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser)}" exec $(python) -W "ignore:Unable to activate" -m slipcover --json --out $(coverage) -m pytest -n 2
	@$(python) -m slipcover --silent --merge $(coverage) --out $(coverage) --fail-under $(least_covered) || \
	{ echo "The tests go through fewer than $(least_covered) in 100 lines and branches: make coverage shows where." >&2; exit 1; }

coverage:
	@$(python) -m slipcover --merge $(coverage) --out $(coverage)

bench: build chromium .venv/bench.stamp
	@$(python) -m bench
	@echo
	@$(python) -m bench money
	@echo
	@exec $(python) -m bench county

load: build .venv/bench.stamp
	@exec $(python) -m bench.morning

build: static/build/portal.css

lint: build .venv/dev.stamp
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy
	@.venv/bin/lint-imports

clean:
	rm -rf .venv node_modules static/build .coverage.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/runtime.stamp: requirements.txt
	@test -x $(python) || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing Python packages"
	@$(pip) requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@echo "Installing the packages of the checks"
	@$(pip) requirements-dev.txt
	@touch $@

.venv/bench.stamp: requirements-bench.txt .venv/dev.stamp
	@echo "Installing what the benchmark compares with (60 MB)"
	@$(pip) requirements-bench.txt
	@touch $@

# sass asks for Node.js 20.19.
node_is_new_enough := const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)

# After .venv, because a machine without Node.js gets it there.
node_modules/npm.stamp: package.json package-lock.json requirements-node.txt | .venv/runtime.stamp
	@node -e '$(node_is_new_enough)' 2>/dev/null && command -v npm >/dev/null || \
	{ echo "Installing Node.js"; $(pip) requirements-node.txt; }
	@echo "Installing front-end packages"
	@npm ci --loglevel=error --no-progress >/dev/null
	@touch $@

static/build/portal.css: $(sources) package.json node_modules/npm.stamp
	@echo "Building the front end"
	@npm run --silent build
	@touch $@

chromium:
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ]; then as_root=; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "The tests drive Chromium. Install it (apt-get install chromium) or set CHROMIUM to its path." >&2; exit 1; fi; \
	echo "Installing Chromium"; \
	$$as_root apt-get update -qq && \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null

libreoffice:
	@command -v "$${LIBREOFFICE:-soffice}" >/dev/null || command -v libreoffice >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ]; then as_root=; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "The tests open workbooks in LibreOffice. Install it (apt-get install libreoffice-calc) or set LIBREOFFICE" \
	"to the path of soffice." >&2; exit 1; fi; \
	echo "Installing LibreOffice (330 MB)"; \
	$$as_root apt-get update -qq && \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-calc >/dev/null

compile = .venv/tools/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file

# The newest packages that fit the .in files. pip-tools lives apart, so that it pins nothing of ours.
requirements:
	@test -x .venv/tools/bin/pip-compile || { $(PYTHON) -m venv .venv/tools; .venv/tools/bin/pip -q install pip-tools; }
	@$(compile) requirements.txt requirements.in
	@$(compile) requirements-dev.txt requirements-dev.in
	@$(compile) requirements-bench.txt requirements-bench.in
	@$(compile) requirements-node.txt requirements-node.in

# As pip-tools: apart, so that they pin nothing of ours.
tool = @test -x .venv/tools/bin/$(1) || { test -d .venv/tools || $(PYTHON) -m venv .venv/tools; .venv/tools/bin/pip -q install $(2); }

sbom:
	$(call tool,cyclonedx-py,cyclonedx-bom)
	@mkdir -p instance
	@.venv/tools/bin/cyclonedx-py requirements requirements.txt --output-reproducible --output-file instance/sbom.json

# --strict, for without it a package that the index knows nothing about counts as one without vulnerabilities.
audit:
	$(call tool,pip-audit,pip-audit)
	@.venv/tools/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.txt

licences: .venv/dev.stamp
	@$(python) -m docs.licences

# The imports between floors and rooms, drawn into docs/architecture.md.
drawing: .venv/dev.stamp
	@$(python) -m docs.drawing
