//! What files of other programs may have in them: aliases, merge keys, and the tags of the core schema.

use std::collections::HashMap;

use crate::node::{Entry, Kind, Node};
use crate::parse::MAX_DEPTH;

/// How many values may be copied for aliases: far more than any manifest has, and an end to those that double themselves.
const MAX_COPIES: usize = 100_000;
/// The tag of a text, whatever it looks like (YAML 1.2.2, section 10.1.1.3).
pub(crate) const TEXT: &str = "tag:yaml.org,2002:!str";
/// The other tags that say what is there anyway (YAML 1.2.2, sections 10.1 and 10.2), as the scanner writes them.
const USUAL: [&str; 6] = ["map", "seq", "null", "bool", "int", "float"];
const CORE: &str = "tag:yaml.org,2002:!";
/// The key that takes over what another map has (YAML 1.1, `tag:yaml.org,2002:merge`).
const MERGE: &str = "<<";

/// Whether a value is read the same with this tag, or as text.
pub(crate) fn is_usual(tag: &str) -> bool {
    tag == TEXT || tag.strip_prefix(CORE).is_some_and(|name| USUAL.contains(&name))
}

/// The values at anchors.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    anchored: HashMap<usize, Node>,
    /// How many values were copied.
    made: usize,
}

impl Copies {
    /// Keeps what is at an anchor.
    pub fn add(&mut self, anchor: usize, node: &Node) {
        self.anchored.insert(anchor, node.clone());
    }

    /// What an alias stands for that is itself so deep in lists and maps.
    ///
    /// # Errors
    /// Why it cannot stand for that.
    pub fn of(&mut self, anchor: usize, depth: usize) -> Result<Node, &'static str> {
        // One that is not there yet is around the alias.
        let node = self.anchored.get(&anchor).ok_or("this alias stands for something that it is in itself")?;
        let (count, height) = measure(node);
        self.made += count;
        if self.made > MAX_COPIES || depth + height > MAX_DEPTH {
            return Err("the aliases up to this one stand for too much");
        }
        Ok(node.clone())
    }
}

/// How many values a value is made of, and how deep lists and maps stand in each other there.
fn measure(node: &Node) -> (usize, usize) {
    let inner: Vec<_> = match &node.kind {
        Kind::Scalar { .. } => return (1, 0),
        Kind::Seq(elements) => elements.iter().map(measure).collect(),
        Kind::Map(entries) => entries.iter().map(|entry| measure(&entry.value)).collect(),
    };
    let count = inner.iter().map(|(count, _)| count).sum::<usize>();
    (1 + count, 1 + inner.iter().map(|(_, height)| *height).max().unwrap_or_default())
}

/// Has a map take over what stands at its merge key: a map, or a list of them, of which the first counts. What it has itself
/// stays.
pub(crate) fn take_over(kind: &mut Kind) {
    let Kind::Map(entries) = kind else { return };
    let is_merge = |entry: &Entry| {
        let is_collection = matches!(entry.value.kind, Kind::Map(_) | Kind::Seq(_));
        is_collection && matches!(&entry.key.kind, Kind::Scalar { text, plain: true } if text == MERGE)
    };
    let Some(index) = entries.iter().position(is_merge) else { return };
    let maps = match entries.remove(index).value {
        Node { kind: Kind::Seq(maps), .. } => maps,
        map => vec![map],
    };
    for map in maps {
        let Kind::Map(others) = map.kind else { continue };
        for other in others {
            if !entries.iter().any(|entry| entry.key.text() == other.key.text()) {
                entries.push(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::read_loosely;

    fn read(text: &str) -> Result<Value, String> {
        read_loosely("m.yaml", text).map(|document| document.value).map_err(|problems| problems.to_string())
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_counts() {
        let text = "ports: [{port: 1}]\nname: a\nports: [{port: 2}]\nenv: {A: 1, A: 2}\n";
        assert_eq!(read(text), Ok(json!({"ports": [{"port": 2}], "name": "a", "env": {"A": 2}})));
        assert!(
            crate::read::<Value>("m.yaml", text).unwrap_err().to_string().contains("the key `ports` is here twice")
        );
    }

    #[test]
    fn an_alias_stands_for_what_its_anchor_is_at() {
        let text = "a: &a {x: &x 1, y: [*x]}\nb: *a\nc: *x\nd: &x two\ne: *x\n";
        assert_eq!(
            read(text),
            Ok(json!({"a": {"x": 1, "y": [1]}, "b": {"x": 1, "y": [1]}, "c": 1, "d": "two", "e": "two"}))
        );
        assert!(read("a: &a [*a]\n").unwrap_err().contains("that it is in itself"));
        assert!(read("a: *b\n").unwrap_err().contains("unknown anchor"));
    }

    #[test]
    fn a_merge_key_takes_over_what_is_not_there_itself() {
        let text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nits: {<<: *one, a: 0}\nall: {<<: [*one, *two], c: 0}\n\
                    text: {'<<': [], <<: no}\n";
        let read = read(text).unwrap();
        assert_eq!(read["its"], json!({"a": 0, "b": 1}));
        assert_eq!(read["all"], json!({"a": 1, "b": 1, "c": 0}));
        assert_eq!(read["text"], json!({"<<": "no"}));
    }

    #[test]
    fn tags_of_the_core_schema_say_what_is_there() {
        assert_eq!(read("a: !!str 1\nb: !!int 1\nc: !!map {}\n"), Ok(json!({"a": "1", "b": 1, "c": {}})));
        assert!(read("a: !mine 1\n").unwrap_err().contains("tags like `!mine`"));
    }

    #[test]
    fn aliases_that_double_themselves_come_to_an_end() {
        let wide: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
        let deep: String = (1..70).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
        for text in [wide, deep] {
            let error = read(&format!("a0: &a0 [x]\n{text}")).unwrap_err();
            assert!(error.contains("stand for too much"), "{error}");
        }
    }
}
