//! Lists as tables without lines, with headings in capitals, as kubectl and docker print them.

use comfy_table::{Table, presets};

/// One column: its heading, and its cell for a row.
#[derive(Debug, Clone, Copy)]
pub struct Column<T> {
    heading: &'static str,
    cell: fn(&T) -> String,
}

impl<T> Column<T> {
    /// A column; the heading is printed in capitals.
    pub const fn new(heading: &'static str, cell: fn(&T) -> String) -> Self {
        Self { heading, cell }
    }
}

/// The table, without a last line break.
pub(crate) fn render<T>(rows: &[T], columns: &[Column<T>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|column| column.heading.to_uppercase()));
    table.add_rows(rows.iter().map(|row| columns.iter().map(|column| (column.cell)(row)).collect::<Vec<_>>()));
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_need_to_be() {
        let columns = [
            Column::new("name", |(name, _): &(&str, u64)| (*name).to_owned()),
            Column::new("size", |(_, size)| crate::human::bytes(*size)),
        ];
        let rows = [("debian-12", 820 << 20), ("centos-7.5-kubernetes", 1 << 30)];
        insta::assert_snapshot!(render(&rows, &columns), @"
        NAME                    SIZE
        debian-12               820 MiB
        centos-7.5-kubernetes   1 GiB
        ");
        assert_eq!(render(&[], &columns), "NAME   SIZE");
    }
}
