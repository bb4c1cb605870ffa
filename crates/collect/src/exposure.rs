//! Whom a resource policy lets in: one place that asks the reasoner for all collectors.

use lambdasweep_policy::exposure::{External, Scope, of_policy};
use lambdasweep_policy::{Document, Effect};

/// Why a policy lets in as many as it does: the reason of its widest statement.
pub(crate) fn reason(external: &External) -> String {
    let widest = external.statements.iter().find(|statement| statement.exposure == external.exposure);
    widest.map_or_else(|| "no statement lets anybody in".to_owned(), |statement| statement.reason.clone())
}

/// Other accounts, and organisations, that each statement of a policy lets in by name, after all Deny statements.
pub(crate) fn named_by_statement(document: &Document, whole: &External, scope: &Scope<'_>) -> Vec<(Vec<String>, Vec<String>)> {
    let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow).count();
    let nobody = || (Vec::new(), Vec::new());
    document
        .statements
        .iter()
        .map(|statement| {
            if statement.effect == Effect::Deny || (whole.accounts.is_empty() && whole.organizations.is_empty()) {
                return nobody();
            }
            if allows == 1 {
                return (whole.accounts.clone(), whole.organizations.clone());
            }
            let denials = document.statements.iter().filter(|it| it.effect == Effect::Deny).cloned();
            let alone = Document { statements: denials.chain([statement.clone()]).collect(), ..document.clone() };
            let external = of_policy(&alone, scope);
            (external.accounts, external.organizations)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{named_by_statement, reason};
    use lambdasweep_policy::Document;
    use lambdasweep_policy::exposure::{Scope, of_policy};

    #[test]
    fn names_are_told_by_statement_and_without_what_is_denied() {
        let document = Document::parse(
            r#"{"Statement":[
                {"Effect":"Allow","Principal":{"AWS":["444455556666","777788889999"]},"Action":"lambda:InvokeFunction","Resource":"*"},
                {"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}},
                {"Effect":"Deny","Principal":{"AWS":"777788889999"},"Action":"lambda:*","Resource":"*"}]}"#,
        )
        .expect("a policy");
        let scope = Scope { account: "111122223333", organization: Some("o-a1b2c3d4e5"), partition: "aws" };
        let whole = of_policy(&document, &scope);
        let named = named_by_statement(&document, &whole, &scope);
        assert_eq!(named[0], (vec!["444455556666".to_owned()], Vec::new()));
        assert_eq!(named[1], (Vec::new(), vec!["o-a1b2c3d4e5".to_owned()]));
        assert_eq!(named[2], (Vec::new(), Vec::new()));
        assert!(reason(&whole).contains("organisation") || reason(&whole).contains("o-a1b2c3d4e5"), "{}", reason(&whole));
    }
}
