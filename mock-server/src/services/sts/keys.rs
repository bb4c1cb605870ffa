//! Access keys, which contain the account that they belong to, and their secrets and tokens.
//!
//! Source of the form: A. Steele, "AWS Access Key ID formats", and T. Be'ery, "A short note on AWS
//! KEY ID". The 16 characters behind the prefix are Base32 of 80 bits: one that is set, 40 of the
//! account's number, and 39 of the key.

use base64::Engine;
use sha2::{Digest, Sha256};

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A key of an account: `AKIA` for a user's, `ASIA` for a session's. The same account and seed give
/// the same key.
pub(crate) fn access_key(prefix: &str, account: &str, seed: &str) -> String {
    let number = account.parse::<u128>().unwrap_or(0) & ((1 << 40) - 1);
    let random = Sha256::digest(seed.as_bytes())
        .iter()
        .take(5)
        .fold(0_u128, |all, byte| all << 8 | u128::from(*byte))
        & ((1 << 39) - 1);
    let bits = 1 << 79 | number << 39 | random;
    let letter =
        |at: u32| char::from(LETTERS[usize::try_from(bits >> (75 - 5 * at) & 31).unwrap_or(0)]);
    prefix.chars().chain((0..16).map(letter)).collect()
}

/// The account that a key belongs to; `None` for keys of the older form, which do not contain it.
pub(crate) fn account(key: &str) -> Option<String> {
    let letters = key.get(4..).filter(|letters| {
        letters.len() == 16
            && ["AKIA", "ASIA"]
                .iter()
                .any(|prefix| key.starts_with(prefix))
    })?;
    let bits = letters.bytes().try_fold(0_u128, |bits, letter| {
        let value = LETTERS.iter().position(|it| *it == letter)?;
        Some(bits << 5 | value as u128)
    })?;
    let number = bits >> 39 & ((1 << 40) - 1);
    (bits >> 79 == 1 && number < 1_000_000_000_000).then(|| format!("{number:012}"))
}

/// The secret of a key: 40 characters.
pub(crate) fn secret_key(key: &str) -> String {
    encoded(key, "secret", 30)
}

/// The token of a session's key: a few hundred characters, which begin as those of AWS do.
pub(crate) fn session_token(key: &str) -> String {
    let token = format!("FQoGZXIvYXdzE{}", encoded(key, "token", 260));
    token.chars().take(356).collect()
}

/// `length` bytes derived from a key, as Base64.
fn encoded(key: &str, what: &str, length: usize) -> String {
    let blocks = (0..length.div_ceil(32))
        .flat_map(|at| Sha256::digest(format!("{what} {at} of {key}").as_bytes()).to_vec());
    let bytes: Vec<u8> = blocks.take(length).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{access_key, account, secret_key, session_token};

    /// Keys and accounts that were published with those articles, and with the question to them.
    #[test]
    fn keys_of_aws_hold_their_account() {
        for (key, of) in [
            ("ASIAY34FZKBOKMUTVV7A", Some("609629065308")),
            ("ASIAQNZGKIQY56JQ7WML", Some("029608264753")),
            ("AKIARZPUZDIKGB2VALC4", Some("123456789012")),
            ("AKIAIOSFODNN7EXAMPLE", None),
            ("AKIAIOSFODNN7EXAMPL1", None),
            ("AROAY34FZKBOKMUTVV7A", None),
            ("ASIAY34FZKBOKMUTVV7", None),
            ("111122223333", None),
            ("ÄÄÄÄÄÄÄÄÄÄ", None),
        ] {
            assert_eq!(account(key).as_deref(), of, "{key}");
        }
    }

    #[test]
    fn keys_that_are_made_hold_theirs() {
        for number in [
            "000000000000",
            "000000000001",
            "111122223333",
            "999999999999",
        ] {
            for seed in ["a", "b"] {
                let key = access_key("ASIA", number, seed);
                assert_eq!(
                    (key.len(), account(&key).as_deref()),
                    (20, Some(number)),
                    "{key}"
                );
            }
            assert_ne!(
                access_key("ASIA", number, "a"),
                access_key("ASIA", number, "b")
            );
        }
        let key = access_key("AKIA", "111122223333", "a");
        assert_eq!(
            (secret_key(&key).len(), session_token(&key).len()),
            (40, 356)
        );
    }
}
