//! A small lab file's types, as the programs have them.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use kiln_document::{Document, read};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lab {
    pub name: Name,
    pub image: String,
    pub network: Option<String>,
    #[serde(default)]
    pub defaults: Size,
    #[serde(default)]
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub labels: BTreeMap<Name, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Size {
    pub cpus: u8,
    pub memory_mib: Option<u32>,
    pub nested: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    pub name: Name,
    pub ip: Ipv4Addr,
    pub cpus: Option<u8>,
    pub mac: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Install(Vec<String>),
    Run(String),
    Write { path: String, content: String },
    Reboot,
}

/// A name in lower case.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub struct Name(pub String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if good { Ok(Self(text)) } else { Err(format!("`{text}` is no name: use a-z and 0-9")) }
    }
}

/// What is said about a text that is wrong.
pub fn problems(text: &str) -> String {
    match read::<Lab>("labs/three.yaml", text) {
        Ok(document) => panic!("nothing is wrong with {:?}", document.value),
        Err(problems) => problems.to_string(),
    }
}

/// The document of a text that is right.
pub fn lab(text: &str) -> Document<Lab> {
    read("labs/three.yaml", text).unwrap_or_else(|problems| panic!("{problems}"))
}
