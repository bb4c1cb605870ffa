//! A search without the graph: does everything that the available sessions can do, until one of
//! them is an administrator or nothing is left to do.
//!
//! Documents that the attacker writes allow everything, so that no step removes permissions and the
//! order does not matter. The exceptions come last: removing policies with a Deny, which may also
//! allow something, and deleting resources whose name a new one could have.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_policy::role::{EscalationPath, catalogue};
use serde_json::json;

use super::OUTSIDE;
use super::accounts::{arn, name};
use super::attacker::{Attacker, Question, Run, Session};
use super::texts::{ADMINISTRATOR, asked};

mod obstacles;

use obstacles::{in_the_way, passed_elsewhere};

/// How many times all sessions try everything; more than the longest chain of twenty roles.
const MOST_ROUNDS: usize = 60;

/// The steps by which a session makes itself an administrator, if it can.
pub(crate) fn from(attacker: &Attacker<'_>, start: Session) -> Option<Vec<String>> {
    let mut search = Search {
        it: attacker,
        held: Vec::new(),
        done: BTreeSet::new(),
        trail: Vec::new(),
        tried: BTreeMap::new(),
    };
    search.hold(start, "begins");
    for _ in 0..MOST_ROUNDS {
        let before = (search.held.len(), search.done.len());
        for at in 0..search.held.len() {
            let by = search.held[at].clone();
            // If nothing has changed since its last attempt, it would repeat the same calls.
            let now = (search.held.len(), search.done.len());
            if search.tried.insert(by.role.clone(), now) != Some(now) {
                search.everything(&by);
            }
        }
        if search
            .held
            .iter()
            .any(|session| attacker.is_administrator(session))
        {
            return Some(search.trail);
        }
        if (search.held.len(), search.done.len()) == before
            && !search.limits()
            && !search.frees_a_name()
        {
            return None;
        }
    }
    None
}

struct Search<'s, 'a> {
    it: &'s Attacker<'a>,
    held: Vec<Session>,
    /// The actions done, by any session.
    done: BTreeSet<String>,
    trail: Vec<String>,
    /// The number of sessions and of completed actions when a role's session last tried everything.
    tried: BTreeMap<String, (usize, usize)>,
}

/// A possible call, and the queries that must be allowed before it.
struct Try {
    what: String,
    needs: Vec<Question>,
    then: Then,
}

#[derive(Debug, Clone)]
enum Then {
    Assume(String),
    OpenTrust(String),
    Put(String),
    Attach(String),
    Version(String),
    DropBoundary(String),
    ReplaceBoundary(String),
    Code(String),
    Configuration(String, Option<String>),
    Function(String, String, Run),
    NewRole(String, bool),
    Start(String, String),
}

/// The resource to delete, or the policy of which to delete a version, by its ARN.
enum InTheWay {
    Function(String),
    Role(String),
    Versions(String),
}

impl Search<'_, '_> {
    fn holds(&self, role: &str) -> bool {
        self.held.iter().any(|session| session.role == role)
    }

    fn hold(&mut self, session: Session, how: &str) {
        if !self.holds(&session.role) {
            self.trail.push(format!("{how} as {}", session.role));
            self.held.push(session);
        }
    }

    /// Does everything that a session may do and that has not been done yet.
    fn everything(&mut self, by: &Session) {
        let tries: Vec<Try> = self
            .tries(by)
            .into_iter()
            .filter(|it| !self.done.contains(&it.what))
            .collect();
        let questions: Vec<Question> = tries
            .iter()
            .flat_map(|it| it.needs.iter().cloned())
            .collect();
        let mut answers = self.it.decided(&by.arn, &questions).into_iter();
        for attempt in tries {
            let allowed: Vec<bool> = answers.by_ref().take(attempt.needs.len()).collect();
            if allowed.iter().all(|allowed| *allowed) {
                self.attempt(by, &attempt);
            }
        }
    }

