//! What we write against what cloud-init's YAML reader, PyYAML, makes of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

use kiln_cloud_init::Extra;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::cloud_init::python;
use crate::sample;

/// Reads JSON with a list of YAML documents, and writes JSON with the list of what they say.
const LOAD_ALL: &str =
    "import json, sys, yaml; json.dump([yaml.safe_load(d) for d in json.load(sys.stdin)], sys.stdout)";

/// How many strings are made up.
const MADE_UP: usize = 300;

/// What PyYAML reads in every one of `documents`, in one run of Python.
fn load(documents: &[&str]) -> Vec<Value> {
    let mut python = python()
        .args(["-c", LOAD_ALL])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python() checked that it runs");
    let text = serde_json::to_vec(documents).unwrap();
    // Python reads all of it before it writes anything, so that neither waits for the other.
    python.stdin.take().unwrap().write_all(&text).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "PyYAML refused a document");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The user-data with `value` as a lab's own cloud-config key.
fn user_data(value: Value) -> String {
    let cloud_config = BTreeMap::from([("kiln-test".to_owned(), value)]);
    sample::seed(&Extra { cloud_config, ..Extra::default() }, None).user_data().to_owned()
}

/// Asserts that every value is read as it was meant.
fn assert_read_back(values: Vec<Value>) {
    let documents: Vec<String> = values.iter().cloned().map(user_data).collect();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    for (document, (read, meant)) in documents.iter().zip(load(&documents).iter().zip(&values)) {
        assert_eq!(&read["kiln-test"], meant, "{document}");
    }
}

#[test]
fn what_looks_like_something_else_is_read_as_text() {
    let texts = [
        "",
        " ",
        "~",
        "null",
        "Null",
        "no",
        "No",
        "NO",
        "on",
        "off",
        "y",
        "n",
        "yes",
        "true",
        "=",
        "<<",
        "-",
        "--",
        "---",
        "...",
        "?",
        ":",
        "0",
        "0644",
        "0o644",
        "08",
        "1_000",
        "0x1f",
        "0b1",
        "1e3",
        "1.5",
        ".5",
        ".inf",
        ".NaN",
        "+1",
        "12:34:56",
        "1:30",
        "190:20:30",
        "52:54:00:12:34:56",
        "2026-11-22",
        "2026-11-22 10:00:00",
        "a: b",
        "a:",
        ":a",
        "a #b",
        "#a",
        "- a",
        "? a",
        "[a]",
        "{a: b}",
        "*a",
        "&a",
        "!a",
        "!!str a",
        "|",
        ">",
        "%a",
        "@a",
        "`a`",
        "'a'",
        "\"a\"",
        "\\",
        "\\n",
        "a\\",
        " a",
        "a ",
        "\ta",
        "a\t",
        "a\n",
        "\n",
        "\n\n",
        "a\n\n",
        "\na",
        "a\n  b\n c",
        "  a\nb",
        " \n a",
        "a\n ",
        "\ta\nb",
        "a\r\nb",
        "\r",
        "a\rb",
        "a\n---\nb",
        "a\n...\n",
        "# a\n# b\n",
        "\u{85}",
        "a\u{2028}b",
        "\u{feff}a",
        "\u{0}",
        "\u{7f}",
        "\u{1b}[0m",
        "é",
        "日本",
        "\u{fffd}",
        "\u{fffe}",
        "\u{a0}a\u{a0}",
    ];
    let long = "word ".repeat(60);
    let values = texts.iter().copied().chain([long.as_str()]).map(|text| json!([text, {"key": text}, [[text]]]));
    assert_read_back(values.collect());
    assert_read_back(texts.iter().filter(|text| text.len() < 100).map(|text| json!({*text: {*text: 1}})).collect());
}

#[test]
fn other_values_are_read_as_they_are() {
    assert_read_back(vec![
        json!(null),
        json!([true, false, null, [], {}]),
        json!([0, -1, 644, i64::MIN, u64::MAX]),
        json!([0.5, -1.0, 1e20, 1e-7, 1.5e300]),
        json!({"a": {"b": [{"c": [1]}]}}),
    ]);
}

#[test]
fn made_up_text_is_read_as_text() {
    let pieces = prop::sample::select(
        [
            " ", "\n", "\t", "\r", ":", "#", "-", "'", "\"", "\\", "0", "7", "e", ".", "_", "%", "{", "]", ",", "é",
            "\u{85}",
        ]
        .as_slice(),
    );
    let strategy =
        prop_oneof![prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat()), any::<String>()];
    let mut runner = TestRunner::deterministic();
    let texts = (0..MADE_UP).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    // What is above is refused by name, which is tested beside the code.
    let texts = texts.map(|text| text.replace(|character| character > '\u{fffd}', "?"));
    assert_read_back(texts.map(|text| json!([text, {"key": text}])).collect());
}

#[test]
fn the_network_config_is_the_one_that_was_tried_on_every_version() {
    let seed = sample::seed(&Extra::default(), None);
    let canonical = r#"
version: 1
config:
- type: physical
  name: eth0
  mac_address: "52:54:00:12:34:56"
  subnets: [{type: dhcp}]
- type: physical
  name: eth1
  mac_address: "52:54:00:aa:00:02"
  subnets:
  - {type: static, address: 192.168.206.196, netmask: 255.255.255.0}
"#;
    let read = load(&[seed.network_config(), canonical]);
    assert_eq!(read[0], read[1]);
}

#[test]
fn the_user_data_says_what_was_meant() {
    let read = load(&[sample::seed(&sample::everything(), None).user_data()]).remove(0);
    assert_eq!((&read["hostname"], &read["fqdn"]), (&json!("node1"), &json!("node1")));
    assert_eq!(read["write_files"][0]["permissions"], "0644");
    assert!(read["write_files"][0]["content"].as_str().unwrap().ends_with("192.168.206.198 node3\n"), "{read}");
    assert_eq!(read["write_files"][1]["content"], "PasswordAuthentication no\n");
    assert_eq!(read["write_files"][2]["encoding"], "b64");
    assert_eq!(read["write_files"][3]["content"], "a: [b]\n\t# c\n");
    assert_eq!(read["users"][0]["ssh_authorized_keys"], json!([sample::USER_KEY]));
    let private = read["ssh_keys"]["ed25519_private"].as_str().unwrap();
    assert!(private.ends_with("-----END OPENSSH PRIVATE KEY-----\n"), "{private}");
}
