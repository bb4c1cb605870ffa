//! Where a function's code comes from: a package in the request, one in a bucket, or an image.

use sha2::{Digest, Sha256};

use super::super::{archive, invalid, packages, text};
use super::runtimes::For;
use crate::call::{AwsError, Call, Input};
use crate::services::lambda::packages::Packages;

/// The members of `FunctionCode` for code in a bucket.
const BUCKET: [&str; 3] = ["S3Bucket", "S3Key", "S3ObjectVersion"];

/// Code that was given and is usable.
pub(super) enum Code {
    /// A package of the request.
    Package(Vec<u8>),
    /// An object in a bucket. Buckets are not simulated, so its contents are unknown.
    Object(String),
    /// A container image. Registries are not simulated.
    Image(String),
}

impl Code {
    /// Reads the code of a function with a package type.
    ///
    /// # Errors
    /// InvalidParameterValueException if there is no code for this type; for packages see
    /// [`archive::uploaded`]. Texts: recorded from AWS; for a missing source: issue 2705 of
    /// boto/boto3; for two sources: an assumption.
    pub(super) fn take(code: &Input, package_type: &str, purpose: For) -> Result<Self, AwsError> {
        let image = text(code, "ImageUri");
        let in_bucket = BUCKET.iter().any(|name| code.contains_key(*name));
        let zip = text(code, "ZipFile");
        let (doing, making) = if purpose == For::Creation {
            ("creating", true)
        } else {
            ("updating", false)
        };
        match (package_type, image, zip) {
            ("Image", Some(image), _) => Ok(Self::Image(image.to_owned())),
            ("Image", None, _) => Err(invalid(format!(
                "Please provide ImageUri when {doing} a function with packageType Image."
            ))),
            (_, Some(_), _) if !making => Err(invalid(
                "Please don't provide ImageUri when updating a function with packageType Zip.",
            )),
            (_, _, Some(_)) if in_bucket => Err(invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            )),
            (_, _, Some(zip)) => archive::uploaded(zip).map(Self::Package),
            _ if code.contains_key("S3Bucket") && code.contains_key("S3Key") => Ok(Self::Object(
                BUCKET
                    .iter()
                    .filter_map(|name| text(code, name))
                    .collect::<Vec<_>>()
                    .join("/"),
            )),
            _ => Err(invalid("Please provide a source for function code.")),
        }
    }

    /// `CodeSha256` and `CodeSize`. For code that is not available they are derived from its
    /// address, so that different code has a different hash.
    pub(super) fn facts(&self) -> (String, usize) {
        match self {
            Self::Package(package) => packages::facts(package),
            Self::Object(address) => packages::facts(address.as_bytes()),
            // An image's hash is the digest that its address resolves to, and its size is not
            // returned. Source: recorded from AWS.
            Self::Image(address) => (
                Sha256::digest(address)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
                0,
            ),
        }
    }

    /// Like `facts`, but also stores a package.
    pub(super) fn keep(self, call: &Call<'_>) -> (String, usize) {
        match self {
            Self::Package(package) => call.world.part::<Packages>().keep(package),
            elsewhere => elsewhere.facts(),
        }
    }
}

/// The image, by digest, that a tag referred to when it was given.
pub(super) fn resolved_image(image: &str, code_sha256: &str) -> String {
    let repository = image.split('@').next().unwrap_or_default();
    // A colon before the last slash belongs to the registry's port.
    let name = repository.rfind('/').map_or(0, |at| at + 1);
    let repository = repository[name..]
        .find(':')
        .map_or(repository, |at| &repository[..name + at]);
    let is_digest =
        code_sha256.len() == 64 && code_sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = if is_digest {
        code_sha256.to_owned()
    } else {
        "0".repeat(64)
    };
    format!("{repository}@sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use super::resolved_image;

    #[test]
    fn a_resolved_image_has_a_digest_for_its_tag() {
        let digest = "ab".repeat(32);
        for (image, repository) in [
            (
                "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v1",
                "1.dkr.ecr.eu-west-1.amazonaws.com/orders",
            ),
            ("localhost:5000/orders", "localhost:5000/orders"),
            (
                "localhost:5000/team/orders:v1@sha256:00",
                "localhost:5000/team/orders",
            ),
            ("orders:v1", "orders"),
        ] {
            assert_eq!(
                resolved_image(image, &digest),
                format!("{repository}@sha256:{digest}")
            );
        }
        assert_eq!(
            resolved_image("orders", "of a seed"),
            format!("orders@sha256:{}", "0".repeat(64))
        );
    }
}
