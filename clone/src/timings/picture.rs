//! Timings as a picture: SVG 1.1, without scripts, fonts or anything else from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use kiln_console::human;

use super::{Outcome, Row, Span, Timings, tick_ms};

/// The measures, in pixels.
const WIDTH: f64 = 960.0;
const LINE: f64 = 20.0;
const HEADER: f64 = 56.0;
const MARGIN: f64 = 16.0;
const PHASE_AT: f64 = 110.0;
const BARS_AT: f64 = 220.0;
const TIMES: f64 = 130.0;
/// A bar that would be thinner is not seen.
const THINNEST: f64 = 1.5;
/// How many marks the axis has at most.
const TICKS: u64 = 10;
/// Okabe and Ito's colours, which people with any kind of colour vision tell apart; without black and yellow.
const COLOURS: [&str; 6] = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7"];

/// Draws `timings` of the lab `lab`.
pub fn render(lab: &str, timings: &Timings) -> String {
    let rows = timings.rows();
    let height = HEADER + LINE * rows.len() as f64 + MARGIN;
    let title = escape(&format!("{} of {lab}: {}", timings.operation, duration(timings.total_ms())));
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let mut draw = |text: std::fmt::Arguments<'_>| {
        picture.write_fmt(text).expect("a string takes everything");
        picture.push('\n');
    };
    draw(format_args!("<text x=\"{MARGIN}\" y=\"22\" font-size=\"15\" fill=\"#222222\">{title}</text>"));
    let scale = Scale { total_ms: timings.total_ms().max(1) };
    let tick = tick_ms(timings.total_ms(), TICKS);
    for time in (0..=timings.total_ms()).step_by(usize::try_from(tick).unwrap_or(usize::MAX)) {
        let (x, bottom) = (scale.x(time), height - MARGIN);
        draw(format_args!("<path d=\"M{x:.1} {HEADER}V{bottom}\" stroke=\"#dddddd\"/>"));
        let (y, label) = (HEADER - 6.0, duration(time));
        draw(format_args!("<text x=\"{x:.1}\" y=\"{y}\" font-size=\"10\" fill=\"#666666\">{label}</text>"));
    }
    let mut colours = BTreeMap::new();
    let mut last = "";
    for (index, row) in rows.iter().enumerate() {
        let next = COLOURS[colours.len() % COLOURS.len()];
        let colour = *colours.entry(row.phase).or_insert(next);
        let top = HEADER + LINE * index as f64;
        if row.subject != last {
            draw(format_args!("<path d=\"M{MARGIN} {top}H{}\" stroke=\"#bbbbbb\"/>", WIDTH - MARGIN));
        }
        let subject = if row.subject == last { "" } else { row.subject };
        last = row.subject;
        draw(format_args!("{}", labels(row, subject, top + 14.0)));
        for span in &row.spans {
            draw(format_args!("{}", bar(span, &scale, top + 4.0, colour)));
        }
    }
    picture + "</svg>\n"
}

/// From times to places.
struct Scale {
    total_ms: u64,
}

impl Scale {
    fn x(&self, time_ms: u64) -> f64 {
        BARS_AT + (WIDTH - TIMES - BARS_AT) * time_ms as f64 / self.total_ms as f64
    }
}

fn labels(row: &Row<'_>, subject: &str, y: f64) -> String {
    let at = |x: f64, text: &str| format!("<text x=\"{x:.1}\" y=\"{y}\" fill=\"#222222\">{}</text>", escape(text));
    let took = format!("{}{}", duration(row.took_ms()), row.remark());
    [at(MARGIN, subject), at(PHASE_AT, row.phase), at(WIDTH - TIMES + 10.0, &took)].join("")
}

fn bar(span: &Span, scale: &Scale, y: f64, colour: &str) -> String {
    let x = scale.x(span.begin_ms);
    let width = (scale.x(span.end_ms) - x).max(THINNEST);
    let opacity = if span.outcome == Outcome::Done { 1.0 } else { 0.4 };
    let height = LINE - 8.0;
    format!(
        "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\" rx=\"1\" fill=\"{colour}\" \
         fill-opacity=\"{opacity}\"/>"
    )
}

fn duration(milliseconds: u64) -> String {
    human::duration(Duration::from_millis(milliseconds))
}

/// The characters that text in XML may not have as they are (XML 1.0, section 2.4).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::timings;
    use super::*;

    #[test]
    fn a_task_is_where_its_times_are() {
        let picture = render("lab", &timings());
        assert_eq!(picture.matches("<rect").count(), 1 + 8, "a ground, and a bar for each task that was not skipped");
        // From 61 s to 240 s of 240 s, on 610 px that begin at 220 px.
        assert!(picture.contains("<rect x=\"375.0\" y=\"120\" width=\"455.0\""), "{picture}");
        assert!(picture.contains(">55 s failed</text>"), "{picture}");
    }

    #[test]
    fn text_of_others_stays_text() {
        assert!(render("a<b>&c", &timings()).contains("up of a&lt;b&gt;&amp;c"));
    }
}
