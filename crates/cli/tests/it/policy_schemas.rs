//! The schemas in docs/ hold for what the policy commands really answer, and for the inputs of
//! testdata/policies.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::policy::{answers, cases, problem_cases};

struct Schema {
    schemas: Schemas,
    answer: SchemaIndex,
    input: SchemaIndex,
}

impl Schema {
    fn of(command: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(format!("policy-{command}.schema.json"));
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let id = schema["$id"].as_str().unwrap().to_owned();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource(&id, schema).unwrap();
        let answer = compiler.compile(&id, &mut schemas).unwrap();
        let input = compiler
            .compile(&format!("{id}#/$defs/input"), &mut schemas)
            .unwrap();
        Self {
            schemas,
            answer,
            input,
        }
    }

    fn check(&self, value: &Value, what: SchemaIndex) {
        if let Err(error) = self.schemas.validate(value, what) {
            panic!("{error}\n{value}");
        }
    }
}

#[test]
fn answers_and_inputs_are_as_the_schemas_say() {
    let inputs = format!(
        "{}{}{{\"id\": 1}}\nnothing\n",
        cases("check"),
        problem_cases()
    );
    for (command, inputs) in [
        ("check", inputs),
        (
            "evaluate",
            format!("{}{{\"id\": 1}}\nnothing\n", cases("evaluate")),
        ),
    ] {
        let schema = Schema::of(command);
        let (code, answers) = answers(&[command, "-", "--output", "json"], &inputs);
        assert_eq!((code, answers.len()), (1, inputs.lines().count()));
        for answer in &answers {
            schema.check(answer, schema.answer);
        }
        assert_eq!(
            answers
                .iter()
                .filter(|answer| answer.get("error").is_some())
                .count(),
            2
        );
        for input in inputs.lines().filter(|line| line.contains("\"why\"")) {
            schema.check(&serde_json::from_str(input).unwrap(), schema.input);
        }
    }
}

#[test]
fn the_schemas_refuse_what_is_no_answer() {
    let schema = Schema::of("evaluate");
    let answer = json!({"decision": "allowed", "decided_by": ["identity[0]#0"], "denied_by": null, "statements": []});
    schema.check(&answer, schema.answer);
    for (member, value) in [
        ("decision", json!("yes")),
        ("decided_by", json!(["identity#0"])),
        ("denied_by", json!("policy")),
        ("error", json!("x")),
    ] {
        let mut other = answer.clone();
        other[member] = value;
        assert!(
            schema.schemas.validate(&other, schema.answer).is_err(),
            "{other}"
        );
    }
}