    fn attempt(&mut self, by: &Session, attempt: &Try) {
        match self.call(by, attempt.then.clone()) {
            Ok(session) => {
                self.done.insert(attempt.what.clone());
                self.trail.push(format!("{} {}", by.role, attempt.what));
                if let Some(session) = session {
                    self.hold(session, "acts");
                }
            }
            // The role must also trust the session that assumes it, and earlier decisions may be
            // outdated; Lambda also checks a function's role.
            Err(error) => {
                assert!(
                    !error.contains("not authorized") || error.contains("Assume"),
                    "{} was decided otherwise: {error}",
                    attempt.what
                )
            }
        }
    }

    fn call(&self, by: &Session, then: Then) -> Result<Option<Session>, String> {
        let it = self.it;
        match then {
            Then::Assume(role) => it.assume(&by.key, &role).map(Some),
            Then::OpenTrust(role) => it.open_trust(by, &role).map(Some),
            Then::Put(role) => it.put_policy(by, &role).map(|()| None),
            Then::Attach(role) => it.attach(by, &role).map(|()| None),
            Then::Version(policy) => it.write_version(by, &policy).map(|()| None),
            Then::DropBoundary(role) => it.drop_boundary(by, &role).map(|()| None),
            Then::ReplaceBoundary(role) => it.replace_boundary(by, &role).map(|()| None),
            Then::Code(function) => it
                .change_code(by, &function)
                .and_then(|()| it.as_function(&function))
                .map(Some),
            Then::Configuration(function, role) => it
                .change_configuration(by, &function, role.as_deref())
                .and_then(|()| it.as_function(&function))
                .map(Some),
            Then::Function(name, role, how) => {
                let function = arn(&format!("function/{name}"));
                it.create_function(by, &function, &role)?;
                it.run(by, &function, how)?;
                it.as_function(&function).map(Some)
            }
            Then::NewRole(name, attaching) => {
                let role = arn(&format!("role/{name}"));
                it.create_role(by, &name)?;
                if attaching {
                    it.attach(by, &role)
                } else {
                    it.put_policy(by, &role)
                }?;
                it.assume_opened(by, &role).map(Some)
            }
            Then::Start(role, service) => {
                if it.trusts(&role, &service) {
                    it.begin(&role).map(Some)
                } else {
                    Ok(None)
                }
            }
        }
    }

    fn tries(&self, by: &Session) -> Vec<Try> {
        let mut tries = Vec::new();
        let elsewhere = self.elsewhere(by);
        let pass = |role: &str| {
            Question(
                "iam:PassRole".to_owned(),
                role.to_owned(),
                json!({"iam:PassedToService": "lambda.amazonaws.com"}),
            )
        };
        let passing: Vec<Question> = self
            .it
            .account
            .roles
            .iter()
            .map(|role| pass(&role.arn))
            .collect();
        let to_lambda = self.it.decided(&by.arn, &passing);
        for (role, to_lambda) in self.it.account.roles.iter().zip(to_lambda) {
            self.about_role(&role.arn, &mut tries);
            if !self.holds(&role.arn) {
                if to_lambda {
                    self.passed_to_lambda(by, &role.arn, &mut tries);
                }
                passed_elsewhere(&role.arn, &elsewhere, &mut tries);
            }
        }
        self.about_policies(&mut tries);
        for function in self.it.account.functions.keys() {
            let one = |what: &str, then| Try {
                what: format!("{what} of {function}"),
                needs: vec![asked(&format!("lambda:{what}"), function)],
                then,
            };
            tries.push(one("UpdateFunctionCode", Then::Code(function.clone())));
            tries.push(one(
                "UpdateFunctionConfiguration",
                Then::Configuration(function.clone(), None),
            ));
        }
        for name in self.it.names(&by.role, ":role/", "made") {
            let role = arn(&format!("role/{name}"));
            for (action, attaching) in
                [("iam:PutRolePolicy", false), ("iam:AttachRolePolicy", true)]
            {
                let needs = vec![
                    asked("iam:CreateRole", &role),
                    Question(
                        action.to_owned(),
                        role.clone(),
                        json!({"iam:PolicyARN": ADMINISTRATOR}),
                    ),
                ];
                tries.push(Try {
                    what: format!("CreateRole and {action} of {role}"),
                    needs,
                    then: Then::NewRole(name.clone(), attaching),
                });
            }
        }
        tries
    }

