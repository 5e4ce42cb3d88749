//! Bakes the golden images that the tests share, if this machine has not done so before. `make test` does this beside the
//! tests: compiling Kubernetes takes a quarter of an hour, and most tests wait for an emulated machine on one processor.

fn main() {
    kiln_tests::debian();
    kiln_tests::kubernetes();
}
