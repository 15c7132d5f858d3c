# People and CI use the same targets.

# The tools have a separate module file, which keeps go.mod short.
TOOL := go tool -modfile=.ci/tools.mod
GOLANGCI := $(TOOL) golangci-lint

# Only the race detector needs a C compiler.
export CGO_ENABLED := 0

# The program is built without symbols and without gin's MessagePack, which it does not use.
# Gin has no tags for HTTP/3, BSON and YAML (3.3 MB of the binary).
SMALL := -tags nomsgpack -ldflags '-s -w'

# Arguments for go test and the measurements: make test ARGS='-run Token ./internal/reset'
ARGS ?=

# The race detector does not watch the inner loops of hashes and of SQLite. They share
# nothing and would take five times as long. A package that uses sync or generic code of
# other packages must not be in this list: the linker might use its copy everywhere.
LOOPS := $(addprefix golang.org/x/crypto/,argon2 blake2b blowfish scrypt) modernc.org/sqlite/lib \
	$(addprefix crypto/internal/fips140/,sha256 sha512 sha3 hmac pbkdf2)
# A program with the race detector sleeps for a second before it ends, unless told otherwise.
export GORACE := atexit_sleep_ms=0
# make lint vets the tests, and a debugger needs other builds.
QUICK := -vet=off -ldflags=-w
# Each hash leaves 19 MiB of garbage. Collecting it less often saves a fifth of the time.
test: export GOGC := 400
RACE := -race $(patsubst %,-gcflags=%=-race=false,$(LOOPS))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: build ## build and start the demo
	bin/resetd demo

.PHONY: build
build: ## build bin/resetd
	go build $(SMALL) -trimpath -o bin/resetd ./cmd/resetd

.PHONY: test
test: bin/withpostgres ## run all tests on SQLite, PostgreSQL, MariaDB and Chromium (12 minutes on two cores)
	@sh .ci/need compiler postgres mariadb pgbouncer chromium
	CGO_ENABLED=1 bin/withpostgres -- go test $(RACE) $(QUICK) -timeout 40m $(or $(ARGS),./...)

.PHONY: test-postfix
test-postfix: bin/withpostgres ## deliver through a real Postfix into a Maildir, and read what it returns (a minute; as root, on Debian)
	@sh .ci/need postgres postfix
	bin/withpostgres -- go test -count=1 -tags postfix $(ARGS) ./internal/proofs/postfix

.PHONY: test-axe
test-axe: bin/withpostgres bin/axe.min.js ## test all pages with axe, narrow and wide, in light, dark and forced colours (two minutes)
	@sh .ci/need postgres chromium
	RESETD_TEST_AXE=$(CURDIR)/bin/axe.min.js bin/withpostgres -- go test -count=1 -tags axe -run Accessible $(ARGS) ./cmd/resetd

bin/axe.min.js:
	@sh .ci/need npm
	mkdir -p bin && cd bin && npm pack --silent axe-core@4.14.1 && tar xzf axe-core-4.14.1.tgz --strip-components=1 package/axe.min.js && rm axe-core-4.14.1.tgz && touch axe.min.js

.PHONY: test-integrations
test-integrations: bin/withpostgres ## reset passwords of real Django, Flask, Rails, Laravel, Symfony and WordPress applications (2 minutes; as root, on Debian)
	@sh .ci/need postgres mariadb chromium frameworks
	bin/withpostgres -- go test -count=1 -tags integrations $(ARGS) ./internal/proofs/integrations

.PHONY: test-npm
test-npm: bin/withpostgres bin/npm ## reset passwords of real better-auth and Payload applications (2 minutes with the packages from npm; on Debian)
	@sh .ci/need postgres chromium npm
	bin/withpostgres -- go test -count=1 -tags integrations,npm -run 'TestBetterAuth|TestPayload' $(ARGS) ./internal/proofs/integrations

bin/npm: Makefile
	@sh .ci/need npm
	mkdir -p bin && npm install --prefix bin/npm --ignore-scripts --no-audit --no-fund --silent better-auth@1.7.25 pg@8.23.1 payload@3.90.2 @payloadcms/db-postgres@3.90.2
	touch $@

