//! What is generated from the definition of the command line, and the shape of what is printed.

#![allow(clippy::unwrap_used, reason = "a test ends where something goes wrong")]

use std::fs;
use std::process::Command;

use kiln_tests::{Guest, Schema, TestHome, bake, qcow2_disk};
use serde_json::Value;

/// The commands that users see.
const COMMANDS: [&str; 15] = [
    "build",
    "fetch",
    "validate",
    "images",
    "show",
    "verify",
    "rm",
    "prune",
    "export",
    "import",
    "recipes",
    "init",
    "doctor",
    "schema",
    "completion",
];

#[test]
fn every_command_has_a_help_that_fits() {
    let home = TestHome::empty();
    let overview = bake(&home, ["--help"]).ok();
    for command in COMMANDS {
        assert!(overview.contains(&format!("\n  {command} ")), "{command} is missing in:\n{overview}");
        for flag in ["-h", "--help"] {
            let help = bake(&home, [command, flag]).ok();
            assert!(help.contains("Usage: bake "), "{help}");
            let wide: Vec<_> = help.lines().filter(|line| line.chars().count() > 100).collect();
            assert!(wide.is_empty(), "{command} {flag}: {wide:#?}");
        }
    }
    let codes = overview.split("Exit codes:").nth(1).unwrap();
    for code in ["0", "3", "4", "5", "6", "9", "10"] {
        assert!(codes.lines().any(|line| line.split_whitespace().next() == Some(code)), "{code}: {codes}");
    }
    assert!(!home.root().join("images").exists(), "asking for help made a home");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let home = TestHome::empty();
    for arguments in [&["bild"] as &[&str], &["build", "x", "--explain", "--dry-run"], &["export", "x"]] {
        let said = bake(&home, arguments).fails(2);
        assert!(said.contains("Usage: bake") || said.contains("similar"), "{said}");
        assert!(!said.contains("--home"), "what the environment says need not be written: {said}");
    }
    assert!(bake(&home, ["bild"]).fails(2).contains("build"));
}

#[test]
fn a_recipe_that_is_not_named_is_that_of_the_folder() {
    let home = TestHome::empty();
    for command in ["validate", "build", "fetch"] {
        let said = bake(&home, [command]).fails(2);
        assert!(said.contains("no ./recipe.yaml") && said.contains("bake recipes"), "{said}");
    }
    // It is made from packages: no image is needed.
    assert!(bake(&home, ["init"]).ok().contains("bake build ./recipe.yaml"));
    assert!(bake(&home, ["validate"]).ok().starts_with("recipe.yaml: "));
    assert!(bake(&home, ["build", "--dry-run"]).ok().contains("mmdebstrap"));
}

#[test]
fn completions_and_manual_know_every_command() {
    let home = TestHome::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = bake(&home, ["completion", shell]).ok();
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    let path = home.file("bake.bash", &bake(&home, ["completion", "bash"]).ok());
    assert!(Command::new("bash").args(["-n", &path]).status().unwrap().success());

    let folder = home.work().join("man");
    bake(&home, ["manual", folder.as_str()]).ok();
    for command in COMMANDS {
        let page = fs::read_to_string(folder.join(format!("bake-{command}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains(".SH"), "{page}");
    }
    let page = fs::read_to_string(folder.join("bake.1")).unwrap();
    assert!(page.contains("a step or a check of a recipe failed"), "the exit codes are missing in:\n{page}");
}

#[test]
fn the_schema_takes_what_bake_takes() {
    let home = TestHome::empty();
    let schema = Schema::new(&home, &bake(&home, ["schema"]).ok());
    let names = bake(&home, ["recipes", "-o", "json"]).json();
    let mut recipes: Vec<_> = names
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let name = row["name"].as_str().unwrap();
            // What lies beside a built-in recipe is built in, too: it is found by the name.
            (home.file(&format!("{name}.yaml"), &bake(&home, ["recipes", name]).ok()), name.to_owned())
        })
        .collect();
    let own = home.work().join("own.yaml").into_string();
    bake(&home, ["init", &own]).ok();
    recipes.push((own.clone(), own));
    assert!(recipes.len() >= 2);
    for (path, found_by) in recipes {
        assert_eq!(schema.faults(&path), "", "{path}");
        bake(&home, ["validate", &found_by]).ok();
    }
    let plain = "name: x\nbase: {image: y}\nuser: z\ndisk: 1GiB\nlayers:\n- name: a\n  steps:\n  \
                 - sysctl: {vm.swappiness: 0.5}\n  - write: {path: /x, content: y, mode: 0600}\n";
    let plain = home.file("plain.yaml", plain);
    assert_eq!(schema.faults(&plain), "", "texts that YAML takes for numbers");
    bake(&home, ["validate", &plain]).ok();
    let bad = home.file("bad.yaml", "name: x\nbase: {image: y}\nuser: z\ndisk: 1GiB\nchekcs: []\n");
    assert!(schema.faults(&bad).contains("chekcs"));
    bake(&home, ["validate", &bad]).fails(3);
    bake(&home, ["init", home.work().join("own.yaml").as_str()]).fails(3);
}

#[test]
fn json_is_json_everywhere() {
    let home = TestHome::empty();
    let path = home.file("mine.yaml", "name: mine\nbase: {image: nope}\nuser: debian\ndisk: 1GiB\n");
    for arguments in [
        &["images"] as &[&str],
        &["ls"],
        &["recipes"],
        &["recipes", "debian-12"],
        &["validate", &path],
        &["verify"],
        &["prune"],
        &["prune", "--dry-run"],
        &["build", "debian-12", "--dry-run"],
        &["build", "debian-12", "--explain"],
        &["fetch", "debian-12"],
    ] {
        let said = bake(&home, arguments).env("KILN_OUTPUT", "json").ok();
        for line in said.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {line}"));
        }
        assert!(!said.is_empty(), "{arguments:?} said nothing");
    }
    for arguments in [
        &["show", "nope"] as &[&str],
        &["rm", "nope"],
        &["verify", "nope"],
        &["build", &path],
        &["export", "nope", "x"],
    ] {
        let failed: Value =
            serde_json::from_str(bake(&home, arguments).env("KILN_OUTPUT", "json").fails(10).trim()).unwrap();
        assert_eq!(failed["error"]["class"], "not-found");
    }
    let doctor = bake(&home, ["doctor", "-o", "json"]).json();
    let is_there = |it: &Value| it["what"] == "program virt-customize" && it["health"] == "good";
    assert!(doctor.as_array().unwrap().iter().any(is_there), "{doctor:#}");
}

