//! An attacker with sessions of roles: performs each step of a path by the calls that it needs,
//! with the available credentials. Documents that the attacker writes allow everything, and trust
//! policies that it writes trust the attacking role and an account outside the organisation.

use serde_json::{Value, json};

use super::OUTSIDE;
use super::accounts::{ACCOUNT, Account};
use super::texts::{
    ADMINISTRATOR, asked, everything, granted, last, opened, region, resources_of, role_name,
};
use crate::client::Mock;
use crate::lambda::zip;

/// A session of a role.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The access key.
    pub(crate) key: String,
    /// The session's own ARN.
    pub(crate) arn: String,
    /// The role's ARN.
    pub(crate) role: String,
}

/// A query to the enforcement: action, resource, and further context keys.
#[derive(Debug, Clone)]
pub(crate) struct Question(pub(crate) String, pub(crate) String, pub(crate) Value);

/// How a function is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    Invoke,
    /// By a principal outside the account, which is given permission.
    Permission,
    /// By an event source mapping for a queue.
    Mapping,
}

/// Calls in an account, each of which returns its result or the error.
pub(crate) struct Attacker<'a> {
    pub(crate) mock: &'a Mock,
    pub(crate) account: &'a Account,
}

impl Attacker<'_> {
    /// A session of code that runs with a role.
    pub(crate) fn begin(&self, role: &str) -> Result<Session, String> {
        self.handed_over(role, &json!({"role": role}))
    }

    /// The session of a function's code.
    pub(crate) fn as_function(&self, function: &str) -> Result<Session, String> {
        let answer = self.mock.rest(
            ACCOUNT,
            region(function),
            "lambda",
            "GET",
            &format!("/2015-03-31/functions/{}/configuration", last(function)),
            "",
        );
        let role = granted(answer)?.json()["Role"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.handed_over(&role, &json!({"function": function}))
    }

    fn handed_over(&self, role: &str, of: &Value) -> Result<Session, String> {
        let answer = granted(
            self.mock
                .post("POST", "/_mock/credentials", &of.to_string()),
        )?
        .json();
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(Session {
            key: text("AccessKeyId"),
            arn: text("Arn"),
            role: role.to_owned(),
        })
    }

    /// Whether the enforcement allows calls.
    pub(crate) fn decided(&self, principal: &str, questions: &[Question]) -> Vec<bool> {
        let question = |Question(action, resource, context): &Question| json!({"principal": principal, "action": action, "resource": resource, "context": context});
        let body = Value::Array(questions.iter().map(question).collect());
        let answer = self
            .mock
            .post("POST", "/_mock/authorize", &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
            .json()
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["decision"] == "allowed")
            .collect()
    }

    pub(crate) fn may(
        &self,
        session: &Session,
        action: &str,
        resource: &str,
    ) -> Result<(), String> {
        self.may_with(session, &asked(action, resource))
    }

    pub(crate) fn may_with(&self, session: &Session, question: &Question) -> Result<(), String> {
        if self.decided(&session.arn, std::slice::from_ref(question)) == [true] {
            Ok(())
        } else {
            Err(format!(
                "{} may not {} on {} with {}",
                session.arn, question.0, question.1, question.2
            ))
        }
    }

    /// Whether a service may assume a role.
    pub(crate) fn trusts(&self, role: &str, service: &str) -> bool {
        self.decided(
            service,
            &[Question(
                "sts:AssumeRole".to_owned(),
                role.to_owned(),
                json!({"aws:SourceAccount": ACCOUNT}),
            )],
        ) == [true]
    }

    /// Whether a session may do everything expected of an administrator, in several services; or
    /// may use a service that no policy names, and write its own policies: a Deny does not make an
    /// administrator weaker if it can be removed.
    pub(crate) fn is_administrator(&self, session: &Session) -> bool {
        let probes = [
            ("iam:CreateUser", "arn:aws:iam::111122223333:user/probe"),
            ("iam:CreateAccountAlias", "*"),
            ("s3:PutBucketPolicy", "arn:aws:s3:::probe"),
            (
                "ec2:TerminateInstances",
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718",
            ),
            ("kms:CreateKey", "*"),
            (
                "lambda:DeleteFunction",
                "arn:aws:lambda:eu-west-1:111122223333:function:probe",
            ),
            ("organizations:LeaveOrganization", "*"),
        ];
        let unheard = [
            ("service-of-tomorrow:DoAnything", "*"),
            ("iam:PutRolePolicy", session.role.as_str()),
        ];
        let questions: Vec<Question> = probes
            .iter()
            .chain(&unheard)
            .map(|(action, resource)| asked(action, resource))
            .collect();
        let allowed = self.decided(&session.arn, &questions);
        let (all, own) = allowed.split_at(probes.len());
        !all.contains(&false) || !own.contains(&false)
    }

    fn iam(
        &self,
        session: &Session,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(), String> {
        granted(self.mock.iam(&session.key, operation, parameters))
            .map(|_| ())
            .map_err(|error| format!("{operation}: {error}"))
    }

    /// A call about a function, in its Region.
    fn lambda(
        &self,
        session: &Session,
        function: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(), String> {
        let answer = self.mock.rest(
            &session.key,
            region(function),
            "lambda",
            method,
            &format!("/2015-03-31/{path}"),
            &body.to_string(),
        );
        granted(answer)
            .map(|_| ())
            .map_err(|error| format!("{method} {path}: {error}"))
    }

    /// The external id that a trust policy requires, which the caller chooses.
    pub(crate) fn chosen(&self, role: &str) -> Option<String> {
        let trust = self
            .account
            .roles
            .iter()
            .find(|it| it.arn == role)?
            .trust
            .as_ref()?;
        let conditions = trust["Statement"]
            .as_array()?
            .iter()
            .filter_map(|it| it["Condition"]["StringEquals"]["sts:ExternalId"].as_str());
        conditions.map(str::to_owned).next()
    }

    pub(crate) fn assume(&self, key: &str, role: &str) -> Result<Session, String> {
        let id = self.chosen(role);
        let mut parameters = vec![("RoleArn", role), ("RoleSessionName", "job")];
        parameters.extend(id.iter().map(|id| ("ExternalId", id.as_str())));
        let answer = granted(self.mock.sts(key, "AssumeRole", &parameters))
            .map_err(|error| format!("AssumeRole: {error}"))?;
        let key = answer.element("AccessKeyId").unwrap_or_default().to_owned();
        let arn = format!(
            "arn:aws:sts::{ACCOUNT}:assumed-role/{}/job",
            role_name(role)
        );
        Ok(Session {
            key,
            arn,
            role: role.to_owned(),
        })
    }

    /// Assumes a role whose trust policy the attacker wrote; if the attacker's role may not, from
    /// the account outside.
    pub(crate) fn assume_opened(&self, by: &Session, role: &str) -> Result<Session, String> {
        self.assume(&by.key, role)
            .or_else(|_| self.assume(OUTSIDE, role))
    }

    pub(crate) fn open_trust(&self, by: &Session, role: &str) -> Result<Session, String> {
        self.iam(
            by,
            "UpdateAssumeRolePolicy",
            &[
                ("RoleName", role_name(role)),
                ("PolicyDocument", &opened(by)),
            ],
        )?;
        self.assume_opened(by, role)
    }

    pub(crate) fn put_policy(&self, by: &Session, role: &str) -> Result<(), String> {
        let document = everything();
        self.iam(
            by,
            "PutRolePolicy",
            &[
                ("RoleName", role_name(role)),
                ("PolicyName", "more"),
                ("PolicyDocument", &document),
            ],
        )
    }

    pub(crate) fn attach(&self, by: &Session, role: &str) -> Result<(), String> {
        self.iam(
            by,
            "AttachRolePolicy",
            &[("RoleName", role_name(role)), ("PolicyArn", ADMINISTRATOR)],
        )
    }

    pub(crate) fn write_version(&self, by: &Session, policy: &str) -> Result<(), String> {
        let document = everything();
        self.iam(
            by,
            "CreatePolicyVersion",
            &[
                ("PolicyArn", policy),
                ("PolicyDocument", &document),
                ("SetAsDefault", "true"),
            ],
        )
    }

    /// Deletes a version of a policy that is not the default.
    pub(crate) fn delete_version(&self, by: &Session, policy: &str) -> Result<(), String> {
        self.iam(
            by,
            "DeletePolicyVersion",
            &[("PolicyArn", policy), ("VersionId", "v2")],
        )
    }

    /// Makes an existing version the default.
    pub(crate) fn set_default(
        &self,
        by: &Session,
        policy: &str,
        version: &str,
    ) -> Result<(), String> {
        self.iam(
            by,
            "SetDefaultPolicyVersion",
            &[("PolicyArn", policy), ("VersionId", version)],
        )
    }

    /// Creates a role; a path may precede the name.
    pub(crate) fn create_role(&self, by: &Session, named: &str) -> Result<(), String> {
        let name = role_name(named);
        let path = format!("/{}", &named[..named.len() - name.len()]);
        self.iam(
            by,
            "CreateRole",
            &[
                ("Path", &path),
                ("RoleName", name),
                ("AssumeRolePolicyDocument", &opened(by)),
            ],
        )
    }

    /// Deletes a role, and first everything that prevents its deletion; does nothing if a part of
    /// that is not allowed. The mock has no instance profiles.
    pub(crate) fn delete_role(&self, by: &Session, role: &str) -> Result<(), String> {
        let known = self
            .account
            .roles
            .iter()
            .find(|it| it.arn == role)
            .ok_or_else(|| format!("there is no {role}"))?;
        self.may(by, "iam:DeleteRole", role)?;
        known
            .profiles
            .iter()
            .try_for_each(|profile| self.may(by, "iam:RemoveRoleFromInstanceProfile", profile))?;
        known.policies.keys().try_for_each(|policy| {
            let action = if policy.starts_with("arn:") {
                "iam:DetachRolePolicy"
            } else {
                "iam:DeleteRolePolicy"
            };
            self.may_with(
                by,
                &Question(
                    action.to_owned(),
                    role.to_owned(),
                    json!({"iam:PolicyARN": policy}),
                ),
            )
        })?;
        known
            .policies
            .keys()
            .try_for_each(|policy| self.take_away(by, role, policy))?;
        self.iam(by, "DeleteRole", &[("RoleName", role_name(role))])
    }

    pub(crate) fn drop_boundary(&self, by: &Session, role: &str) -> Result<(), String> {
        self.iam(
            by,
            "DeleteRolePermissionsBoundary",
            &[("RoleName", role_name(role))],
        )
    }

    pub(crate) fn replace_boundary(&self, by: &Session, role: &str) -> Result<(), String> {
        self.iam(
            by,
            "PutRolePermissionsBoundary",
            &[
                ("RoleName", role_name(role)),
                ("PermissionsBoundary", ADMINISTRATOR),
            ],
        )
    }

    /// Removes a policy from a role, by its name or, for a managed policy, its ARN.
    pub(crate) fn take_away(&self, by: &Session, role: &str, policy: &str) -> Result<(), String> {
        let name = ("RoleName", role_name(role));
        if policy.starts_with("arn:") {
            self.iam(by, "DetachRolePolicy", &[name, ("PolicyArn", policy)])
        } else {
            self.iam(by, "DeleteRolePolicy", &[name, ("PolicyName", policy)])
        }
    }

    /// Creates a function that runs as a role.
    pub(crate) fn create_function(
        &self,
        by: &Session,
        function: &str,
        role: &str,
    ) -> Result<(), String> {
        let code = json!({"ZipFile": zip("")});
        let body = json!({"FunctionName": last(function), "Role": role, "Runtime": "python3.13", "Handler": "f.g", "Code": code});
        self.lambda(by, function, "POST", "functions", &body)
    }

    pub(crate) fn delete_function(&self, by: &Session, function: &str) -> Result<(), String> {
        self.lambda(
            by,
            function,
            "DELETE",
            &format!("functions/{}", last(function)),
            &json!({}),
        )
    }

    pub(crate) fn run(&self, by: &Session, function: &str, how: Run) -> Result<(), String> {
        let name = last(function);
        match how {
            Run::Invoke => {
                let invoke = |name: &str| {
                    granted(
                        self.mock
                            .invoke(&by.key, region(function), name, "RequestResponse"),
                    )
                };
                invoke(name)
                    .or_else(|_| invoke(&format!("{name}:$LATEST")))
                    .map(|_| ())
                    .map_err(|it| format!("Invoke: {it}"))
            }
            Run::Permission => {
                let body = json!({"StatementId": "outside", "Action": "lambda:InvokeFunction", "Principal": OUTSIDE});
                self.lambda(
                    by,
                    function,
                    "POST",
                    &format!("functions/{name}/policy"),
                    &body,
                )?;
                granted(
                    self.mock
                        .invoke(OUTSIDE, region(function), function, "RequestResponse"),
                )
                .map(|_| ())
                .map_err(|it| format!("Invoke from outside: {it}"))
            }
            Run::Mapping => {
                let body = json!({"FunctionName": name, "EventSourceArn": format!("arn:aws:sqs:{}:{ACCOUNT}:queue", region(function))});
                self.lambda(by, function, "POST", "event-source-mappings", &body)
            }
        }
    }

    pub(crate) fn change_code(&self, by: &Session, function: &str) -> Result<(), String> {
        self.lambda(
            by,
            function,
            "PUT",
            &format!("functions/{}/code", last(function)),
            &json!({"ZipFile": zip("")}),
        )
    }

    /// Makes a function's runtime load other code; if a role is given, the function uses it from
    /// now on.
    pub(crate) fn change_configuration(
        &self,
        by: &Session,
        function: &str,
        role: Option<&str>,
    ) -> Result<(), String> {
        let mut body = json!({"Environment": {"Variables": {"NODE_OPTIONS": "--import data:text/javascript,0"}}});
        if let Some(role) = role {
            body["Role"] = json!(role);
        }
        self.lambda(
            by,
            function,
            "PUT",
            &format!("functions/{}/configuration", last(function)),
            &body,
        )
    }

    /// Names of new or existing resources, from the resources in a role's policies; `kind` precedes
    /// the name in an ARN, as in `:role/`, and `open` replaces the wildcard `*`.
    pub(crate) fn names(&self, role: &str, kind: &str, open: &str) -> Vec<String> {
        let policies = self
            .account
            .roles
            .iter()
            .filter(|it| it.arn == role)
            .flat_map(|it| it.policies.values());
        let resources =
            policies.flat_map(|document| super::accounts::words(&resources_of(document)));
        let named = resources.filter_map(|it| {
            it.split_once(kind)
                .map(|(_, name)| name.replace('*', open).replace('?', "x"))
        });
        let mut names: Vec<String> = named.chain([open.to_owned()]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
