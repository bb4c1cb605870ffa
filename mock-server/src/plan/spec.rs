//! The specification of a generated organisation, as a line of text:
//! `accounts=200,regions=4,functions=6000,seed=7`.

use std::str::FromStr;

/// The specification of a generated organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Accounts, including the management account.
    pub accounts: usize,
    /// Regions with functions.
    pub regions: usize,
    /// Functions in total, over all active accounts with the role.
    pub functions: usize,
    /// The random seed.
    pub seed: u64,
    /// Suspended accounts.
    pub suspended: usize,
    /// Accounts without the role.
    pub roleless: usize,
    /// Whether a few accounts have many times more functions than the others; otherwise all have
    /// about the same number.
    pub skewed: bool,
    /// The role that trusts the management account.
    pub role_name: String,
    /// The external id that the role requires.
    pub external_id: Option<String>,
    /// The percentage of queues used as failure targets that have a fault.
    pub queues: u64,
}

/// An invalid specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// An unknown setting.
    #[error(
        "`{0}` is not a setting of an organisation; the settings are accounts, regions, functions, seed, suspended, roleless, skewed, role-name, external-id and queues"
    )]
    Key(String),
    /// An invalid value.
    #[error("{key}={value} is not valid: it takes {allowed}")]
    Value {
        /// The setting.
        key: String,
        /// The given value.
        value: String,
        /// The allowed values.
        allowed: &'static str,
    },
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            accounts: 20,
            regions: 4,
            functions: 600,
            seed: 1,
            suspended: usize::MAX,
            roleless: usize::MAX,
            skewed: true,
            role_name: "lambdasweep-scan".to_owned(),
            external_id: None,
            queues: 10,
        }
        .settled()
    }
}

impl Spec {
    /// Fills in defaults that depend on the size: one in fifty accounts is suspended, and one in
    /// fifty has no role.
    fn settled(mut self) -> Self {
        let few = if self.accounts >= 10 {
            (self.accounts / 50).max(1)
        } else {
            0
        };
        if self.suspended == usize::MAX {
            self.suspended = few;
        }
        if self.roleless == usize::MAX {
            self.roleless = few;
        }
        self
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut spec = Self {
            suspended: usize::MAX,
            roleless: usize::MAX,
            ..Self::default()
        };
        for pair in text
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let wrong = |allowed| SpecError::Value {
                key: lambdasweep_model::printable(key),
                value: lambdasweep_model::printable(value),
                allowed,
            };
            let number = |least: usize, most: usize, allowed| {
                value
                    .parse::<usize>()
                    .ok()
                    .filter(|it| (least..=most).contains(it))
                    .ok_or_else(|| wrong(allowed))
            };
            match key {
                "accounts" => spec.accounts = number(1, 100_000, "1 to 100000")?,
                "regions" => spec.regions = number(1, 17, "1 to 17")?,
                "functions" => spec.functions = number(0, 50_000_000, "0 to 50000000")?,
                "seed" => spec.seed = value.parse().map_err(|_| wrong("a whole number"))?,
                "suspended" => spec.suspended = number(0, 100_000, "0 to 100000")?,
                "roleless" => spec.roleless = number(0, 100_000, "0 to 100000")?,
                "queues" => spec.queues = number(0, 100, "0 to 100")? as u64,
                "skewed" => spec.skewed = value.parse().map_err(|_| wrong("true or false"))?,
                "role-name" if !value.is_empty() => value.clone_into(&mut spec.role_name),
                "external-id" if !value.is_empty() => spec.external_id = Some(value.to_owned()),
                "role-name" | "external-id" => return Err(wrong("a text")),
                _ => return Err(SpecError::Key(lambdasweep_model::printable(key))),
            }
        }
        let spec = spec.settled();
        if spec.suspended + spec.roleless >= spec.accounts {
            return Err(SpecError::Value {
                key: "suspended and roleless".to_owned(),
                value: format!("{}", spec.suspended + spec.roleless),
                allowed: "fewer than there are accounts",
            });
        }
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;

    #[test]
    fn reads_settings_and_refuses_what_it_does_not_know() {
        let spec: Spec = "accounts=200, regions=4,functions=6000,seed=7"
            .parse()
            .expect("a specification");
        assert_eq!(
            (
                spec.accounts,
                spec.regions,
                spec.functions,
                spec.seed,
                spec.suspended,
                spec.roleless
            ),
            (200, 4, 6000, 7, 4, 4)
        );
        for bad in [
            "acounts=2",
            "accounts=0",
            "regions=99",
            "functions=-1",
            "accounts",
            "seed=x",
            "accounts=2,suspended=2",
        ] {
            assert!(bad.parse::<Spec>().is_err(), "{bad}");
        }
    }
}
