//! One action on one resource, and the decision in the simulator's form.

use std::sync::Arc;

use lambdasweep_policy::{
    Context, Decision, Document, Policies, Principal, Request, Verdict, evaluate,
};
use serde_json::{Value, json};

use super::{Source, keys, spans};

/// Service control policies, level by level, and the management account, which they do not affect.
type Control = (Vec<Vec<Arc<Document>>>, String);

/// What all calls of a simulation have in common.
#[derive(Debug)]
pub(super) struct Simulation {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    pub(super) resource: Option<Source>,
    /// The account of the resources, where it was given.
    pub(super) resource_owner: Option<String>,
    /// `None` for an account that does not belong to an organisation.
    pub(super) scps: Option<Control>,
    pub(super) principal: Principal,
    pub(super) context: Context,
}

/// A call to simulate.
#[derive(Debug, Clone, Copy)]
pub(super) struct SimulatedCall<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
}

const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitlyDenied => "explicitDeny",
        // Calls that cannot be decided are not allowed.
        Decision::ImplicitlyDenied | Decision::Unknown => "implicitDeny",
    }
}

/// A resource-based policy that leaves the decision to the identity-based ones: without one in the
/// request, the simulator evaluates only these, even for resources of other accounts.
fn leaving_all() -> Document {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    Document::parse(text).unwrap_or(Document {
        version: None,
        id: None,
        statements: Vec::new(),
    })
}

impl Simulation {
    /// An entry of `EvaluationResults`.
    pub(super) fn told(&self, asked: SimulatedCall<'_>) -> Value {
        let decision = word(self.decide(asked, true).decision);
        let matched = self.matched(asked, decision);
        let missing = keys::missing(self.sources(), asked.action, &self.context);
        let is_any = asked.resource == "*";
        let mut told = json!({
            "EvalActionName": asked.action,
            "EvalResourceName": asked.resource,
            "EvalDecision": decision,
            "MatchedStatements": matched,
            // Missing context keys are reported for the resource if one was given.
            "MissingContextValues": if is_any { json!(missing) } else { json!([]) },
            "EvalDecisionDetails": {},
        });
        if let Some(scps) = &self.scps {
            let allowed = self.alone(asked, Some(scps), None);
            told["OrganizationsDecisionDetail"] = json!({"AllowedByOrganizations": allowed});
        }
        let bounded =
            self.boundary.as_ref().map(|boundary| json!({"AllowedByPermissionsBoundary": self.alone(asked, None, Some(boundary))}));
        if let Some(bounded) = &bounded {
            told["PermissionsBoundaryDecisionDetail"] = bounded.clone();
        }
        if !is_any {
            let mut specific = json!({
                "EvalResourceName": asked.resource,
                "EvalResourceDecision": decision,
                "MatchedStatements": matched,
                "MissingContextValues": missing,
            });
            if let Some(bounded) = bounded {
                specific["PermissionsBoundaryDecisionDetail"] = bounded;
            }
            told["ResourceSpecificResults"] = json!([specific]);
        }
        told
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.identity
            .iter()
            .chain(&self.boundary)
            .chain(&self.resource)
    }

    fn decide(&self, asked: SimulatedCall<'_>, limited: bool) -> Verdict {
        let identity = self
            .identity
            .iter()
            .map(|source| &source.document)
            .collect();
        let boundary = self
            .boundary
            .as_ref()
            .filter(|_| limited)
            .map(|source| &source.document);
        let resource = self.resource.as_ref().map(|source| &source.document);
        self.evaluated(
            asked,
            identity,
            boundary,
            resource,
            self.scps.as_ref().filter(|_| limited),
        )
    }

    /// Whether the service control policies or the boundary allow a call if everything else does.
    fn alone(
        &self,
        asked: SimulatedCall<'_>,
        scps: Option<&Control>,
        boundary: Option<&Source>,
    ) -> bool {
        let all = leaving_all();
        let all = Document {
            statements: all
                .statements
                .into_iter()
                .map(|it| lambdasweep_policy::Statement {
                    principals: None,
                    ..it
                })
                .collect(),
            ..all
        };
        self.evaluated(
            asked,
            vec![&all],
            boundary.map(|source| &source.document),
            None,
            scps,
        )
        .decision
            == Decision::Allowed
    }

    fn evaluated(
        &self,
        asked: SimulatedCall<'_>,
        identity: Vec<&Document>,
        boundary: Option<&Document>,
        resource: Option<&Document>,
        scps: Option<&Control>,
    ) -> Verdict {
        let request = Request {
            principal: &self.principal,
            action: asked.action,
            resource: asked.resource,
            resource_account: self.resource_owner.as_deref(),
            context: &self.context,
        };
        let all = leaving_all();
        let is_elsewhere = request
            .owner()
            .is_some_and(|owner| Some(owner) != self.principal.account());
        let policies = Policies {
            identity,
            boundary,
            resource: resource.or_else(|| is_elsewhere.then_some(&all)),
            scps: scps
                .map(|(levels, _)| {
                    levels
                        .iter()
                        .map(|level| level.iter().map(|document| &**document).collect())
                        .collect()
                })
                .unwrap_or_default(),
            management_account: scps.map(|(_, management)| management.as_str()),
            ..Policies::default()
        };
        evaluate(&policies, &request)
    }

    /// The statements that determine the decision: those that deny, or else those that allow.
    fn matched(&self, asked: SimulatedCall<'_>, decision: &str) -> Vec<Value> {
        let wanted = match decision {
            "allowed" => Decision::Allowed,
            "explicitDeny" => Decision::ExplicitlyDenied,
            _ => return Vec::new(),
        };
        let mut matched = Vec::new();
        for source in self.sources() {
            let spans = spans::of_statements(&source.text);
            let is_boundary = self
                .boundary
                .as_ref()
                .is_some_and(|boundary| std::ptr::eq(boundary, source));
            let is_resource = self
                .resource
                .as_ref()
                .is_some_and(|resource| std::ptr::eq(resource, source));
            // A boundary allows nothing by itself.
            if is_boundary && wanted == Decision::Allowed {
                continue;
            }
            for (at, statement) in source.document.statements.iter().enumerate() {
                let alone = Document {
                    statements: vec![statement.clone()],
                    ..source.document.clone()
                };
                let (identity, resource) = if is_resource {
                    (Vec::new(), Some(&alone))
                } else {
                    (vec![&alone], None)
                };
                if self
                    .evaluated(asked, identity, None, resource, None)
                    .decision
                    == wanted
                {
                    let kind = if is_resource {
                        "Resource Policy"
                    } else {
                        "IAM Policy"
                    };
                    let (start, end) = spans.get(at).copied().unwrap_or_default();
                    matched.push(json!({
                        "SourcePolicyId": source.id,
                        "SourcePolicyType": kind,
                        "StartPosition": start.told(),
                        "EndPosition": end.told(),
                    }));
                }
            }
        }
        matched
    }
}
