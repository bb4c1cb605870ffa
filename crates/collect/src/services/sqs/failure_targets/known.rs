//! What is known of the requests by which Lambda sends to a queue, and policies with conditions left
//! open on everything else.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::{
    Condition, Context, Document, Effect, Match, Operator, Pattern, Principals, Statement,
};

use super::send::SEND;
use crate::organization::{Chain, OrganizationView};
use crate::services::sqs::queues::{Queue, QueueArn, QueuePolicy};

/// Keys that requests of the session have, or are known to lack: they are made over TLS, without a
/// second factor, and by no service principal. `lambda:SourceFunctionArn` is not in what Lambda
/// sends by itself. Sources: "AWS global condition context keys", IAM User Guide; "Using source
/// function ARN to control function access behavior", AWS Lambda Developer Guide.
const KNOWN_KEYS: [&str; 16] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:username",
    "lambda:sourcefunctionarn",
];

/// A policy of which nothing is known: it may allow, and it may deny.
static UNREAD: LazyLock<Document> = LazyLock::new(|| {
    let open = |effect| everything(effect, vec![open_condition()]);
    document(vec![open(Effect::Allow), open(Effect::Deny)])
});

/// RCPFullAWSAccess, which is attached to everything and cannot be detached: all that other resource
/// control policies can do is to deny. Source: "Resource control policies (RCPs)", AWS Organizations
/// User Guide.
static FULL_ACCESS: LazyLock<Document> =
    LazyLock::new(|| document(vec![everything(Effect::Allow, Vec::new())]));

fn document(statements: Vec<Statement>) -> Document {
    Document {
        version: None,
        id: None,
        statements,
    }
}

/// A statement about all principals, actions and resources.
fn everything(effect: Effect, conditions: Vec<Condition>) -> Statement {
    Statement {
        sid: None,
        effect,
        principals: Some(Principals {
            negated: false,
            everyone: true,
            aws: Vec::new(),
            services: Vec::new(),
            federated: Vec::new(),
            canonical: Vec::new(),
        }),
        actions: Match::Any(vec!["*".into()]),
        resources: None,
        conditions,
    }
}

/// A condition of which it is not known whether a request meets it.
fn open_condition() -> Condition {
    Condition::new("NotRead", "aws:PrincipalArn", ["*"])
}

/// Which condition keys have values that are known.
pub(super) struct Known {
    in_known_organization: bool,
    queue_in_known_organization: bool,
    /// Tags of the role, in lower case.
    tags: BTreeSet<String>,
}

impl Known {
    pub(super) fn new(role: &RoleInput<'_>, organization: &OrganizationView) -> Self {
        Self {
            in_known_organization: role.organization.is_some() || organization.is_none(),
            queue_in_known_organization: false,
            tags: BTreeSet::new(),
        }
    }

    /// What the requests say, as far as that is known and does not follow from the principal.
    pub(super) fn context(
        &mut self,
        tags: impl Iterator<Item = (String, String)>,
        organization: &OrganizationView,
        arn: &QueueArn,
    ) -> Context {
        let mut context = Context::default()
            .with("aws:SecureTransport", "true")
            .with("aws:RequestedRegion", arn.region.as_str());
        for (name, value) in tags {
            let key = format!("aws:PrincipalTag/{name}");
            self.tags.insert(key.to_ascii_lowercase());
            context = context.with(&key, value);
        }
        let path = organization.organization_path(arn.account.as_str());
        if let (Some(path), Some(id)) = (path, &organization.id) {
            self.queue_in_known_organization = true;
            context = context
                .with("aws:ResourceOrgID", id)
                .with("aws:ResourceOrgPaths", path);
        }
        context
    }

    /// The first of some keys whose value is not known, in words.
    fn lacks<'k>(&self, mut keys: impl Iterator<Item = &'k str>) -> Option<String> {
        let unknown = keys.find(|key| !self.has(key))?;
        Some(format!("the value of {unknown} is not known"))
    }

    fn has(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "aws:principalorgid" | "aws:principalorgpaths" => self.in_known_organization,
            "aws:resourceorgid" | "aws:resourceorgpaths" => self.queue_in_known_organization,
            _ => KNOWN_KEYS.contains(&key.as_str()) || self.tags.contains(&key),
        }
    }
}

