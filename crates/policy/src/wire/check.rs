//! Checks a document by itself: its problems, and who is allowed by it.

use serde::{Serialize, Serializer};

use super::members::{Members, policy_text};
use super::{Further, WireError, account, wrong};
use crate::exposure::{Exposure, External, Scope, of_policy, of_trust_policy};
use crate::{Parsed, PolicyKind, Problem};

/// The members of the input.
const KNOWN: &[&str] = &["type", "policy", "account", "organization", "resource"];

/// The members of the answer; an input's members of these names do not come back.
const ANSWER: &[&str] = &[
    "line",
    "error",
    "type",
    "account",
    "exposure",
    "actions",
    "accounts",
    "organizations",
    "source_accounts",
    "source_organizations",
    "services",
    "statements",
    "problems",
];

/// What counts where an input does not say.
#[derive(Debug, Clone, Default)]
pub struct CheckDefaults {
    /// The kind of policy.
    pub kind: PolicyKind,
    /// The account of the resource.
    pub account: Option<String>,
    /// The organisation of that account.
    pub organization: Option<String>,
    /// The resource's ARN.
    pub resource: Option<String>,
}

/// A document, and where it stands.
#[derive(Debug, Clone)]
pub struct CheckInput {
    /// The kind of policy.
    pub kind: PolicyKind,
    /// The document's text.
    pub policy: String,
    /// The account of the resource; without it every account counts as another one.
    pub account: Option<String>,
    /// The organisation of that account.
    pub organization: Option<String>,
    /// The resource's ARN.
    pub resource: Option<String>,
    /// Members that the engine does not know: they come back in the answer.
    pub further: Further,
}

/// What is said of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckAnswer {
    /// The input's further members.
    #[serde(flatten)]
    pub further: Further,
    /// The kind of policy.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The account that counted as the policy's own; none: every account counted as another one.
    pub account: Option<String>,
    /// Who is allowed; `None` for kinds that are attached to principals and grant no external
    /// access.
    #[serde(serialize_with = "word")]
    pub exposure: Option<Exposure>,
    /// The same for each action, as the policy writes it.
    #[serde(serialize_with = "words")]
    pub actions: Vec<(String, Exposure)>,
    /// The accounts that it lets in.
    pub accounts: Vec<String>,
    /// The organisations that it lets in.
    pub organizations: Vec<String>,
    /// Of the accounts, those that get in only by a service that calls on their behalf.
    pub source_accounts: Vec<String>,
    /// Of the organisations, those that get in only by a service that calls on their behalf.
    pub source_organizations: Vec<String>,
    /// The services that it lets in.
    pub services: Vec<String>,
    /// What is said of each statement.
    pub statements: Vec<StatementAnswer>,
    /// What is wrong with the document.
    pub problems: Vec<ProblemAnswer>,
}

/// What is said of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementAnswer {
    /// Where it stands, from 0.
    pub index: usize,
    /// Its id.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// Whom it lets in.
    #[serde(serialize_with = "word")]
    pub exposure: Option<Exposure>,
    /// The reason, as a sentence.
    pub reason: Option<String>,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemAnswer {
    /// `error` for what AWS refuses, `warning` for what is almost certainly a mistake.
    pub level: &'static str,
    /// The statement, from 0.
    pub statement: Option<usize>,
    /// The member.
    pub member: Option<String>,
    /// Line in the document, from 1.
    pub line: usize,
    /// Column in the line, from 1.
    pub column: usize,
    /// What is wrong, in words.
    pub message: String,
}

impl CheckInput {
    /// Reads an input: an object with the member `policy`, a policy by itself, or a policy by
    /// itself in percent-encoding.
    ///
    /// # Errors
    /// If it is not a JSON object, or a member is missing, misspelt or malformed. Problems within
    /// the policy are not an error.
    pub fn parse(text: &str, defaults: &CheckDefaults) -> Result<Self, WireError> {
        if text.trim_start().starts_with('%') {
            return Ok(Self::bare(text.to_owned(), defaults));
        }
        let mut members = Members::parse(text)?;
        if !members.has("policy") {
            // An object with only other members is not a policy with mistakes, but an input that
            // lacks its policy.
            if !members.is_empty()
                && !["Version", "Id", "Statement"]
                    .iter()
                    .any(|name| members.has(name))
            {
                return Err(WireError::Missing("policy"));
            }
            return Ok(Self::bare(text.to_owned(), defaults));
        }
        members.each_once()?;
        let raw = members.take("policy").ok_or(WireError::Missing("policy"))?;
        let kind = members
            .text("type")?
            .map(|word| word.parse().or_else(|_| wrong("type", kinds())));
        let id = members
            .text("account")?
            .map(|id| account("account", id))
            .transpose()?;
        Ok(Self {
            kind: kind.transpose()?.unwrap_or(defaults.kind),
            policy: policy_text("policy", raw)?.into_owned(),
            account: id.or_else(|| defaults.account.clone()),
            organization: members
                .text("organization")?
                .or_else(|| defaults.organization.clone()),
            resource: members
                .text("resource")?
                .or_else(|| defaults.resource.clone()),
            further: members.further(KNOWN, &["policy"], ANSWER)?,
        })
    }

