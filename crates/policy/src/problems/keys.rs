//! The global condition keys, as far as they have to be known to see a slip in their use.
//!
//! Source: "AWS global condition context keys". AWS adds keys, so that an unknown one may be new.

/// The page that the keys are from is no older than this: the copy that was read bears no date, and
/// says something about the text before it.
pub(super) const DATE: &str = "2026-07-31";

/// Keys of one value at most; the ones that end in `/` go on with the key of a tag.
const SINGLE: &[&str] = &[
    "aws:AssumedRoot",
    "aws:CalledViaAWSMCP",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:IsMcpServiceAction",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceName",
    "aws:PrincipalTag/",
    "aws:PrincipalType",
    "aws:RequestTag/",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceTag/",
    "aws:SecureTransport",
    "aws:SignInSessionArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:ViaAWSMCPService",
    "aws:ViaAWSService",
    "aws:ViaCustomerDomain",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:referer",
    "aws:userid",
    "aws:username",
];

/// Keys of several values.
const MULTIPLE: &[&str] = &[
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:VpceOrgPaths",
];

/// What a key's values are, where they are more than text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Text, ARNs among it.
    Text,
    /// A number.
    Number,
    /// A date; as seconds of the epoch it is a number too.
    Date,
    /// The same in seconds of the epoch.
    Epoch,
    /// `true` or `false`.
    Boolean,
    /// An address.
    Address,
}

/// Global keys whose values are not strings.
const TYPES: &[(&str, Type)] = &[
    ("aws:AssumedRoot", Type::Boolean),
    ("aws:CurrentTime", Type::Date),
    ("aws:EpochTime", Type::Epoch),
    ("aws:IsMcpServiceAction", Type::Boolean),
    ("aws:MultiFactorAuthAge", Type::Number),
    ("aws:MultiFactorAuthPresent", Type::Boolean),
    ("aws:PrincipalIsAWSService", Type::Boolean),
    ("aws:SecureTransport", Type::Boolean),
    ("aws:SourceIp", Type::Address),
    ("aws:TokenIssueTime", Type::Date),
    ("aws:ViaAWSMCPService", Type::Boolean),
    ("aws:ViaAWSService", Type::Boolean),
    ("aws:VpcSourceIp", Type::Address),
];

/// Keys whose type is left open: a tag's value may be anything, and the others the page does not
/// settle.
const OF_ANY_TYPE: &[&str] = &[
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "aws:ViaCustomerDomain",
];

/// What a global key's values are; nothing of a key that is not known, or whose type is left open.
pub(super) fn type_of(key: &str) -> Option<Type> {
    let open = |known: &&str| {
        key.get(..known.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    if values(key) == Values::Unknown || OF_ANY_TYPE.iter().any(open) {
        return None;
    }
    let found = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(key));
    Some(found.map_or(Type::Text, |(_, of)| *of))
}

/// How many values a key has in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// One at most.
    One,
    /// Any number.
    Many,
    /// It is not a known global key.
    Unknown,
}

/// How many values a key has; keys are case-insensitive.
pub(super) fn values(key: &str) -> Values {
    if MULTIPLE.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        return Values::Many;
    }
    let is = |known: &&str| match key.get(..known.len()) {
        Some(start) => {
            start.eq_ignore_ascii_case(known) && (key.len() == known.len() || known.ends_with('/'))
        }
        None => false,
    };
    if SINGLE.iter().any(is) {
        Values::One
    } else {
        Values::Unknown
    }
}

/// The global keys by name.
pub(super) fn global() -> impl Iterator<Item = &'static str> {
    SINGLE
        .iter()
        .chain(MULTIPLE)
        .map(|name| name.trim_end_matches('/'))
}

/// Whether a key stands for the tags of something, but names no tag.
pub(super) fn lacks_tag(key: &str) -> bool {
    let bare = key.strip_suffix('/').unwrap_or(key);
    ["aws:PrincipalTag", "aws:RequestTag", "aws:ResourceTag"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use super::{Values, lacks_tag, values};

    #[test]
    fn keys_know_no_case_and_go_on_with_tags() {
        assert_eq!(values("AWS:principalorgid"), Values::One);
        assert_eq!(values("aws:requesttag/a"), Values::One);
        assert_eq!(values("aws:tagkeys"), Values::Many);
        assert_eq!(values("aws:PrincipalOrgIDs"), Values::Unknown);
        assert!(
            lacks_tag("aws:requestTag")
                && lacks_tag("aws:RequestTag/")
                && !lacks_tag("aws:RequestTag/a")
        );
    }
}
