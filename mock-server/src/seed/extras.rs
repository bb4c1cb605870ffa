//! Builds the further traits of a generated function: statements of its policy, and its alias.

use serde_json::{Value, json};

use crate::plan::extras::{Caller, Control};
use crate::plan::traits::Traits;

/// The further statements of a function's policy: for each the Sid, the principal, the action and
/// the condition.
pub(super) fn statements(
    traits: &Traits,
    account: &str,
) -> Vec<(&'static str, Value, &'static str, Value)> {
    let partner = || json!({"AWS": "arn:aws:iam::999988887777:root"});
    let mut statements = Vec::new();
    let mut control = |principal: Value, action: &'static str| {
        statements.push(("control", principal, action, Value::Null));
    };
    match traits.extras.control {
        Control::Nobody => {}
        Control::Edge => control(
            json!({"Service": "replicator.lambda.amazonaws.com"}),
            "lambda:GetFunction",
        ),
        Control::PartnerReads => control(partner(), "lambda:GetFunction"),
        Control::PartnerChanges => control(partner(), "lambda:UpdateFunctionCode"),
    }
    let caller = traits.caller();
    if caller != Caller::Nobody {
        statements.push((
            "urlcaller",
            partner(),
            "lambda:InvokeFunctionUrl",
            json!({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
        ));
    }
    if caller == Caller::Both {
        statements.push((
            "urlcallerinvoke",
            partner(),
            "lambda:InvokeFunction",
            json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
        ));
    }
    if traits.extras.agent {
        statements.push((
            "agent",
            json!({"Service": "bedrock.amazonaws.com"}),
            "lambda:InvokeFunction",
            json!({"StringEquals": {"AWS:SourceAccount": account}}),
        ));
    }
    statements
}

/// An alias that sends a tenth of its calls to another version.
pub(super) fn with_routing(mut alias: Value, to: Option<usize>) -> Value {
    if let Some(version) = to {
        let version = version.to_string();
        alias["RoutingConfig"] = json!({"AdditionalVersionWeights": {version: 0.1}});
    }
    alias
}
