//! Generated layers, some of which are shared too widely.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan::chance::Chance;
use crate::services::lambda::store::{Layer, Policy};

/// Who a version is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Nobody,
    Account,
    Organization,
    Everyone,
}

/// A version of a layer before it is built.
#[derive(Debug, Clone)]
pub(super) struct LayerTraits {
    pub(super) name: String,
    pub(super) version: u64,
    sharing: Sharing,
}

impl LayerTraits {
    /// The layers of an account-Region with functions. Some layers that functions use no longer
    /// exist.
    pub(super) fn draw(seed: u64, account: u64, region: u64) -> Vec<Self> {
        let mut chance = Chance::new(seed, "layers", &[account, region]);
        let mut layers = Vec::new();
        for at in 0..2 {
            for version in [3, 4] {
                let is = chance.percent(if version == 3 { 60 } else { 10 });
                let sharing = match chance.below(100) {
                    0..10 => Sharing::Everyone,
                    10..20 => Sharing::Organization,
                    20..35 => Sharing::Account,
                    _ => Sharing::Nobody,
                };
                if is {
                    layers.push(Self {
                        name: format!("common-{at}"),
                        version,
                        sharing,
                    });
                }
            }
        }
        layers
    }

    pub(super) fn arn(&self, account: &str, region: &str) -> String {
        format!(
            "arn:aws:lambda:{region}:{account}:layer:{}:{}",
            self.name, self.version
        )
    }

    pub(super) fn is_shared_outside(&self) -> bool {
        self.sharing == Sharing::Account
    }

    pub(super) fn is_public(&self) -> bool {
        self.sharing == Sharing::Everyone
    }
}

/// Builds the layers of an account-Region.
pub(super) fn build(
    layers: &[LayerTraits],
    account: &str,
    region: &str,
    organization: &str,
) -> BTreeMap<String, BTreeMap<u64, Layer>> {
    let mut built: BTreeMap<String, BTreeMap<u64, Layer>> = BTreeMap::new();
    for layer in layers {
        let arn = layer.arn(account, region);
        let version: Map<String, Value> = [
            ("LayerArn", json!(format!("arn:aws:lambda:{region}:{account}:layer:{}", layer.name))),
            ("LayerVersionArn", json!(arn)),
            ("Description", json!("shared helpers")),
            ("CreatedDate", json!("2025-04-01T12:00:00.000+0000")),
            ("Version", json!(layer.version)),
            ("CompatibleRuntimes", json!(["python3.13", "nodejs22.x"])),
            ("CompatibleArchitectures", json!(["x86_64", "arm64"])),
            ("Content", json!({"CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "CodeSize": 20_480})),
        ]
        .into_iter()
        .map(|(member, value)| (member.to_owned(), value))
        .collect();
        let principal = match layer.sharing {
            Sharing::Nobody => Value::Null,
            Sharing::Account => json!({"AWS": "arn:aws:iam::999988887777:root"}),
            Sharing::Organization | Sharing::Everyone => json!("*"),
        };
        let mut statement = json!({"Sid": "share", "Effect": "Allow", "Principal": principal, "Action": "lambda:GetLayerVersion", "Resource": arn});
        if layer.sharing == Sharing::Organization {
            statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
        }
        let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": [statement]});
        let policy = (layer.sharing != Sharing::Nobody).then(|| Policy {
            document,
            revision_id: "1".to_owned(),
        });
        built
            .entry(layer.name.clone())
            .or_default()
            .insert(layer.version, Layer { version, policy });
    }
    built
}