    fn about_role(&self, role: &str, tries: &mut Vec<Try>) {
        let mut add = |action: &str, context, then: Then| {
            tries.push(Try {
                what: format!("{action} of {role}"),
                needs: vec![Question(action.to_owned(), role.to_owned(), context)],
                then,
            });
        };
        let of = role.to_owned();
        if !self.holds(role) {
            let id = self
                .it
                .chosen(role)
                .map_or_else(|| json!({}), |id| json!({"sts:ExternalId": id}));
            add("sts:AssumeRole", id, Then::Assume(of.clone()));
            add(
                "iam:UpdateAssumeRolePolicy",
                json!({}),
                Then::OpenTrust(of.clone()),
            );
        }
        add("iam:PutRolePolicy", json!({}), Then::Put(of.clone()));
        add(
            "iam:AttachRolePolicy",
            json!({"iam:PolicyARN": ADMINISTRATOR}),
            Then::Attach(of.clone()),
        );
        add(
            "iam:DeleteRolePermissionsBoundary",
            json!({}),
            Then::DropBoundary(of.clone()),
        );
        add(
            "iam:PutRolePermissionsBoundary",
            json!({"iam:PermissionsBoundary": ADMINISTRATOR}),
            Then::ReplaceBoundary(of),
        );
    }

    fn about_policies(&self, tries: &mut Vec<Try>) {
        let roles = &self.it.account.roles;
        let attached = roles
            .iter()
            .flat_map(|role| role.policies.keys())
            .filter(|name| name.starts_with("arn:"));
        let policies: BTreeSet<&String> = attached
            .chain(
                roles
                    .iter()
                    .filter_map(|role| role.boundary.as_ref().map(|(arn, _)| arn)),
            )
            .collect();
        for policy in policies {
            let needs = vec![asked("iam:CreatePolicyVersion", policy)];
            tries.push(Try {
                what: format!("CreatePolicyVersion of {policy}"),
                needs,
                then: Then::Version(policy.clone()),
            });
        }
    }

    /// Adds the calls with a role that the session may pass to Lambda.
    fn passed_to_lambda(&self, by: &Session, role: &str, tries: &mut Vec<Try>) {
        // If the policy does not fix the name, there is one function for each role.
        for name in self.it.names(&by.role, ":function:", name(role)) {
            let function = arn(&format!("function/{name}"));
            for (action, how) in [
                ("lambda:InvokeFunction", Run::Invoke),
                ("lambda:AddPermission", Run::Permission),
                ("lambda:CreateEventSourceMapping", Run::Mapping),
            ] {
                let on = if how == Run::Mapping { "*" } else { &function };
                let running = Question(
                    action.to_owned(),
                    on.to_owned(),
                    json!({"lambda:FunctionArn": function, "lambda:Principal": OUTSIDE}),
                );
                let needs = vec![asked("lambda:CreateFunction", &function), running];
                let what = format!("CreateFunction {name} with {role} and {action}");
                tries.push(Try {
                    what,
                    needs,
                    then: Then::Function(name.clone(), role.to_owned(), how),
                });
            }
        }
        for function in self.it.account.functions.keys() {
            let needs = vec![asked("lambda:UpdateFunctionConfiguration", function)];
            let what = format!("UpdateFunctionConfiguration of {function} with {role}");
            tries.push(Try {
                what,
                needs,
                then: Then::Configuration(function.clone(), Some(role.to_owned())),
            });
        }
    }

