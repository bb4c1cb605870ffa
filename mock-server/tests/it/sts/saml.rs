//! Roles assumed with an assertion of a SAML provider.

use std::collections::BTreeMap;

use base64::Engine;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use super::{ACCOUNT, refused};
use crate::client::{Answer, Mock};

const ROLE: &str = "arn:aws:iam::111122223333:role/federated";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/idp";

/// A provider's response: its assertions by name, which can be removed or changed.
struct Response {
    audience: &'static str,
    until: &'static str,
    attributes: BTreeMap<&'static str, String>,
}

impl Response {
    fn new() -> Self {
        let attributes = [
            ("Role", format!("{PROVIDER},{ROLE}")),
            ("RoleSessionName", "ann@example.com".to_owned()),
        ];
        Self {
            audience: "https://signin.aws.amazon.com/saml",
            until: "2999-01-01T00:00:00Z",
            attributes: attributes.into(),
        }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.insert(name, value.to_owned());
        self
    }

    fn encoded(&self) -> String {
        let attribute = |(name, value): (&&str, &String)| {
            format!(
                r#"<Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}"><AttributeValue>{value}</AttributeValue></Attribute>"#
            )
        };
        let attributes: String = self.attributes.iter().map(attribute).collect();
        let text = format!(
            r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion><Issuer>https://idp.example.com</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">7ca82df9</NameID></Subject><Conditions NotOnOrAfter="{}"><AudienceRestriction><Audience>{}</Audience></AudienceRestriction></Conditions><AttributeStatement>{attributes}</AttributeStatement></Assertion></samlp:Response>"#,
            self.until, self.audience
        );
        base64::engine::general_purpose::STANDARD.encode(text)
    }
}

