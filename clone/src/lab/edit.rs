//! Changing the list of nodes in the text of a lab file, with everything else left as its author wrote it.
//!
//! The text is not understood here, only cut: whoever changes it reads the result again, and compares it with what was
//! meant ([`add`], [`remove`]). Lists in both of YAML's styles are known, one item after the other or in brackets.

use std::ops::Range;

use kiln_cloud_init::NodeName;

use super::{Lab, LabName, check};

mod twin;
pub use twin::twin;

/// The lab file could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The change makes it wrong.
    #[error("{0}")]
    Wrong(Box<kiln_document::Problems>),
    /// It is written in a way that is not understood here, or the change would change more than was meant.
    #[error(
        "the lab file is written in a way that cannot be changed here\n  change it yourself, and run: clone up FILE{hint}"
    )]
    Unclear {
        /// What to add to the command.
        hint: &'static str,
    },
    /// Another lab cannot be made from its lab file: its name or its ports could not be changed.
    #[error(
        "the file of lab {lab} is written in a way in which its name and its ports cannot be changed here\n  \
         write `name: NAME` and `host: PORT` without quotes, run clone up FILE, and save it again"
    )]
    NoTwin {
        /// The lab.
        lab: LabName,
    },
}

/// The lab with one more node, whose entry is `entry`: `{name: node4, ip: 192.168.206.199}`.
///
/// # Errors
/// [`EditError`]
pub fn add(lab: &Lab, file_name: &str, entry: &str) -> Result<Lab, EditError> {
    let unclear = || EditError::Unclear { hint: "" };
    let text = with_item(&lab.text, entry).ok_or_else(unclear)?;
    let changed = read(file_name, &text)?;
    let count = lab.nodes.len();
    let only_that = changed.nodes.len() == count + 1 && changed.nodes[..count] == lab.nodes[..];
    if only_that && rest_is_same(lab, &changed) { Ok(changed) } else { Err(unclear()) }
}

/// The lab without the node `name`.
///
/// # Errors
/// [`EditError`]
pub fn remove(lab: &Lab, file_name: &str, name: &NodeName) -> Result<Lab, EditError> {
    let unclear = || EditError::Unclear { hint: " --remove" };
    let text = without_item(&lab.text, name).ok_or_else(unclear)?;
    let changed = read(file_name, &text)?;
    let left = lab.nodes.iter().filter(|node| node.name != *name);
    if changed.nodes.iter().eq(left) && rest_is_same(lab, &changed) { Ok(changed) } else { Err(unclear()) }
}

fn read(file_name: &str, text: &str) -> Result<Lab, EditError> {
    check::parse(file_name, text).map_err(|problems| EditError::Wrong(Box::new(problems)))
}

/// Whether two labs differ in nothing but their nodes. What a lab gets more is to be compared here, too.
fn rest_is_same(one: &Lab, other: &Lab) -> bool {
    let Lab { name, image, network, nodes: _, extra, kubernetes, checkpoints, mesh, base: _, text: _ } = one;
    (name, image, network, extra) == (&other.name, &other.image, &other.network, &other.extra)
        && (kubernetes, checkpoints, mesh) == (&other.kubernetes, &other.checkpoints, &other.mesh)
}

/// The items of the list, as places in the text, and how it is written.
struct Items {
    places: Vec<Range<usize>>,
    style: Style,
}

enum Style {
    /// One item after the other, each begun by a dash after this many blanks.
    Block(usize),
    /// In brackets; the closing one is here.
    Flow(usize),
}

fn with_item(text: &str, entry: &str) -> Option<String> {
    let items = items(text)?;
    let last = items.places.last()?.end;
    let (at, new) = match items.style {
        Style::Block(indent) => (last, format!("{:indent$}- {entry}\n", "")),
        Style::Flow(_) => (last, format!(", {entry}")),
    };
    // The last line of a file need not end like a line.
    let line_break = if matches!(items.style, Style::Block(_)) && !text[..at].ends_with('\n') { "\n" } else { "" };
    Some([&text[..at], line_break, &new, &text[at..]].concat())
}

fn without_item(text: &str, name: &NodeName) -> Option<String> {
    let items = items(text)?;
    let index = items.places.iter().position(|place| has_name(&text[place.clone()], name))?;
    let place = items.places[index].clone();
    let cut = match items.style {
        Style::Block(_) => place,
        // With the comma that parts it from its neighbour.
        Style::Flow(end) => match (items.places.get(index + 1), index.checked_sub(1)) {
            (Some(next), _) => place.start..next.start,
            (None, Some(before)) => items.places[before].end..place.end,
            (None, None) => place.start..end,
        },
    };
    Some([&text[..cut.start], &text[cut.end..]].concat())
}

/// Whether an item says that its name is this.
fn has_name(item: &str, name: &NodeName) -> bool {
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | '#');
    item.match_indices("name:").any(|(at, key)| {
        let value = item[at + key.len()..].trim_start();
        value.split(is_end).next().is_some_and(|value| value.trim_matches(['"', '\'']) == name.as_str())
    })
}

/// Finds the list of nodes.
fn items(text: &str) -> Option<Items> {
    let key = "nodes:";
    let begin = if text.starts_with(key) { 0 } else { text.find(&format!("\n{key}"))? + 1 };
    let after = begin + key.len();
    let line_end = text[after..].find('\n').map_or(text.len(), |end| after + end + 1);
    let rest = text[after..line_end].trim();
    match rest.chars().next() {
        Some('[') => flow(text, after + text[after..].find('[')?),
        None | Some('#') => block(text, line_end),
        Some(_) => None,
    }
}

/// The items of a list that begins with the line at `begin`: each goes to the next one's dash, but for the comments and
/// empty lines after the last.
fn block(text: &str, begin: usize) -> Option<Items> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut indent = None;
    let mut at = begin;
    for line in text[begin..].split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let content = line.trim();
        let starts_item = content == "-" || content.starts_with("- ");
        if content.is_empty() || content.starts_with('#') {
            at += line.len();
            continue;
        }
        if starts_item && blanks == *indent.get_or_insert(blanks) {
            places.push(at..at + line.len());
        } else if blanks > indent? {
            places.last_mut()?.end = at + line.len();
        } else {
            break;
        }
        at += line.len();
    }
    Some(Items { places, style: Style::Block(indent?) })
}

/// The items of a list in brackets, whose opening one is at `open`.
fn flow(text: &str, open: usize) -> Option<Items> {
    let mut places = Vec::new();
    let (mut depth, mut begin) = (0_u32, None);
    for (offset, c) in text[open..].char_indices() {
        let at = open + offset;
        match c {
            '[' | '{' => {
                depth += 1;
                if depth == 2 {
                    begin = Some(at);
                }
            }
            ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 1 {
                    places.push(begin.take()?..at + 1);
                }
                if depth == 0 {
                    return Some(Items { places, style: Style::Flow(at) });
                }
            }
            // Quoted text and comments could hold brackets.
            '"' | '\'' | '#' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
