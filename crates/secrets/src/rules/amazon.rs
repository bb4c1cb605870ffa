//! Amazon Web Services. Sources: "IAM identifiers" (unique ids; AKIA, ASIA, ABIA, ACCA), "Amazon
//! Bedrock API keys", "Authenticating requests: using query parameters" (S3), "Signed URLs"
//! (CloudFront), and "Amazon MWS" (amzn.mws).

use super::{Rule, judged, token, whole};
use crate::verify::{aws_key_id, ses_password};

pub(super) const RULES: &[Rule] = &[
    judged(
        aws_key_id,
        token(
            "aws-access-key-id",
            "an AWS access key id",
            &["AKIA", "ASIA"],
            "[A-Z2-7]{16}",
        ),
    ),
    judged(
        aws_key_id,
        token(
            "aws-bearer-token",
            "an AWS service bearer token",
            &["ABIA", "ACCA"],
            "[A-Z2-7]{16}",
        ),
    ),
    whole(
        "aws-session-token",
        "an AWS session token",
        &["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"],
        r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=%]{80,}",
    ),
    whole(
        "aws-bedrock-key",
        "an Amazon Bedrock API key",
        &["ABSK"],
        r"\bABSK[A-Za-z0-9+/]{80,}={0,2}",
    ),
    whole(
        "aws-bedrock-key",
        "an Amazon Bedrock API key",
        &["bedrock-api-key-"],
        r"\bbedrock-api-key-[A-Za-z0-9+/]{80,}={0,2}",
    ),
    token(
        "appsync-key",
        "an AWS AppSync API key",
        &["da2-"],
        "[a-z0-9]{26}",
    ),
    judged(
        ses_password,
        whole(
            "ses-smtp-password",
            "an Amazon SES SMTP password",
            &["B"],
            r"(?:^|[^A-Za-z0-9+/_-])(?<secret>B[A-P][A-Za-z0-9+/]{42})(?:$|[^A-Za-z0-9+/=_-])",
        ),
    ),
    token(
        "aws-mws-token",
        "an Amazon MWS token",
        &["amzn.mws."],
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    token(
        "amazon-oauth-secret",
        "a Login with Amazon client secret",
        &["amzn1.oa2-cs.v1."],
        "[0-9a-f]{64}",
    ),
    whole(
        "amazon-oauth-token",
        "a Login with Amazon token",
        &["atza|", "atzr|", "atna|"],
        r"\b(?i:atza|atzr|atna)\|[A-Za-z0-9_%/+=-]{60,}",
    ),
    whole(
        "presigned-url",
        "a presigned URL",
        &[
            "x-amz-signature",
            "x-amz-security-token",
            "?signature",
            "&signature",
        ],
        r"(?i)(?:x-amz-(?:signature|security-token)|[?&]signature)=(?<secret>[a-z0-9%/+=_~-]{20,})",
    ),
];
