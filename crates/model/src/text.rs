//! Makes untrusted text safe to print.

/// Whether a character acts on a terminal or hides its neighbours: control and format characters,
/// direction overrides.
pub fn acts_on_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Makes untrusted text safe for a terminal or a log line: every character that
/// [`acts_on_terminal`] is replaced by its escape (`\u{1b}`), so that a name can neither move the
/// cursor nor hide the text after it.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if acts_on_terminal(c) {
            out.extend(c.escape_unicode())
        } else {
            out.push(c)
        }
    }
    out
}

/// Untrusted text as part of a message: [`printable`], and limited to `most` characters.
pub fn brief(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{brief, printable};

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(
            (brief("größe", 5), brief("größer\n", 5)),
            ("größe".to_owned(), "größe…".to_owned())
        );
    }

    #[test]
    fn escapes_what_acts_on_a_terminal_and_keeps_the_rest() {
        assert_eq!(
            printable("größe \u{1b}[31mred\u{7}\n\u{202e}x"),
            "größe \\u{1b}[31mred\\u{7}\\u{a}\\u{202e}x"
        );
    }
}
