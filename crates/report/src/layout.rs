//! Lays out texts in columns and lines for a terminal of a given width.
//!
//! Lines are broken at blanks; a word that is longer than its column, such as an ARN, is broken
//! after a separator. Nothing is broken elsewhere: an account id or the name of a check is kept
//! whole, and exceeds the column if there is no room for it.

use std::fmt::Write;

use lambdasweep_model::{Severity, printable};
use unicode_width::UnicodeWidthStr;

/// How text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether colours may be used.
    pub colour: bool,
    /// The width of the terminal in columns.
    pub width: u16,
}

/// The blanks between two columns.
const GAP: usize = 2;

/// How a text is highlighted, as the parameters of a terminal's escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look(&'static str);

impl Look {
    /// A title.
    pub const TITLE: Self = Self("1");
    /// Nothing to do.
    pub const GOOD: Self = Self("1;32");
    /// Needs attention.
    pub const DOUBTFUL: Self = Self("1;33");
    /// Needs to be fixed.
    pub const BAD: Self = Self("1;31");

    /// A severity.
    pub const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self("1;31"),
            Severity::High => Self("31"),
            Severity::Medium => Self("33"),
            Severity::Low | Severity::Info => Self("36"),
        }
    }

    /// The highlighted text, if colours may be used.
    pub fn on(self, text: &str, style: Style) -> String {
        if style.colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", self.0)
        } else {
            text.to_owned()
        }
    }
}

/// The content of a column.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    look: Option<Look>,
    right: bool,
}

impl Cell {
    /// A text; untrusted text is made safe to print.
    pub fn new(text: &str) -> Self {
        Self {
            text: printable(text),
            look: None,
            right: false,
        }
    }

    /// Highlighted.
    #[must_use]
    pub fn look(self, look: Look) -> Self {
        Self {
            look: Some(look),
            ..self
        }
    }

    /// Right-aligned, as for numbers.
    #[must_use]
    pub fn right(self) -> Self {
        Self {
            right: true,
            ..self
        }
    }
}

/// Writes rows in columns. A column without texts is left out.
pub fn columns(out: &mut String, rows: &[Vec<Cell>], indent: usize, style: Style) {
    let widths = widths(rows, usize::from(style.width).saturating_sub(indent));
    for row in rows {
        let cells: Vec<(&Cell, usize, Vec<String>)> = row
            .iter()
            .zip(&widths)
            .filter(|(_, width)| **width > 0)
            .map(|(cell, width)| (cell, *width, wrapped(&cell.text, *width)))
            .collect();
        let height = cells
            .iter()
            .map(|(_, _, lines)| lines.len())
            .max()
            .unwrap_or_default();
        for at in 0..height {
            let mut blanks = indent;
            for (cell, width, lines) in &cells {
                let text = lines.get(at).map_or("", String::as_str);
                let left = width.saturating_sub(text.width());
                if !text.is_empty() {
                    let before = if cell.right { blanks + left } else { blanks };
                    let shown = cell
                        .look
                        .map_or_else(|| text.to_owned(), |look| look.on(text, style));
                    let _ = write!(out, "{:before$}{shown}", "");
                    blanks = if cell.right { GAP } else { left + GAP };
                } else {
                    blanks += width + GAP;
                }
            }
            out.push('\n');
        }
    }
}

/// Writes a text in lines; all but the first are indented by two more.
pub fn paragraph(out: &mut String, text: &str, indent: usize, style: Style) {
    for (index, line) in wrapped(text, usize::from(style.width).saturating_sub(indent + 2))
        .into_iter()
        .enumerate()
    {
        let indent = if index == 0 { indent } else { indent + 2 };
        let _ = writeln!(out, "{:indent$}{line}", "");
    }
}

/// Digits in groups of three.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 fault`, `1,234 faults`.
pub fn counted(value: u64, what: &str) -> String {
    format!(
        "{} {what}{}",
        grouped(value),
        if value == 1 { "" } else { "s" }
    )
}

/// The widths of columns: what they need, or less if that exceeds the width. The widest are reduced
/// first: to their longest words and, if that is not enough, to the longest pieces of these.
fn widths(rows: &[Vec<Cell>], width: usize) -> Vec<usize> {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let most = |of: fn(&str) -> usize| -> Vec<usize> {
        (0..count)
            .map(|column| {
                rows.iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| of(&cell.text))
                    .max()
                    .unwrap_or_default()
            })
            .collect()
    };
    let mut widths = most(UnicodeWidthStr::width);
    let words = most(|text| {
        text.split(' ')
            .map(UnicodeWidthStr::width)
            .max()
            .unwrap_or_default()
    });
    let parts = most(|text| {
        text.split(' ')
            .flat_map(pieces)
            .map(UnicodeWidthStr::width)
            .max()
            .unwrap_or_default()
    });
    let used = widths.iter().filter(|width| **width > 0).count();
    let available = width.saturating_sub(GAP * used.saturating_sub(1));
    for least in [words, parts] {
        while widths.iter().sum::<usize>() > available {
            let Some(widest) = (0..count)
                .filter(|column| widths[*column] > least[*column])
                .max_by_key(|column| widths[*column])
            else {
                break;
            };
            widths[widest] -= 1;
        }
    }
    widths
}

