//! The rules of policy variables: `${aws:username}`, `${aws:username, 'default'}`, `${*}`, `${?}`,
//! `${$}`.
//!
//! Source: "IAM policy elements: Variables and tags", and the checks of the check reference whose
//! names end in "variable".

use super::{Findings, Rules, Text, quoted};

impl Rules {
    /// Checks the variables of a text in which they may stand.
    pub(super) fn variables(self, findings: &mut Findings, member: &str, text: &Text<'_>) {
        if !text.text.contains("${") {
            return;
        }
        if !self.variables {
            findings.warning(text.at, member, || {
                format!(
                    "{} is taken literally: only version 2012-10-17 has policy variables.",
                    quoted(text.text)
                )
            });
            return;
        }
        if let Some(problem) = wrong_variable(text.text) {
            findings.error(text.at, member, || {
                format!("The policy variable in {} {problem}.", quoted(text.text))
            });
        }
    }

    /// Refuses variables in a text in which none may stand.
    pub(super) fn no_variables(
        self,
        findings: &mut Findings,
        member: &str,
        text: &Text<'_>,
    ) -> bool {
        let found = self.variables && text.text.contains("${");
        if found {
            findings.error(text.at, member, || {
                format!("Policy variables are allowed only in Resource, NotResource and Condition, not in {}.", quoted(text.text))
            });
        }
        found
    }
}

/// What is wrong with the first wrong variable.
fn wrong_variable(text: &str) -> Option<&'static str> {
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            return Some("has no closing brace");
        };
        let (name, default) = match inner[..end].split_once(',') {
            Some((name, default)) => (name, Some(default.trim())),
            None => (&inner[..end], None),
        };
        if name.is_empty() {
            return Some("has no name");
        }
        if !matches!(name, "*" | "?" | "$") {
            if name.contains(char::is_whitespace) {
                return Some("has a space in its name");
            }
            if name.contains(['$', '{', '*', '?', '"', '\'']) {
                return Some("has a character in its name that is not allowed");
            }
        }
        if default.is_some_and(|default| {
            default.len() < 2 || !default.starts_with('\'') || !default.ends_with('\'')
        }) {
            return Some("has a default without single quotes around it");
        }
        rest = &inner[end + 1..];
    }
    None
}

/// A text without its variables.
pub(super) fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{without_variables, wrong_variable};

    #[test]
    fn variables_have_names_and_quoted_defaults() {
        for right in [
            "a",
            "${aws:username}",
            "${aws:username, 'x y'}/${*}${?}${$}",
            "${aws:PrincipalTag/cost-center,'a'}",
            "$a{b}",
        ] {
            assert_eq!(wrong_variable(right), None, "{right}");
        }
        for wrong in [
            "${",
            "${aws:username",
            "${}",
            "${a b}",
            "${a, b}",
            "${a, 'b}",
            "${a, '}",
            "${a$b}",
            "${${a}}",
            "${a}${",
            "${ *}",
        ] {
            assert!(wrong_variable(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn what_is_left_without_variables() {
        assert_eq!(without_variables("a${*}b${aws:username}c${"), "abc");
    }
}
