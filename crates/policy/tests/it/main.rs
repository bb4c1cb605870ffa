//! Policies are parsed, requests are decided, and exposure is reasoned about.

mod accounts;
mod actions;
mod arbitrary;
mod bounds;
mod cases;
mod doors;
mod graph;
mod layers;
mod problems;
mod role_paths;
mod role_resources;
mod role_rows;
mod role_writes;
mod roles;
mod soundness;
mod texts;
mod trust;
mod values;

use lambdasweep_policy::Document;
use proptest::prelude::*;

#[test]
fn errors_name_the_place() {
    for (text, place) in [
        ("{", "not valid JSON"),
        ("[]", "the document"),
        (
            r#"{"Statement":[{"Action":"a","Effect":"allow"}]}"#,
            "Statement[0].Effect",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Allow"}]}"#,
            "Statement[1]",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"a","Resources":"*"}}"#,
            "Statement[0].Resources",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"a","Principal":"me"}}"#,
            "Statement[0].Principal",
        ),
    ] {
        let error = Document::parse(text).expect_err(text).to_string();
        assert!(error.contains(place), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in ".*") {
        let _ = Document::parse(&text);
        let _ = Document::parse_url_encoded(&text);
    }
}
