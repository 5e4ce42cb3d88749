//! JSON Schema, by another implementation than the one that made it.

use std::process::Command;

use crate::TestHome;

/// Asks the reference implementation of JSON Schema in Python (package python3-jsonschema). Its YAML is of version 1.1,
/// where `off` is a boolean; editors and Kiln read 1.2.
const VALIDATE: &str = "
import json, sys, yaml, jsonschema
for letter in 'yYnNoO':
    yaml.SafeLoader.yaml_implicit_resolvers[letter] = []
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(open(sys.argv[2]))))
[print(error.message) for error in errors]
";

/// A schema in a file.
#[derive(Debug)]
pub struct Schema(String);

impl Schema {
    /// The schema with this text, kept in a home's work folder.
    pub fn new(home: &TestHome, text: &str) -> Self {
        Self(home.file("schema.json", text))
    }

    /// What is wrong with the document `path`, a line each.
    #[track_caller]
    pub fn faults(&self, path: &str) -> String {
        let ran = Command::new("/usr/bin/python3").args(["-c", VALIDATE, &self.0, path]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }
}
