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
# For how long, and from what, the soak test asks; 0 is another seed each time.
SOAK ?= 5m
SEED ?= 0
# What the report of the benchmark measures (PARTS: all, none or some of them),
# with how many things, for how long and how often; where its results go, and
# where stores are kept for the next time (empty: nowhere). What has been
# measured is measured again only with FORCE=true.
PARTS ?= all
THINGS ?= 1000000
SECONDS ?= 3
REPEAT ?= 3
CACHE ?= 512Mi
OUT ?= docs/performance
DATA ?=
FORCE ?= false
# What builds the container image, and how it is named.
DOCKER ?= docker
IMAGE ?= twinway/twinway:dev
# The packages whose tests run once more with the race detector: those in which
# goroutines meet.
RACE_PACKAGES ?= ./internal/gateway ./internal/gateway/admin ./internal/gateway/auth ./internal/gateway/authority \
	./internal/gateway/broker ./internal/gateway/connectivity/... ./internal/gateway/deadline ./internal/gateway/engine ./internal/gateway/expiry ./internal/gateway/finder ./internal/gateway/lazily ./internal/gateway/policy/enforcer \
	./internal/gateway/pubsub ./internal/gateway/relay ./internal/gateway/session ./internal/gateway/store/... ./internal/gateway/stream ./internal/gateway/twin \
	./internal/gateway/wire ./internal/manifest ./internal/gateway/management ./internal/push ./controllers/apply ./controllers/content

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

# What is generated from the types of the API, in the tree whose root is $(1).
define generate-code
cd $(1) && rm -rf api/v1alpha1/applyconfiguration && \
$(CURDIR)/bin/controller-gen object applyconfiguration paths=./api/v1alpha1
endef
define generate-manifests
cd $(1) && $(CURDIR)/bin/controller-gen crd paths=./api/v1alpha1 output:crd:dir=config/crd/bases && \
$(CURDIR)/bin/api-reference config/crd/bases >docs/api.md
endef

.PHONY: generate
generate: bin/controller-gen ## Generate DeepCopy methods and apply configurations of the API types.
	@$(call generate-code,.)

.PHONY: manifests
manifests: bin/controller-gen bin/api-reference ## Generate the CustomResourceDefinitions and docs/api.md.
	@$(call generate-manifests,.)

.PHONY: verify-generated
verify-generated: bin/controller-gen bin/api-reference ## Check that the generated files are up to date.
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	cp -r --parents go.mod go.sum api config/crd docs/api.md "$$fresh"; \
	($(call generate-code,"$$fresh")); ($(call generate-manifests,"$$fresh")); \
	diff -r api "$$fresh/api" && diff -r config/crd "$$fresh/config/crd" && diff docs/api.md "$$fresh/docs/api.md" || \
	{ echo "generated files are out of date: run make generate manifests" >&2; exit 1; }

##@ Checks

# What the tests of the operator run: a real API server and what belongs to it.
KUBE_PROGRAMS := etcd kube-apiserver kube-controller-manager kubectl

.PHONY: kube-programs
kube-programs: ## Build the API server that tests use, once, outside the tree, and print where it is.
	@tools/kube/build $(KUBE_PROGRAMS)

.PHONY: test
test: kube-programs bin/helm test-packaging ## Run all tests, those of RACE_PACKAGES with the race detector as well.
	@command -v node >/dev/null && command -v npm >/dev/null || \
		$(call without,'the interoperability tests: node and npm are not installed')
	@tools/mosquitto/ensure || $(call without,'the tests with Mosquitto: it is not installed')
	go test -timeout 30m ./...
	cd tools/chart && go test ./...
	@if [ "$$(go env CGO_ENABLED)" = 1 ]; then \
		echo go test -race $(RACE_PACKAGES); go test -race -timeout 30m $(RACE_PACKAGES); \
	else \
		$(call without,'the race detector: it needs cgo and a C compiler'); \
	fi

# What a whole cluster runs beyond that.
CLUSTER_PROGRAMS := $(KUBE_PROGRAMS) kube-scheduler kubelet kube-proxy

.PHONY: test-e2e
test-e2e: ## Run the end-to-end test in a cluster of its own; as root with a real node.
	programs=$$(tools/kube/build $(CLUSTER_PROGRAMS)); \
	TWINWAY_E2E=1 KUBEBUILDER_ASSETS="$$programs" go test -count=1 -v -timeout 30m ./test/cluster

.PHONY: scale
scale: kube-programs ## Measure the operator at scale, in Markdown; takes up to an hour and wants the machine for itself.
	TWINWAY_SCALE=1 go test -count=1 -v -timeout 3h ./test/scale

.PHONY: soak
soak: ## Let devices and applications use a gateway for SOAK, from SEED, and look into its books.
	go test -count=1 -v -timeout 0 ./test/soak -soak.for $(SOAK) -soak.seed $(SEED)

.PHONY: lint
lint: verify-generated verify-packaging lint-api bin/golangci-lint vulnerabilities ## Check generated files, the API, style and known vulnerabilities.
	bin/golangci-lint run --allow-parallel-runners

