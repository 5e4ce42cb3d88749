# Every step of continuous integration is a target here. `make lab` and `make test` are the two to know.

LAB ?= debian-k8s
RECIPE ?= debian-12-k8s-1.20

.PHONY: lab test lint unit end-to-end bench docs deny programs dependencies test-dependencies

## lab: from nothing to a cluster of three machines (for machines alone: make lab LAB=three-nodes RECIPE=debian-12)
lab: dependencies programs
	target/release/bake build $(RECIPE)
	target/release/clone up $(LAB)
	! target/release/clone kubeconfig $(LAB) >/dev/null 2>&1 || \
	    target/release/clone kubectl --lab $(LAB) -- get nodes -o wide

## test: every test, on real QEMU, qemu-img, virt-customize and cloud-init
test: test-dependencies lint unit end-to-end

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	shellcheck scripts/* .ci/run bake/src/build/*.sh bake/src/build/boot/*.sh bake/src/steps/*/*.sh recipes/*/*.sh

unit:
	cargo test --workspace --exclude kiln-tests --quiet

end-to-end: programs
	cargo test --package kiln-tests

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

## deny: licences, advisories and sources of the dependencies (needs cargo-deny)
deny:
	cargo deny check

programs:
	cargo build --release --quiet --package kiln-bake --package kiln-clone

dependencies:
	scripts/dependencies run

test-dependencies:
	scripts/dependencies test
