//! Keys as such. Sources: RFC 7468 and 5958 (PEM, PKCS #8), RFC 7517 and 7518 (JWK), BIP 32 and 39
//! (wallets), RFC 9580 (OpenPGP).

use super::{Rule, judged, likely, medium, token, whole};
use crate::verify::{json_web_key, key_material, literal_password, mnemonic, wallet_key};

pub(super) const RULES: &[Rule] = &[
    judged(
        key_material,
        whole(
            "private-key",
            "a private key",
            &["PRIVATE KEY"],
            r"-{4,5} ?BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)? ?-{4,5}(?s:.*?)(?:-{4,5} ?END[A-Z0-9 ]*-{4,5}|\z)",
        ),
    ),
    whole(
        "putty-key",
        "a PuTTY private key",
        &["PuTTY-User-Key-File"],
        r"PuTTY-User-Key-File-[0-9](?s:.*?)Private-Lines: *[0-9]+(?<secret>[\sA-Za-z0-9+/=]{40,})",
    ),
    judged(
        json_web_key,
        whole(
            "json-web-key",
            "a private JSON Web Key",
            &["kty"],
            r#"\\?"(?:d|k)\\?"\s*:\s*\\?"(?<secret>[A-Za-z0-9_-]{16,})\\?""#,
        ),
    ),
    token(
        "wallet-key",
        "an extended private key of a wallet",
        &["xprv", "yprv", "zprv", "tprv"],
        "[1-9A-HJ-NP-Za-km-z]{100,112}",
    ),
    judged(
        wallet_key,
        token(
            "wallet-key",
            "a private key of a wallet",
            &["5", "K", "L"],
            "[1-9A-HJ-NP-Za-km-z]{50,51}",
        ),
    ),
    likely(token(
        "stellar-seed",
        "a Stellar secret seed",
        &["S"],
        "[A-Z2-7]{55}",
    )),
    whole(
        "java-keystore",
        "a Java keystore",
        &["/u3+7Q"],
        r"(?:^|[^A-Za-z0-9+/])(?<secret>/u3\+7QAAAA[A-Za-z0-9+/]{60,}={0,2})",
    ),
    // A macaroon of lnd in hexadecimal: version 2 and the location "lnd".
    token(
        "lnd-macaroon",
        "an lnd macaroon",
        &["0201036c6e64"],
        "[0-9a-f]{80,}",
    ),
    // The 64 bytes of a key pair of Ed25519 as Solana's tools write them.
    judged(
        literal_password,
        whole(
            "wallet-key",
            "a key pair of a wallet",
            &["["],
            r"\[\s*[0-9]{1,3}(?:\s*,\s*[0-9]{1,3}){63}\s*\]",
        ),
    ),
    token(
        "paseto-key",
        "a secret PASETO key",
        &[
            "k1.secret.",
            "k2.secret.",
            "k3.secret.",
            "k4.secret.",
            "k1.local.",
            "k2.local.",
            "k3.local.",
            "k4.local.",
        ],
        r"[\w-]{40,}",
    ),
    medium(token(
        "paseto",
        "a PASETO token",
        &[
            "v1.local.",
            "v2.local.",
            "v3.local.",
            "v4.local.",
            "v1.public.",
            "v2.public.",
            "v3.public.",
            "v4.public.",
        ],
        r"[\w-]{40,}",
    )),
    token(
        "nostr-key",
        "a Nostr private key",
        &["nsec1"],
        "[ac-hj-np-z02-9]{58}",
    ),
    token(
        "nats-seed",
        "a NATS seed",
        &["SU", "SA", "SO", "SN", "SC", "SX"],
        "[A-Z2-7]{56}",
    ),
    token(
        "minisign-key",
        "a minisign or signify secret key",
        &["RWRTY0Iy"],
        "[A-Za-z0-9+/]{100,}={0,2}",
    ),
    judged(
        mnemonic,
        whole(
            "mnemonic",
            "a mnemonic phrase of a wallet",
            &[" "],
            r#"(?:^|["'=:>])\s*(?<secret>[a-z]{3,8}(?: [a-z]{3,8}){11,23})\s*(?:$|["'\n,;}<])"#,
        ),
    ),
];