    /// The paths through services that the mock does not have, for which a session has all
    /// permissions except that to pass a role.
    fn elsewhere(&self, by: &Session) -> Vec<&'static EscalationPath> {
        let other = |action: &str| {
            !["iam", "sts", "lambda", "sso"].contains(&action.split(':').next().unwrap_or_default())
        };
        // Only actions of services that its policies name are queried, since there are many.
        let policies = self
            .it
            .account
            .roles
            .iter()
            .filter(|role| role.arn == by.role)
            .flat_map(|role| role.policies.values());
        let spoken: String = policies.map(ToString::to_string).collect();
        let all = spoken.contains("NotAction") || spoken.contains("\"*\"");
        let other = |action: &str| {
            other(action)
                && (all || spoken.contains(&action[..=action.find(':').unwrap_or_default()]))
        };
        let own = |path: &&'static EscalationPath| {
            path.needs
                .iter()
                .all(|need| need.action == "iam:PassRole" || other(&need.action))
        };
        let actions: BTreeSet<&str> = catalogue()
            .iter()
            .filter(own)
            .flat_map(|path| &path.needs)
            .map(|need| need.action.as_str())
            .collect();
        let questions: Vec<Question> = actions.iter().map(|action| asked(action, "*")).collect();
        let answers = self.it.decided(&by.arn, &questions);
        let allowed: BTreeSet<&str> = actions
            .into_iter()
            .zip(answers)
            .filter(|(_, allowed)| *allowed)
            .map(|(action, _)| action)
            .collect();
        let has = |action: &str| action == "iam:PassRole" || allowed.contains(action);
        catalogue()
            .iter()
            .filter(own)
            .filter(|path| path.needs.iter().all(|need| has(&need.action)))
            .collect()
    }

    /// Deletes a resource whose name a session could give to a new one; returns whether there was
    /// one.
    fn frees_a_name(&mut self) -> bool {
        for by in self.held.clone() {
            let mut tries = self.tries(&by);
            tries.retain(|it| {
                !self.done.contains(&it.what) && in_the_way(self.it.account, &it.then).is_some()
            });
            let questions: Vec<Question> = tries
                .iter()
                .flat_map(|it| it.needs.iter().cloned())
                .collect();
            let mut answers = self.it.decided(&by.arn, &questions).into_iter();
            for attempt in tries {
                let allowed: Vec<bool> = answers.by_ref().take(attempt.needs.len()).collect();
                let Some(it) = in_the_way(self.it.account, &attempt.then)
                    .filter(|_| !allowed.contains(&false))
                else {
                    continue;
                };
                if by.role != it.arn()
                    && self
                        .held
                        .clone()
                        .iter()
                        .any(|deleter| self.deletes(deleter, &it))
                {
                    return true;
                }
            }
        }
        false
    }

    /// Deletes the resource if the session may; returns whether it did. No role deletes itself, and
    /// sessions of a deleted role are dropped.
    fn deletes(&mut self, by: &Session, it: &InTheWay) -> bool {
        let arn = it.arn();
        let what = format!("deletes {arn}");
        if self.done.contains(&what) || by.role == arn {
            return false;
        }
        let deleted = match it {
            InTheWay::Function(function) => self.it.delete_function(by, function),
            InTheWay::Role(role) => self.it.delete_role(by, role),
            InTheWay::Versions(policy) => self.it.delete_version(by, policy),
        };
        if deleted.is_ok() {
            self.held.retain(|session| session.role != arn);
            self.trail.push(format!("{} {what}", by.role));
            self.done.insert(what);
        }
        deleted.is_ok()
    }

    /// Removes policies with a Deny from roles with a session; returns whether there was one.
    fn limits(&mut self) -> bool {
        let mut any = false;
        for held in self.held.clone() {
            let role = self
                .it
                .account
                .roles
                .iter()
                .find(|role| role.arn == held.role);
            for (name, document) in role.into_iter().flat_map(|role| &role.policies) {
                let denies = document["Statement"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|it| it["Effect"] == "Deny");
                let what = format!("takes {name} from {}", held.role);
                if !denies || self.done.contains(&what) {
                    continue;
                }
                if let Some(by) = self
                    .held
                    .iter()
                    .find(|by| self.it.take_away(by, &held.role, name).is_ok())
                {
                    self.trail.push(format!("{} {what}", by.role));
                    self.done.insert(what);
                    any = true;
                }
            }
        }
        any
    }
}
