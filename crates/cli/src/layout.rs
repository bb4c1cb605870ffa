//! What answers look like on this terminal.

use std::fmt::Write;

use lambdasweep_report::{Cell, Look, columns};

use crate::terminal;

/// How grave an exposure is, by its word.
pub(crate) fn exposure_look(word: &str) -> Look {
    match word {
        "everyone" | "service-any-source" => Look::BAD,
        "none" | "account" | "service-bounded" | "iam" => Look::GOOD,
        _ => Look::DOUBTFUL,
    }
}

/// A word of this program that stands out.
pub(crate) fn marked(word: &str, look: Look) -> String {
    look.on(word, terminal::style())
}

/// A word that stands out, in a column.
pub(crate) fn cell(word: &str, look: Look) -> Cell {
    Cell::new(word).look(look)
}

/// A text in a column.
pub(crate) fn plain(text: &str) -> Cell {
    Cell::new(text)
}

/// Rows in columns.
pub(crate) fn rows<const N: usize>(
    out: &mut String,
    rows: impl Iterator<Item = [Cell; N]>,
    indent: usize,
) {
    columns(
        out,
        &rows.map(Vec::from).collect::<Vec<_>>(),
        indent,
        terminal::style(),
    );
}

/// Rows below a title; nothing where there are no rows.
pub(crate) fn section<const N: usize>(
    out: &mut String,
    title: &str,
    of: impl Iterator<Item = [Cell; N]>,
) {
    let mut of = of.peekable();
    if of.peek().is_some() {
        let _ = writeln!(out, "{title}");
        rows(out, of, 2);
    }
}

/// A text in lines.
pub(crate) fn paragraph(out: &mut String, text: &str, indent: usize) {
    lambdasweep_report::paragraph(out, text, indent, terminal::style());
}
