//! The results of invocations: no code runs here, so tests set what a function's code would have
//! returned.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use lambdasweep_model::{Arn, printable};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::store::{Part, Seed};

/// The response of a function's code.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Response {
    /// The ARN of the function, version or alias that returns it.
    function_arn: String,
    /// What the code returned.
    #[serde(default)]
    pub(super) payload: Value,
    /// `Handled` or `Unhandled` if the code failed.
    pub(super) function_error: Option<String>,
}

/// The responses that were set, by ARN.
#[derive(Debug, Default)]
pub struct Invocations(RwLock<HashMap<String, Response>>);

impl Invocations {
    /// Sets the response in a request body; the error is a sentence that says what is wrong.
    pub(crate) fn set(&self, body: &[u8]) -> Result<Value, String> {
        let form = r#"send {"function_arn": ARN, "payload": any JSON}, with "function_error" where the function fails"#;
        let response: Response = serde_json::from_slice(body)
            .map_err(|error| format!("{}: {form}.", printable(&error.to_string())))?;
        let names_function = response
            .function_arn
            .parse::<Arn>()
            .is_ok_and(|arn| arn.function_name().is_some());
        if !names_function {
            return Err(format!(
                "{} is not the ARN of a function: {form}.",
                printable(&response.function_arn)
            ));
        }
        if response
            .function_error
            .as_deref()
            .is_some_and(|error| !["Handled", "Unhandled"].contains(&error))
        {
            return Err("A function_error is Handled or Unhandled.".to_owned());
        }
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(response.function_arn.clone(), response);
        Ok(json!({}))
    }

    /// The response that was set for one of some ARNs, the first that has one.
    pub(super) fn of(&self, arns: &[String]) -> Option<Response> {
        let responses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        arns.iter().find_map(|arn| responses.get(arn)).cloned()
    }

    /// Removes all responses.
    pub(crate) fn clear(&self) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl Part for Invocations {
    fn begin(_: &dyn Seed) -> Self {
        Self::default()
    }

    fn reset(&self, _: &dyn Seed) {
        self.clear();
    }

    /// No AWS call sets responses.
    fn describe(&self) -> String {
        String::new()
    }
}
