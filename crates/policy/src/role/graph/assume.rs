//! Callers of `sts:AssumeRole`, and documents in which what is not known is open.

use std::borrow::Cow;

use crate::condition::Condition;
use crate::document::{Document, Principals, Statement};
use crate::evaluate::{Policies, evaluate};
use crate::grants::{NamedPolicy, RoleInput};
use crate::request::Request;
use crate::role::session::Session;
use crate::verdict::Decision;

/// A caller of `sts:AssumeRole`: its policies, in which what is not settled is open.
pub(super) struct Assuming<'c> {
    session: Session,
    identity: Vec<Cow<'c, Document>>,
    boundary: Option<Cow<'c, Document>>,
    scps: Vec<Vec<Cow<'c, Document>>>,
    /// Whether a policy could not be read.
    unread: bool,
}

/// A document as a session sees it: what it does not settle is open.
fn seen_by<'c>(document: &'c Document, session: &Session) -> Cow<'c, Document> {
    match document.settled(session) {
        Cow::Borrowed(document) => opened(document, |_| false),
        Cow::Owned(document) => Cow::Owned(opened(&document, |_| false).into_owned()),
    }
}

/// A document in which what is not known is open.
pub(super) fn opened(document: &Document, known: impl Fn(&Condition) -> bool) -> Cow<'_, Document> {
    let is_settled = document.statements.iter().all(|statement| {
        let variable = statement
            .resources
            .iter()
            .flat_map(|it| it.values())
            .any(|value| value.has_variable());
        statement.conditions.is_empty() && !variable
    });
    if is_settled {
        Cow::Borrowed(document)
    } else {
        Cow::Owned(document.leaving_open(known))
    }
}

/// How many steps it takes to hold a request against one part of a document.
pub(super) const STEP: usize = 20;

/// How many parts a document has.
pub(super) fn size(document: &Document) -> usize {
    let names = |it: &Principals| it.aws.len() + it.services.len();
    let patterns = |it: &Statement| {
        it.actions.values().len() + it.resources.as_ref().map_or(0, |it| it.values().len())
    };
    let parts = |it: &Statement| {
        2 + it.principals.as_ref().map_or(0, names) + patterns(it) + 2 * it.conditions.len()
    };
    document.statements.iter().map(parts).sum()
}

impl<'c> Assuming<'c> {
    pub(super) fn of(role: &'c RoleInput<'_>, now: &str) -> Option<Self> {
        let session = Session::of(role, now)?;
        let settled = |document: &'c Document| seen_by(document, &session);
        let documents = |policies: &'c [NamedPolicy<'_>]| {
            policies
                .iter()
                .filter_map(|it| it.document)
                .map(settled)
                .collect()
        };
        let identity = documents(&role.identity);
        let boundary = role
            .boundary
            .as_ref()
            .and_then(|it| it.document)
            .map(settled);
        let whole = |level: &&'c Vec<NamedPolicy<'_>>| {
            level.iter().all(|it| it.document.is_some()) && !level.is_empty()
        };
        let scps = role
            .scps
            .iter()
            .filter(whole)
            .map(|level| documents(level))
            .collect();
        let all = role
            .identity
            .iter()
            .chain(&role.boundary)
            .chain(role.scps.iter().flatten());
        let unread = all.into_iter().any(|it| it.document.is_none());
        Some(Self {
            identity,
            boundary,
            scps,
            unread,
            session,
        })
    }

    /// How much there is to evaluate.
    pub(super) fn size(&self) -> usize {
        let documents = self
            .identity
            .iter()
            .chain(&self.boundary)
            .chain(self.scps.iter().flatten());
        documents.map(|document| size(document)).sum()
    }

    /// Whether it may assume a role; `true` where it may for certain.
    pub(super) fn may(&self, trust: &Document, role_arn: &str) -> Option<bool> {
        let trust = seen_by(trust, &self.session);
        let policies = Policies {
            identity: self.identity.iter().map(AsRef::as_ref).collect(),
            boundary: self.boundary.as_deref(),
            scps: self
                .scps
                .iter()
                .map(|level| level.iter().map(AsRef::as_ref).collect())
                .collect(),
            resource: Some(&trust),
            ..Policies::default()
        };
        let request = Request {
            principal: &self.session.principal,
            action: "sts:AssumeRole",
            resource: role_arn,
            resource_account: None,
            context: self.session.context(),
        };
        match evaluate(&policies, &request).decision {
            Decision::Allowed => Some(!self.unread),
            Decision::Unknown => Some(false),
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => None,
        }
    }
}
