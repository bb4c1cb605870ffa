//! Performs a path of the graph: maps each path of the catalogue to the calls that it needs.

use std::collections::BTreeMap;

use lambdasweep_policy::role::{Reached, Step, Target, Way};
use serde_json::json;

use super::accounts::{Account, arn, name};
use super::attacker::{Attacker, Question, Run, Session};
use super::given::world;
use super::texts::asked;
use super::{REGION, search};

/// How a path was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proven {
    /// All calls were made, and the resulting session has the privilege that the path claims.
    Walked,
    /// It leads through a user or a permission set, which the mock does not have: its calls were
    /// only checked against the enforcement.
    Decided,
    /// The role that it begins with is already an administrator, apart from conditions that are
    /// open.
    Needless,
}

/// Performs a path in a separate world. The error says at which step it is denied, and why.
pub(crate) fn walk(account: &Account, way: &Way) -> Result<Proven, String> {
    let mock = world(account);
    let attacker = Attacker {
        mock: &mock,
        account,
    };
    let first = way.steps.first().ok_or("a way without steps")?;
    let start = attacker.begin(&first.from)?;
    if attacker.is_administrator(&start) {
        return Ok(Proven::Needless);
    }
    let mut walker = Walker {
        attacker,
        held: BTreeMap::from([(first.from.clone(), start.clone())]),
    };
    let mut last = start;
    for (at, step) in way.steps.iter().enumerate() {
        let failed = |error: String| {
            format!(
                "step {} ({} of {} to {:?}): {error}",
                at + 1,
                step.path.id,
                step.from,
                step.to
            )
        };
        let taken = walker.take(step).map_err(failed)?;
        last = match step.to.as_deref().filter(|to| *to != taken.role) {
            Some(to) => walker
                .held
                .get(to)
                .cloned()
                .ok_or_else(|| failed(format!("it gives a session of {}", taken.role)))?,
            None => taken,
        };
        walker.held.insert(last.role.clone(), last.clone());
    }
    match &way.reached {
        Reached::User => Ok(Proven::Decided),
        _ if walker.attacker.is_administrator(&last) => Ok(Proven::Walked),
        // A role that can make itself an administrator is near to one.
        _ if search::from(&walker.attacker, last.clone()).is_some() => Ok(Proven::Walked),
        reached => {
            let taken: Vec<String> = way
                .steps
                .iter()
                .map(|step| format!("{} by {} to {:?}", step.path.id, step.from, step.to))
                .collect();
            Err(format!(
                "{} has not the power of {reached:?} after {}",
                last.arn,
                taken.join(", ")
            ))
        }
    }
}

struct Walker<'a> {
    attacker: Attacker<'a>,
    held: BTreeMap<String, Session>,
}

