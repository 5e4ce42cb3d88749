//! `cloud-init schema` on the user-data.

use kiln_cloud_init::Extra;

use crate::cloud_init::{Suite, cloud_init};
use crate::programs::run;
use crate::sample;

/// Has the checkers of these releases look at `user_data`: all say that it is valid and has nothing deprecated.
#[track_caller]
fn check(suites: &[Suite], user_data: &str) {
    for &suite in suites {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("user-data");
        std::fs::write(&file, user_data).unwrap();
        let said = run(cloud_init(suite, folder.path()).args(["schema", "--config-file"]).arg(file), "cloud-init");
        assert!(said.contains("Valid "), "{suite:?}: {said}");
        assert!(!said.to_lowercase().contains("deprecat"), "{suite:?}: {said}");
    }
}

#[test]
fn the_smallest_and_the_largest_user_data_are_valid_and_not_deprecated() {
    let hash = format!("$6$saltsalt${}", "a".repeat(86));
    for (extra, password_hash) in [(Extra::default(), None), (sample::everything(), Some(hash))] {
        check(&[Suite::Bookworm, Suite::Trixie], sample::seed(&extra, password_hash).user_data());
    }
}

/// At every boot cloud-init checks what the image's own configuration and the user-data come to together, and warns of an
/// "Invalid cloud-config" without a name or a line. `schema --system` looks at the user-data alone and finds nothing. The
/// image has the release of its own suite.
#[test]
fn the_configuration_of_images_is_valid_too() {
    let own = include_str!("../../../bake/src/base/debootstrap/files/cloud.cfg");
    check(&[Suite::Bookworm], &format!("#cloud-config\n{own}"));
}

#[test]
#[should_panic(expected = "not of type 'boolean'")]
fn the_checker_does_check() {
    check(&[Suite::Trixie], "#cloud-config\nresize_rootfs: true\nssh_deletekeys: [no, boolean]\n");
}
