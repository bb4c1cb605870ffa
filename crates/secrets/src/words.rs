//! Names as words: `dbPassword`, `DB_PASSWORD` and `db-password` are `db` and `password`.

/// A name's words in lower case. A word's digits stay with it.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::with_capacity(6);
    let mut open = false;
    let mut before = ' ';
    let mut chars = name.chars().take(256).peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            open = false;
        } else {
            // `dbPassword` breaks before the P, and so does `DBPassword`.
            let hump = c.is_uppercase()
                && (before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase()
                        && chars.peek().is_some_and(|next| next.is_lowercase())));
            if !open || hump {
                words.push(String::with_capacity(16));
                open = true;
            }
            if let Some(word) = words.last_mut() {
                if c.is_ascii() {
                    word.push(c.to_ascii_lowercase());
                } else {
                    word.extend(c.to_lowercase());
                }
            }
        }
        before = c;
    }
    words
}

/// Whether one of these words is in the name.
pub(crate) fn has(words: &[String], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn splits_names_as_people_read_them() {
        for (name, expected) in [
            ("DB_PASSWORD", "db password"),
            ("dbPassword", "db password"),
            ("DBPassword2", "db password2"),
            ("db-password.main", "db password main"),
            ("APIKey", "api key"),
            ("oauth2ClientSecret", "oauth2 client secret"),
            ("KEYBOARD", "keyboard"),
            ("", ""),
            ("___", ""),
            ("ÄNDERE_GRÖSSE", "ändere grösse"),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }
}
