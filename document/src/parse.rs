//! YAML text to the tree of nodes.
//!
//! The events come from `saphyr-parser`. Of YAML 1.2 this takes what a configuration needs, and says where the rest is
//! used: anchors, aliases, tags, keys that are no scalars, a second document and repeated keys are problems. Files of other
//! programs may have most of it: [`Manner::Loose`].

use std::collections::{BTreeSet, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span as EventSpan};

use crate::loose::{self, Copies};
use crate::node::{Entry, Kind, Node, NodeId};
use crate::problem::Problem;
use crate::render::quoted;
use crate::source::{Place, Span};

/// The largest file that is read, in bytes: far more than anyone writes by hand.
pub const MAX_BYTES: usize = 1024 * 1024;
/// How deep lists and maps may stand in each other.
pub const MAX_DEPTH: usize = 64;

/// How strictly a text is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As what people write for this program.
    #[default]
    Strict,
    /// As Kubernetes reads it (sigs.k8s.io/yaml): of a key that is there twice the last counts, an alias stands for what its
    /// anchor is at, and `<<` takes over a map.
    Loose,
}

/// What became of a text.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The tree; nothing was written if it is a scalar without text.
    pub root: Node,
    /// Nodes whose value is not known, because they were written with something that is refused.
    pub broken: BTreeSet<NodeId>,
    /// What is wrong with the text.
    pub problems: Vec<Problem>,
    /// Whether the tree ends where the text could not be understood any more.
    pub cut_short: bool,
}

/// Parses a text; it never fails, but what is wrong is in the result.
pub(crate) fn parse(text: &str, manner: Manner) -> Parsed {
    let mut builder = Builder { manner, ..Builder::default() };
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes");
        builder.stop(Problem::new(Span::point(Place::START), message));
        return builder.finish();
    }
    builder.text = text.chars().collect();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let problem = syntax(&error, &builder.text);
                builder.stop(problem);
            }
        }
        if builder.cut_short {
            break;
        }
    }
    builder.finish()
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

/// The place of the tab that an error speaks of: the scanner names the beginning of the scalar that goes before it.
fn tab(error: &ScanError, text: &[char]) -> Option<Place> {
    let begin = error.info().contains("a tab").then(|| error.marker().index())?;
    let index = begin + text.get(begin..)?.iter().position(|character| *character == '\t')?;
    let before = &text[..index];
    let line_begin = before.iter().rposition(|character| *character == '\n').map_or(0, |end| end + 1);
    let line = 1 + before.iter().filter(|character| **character == '\n').count();
    Some(Place { line, column: index - line_begin + 1 })
}

/// A text that is no YAML, with a guess at the reason: the messages of scanners speak of what the scanner expected.
fn syntax(error: &ScanError, text: &[char]) -> Problem {
    const REASONS: &[(&str, &str)] = &[
        ("mapping values are not allowed", "is a line indented wrongly, or does a text with `: ` in it lack quotes?"),
        ("placement of ':'", "is a bracket before this not closed?"),
        ("indentation in flow", "is a bracket before this not closed?"),
        ("indentation in quoted", "is the closing quote missing?"),
        ("indentation", "is this line indented wrongly?"),
        ("tab", "YAML is indented with spaces, not tabs"),
        ("unknown anchor", "a text that begins with `*` needs quotes"),
        ("unexpected character", "a text that begins with this character needs quotes"),
        ("simple key", "is there a `:` missing after a key?"),
    ];
    let place = tab(error, text).unwrap_or_else(|| place(*error.marker()));
    let mut problem = Problem::new(Span::point(place), format!("this is not YAML: {}", error.info()));
    if let Some((_, reason)) = REASONS.iter().find(|(part, _)| error.info().contains(part)) {
        problem.hint(*reason);
    }
    problem
}

