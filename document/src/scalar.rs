//! What a scalar without quotes means, after the core schema of YAML 1.2 (YAML 1.2.2, section 10.3.2).

/// Whether the text says "nothing".
pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A scalar whose type nobody asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
}

/// Resolves the text of a scalar without quotes.
pub(crate) fn resolve(text: &str) -> Scalar<'_> {
    match text {
        _ if is_null(text) => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    integer(text).or_else(|| float(text)).unwrap_or(Scalar::Text(text))
}

fn integer(text: &str) -> Option<Scalar<'_>> {
    let unsigned = if let Some(octal) = text.strip_prefix("0o") {
        digits(octal, 8)
    } else if let Some(hexadecimal) = text.strip_prefix("0x") {
        digits(hexadecimal, 16)
    } else {
        digits(text.strip_prefix('+').unwrap_or(text), 10)
    };
    let signed = || {
        let magnitude = text.strip_prefix('-')?;
        digits(magnitude, 10)?;
        text.parse().ok()
    };
    unsigned.map(Scalar::Unsigned).or_else(|| signed().map(Scalar::Signed))
}

/// `u64::from_str_radix`, which takes a sign as well, for digits only.
fn digits(text: &str, radix: u32) -> Option<u64> {
    text.starts_with(|c: char| c.is_digit(radix)).then(|| u64::from_str_radix(text, radix).ok())?
}

fn float(text: &str) -> Option<Scalar<'_>> {
    // `f64::from_str` takes words as well ("inf", "nan", "infinity"), which are text in YAML.
    let number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E'));
    (number && text.contains(|c: char| c.is_ascii_digit())).then(|| text.parse().ok().map(Scalar::Float))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema() {
        let cases = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("true", Scalar::Bool(true)),
            ("no", Scalar::Text("no")),
            ("12", Scalar::Unsigned(12)),
            ("+12", Scalar::Unsigned(12)),
            ("-12", Scalar::Signed(-12)),
            ("0o17", Scalar::Unsigned(15)),
            ("0xff", Scalar::Unsigned(255)),
            ("0x+f", Scalar::Text("0x+f")),
            ("--1", Scalar::Text("--1")),
            ("1.20", Scalar::Float(1.2)),
            ("1e3", Scalar::Float(1000.0)),
            (".5", Scalar::Float(0.5)),
            ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
            ("inf", Scalar::Text("inf")),
            ("e", Scalar::Text("e")),
            ("18446744073709551616", Scalar::Float(18446744073709551616.0)),
            ("52:54:00:12:34:56", Scalar::Text("52:54:00:12:34:56")),
            ("192.168.206.196", Scalar::Text("192.168.206.196")),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve(text), expected, "{text:?}");
        }
    }
}
