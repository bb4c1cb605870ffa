//! Keys and certificates in DER (X.690), as base64 without PEM's lines around it: private ones are
//! secrets, public ones are not.

/// What a DER value contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// PKCS #1, PKCS #8 or SEC 1.
    PrivateKey,
    /// A PKCS #12 container, which usually contains a private key.
    Container,
    /// A public key or a certificate.
    Public,
}

/// Whether a value is a public key or a certificate.
pub(crate) fn is_public(value: &str) -> bool {
    kind(value) == Some(Kind::Public)
}

/// Whether a value is a private key, or a container of them.
pub(crate) fn is_private(value: &str) -> bool {
    matches!(kind(value), Some(Kind::PrivateKey | Kind::Container))
}

/// Reads the first members of the outer sequence. Sources: RFC 5280 (Certificate,
/// SubjectPublicKeyInfo), 5958 (`OneAsymmetricKey`), 8017 (`RSAPrivateKey`), 5915 (`ECPrivateKey`),
/// 7292 (`PFX`).
fn kind(value: &str) -> Option<Kind> {
    // A sequence of 128 bytes and more is `MI`, a shorter one `M` and its length.
    if !value.starts_with('M') || value.len() < 40 {
        return None;
    }
    // The first bytes distinguish the kinds.
    let head: String = value
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .take(64)
        .collect();
    let bytes = crate::decode::decode(&head)?;
    let members = content(&bytes, 0x30)?;
    match members {
        [0x02, 0x01, 0x00 | 0x01, 0x02 | 0x04 | 0x30, ..] => Some(Kind::PrivateKey),
        [0x02, 0x01, 0x03, 0x30, ..] => Some(Kind::Container),
        [0x30, ..] => {
            let first = content(members, 0x30)?;
            // Of a certificate the version, or the serial number of the first version; of a public
            // key the algorithm.
            let encrypted =
                first.starts_with(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]);
            let public =
                matches!(first, [0xa0, 0x03, 0x02, ..] | [0x02, ..] | [0x06, ..]) && !encrypted;
            public.then_some(Kind::Public)
        }
        // `RSAPublicKey`: two numbers, of which the first is long.
        [0x02, 0x81 | 0x82, ..] => Some(Kind::Public),
        _ => None,
    }
}

/// The content of a value with that tag, as far as it is given.
fn content(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let more = if length < 0x80 {
        0
    } else {
        usize::from(length & 0x7f)
    };
    (first == tag && more <= 3)
        .then(|| rest.get(more..))
        .flatten()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{is_private, is_public};

    #[test]
    fn tells_private_from_public() {
        let padded = |head: &[u8]| STANDARD.encode([head, &[0x5a; 60]].concat());
        let private: [&[u8]; 4] = [
            &[0x30, 0x82, 4, 0xbd, 2, 1, 0, 0x30, 13, 6, 9],
            &[0x30, 0x82, 4, 0xa4, 2, 1, 0, 2, 0x82, 1, 1],
            &[0x30, 0x77, 2, 1, 1, 4, 32],
            &[0x30, 0x82, 9, 0x51, 2, 1, 3, 0x30, 0x82],
        ];
        let public: [&[u8]; 4] = [
            &[0x30, 0x82, 1, 0x22, 0x30, 13, 6, 9, 0x2a],
            &[0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a],
            &[0x30, 0x82, 3, 0x1f, 0x30, 0x82, 2, 7, 0xa0, 3, 2, 1, 2],
            &[0x30, 0x82, 1, 0x0a, 2, 0x82, 1, 1, 0],
        ];
        for head in private {
            assert!(
                is_private(&padded(head)) && !is_public(&padded(head)),
                "{head:02x?}"
            );
        }
        for head in public {
            assert!(
                is_public(&padded(head)) && !is_private(&padded(head)),
                "{head:02x?}"
            );
        }
        for other in [
            "",
            "M",
            "MONDAY-orders",
            "MIIBIjANBg",
            "MzkzZTRkYWMtNzE3Zi00ZjQ4LWJhNzgtYmM1ZWRkYjQ0MjNi",
        ] {
            assert!(!is_private(other) && !is_public(other), "{other}");
        }
    }
}
