//! Names that tools make: they hold random characters, and open nothing.

use crate::randomness::{is_hexadecimal, is_uuid};
use crate::shape::is_name;
use crate::words::words;

/// Whether a value is a name or an id that a tool or a service made, or the key of an object in a
/// store.
pub(crate) fn is_given(value: &str) -> bool {
    !is_uuid(value)
        && (is_stack_name(value)
            || is_object_key(value)
            || is_service_id(value)
            || is_generated_suffix(value))
}

/// A physical id of CloudFormation: the stack, the logical id (CDK ends it with eight hexadecimal
/// digits in capitals), and twelve or thirteen characters. Source: "Name type" in the
/// CloudFormation user guide, and "Identifiers" in the CDK developer guide.
fn is_stack_name(value: &str) -> bool {
    let Some((head, tail)) = value.rsplit_once('-') else {
        return false;
    };
    // Multi-Region keys of KMS.
    if head == "mrk" && tail.len() == 32 {
        return true;
    }
    if !(8..=14).contains(&tail.len()) || !tail.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
    };
    let parts: Vec<&str> = head.split('-').collect();
    if !parts.iter().all(|part| plain(part)) {
        return false;
    }
    let logical = parts.iter().any(|part| has_cdk_hash(part));
    // Capitals and digits, or small letters and digits where the service allows no capitals.
    let one_case = !tail.bytes().any(|byte| byte.is_ascii_lowercase())
        || !tail.bytes().any(|byte| byte.is_ascii_uppercase());
    let humps = parts
        .iter()
        .any(|part| words(part).len() >= 2 || part.len() >= 5)
        && parts.iter().all(|part| is_name(part) || part.len() <= 3);
    // `app-dev-Api-1R7I5FNNN0II3`: a stack and a logical id that are short.
    let short = || {
        let capitals = tail
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let spelt = |part: &&str| {
            part.bytes().all(|byte| byte.is_ascii_alphabetic())
                && words(part)
                    .iter()
                    .all(|hump| hump.len() <= 4 || is_name(hump))
        };
        capitals && (12..=13).contains(&tail.len()) && parts.len() >= 2 && parts.iter().all(spelt)
    };
    logical
        || short()
        || (parts.iter().any(|part| is_logical_id(part)) && (12..=13).contains(&tail.len()))
        || (one_case && humps && (12..=13).contains(&tail.len()))
}

/// Whether a value is the last part of a secret's ARN: its name, a dash, and six characters that
/// Secrets Manager draws. Source: "What's in a Secrets Manager secret?". A password could look so
/// too.
pub(crate) fn is_secret_name(value: &str) -> bool {
    value.rsplit_once('-').is_some_and(|(name, drawn)| {
        let spoken =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let parts = name.split(['-', '_', '/', '.']);
        drawn.len() == 6
            && drawn.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && parts.clone().count() >= 2
            && parts.clone().all(spoken)
            && is_name(name)
    })
}

/// Whether a part is words in humps, as logical ids are: `TokenAuthorizerFunction`.
fn is_logical_id(part: &str) -> bool {
    let humps = words(part);
    // `ConfiggithubSecretAsString`: words run together, some with few vowels.
    let long = || {
        part.bytes().all(|byte| byte.is_ascii_alphabetic())
            && humps.len() >= 3
            && part.len() >= humps.len() * 4
    };
    let spelt =
        humps.len() >= 2 && humps.iter().all(|hump| hump.len() >= 2) && (is_name(part) || long());
    spelt
        && part.len() >= 8
        && (part.starts_with(|c: char| c.is_ascii_uppercase()) || humps.len() >= 3)
}

/// Whether a logical id of CDK's ends with its hash: `DatabaseSecret4E2A45C5`.
fn has_cdk_hash(part: &str) -> bool {
    part.len() >= 11
        && part.is_char_boundary(part.len() - 8)
        && part.as_bytes()[part.len() - 8..].iter().all(u8::is_ascii_hexdigit)
        // Names of buckets are small throughout.
        && (!part.bytes().any(|byte| byte.is_ascii_uppercase()) || !part[part.len() - 8..].bytes().any(|byte| byte.is_ascii_lowercase()))
        && part[part.len() - 8..].bytes().any(|byte| byte.is_ascii_digit())
        && part.as_bytes()[..part.len() - 8].iter().all(u8::is_ascii_alphanumeric)
        && is_name(&part[..part.len() - 8])
}

