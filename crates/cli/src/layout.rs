//! What the answers of the policy engine look like on a terminal: columns, and colours where they may be used.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use lambdasweep_model::printable;

use crate::terminal;

/// What a word means for whom is responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tint {
    /// Nothing to do.
    Good,
    /// To be looked at.
    Doubtful,
    /// To be mended.
    Bad,
}

impl Tint {
    const fn colour(self) -> Color {
        match self {
            Self::Good => Color::Green,
            Self::Doubtful => Color::Yellow,
            Self::Bad => Color::Red,
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Good => 32,
            Self::Doubtful => 33,
            Self::Bad => 31,
        }
    }
}

/// How grave an exposure is, by its word.
pub(crate) fn exposure_tint(word: &str) -> Tint {
    match word {
        "everyone" | "service-any-source" => Tint::Bad,
        "none" | "account" | "service-bounded" | "iam" => Tint::Good,
        _ => Tint::Doubtful,
    }
}

/// A word of this program in its colour.
pub(crate) fn tinted(word: &str, tint: Tint) -> String {
    if terminal::style().colour { format!("\u{1b}[1;{}m{word}\u{1b}[0m", tint.code()) } else { word.to_owned() }
}

/// A word of this program in its colour, in a column.
pub(crate) fn cell(word: &str, tint: Tint) -> Cell {
    let cell = Cell::new(word);
    if terminal::style().colour { cell.fg(tint.colour()).add_attribute(Attribute::Bold) } else { cell }
}

/// A stranger's text, in a column.
pub(crate) fn plain(text: &str) -> Cell {
    Cell::new(printable(text))
}

/// Rows below a title; nothing where there are no rows.
pub(crate) fn section<const N: usize>(out: &mut String, title: &str, rows: impl Iterator<Item = [Cell; N]>) {
    let style = terminal::style();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    if style.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for row in rows {
        table.add_row(row);
    }
    if !table.is_empty() {
        let _ = writeln!(out, "{title}");
        for line in table.to_string().lines() {
            let _ = writeln!(out, " {}", line.trim_end());
        }
    }
}
