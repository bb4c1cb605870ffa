//! Every constraint that the models set on inputs, over HTTP: an input that violates one is
//! rejected with AWS's message and changes nothing; an input at the limit is not rejected for it.
//! Requests, values and messages are generated here from the models' files, without the mock's own
//! code.

mod cases;
mod model;
mod samples;
mod seeded;
mod speak;
mod words;

use std::collections::BTreeSet;

use cases::Case;
use lambdasweep_mock::seed::Empty;
use model::Model;
use serde_json::json;

use crate::client::{Answer, Mock};
use crate::lambda::zip;

/// Creates the resources that operations can find with the smallest inputs.
fn world() -> Mock {
    let mock = Mock::start(Empty);
    mock.organizations(
        "111122223333",
        "CreateOrganization",
        r#"{"FeatureSet":"ALL"}"#,
    );
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    for name in ["r", "a"] {
        let made = mock.iam(
            "111122223333",
            "CreateRole",
            &[("RoleName", name), ("AssumeRolePolicyDocument", trust)],
        );
        assert_eq!(made.status, 200, "{}", made.body);
    }
    for name in ["f", "a"] {
        let role = "arn:aws:iam::111122223333:role/r";
        let body = json!({"FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": zip("")}});
        let made = mock.rest(
            "111122223333",
            "eu-west-1",
            "lambda",
            "POST",
            "/2015-03-31/functions",
            &body.to_string(),
        );
        assert_eq!(made.status, 201, "{}", made.body);
    }
    mock
}

/// The operations that have a handler; the others return 501 before the input is checked.
fn implemented(mock: &Mock) -> BTreeSet<(String, String)> {
    let page = mock.page("GET", "/_mock/operations").json();
    let services = page.as_object().unwrap().iter();
    let names = services.flat_map(|(service, names)| {
        names
            .as_array()
            .unwrap()
            .iter()
            .map(move |name| (service.clone(), name.as_str().unwrap().to_owned()))
    });
    names.collect()
}

fn code(model: &Model, answer: &Answer) -> String {
    match model.protocol() {
        "query" => answer.element("Code").unwrap_or_default().to_owned(),
        _ => answer
            .header("x-amzn-errortype")
            .unwrap_or_default()
            .to_owned(),
    }
}

fn message(model: &Model, answer: &Answer) -> String {
    if model.protocol() != "query" {
        let body = answer.json();
        return body["message"]
            .as_str()
            .or_else(|| body["Message"].as_str())
            .unwrap_or_default()
            .to_owned();
    }
    let text = answer.element("Message").unwrap_or_default();
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#13;", "\r"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}

/// Whether a response says that the case's value violates the case's constraint.
fn says(model: &Model, case: &Case, answer: &Answer) -> bool {
    if model.name == "organizations" {
        let reason = &answer.json()["Reason"];
        let either = case.broken && case.patterned && reason == "INVALID_PATTERN";
        return code(model, answer) == "InvalidInputException" && (reason == case.reason || either);
    }
    if code(model, answer) == "InvalidParameterValueException" {
        // Runtimes have their own message, and the supported ones change with the date.
        let told = message(model, answer);
        let begin = format!(
            "at '{}' failed to satisfy constraint: Member must satisfy enum value set: [",
            case.place
        );
        return told.contains(&begin) && told.ends_with("] or be a valid ARN");
    }
    let expected = if model.protocol() == "query" {
        "ValidationError"
    } else {
        "ValidationException"
    };
    code(model, answer) == expected
        && message(model, answer).contains(&format!(
            "at '{}' failed to satisfy constraint: {}",
            case.place, case.words
        ))
}

/// What is wrong with an error apart from the message: the status, the number of errors, or other
/// members that it names.
fn improper(model: &Model, case: &Case, answer: &Answer) -> Option<String> {
    let told = message(model, answer);
    if answer.status != 400 {
        return Some(format!("status {}", answer.status));
    }
    if model.name == "organizations" || told.ends_with("or be a valid ARN") {
        return None;
    }
    let count: usize = ["Member ", "Map "]
        .iter()
        .map(|subject| {
            told.matches(&format!("failed to satisfy constraint: {subject}"))
                .count()
        })
        .sum();
    let errors = if count == 1 { "error" } else { "errors" };
    let begin = format!("{count} validation {errors} detected: Value");
    let others =
        told.matches(" at '").count() - told.matches(&format!(" at '{}'", case.place)).count();
    (!told.starts_with(&begin) || others > 0)
        .then(|| "it blames something else too, or miscounts".to_owned())
}

#[test]
fn what_breaks_a_constraint_is_refused_and_what_keeps_it_is_not() {
    let mock = world();
    let implemented = implemented(&mock);
    let (mut wrong, mut refused, mut kept) = (Vec::new(), 0, 0);
    for model in Model::all() {
        for operation in model.operations() {
            if !implemented.contains(&(model.name.to_owned(), operation.to_owned())) {
                continue;
            }
            let begun = mock.state();
            let (breaking, keeping): (Vec<Case>, Vec<Case>) = cases::of(&model, operation)
                .into_iter()
                .partition(|case| case.broken);
            for case in &breaking {
                let answer = speak::send(&mock, &model, operation, &case.input);
                refused += 1;
                let problem = if says(&model, case, &answer) {
                    improper(&model, case, &answer)
                } else {
                    Some("not refused in these words".to_owned())
                };
                if let Some(problem) = problem {
                    let shown: String = case.input.to_string().chars().take(300).collect();
                    let body: String = answer.body.chars().take(600).collect();
                    wrong.push(format!(
                        "{}:{operation} {}: {}\n  {problem}\n  sent {shown}\n  got {} {body}",
                        model.name, case.place, case.words, answer.status
                    ));
                }
            }
            if mock.state() != begun {
                wrong.push(format!(
                    "{}:{operation}: a refused request has changed something",
                    model.name
                ));
            }
            for case in &keeping {
                let answer = speak::send(&mock, &model, operation, &case.input);
                kept += 1;
                if says(&model, case, &answer) || answer.status >= 500 {
                    let body: String = answer.body.chars().take(600).collect();
                    wrong.push(format!(
                        "{}:{operation} {}: {} is kept\n  got {} {body}",
                        model.name, case.place, case.words, answer.status
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {refused} + {kept}:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(
        refused > 500 && kept > 500,
        "the models have more constraints than {refused} and {kept}"
    );
}

/// The smallest input of each operation is valid: what is rejected above is rejected for what was
/// changed in it.
#[test]
fn the_smallest_inputs_break_nothing() {
    let mock = world();
    for model in Model::all() {
        for operation in model.operations() {
            let answer = speak::send(&mock, &model, operation, &cases::minimal(&model, operation));
            let told = format!(
                "{}:{operation}: {} {}",
                model.name, answer.status, answer.body
            );
            assert!(
                !answer.body.contains("validation error")
                    && !answer.body.contains("INVALID_PATTERN"),
                "{told}"
            );
            assert!(answer.status < 500 || answer.status == 501, "{told}");
        }
    }
}
