//! An account in memory, and what the collector of roles does with it: documents are parsed, roles
//! settled and judged, the graph is worked out.

use std::collections::HashMap;

use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::role::{
    FunctionRole, Graph, Holder, RoleJudgement, SettledRole, graph, judge,
};

pub(crate) const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-11-27T00:00:00Z";

/// A role as IAM answers with it.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) trust: String,
    pub(crate) inline: Vec<(String, String)>,
    /// ARNs.
    pub(crate) attached: Vec<String>,
    pub(crate) boundary: Option<String>,
}

impl Role {
    /// A role by its path and name that trusts somebody (`{"Service": "lambda.amazonaws.com"}`),
    /// without policies.
    pub(crate) fn new(name: &str, trusted: &str) -> Self {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{trusted},"Action":"sts:AssumeRole"}}"#);
        Self {
            arn: role_arn(name),
            trust: policy(&[&statement]),
            inline: Vec::new(),
            attached: Vec::new(),
            boundary: None,
        }
    }

    /// With an inline policy of these statements.
    pub(crate) fn inline(mut self, statements: &[&str]) -> Self {
        self.inline.push(("inline".to_owned(), policy(statements)));
        self
    }

    /// With a managed policy of AWS.
    pub(crate) fn attached(mut self, name: &str) -> Self {
        self.attached
            .push(format!("arn:aws:iam::aws:policy/{name}"));
        self
    }
}

/// An account, as IAM, Lambda and Organizations answer with it.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) roles: Vec<Role>,
    /// Managed policies: ARN and document.
    pub(crate) policies: Vec<(String, String)>,
    /// ARNs of functions and their roles.
    pub(crate) functions: Vec<(String, String)>,
    /// The organisation's policies by level, which are parsed once a scan.
    pub(crate) scps: Vec<Vec<Document>>,
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A document of statements.
pub(crate) fn policy(statements: &[&str]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

/// A statement that allows actions (`"sqs:*"` or a list) on resources.
pub(crate) fn allow(actions: &str, resources: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":{resources}}}"#)
}

/// What is parsed of an account.
pub(crate) struct Documents {
    own: Vec<(Option<Document>, Vec<Option<Document>>)>,
    managed: HashMap<String, Option<Document>>,
}

impl Account {
    /// IAM answers with documents that are percent-encoded.
    pub(crate) fn encoded(mut self) -> Self {
        for role in &mut self.roles {
            role.trust = encoded(&role.trust);
            role.inline
                .iter_mut()
                .for_each(|(_, text)| *text = encoded(text));
        }
        self.policies
            .iter_mut()
            .for_each(|(_, text)| *text = encoded(text));
        self
    }

    pub(crate) fn parse(&self) -> Documents {
        let parse = |text: &str| Document::parse_url_encoded(text).ok();
        let own = |role: &Role| {
            (
                parse(&role.trust),
                role.inline.iter().map(|(_, text)| parse(text)).collect(),
            )
        };
        Documents {
            own: self.roles.iter().map(own).collect(),
            managed: self
                .policies
                .iter()
                .map(|(arn, text)| (arn.clone(), parse(text)))
                .collect(),
        }
    }

    pub(crate) fn settle<'d>(&'d self, documents: &'d Documents) -> Vec<SettledRole<'d>> {
        let managed = |arn: &'d String| NamedPolicy {
            name: arn,
            document: documents.managed.get(arn).and_then(Option::as_ref),
        };
        let scps: Vec<Vec<NamedPolicy<'d>>> = self
            .scps
            .iter()
            .map(|level| {
                level
                    .iter()
                    .map(|it| NamedPolicy {
                        name: "p-a1b2c3d4",
                        document: Some(it),
                    })
                    .collect()
            })
            .collect();
        let input =
            |(role, (trust, inline)): (&'d Role, &'d (Option<Document>, Vec<Option<Document>>))| {
                let own = role
                    .inline
                    .iter()
                    .zip(inline)
                    .map(|((name, _), it)| NamedPolicy {
                        name,
                        document: it.as_ref(),
                    });
                let is_bound = !role.arn.contains(":role/aws-service-role/");
                RoleInput {
                    identity: own.chain(role.attached.iter().map(managed)).collect(),
                    boundary: role.boundary.as_ref().map(managed),
                    scps: if is_bound { scps.clone() } else { Vec::new() },
                    trust: trust.as_ref(),
                    organization: Some("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
                    ..RoleInput::new(&role.arn, ACCOUNT, "aws")
                }
            };
        self.roles
            .iter()
            .zip(&documents.own)
            .map(input)
            .map(|input| SettledRole::new(&input, NOW))
            .collect()
    }

    pub(crate) fn graph(
        &self,
        inputs: &[RoleInput<'_>],
        judgements: &[RoleJudgement<'_>],
    ) -> Graph {
        let holders: Vec<Holder<'_, '_>> = inputs
            .iter()
            .zip(judgements)
            .map(|(role, judgement)| Holder { role, judgement })
            .collect();
        let functions: Vec<FunctionRole<'_>> = self
            .functions
            .iter()
            .map(|(arn, role_arn)| FunctionRole { arn, role_arn })
            .collect();
        graph(&holders, &functions, NOW)
    }

    /// From texts to ways; how many ways there are. A function of its own to profilers.
    #[inline(never)]
    pub(crate) fn judge(&self) -> usize {
        let documents = self.parse();
        let settled = self.settle(&documents);
        let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
        let judgements: Vec<RoleJudgement<'_>> = inputs.iter().map(judge).collect();
        self.graph(&inputs, &judgements)
            .ways
            .iter()
            .map(Vec::len)
            .sum()
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
