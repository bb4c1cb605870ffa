//! The context keys that policies use: in conditions and in variables.

use lambdasweep_policy::{Context, Document, Statement};

use super::Source;

/// The keys of all policies without duplicates, in the order of their use. Keys are
/// case-insensitive.
pub(super) fn of_all(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        source
            .document
            .statements
            .iter()
            .for_each(|statement| collect(&source.document, statement, &mut found));
    }
    found
}

/// The keys that statements about an action use and that are not in the context.
pub(super) fn missing<'a>(
    sources: impl Iterator<Item = &'a Source>,
    action: &str,
    context: &Context,
) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let about = source
            .document
            .statements
            .iter()
            .filter(|statement| statement.covers_action(action));
        about.for_each(|statement| collect(&source.document, statement, &mut found));
    }
    found.retain(|key| context.get(key).is_none());
    found
}

fn collect(document: &Document, statement: &Statement, found: &mut Vec<String>) {
    let mut add = |key: &str| {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            found.push(key.to_owned());
        }
    };
    let has_variables = document.version.as_deref() == Some("2012-10-17");
    for resource in statement
        .resources
        .iter()
        .flat_map(|resources| resources.values())
        .filter(|_| has_variables)
    {
        variables(resource).for_each(&mut add);
    }
    for condition in &statement.conditions {
        add(&condition.key);
        condition
            .values
            .iter()
            .filter(|_| has_variables)
            .for_each(|value| variables(value).for_each(&mut add));
    }
}

/// The keys of a text's policy variables, such as `${aws:username}`, without the default that may
/// follow a comma. `${*}`, `${?}` and `${$}` are literal characters.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let inside = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(inside, _)| inside));
    inside
        .map(|inside| inside.split(',').next().unwrap_or_default().trim())
        .filter(|key| key.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn variables_are_keys_with_a_service() {
        let text = "arn:aws:s3:::${aws:PrincipalTag/team, 'none'}/${*}/${aws:username}/${$}${";
        assert_eq!(
            variables(text).collect::<Vec<_>>(),
            ["aws:PrincipalTag/team", "aws:username"]
        );
    }
}
