//! Timings as bars on a terminal.

use std::time::Duration;

use kiln_console::human;

use super::{Row, Span, Timings, tick_ms};

/// The widest bars are no easier to read.
const MAX_WIDTH: usize = 160;
/// Bars shorter than this say nothing: on a narrow terminal the lines are longer than it is.
const MIN_BARS: usize = 16;
/// What a mark on the axis and its label need.
const TICK_WIDTH: usize = 10;
/// Eighths of a character, from the left (Unicode block elements, U+258F to U+2588).
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// Draws `timings` of the lab `lab` for a terminal of `width` columns.
pub fn render(lab: &str, timings: &Timings, width: usize) -> String {
    let rows = timings.rows();
    let longest = |text: fn(&Row<'_>) -> String| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0);
    let subjects = longest(|row| row.subject.to_owned());
    let phases = longest(|row| row.phase.to_owned());
    let times = longest(time);
    let head = subjects + 1 + phases + 2;
    let bars = (width.min(MAX_WIDTH)).saturating_sub(head + 2 + times).max(MIN_BARS);
    let total = timings.total_ms();

    let began = human::moment(timings.began);
    let mut lines = vec![format!("{} of {lab}: {}, begun {began}", timings.operation, duration(total)), String::new()];
    lines.push(format!("{:head$}{}", "", axis(total, bars)));
    let mut last = "";
    for row in &rows {
        let subject = if row.subject == last { "" } else { row.subject };
        last = row.subject;
        let line = bar(&row.spans, total, bars);
        let phase = row.phase;
        lines.push(format!("{subject:subjects$} {phase:phases$}  {line:bars$}  {:>times$}", time(row)));
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

fn time(row: &Row<'_>) -> String {
    format!("{}{}", duration(row.took_ms()), row.remark())
}

fn duration(milliseconds: u64) -> String {
    human::duration(Duration::from_millis(milliseconds))
}

/// The labels of the axis, each beginning where its time is.
fn axis(total_ms: u64, width: usize) -> String {
    let tick = tick_ms(total_ms, (width / TICK_WIDTH) as u64);
    let mut line = String::new();
    for time in (0..=total_ms).step_by(usize::try_from(tick).unwrap_or(usize::MAX)) {
        let column = eighths(time, total_ms, width) / 8;
        let label = format!("╷{}", label(time));
        if column + label.chars().count() <= width {
            line = format!("{line:column$}{label}");
        }
    }
    line
}

/// A round time, as short as it can be said.
fn label(milliseconds: u64) -> String {
    match milliseconds / 1000 {
        0 => "0".to_owned(),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds if seconds > 60 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        seconds => format!("{seconds} s"),
    }
}

/// The bar of all spans; each is visible, however short it was.
fn bar(spans: &[&Span], total_ms: u64, width: usize) -> String {
    let mut line = vec![' '; width];
    for span in spans {
        let (begin, end) = (eighths(span.begin_ms, total_ms, width), eighths(span.end_ms, total_ms, width));
        let first = (begin / 8).min(width.saturating_sub(1));
        let whole = (end / 8).max(first);
        line[first..whole].fill('█');
        let rest = if whole == first { (end - begin).clamp(1, 8) } else { end % 8 };
        if rest > 0 && whole < width {
            line[whole] = EIGHTHS[rest - 1];
        }
    }
    line.into_iter().collect()
}

/// Where a time is, in eighths of a column.
fn eighths(time_ms: u64, total_ms: u64, width: usize) -> usize {
    let place = u128::from(time_ms) * 8 * width as u128 / u128::from(total_ms.max(1));
    usize::try_from(place).unwrap_or(usize::MAX).min(8 * width)
}

#[cfg(test)]
mod tests {
    use super::super::tests::timings;
    use super::*;

    #[test]
    fn every_phase_has_its_bar() {
        insta::assert_snapshot!(render("lab", &timings(), 80), @r"
        up of lab: 4 min 0 s, begun 1970-01-01 00:00:00 UTC

                             ╷0                  ╷2 min
        lab   disks          ▏                                                     0.3 s
        node1 start          ▏                                                     0.3 s
              reachable      ██████████                                             59 s
              control-plane            ██████████████████████████████  2 min 59 s so far
        node2 start          ▏                                                     0.5 s
              reachable      ███████████▋                                      1 min 9 s
              join                                         ███▎██████        55 s failed
        ");
    }

    #[test]
    fn it_fits_the_terminal_down_to_a_size_at_which_nothing_could_be_seen() {
        for width in [60, 80, 100, 200] {
            let text = render("lab", &timings(), width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
        }
        assert!(render("lab", &timings(), 0).contains('█'));
    }

    #[test]
    fn nothing_at_all_can_be_drawn() {
        let nothing = Timings { spans: Vec::new(), ..timings() };
        assert!(render("lab", &nothing, 80).starts_with("up of lab: 0.0 s"));
    }
}
