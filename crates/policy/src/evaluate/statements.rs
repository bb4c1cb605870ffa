//! The statements that apply to a request: what policies allow and deny.

use super::Policies;
use super::grant::{Grant, Truth};
use crate::document::{Completion, Document, Effect, Statement};
use crate::names::Named;
use crate::request::{Request, View};
use crate::verdict::{PolicyRef, StatementRef};

/// What the resource-based policy grants, by the name that it uses: to the principal itself, to its
/// role, to its account.
pub(super) fn resource_grants(
    policies: &Policies<'_>,
    request: &Request<'_>,
) -> (Grant, Grant, Grant) {
    let mut grants = [Grant::NO; 3];
    let Some(document) = policies.resource else {
        return (Grant::NO, Grant::NO, Grant::NO);
    };
    let view = document.view(request);
    for (statement, it) in document
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| it.effect == Effect::Allow)
    {
        let at = match it
            .principals
            .as_ref()
            .map_or(Named::No, |principals| principals.name(request.principal))
        {
            Named::No => continue,
            Named::Itself => 0,
            Named::Role => 1,
            Named::Account => 2,
        };
        let holds = applies(it, &view, Completion::Never);
        grants[at] = grants[at].or(Grant {
            holds,
            by: Some(StatementRef {
                policy: PolicyRef::Resource,
                statement,
            }),
        });
    }
    grants.into()
}

/// Whether every level has a policy that allows.
pub(super) fn every_level(
    levels: &[Vec<&Document>],
    request: &Request<'_>,
    name: impl Fn(usize, usize) -> PolicyRef,
) -> Grant {
    let mut all = Grant::YES;
    for (level, documents) in levels.iter().enumerate() {
        all = all.and(any_allows(documents.iter().copied(), request, |at| {
            name(level, at)
        }));
        if all.holds == Truth::No {
            break;
        }
    }
    all
}

pub(super) fn any_allows<'d>(
    documents: impl Iterator<Item = &'d Document>,
    request: &Request<'_>,
    name: impl Fn(usize) -> PolicyRef,
) -> Grant {
    let mut widest = Grant::NO;
    for (at, document) in documents.enumerate() {
        widest = widest.or(allows(document, request, name(at)));
        if widest.holds == Truth::Yes {
            break;
        }
    }
    widest
}

pub(super) fn allows(document: &Document, request: &Request<'_>, policy: PolicyRef) -> Grant {
    effect(document, request, policy, Effect::Allow)
}

/// The first statement of an effect that applies; else one of which that is not known.
pub(super) fn effect(
    document: &Document,
    request: &Request<'_>,
    policy: PolicyRef,
    effect: Effect,
) -> Grant {
    let (view, completion) = (document.view(request), Completion::of(policy.layer()));
    let mut widest = Grant::NO;
    for (statement, it) in document.statements.iter().enumerate() {
        if it.effect != effect
            || it
                .principals
                .as_ref()
                .is_some_and(|principals| principals.name(request.principal) == Named::No)
        {
            continue;
        }
        let grant = Grant {
            holds: applies(it, &view, completion),
            by: Some(StatementRef { policy, statement }),
        };
        widest = widest.or(grant);
        if widest.holds == Truth::Yes {
            break;
        }
    }
    if widest.holds == Truth::No {
        Grant::NO
    } else {
        widest
    }
}

/// The statement that denies, or the one of which that is not known.
pub(super) fn denial(
    policies: &Policies<'_>,
    scps: &[Vec<&Document>],
    rcps: &[Vec<&Document>],
    request: &Request<'_>,
) -> Option<Grant> {
    let mut widest = Grant::NO;
    let mut look = |document: &Document, policy| {
        if widest.holds < Truth::Yes {
            widest = widest.or(effect(document, request, policy, Effect::Deny));
        }
    };
    for (level, documents) in scps.iter().enumerate() {
        documents
            .iter()
            .enumerate()
            .for_each(|(at, document)| look(document, PolicyRef::Scp(level, at)));
    }
    for (level, documents) in rcps.iter().enumerate() {
        documents
            .iter()
            .enumerate()
            .for_each(|(at, document)| look(document, PolicyRef::Rcp(level, at)));
    }
    if let Some(document) = policies.resource {
        look(document, PolicyRef::Resource);
        // Source: "AWS JSON policy elements: NotPrincipal": with a Deny it denies every principal
        // that has a permissions boundary.
        if policies.boundary.is_some() && widest.holds < Truth::Yes {
            widest = widest.or(excepting_denial(document, request));
        }
    }
    policies
        .identity
        .iter()
        .enumerate()
        .for_each(|(at, document)| {
            if widest.holds < Truth::Yes {
                widest = widest.or(effect(
                    document,
                    request,
                    PolicyRef::Identity(at),
                    Effect::Deny,
                ));
            }
        });
    let others = policies
        .boundary
        .iter()
        .map(|document| (*document, PolicyRef::Boundary));
    let session = policies
        .session
        .iter()
        .flatten()
        .enumerate()
        .map(|(at, document)| (*document, PolicyRef::Session(at)));
    for (document, policy) in others.chain(session) {
        if widest.holds < Truth::Yes {
            widest = widest.or(effect(document, request, policy, Effect::Deny));
        }
    }
    (widest.holds > Truth::No).then_some(widest)
}

/// A Deny with NotPrincipal, whatever it lists.
fn excepting_denial(document: &Document, request: &Request<'_>) -> Grant {
    let view = document.view(request);
    let excepting = |it: &Statement| {
        it.effect == Effect::Deny
            && it
                .principals
                .as_ref()
                .is_some_and(|principals| principals.negated)
    };
    let mut widest = Grant::NO;
    for (statement, it) in document
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| excepting(it))
    {
        let holds = applies(it, &view, Completion::Never);
        widest = widest.or(Grant {
            holds,
            by: Some(StatementRef {
                policy: PolicyRef::Resource,
                statement,
            }),
        });
    }
    widest
}

/// Whether a statement applies to a request, whatever its principals.
fn applies(statement: &Statement, view: &View<'_>, completion: Completion) -> Truth {
    if !statement.covers_action(view.request.action) {
        return Truth::No;
    }
    if let Some(resources) = &statement.resources {
        let resource = view.request.resource;
        let is_about = if completion.completes(statement.effect, resources) {
            resources.covers(|pattern| pattern.matches_completed(resource, view))
        } else {
            resources.covers(|pattern| pattern.matches_in(resource, view))
        };
        if !is_about {
            return Truth::No;
        }
    }
    let mut all = Truth::Yes;
    for condition in &statement.conditions {
        match condition.holds(view) {
            Some(true) => {}
            Some(false) => return Truth::No,
            None => all = Truth::Unknown,
        }
    }
    all
}