.PHONY: test-alerts
test-alerts: bin/withpostgres ## make each alert of packaging/ fire with a real Prometheus, and try the dashboard's queries (2 minutes; on Debian)
	@sh .ci/need postgres prometheus
	bin/withpostgres -- go test -count=1 -tags alerts $(ARGS) ./internal/proofs/alerts

.PHONY: test-proxies
test-proxies: bin/withpostgres ## restart instances behind nginx, HAProxy and Caddy, and count the requests that fail (2 minutes; on Debian)
	@sh .ci/need postgres nginx haproxy caddy
	bin/withpostgres -- go test -count=1 -v -tags proxies $(ARGS) ./internal/proofs/proxies

.PHONY: drill
drill: bin/withpostgres ## practise a restore, and a move to PostgreSQL, with 200,000 resets, and print the times (1 minute)
	@sh .ci/need postgres
	bin/withpostgres -- go test -count=1 -v -tags drill $(ARGS) ./internal/proofs/drill

.PHONY: dist
dist: ## build a release in dist/: binaries, deb, rpm, image, checksums (2 minutes, 6 without the build cache)
	cd packaging && go run . -out ../dist

.PHONY: test-packages
test-packages: dist ## build a release twice, and install, upgrade and remove the deb and the rpm on Debian 12 (7 minutes; as root, on Debian)
	@sh .ci/need debootstrap
	cd packaging && go run . -out ../bin/dist-again && cmp ../dist/SHA256SUMS ../bin/dist-again/SHA256SUMS
	cd packaging && go run . -out ../bin/dist-next -version 0.1.1 -only linux_amd64
	cd packaging && RESETD_DEB=$$(ls $(CURDIR)/dist/*_amd64.deb) RESETD_NEXT_DEB=$(CURDIR)/bin/dist-next/resetd_0.1.1_amd64.deb \
		RESETD_RPM=$$(ls $(CURDIR)/dist/*.x86_64.rpm) RESETD_NEXT_RPM=$(CURDIR)/bin/dist-next/resetd-0.1.1-1.x86_64.rpm \
		RESETD_IMAGE=$$(ls $(CURDIR)/dist/*_oci.tar) go test -count=1 -tags debian .

.PHONY: bench
bench: build bin/withpostgres ## measure requests, links, emails and memory against what the databases alone and Django reach (10 minutes)
	@sh .ci/need postgres
	bin/withpostgres -durable -set shared_buffers=1GB -set max_wal_size=4GB -- go run ./internal/tools/measure load $(ARGS)

.PHONY: bench-search
bench-search: build bin/withpostgres ## measure the support pages among 10 million resets on PostgreSQL and 1 million on SQLite (25 minutes, 12 GB of disk)
	@sh .ci/need postgres
	bin/withpostgres -durable -set shared_buffers=3GB -set max_wal_size=8GB -set maintenance_work_mem=1GB -- go run ./internal/tools/measure search $(ARGS)

.PHONY: chaos
chaos: build bin/withpostgres ## cause faults under load, and check that nothing is lost (an hour)
	@sh .ci/need postgres
	go run ./internal/tools/chaos $(ARGS)

.PHONY: soak
soak: bin/withpostgres ## operate two instances behind nginx, with PgBouncer and Postfix, while things fail and clocks differ (8 minutes; as root, on Debian)
	@sh .ci/need postgres pgbouncer postfix nginx
	go build $(SMALL) -tags nomsgpack,movedclock -trimpath -o bin/resetd-movable ./cmd/resetd
	go run ./internal/tools/chaos -only day $(ARGS)

.PHONY: timing
timing: build bin/withpostgres ## measure whether the time of answers is the same for every kind of address (an hour)
	@sh .ci/need postgres
	bin/withpostgres -- go run ./internal/tools/measure timing $(ARGS)

.PHONY: lint
lint: ## check the code
	go mod tidy -diff
	go vet ./...
	$(GOLANGCI) run
	cd packaging && go tool -modfile=../.ci/tools.mod golangci-lint run --build-tags debian

.PHONY: fmt
fmt: ## format the code
	$(GOLANGCI) fmt

.PHONY: clean
clean: ## remove the built files and the demo's data
	rm -rf bin dist var/demo.* var/mailbox

.PHONY: bin/withpostgres
bin/withpostgres:
	@go build -o $@ ./internal/testkit/withpostgres
