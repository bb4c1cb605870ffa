//! The statements that prove a step: what the caller is granted, and the trust policy that allows
//! it or a service.

use std::fmt;

use super::Holder;
use super::assume::Assuming;
use super::build::{Edge, NOTHING, lets_in};
use crate::document::{Document, Effect, Statement};
use crate::grants::{Grant, Source};
use crate::role::catalogue::EscalationPath;

/// A statement that lets a step be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The statement, as `policy#index`; `trust policy#index` for one of the trust policy of the
    /// role that the step leads to.
    pub source: String,
    /// What it says: actions and resources with their exceptions, or who is trusted; and the keys
    /// of its conditions.
    pub words: String,
}

/// What it says, and where it stands.
impl fmt::Display for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.words, self.source)
    }
}

/// What proves an edge of a holder: the grant that decides where it leads stands first, of the
/// others what is needed besides, and the trust policy last.
pub(super) fn evidence(
    from: &Holder<'_, '_>,
    path: &EscalationPath,
    edge: &Edge,
    to: Option<&Holder<'_, '_>>,
    now: &str,
) -> Vec<Evidence> {
    let judgement = from.judgement;
    let mut evidence: Vec<Evidence> = judgement
        .grants
        .get(edge.grant as usize)
        .map(granted)
        .into_iter()
        .collect();
    let open = judgement
        .escalations
        .iter()
        .chain(&judgement.latent)
        .find(|it| it.path.id == path.id);
    let decides = edge.grant != NOTHING;
    let decided = |action: &str| {
        decides && (path.needs.len() == 1 || matches!(action, "iam:PassRole" | "sts:AssumeRole"))
    };
    let rest = open
        .into_iter()
        .flat_map(|it| it.path.needs.iter().zip(&it.sources))
        .filter(|(need, _)| !decided(&need.action));
    for (need, source) in rest {
        let grant = judgement
            .grants
            .iter()
            .find(|grant| grant.source == *source && grant.covers_action(&need.small));
        evidence.push(grant.map_or_else(|| of_source(*source, &need.action), granted));
    }
    evidence.dedup();
    evidence.extend(to.and_then(|to| trusting(from, path, to, now)));
    evidence
}

/// What proves that a holder may delete something: the grants by which it does.
pub(super) fn of_grants(from: &Holder<'_, '_>, grants: &[u32]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = grants
        .iter()
        .filter_map(|at| from.judgement.grants.get(*at as usize))
        .map(granted)
        .collect();
    evidence.dedup();
    evidence
}

fn granted(grant: &Grant<'_>) -> Evidence {
    let conditions = under(&grant.condition_keys());
    Evidence {
        source: grant.source.to_string(),
        words: format!(
            "{} on {}{conditions}",
            grant.action_text(),
            grant.resource_text()
        ),
    }
}

fn of_source(source: Source<'_>, action: &str) -> Evidence {
    Evidence {
        source: source.to_string(),
        words: action.to_owned(),
    }
}

fn under(keys: &[&str]) -> String {
    if keys.is_empty() {
        String::new()
    } else {
        format!(" if {}", keys.join(", "))
    }
}

/// The first statement of the target's trust policy that lets in who takes the step: the caller
/// itself, or a service that it passes the role to.
fn trusting(
    from: &Holder<'_, '_>,
    path: &EscalationPath,
    to: &Holder<'_, '_>,
    now: &str,
) -> Option<Evidence> {
    let trust = to.role.trust?;
    let assuming = (path.id == "sts-001")
        .then(|| Assuming::of(from.role, now))
        .flatten();
    let services: Vec<&String> = path.passed_to.iter().chain(&path.runs_as).collect();
    let lets = |statement: &Statement| {
        let alone = Document {
            statements: vec![statement.clone()],
            ..trust.clone()
        };
        match &assuming {
            Some(assuming) => assuming.may(&alone, to.role.arn).is_some(),
            None => services
                .iter()
                .any(|service| lets_in(&alone, to.role, service).is_some()),
        }
    };
    let allowing = trust
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| it.effect == Effect::Allow);
    let (at, statement) = allowing
        .into_iter()
        .find(|(_, statement)| lets(statement))?;
    let mut keys: Vec<&str> = statement
        .conditions
        .iter()
        .map(|condition| condition.key.as_str())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    Some(Evidence {
        source: format!("trust policy#{at}"),
        words: format!(
            "a role that trusts {}{}",
            statement.principals_text(),
            under(&keys)
        ),
    })
}