/// Splits a text into lines of a width.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let whole = word.width() <= width;
        for (index, piece) in pieces(word).enumerate() {
            let blank = usize::from(index == 0 && column > 0);
            let needed = if whole && index == 0 {
                word.width()
            } else {
                piece.width()
            };
            let fits = column == 0 || (whole && index > 0) || column + blank + needed <= width;
            if !fits {
                lines.push(String::new());
                column = 0;
            }
            if let Some(line) = lines.last_mut() {
                if blank > 0 && fits {
                    line.push(' ');
                    column += 1;
                }
                line.push_str(piece);
                column += piece.width();
            }
        }
    }
    lines
}

/// The pieces of a word, each up to a separator, or to the last of several in a row.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let is_separator = |c: char| matches!(c, ':' | '/' | ',' | '|');
    let mut rest = word;
    std::iter::from_fn(move || {
        let mut chars = rest
            .char_indices()
            .skip_while(|(_, c)| !is_separator(*c))
            .skip_while(|(_, c)| is_separator(*c));
        let (piece, more) = rest.split_at(chars.next().map_or(rest.len(), |(end, _)| end));
        rest = more;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::{Cell, Look, Style, columns, wrapped};

    const ARN: &str = "arn:aws:iam::111122223333:role/service-role/orders-worker";

    #[test]
    fn lines_end_at_words_and_long_words_at_separators() {
        for (text, width, lines) in [
            ("", 10, &[""][..]),
            ("a bc", 10, &["a bc"]),
            ("a bc def", 5, &["a bc", "def"]),
            (ARN, 80, &[ARN]),
            (
                ARN,
                30,
                &[
                    "arn:aws:iam::111122223333:",
                    "role/service-role/",
                    "orders-worker",
                ],
            ),
            // A word that fits on its own line is not broken.
            (
                "by lambda:InvokeFunction",
                22,
                &["by", "lambda:InvokeFunction"],
            ),
            (
                "on arn:aws:s3:::uploads/year",
                14,
                &["on arn:aws:", "s3:::uploads/", "year"],
            ),
            // A word without separators is not broken.
            ("123456789012345", 10, &["123456789012345"]),
            ("ab 123456789012345 c", 10, &["ab", "123456789012345", "c"]),
            ("日本 日本", 5, &["日本", "日本"]),
        ] {
            assert_eq!(wrapped(text, width), lines, "{text} in {width}");
            assert_eq!(
                wrapped(text, width).concat().replace(' ', ""),
                text.replace(' ', "")
            );
        }
    }

    fn laid_out(rows: &[Vec<Cell>], width: u16, colour: bool) -> String {
        let mut out = String::new();
        columns(&mut out, rows, 2, Style { colour, width });
        out
    }

    #[test]
    fn columns_share_what_there_is() {
        let rows = [
            vec![
                Cell::new("#0"),
                Cell::new("none").look(Look::GOOD),
                Cell::new("7").right(),
                Cell::new(ARN),
            ],
            vec![
                Cell::new("#10"),
                Cell::new("日本"),
                Cell::new("1,234").right(),
                Cell::new("it lets everyone in"),
            ],
        ];
        assert_eq!(
            laid_out(&rows, 90, false),
            format!("  #0   none      7  {ARN}\n  #10  日本  1,234  it lets everyone in\n")
        );
        assert_eq!(
            laid_out(&rows, 50, false),
            "  #0   none      7  arn:aws:iam::111122223333:\n                    role/service-role/\n                    orders-worker\n  #10  日本  1,234  it lets everyone in\n"
        );
        let coloured = laid_out(&rows, 50, true);
        assert_eq!(
            coloured.replacen("\u{1b}[1;32mnone\u{1b}[0m", "none", 1),
            laid_out(&rows, 50, false),
            "{coloured}"
        );
    }

    #[test]
    fn an_empty_column_takes_no_room() {
        for texts in [["a", "", "b"], ["a", "b", ""], ["", "a", "b"]] {
            assert_eq!(
                laid_out(&[texts.map(Cell::new).to_vec()], 40, false),
                "  a  b\n"
            );
        }
    }

    #[test]
    fn strangers_texts_act_on_nothing() {
        assert_eq!(
            laid_out(&[vec![Cell::new("\u{1b}[2J\n")]], 40, false),
            "  \\u{1b}[2J\\u{a}\n"
        );
    }
}
