//! Accounts that are known to publish layers, as data.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Who publishes layers in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publisher {
    /// `aws` or `vendor`.
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
}

/// The publisher of an account; `None` if it is not known to this release.
pub(crate) fn of(account: &str) -> Option<Publisher> {
    static PUBLISHERS: LazyLock<HashMap<&str, Publisher>> = LazyLock::new(|| lines().collect());
    PUBLISHERS.get(account).copied()
}

/// The lines of the list: account, kind, name, and the source after a bar.
fn lines() -> impl Iterator<Item = (&'static str, Publisher)> {
    include_str!("../data/publishers.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (entry, _) = line.split_once(" | ")?;
            let (account, entry) = entry.split_once(' ')?;
            let (kind, name) = entry.split_once(' ')?;
            Some((account, Publisher { kind, name }))
        })
}

#[cfg(test)]
mod tests {
    use super::{lines, of};

    #[test]
    fn every_line_has_an_account_of_its_own() {
        let text = include_str!("../data/publishers.txt").lines();
        let written = text.filter(|line| !line.starts_with('#')).count();
        let mut accounts: Vec<&str> = lines()
            .inspect(|(account, publisher)| {
                let digits = account.bytes().all(|byte| byte.is_ascii_digit());
                assert!(digits && account.len() == 12, "{account}");
                assert!(matches!(publisher.kind, "aws" | "vendor"), "{account}");
            })
            .map(|(account, _)| account)
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        assert_eq!(accounts.len(), written);
        assert_eq!(of("017000801446").map(|it| it.kind), Some("aws"));
        assert_eq!(of("111122223333"), None);
    }
}
