//! `cloud-init schema` on the user-data.

use kiln_cloud_init::Extra;

use crate::cloud_init::cloud_init;
use crate::programs::run;
use crate::sample;

/// What the checker says of `user_data`; it fails where it is not valid.
fn check(user_data: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user-data");
    std::fs::write(&file, user_data).unwrap();
    run(cloud_init(folder.path()).args(["schema", "--config-file"]).arg(file), "cloud-init")
}

#[test]
fn the_smallest_and_the_largest_user_data_are_valid_and_not_deprecated() {
    let hash = format!("$6$saltsalt${}", "a".repeat(86));
    for (extra, password_hash) in [(Extra::default(), None), (sample::everything(), Some(hash))] {
        let said = check(sample::seed(&extra, password_hash).user_data());
        assert!(said.contains("Valid "), "{said}");
        assert!(!said.to_lowercase().contains("deprecat"), "{said}");
    }
}

/// At every boot cloud-init checks what the image's own configuration and the user-data come to together, and warns of an
/// "Invalid cloud-config" without a name or a line. `schema --system` looks at the user-data alone and finds nothing.
#[test]
fn the_configuration_of_images_is_valid_too() {
    let own = include_str!("../../../bake/src/base/debootstrap/files/cloud.cfg");
    let said = check(&format!("#cloud-config\n{own}"));
    assert!(said.contains("Valid ") && !said.to_lowercase().contains("deprecat"), "{said}");
}

#[test]
#[should_panic(expected = "not of type 'boolean'")]
fn the_checker_does_check() {
    check("#cloud-config\nresize_rootfs: true\nssh_deletekeys: [no, boolean]\n");
}