fn assume(mock: &Mock, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let parameters: Vec<(&str, &str)> = [
        ("RoleArn", ROLE),
        ("PrincipalArn", PROVIDER),
        ("SAMLAssertion", assertion),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .collect();
    mock.unsigned_sts("AssumeRoleWithSAML", &parameters)
}

fn with_role(actions: &[&str], provider: &str) -> Mock {
    let mock = Mock::start(Empty);
    let condition = json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}});
    let trust = json!([{"Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions, "Condition": condition}]);
    mock.role(
        ACCOUNT,
        "federated",
        &trust,
        &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    mock
}

#[test]
fn a_response_opens_the_role_that_it_offers() {
    let mock = with_role(
        &[
            "sts:AssumeRoleWithSAML",
            "sts:TagSession",
            "sts:SetSourceIdentity",
        ],
        PROVIDER,
    );
    let response = Response::new()
        .with("PrincipalTag:team", "orders")
        .with("SourceIdentity", "ann");
    let answer = assume(&mock, &response.encoded(), &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    for (element, value) in [
        (
            "Arn",
            "arn:aws:sts::111122223333:assumed-role/federated/ann@example.com",
        ),
        ("Issuer", "https://idp.example.com"),
        ("Subject", "7ca82df9"),
        ("SubjectType", "persistent"),
        ("Audience", "https://signin.aws.amazon.com/saml"),
        ("SourceIdentity", "ann"),
    ] {
        assert_eq!(answer.element(element), Some(value), "{}", answer.body);
    }
    let of = mock.sts(
        ACCOUNT,
        "GetAccessKeyInfo",
        &[("AccessKeyId", answer.element("AccessKeyId").unwrap())],
    );
    assert_eq!(of.element("Account"), Some(ACCOUNT), "{}", of.body);
}

#[test]
fn a_response_that_cannot_be_used_is_refused() {
    let mock = with_role(&["sts:AssumeRoleWithSAML"], PROVIDER);
    let token = "InvalidIdentityToken";
    refused(
        &assume(&mock, "bm8gWE1M", &[]),
        400,
        token,
        "Invalid base64 SAMLResponse",
    );
    refused(
        &assume(
            &mock,
            &Response {
                audience: "https://other.example.com",
                ..Response::new()
            }
            .encoded(),
            &[],
        ),
        400,
        token,
        "required audience",
    );
    let over = Response {
        until: "2012-01-01T00:00:00Z",
        ..Response::new()
    };
    refused(
        &assume(&mock, &over.encoded(), &[]),
        400,
        "ExpiredTokenException",
        "Token must be redeemed within 5 minutes of issuance",
    );
    let mut nameless = Response::new();
    nameless.attributes.remove("RoleSessionName");
    refused(
        &assume(&mock, &nameless.encoded(), &[]),
        400,
        token,
        "RoleSessionName is required in AuthnResponse",
    );
    let response = Response::new().with("RoleSessionName", "a b");
    refused(
        &assume(&mock, &response.encoded(), &[]),
        400,
        token,
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    );
    let response = Response::new().with("SourceIdentity", "a b");
    refused(
        &assume(&mock, &response.encoded(), &[]),
        400,
        token,
        "Source Identity must match",
    );

    let denied = "Not authorized to perform sts:AssumeRoleWithSAML";
    let response = Response::new().with("Role", &format!("{PROVIDER},{ROLE}-of-another"));
    refused(
        &assume(&mock, &response.encoded(), &[]),
        403,
        "AccessDenied",
        denied,
    );
    // The role must also trust tags and source identities.
    for response in [
        Response::new().with("PrincipalTag:team", "x"),
        Response::new().with("SourceIdentity", "ann"),
    ] {
        refused(
            &assume(&mock, &response.encoded(), &[]),
            403,
            "AccessDenied",
            denied,
        );
    }
    let words = "Requested DurationSeconds exceeds MaxSessionDuration set for this role.";
    refused(
        &assume(
            &mock,
            &Response::new().encoded(),
            &[("DurationSeconds", "7200")],
        ),
        400,
        "ValidationError",
        words,
    );
    let other = with_role(
        &["sts:AssumeRoleWithSAML"],
        "arn:aws:iam::111122223333:saml-provider/other",
    );
    refused(
        &assume(&other, &Response::new().encoded(), &[]),
        400,
        token,
        "Specified provider doesn't exist.",
    );
}

#[test]
fn a_trust_policy_sees_the_session_that_a_response_asks_for() {
    let mock = Mock::start(Empty);
    let statement = |actions: &[&str], condition: Value| json!({"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": actions, "Condition": condition});
    let trust = json!([
        statement(
            &["sts:AssumeRoleWithSAML"],
            json!({"StringLike": {"sts:RoleSessionName": "ann@*"}})
        ),
        statement(
            &["sts:SetSourceIdentity"],
            json!({"StringEquals": {"sts:SourceIdentity": "ann"}})
        ),
        statement(
            &["sts:TagSession"],
            json!({
                "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"], "sts:TransitiveTagKeys": ["team"]}
            })
        ),
    ]);
    mock.role(
        ACCOUNT,
        "federated",
        &trust,
        &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    let tagged = || {
        Response::new()
            .with("PrincipalTag:team", "orders")
            .with("PrincipalTag:stage", "prod")
    };
    for response in [
        Response::new(),
        Response::new().with("SourceIdentity", "ann"),
        tagged(),
        tagged().with("TransitiveTagKeys", "team"),
    ] {
        let answer = assume(&mock, &response.encoded(), &[]);
        assert_eq!(
            answer.status, 200,
            "{:?}: {}",
            response.attributes, answer.body
        );
    }
    for response in [
        Response::new().with("RoleSessionName", "bob@example.com"),
        Response::new().with("SourceIdentity", "bob"),
        tagged().with("PrincipalTag:admin", "yes"),
        tagged().with("TransitiveTagKeys", "stage"),
    ] {
        refused(
            &assume(&mock, &response.encoded(), &[]),
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        );
    }
}