/// The keys of a pattern's variables. Source: "IAM policy elements: Variables and tags": a default
/// value follows after a comma, and three names stand for characters.
fn variables(pattern: &Pattern) -> impl Iterator<Item = &str> {
    let text = if pattern.has_variable() {
        pattern.as_str()
    } else {
        ""
    };
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split(['}', ',']).next())
        .map(str::trim)
        .filter(|name| !matches!(*name, "*" | "?" | "$"))
}

/// Reads policies for the evaluation, and notes what leaves it open.
pub(super) struct Reader {
    known: Known,
    pub(super) open: BTreeSet<String>,
}

impl Reader {
    pub(super) fn new(known: Known) -> Self {
        Self {
            known,
            open: BTreeSet::new(),
        }
    }

    pub(super) fn named(&mut self, policy: &NamedPolicy<'_>) -> Document {
        match policy.document {
            Some(document) => self.document(document),
            None => self.unread(format!("policy {} was not read or understood", policy.name)),
        }
    }

    fn unread(&mut self, why: String) -> Document {
        self.open.insert(why);
        UNREAD.clone()
    }

    /// The statements about sending, with conditions left open on what is not known.
    fn document(&mut self, document: &Document) -> Document {
        let about = document
            .statements
            .iter()
            .filter(|statement| statement.covers_action(SEND));
        let mut kept = Document {
            version: document.version.clone(),
            id: None,
            statements: about.cloned().collect(),
        };
        for statement in &mut kept.statements {
            for condition in &mut statement.conditions {
                let variables = condition.values.iter().flat_map(variables);
                let keys = variables.chain([condition.key.as_str()]);
                if let Some(key) = self.known.lacks(keys) {
                    self.open.insert(key);
                    condition.operator = Operator::Unknown;
                }
            }
            let resources = statement.resources.iter().flat_map(Match::values);
            if let Some(key) = self.known.lacks(resources.flat_map(variables)) {
                self.open.insert(key);
                statement.resources = None;
                statement.conditions.push(open_condition());
            }
        }
        kept
    }

    pub(super) fn of_queue(&mut self, queue: &Queue) -> Option<Document> {
        match &queue.policy {
            QueuePolicy::None => None,
            QueuePolicy::HoldsSecret => Some(self.unread(
                "the queue's policy is not kept, because it holds what may be a secret".to_owned(),
            )),
            QueuePolicy::Text(text) => Some(match Document::parse(text) {
                Ok(document) => self.document(&document),
                Err(_) => self.unread("the queue's policy is not understood".to_owned()),
            }),
        }
    }

    /// The resource control policies of a chain.
    pub(super) fn resource_chain(&mut self, chain: &Chain) -> Vec<Vec<Document>> {
        let mut levels = self.chain(chain);
        levels
            .iter_mut()
            .for_each(|level| level.push(FULL_ACCESS.clone()));
        levels
    }

