//! `lambdasweep policy`: the policy engine by itself, for documents and requests from a file or a
//! pipe.

mod input;
mod text;

use anyhow::Result;
use lambdasweep_policy::wire::{
    CheckAnswer, CheckDefaults, CheckInput, EvaluateAnswer, EvaluateInput, Further,
};
use lambdasweep_report::escaped;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::{EvaluateArguments, Output, PolicyCheckArguments, PolicyCommand};
use crate::{FAILED, FINDINGS, FINE, terminal};
use input::{Input, Source};

pub(crate) fn run(command: &PolicyCommand) -> Result<u8> {
    match command {
        PolicyCommand::Check(arguments) => check(arguments),
        PolicyCommand::Evaluate(arguments) => evaluate(arguments),
    }
}

/// An answer, or why there is none; with the members of the input that come back either way.
type Answered<A> = std::result::Result<A, (Further, String)>;

fn check(arguments: &PolicyCheckArguments) -> Result<u8> {
    let defaults = CheckDefaults {
        kind: arguments.kind,
        account: arguments.account.as_ref().map(ToString::to_string),
        organization: arguments.organization.clone(),
        resource: arguments.resource.clone(),
    };
    let mut fails = false;
    let answered = |source: &Source| -> Answered<CheckAnswer> {
        let text = source.text()?;
        // A document by itself that is no JSON has its problem at a place; in a batch it is a bad
        // line.
        let broken = source.line.is_none()
            && text.trim_start().starts_with('{')
            && serde_json::from_str::<&serde_json::value::RawValue>(text).is_err();
        let input = if broken {
            Ok(CheckInput::bare(text.to_owned(), &defaults))
        } else {
            CheckInput::parse(text, &defaults)
        };
        input
            .map(|input| input.check())
            .map_err(|error| (CheckInput::further_of(text), error.to_string()))
    };
    let complete = answer(&arguments.file, arguments.output, answered, |answer| {
        fails |= arguments.fail_on.is_some_and(|least| {
            answer.exposure >= Some(least)
                || answer
                    .problems
                    .iter()
                    .any(|problem| problem.level == "error")
        });
        text::check(answer)
    })?;
    Ok(if !complete {
        FAILED
    } else if fails {
        FINDINGS
    } else {
        FINE
    })
}

fn evaluate(arguments: &EvaluateArguments) -> Result<u8> {
    let answered = |source: &Source| -> Answered<EvaluateAnswer> {
        let text = source.text()?;
        EvaluateInput::parse(text)
            .map(|input| input.evaluate())
            .map_err(|error| (EvaluateInput::further_of(text), error.to_string()))
    };
    let complete = answer(&arguments.file, arguments.output, answered, text::evaluate)?;
    Ok(if complete { FINE } else { FAILED })
}

/// Answers an input, piece by piece and in order; whether every piece could be answered.
fn answer<A: Serialize>(
    file: &std::path::Path,
    output: Output,
    answered: impl Fn(&Source) -> Answered<A>,
    mut text: impl FnMut(&A) -> String,
) -> Result<bool> {
    let input = Input::read(file)?;
    let mut out = terminal::Results::new();
    let mut complete = true;
    for source in input.sources() {
        let answer = answered(&source);
        complete &= answer.is_ok();
        let words = answer.as_ref().map(&mut text);
        let read = match output {
            Output::Json => out.line(&json(&source, answer)?)?,
            Output::Text => out.line(&words.map_or_else(
                |(further, error)| text::error(&source, further, error),
                |words| text::headed(&source, words),
            ))?,
        };
        if !read {
            break;
        }
    }
    out.finish()?;
    Ok(complete)
}

/// An answer as JSON: one line in a batch, laid out for a single input.
fn json<A: Serialize>(source: &Source, answer: Answered<A>) -> Result<String> {
    let mut value = match answer {
        Ok(answer) => serde_json::to_value(answer)?,
        Err((mut further, error)) => {
            further.insert("error".to_owned(), error.into());
            Value::Object(further)
        }
    };
    let Some(line) = source.line else {
        return Ok(escaped(&serde_json::to_string_pretty(&value)?).into_owned());
    };
    value["line"] = line.into();
    Ok(escaped(&value.to_string()).into_owned())
}
