# Two commands matter: `make up` runs the whole platform on this machine, `make test` proves it.
SHELL := bash
# The target folder may lie outside the checkout, so that a fresh clone starts warm.
export CARGO_TARGET_DIR ?= $(if $(CI),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xizmat/target,$(CURDIR)/target)
# A run that nobody edits after gains nothing from incremental files, which take more room than everything else.
export CARGO_INCREMENTAL ?= $(if $(CI),0,1)
BIN := $(CARGO_TARGET_DIR)/debug

.PHONY: up build test test-wide pages test-cluster-short test-cluster test-cluster-matrix setup build-tests lint check-tests conformance browser screenshots gen chaos day bench bench-pages bench-operator bench-capacity clean-data

up: build
	@XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) && export XIZMAT_NATS_SERVER && exec infra/setup/up.sh $(BIN) $(UP)

build:
	@cargo build --quiet --locked -p xizmat -p sandbox
	@infra/setup/nats.sh >/dev/null

test: setup build-tests lint check-tests conformance browser

# A real Kubernetes from pinned modules (built once), resource definitions, examples, the image and the platform from its chart; see infra/cluster.
test-cluster-short: build-tests
	tests/cluster/short $(BIN)

# The same, then the platform in pods with citizens in a browser and under faults, and an operator that is killed at every write.
test-cluster: build-tests
	tests/cluster/short $(BIN)
	tests/cluster/long $(BIN)
	tests/cluster/operator $(BIN)

# The oldest and the newest version that is supported; building another one's programs takes a quarter of an hour, once.
test-cluster-matrix: build-tests
	@for version in 1.33 1.37; do \
	  echo "Kubernetes $$version" && CLUSTER_VERSION=$$version tests/cluster/short $(BIN) || exit 1; \
	done

setup:
	@infra/setup/tests.sh

# One selection of packages everywhere below: another one would unify features differently and compile everything again.
build-tests:
	cargo build --workspace --all-targets --locked --quiet
	@infra/setup/nats.sh >/dev/null

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	$(BIN)/xtask arrows
	$(BIN)/xtask tidy
	$(BIN)/xtask gen --check
	$(BIN)/xizmat reference --folder docs --check
	$$(infra/setup/deny.sh) --locked check --hide-inclusion-graph bans licenses sources
	shellcheck $$(grep -rlE '^(#!.*\bbash$$|# shellcheck shell)' .ci infra tests --exclude-dir=node_modules)

# Unit and store tests, then the journeys through real processes.
check-tests:
	XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) cargo test --workspace --locked --quiet

# Sealed documents, descriptions of HTTP edges and of services, the Dockerfile and the agencies' bus before readers, validators and a client that are not ours.
conformance:
	rm -rf $(CARGO_TARGET_DIR)/samples && mkdir -p $(CARGO_TARGET_DIR)/samples
	XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) XIZMAT_SEALED_SAMPLES=$(CARGO_TARGET_DIR)/samples \
	  cargo test --workspace --locked --quiet -- outside_readers
	tests/conformance/documents/run.sh $(CARGO_TARGET_DIR)/samples
	tests/conformance/documents/run.sh $(CARGO_TARGET_DIR)/samples/receipts
	tests/conformance/openapi/run.sh docs/api
	tests/conformance/dockerfile/run.sh
	tests/conformance/cpsv-ap/run.sh $(CARGO_TARGET_DIR)/samples
	XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) tests/conformance/bus/run.sh \
	  cargo test --workspace --locked --quiet --test journeys -- --ignored outside_clients

browser: pages
	tests/conformance/html/run.sh $(CARGO_TARGET_DIR)/pages
	XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) tests/browser/run.sh $(BIN) $(CARGO_TARGET_DIR)/pages

# Every page with plausible data, as the tests of the portal and of identity write it.
pages:
	rm -rf $(CARGO_TARGET_DIR)/pages
	XIZMAT_PAGES=$(CARGO_TARGET_DIR)/pages cargo test --workspace --locked --quiet -- pages_can_be_written_out

# Each of them in five languages, on a phone, on a desk, and at 400 %, with scripts and without; `make test` looks at each once.
test-wide: build-tests pages
	XIZMAT_SCREENSHOTS=target/screenshots/wide node tests/browser/pages.mjs $(CARGO_TARGET_DIR)/pages --wide

# The pictures in docs/, taken anew.
screenshots: build
	tests/browser/install.sh tests/browser
	XIZMAT_WATCH=1 XIZMAT_SCREENSHOTS=target/screenshots/docs XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) \
	  tests/browser/beside.sh $(BIN) node tests/browser/screens.mjs docs/screenshots

gen:
	cargo run --quiet -p xtask -- gen
	cargo run --quiet -p xizmat -- reference --folder docs

# Fifty rounds of kill -9 under load instead of ten.
chaos: build-tests
	XIZMAT_CHAOS_ROUNDS=50 XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) cargo test --workspace --locked -- faults::

# A day of 2,000 citizens in simulated time instead of 40, in minutes. XIZMAT_DAY_SEED draws another one.
day:
	cargo build --quiet --locked --release -p xizmat -p sandbox
	XIZMAT_DAY_CITIZENS=$${XIZMAT_DAY_CITIZENS:-2000} XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) \
	  cargo test --locked --release -p tests --test day -- --nocapture

# A table and target/bench.json; never a test. BENCH="--only documents --seconds 3" measures a part.
bench:
	cargo build --quiet --locked --release -p xizmat -p sandbox -p bench
	@XIZMAT_NATS_SERVER=$$(infra/setup/nats.sh) $(CARGO_TARGET_DIR)/release/bench --out $(CARGO_TARGET_DIR)/bench.json $(BENCH)

# Lighthouse's points for the ten pages that people see most.
bench-pages: build
	tests/browser/install.sh tests/browser/lighthouse
	XIZMAT_SCREENSHOTS=target/screenshots/lighthouse XIZMAT_LIGHTHOUSE=$(CARGO_TARGET_DIR)/lighthouse.json \
	  tests/browser/beside.sh $(BIN) node tests/browser/lighthouse.mjs

# The operator beside helm, on a control plane with played pods: a table and target/bench-operator.json.
bench-operator:
	cargo build --quiet --locked --release -p xizmat
	tests/cluster/bench $(CARGO_TARGET_DIR)/release --out $(CARGO_TARGET_DIR)/bench-operator.json $(BENCH)

# Services at rest in real pods, 700 of them in shared hosts: tables and target/bench-capacity.json.
bench-capacity:
	cargo build --quiet --locked --release -p xizmat -p sandbox -p xtask
	tests/cluster/capacity $(CARGO_TARGET_DIR)/release --out $(CARGO_TARGET_DIR)/bench-capacity.json $(BENCH)

clean-data:
	rm -rf data
