//! "did you mean …?": the name that was probably meant.

/// The one of `names` that is nearest to what was written, if one is near enough to be meant.
///
/// Case does not count, nor whether words are joined by `-` or `_`.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = normal(written);
    // A third of the letters may be wrong: the limit that rustc uses for its suggestions.
    let limit = (written.len() / 3).max(1);
    let with_distance = names.into_iter().map(|name| (distance(&written, &normal(name)), name));
    with_distance.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Names in one line, each in backticks: `` `a`, `b` ``.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How long a name can be and still be a misspelt one: the distance below is quadratic.
const LONGEST: usize = 64;

fn normal(name: &str) -> Vec<char> {
    name.chars().take(LONGEST).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// How many letters have to be put in, left out, replaced or swapped with their neighbour to get from one to the other
/// (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &other) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != other);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && letter == b[j - 1] && a[i - 1] == other {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["install", "image", "ip", "copy-in", "memory"];
        let cases = [
            ("imgae", Some("image")),
            ("instal", Some("install")),
            ("Image", Some("image")),
            ("copy_in", Some("copy-in")),
            ("pi", Some("ip")),
            ("memroy", Some("memory")),
            ("quux", None),
            ("", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, names), expected, "{written:?}");
        }
    }

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("ab", "ba", 1), ("abc", "abc", 0), ("kitten", "sitting", 3), ("", "ab", 2)]
        {
            assert_eq!(distance(&normal(a), &normal(b)), expected, "{a} {b}");
        }
    }
}