/// The first successful attempt, or the error of the last one.
fn first_of<T, I>(
    of: impl IntoIterator<Item = I>,
    attempt: impl FnMut(I) -> Result<T, String>,
) -> Result<T, String> {
    let mut failed = "there is nothing to try".to_owned();
    for result in of.into_iter().map(attempt) {
        match result {
            Ok(done) => return Ok(done),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

impl Walker<'_> {
    /// Performs a step, and returns the session with the privilege that it gives: an earlier
    /// session of the role if the function no longer runs as it.
    fn take(&mut self, step: &Step) -> Result<Session, String> {
        let it = &self.attacker;
        let by = &self
            .held
            .get(&step.from)
            .cloned()
            .ok_or_else(|| format!("no session of {}", step.from))?;
        let own = || Ok(by.clone());
        let to = step.to.as_deref().unwrap_or_default();
        // The function, or the resource to delete.
        let function = step.through.as_deref().unwrap_or_default();
        let written = || {
            self.held
                .get(to)
                .cloned()
                .ok_or_else(|| format!("no session of {to}"))
        };
        // The limited role: its own, or another with a session.
        let of = step.to.as_deref().unwrap_or(&by.role);
        let limited = || {
            self.held
                .get(of)
                .cloned()
                .ok_or_else(|| format!("no session of {of}"))
        };
        match step.path.id.as_str() {
            "sts-001" => it.assume(&by.key, to),
            "iam-012" => it.open_trust(by, to),
            "iam-005" => it.put_policy(by, &by.role).and_then(|()| own()),
            "iam-009" => it.attach(by, &by.role).and_then(|()| own()),
            "iam-001" => first_of(self.managed(&by.role), |policy| {
                it.write_version(by, &policy)
            })
            .and_then(|()| own()),
            "iam-017" => it.put_policy(by, to).and_then(|()| written()),
            "iam-014" => it.attach(by, to).and_then(|()| written()),
            "iam-016" => first_of(self.managed(to), |policy| it.write_version(by, &policy))
                .and_then(|()| written()),
            "lsw-iam-001" | "lsw-iam-002" => {
                first_of(it.names(&by.role, ":role/", "made"), |name| {
                    it.create_role(by, &name)?;
                    let role = arn(&format!("role/{name}"));
                    if step.path.id == "lsw-iam-001" {
                        it.put_policy(by, &role)
                    } else {
                        it.attach(by, &role)
                    }?;
                    it.assume_opened(by, &role)
                })
            }
            "lsw-iam-004" => it.drop_boundary(by, of).and_then(|()| limited()),
            "lsw-iam-005" => it.replace_boundary(by, of).and_then(|()| limited()),
            "lsw-iam-009" => first_of(self.boundary(of), |policy| it.write_version(by, policy))
                .and_then(|()| limited()),
            "lsw-iam-003" | "lsw-iam-010" => self.version_chosen(by, of).and_then(|()| limited()),
            "lsw-iam-006" => self
                .limits_taken_away(by, of, true)
                .and_then(|()| limited()),
            "lsw-iam-007" => self
                .limits_taken_away(by, of, false)
                .and_then(|()| limited()),
            "lsw-lambda-003" => it.delete_function(by, function).and_then(|()| own()),
            "lsw-iam-011" => it.delete_role(by, function).and_then(|()| own()),
            "lsw-iam-012" => it.delete_version(by, function).and_then(|()| own()),
            "lambda-001" => self.new_function(by, to, Run::Invoke),
            "lambda-002" => self.new_function(by, to, Run::Mapping),
            "lambda-006" => self.new_function(by, to, Run::Permission),
            "lambda-003" => it
                .change_code(by, function)
                .and_then(|()| it.as_function(function)),
            "lambda-004" => it
                .change_code(by, function)
                .and_then(|()| it.run(by, function, Run::Invoke))
                .and_then(|()| it.as_function(function)),
            "lambda-005" => it
                .change_code(by, function)
                .and_then(|()| it.run(by, function, Run::Permission))
                .and_then(|()| it.as_function(function)),
            "lsw-lambda-002" => {
                // A later step may need the function's current role: a session that may change the
                // role can also run code as the current one.
                let before = it
                    .change_configuration(by, function, None)
                    .and_then(|()| it.as_function(function));
                let session = it
                    .change_configuration(by, function, Some(to))
                    .and_then(|()| it.as_function(function));
                self.held
                    .extend(before.map(|before| (before.role.clone(), before)));
                session
            }
            "lsw-lambda-001" => it
                .change_configuration(by, function, None)
                .and_then(|()| it.as_function(function)),
            id if step.through.is_none() && step.to.is_none() => self
                .through_a_user(by, step)
                .map_err(|error| format!("{id}: {error}")),
            _ => self.by_another_service(by, step),
        }
    }

    fn policies(&self, role: &str) -> impl Iterator<Item = (&String, &serde_json::Value)> {
        self.attacker
            .account
            .roles
            .iter()
            .filter(move |it| it.arn == role)
            .flat_map(|it| &it.policies)
    }

    fn managed(&self, role: &str) -> Vec<String> {
        self.policies(role)
            .filter(|(name, _)| name.starts_with("arn:"))
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn boundary(&self, role: &str) -> Option<&str> {
        self.attacker
            .account
            .roles
            .iter()
            .find(|it| it.arn == role)?
            .boundary
            .as_ref()
            .map(|(arn, _)| arn.as_str())
    }

    /// Makes existing versions of a role's policies the default, until one makes it an
    /// administrator: the newest first, since a version that allows too little ends it.
    fn version_chosen(&self, by: &Session, role: &str) -> Result<(), String> {
        let of = self
            .attacker
            .account
            .roles
            .iter()
            .filter(|it| it.arn == role)
            .flat_map(|it| &it.stored);
        let versions = of.flat_map(|(policy, versions)| {
            (2..versions.len() + 2)
                .rev()
                .map(move |version| (policy, format!("v{version}")))
        });
        first_of(versions, |(policy, version)| {
            self.attacker.set_default(by, policy, &version)?;
            let session = self
                .held
                .get(role)
                .ok_or_else(|| format!("no session of {role}"))?;
            if self.attacker.is_administrator(session) {
                Ok(())
            } else {
                Err(format!("{version} of {policy} gives too little"))
            }
        })
    }

    /// Removes every policy with a Deny from a role, either the managed or the inline ones.
    fn limits_taken_away(&self, by: &Session, role: &str, managed: bool) -> Result<(), String> {
        let denies = |document: &serde_json::Value| {
            document["Statement"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|it| it["Effect"] == "Deny")
        };
        let mut all = self
            .policies(role)
            .filter(|(name, document)| name.starts_with("arn:") == managed && denies(document));
        all.try_for_each(|(name, _)| self.attacker.take_away(by, role, name))
    }

    fn new_function(&self, by: &Session, role: &str, how: Run) -> Result<Session, String> {
        let functions: Vec<String> = self
            .attacker
            .names(&by.role, ":function:", name(role))
            .iter()
            .map(|name| arn(&format!("function/{name}")))
            .collect();
        // A name that is taken in one Region may be free in another.
        let elsewhere: Vec<String> = functions
            .iter()
            .map(|arn| arn.replace(REGION, "us-east-1"))
            .collect();
        first_of(functions.into_iter().chain(elsewhere), |function| {
            self.attacker.create_function(by, &function, role)?;
            self.attacker.run(by, &function, how)?;
            self.attacker.as_function(&function)
        })
    }

    /// The mock has no users: every call must be allowed on the same user or group.
    fn through_a_user(&self, by: &Session, step: &Step) -> Result<Session, String> {
        let kinds = [
            (Target::User, "user", ":user/"),
            (Target::Group, "group", ":group/"),
        ];
        for (target, word, kind) in kinds
            .iter()
            .filter(|(target, ..)| step.path.needs.iter().any(|need| need.target == *target))
        {
            first_of(self.attacker.names(&by.role, kind, "made"), |name| {
                let mut needs = step.path.needs.iter().filter(|need| need.target == *target);
                needs.try_for_each(|need| {
                    self.attacker
                        .may(by, &need.action, &arn(&format!("{word}/{name}")))
                })
            })?;
        }
        let mut rest = step
            .path
            .needs
            .iter()
            .filter(|need| need.target == Target::Any);
        rest.try_for_each(|need| self.attacker.may(by, &need.action, "*"))?;
        Ok(by.clone())
    }

    /// For services that the mock does not have, checks whether the calls are allowed, and whether
    /// the service may assume the role.
    fn by_another_service(&self, by: &Session, step: &Step) -> Result<Session, String> {
        let it = &self.attacker;
        let to = step
            .to
            .as_deref()
            .ok_or("a path that the walker does not know")?;
        let services = if step.path.passed_to.is_empty() {
            &step.path.runs_as
        } else {
            &step.path.passed_to
        };
        first_of(services, |service| {
            for need in &step.path.needs {
                if need.action == "iam:PassRole" {
                    it.may_with(
                        by,
                        &Question(
                            need.action.clone(),
                            to.to_owned(),
                            json!({"iam:PassedToService": service}),
                        ),
                    )?;
                } else {
                    let prefix = need.action.split(':').next().unwrap_or_default();
                    let named = it.names(&by.role, &format!("arn:aws:{prefix}:"), "made");
                    let named = named
                        .into_iter()
                        .filter(|name| name.contains(':'))
                        .map(|name| format!("arn:aws:{prefix}:{name}"));
                    first_of(named.chain(["*".to_owned()]), |resource| {
                        it.may_with(by, &asked(&need.action, &resource))
                    })?;
                }
            }
            if it.trusts(to, service) {
                it.begin(to)
            } else {
                Err(format!("{to} does not trust {service}"))
            }
        })
    }
}
