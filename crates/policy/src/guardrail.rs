//! Guardrails: whether an organisation's service control policies really prevent a dangerous change
//! in an account.
//!
//! This is decided by evaluating the dangerous requests, not by matching text: each is made in
//! every Region by an ordinary role of the account whose own policies allow everything. A guardrail
//! is effective if all of them are denied.
//!
//! The condition keys of the requests follow the Service Authorization Reference, "Actions,
//! resources, and condition keys for AWS Lambda": `lambda:FunctionUrlAuthType` (function URLs,
//! `AddPermission`), `lambda:Principal` (`AddPermission`), `lambda:FunctionArn` (function URLs);
//! `lambda:CodeSigningConfigArn` (`PutFunctionCodeSigningConfig`); none for
//! `AddLayerVersionPermission`, `DeleteFunctionCodeSigningConfig` and `UpdateCodeSigningConfig`.

mod attempts;
mod chain;

use crate::document::Document;
use crate::verdict::StatementRef;
use attempts::{DETACH, LAYER, OUTSIDE, PERMISSION, URL, WEAKEN, WHOLE_POLICY};
use chain::Chain;

/// A dangerous change that an organisation can prevent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guardrail {
    /// Creating a function URL without authentication, or removing the authentication of one.
    FunctionUrlUnauthenticated,
    /// Allowing everyone to use a function by its resource policy.
    PermissionPublic,
    /// Allowing an account outside the organisation to use a function by its resource policy.
    PermissionOutside,
    /// Allowing everyone to use a layer.
    LayerPublic,
    /// Detaching a function's code signing configuration.
    CodeSigningDetach,
    /// Having untrusted code deployed with a warning.
    CodeSigningWeaken,
}

impl Guardrail {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::FunctionUrlUnauthenticated,
        Self::PermissionPublic,
        Self::PermissionOutside,
        Self::LayerPublic,
        Self::CodeSigningDetach,
        Self::CodeSigningWeaken,
    ];

    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FunctionUrlUnauthenticated => "function-url-unauthenticated",
            Self::PermissionPublic => "permission-public",
            Self::PermissionOutside => "permission-outside",
            Self::LayerPublic => "layer-public",
            Self::CodeSigningDetach => "code-signing-detach",
            Self::CodeSigningWeaken => "code-signing-weaken",
        }
    }

    /// Statements of a service control policy that prevent it, as JSON, comma-separated.
    ///
    /// ```
    /// use lambdasweep_policy::Document;
    /// use lambdasweep_policy::guardrail::{Guardrail, Place, Prevented, judge};
    ///
    /// let place = Place { account: "111122223333", partition: "aws", organization_path: None };
    /// for guardrail in Guardrail::ALL {
    ///     let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    ///     let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{all},{}]}}"#, guardrail.preventing());
    ///     let policy = Document::parse(&policy)?;
    ///     assert_eq!(judge(guardrail, &place, &[vec![&policy]], true).prevented, Prevented::Yes);
    /// }
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub const fn preventing(self) -> &'static str {
        match self {
            Self::FunctionUrlUnauthenticated => {
                r#"{"Effect":"Deny","Action":["lambda:CreateFunctionUrlConfig","lambda:UpdateFunctionUrlConfig"],"Resource":"*","Condition":{"StringNotEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}}"#
            }
            Self::PermissionPublic => {
                r#"{"Effect":"Deny","Action":"lambda:AddPermission","Resource":"*","Condition":{"StringEquals":{"lambda:Principal":"*"}}},{"Effect":"Deny","Action":"lambda:PutResourcePolicy","Resource":"*"}"#
            }
            Self::PermissionOutside => {
                r#"{"Effect":"Deny","Action":"lambda:AddPermission","Resource":"*","Condition":{"StringNotLike":{"lambda:Principal":["*.amazonaws.com","alexa-*.amazon.com"]}}},{"Effect":"Deny","Action":"lambda:PutResourcePolicy","Resource":"*"}"#
            }
            Self::LayerPublic => {
                r#"{"Effect":"Deny","Action":"lambda:AddLayerVersionPermission","Resource":"*"}"#
            }
            Self::CodeSigningDetach => {
                r#"{"Effect":"Deny","Action":"lambda:DeleteFunctionCodeSigningConfig","Resource":"*"}"#
            }
            Self::CodeSigningWeaken => {
                r#"{"Effect":"Deny","Action":["lambda:UpdateCodeSigningConfig","lambda:PutFunctionCodeSigningConfig"],"Resource":"*"}"#
            }
        }
    }
}