    /// A policy by itself; its kind and account come from the defaults.
    pub fn bare(policy: String, defaults: &CheckDefaults) -> Self {
        let CheckDefaults {
            kind,
            account,
            organization,
            resource,
        } = defaults.clone();
        Self {
            kind,
            policy,
            account,
            organization,
            resource,
            further: Further::new(),
        }
    }

    /// The further members of an input that [`CheckInput::parse`] refuses, as far as it is an
    /// object.
    pub fn further_of(text: &str) -> Further {
        Members::parse(text)
            .map(|members| members.lenient(KNOWN, ANSWER))
            .unwrap_or_default()
    }

    /// The account: as it was given, or as the resource's ARN names it.
    fn owner(&self) -> Option<&str> {
        let of_arn = || {
            self.resource
                .as_deref()?
                .split(':')
                .nth(4)
                .filter(|account| account.len() == 12)
        };
        self.account.as_deref().or_else(of_arn)
    }

    /// Checks the document.
    pub fn check(&self) -> CheckAnswer {
        let mut answer = CheckAnswer {
            further: self.further.clone(),
            kind: self.kind.as_str(),
            account: self.owner().map(str::to_owned),
            exposure: None,
            actions: Vec::new(),
            accounts: Vec::new(),
            organizations: Vec::new(),
            source_accounts: Vec::new(),
            source_organizations: Vec::new(),
            services: Vec::new(),
            statements: Vec::new(),
            problems: Vec::new(),
        };
        let judged = matches!(self.kind, PolicyKind::Resource | PolicyKind::Trust);
        let Parsed { document, problems } = Parsed::of(&self.policy, self.kind);
        answer.problems = problems.into_iter().map(ProblemAnswer::from).collect();
        let Some(document) = document else {
            // What is not understood may let anybody in.
            answer.exposure = judged.then_some(Exposure::Unknown);
            return answer;
        };
        answer.statements = document
            .statements
            .iter()
            .enumerate()
            .map(|(index, it)| StatementAnswer {
                index,
                sid: it.sid.clone(),
                effect: it.effect.as_str(),
                exposure: None,
                reason: None,
            })
            .collect();
        if judged {
            let partition = self
                .resource
                .as_deref()
                .and_then(|arn| arn.strip_prefix("arn:")?.split(':').next())
                .unwrap_or("aws");
            let scope = Scope {
                account: self.owner().unwrap_or_default(),
                organization: self.organization.as_deref(),
                partition,
            };
            let judge = if self.kind == PolicyKind::Trust {
                of_trust_policy
            } else {
                of_policy
            };
            answer.judge(judge(&document, &scope));
        }
        answer
    }
}

impl From<Problem> for ProblemAnswer {
    fn from(problem: Problem) -> Self {
        let Problem {
            level,
            statement,
            member,
            line,
            column,
            message,
        } = problem;
        Self {
            level: level.as_str(),
            statement,
            member,
            line,
            column,
            message,
        }
    }
}

/// What `type` may be.
fn kinds() -> String {
    let words: Vec<&str> = PolicyKind::ALL.iter().map(|kind| kind.as_str()).collect();
    format!("is not one of {}", words.join(", "))
}

fn word<S: Serializer>(exposure: &Option<Exposure>, serializer: S) -> Result<S::Ok, S::Error> {
    exposure.map(Exposure::as_str).serialize(serializer)
}

fn words<S: Serializer>(actions: &[(String, Exposure)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        actions
            .iter()
            .map(|(action, exposure)| (action, exposure.as_str())),
    )
}

impl CheckAnswer {
    fn judge(&mut self, external: External) {
        self.exposure = Some(external.exposure);
        self.actions = external.actions;
        self.accounts = external.accounts;
        self.organizations = external.organizations;
        self.source_accounts = external.source_accounts;
        self.source_organizations = external.source_organizations;
        self.services = external.services;
        for (statement, judged) in self.statements.iter_mut().zip(external.statements) {
            statement.exposure = Some(judged.exposure);
            statement.reason = Some(judged.reason);
        }
    }
}