#[test]
fn an_exported_file_is_what_its_name_says() {
    let home = TestHome::empty();
    home.publish("silent", Guest::Silent);
    for (file, format) in
        [("x.vmdk", "vmdk"), ("x.img", "raw"), ("x.qcow2", "qcow2-compressed"), ("x", "qcow2-compressed")]
    {
        assert_eq!(bake(&home, ["export", "silent", file, "-o", "json"]).json()["format"], format, "{file}");
    }
    assert!(fs::read(home.work().join("x.vmdk")).unwrap().starts_with(b"KDMV"));
    let said = bake(&home, ["export", "silent", "y.vmdk", "--format", "raw"]).fails(2);
    assert!(said.contains("the ending of vmdk") && said.contains("--format"), "{said}");
    let said = bake(&home, ["export", "silent", "none/y.raw"]).fails(3);
    assert!(said.contains("there is no folder none") && !said.contains(".tmp"), "{said}");
}

/// A dry run names every program with its path and arguments, and makes nothing.
#[test]
fn a_dry_run_prints_the_commands_and_makes_nothing() {
    let home = TestHome::empty();
    let commands = bake(&home, ["build", "debian-12", "--dry-run"]).ok();
    for part in
        ["mmdebstrap", "mke2fs", "sfdisk", "grub-mkimage", "qemu-img convert", "virt-customize", "--run-command"]
    {
        assert!(commands.contains(part), "{part} is missing in:\n{commands}");
    }
    assert_eq!(commands.matches("/virt-customize ").count(), 1, "one layer is one run:\n{commands}");
    for folder in ["scratch", "downloads", "layers", "images", "names", "logs"] {
        assert_eq!(fs::read_dir(home.root().join(folder)).unwrap().count(), 0, "{folder} is not empty");
    }
}

/// Each layer follows what was said up to it; on a base without SELinux the option does nothing.
#[test]
fn files_get_selinux_labels_in_every_run_unless_it_is_off() {
    let home = TestHome::empty();
    qcow2_disk(&home.work().join("source.qcow2"), 1, 3 << 20);
    for (modes, expected) in [
        (["permissive", "enforcing"], [true, true]),
        (["disabled", "disabled"], [false, false]),
        (["disabled", "enforcing"], [false, true]),
        (["permissive", "disabled"], [true, false]),
    ] {
        let layers = modes.iter().zip(["a", "b"]);
        let layers: String =
            layers.map(|(mode, name)| format!("- {{name: {name}, steps: [selinux: {mode}]}}\n")).collect();
        let base = "base: {file: {path: source.qcow2}}\nuser: debian\ndisk: 1GiB";
        let path = home.file("labels.yaml", &format!("name: labels\n{base}\nlayers:\n{layers}"));
        let commands = bake(&home, ["build", &path, "--dry-run", "-o", "json"]).json();
        let runs = commands.as_array().unwrap().iter().map(|command| command.as_str().unwrap());
        let runs = runs.filter(|command| command.contains("virt-customize"));
        let labelled: Vec<_> = runs.map(|command| command.ends_with(" --selinux-relabel")).collect();
        assert_eq!(labelled, expected, "{modes:?}: {commands:#}");
    }
}
