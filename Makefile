# Everything that is done to Dendro. Needed: Go, make, git; Node for the web
# pages. `make help` lists the targets.

GO       ?= go
TOOL     := $(GO) tool -modfile=tools/go.mod
PACKAGES ?= ./...

# A release from an archive without version control names its version:
# make build VERSION=v1.2.3
VERSION  ?=
LDFLAGS  := $(if $(VERSION),-X github.com/dendro-carbon/dendro/internal/buildinfo.version=$(VERSION))

.PHONY: check help build web run demo test bench lint format golden generate clean

check: lint test ## what a change has to pass (the default)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The dashboard is built when something of it is newer than what was built last.
# Without Node the program is built without it and says so.
DIST := internal/web/dist/index.html

ifneq ($(shell command -v npm 2>/dev/null),)
web: $(DIST) ## the dashboard, which is embedded in bin/dendro
else
web:
	@echo 'No Node: the program is built without its dashboard.'
endif

web/node_modules/.package-lock.json: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund --loglevel error
	@touch $@

$(DIST): web/node_modules/.package-lock.json $(shell find web -path web/node_modules -prune -o -path web/test -prune -o -type f -print)
	npm run build --prefix web --silent

build: web ## bin/dendro, the same bytes from the same commit
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags '$(LDFLAGS)' -o bin/ ./cmd/dendro

run: build ## measure this machine; the address to look at is printed
	./bin/dendro serve

demo: build ## a simulated facility instead, of 780 groups
	./bin/dendro serve --demo

# A test that cannot run here leaves a line in the file DENDRO_SKIPPED
# (internal/testenv); the name is new each time, so that cached results of such
# tests are not taken.
test: web ## all tests; says at the end what could not run, and why
	@if [ -d web/node_modules ]; then npm test --prefix web --silent; else echo 'No Node: the dashboard is not tested.'; fi
	@skipped=$$(mktemp) && trap 'rm -f "$$skipped"' EXIT && status=0 && \
	DENDRO_SKIPPED="$$skipped" $(GO) test $(TESTFLAGS) $(PACKAGES) || status=$$?; \
	if [ -s "$$skipped" ]; then \
		printf '\nNot run here (a failure when DENDRO_REQUIRE names it):\n'; \
		awk -F '\t' '{why = $$1 ": " $$3; if (!n[why]++) order[++k] = why} \
			END {for (i = 1; i <= k; i++) printf "  %s (%d)\n", order[i], n[order[i]]}' "$$skipped"; \
	fi; exit $$status

BENCH ?= .
COUNT ?= 1
OLD   ?=

bench: ## benchmarks into bin/bench.txt (BENCH=regexp COUNT=10); OLD=file compares
	@mkdir -p bin
	@{ $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PACKAGES); echo $$? >bin/bench.status; } \
		| grep -v -e 'no test files' -e '^PASS$$' | tee bin/bench.txt; exit $$(cat bin/bench.status)
	@$(if $(OLD),$(TOOL) benchstat $(OLD) bin/bench.txt)

lint: ## format, vet, staticcheck, known vulnerabilities, tidy go.mod
	@wrong=$$($(TOOL) gofumpt -l .) && if [ -n "$$wrong" ]; then \
		printf 'not formatted, see `make format`:\n%s\n' "$$wrong"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(TOOL) staticcheck $(PACKAGES)
	$(GO) mod tidy -diff
	@GO='$(GO)' sh tools/vulncheck.sh $(PACKAGES)

format: ## gofumpt over all Go files
	$(TOOL) gofumpt -w .

golden: ## rewrite the golden files of every package that has some
	$(GO) test $$($(GO) list -f '{{$$p := .ImportPath}}{{range .TestImports}}{{$$p}} {{.}}{{"\n"}}{{end}}{{range .XTestImports}}{{$$p}} {{.}}{{"\n"}}{{end}}' \
		$(PACKAGES) | sed -n 's| .*/internal/golden$$||p' | sort -u) -update

generate: ## what is made from other sources; CI wants no difference after it
	$(GO) generate $(PACKAGES)
	@if [ -d web/node_modules ]; then npm run types --prefix web --silent; fi

clean: ## what the other targets made
	rm -rf bin dist web/node_modules
	find internal/web/dist -mindepth 1 ! -name .gitignore -delete
