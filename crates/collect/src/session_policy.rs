//! The IAM policies that a scan needs, generated from the collectors' declarations. They limit
//! every session, even that of a role with administrator access.

use std::collections::BTreeSet;

use lambdasweep_aws::SessionPolicy;
use lambdasweep_tables::{Fact, facts};

use crate::collector::{Collector, Run, needed};
use crate::services::lambda::function_details::GET_FUNCTION;
use crate::services::{COLLECTORS, SERVICES};

/// The maximum number of characters of an inline session policy. Source: "AssumeRole", IAM API
/// Reference.
const MOST_CHARACTERS: usize = 2048;

/// The IAM actions that reading these facts in an account needs, sorted. The organisation is read
/// with the caller's own credentials.
pub fn iam_actions(facts: &[Fact]) -> Vec<&'static str> {
    let collectors = needed(facts);
    let services = SERVICES.iter().map(|service| service.name);
    let actions: BTreeSet<&str> = services
        .flat_map(|service| actions_of(&collectors, service))
        .collect();
    actions.into_iter().collect()
}

/// The actions that are needed to read one service.
fn actions_of(collectors: &[Collector], service: &str) -> BTreeSet<&'static str> {
    let of_service = |collector: &&Collector| {
        let mut operations = collector.operations.iter();
        !matches!(collector.run, Run::Organization)
            && operations.any(|operation| operation.service() == service)
    };
    let mut actions = BTreeSet::new();
    for collector in collectors.iter().filter(of_service) {
        let operations = collector.operations.iter();
        let of_service = operations.filter(|operation| operation.service() == service);
        actions.extend(of_service.map(lambdasweep_aws::Operation::iam_action));
        actions.extend(collector.further_actions);
    }
    // If anything is read per function, it may be necessary to ask whether the function still
    // exists.
    let by_function = collectors.iter().any(|it| it.of_function().is_some());
    if by_function && GET_FUNCTION.service() == service {
        actions.insert(GET_FUNCTION.iam_action());
    }
    actions
}

/// Inline session policies that together allow only these reads, with as few sessions as the
/// maximum length permits. Each service is read with one of them.
pub fn session_policies(facts: &[Fact]) -> Vec<SessionPolicy> {
    let collectors = needed(facts);
    let mut needs: Vec<Need> = SERVICES
        .iter()
        .map(|service| Need {
            service: service.name,
            actions: actions_of(&collectors, service.name),
            statements: service.statements,
        })
        .filter(|need| !need.actions.is_empty())
        .collect();
    // The service that is read first in every account is in the first session.
    let regions = COLLECTORS.iter().filter(|it| it.fact == facts::REGIONS);
    let first: Vec<&str> = regions
        .flat_map(|it| it.operations)
        .map(lambdasweep_aws::Operation::service)
        .collect();
    needs.sort_by_key(|need| !first.contains(&need.service));
    pack(&needs)
}

/// What is needed to read a service.
struct Need {
    service: &'static str,
    actions: BTreeSet<&'static str>,
    statements: &'static [&'static str],
}

/// Adds services to a session while its policy is short enough.
fn pack(needs: &[Need]) -> Vec<SessionPolicy> {
    let mut policies = Vec::new();
    let mut left = needs;
    while !left.is_empty() {
        let fitting = (1..=left.len())
            .take_while(|some| document(&left[..*some]).len() <= MOST_CHARACTERS)
            .last();
        // AWS would reject the policy of a service that is too long by itself; a test finds this
        // earlier.
        let (some, rest) = left.split_at(fitting.unwrap_or(1));
        policies.push(SessionPolicy {
            services: some.iter().map(|need| need.service).collect(),
            document: document(some),
        });
        left = rest;
    }
    policies
}

