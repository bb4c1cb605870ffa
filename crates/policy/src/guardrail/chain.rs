//! Tries requests against the service control policies that bind an account, in every Region.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use lambdasweep_model::{KNOWN_REGIONS, partition_of};

use super::attempts::Attempt;
use super::{Judged, Place, Prevented};
use crate::document::{Document, Effect};
use crate::evaluate::{Policies, evaluate};
use crate::principal::Principal;
use crate::request::{Context, Request};
use crate::verdict::{Decision, PolicyRef, StatementRef, Verdict};

static ANYTHING: LazyLock<Option<Document>> = LazyLock::new(|| {
    Document::parse(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    )
    .ok()
});

/// The service control policies that bind an account.
pub(super) struct Chain<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) levels: &'a [Vec<&'a Document>],
    pub(super) complete: bool,
}

impl Chain<'_> {
    /// Whether all of some attempts are prevented.
    pub(super) fn all(&self, attempts: &[Attempt]) -> Judged {
        let mut first: Option<Judged> = None;
        let mut unknown: Option<Judged> = None;
        for attempt in attempts {
            let judged = self.one(attempt);
            match judged.prevented {
                Prevented::No => return judged,
                Prevented::Unknown => unknown = unknown.or(Some(judged)),
                Prevented::Yes => first = first.or(Some(judged)),
            }
        }
        unknown.or(first).unwrap_or_else(|| Judged {
            prevented: Prevented::Unknown,
            by: None,
            reason: "nothing was tried".to_owned(),
        })
    }

    /// Whether an attempt is prevented in every Region.
    pub(super) fn one(&self, attempt: &Attempt) -> Judged {
        let mut first: Option<Judged> = None;
        let mut exceptions = BTreeSet::new();
        for region in KNOWN_REGIONS
            .iter()
            .copied()
            .filter(|region| partition_of(region) == self.place.partition)
        {
            let verdict = self.verdict(attempt, region);
            let judged = match verdict.decision {
                Decision::ExplicitlyDenied => {
                    let by = verdict.decided_by.first().copied();
                    exceptions.extend(by.into_iter().flat_map(|by| self.exceptions(by)));
                    Judged {
                        prevented: Prevented::Yes,
                        by,
                        reason: format!("{} is denied", attempt.words),
                    }
                }
                Decision::ImplicitlyDenied if self.complete => {
                    let reason = format!("no service control policy allows {}", attempt.words);
                    Judged {
                        prevented: Prevented::Yes,
                        by: None,
                        reason,
                    }
                }
                Decision::Allowed if self.complete => {
                    let reason = format!("{} is allowed, for example in {region}", attempt.words);
                    return Judged {
                        prevented: Prevented::No,
                        by: None,
                        reason,
                    };
                }
                Decision::Unknown if self.complete => {
                    let reason = format!(
                        "{} depends on a condition that is not understood",
                        attempt.words
                    );
                    return Judged {
                        prevented: Prevented::Unknown,
                        by: verdict.decided_by.first().copied(),
                        reason,
                    };
                }
                _ => {
                    let reason = format!(
                        "no readable policy denies {}, and some policies could not be read",
                        attempt.words
                    );
                    return Judged {
                        prevented: Prevented::Unknown,
                        by: None,
                        reason,
                    };
                }
            };
            first = first.or(Some(judged));
        }
        match first {
            Some(mut judged) if !exceptions.is_empty() => {
                judged.reason = format!(
                    "{}, except for {}",
                    judged.reason,
                    exceptions.into_iter().collect::<Vec<_>>().join(", ")
                );
                judged
            }
            Some(judged) => judged,
            None => Judged {
                prevented: Prevented::Unknown,
                by: None,
                reason: format!(
                    "no Region of the partition {} is known",
                    self.place.partition
                ),
            },
        }
    }

    fn verdict(&self, attempt: &Attempt, region: &str) -> Verdict {
        let Place {
            account,
            partition,
            organization_path,
        } = self.place;
        let role = format!("arn:{partition}:iam::{account}:role/an-ordinary-role");
        let undecided = || Verdict {
            decision: Decision::Unknown,
            decided_by: Vec::new(),
            by: None,
        };
        let (Some(anything), Ok(principal)) = (
            ANYTHING.as_ref(),
            Principal::session(&role, "an-ordinary-session"),
        ) else {
            return undecided();
        };
        let principal = match organization_path {
            Some(path) => principal.in_organization(path),
            None => principal,
        };
        let resource = format!(
            "arn:{partition}:lambda:{region}:{account}:{}",
            attempt.resource
        );
        // What every request of a role's session to Lambda's API carries.
        let mut context = Context::default()
            .with("aws:RequestedRegion", region)
            .with("aws:SecureTransport", "true")
            .with("aws:ViaAWSService", "false")
            .with("lambda:FunctionArn", &*resource);
        for (key, value) in attempt.keys {
            context = context.with(key, *value);
        }
        let policies = Policies {
            identity: vec![anything],
            scps: self.levels.to_vec(),
            ..Policies::default()
        };
        evaluate(
            &policies,
            &Request {
                principal: &principal,
                action: attempt.action,
                resource: &resource,
                resource_account: None,
                context: &context,
            },
        )
    }

    /// Principals that a denial excludes by its conditions, as they are written.
    fn exceptions(&self, by: StatementRef) -> Vec<String> {
        let PolicyRef::Scp(level, at) = by.policy else {
            return Vec::new();
        };
        let statement = self
            .levels
            .get(level)
            .and_then(|policies| policies.get(at))
            .and_then(|document| document.statements.get(by.statement));
        let Some(statement) = statement.filter(|statement| statement.effect == Effect::Deny) else {
            return Vec::new();
        };
        let of_principals = |key: &str| {
            key.get(..13)
                .is_some_and(|start| start.eq_ignore_ascii_case("aws:Principal"))
                || key.eq_ignore_ascii_case("aws:userid")
        };
        statement
            .conditions
            .iter()
            .filter(|condition| condition.operator.is_negated() && of_principals(&condition.key))
            .flat_map(|condition| {
                condition
                    .values
                    .iter()
                    .map(|value| lambdasweep_model::printable(value))
            })
            .collect()
    }
}
