//! Settings of generated functions as the API returns them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan::chance::Chance;
use crate::plan::settings::{Cors, Provisioned, Tags};
use crate::plan::traits::Traits;

/// The CORS settings of a function URL. Some have none, some have them without origins.
pub(super) fn cors(traits: &Traits) -> Value {
    match traits.settings.cors {
        Cors::None => Value::Null,
        Cors::WithoutOrigins => json!({"AllowMethods": ["GET"], "MaxAge": 300}),
        Cors::NamedOrigin => {
            json!({"AllowOrigins": ["https://www.example.com"], "AllowMethods": ["GET"], "AllowCredentials": true})
        }
        Cors::AnyOrigin => json!({"AllowOrigins": ["*"], "AllowMethods": ["*"]}),
        Cors::AnyOriginWithCredentials => {
            json!({"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowCredentials": true})
        }
    }
}

/// The provisioned concurrency of an alias.
pub(super) fn provisioned(traits: &Traits, requested: u64) -> Map<String, Value> {
    let (there, status) = match traits.settings.provisioned {
        Provisioned::Failed => (0, "FAILED"),
        Provisioned::None | Provisioned::Ready => (requested, "READY"),
    };
    let mut config = Map::from_iter([
        (
            "RequestedProvisionedConcurrentExecutions".to_owned(),
            json!(requested),
        ),
        (
            "AvailableProvisionedConcurrentExecutions".to_owned(),
            json!(there),
        ),
        (
            "AllocatedProvisionedConcurrentExecutions".to_owned(),
            json!(there),
        ),
        ("Status".to_owned(), json!(status)),
        ("LastModified".to_owned(), json!("2025-02-01T12:00:00+0000")),
    ]);
    if status == "FAILED" {
        let reason = "FUNCTION_ERROR_INIT_FAILURE";
        config.insert("StatusReason".to_owned(), json!(reason));
    }
    config
}

/// The tags of a function.
pub(super) fn tags(traits: &Traits, chance: &mut Chance) -> BTreeMap<String, String> {
    let tags = match traits.settings.tags {
        Tags::None => Vec::new(),
        Tags::OfAws => vec![("aws:cloudformation:stack-name", "web".to_owned())],
        Tags::Own => {
            let teams = ["orders", "platform", "data", "security"];
            let team = chance.pick(&teams).to_owned();
            vec![
                ("team", team),
                ("cost-center", chance.letters("0123456789", 4)),
            ]
        }
    };
    tags.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
