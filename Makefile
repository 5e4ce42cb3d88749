# Every step of continuous integration is a target here. `make lab` and `make test` are the two to know.

LAB ?= three-nodes
RECIPE ?= debian-12
PROGRAMS = target/release/bake target/release/clone

.PHONY: lab test lint unit end-to-end bench drills programs dependencies test-dependencies

## lab: from nothing to three running machines
lab: dependencies programs
	target/release/bake build $(RECIPE)
	target/release/clone up $(LAB)
	target/release/clone status $(LAB)

## test: every test, on real QEMU, qemu-img, virt-customize and cloud-init
test: test-dependencies lint unit end-to-end

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	shellcheck scripts/* .ci/run bake/src/build/*.sh

unit:
	cargo test --workspace --exclude kiln-tests --quiet

end-to-end: programs
	cargo test --package kiln-tests

## bench: how fast, against what one would do instead
bench: test-dependencies programs
	scripts/bench

## drills: the longer faults, and the same on other releases
drills: test-dependencies programs
	KILN_DRILLS=1 cargo test --package kiln-tests

programs:
	cargo build --release --quiet --package kiln-bake --package kiln-clone

dependencies:
	scripts/dependencies run

test-dependencies:
	scripts/dependencies test
