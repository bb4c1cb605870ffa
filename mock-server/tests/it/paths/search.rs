//! A search that knows no graph: whatever the sessions in hand can do is done, until one of them is
//! an administrator or nothing is left to do.
//!
//! What the attacker writes allows everything, so that no step takes away from what others gave,
//! and the order does not matter; but for taking away policies that deny, which may also allow, and
//! for deleting what has a name that something new could have: they come last.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_policy::role::{EscalationPath, catalogue};
use serde_json::json;

use super::OUTSIDE;
use super::accounts::{arn, name};
use super::attacker::{Attacker, Question, Run, Session};
use super::texts::{ADMINISTRATOR, asked};

mod obstacles;

use obstacles::{in_the_way, passed_elsewhere};

/// How often all sessions try everything; more than the longest chain of twenty roles.
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
            // Where nothing has changed since it tried, it would try the same.
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
    /// What was done, by whoever did it.
    done: BTreeSet<String>,
    trail: Vec<String>,
    /// How many sessions there were, and how much was done, when a role's session last tried
    /// everything.
    tried: BTreeMap<String, (usize, usize)>,
}

/// A call that may be worth making, and the questions that have to be answered with yes before.
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

/// What would have to be deleted, or of what a version, by its ARN.
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

    /// Does all that a session may do and that has not been done.
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
            // Who assumes a role has to be let in by it, and what was decided before may have
            // changed since; a function has its role checked.
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

    /// A role that it may pass to Lambda.
    fn passed_to_lambda(&self, by: &Session, role: &str, tries: &mut Vec<Try>) {
        // A function for each role, where the name is left open.
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

    /// The paths of services that the mock does not have for which a session has all permissions
    /// but that to pass a role.
    fn elsewhere(&self, by: &Session) -> Vec<&'static EscalationPath> {
        let other = |action: &str| {
            !["iam", "sts", "lambda", "sso"].contains(&action.split(':').next().unwrap_or_default())
        };
        // Of the many that there are, only those that its policies speak of are asked for.
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

    /// Deletes what has the name of something that a session in hand could make; whether there was
    /// something.
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

    /// Whether a session deletes what has a name; no role deletes itself, and a session of what is
    /// deleted is one no more.
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

    /// Takes away policies of roles in hand that deny; whether there was one.
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