/// Whether something is prevented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prevented {
    /// Every such request is denied.
    Yes,
    /// One is not.
    No,
    /// It depends on something that was not read or is not understood.
    Unknown,
}

impl Prevented {
    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// The account that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The account.
    pub account: &'a str,
    /// Its partition.
    pub partition: &'a str,
    /// Its path in the organisation in the form of `aws:PrincipalOrgPaths` (`o-…/r-…/ou-…/`), where
    /// it is known.
    pub organization_path: Option<&'a str>,
}

/// The result for a guardrail.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::guardrail::{Guardrail, Place, Prevented, judge};
///
/// let all = Document::parse(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#)?;
/// let place = Place { account: "111122223333", partition: "aws", organization_path: None };
/// let judged = judge(Guardrail::LayerPublic, &place, &[vec![&all]], true);
/// assert_eq!(judged.prevented, Prevented::No);
/// assert!(judged.reason.contains("lambda:AddLayerVersionPermission is allowed"));
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether it is prevented.
    pub prevented: Prevented,
    /// The statement that denies the first of the requests, where a statement does.
    pub by: Option<StatementRef>,
    /// The reason, as a sentence.
    pub reason: String,
}

/// Judges a guardrail by the service control policies that bind an account: a list for the root,
/// for each organizational unit on its path, and for the account. `complete` says whether all of
/// them were read and understood; if not, only a denial is certain.
///
/// See [`Judged`] for an example.
pub fn judge(
    guardrail: Guardrail,
    place: &Place<'_>,
    levels: &[Vec<&Document>],
    complete: bool,
) -> Judged {
    let chain = Chain {
        place,
        levels,
        complete,
    };
    match guardrail {
        Guardrail::FunctionUrlUnauthenticated => chain.all(URL),
        Guardrail::PermissionPublic | Guardrail::PermissionOutside => {
            let is_public = guardrail == Guardrail::PermissionPublic;
            let judged = chain.all(if is_public { PERMISSION } else { OUTSIDE });
            if judged.prevented != Prevented::Yes
                || WHOLE_POLICY
                    .iter()
                    .any(|it| chain.one(it).prevented == Prevented::Yes)
            {
                return judged;
            }
            let whom = if is_public {
                "everyone"
            } else {
                "accounts outside"
            };
            let reason = format!(
                "lambda:AddPermission for {whom} is denied, but lambda:PutResourcePolicy can write a whole policy; \
                 AWS does not document whether the denial applies to it"
            );
            Judged {
                prevented: Prevented::Unknown,
                reason,
                ..judged
            }
        }
        Guardrail::LayerPublic => chain.all(LAYER),
        Guardrail::CodeSigningDetach => chain.all(DETACH),
        Guardrail::CodeSigningWeaken => chain.all(WEAKEN),
    }
}

#[cfg(test)]
mod tests {
    use super::{Guardrail, Place, Prevented, judge};
    use crate::Document;

