//! The models as data, read from the files that the mock is built from.

use serde_json::Value;

pub(super) struct Model {
    pub(super) name: &'static str,
    json: Value,
}

impl Model {
    pub(super) fn all() -> Vec<Self> {
        [
            ("account", include_str!("../../../models/account.json")),
            ("iam", include_str!("../../../models/iam.json")),
            ("lambda", include_str!("../../../models/lambda.json")),
            (
                "organizations",
                include_str!("../../../models/organizations.json"),
            ),
            ("sts", include_str!("../../../models/sts.json")),
        ]
        .into_iter()
        .map(|(name, text)| Self {
            name,
            json: serde_json::from_str(text).unwrap(),
        })
        .collect()
    }

    pub(super) fn protocol(&self) -> &str {
        self.json["metadata"]["protocol"].as_str().unwrap()
    }

    /// The operations that take an input, sorted.
    pub(super) fn operations(&self) -> Vec<&str> {
        let all = self.json["operations"].as_object().unwrap();
        let mut names: Vec<&str> = all
            .iter()
            .filter(|(_, operation)| operation.get("input").is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    }

    pub(super) fn operation(&self, name: &str) -> &Value {
        &self.json["operations"][name]
    }

    pub(super) fn shape(&self, name: &str) -> &Value {
        self.json["shapes"]
            .get(name)
            .unwrap_or_else(|| panic!("no shape {name}"))
    }

    /// The required members of a structure.
    pub(super) fn required(structure: &Value) -> Vec<&str> {
        structure["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it.as_str().unwrap())
            .collect()
    }

    pub(super) fn input_name(&self, operation: &str) -> &str {
        self.operation(operation)["input"]["shape"]
            .as_str()
            .unwrap()
    }

    pub(super) fn input(&self, operation: &str) -> &Value {
        self.shape(self.input_name(operation))
    }
}