    /// The policies of a chain, by level.
    pub(super) fn chain(&mut self, chain: &Chain) -> Vec<Vec<Document>> {
        match chain {
            Chain::Free(_) | Chain::Exempt(_) => Vec::new(),
            Chain::Unknown(why) => vec![vec![self.unread(why.clone())]],
            Chain::Bound(levels) => levels
                .iter()
                .map(|level| {
                    let documents = level.iter().map(|policy| {
                        self.named(&NamedPolicy {
                            name: &policy.id,
                            document: policy.document.as_ref().ok(),
                        })
                    });
                    documents.collect()
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};

    use super::{Known, Reader, UNREAD};

    const OWN: &str = "arn:aws:sqs:eu-west-1:111122223333:failures";
    const FOREIGN: &str = "arn:aws:sqs:eu-west-1:999988887777:failures";

    fn reader() -> Reader {
        Reader::new(Known {
            in_known_organization: true,
            queue_in_known_organization: false,
            tags: BTreeSet::from(["aws:principaltag/team".to_owned()]),
        })
    }

    fn document(effect: &str, resource: &str, condition: &str) -> Document {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":"*","Action":"sqs:*","Resource":"{resource}","Condition":{condition}}}]}}"#
        );
        Document::parse(&text).expect("a policy")
    }

    fn decide(identity: &Document, resource: Option<&Document>, queue: &str) -> Decision {
        let principal = Principal::session("arn:aws:iam::111122223333:role/app", "function");
        let context = Context::default()
            .with("aws:SecureTransport", "true")
            .with("aws:PrincipalTag/team", "orders");
        let request = Request {
            principal: &principal.expect("a role"),
            action: "sqs:SendMessage",
            resource: queue,
            resource_account: None,
            context: &context,
        };
        let policies = Policies {
            identity: vec![identity],
            resource,
            ..Policies::default()
        };
        evaluate(&policies, &request).decision
    }

    /// What was not read may allow and may deny; what it cannot change is decided all the same.
    #[test]
    fn a_policy_that_was_not_read_leaves_open_what_it_can_change() {
        let denies = document("Deny", "*", "{}");
        let allows = document("Allow", "*", "{}");
        assert_eq!(decide(&UNREAD, None, OWN), Decision::Unknown);
        assert_eq!(
            decide(&UNREAD, Some(&denies), OWN),
            Decision::ExplicitlyDenied
        );
        assert_eq!(decide(&UNREAD, Some(&allows), OWN), Decision::Unknown);
        assert_eq!(decide(&allows, Some(&UNREAD), OWN), Decision::Unknown);
        assert_eq!(
            decide(&UNREAD, None, FOREIGN),
            Decision::ImplicitlyDenied,
            "the other account has to allow as well"
        );
    }

    #[test]
    fn conditions_on_what_is_not_known_are_left_open() {
        let nothing = Document::parse(r#"{"Statement":[]}"#).expect("a policy");
        for (condition, expected, open) in [
            (
                r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
                Decision::Allowed,
                "",
            ),
            (
                r#"{"ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:*:function:*"}}"#,
                Decision::ImplicitlyDenied,
                "",
            ),
            (
                r#"{"StringEquals":{"aws:PrincipalTag/team":"orders"}}"#,
                Decision::Allowed,
                "",
            ),
            (
                r#"{"StringEquals":{"aws:PrincipalTag/stage":"prod"}}"#,
                Decision::Unknown,
                "the value of aws:PrincipalTag/stage is not known",
            ),
            (
                r#"{"StringNotEqualsIfExists":{"aws:ResourceOrgID":"o-a1b2c3d4e5"}}"#,
                Decision::Unknown,
                "the value of aws:ResourceOrgID is not known",
            ),
            (
                r#"{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}"#,
                Decision::Allowed,
                "",
            ),
            (
                r#"{"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalTag/home, '1'}"}}"#,
                Decision::Unknown,
                "the value of aws:PrincipalTag/home is not known",
            ),
        ] {
            let mut reader = reader();
            let policy = reader.document(&document("Allow", "*", condition));
            assert_eq!(decide(&policy, None, OWN), expected, "{condition}");
            assert_eq!(Vec::from_iter(reader.open).join("; "), open, "{condition}");
            let mut reader = self::reader();
            let denial = reader.document(&document("Deny", "*", condition));
            let allowing = document("Allow", "*", "{}");
            let denied = match expected {
                Decision::Allowed => Decision::ExplicitlyDenied,
                Decision::Unknown => Decision::Unknown,
                _ => Decision::Allowed,
            };
            assert_eq!(decide(&allowing, Some(&denial), OWN), denied, "{condition}");
        }
        let by_tag = "arn:aws:sqs:*:*:${aws:PrincipalTag/stage}-failures";
        let policy = reader().document(&document("Allow", by_tag, "{}"));
        assert_eq!(decide(&policy, None, OWN), Decision::Unknown);
        assert_eq!(decide(&nothing, None, OWN), Decision::ImplicitlyDenied);
    }
}
