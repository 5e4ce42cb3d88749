# Every step of continuous integration is a target here. `make lab` and `make test` are the two to know.

LAB ?= debian-k8s
RECIPE ?= debian-12-k8s-1.20
PREFIX ?= /usr/local
DRILLS ?= $(basename $(notdir $(wildcard tests/drills/*.rs)))

.PHONY: lab machines install test lint unit end-to-end drills bench docs deny programs dependencies test-dependencies

## lab: from nothing to a cluster of three nodes; Kubernetes is compiled from Debian's sources the first time
lab: dependencies programs
	target/release/bake build $(RECIPE)
	target/release/clone up $(LAB)
	target/release/clone kubectl --lab $(LAB) -- get nodes -o wide

## machines: from nothing to three machines without Kubernetes
machines: dependencies programs
	target/release/bake build debian-12
	target/release/clone up three-nodes

## install: the programs, their manual pages and completions, below PREFIX
install: programs
	install -D --target-directory $(DESTDIR)$(PREFIX)/bin target/release/bake target/release/clone
	install -D --mode 644 --target-directory $(DESTDIR)$(PREFIX)/share/man/man1 docs/man/*.1
	for program in bake clone; do \
	    install -D --mode 644 docs/completions/$$program.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program && \
	    install -D --mode 644 docs/completions/$$program.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$program && \
	    install -D --mode 644 docs/completions/$$program.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$program.fish \
	        || exit 1; \
	done

## test: the tests, on real QEMU, qemu-img, virt-customize, cloud-init and Kubernetes; `drills` are more of them
test: test-dependencies lint unit end-to-end

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	shellcheck scripts/* .ci/run bake/src/build/*.sh bake/src/build/boot/*.sh bake/src/steps/*/*.sh bake/src/supply/*/*.sh \
	    recipes/*/*.sh tests/fixtures/*/*.sh

unit:
	cargo test --workspace --exclude kiln-tests --quiet

# What tests share, the golden images, is baked beside them where this machine has not done so before.
end-to-end: programs
	cargo build --quiet --package kiln-tests --bin golden
	nice -n 10 cargo run --quiet --package kiln-tests --bin golden & \
	    cargo test --package kiln-tests; status=$$?; wait; exit $$status

## drills: tests that take minutes each, up to half an hour, such as DRILLS=cluster_faults
drills: test-dependencies programs
	cargo test --package kiln-tests --features drills $(DRILLS:%=--test %)

## bench: how fast, against what one would do instead
bench: test-dependencies programs
	cargo run --release --quiet --package kiln-tests --bin bench

## docs: the manual pages and completions, after a change of an option
docs: programs
	for program in bake clone; do \
	    target/release/$$program manual docs/man && \
	    for shell in bash zsh fish; do \
	        target/release/$$program completion $$shell > docs/completions/$$program.$$shell || exit 1; \
	    done; \
	done

## deny: what we depend on: licences, sources, banned crates, known vulnerabilities (cargo install --locked cargo-deny)
deny:
	@echo "licences, sources and banned or doubled crates, by deny.toml:"
	cargo deny check licenses sources bans
	@echo "known vulnerabilities and withdrawn versions, by the RustSec database, which is fetched from GitHub:"
	cargo deny check advisories

programs:
	cargo build --release --quiet --package kiln-bake --package kiln-clone

dependencies:
	scripts/dependencies run

test-dependencies:
	scripts/dependencies test