    const PLACE: Place<'_> = Place {
        account: "111122223333",
        partition: "aws",
        organization_path: Some("o-a1b2c3d4e5/r-a1b2/ou-a1b2-prod0000/"),
    };

    /// Judges by levels, each a list of statements of one policy.
    fn judged(guardrail: Guardrail, levels: &[&str]) -> (Prevented, String) {
        let documents: Vec<Document> = levels
            .iter()
            .map(|statements| {
                Document::parse(&format!(
                    r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
                ))
                .expect("a policy")
            })
            .collect();
        let levels: Vec<Vec<&Document>> = documents.iter().map(|document| vec![document]).collect();
        let judged = judge(guardrail, &PLACE, &levels, true);
        (judged.prevented, judged.reason)
    }

    const ALLOW: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    fn deny(actions: &str, condition: &str) -> String {
        format!(
            r#"{ALLOW},{{"Effect":"Deny","Action":{actions},"Resource":"*","Condition":{condition}}}"#
        )
    }

    #[test]
    fn awss_own_policy_against_urls_without_authentication_holds() {
        let both = r#"["lambda:CreateFunctionUrlConfig","lambda:UpdateFunctionUrlConfig"]"#;
        let unless_iam = r#"{"StringNotEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}"#;
        let url = |statements: &str| {
            judged(
                Guardrail::FunctionUrlUnauthenticated,
                &[ALLOW, statements, ALLOW],
            )
        };
        assert_eq!(url(&deny(both, unless_iam)).0, Prevented::Yes);
        assert_eq!(
            url(&deny(
                r#""lambda:*FunctionUrlConfig""#,
                r#"{"StringEquals":{"lambda:functionurlauthtype":"NONE"}}"#
            ))
            .0,
            Prevented::Yes
        );
        // One of two ways left open, or only one authentication type that is not the dangerous one.
        let (prevented, why) = url(&deny(r#""lambda:CreateFunctionUrlConfig""#, unless_iam));
        assert_eq!(prevented, Prevented::No);
        assert!(why.contains("lambda:UpdateFunctionUrlConfig"), "{why}");
        assert_eq!(
            url(&deny(
                both,
                r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}"#
            ))
            .0,
            Prevented::No
        );
        assert_eq!(url(ALLOW).0, Prevented::No);
    }

    #[test]
    fn a_denial_in_some_regions_prevents_nothing() {
        let outside = r#"{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}"#;
        let (prevented, why) = judged(Guardrail::LayerPublic, &[ALLOW, &deny(r#""*""#, outside)]);
        assert_eq!(prevented, Prevented::No);
        assert!(why.contains("eu-"), "{why}");
        let home = format!(
            r#"{},{{"Effect":"Deny","Action":"lambda:AddLayerVersionPermission","Resource":"arn:aws:lambda:eu-*:*:layer:*"}}"#,
            deny(r#""*""#, outside)
        );
        assert_eq!(
            judged(Guardrail::LayerPublic, &[ALLOW, &home]).0,
            Prevented::Yes
        );
    }

    #[test]
    fn principals_that_are_left_out_are_told() {
        let except = r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/platform-*"}}"#;
        let (prevented, why) = judged(
            Guardrail::CodeSigningDetach,
            &[ALLOW, &deny(r#""lambda:Delete*""#, except)],
        );
        assert_eq!(
            (prevented, why.as_str()),
            (
                Prevented::Yes,
                "lambda:DeleteFunctionCodeSigningConfig is denied, except for arn:aws:iam::*:role/platform-*"
            )
        );
        // An exception for every role is none for anybody else.
        let all = r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#;
        assert_eq!(
            judged(Guardrail::CodeSigningDetach, &[&deny(r#""lambda:*""#, all)]).0,
            Prevented::No
        );
    }

    #[test]
    fn a_denial_that_rests_on_addpermissions_keys_may_not_reach_a_whole_policy() {
        let everyone = r#"{"StringEquals":{"lambda:Principal":"*"}}"#;
        let permission =
            |statements: &str| judged(Guardrail::PermissionPublic, &[ALLOW, statements]).0;
        assert_eq!(
            permission(&deny(r#""lambda:AddPermission""#, everyone)),
            Prevented::Unknown
        );
        let whole = format!(
            r#"{},{{"Effect":"Deny","Action":"lambda:PutResourcePolicy","Resource":"*"}}"#,
            deny(r#""lambda:AddPermission""#, everyone)
        );
        assert_eq!(permission(&whole), Prevented::Yes);
        assert_eq!(
            permission(&deny(r#""lambda:AddPermission""#, "{}")),
            Prevented::Yes
        );
        assert_eq!(
            permission(&deny(
                r#""lambda:AddPermission""#,
                r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#
            )),
            Prevented::No
        );
    }

    #[test]
    fn what_no_level_allows_is_prevented() {
        let some = r#"{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}"#;
        let (prevented, why) = judged(Guardrail::LayerPublic, &[ALLOW, some]);
        assert_eq!(
            (prevented, why.as_str()),
            (
                Prevented::Yes,
                "no service control policy allows lambda:AddLayerVersionPermission"
            )
        );
    }

    #[test]
    fn what_was_not_read_or_is_not_understood_is_unknown() {
        let odd = deny(
            r#""lambda:*""#,
            r#"{"StringMatches":{"aws:PrincipalArn":"x"}}"#,
        );
        assert_eq!(
            judged(Guardrail::LayerPublic, &[ALLOW, &odd]).0,
            Prevented::Unknown
        );
        let (allow, denial) = (
            Document::parse(&format!(r#"{{"Statement":[{ALLOW}]}}"#)),
            Document::parse(&format!(r#"{{"Statement":[{}]}}"#, deny(r#""*""#, "{}"))),
        );
        let (allow, denial) = (allow.expect("a policy"), denial.expect("a policy"));
        let of =
            |document| judge(Guardrail::LayerPublic, &PLACE, &[vec![document]], false).prevented;
        assert_eq!(
            (of(&allow), of(&denial)),
            (Prevented::Unknown, Prevented::Yes)
        );
    }
}
