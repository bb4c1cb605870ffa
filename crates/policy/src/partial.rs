//! Requests that are only partly known: whatever depends on an unknown condition key stays open.

use crate::condition::Condition;
use crate::document::{Document, Match, Statement};
use crate::operator::{Operator, Quantifier};
use crate::pattern::Pattern;

impl Document {
    /// The document with every condition that is not known turned into one that cannot be decided,
    /// so that [`evaluate`](crate::evaluate()) answers
    /// [`Decision::Unknown`](crate::Decision::Unknown) where the answer depends on it, and only
    /// there.
    ///
    /// `known` is asked for each condition, and for each policy variable by a condition with its
    /// key and no value.
    ///
    /// ```
    /// use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};
    ///
    /// let policy = Document::parse(
    ///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",
    ///         "Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}"#,
    /// )?;
    /// let request = Request {
    ///     principal: &Principal::service("s3.amazonaws.com"),
    ///     action: "lambda:InvokeFunction",
    ///     resource: "arn:aws:lambda:eu-west-1:111122223333:function:f",
    ///     resource_account: None,
    ///     context: &Context::default(),
    /// };
    /// // Without the key the statement does not apply; with an unknown key it may.
    /// let open = policy.leaving_open(|condition| !condition.key.eq_ignore_ascii_case("aws:SourceAccount"));
    /// let decision = |document| evaluate(&Policies { resource: Some(document), ..Policies::default() }, &request).decision;
    /// assert_eq!(decision(&policy), Decision::ImplicitlyDenied);
    /// assert_eq!(decision(&open), Decision::Unknown);
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    #[must_use]
    pub fn leaving_open(&self, known: impl Fn(&Condition) -> bool) -> Self {
        let mut open = self.clone();
        let variables = self.has_variables();
        for statement in &mut open.statements {
            leave_open(statement, variables, &known);
        }
        open
    }
}

fn leave_open(statement: &mut Statement, variables: bool, known: &impl Fn(&Condition) -> bool) {
    let is_known = |value: &Pattern| {
        !variables || names(value).all(|name| known(&Condition::new("Null", &name, [""; 0])))
    };
    for condition in &mut statement.conditions {
        if !known(condition) || !condition.values.iter().all(is_known) {
            (
                condition.operator,
                condition.quantifier,
                condition.if_exists,
            ) = (Operator::Unknown, Quantifier::None, false);
        }
    }
    // An unknown resource may be the request's: the statement may apply, and an open condition says
    // so.
    let untold = match &mut statement.resources {
        Some(Match::Any(values)) => {
            let untold: Vec<String> = values
                .iter()
                .filter(|value| !is_known(value))
                .flat_map(names)
                .collect();
            for value in values.iter_mut().filter(|value| !is_known(value)) {
                *value = Pattern::from(widened(value));
            }
            untold
        }
        Some(Match::Not(values)) => {
            let untold = values
                .iter()
                .filter(|value| !is_known(value))
                .flat_map(names)
                .collect();
            values.retain(is_known);
            untold
        }
        None => Vec::new(),
    };
    for name in untold {
        let mut condition = Condition::new("Null", &name, [""; 0]);
        condition.operator = Operator::Unknown;
        statement.conditions.push(condition);
    }
}

/// The policy variables in a text, but for those that stand for a character.
fn names(text: &Pattern) -> impl Iterator<Item = String> {
    let names = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(inner, _)| inner.split(',').next().unwrap_or_default().trim());
    names
        .filter(|name| !matches!(*name, "*" | "?" | "$"))
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// A text in which every variable may be anything.
fn widened(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| match part.split_once('}') {
        Some((_, rest)) => out + "*" + rest,
        None => out + "${" + part,
    })
}

#[cfg(test)]
mod tests {
    use crate::{Context, Decision, Document, Principal, Request};

    fn decide(statement: &str, known: &[&str]) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let document = Document::parse(&text).expect("a policy");
        let open = document.leaving_open(|condition| {
            known
                .iter()
                .any(|key| condition.key.eq_ignore_ascii_case(key))
        });
        let (principal, context) = (
            Principal::parse("arn:aws:iam::444455556666:user/ana").expect("a user"),
            Context::default(),
        );
        let resource = "arn:aws:lambda:eu-west-1:111122223333:function:ana-f";
        open.decide(&Request {
            principal: &principal,
            action: "lambda:InvokeFunction",
            resource,
            resource_account: None,
            context: &context,
        })
    }

    #[test]
    fn only_what_rests_on_an_unknown_key_is_open() {
        let allow = |rest: &str| {
            format!(r#"{{"Effect":"Allow","Principal":"*","Action":"lambda:*",{rest}}}"#)
        };
        let ip = r#""Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
        let other = r#""Resource":"arn:aws:lambda:*:*:function:other","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
        let named = r#""Resource":"arn:aws:lambda:*:*:function:${aws:username}-f""#;
        let excepted = r#""NotResource":"arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}-f""#;
        let exists =
            r#""Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#;
        for (statement, known, expected) in [
            (allow(ip), &["aws:SourceIp"][..], Decision::ImplicitlyDenied),
            (allow(ip), &[], Decision::Unknown),
            (allow(other), &[], Decision::ImplicitlyDenied),
            (allow(named), &["aws:username"], Decision::Allowed),
            (allow(named), &[], Decision::Unknown),
            (allow(excepted), &[], Decision::Unknown),
            (allow(exists), &["aws:sourcevpc"], Decision::Allowed),
            (allow(exists), &[], Decision::Unknown),
            (allow(r#""Resource":"*""#), &[], Decision::Allowed),
            (
                format!(
                    "{},{}",
                    allow(r#""Resource":"*""#),
                    allow(ip).replace("Allow", "Deny")
                ),
                &[],
                Decision::Unknown,
            ),
            (
                format!(
                    "{},{}",
                    allow(ip),
                    allow(r#""Resource":"*""#).replace("Allow", "Deny")
                ),
                &[],
                Decision::ExplicitlyDenied,
            ),
        ] {
            assert_eq!(
                decide(&statement, known),
                expected,
                "{statement} with {known:?}"
            );
        }
    }
}
