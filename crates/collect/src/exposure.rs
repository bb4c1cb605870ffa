//! Who a resource-based policy gives access to: the common interface of all collectors to the
//! policy engine.

use lambdasweep_policy::exposure::{External, Scope, of_policy};
use lambdasweep_policy::{Document, Effect};

/// The reason for a policy's exposure: that of its widest statement.
pub(crate) fn reason(external: &External) -> String {
    let widest = external
        .statements
        .iter()
        .find(|statement| statement.exposure == external.exposure);
    widest.map_or_else(
        || "no statement allows access".to_owned(),
        |statement| statement.reason.clone(),
    )
}

/// Other accounts and organisations that are allowed by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) accounts: Vec<String>,
    pub(crate) organizations: Vec<String>,
    /// Those of both that are allowed only through a service that calls on their behalf.
    pub(crate) by_service: Vec<String>,
}

impl From<External> for Named {
    fn from(external: External) -> Self {
        let External {
            accounts,
            organizations,
            source_accounts,
            source_organizations,
            ..
        } = external;
        Self {
            accounts,
            organizations,
            by_service: [source_accounts, source_organizations].concat(),
        }
    }
}

/// Whom each statement of a policy allows by name, after all Deny statements.
pub(crate) fn named_by_statement(
    document: &Document,
    whole: &External,
    scope: &Scope<'_>,
) -> Vec<Named> {
    let allows = document
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .count();
    document
        .statements
        .iter()
        .map(|statement| {
            if statement.effect == Effect::Deny
                || (whole.accounts.is_empty() && whole.organizations.is_empty())
            {
                return Named::default();
            }
            if allows == 1 {
                return Named::from(whole.clone());
            }
            let denials = document
                .statements
                .iter()
                .filter(|it| it.effect == Effect::Deny)
                .cloned();
            let alone = Document {
                statements: denials.chain([statement.clone()]).collect(),
                ..document.clone()
            };
            Named::from(of_policy(&alone, scope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Named, named_by_statement, reason};
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
        let scope = Scope {
            account: "111122223333",
            organization: Some("o-a1b2c3d4e5"),
            partition: "aws",
        };
        let whole = of_policy(&document, &scope);
        let named = named_by_statement(&document, &whole, &scope);
        assert_eq!(
            named[0],
            Named {
                accounts: vec!["444455556666".to_owned()],
                ..Named::default()
            }
        );
        assert_eq!(
            named[1],
            Named {
                organizations: vec!["o-a1b2c3d4e5".to_owned()],
                ..Named::default()
            }
        );
        assert_eq!(named[2], Named::default());
        assert!(
            reason(&whole).contains("organisation") || reason(&whole).contains("o-a1b2c3d4e5"),
            "{}",
            reason(&whole)
        );
    }

    #[test]
    fn those_on_whose_behalf_services_call_are_told_apart() {
        let document = Document::parse(
            r#"{"Statement":[
                {"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*",
                 "Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:events:eu-west-1:999988887777:rule/nightly"}}},
                {"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"lambda:InvokeFunction","Resource":"*"}]}"#,
        )
        .expect("a policy");
        let scope = Scope {
            account: "111122223333",
            organization: None,
            partition: "aws",
        };
        let named = named_by_statement(&document, &of_policy(&document, &scope), &scope);
        let partner = vec!["999988887777".to_owned()];
        assert_eq!(
            named[0],
            Named {
                accounts: partner.clone(),
                by_service: partner.clone(),
                ..Named::default()
            }
        );
        assert_eq!(
            named[1],
            Named {
                accounts: partner,
                ..Named::default()
            }
        );
    }
}
