//! Reading a text into a type, run after run, until nothing new is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::de::{self, Field, Finding, State};
use crate::document::{Contents, Document};
use crate::node::{Node, NodeId};
use crate::parse::{Manner, Parsed, parse};
use crate::problem::{Problem, Problems};
use crate::source::{Source, Span};
use crate::stand_in;
use crate::suggest::listed;

/// After so many runs reading ends with what was found: a file like that is mended step by step anyway.
const MAX_RUNS: usize = 200;

/// Reads a text into a type.
///
/// `file_name` is what the problems are shown with.
///
/// # Errors
/// Everything that is wrong with the text, as far as one mistake does not hide another.
pub fn read<T: DeserializeOwned>(file_name: &str, text: &str) -> Result<Document<T>, Problems> {
    read_in(Manner::Strict, file_name, text)
}

/// Reads a text that was written for another program, which takes more of YAML than [`read`] does: of a key that is there
/// twice the last counts, and aliases, merge keys and the tags of the core schema mean what they mean to Kubernetes.
///
/// `file_name` is what the problems are shown with.
///
/// # Errors
/// Everything that is wrong with the text, as far as one mistake does not hide another.
pub fn read_loosely<T: DeserializeOwned>(file_name: &str, text: &str) -> Result<Document<T>, Problems> {
    read_in(Manner::Loose, file_name, text)
}

fn read_in<T: DeserializeOwned>(manner: Manner, file_name: &str, text: &str) -> Result<Document<T>, Problems> {
    let Parsed { root, broken, problems, cut_short } = parse(text, manner);
    let source = Source { file_name: file_name.to_owned(), text: text.to_owned() };
    let contents = Arc::new(Contents { source, root });
    if cut_short {
        return Err(Problems::new(contents, problems));
    }

    let mut reading = Reading { state: State { poisoned: broken, ..State::default() }, problems, ..Reading::default() };
    let value = reading.run(&contents.root);
    match value {
        Some(value) if reading.problems.is_empty() && reading.missing.is_empty() => Ok(Document { value, contents }),
        _ => Err(Problems::new(contents, reading.into_problems())),
    }
}

/// What the runs so far have found.
#[derive(Debug, Default)]
struct Reading {
    state: State,
    problems: Vec<Problem>,
    /// Fields that are missing, by the map they are missing in.
    missing: BTreeMap<NodeId, (Span, Vec<&'static str>)>,
    /// Fields that are there under a misspelt name: they are reported for that and do not count as missing.
    misspelt: BTreeSet<Field>,
}

impl Reading {
    /// Runs until nothing new is found; the value of the last run, if one could be made.
    fn run<T: DeserializeOwned>(&mut self, root: &Node) -> Option<T> {
        for _ in 0..MAX_RUNS {
            if self.state.poisoned.contains(&root.id) {
                return None;
            }
            match de::value::<T>(root, &self.state) {
                Ok(value) => return Some(value),
                Err(finding) => self.take(finding),
            }
        }
        None
    }

    /// Notes what ended a run, so that it does not end the next one.
    fn take(&mut self, finding: Finding) {
        match finding {
            Finding::Value { node, last, span, complaint } => {
                // What contains a faulty value may complain only because that value was left out.
                let consequence = self.state.is_incomplete(node, last);
                if !consequence {
                    self.problems.push(complaint.at(span));
                }
                self.state.poisoned.insert(node);
            }
            Finding::UnknownField { node, span, within, complaint, meant } => {
                self.problems.push(complaint.at(span));
                self.state.poisoned.insert(node);
                self.misspelt.extend(meant.map(|field| (within, field)));
            }
            Finding::MissingField { node, span, field, present } => {
                if !present && !self.misspelt.contains(&(node, field)) {
                    self.missing.entry(node).or_insert((span, Vec::new())).1.push(field);
                }
                self.state.stand_ins.insert((node, field), 0);
            }
            Finding::StandIn(field) => self.next_stand_in(field),
            Finding::Incomplete(node) => {
                self.state.poisoned.insert(node);
            }
        }
    }

    /// The value that stood in for a missing field does not fit: the next one is tried, and after the last the map is
    /// given up.
    fn next_stand_in(&mut self, field: Field) {
        let sample = self.state.stand_ins.entry(field).or_default();
        *sample += 1;
        if *sample == stand_in::SAMPLES.len() {
            self.state.poisoned.insert(field.0);
        }
    }

    fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        for (span, fields) in self.missing.into_values() {
            let noun = if fields.len() == 1 { "field" } else { "fields" };
            problems.push(Problem::new(span, format!("missing {noun} {}", listed(fields))));
        }
        problems
    }
}
