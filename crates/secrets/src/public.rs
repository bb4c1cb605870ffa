//! Values that look like secrets but are public: public keys, certificates, tokens for browsers,
//! keys that documentation shows.

use crate::decode::json;
use crate::der;
use crate::randomness::is_hexadecimal;

/// Public keys and certificates.
pub(crate) fn is_public(value: &str) -> bool {
    #[rustfmt::skip]
    const HEADS: &[&str] = &[
        "pk_live_", "pk_test_", "pk.eyJ", "phc_", "pubkey-", "client-", "3MVG9", "pub-c-", "sb_publishable_", "rzp_pub_", "FLWPUBK",
        "ssh-rsa", "ssh-ed25519", "ssh-dss", "ecdsa-sha2-", "sk-ssh-", "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", "age1", "xpub",
        "-----BEGIN PUBLIC KEY", "-----BEGIN RSA PUBLIC KEY", "-----BEGIN CERTIFICATE", "-----BEGIN PGP PUBLIC", "-----BEGIN SSH2 PUBLIC",
    ];
    // A site key of Turnstile is 24 characters long, a secret key 35. Source: "Turnstile: get
    // started". Datadog's tokens of browsers. Source: "API and application keys", client tokens.
    let datadog = value.len() == 35 && value.strip_prefix("pub").is_some_and(is_hexadecimal);
    let turnstile = value.starts_with("0x4AAAA") && value.len() < 30;
    // Paddle's tokens of browsers have 27 hexadecimal digits behind the prefix, longer ones are
    // other makers' keys. Source: "Client-side tokens".
    let paddle = value.len() == 32
        && value
            .strip_prefix("live_")
            .or_else(|| value.strip_prefix("test_"))
            .is_some_and(is_hexadecimal);
    turnstile
        || paddle
        || datadog
        || is_documented(value)
        || is_browsers_token(value)
        || HEADS.iter().any(|head| value.starts_with(head))
        || der::is_public(value)
}

/// Whether a value contains a well-known key from documentation: that of Azure's storage emulators.
pub(crate) fn is_documented(value: &str) -> bool {
    value.contains("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq")
}

/// Whether a value is a JSON Web Token whose role is meant for browsers.
pub(crate) fn is_browsers_token(value: &str) -> bool {
    let payload = || {
        json(
            value
                .strip_prefix("eyJ")
                .and_then(|_| value.split('.').nth(1))?,
        )
    };
    value.starts_with("eyJ")
        && payload().is_some_and(|payload| payload.get("role").is_some_and(|role| role == "anon"))
}