.PHONY: lint-api
lint-api: bin/kube-api-linter ## Check the API types against the conventions of Kubernetes.
	bin/kube-api-linter run --allow-parallel-runners --config tools/kal/config.yml ./api/v1alpha1

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

.PHONY: bench-smoke
bench-smoke: ## Run every scenario of "twinway bench" for a moment; nothing may fail or be lost, however long it takes.
	go test -count=1 -v ./test/benchsmoke

.PHONY: bench-report
bench-report: build bin/benchreport bin/chart ## Measure a gateway with "twinway bench" into OUT, draw charts, print tables; the machine must be quiet.
	@bin/benchreport -binary bin/twinway -chart bin/chart -out $(OUT) -data "$(DATA)" -cache $(CACHE) \
		-things $(THINGS) -duration $(SECONDS)s -repeat $(REPEAT) -force=$(FORCE) $(PARTS)

##@ Packaging

# Where what the chart takes over from config comes from.
CHART_FILES := \
	charts/twinway/files/crds/twinway.dev_connections.yaml:config/crd/bases/twinway.dev_connections.yaml \
	charts/twinway/files/crds/twinway.dev_gateways.yaml:config/crd/bases/twinway.dev_gateways.yaml \
	charts/twinway/files/crds/twinway.dev_subscriptions.yaml:config/crd/bases/twinway.dev_subscriptions.yaml \
	charts/twinway/files/role.yaml:config/rbac/role.yaml \
	charts/twinway/files/operator_namespace_role.yaml:config/rbac/operator_namespace_role.yaml \
	charts/twinway/files/rules.yaml:config/prometheus/rules.yaml \
	charts/twinway/files/dashboard.json:config/grafana/dashboard.json

.PHONY: rbac
rbac: bin/controller-gen ## Generate the operator's role from the markers in controllers.
	bin/controller-gen rbac:roleName=twinway-operator paths=./controllers/... output:rbac:dir=config/rbac

.PHONY: chart
chart: ## Copy into the Helm chart what it takes over from config.
	@mkdir -p charts/twinway/files/crds
	@for pair in $(CHART_FILES); do cp "$${pair#*:}" "$${pair%%:*}"; done

.PHONY: verify-packaging
verify-packaging: bin/controller-gen bin/helm ## Check that role and chart are up to date, and lint the chart.
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	bin/controller-gen rbac:roleName=twinway-operator paths=./controllers/... output:rbac:dir="$$fresh"; \
	diff config/rbac/role.yaml "$$fresh/role.yaml" || { echo "the role is out of date: run make rbac chart" >&2; exit 1; }
	@for pair in $(CHART_FILES); do \
		cmp "$${pair#*:}" "$${pair%%:*}" || { echo "the chart is out of date: run make chart" >&2; exit 1; }; \
	done
	bin/helm lint --strict charts/twinway

.PHONY: test-packaging
test-packaging: bin/helm bin/kustomize ## Test chart, manifests, alerts, dashboard, Argo CD's scripts and the image.
	cd test/packaging && go test ./...

.PHONY: image
image: ## Build the container image IMAGE with docker or what DOCKER names.
	$(DOCKER) build --tag $(IMAGE) --build-arg VERSION=$(lastword $(subst :, ,$(IMAGE))) \
		--build-arg REVISION=$(shell git rev-parse HEAD) --build-arg SOURCE_DATE_EPOCH=$(shell git log -1 --format=%ct) .

##@ Tools

bin/controller-gen: PACKAGE := sigs.k8s.io/controller-tools/cmd/controller-gen
bin/golangci-lint: PACKAGE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
bin/govulncheck: PACKAGE := golang.org/x/vuln/cmd/govulncheck
bin/benchstat: PACKAGE := golang.org/x/perf/cmd/benchstat
bin/controller-gen bin/golangci-lint bin/govulncheck bin/benchstat: tools/go.mod tools/go.sum
	cd tools && go build -o ../$@ $(PACKAGE)

# Those whose dependencies would get into the way of the others have modules of
# their own. Helm is told for which Kubernetes it renders by its linker.
bin/helm: tools/helm/go.mod tools/helm/go.sum
	cd tools/helm && CGO_ENABLED=0 go build -ldflags='$(foreach package,chartutil lint/rules,$(foreach part,Major=1 Minor=36,-X helm.sh/helm/v3/pkg/$(package).k8sVersion$(part)))' \
		-o ../../$@ helm.sh/helm/v3/cmd/helm

bin/kustomize: tools/kustomize/go.mod tools/kustomize/go.sum
	cd tools/kustomize && CGO_ENABLED=0 go build -o ../../$@ sigs.k8s.io/kustomize/kustomize/v5

bin/kube-api-linter: tools/kal/go.mod tools/kal/go.sum
	cd tools/kal && go build -o ../../$@ sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter

bin/benchreport: $(wildcard test/benchreport/*.go internal/bench/*.go test/process/*.go) go.mod go.sum
	go build -o $@ ./test/benchreport

bin/chart: $(wildcard tools/chart/*)
	cd tools/chart && go build -o ../../$@ .

bin/api-reference: $(wildcard tools/apireference/*)
	cd tools/apireference && go build -o ../../$@ .
