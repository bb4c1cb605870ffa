//! Keys as such. Sources: RFC 7468 and 5958 (PEM, PKCS #8), RFC 7517 and 7518 (JWK), BIP 32 and 39 (wallets), RFC 9580 (OpenPGP).

use super::{Rule, judged, token, whole};
use crate::verify::{json_web_key, key_material, mnemonic, wallet_key};

pub(super) const RULES: &[Rule] = &[
    judged(
        key_material,
        whole(
            "private-key",
            "a private key",
            &["PRIVATE KEY"],
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END[A-Z0-9 ]*-----|\z)",
        ),
    ),
    whole("putty-key", "a PuTTY private key", &["PuTTY-User-Key-File"], r"PuTTY-User-Key-File-[0-9](?s:.*?)Private-Lines: *[0-9]+(?<secret>[\sA-Za-z0-9+/=]{40,})"),
    judged(
        json_web_key,
        whole("json-web-key", "a private JSON Web Key", &["kty"], r#"\\?"(?:d|k)\\?"\s*:\s*\\?"(?<secret>[A-Za-z0-9_-]{16,})\\?""#),
    ),
    token("wallet-key", "an extended private key of a wallet", &["xprv", "yprv", "zprv", "tprv"], "[1-9A-HJ-NP-Za-km-z]{100,112}"),
    judged(wallet_key, whole("wallet-key", "a wallet's private key", &["5", "K", "L"], r"\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b")),
    token("nostr-key", "a Nostr private key", &["nsec1"], "[ac-hj-np-z02-9]{58}"),
    token("nats-seed", "a NATS seed", &["SU", "SA", "SO", "SN", "SC", "SX"], "[A-Z2-7]{56}"),
    token("minisign-key", "a minisign or signify secret key", &["RWRTY0Iy"], "[A-Za-z0-9+/]{100,}={0,2}"),
    judged(mnemonic, whole("mnemonic", "a wallet's mnemonic phrase", &[" "], r"\b[a-z]{3,8}(?: [a-z]{3,8}){11,23}\b")),
];
