# Everything a developer does, by name: make help.
#
# Tools are built from tools/go.mod into bin once and again when their versions
# change. What needs something that a machine may not have (Node, a C compiler,
# the vulnerability data base) says loudly that it was left out; with CI=true
# only the data base may be missing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# How long each fuzz target runs.
FUZZTIME ?= 30s
# Which benchmarks run and how often; OLD is the output of an earlier run to
# compare with.
BENCH ?= .
COUNT ?= 1
OLD ?=
# The packages whose tests run once more with the race detector: those in which
# goroutines meet.
RACE_PACKAGES ?= ./internal/gateway ./internal/gateway/admin ./internal/gateway/auth ./internal/gateway/authority \
	./internal/gateway/engine ./internal/gateway/expiry ./internal/gateway/policy/enforcer \
	./internal/gateway/pubsub ./internal/gateway/session ./internal/gateway/store/... ./internal/gateway/twin \
	./internal/gateway/wire ./internal/manifest

GO_SOURCES := $(shell find api cmd controllers internal -name '*.go' -not -name '*_test.go') go.mod go.sum

# without says that something was left out because something is missing, which
# is an error with CI=true.
define without
{ printf '\n*** LEFT OUT: %s\n\n' $(1) >&2; [ "$${CI:-}" != true ]; }
endef

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Build and run

.PHONY: build
build: bin/twinway ## Build bin/twinway.

bin/twinway: $(GO_SOURCES)
	CGO_ENABLED=0 go build -trimpath -o $@ ./cmd/twinway

.PHONY: run
run: build ## Run a gateway from config/samples; user and password are "ditto".
	./bin/twinway gateway --config config/samples

.PHONY: clean
clean: ## Remove what was built.
	rm -rf bin

##@ Generated files

.PHONY: generate
generate: bin/controller-gen ## Generate the DeepCopy methods of the API types.
	bin/controller-gen object paths=./api/...

.PHONY: manifests
manifests: bin/controller-gen ## Generate the CustomResourceDefinitions.
	bin/controller-gen crd paths=./api/... output:crd:dir=config/crd/bases

.PHONY: verify-generated
verify-generated: bin/controller-gen ## Check that the generated files are up to date.
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	bin/controller-gen object paths=./api/v1alpha1 output:object:dir="$$fresh"; \
	bin/controller-gen crd paths=./api/... output:crd:dir="$$fresh/bases"; \
	diff -r config/crd/bases "$$fresh/bases" && \
	diff api/v1alpha1/zz_generated.deepcopy.go "$$fresh/zz_generated.deepcopy.go" || \
	{ echo "generated files are out of date: run make generate manifests" >&2; exit 1; }

##@ Checks

.PHONY: test
test: ## Run all tests, those of RACE_PACKAGES with the race detector as well.
	@command -v node >/dev/null && command -v npm >/dev/null || \
		$(call without,'the interoperability tests: node and npm are not installed')
	go test ./...
	@if [ "$$(go env CGO_ENABLED)" = 1 ]; then \
		echo go test -race $(RACE_PACKAGES); go test -race $(RACE_PACKAGES); \
	else \
		$(call without,'the race detector: it needs cgo and a C compiler'); \
	fi

.PHONY: lint
lint: verify-generated bin/golangci-lint vulnerabilities ## Check generated files, style and known vulnerabilities.
	bin/golangci-lint run

.PHONY: vulnerabilities
vulnerabilities: bin/govulncheck
	@status=0; report=$$(bin/govulncheck ./... 2>&1) || status=$$?; \
	if [ $$status != 0 ] && grep -q 'fetching vulnerabilities' <<<"$$report"; then \
		printf '\n*** LEFT OUT: known vulnerabilities: the data base does not answer\n%s\n\n' "$$report" >&2; \
	else \
		echo "$$report"; exit $$status; \
	fi

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME.
	@grep -rHo --include='*_test.go' -E '^func Fuzz[A-Za-z0-9_]+' cmd internal test | \
	sed -E 's|/[^/]+:func | |' | while read -r package target; do \
		echo "$$package $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$package"; \
	done

.PHONY: bench
bench: bin/benchstat ## Run the benchmarks matching BENCH, COUNT times, into bin/bench.txt; compare with OLD.
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./... | tee bin/bench.txt
	@$(if $(OLD),bin/benchstat $(OLD) bin/bench.txt)

##@ Tools

bin/controller-gen: PACKAGE := sigs.k8s.io/controller-tools/cmd/controller-gen
bin/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
bin/govulncheck: PACKAGE := golang.org/x/vuln/cmd/govulncheck
bin/benchstat: PACKAGE := golang.org/x/perf/cmd/benchstat
bin/controller-gen bin/golangci-lint bin/govulncheck bin/benchstat: tools/go.mod tools/go.sum
	cd tools && go build -o ../$@ $(PACKAGE)