/// A list or map that has begun and not yet ended.
#[derive(Debug)]
struct Open {
    id: NodeId,
    start: EventSpan,
    kind: Kind,
    /// The anchor at it; 0 for none.
    anchor: usize,
    /// In a map: the key whose value comes next. `Some(None)` is a key that was refused.
    key: Option<Option<Node>>,
    /// In a map: its keys so far and their lines.
    seen: HashMap<String, usize>,
}

impl Open {
    /// Takes out what a map has at a key, which comes again.
    fn forget(&mut self, key: &str) {
        if let Kind::Map(entries) = &mut self.kind
            && self.seen.contains_key(key)
        {
            entries.retain(|entry| entry.key.text() != Some(key));
        }
    }
}

#[derive(Debug, Default)]
struct Builder {
    manner: Manner,
    copies: Copies,
    /// The whole text, where the scanner's positions (they count characters) can be looked up at once.
    text: Vec<char>,
    open: Vec<Open>,
    root: Option<Node>,
    next_id: NodeId,
    broken: BTreeSet<NodeId>,
    problems: Vec<Problem>,
    cut_short: bool,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: EventSpan) {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.as_deref().map(ToString::to_string);
                let plain = matches!(style, ScalarStyle::Plain) && tag.as_deref() != Some(loose::TEXT);
                let id = self.begin(anchor, tag, span);
                let node = Node {
                    id,
                    last: id,
                    span: scalar_span(span, style, &self.text),
                    kind: Kind::Scalar { text: value.into_owned(), plain },
                };
                self.remember(anchor, &node);
                self.place(node);
            }
            Event::Alias(anchor) if self.is_loose() => match self.copies.of(anchor, self.open.len()) {
                Ok(node) => self.place(node),
                Err(message) => self.stop(Problem::new(own_span(span), message)),
            },
            Event::Alias(_) => {
                let id = self.begin(0, None, span);
                self.refuse(span, "aliases are not supported", "write the value out here");
                self.broken.insert(id);
                let kind = Kind::Scalar { text: String::new(), plain: true };
                self.place(Node { id, last: id, span: own_span(span), kind });
            }
            Event::SequenceStart(anchor, tag) => {
                self.enter(anchor, tag.as_deref().map(ToString::to_string), span, Kind::Seq(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.enter(anchor, tag.as_deref().map(ToString::to_string), span, Kind::Map(Vec::new()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
            Event::DocumentStart(_) if self.root.is_some() => {
                let mut problem = Problem::new(own_span(span), "a second document begins here");
                problem.hint("a file holds one document");
                self.stop(problem);
            }
            Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
    }

    /// Gives a node its number, and refuses what may not stand before it.
    fn begin(&mut self, anchor: usize, tag: Option<String>, span: EventSpan) -> NodeId {
        let id = self.next_id;
        self.next_id += 1;
        if anchor != 0 && !self.is_loose() {
            self.refuse(span, "anchors are not supported", "a text that begins with `&` needs quotes");
        }
        if let Some(tag) = tag.filter(|tag| !self.is_loose() || !loose::is_usual(tag)) {
            let message = format!("tags like {} are not supported", quoted(&tag));
            self.refuse(span, &message, "a text that begins with `!` needs quotes");
            self.broken.insert(id);
        }
        id
    }

    fn enter(&mut self, anchor: usize, tag: Option<String>, start: EventSpan, kind: Kind) {
        let id = self.begin(anchor, tag, start);
        if self.open.len() == MAX_DEPTH {
            let message = format!("lists and maps stand more than {MAX_DEPTH} deep in each other");
            return self.stop(Problem::new(own_span(start), message));
        }
        self.open.push(Open { id, start, kind, anchor, key: None, seen: HashMap::new() });
    }

    fn leave(&mut self, end: EventSpan) {
        let Some(mut open) = self.open.pop() else { return };
        if self.is_loose() {
            loose::take_over(&mut open.kind);
        }
        let start = place(open.start.start);
        // Only brackets have a width: a list or map without them is shown by its first line.
        let bracketed = !open.start.is_empty();
        let span = if bracketed { Span { start, end: place(end.end) } } else { Span::rest_of_line(start) };
        let node = Node { id: open.id, last: self.next_id - 1, span, kind: open.kind };
        self.remember(open.anchor, &node);
        self.place_in(node, bracketed);
    }

    fn is_loose(&self) -> bool {
        self.manner == Manner::Loose
    }

    /// Keeps what an alias may stand for later.
    fn remember(&mut self, anchor: usize, node: &Node) {
        if anchor != 0 && self.is_loose() {
            self.copies.add(anchor, node);
        }
    }

    fn place(&mut self, node: Node) {
        self.place_in(node, true);
    }

    /// Puts a finished node where it belongs. One without brackets that has a key is shown by that key.
    fn place_in(&mut self, mut node: Node, bracketed: bool) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match (&mut open.kind, open.key.take()) {
            (Kind::Seq(elements), _) => elements.push(node),
            (Kind::Map(_), None) => self.key(node),
            (Kind::Map(entries), Some(Some(key))) => {
                if !bracketed {
                    node.span = key.span;
                }
                entries.push(Entry { key, value: node });
            }
            (Kind::Map(_) | Kind::Scalar { .. }, _) => {}
        }
    }

    fn key(&mut self, key: Node) {
        let is_loose = self.is_loose();
        let Some(open) = self.open.last_mut() else { return };
        let Some(text) = key.text() else {
            open.key = Some(None);
            self.problems.push(Problem::new(key.span, "a key must be a single word or text"));
            return;
        };
        if is_loose {
            open.forget(text);
        } else if let Some(first) = open.seen.get(text) {
            let mut problem = Problem::new(key.span, format!("the key {} is here twice", quoted(text)));
            problem.hint(format!("it was first given on line {first}"));
            open.key = Some(None);
            self.problems.push(problem);
            return;
        }
        open.seen.insert(text.to_owned(), key.span.start.line);
        open.key = Some(Some(key));
    }

    fn refuse(&mut self, span: EventSpan, message: &str, hint: &str) {
        let mut problem = Problem::new(own_span(span), message);
        problem.hint(hint);
        self.problems.push(problem);
    }

    fn stop(&mut self, problem: Problem) {
        self.problems.push(problem);
        self.cut_short = true;
    }

    fn finish(self) -> Parsed {
        let nothing = Node {
            id: 0,
            last: 0,
            span: Span::point(Place::START),
            kind: Kind::Scalar { text: String::new(), plain: true },
        };
        Parsed {
            root: self.root.unwrap_or(nothing),
            broken: self.broken,
            problems: self.problems,
            cut_short: self.cut_short,
        }
    }
}

fn own_span(span: EventSpan) -> Span {
    Span { start: place(span.start), end: place(span.end) }
}

/// The span of a scalar. The scanner's includes the blanks and the comment after a closing quote, and all lines of a
/// block scalar, of which the `|` is what can be shown.
fn scalar_span(span: EventSpan, style: ScalarStyle, text: &[char]) -> Span {
    let start = place(span.start);
    match style {
        ScalarStyle::Plain => own_span(span),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if span.start.line() == span.end.line() => {
            let written = &text[span.start.index().min(text.len())..span.end.index().min(text.len())];
            Span { start, end: Place { line: start.line, column: start.column + quoted_length(written) } }
        }
        _ => Span::rest_of_line(start),
    }
}

/// How long the quoted text at the beginning is, with its quotes.
fn quoted_length(written: &[char]) -> usize {
    let Some((quote, inner)) = written.split_first() else { return 0 };
    let mut escaped = false;
    for (index, c) in inner.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            '\\' if *quote == '"' => escaped = true,
            // Two single quotes are one inside of single quotes (YAML 1.2.2, section 7.3.2).
            '\'' if *quote == '\'' && inner.get(index + 1) == Some(&'\'') => escaped = true,
            c if c == quote => return index + 2,
            _ => {}
        }
    }
    written.len()
}
