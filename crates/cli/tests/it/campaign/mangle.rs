//! Ways in which what an answer says can be wrong, for both forms that answers have.

use serde_json::json;

use super::call::Call;
use super::http::Answer;
use super::{json, xml};

/// A change of an answer's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mangle {
    /// The first list, or the first member of an answer without a list, is not there.
    MemberMissing,
    MemberNull,
    MemberText,
    /// An object in place of a list, a list in place of anything else.
    MemberOther,
    /// The first object lacks what identifies it.
    InnerIdentityMissing,
    TwiceTheMember,
    /// The first list has no items.
    Emptied,
    ItemNull,
    ItemEmpty,
    ItemText,
    ItemWithoutIdentity,
    ItemMemberMistyped,
    ItemTwice,
    ItemTwiceConflicting,
    /// One of the items is not there.
    ItemLost,
}

/// Members by which an item, or the object of an answer, is told from others. AWS always sends
/// them.
pub(crate) const IDENTITIES: &[&str] = &[
    "AccessKeyId",
    "Account",
    "AliasArn",
    "Arn",
    "AuthType",
    "CodeSigningConfigArn",
    "CodeSigningConfigId",
    "FunctionArn",
    "FunctionName",
    "FunctionUrl",
    "Id",
    "LatestMatchingVersion",
    "LayerArn",
    "LayerName",
    "LayerVersionArn",
    "Name",
    "PolicyId",
    "PolicyName",
    "PolicySummary",
    "RegionName",
    "RoleId",
    "RoleName",
    "SecretAccessKey",
    "SessionToken",
    "TargetId",
    "UUID",
    "Version",
];

pub(crate) fn is_xml(call: &Call) -> bool {
    matches!(call.service.as_str(), "iam" | "sts")
}

/// The answer after a change; nothing where it has nothing that could be changed in this way.
pub(crate) fn mangled(call: &Call, answer: &Answer, how: Mangle, random: u64) -> Option<Answer> {
    let mangle = if is_xml(call) {
        xml::mangle
    } else {
        json::mangle
    };
    let body = mangle(&answer.body, how, random)?;
    (answer.status == 200).then(|| answer.clone().with_body(body))
}

/// Tokens of pages that the proxy makes up begin with this.
pub(crate) const TOKEN: &str = "campaign-page-";

/// The answer with another token for its next page; nothing where the operation has no pages.
pub(crate) fn with_token(call: &Call, answer: &Answer, token: Option<&str>) -> Option<Answer> {
    let paged =
        call.operation.starts_with("List") || call.operation == "GetAccountAuthorizationDetails";
    if answer.status != 200 || !paged {
        return None;
    }
    let body = match (call.service.as_str(), token) {
        ("iam", token) => xml::set_token(&answer.body, "Marker", token?)?,
        ("lambda", token) => json::set_token(
            &answer.body,
            "NextMarker",
            token.map_or_else(|| json!({"page": 2}), |it| json!(it)),
        )?,
        (_, token) => json::set_token(
            &answer.body,
            "NextToken",
            token.map_or_else(|| json!({"page": 2}), |it| json!(it)),
        )?,
    };
    Some(answer.clone().with_body(body))
}

/// The answer as that of another account: its digits are others, wherever they stand in ARNs.
pub(crate) fn of_another_account(call: &Call, answer: &Answer) -> Option<Answer> {
    let text = std::str::from_utf8(&answer.body).ok()?;
    let digits = format!(":{}:", call.account);
    let other = text.replace(&digits, ":999999999999:");
    (answer.status == 200 && other != text).then(|| answer.clone().with_body(other))
}

/// The answer as that of another function: its name is another one wherever it stands in ARNs.
pub(crate) fn of_another_function(call: &Call, answer: &Answer) -> Option<Answer> {
    let text = std::str::from_utf8(&answer.body).ok()?;
    let name = format!(":function:{}", call.function.as_deref()?);
    let other = text.replace(&name, ":function:another");
    (answer.status == 200 && other != text).then(|| answer.clone().with_body(other))
}
