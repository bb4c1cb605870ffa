//! The notes that the journal keeps with a part's rows, so that a resumed scan can continue after
//! it: the functions of a Region, and what later stages need.

use std::collections::BTreeMap;

use lambdasweep_aws::CallError;
use lambdasweep_model::Outcome;
use lambdasweep_tables::Form;
use serde::{Deserialize, Serialize};

use crate::configuration::Version;
use crate::context::{FunctionTarget, VersionPolicy};
use crate::references::References;
use crate::services::COLLECTORS;

/// A note. It is written to disk, so its texts have to pass the gate.
pub(crate) trait Note: Serialize {
    /// Visits every text that comes from AWS, with its form.
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String));
}

impl Note for () {
    fn visit_texts(&mut self, _: &mut dyn FnMut(Form, &mut String)) {}
}

/// A call that failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NotedError {
    operation: String,
    account: String,
    region: String,
    outcome: String,
    code: Option<String>,
    message: String,
    attempts: u32,
}

impl NotedError {
    pub(crate) fn of(error: &CallError) -> Self {
        Self {
            operation: error.operation.to_owned(),
            account: error.account.clone(),
            region: error.region.clone(),
            outcome: error.outcome.as_str().to_owned(),
            code: error.code.clone(),
            message: error.message.clone(),
            attempts: error.attempts,
        }
    }

    pub(crate) fn into_error(self) -> CallError {
        let operations = COLLECTORS.iter().flat_map(|it| it.operations);
        let mut named = operations.filter(|operation| operation.name == self.operation);
        CallError {
            // Only an operation that no collector declares would not be found.
            operation: named.next().map_or("", |operation| operation.name),
            account: self.account,
            region: self.region,
            outcome: self.outcome.parse().unwrap_or(Outcome::Failed),
            code: self.code,
            message: self.message,
            attempts: self.attempts,
        }
    }

    pub(crate) fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        visit(Form::Text, &mut self.message);
        if let Some(code) = &mut self.code {
            visit(Form::Word, code);
        }
    }
}

fn noted(error: Option<&CallError>) -> Option<NotedError> {
    error.map(NotedError::of)
}

/// The listed functions of a Region.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listing {
    functions: Vec<ListedFunction>,
    /// Why the list ended early, if it did.
    ended: Option<NotedError>,
    /// The number of attempts.
    pub(crate) attempts: u32,
}

/// A function and what is known about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ListedFunction {
    arn: String,
    known: bool,
    is_replica: bool,
    versions_gap: Option<NotedError>,
    doubt: Option<NotedError>,
    versions: Vec<Version>,
}

impl ListedFunction {
    fn of(target: &FunctionTarget) -> Self {
        Self {
            arn: target.arn.clone(),
            known: target.known,
            is_replica: target.is_replica,
            versions_gap: noted(target.versions_gap.as_ref()),
            doubt: noted(target.doubt.as_ref()),
            versions: target.versions.clone(),
        }
    }

    fn into_target(self) -> FunctionTarget {
        let mut target = FunctionTarget::new(self.arn, self.known, self.is_replica);
        target.versions_gap = self.versions_gap.map(NotedError::into_error);
        target.doubt = self.doubt.map(NotedError::into_error);
        target.versions = self.versions;
        target
    }

    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        visit(Form::Identifier, &mut self.arn);
        let errors = self.versions_gap.iter_mut().chain(&mut self.doubt);
        errors.for_each(|error| error.visit_texts(visit));
    }
}

impl Listing {
    pub(crate) fn of(
        targets: &[FunctionTarget],
        ended: &Result<(), CallError>,
        attempts: u32,
    ) -> Self {
        Self {
            functions: targets.iter().map(ListedFunction::of).collect(),
            ended: noted(ended.as_ref().err()),
            attempts,
        }
    }

    /// The functions, and the outcome of the listing.
    pub(crate) fn into_targets(self) -> (Vec<FunctionTarget>, Result<(), CallError>) {
        let targets = self
            .functions
            .into_iter()
            .map(ListedFunction::into_target)
            .collect();
        let ended = self.ended.map(NotedError::into_error);
        (targets, ended.map_or(Ok(()), Err))
    }
}

impl Note for Listing {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        self.functions
            .iter_mut()
            .for_each(|function| function.visit_texts(visit));
        if let Some(error) = &mut self.ended {
            error.visit_texts(visit);
        }
    }
}

/// A group of functions that were read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) functions: Vec<ReadFunction>,
    pub(crate) references: References,
}

/// A function that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadFunction {
    pub(crate) arn: String,
    /// Whether it was deleted while the scan ran.
    pub(crate) gone: bool,
    version_policies: BTreeMap<String, VersionPolicy>,
    /// The function again, if its versions were listed separately.
    relisted: Option<ListedFunction>,
}

impl ReadFunction {
    pub(crate) fn of(target: &FunctionTarget, gone: bool, relisted: bool) -> Self {
        Self {
            arn: target.arn.clone(),
            gone,
            version_policies: target.version_policies.clone(),
            relisted: relisted.then(|| ListedFunction::of(target)),
        }
    }

    /// Restores the state of a function after it was read.
    pub(crate) fn apply(&mut self, target: &mut FunctionTarget) {
        if let Some(relisted) = self.relisted.take() {
            *target = relisted.into_target();
        }
        target.version_policies = std::mem::take(&mut self.version_policies);
    }
}

impl Note for Group {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        for function in &mut self.functions {
            visit(Form::Identifier, &mut function.arn);
            if let Some(relisted) = &mut function.relisted {
                relisted.visit_texts(visit);
            }
            for policy in function.version_policies.values_mut() {
                if let VersionPolicy::Unknown(why) = policy {
                    visit(Form::Text, why);
                }
            }
        }
        self.references.visit_texts(visit);
    }
}