/// A name with an id behind it that is no secret: a UUID, or many digits in hexadecimal
/// (`orders-7f3a9c…`), behind at least one spoken word.
fn is_generated_suffix(value: &str) -> bool {
    let short = value.rsplit_once('-').is_some_and(|(name, id)| {
        let spoken =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase()) && is_name(part);
        (6..=12).contains(&id.len())
            && is_hexadecimal(id)
            && name.len() >= 8
            && name.split('-').all(spoken)
    });
    if short {
        return true;
    }
    let Some(at) = value.len().checked_sub(36) else {
        return false;
    };
    at >= 5
        && value.is_char_boundary(at)
        && is_uuid(&value[at..])
        && value[..at].ends_with(['-', '_', '/', ':', '.'])
        && is_name(&value[..at])
}

/// Ids in forms of services' own: user pools, identity pools, and what begins with a kind of
/// resource (`subnet-0a1b…`, `vpc-…`).
fn is_service_id(value: &str) -> bool {
    let region = |text: &str| {
        let mut parts = text.split('-');
        let (area, place, number) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next_back().unwrap_or_default(),
        );
        area.len() == 2
            && place.len() >= 4
            && number.len() == 1
            && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let pool = value
        .split_once('_')
        .is_some_and(|(head, tail)| region(head) && tail.len() <= 12);
    let identity_pool = value
        .split_once(':')
        .is_some_and(|(head, tail)| region(head) && is_uuid(tail));
    let resource = value.rsplit_once('-').is_some_and(|(kind, id)| {
        (id.len() == 17 || id.len() == 8)
            && id
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            && kind.len() <= 12
            && kind
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !["key", "sk", "pk", "api", "token"].contains(&kind)
    });
    pool || identity_pool || resource
}

/// The key of an object: folders and a file with an ending, or folders with names that people and
/// tools give.
fn is_object_key(value: &str) -> bool {
    if value.contains(|c: char| c.is_whitespace() || "+\"'\\`<>;|?".contains(c)) {
        return false;
    }
    let file = value.rsplit('/').next().unwrap_or(value);
    let ending = file.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=8).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && is_ending(ending)
    });
    let parts: Vec<&str> = value.trim_matches('/').split('/').collect();
    if ending && (parts.len() > 1 || value.len() < 80) {
        return true;
    }
    // Without an ending: several folders, of which each is a name, a number, an id or a date.
    let folder = |part: &&str| {
        is_name(part)
            || is_uuid(part)
            || part.len() <= 4
            || part.contains('=')
            || part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let spoken = parts.iter().any(|part| {
        part.len() >= 4
            && is_name(part)
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte))
    });
    parts.len() >= 2 && spoken && !value.ends_with('=') && parts.iter().all(folder)
}

/// Endings of files that are deployed, read or written.
fn is_ending(ending: &str) -> bool {
    #[rustfmt::skip]
    const ENDINGS: &[&str] = &[
        "7z", "avro", "bin", "bz2", "cer", "cfg", "conf", "crt", "csv", "dat", "db", "der", "dll", "gif", "gz", "h5", "html", "ini", "jar",
        "jks", "jpeg", "jpg", "js", "json", "jsonl", "key", "kdbx", "log", "md", "mjs", "mp3", "mp4", "ndjson", "onnx", "orc", "p12",
        "parquet", "pb", "pdf", "pem", "pfx", "pickle", "pkl", "png", "pt", "pth", "pub", "py", "rar", "safetensors", "sh", "so", "sql",
        "sqlite", "svg", "tar", "tf", "tflite", "tgz", "toml", "ts", "tsv", "txt", "wasm", "webp", "whl", "xls", "xlsx", "xml", "yaml",
        "yml", "zip", "zst",
    ];
    ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_given;

    #[test]
    fn tells_names_that_tools_make_from_what_is_drawn() {
        for value in [
            "DatabaseSecret4E2A45C5-YsbbegtBymzk",
            "orders-prod-TokenFunction-9WZFOVKWHSS6",
            "OrdersStack-TokenTable4E2A45C5-1XQ7VJ0KD3M2P",
            "orders-stack-secretbucket-1x2y3z4w5v6u7",
            "eu-west-1_aBcDeFgHi",
            "eu-west-1:7a1b2c3d-0000-4f4f-8b8b-123456789abc",
            "models/v3/2026-11/model.tar.gz",
            "uploads/2026/3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c/data.parquet",
            "uploads/2026/3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c",
            "subnet-0a1b2c3d4e5f67890",
            "orders-7a1b2c3d-0000-4f4f-8b8b-123456789abc",
        ] {
            assert!(is_given(value), "{value}");
        }
        for value in [
            "kX9mQ2vL7pR4tY8cLw",
            "kX9mQ2vL7pR4/tY8cLw3nB6/hJ5gF1dS0aZ",
            "sk-kX9mQ2vL7pR4tY8cLw",
            "q7F-kX9mQ2vL7pR4",
            "7a1b2c3d-0000-4f4f-8b8b-123456789abc",
            "kX9.mQ2vL7pR4",
        ] {
            assert!(!is_given(value), "{value}");
        }
    }
}
