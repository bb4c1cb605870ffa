//! Identity providers and sessions. Sources: "Create an API token" of Okta; "API keys" of `WorkOS`,
//! Stytch, Descope, Unkey, Keygen and Authress; "Key Uri Format" of Google Authenticator. See
//! `mod.rs` for the lengths.

use super::{Rule, judged, token, whole};
use crate::verify::both_cases;

pub(super) const RULES: &[Rule] = &[
    whole(
        "okta-token",
        "an Okta API token",
        &["ssws "],
        r"(?i)\bssws +(?<secret>00[a-z0-9_-]{30,})",
    ),
    // A number with leading zeros followed by a UUID is not a token.
    judged(
        both_cases,
        token("okta-token", "an Okta API token", &["00"], r"[\w-]{40}"),
    ),
    token(
        "workos-key",
        "a WorkOS key",
        &["sk_test_", "sk_live_"],
        "a2V5[A-Za-z0-9+/=]{40,}",
    ),
    token(
        "stytch-secret",
        "a Stytch secret",
        &["secret-test-", "secret-live-"],
        r"[\w=-]{30,}",
    ),
    token(
        "descope-key",
        "a Descope management key",
        &["K2", "K3"],
        "[A-Za-z0-9]{70,}",
    ),
    token(
        "unkey-key",
        "an Unkey root key",
        &["unkey_"],
        "[A-Za-z0-9]{20,}",
    ),
    token(
        "authress-key",
        "an Authress key",
        &["sc_", "ext_", "scauth_", "authress_"],
        r"[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[\w+/=-]{30,120}",
    ),
    token(
        "adobe-secret",
        "an Adobe client secret",
        &["p8e-", "p8_"],
        r"[\w-]{32}",
    ),
    token(
        "intra42-secret",
        "a 42 client secret",
        &["s-s4t2ud-", "s-s4t2af-"],
        "[0-9a-f]{64}",
    ),
    token(
        "keygen-token",
        "a Keygen token",
        &["admin-", "prod-", "activ-", "user-"],
        "[0-9a-f]{64}v3",
    ),
    token("arcjet-key", "an Arcjet key", &["ajkey_"], "[a-z0-9]{24,}"),
    token(
        "snyk-token",
        "a Snyk token",
        &["snyk_uat.", "snyk_sat."],
        r"[\w.-]{30,}",
    ),
    token(
        "semgrep-token",
        "a Semgrep token",
        &["sgp_"],
        "[A-Za-z0-9]{60,}",
    ),
    token(
        "gitguardian-token",
        "a GitGuardian token",
        &["ggtt-"],
        "[A-Za-z0-9-]{20,}",
    ),
    token(
        "nightfall-key",
        "a Nightfall key",
        &["NF-"],
        "[A-Za-z0-9]{32}",
    ),
    token(
        "trufflehog-secret",
        "a TruffleHog Enterprise secret",
        &["thog-secret-"],
        "[0-9a-f]{32}",
    ),
    // "Key Uri Format" of Google Authenticator.
    whole(
        "otp-seed",
        "a seed for one-time passwords",
        &["otpauth://"],
        r"(?i)\botpauth://[^\s?]{1,200}\?(?:[^\s#]{0,200}&)?secret=(?<secret>[a-z2-7]{16,})",
    ),
];
