//! What the benchmark prints: a row for each thing that was measured.

use kiln_console::Column;
use serde::Serialize;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Time.
    Seconds,
    /// Memory.
    Bytes,
    /// Anything.
    Times,
}

/// The same measured several times.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    unit: Unit,
    median: f64,
    min: f64,
    max: f64,
    runs: Vec<f64>,
}

/// What the figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// Smaller than this.
    Below(f64),
    /// Not larger than this.
    AtMost(f64),
    /// The peer takes at least this many times as long.
    Faster(f64),
    /// Not more than this many times as long as the peer.
    Share(f64),
}

/// One row of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    what: String,
    kiln: Figure,
    peer: Option<String>,
    #[serde(rename = "peer-figure")]
    peer_figure: Option<Figure>,
    /// The targets in words.
    target: Vec<String>,
    met: Option<bool>,
}

/// The columns of the table.
pub const COLUMNS: [Column<Row>; 7] = [
    Column::new("what", |row| row.what.clone()),
    Column::new("kiln", |row| row.kiln.to_string()),
    Column::new("peer", |row| row.peer.clone().unwrap_or_else(|| "-".to_owned())),
    Column::new("peer's", |row| row.peer_figure.as_ref().map_or_else(|| "-".to_owned(), Figure::to_string)),
    Column::new("ratio", Row::ratio),
    Column::new("target", |row| if row.target.is_empty() { "-".to_owned() } else { row.target.join(", ") }),
    Column::new("met", |row| row.met.map_or("-", |met| if met { "yes" } else { "no" }).to_owned()),
];

impl Figure {
    /// The figure of these runs.
    ///
    /// # Panics
    /// When there are none.
    pub fn new(unit: Unit, runs: impl IntoIterator<Item = f64>) -> Self {
        let runs: Vec<f64> = runs.into_iter().collect();
        let mut sorted = runs.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Self { unit, median: f64::midpoint(low, high), min: sorted[0], max: sorted[sorted.len() - 1], runs }
    }

    /// How long something took.
    pub fn seconds(runs: &[std::time::Duration]) -> Self {
        Self::new(Unit::Seconds, runs.iter().map(std::time::Duration::as_secs_f64))
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [median, min, max] = [self.median, self.min, self.max].map(|value| self.unit.number(value));
        if self.runs.len() == 1 { formatter.write_str(&median) } else { write!(formatter, "{median} [{min}–{max}]") }
    }
}

impl Unit {
    fn number(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1.0 => format!("{:.0} ms", value * 1e3),
            Self::Seconds if value < 10.0 => format!("{value:.2} s"),
            Self::Seconds => format!("{value:.1} s"),
            Self::Bytes => format!("{:.1} MB", value / 1e6),
            Self::Times => format!("{value:.0}"),
        }
    }

    /// A target is a round number.
    fn bound(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1.0 => format!("{} ms", value * 1e3),
            Self::Seconds => format!("{value} s"),
            Self::Bytes => format!("{} MB", value / 1e6),
            Self::Times => value.to_string(),
        }
    }
}

impl Row {
    /// A row without a peer and a target.
    pub fn new(what: impl Into<String>, kiln: Figure) -> Self {
        Self { what: what.into(), kiln, peer: None, peer_figure: None, target: Vec::new(), met: None }
    }

    /// Names who else does this, and what came of it if that is installed here.
    pub fn against(self, peer: &str, figure: Option<Figure>) -> Self {
        let missing = if figure.is_none() { " (not installed)" } else { "" };
        Self { peer: Some(format!("{peer}{missing}")), peer_figure: figure, ..self }
    }

    /// Adds a target. One against a peer that is missing cannot be met or missed.
    pub fn target(mut self, target: Target) -> Self {
        if let Some(met) = self.meets(target) {
            self.met = Some(met && self.met.unwrap_or(true));
        }
        self.target.push(target.text(self.kiln.unit));
        self
    }

    /// Whether all its targets were met, if it has any.
    pub fn met(&self) -> Option<bool> {
        self.met
    }

    fn meets(&self, target: Target) -> Option<bool> {
        let kiln = self.kiln.median;
        let peer = self.peer_figure.as_ref().map(|figure| figure.median);
        Some(match target {
            Target::Below(bound) => kiln < bound,
            Target::AtMost(bound) => kiln <= bound,
            Target::Faster(times) => kiln * times <= peer?,
            Target::Share(times) => kiln <= peer? * times,
        })
    }

    fn ratio(&self) -> String {
        let Some(peer) = &self.peer_figure else { return "-".to_owned() };
        let share = self.kiln.median / peer.median;
        if share < 0.8 { format!("{:.1}× faster", 1.0 / share) } else { format!("{share:.2}× the time") }
    }
}

impl Target {
    fn text(self, unit: Unit) -> String {
        match self {
            Self::Below(bound) => format!("< {}", unit.bound(bound)),
            Self::AtMost(bound) => format!("≤ {}", unit.bound(bound)),
            Self::Faster(times) => format!("≥ {times}× faster"),
            Self::Share(times) => format!("≤ {times}× the time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(runs: &[f64]) -> Figure {
        Figure::new(Unit::Seconds, runs.iter().copied())
    }

    #[test]
    fn the_median_is_what_is_told_and_compared() {
        for (runs, median, text) in [
            (&[0.5][..], 0.5, "500 ms"),
            (&[3.0, 1.0, 2.0], 2.0, "2.00 s [1.00 s–3.00 s]"),
            (&[40.0, 10.0, 20.0, 30.0], 25.0, "25.0 s [10.0 s–40.0 s]"),
        ] {
            let figure = seconds(runs);
            assert!((figure.median - median).abs() < 1e-9, "{figure:?}");
            assert_eq!(figure.to_string(), text);
        }
    }

    #[test]
    fn a_row_is_met_when_all_its_targets_are() {
        let row = || Row::new("x", seconds(&[0.9])).against("loop", Some(seconds(&[9.0])));
        for (targets, met) in [
            (&[][..], None),
            (&[Target::Below(1.0)], Some(true)),
            (&[Target::Below(0.9)], Some(false)),
            (&[Target::AtMost(0.9), Target::Faster(20.0)], Some(false)),
            (&[Target::Faster(20.0), Target::AtMost(0.9)], Some(false)),
            (&[Target::Faster(10.0), Target::Share(1.05)], Some(true)),
        ] {
            assert_eq!(targets.iter().fold(row(), |row, target| row.target(*target)).met(), met, "{targets:?}");
        }
        assert_eq!(row().ratio(), "10.0× faster");
        let alone = Row::new("x", seconds(&[1.0])).against("loop", None).target(Target::Faster(2.0));
        assert_eq!((alone.met(), alone.peer.as_deref()), (None, Some("loop (not installed)")));
    }
}
