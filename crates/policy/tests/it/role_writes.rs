//! Whether roles may write to queues and topics.

use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::role::{MayWrite, TargetPolicy, may_write};

use serde_json::{Value, json};

use crate::roles::{ROLE, document, role};

#[test]
fn a_role_may_write_where_its_policies_and_the_targets_let_it() {
    let (own, other) = (
        "arn:aws:sqs:eu-west-1:111122223333:q",
        "arn:aws:sqs:eu-west-1:444455556666:q",
    );
    let send = json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]);
    let nothing = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
    let to = |principal: Value, extra: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*"});
        statement
            .as_object_mut()
            .expect("a statement")
            .extend(extra.as_object().expect("members").clone());
        json!([statement])
    };
    let deny = |condition: Value| json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": condition}]);
    let named = to(json!({"AWS": ROLE}), json!({}));
    let cases = [
        ("by the role's policies", &send, own, None, "yes"),
        ("by nobody", &nothing, own, None, "no"),
        (
            "by the target's policy",
            &nothing,
            own,
            Some(named.clone()),
            "yes",
        ),
        (
            "across accounts by the role alone",
            &send,
            other,
            None,
            "no",
        ),
        (
            "across accounts by the target alone",
            &nothing,
            other,
            Some(named.clone()),
            "no",
        ),
        (
            "across accounts by both",
            &send,
            other,
            Some(named.clone()),
            "yes",
        ),
        (
            "across accounts by both, by the account",
            &send,
            other,
            Some(to(json!({"AWS": "111122223333"}), json!({}))),
            "yes",
        ),
        (
            "denied by the target",
            &send,
            own,
            Some(
                json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]),
            ),
            "no",
        ),
        (
            "denied without TLS",
            &send,
            own,
            Some(deny(json!({"Bool": {"aws:SecureTransport": "false"}}))),
            "yes",
        ),
        (
            "denied from elsewhere",
            &send,
            own,
            Some(deny(
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
            )),
            "unknown",
        ),
        (
            "denied from a network",
            &send,
            own,
            Some(deny(json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}))),
            "unknown",
        ),
        (
            "let in from a network",
            &nothing,
            own,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
            )),
            "unknown",
        ),
        (
            "let in for an organisation",
            &send,
            other,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}),
            )),
            "yes",
        ),
        (
            "let in for another organisation",
            &send,
            other,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}}),
            )),
            "no",
        ),
        (
            "let in as a session",
            &send,
            other,
            Some(to(
                json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/f"}),
                json!({}),
            )),
            "unknown",
        ),
    ];
    for (name, identity, queue, policy, expected) in cases {
        let (identity, policy) = (document(identity), policy.as_ref().map(document));
        let role = RoleInput {
            organization: Some("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
            ..role(&identity)
        };
        let target = policy
            .as_ref()
            .map_or(TargetPolicy::None, TargetPolicy::Document);
        let answer = may_write(&role, "sqs:SendMessage", queue, target);
        assert_eq!(answer.may.as_str(), expected, "{name}: {answer:?}");
        assert_eq!(
            answer.depends_on.is_empty(),
            expected != "unknown",
            "{name}: {answer:?}"
        );
        if expected == "yes" {
            assert_eq!(
                may_write(&role, "sqs:SendMessage", queue, TargetPolicy::Unread).may,
                MayWrite::Unknown,
                "{name}"
            );
        }
        let unread = RoleInput {
            boundary: Some(NamedPolicy {
                name: "b",
                document: None,
            }),
            ..role.clone()
        };
        assert_ne!(
            may_write(&unread, "sqs:SendMessage", queue, target).may,
            MayWrite::Yes,
            "{name} with a boundary that was not read"
        );
    }
}
