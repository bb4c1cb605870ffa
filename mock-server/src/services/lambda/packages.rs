//! The packages that clients uploaded, served under the code URLs of functions and layers.
//!
//! A package is stored once, regardless of how many resources have it, and only the latest packages
//! within a limit are kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::store::{Part, Seed};

/// How much is kept, in bytes: a handful of the largest packages, and tens of thousands of small
/// ones.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The path under which packages are served, followed by the hash.
pub(crate) const PATH: &str = "/_mock/code/";

type Hash = [u8; 32];

/// Packages by hash.
#[derive(Debug, Default)]
pub struct Packages(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    packages: HashMap<Hash, Bytes>,
    /// Oldest first.
    order: VecDeque<Hash>,
    bytes: usize,
}

impl Packages {
    /// Stores a package, and returns the same as [`facts`]. If the limit is exceeded, the oldest
    /// packages are dropped first.
    pub fn keep(&self, package: Vec<u8>) -> (String, usize) {
        let size = package.len();
        let hash: Hash = Sha256::digest(&package).into();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.packages.contains_key(&hash) {
            kept.bytes += size;
            kept.packages.insert(hash, package.into());
            kept.order.push_back(hash);
            while kept.bytes > MOST_BYTES && kept.order.len() > 1 {
                let dropped = kept
                    .order
                    .pop_front()
                    .and_then(|oldest| kept.packages.remove(&oldest));
                kept.bytes -= dropped.map_or(0, |package| package.len());
            }
        }
        (STANDARD.encode(hash), size)
    }

    /// The package of a URL; `rest` is what follows [`PATH`] in it.
    pub(crate) fn at(&self, rest: &str) -> Option<Bytes> {
        let hash: Hash = URL_SAFE_NO_PAD
            .decode(rest.split('/').next()?)
            .ok()?
            .try_into()
            .ok()?;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .packages
            .get(&hash)
            .cloned()
    }
}

impl Part for Packages {
    fn begin(_: &dyn Seed) -> Self {
        Self::default()
    }

    fn reset(&self, _: &dyn Seed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }

    fn describe(&self) -> String {
        format!(
            "{:?}",
            self.0.lock().unwrap_or_else(PoisonError::into_inner).order
        )
    }
}

/// `CodeSha256` and `CodeSize` of a package.
pub(super) fn facts(package: &[u8]) -> (String, usize) {
    (STANDARD.encode(Sha256::digest(package)), package.len())
}

/// The URL of a package in the form of AWS's, which are valid for ten minutes; `name` is only for
/// people to read.
pub(crate) fn location(base_url: &str, code_sha256: &str, name: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(STANDARD.decode(code_sha256).unwrap_or_default());
    format!(
        "{base_url}{PATH}{hash}/{name}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=600&X-Amz-Signature=mock"
    )
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, PATH, Packages, facts, location};
    use crate::seed::Empty;
    use crate::store::Part;

    fn at(packages: &Packages, hash: &str) -> Option<usize> {
        let url = location("http://mock", hash, "f");
        let rest = url
            .split_once(PATH)
            .and_then(|(_, rest)| rest.split_once('?'))?
            .0;
        packages.at(rest).map(|package| package.len())
    }

    #[test]
    fn packages_are_kept_once_and_the_oldest_make_way() {
        let packages = Packages::default();
        let (small, size) = packages.keep(vec![1; 10]);
        assert_eq!(
            (packages.keep(vec![1; 10]), at(&packages, &small)),
            ((small.clone(), size), Some(10))
        );
        assert_eq!((small.clone(), size), facts(&[1; 10]));
        let large: Vec<String> = (0..2_u8)
            .map(|kind| packages.keep(vec![kind; MOST_BYTES / 2]).0)
            .collect();
        assert_eq!(at(&packages, &small), None);
        assert_eq!(
            large
                .iter()
                .map(|hash| at(&packages, hash))
                .collect::<Vec<_>>(),
            [Some(MOST_BYTES / 2); 2]
        );
        packages.reset(&Empty);
        assert_eq!(at(&packages, &large[0]), None);
        assert_eq!((packages.at("no hash"), packages.at("")), (None, None));
    }
}