fn document(needs: &[Need]) -> String {
    let actions: Vec<&str> = needs
        .iter()
        .flat_map(|need| &need.actions)
        .copied()
        .collect();
    let allow = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let mut statements = vec![allow.to_string()];
    let further = needs.iter().flat_map(|need| need.statements);
    statements.extend(further.map(|statement| (*statement).to_owned()));
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use lambdasweep_policy::actions::{self, AccessLevel};
    use lambdasweep_policy::{Document, Effect};

    use lambdasweep_tables::facts;

    use super::{MOST_CHARACTERS, Need, iam_actions, pack, session_policies};
    use crate::services::{COLLECTORS, SERVICES};

    /// Actions that the table classifies as reads but that return customers' data: secrets,
    /// objects, messages, records, decrypted data.
    const RETURNING_DATA: &[&str] = &[
        "athena:GetQueryResults*",
        "codecommit:GetBlob",
        "codecommit:GetFile",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
        "kinesis:GetRecords",
        "kms:Decrypt",
        "lambda:GetDurableExecution*",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetLogRecord",
        "logs:GetQueryResults",
        "logs:StartLiveTail",
        "logs:StartQuery",
        "logs:Unmask",
        "s3:GetObject*",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParameters*",
        "sts:Assume*",
        "sts:Get*Token",
    ];

    /// Every collector that is called per function must be able to find out that a function was
    /// deleted.
    #[test]
    fn whether_a_function_is_there_may_be_asked_where_functions_are_read() {
        let asks = |fact| iam_actions(&[fact]).contains(&"lambda:GetFunction");
        assert!(
            asks(facts::ALIASES)
                && asks(facts::EVENT_INVOKE_CONFIGS)
                && !asks(facts::FUNCTIONS)
                && !asks(facts::ROLES)
        );
    }

    /// The names of the operations in the sources of this crate and the one below: those that are
    /// called with the caller's own credentials are declared by no collector.
    fn operations_in_sources() -> BTreeSet<String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut left = vec![here.join("src"), here.join("../aws/src")];
        let mut names = BTreeSet::new();
        while let Some(path) = left.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).expect("a folder");
                left.extend(entries.map(|entry| entry.expect("an entry").path()));
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a file");
            let declared = text.split("Operation::new(").skip(1);
            let quoted = declared.filter_map(|after| after.split('"').nth(1));
            names.extend(quoted.filter(|name| name.contains(':')).map(str::to_owned));
        }
        names
    }

    #[test]
    fn every_action_reads_and_none_returns_data() {
        let of_collectors: BTreeMap<&str, &str> = COLLECTORS
            .iter()
            .flat_map(|collector| collector.operations)
            .map(|operation| (operation.name, operation.iam_action()))
            .collect();
        let mut operations = operations_in_sources();
        assert!(operations.contains("organizations:ListAccounts"));
        // An account is entered by assuming a role.
        assert!(operations.remove("sts:AssumeRole"));
        let of_sources = operations.iter().map(|operation| {
            let name = operation.as_str();
            of_collectors.get(name).copied().unwrap_or(name)
        });
        let actions: BTreeSet<&str> = iam_actions(facts::ALL)
            .into_iter()
            .chain(of_sources)
            .collect();
        for action in &actions {
            assert!(
                actions::find(action).is_some(),
                "{action} is not in the table"
            );
            let level = actions::levels(action).highest();
            assert!(
                matches!(level, Some(AccessLevel::List | AccessLevel::Read)),
                "{action}: {level:?}"
            );
        }
        for pattern in RETURNING_DATA {
            let refused = actions::expand(pattern);
            assert!(!refused.is_empty(), "{pattern} matches nothing");
            for action in refused {
                let name = action.to_string();
                assert!(
                    !actions
                        .iter()
                        .any(|allowed| allowed.eq_ignore_ascii_case(&name)),
                    "{name} returns data"
                );
            }
        }
    }

    /// The additional statements of services allow only actions through another service on their
    /// behalf.
    #[test]
    fn further_statements_hold_through_a_service_only() {
        for statement in SERVICES.iter().flat_map(|service| service.statements) {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            let document = Document::parse(&text).expect("a policy");
            for statement in &document.statements {
                assert_eq!(statement.effect, Effect::Allow);
                assert_eq!(statement.actions_text(), "kms:Decrypt");
                assert_eq!(statement.condition_keys(), ["kms:ViaService"]);
            }
        }
    }

    #[test]
    fn each_service_is_read_with_one_session_that_allows_all_its_calls() {
        let policies = session_policies(facts::ALL);
        assert!(
            policies
                .iter()
                .all(|it| it.document.len() <= MOST_CHARACTERS)
        );
        assert!(policies[0].services.contains(&"account"), "{policies:?}");
        for operation in COLLECTORS.iter().flat_map(|it| it.operations) {
            if operation.service() == "organizations" {
                continue;
            }
            let of_service =
                |it: &&lambdasweep_aws::SessionPolicy| it.services.contains(&operation.service());
            let sessions: Vec<_> = policies.iter().filter(of_service).collect();
            assert_eq!(sessions.len(), 1, "{}", operation.name);
            assert!(
                sessions[0].document.contains(operation.iam_action()),
                "{}",
                operation.name
            );
        }
    }

    #[test]
    fn services_that_do_not_fit_into_one_policy_get_more() {
        let need = |service, action: &'static str| Need {
            service,
            actions: [action].into(),
            statements: &[],
        };
        let long: &'static str = "x".repeat(900).leak();
        let needs = [
            need("a", long),
            need("b", long),
            need("c", long),
            need("d", "d:Get"),
        ];
        let packed = pack(&needs);
        let services: Vec<_> = packed.iter().map(|it| it.services.clone()).collect();
        assert_eq!(services, [vec!["a", "b"], vec!["c", "d"]]);
        assert!(packed.iter().all(|it| it.document.len() <= MOST_CHARACTERS));
    }
}
