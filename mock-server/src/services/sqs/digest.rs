//! MD5 digests of messages, which clients verify.
//!
//! Source: "Calculating the MD5 message digest for message attributes", SQS Developer Guide.

use std::collections::BTreeMap;

use base64::Engine;
use md5::{Digest, Md5};
use serde_json::Value;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds bytes, preceded by their length.
fn add(digest: &mut Md5, bytes: &[u8]) {
    digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(bytes);
}

/// The digest of a body.
pub(super) fn of_body(body: &str) -> String {
    hexadecimal(&Md5::digest(body))
}

/// The digest of attributes; `None` if there are none.
pub(super) fn of_attributes(attributes: &BTreeMap<String, Value>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut digest = Md5::new();
    for (name, attribute) in attributes {
        let text = |member: &str| attribute[member].as_str().unwrap_or_default();
        let data_type = text("DataType");
        let (kind, value) = if data_type.starts_with("Binary") {
            let value = base64::engine::general_purpose::STANDARD.decode(text("BinaryValue"));
            (2_u8, value.unwrap_or_default())
        } else {
            (1, text("StringValue").as_bytes().to_vec())
        };
        add(&mut digest, name.as_bytes());
        add(&mut digest, data_type.as_bytes());
        digest.update([kind]);
        add(&mut digest, &value);
    }
    Some(hexadecimal(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{of_attributes, of_body};

    /// Recorded from AWS by moto (`tests/test_sqs/test_sqs.py`).
    #[test]
    fn digests_are_those_of_aws() {
        assert_eq!(of_body("derp"), "58fd9edd83341c29f1aebba81c31e257");
        let attributes = BTreeMap::from([(
            "timestamp".to_owned(),
            json!({"StringValue": "1493147359900", "DataType": "Number.java.lang.Long"}),
        )]);
        assert_eq!(
            of_attributes(&attributes).as_deref(),
            Some("2e2e4876d8e0bd6b8c2c8f556831c349")
        );
        assert_eq!(of_attributes(&BTreeMap::new()), None);
    }
}
