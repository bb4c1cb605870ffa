//! Listings are read to their end and no further, and nothing twice.

use lambdasweep_model::Outcome;

use crate::server::{Request, Server, json, options};

/// The marker that a request carries.
fn marker(request: &Request) -> &str {
    request
        .path
        .split("Marker=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .unwrap_or_default()
}

fn page(names: &[&str], next: &str) -> String {
    let aliases: Vec<_> = names
        .iter()
        .map(|name| format!(r#"{{"Name":"{name}"}}"#))
        .collect();
    format!(
        r#"{{"Aliases":[{}],"NextMarker":{next}}}"#,
        aliases.join(",")
    )
}

async fn listed(
    answer: impl Fn(&str, usize) -> String + Send + Sync + 'static,
) -> (Vec<String>, Option<String>, usize) {
    let server = Server::start(options(), move |request, before| {
        json(200, &answer(marker(request), before))
    })
    .await;
    let (names, ended) = server.aliases().await;
    let why = ended.err().map(|error| {
        assert_eq!(
            (error.outcome, error.code.as_deref()),
            (Outcome::Failed, Some("IncompleteAnswer")),
            "{error}"
        );
        error.message
    });
    (names, why, server.asked())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_followed_to_the_last_one() {
    let (names, why, asked) = listed(|marker, _| match marker {
        "" => page(&["a", "b"], "\"1\""),
        "1" => page(&[], "\"2\""),
        "2" => page(&["b", "c"], "\"3\""),
        _ => page(&["d"], "null"),
    })
    .await;
    assert_eq!((names.join(""), why, asked), ("abcd".to_owned(), None, 4));
}

/// Whatever leads in a circle or on for ever ends as a failure, and what was read until then is
/// kept.
#[tokio::test(flavor = "multi_thread")]
async fn listings_without_an_end_are_failures() {
    type Answer = fn(&str, usize) -> String;
    let cases: [(&str, Answer, &str, usize); 7] = [
        (
            "its own token",
            |_, _| page(&["a"], "\"1\""),
            "already read",
            1,
        ),
        (
            "a circle of two",
            |marker, _| {
                if marker == "1" {
                    page(&["b"], "\"2\"")
                } else {
                    page(&["a"], "\"1\"")
                }
            },
            "already read",
            2,
        ),
        (
            "a circle of three",
            |marker, _| match marker {
                "1" => page(&["b"], "\"2\""),
                "2" => page(&["c"], "\"3\""),
                _ => page(&["a"], "\"1\""),
            },
            "already read",
            3,
        ),
        (
            "an empty token",
            |_, _| page(&["a"], "\"\""),
            "without a valid token",
            1,
        ),
        (
            "fresh tokens and fresh items",
            |_, before| page(&[&format!("{before}")], &format!("\"{before}\"")),
            "more than an account can have",
            1_001,
        ),
        (
            "fresh tokens and no items",
            |_, before| page(&[], &format!("\"{before}\"")),
            "contained nothing new",
            0,
        ),
        (
            "fresh tokens and the same items",
            |_, before| page(&["a"], &format!("\"{before}\"")),
            "contained nothing new",
            1,
        ),
    ];
    for (case, answer, why, kept) in cases {
        let (names, told, asked) = listed(answer).await;
        assert_eq!(names.len(), kept, "{case}");
        assert!(
            told.as_ref().is_some_and(|told| told.contains(why)),
            "{case}: {told:?}"
        );
        assert!(asked <= 1_100, "{case}: {asked} pages");
    }
}

/// The way back to the first page, as an item and as a token, passes when it is asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_wrong_once_costs_nothing() {
    for wrong in ["\"\"", "\"1\""] {
        let (names, why, _) = listed(move |marker, before| match (marker, before) {
            ("1", 1) => page(&["b"], wrong),
            ("1", _) => page(&["b"], "null"),
            _ => page(&["a"], "\"1\""),
        })
        .await;
        assert_eq!((names.join(""), why), ("ab".to_owned(), None), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_item_twice_is_one_and_two_with_one_name_are_a_failure() {
    let twice = |second: &'static str| {
        move |marker: &str, _: usize| match marker {
            "" => {
                r#"{"Aliases":[{"Name":"a","FunctionVersion":"1"},{"Name":"b"}],"NextMarker":"1"}"#
                    .to_owned()
            }
            _ => format!(r#"{{"Aliases":[{second},{{"Name":"c"}}]}}"#),
        }
    };
    let (names, why, _) = listed(twice(r#"{"FunctionVersion":"1","Name":"a"}"#)).await;
    assert_eq!((names.join(""), why), ("abc".to_owned(), None));
    let (names, why, _) = listed(twice(r#"{"Name":"a","FunctionVersion":"2"}"#)).await;
    assert_eq!(
        (names.join(""), why),
        (
            "abc".to_owned(),
            Some("`a` is listed twice, with different content".to_owned())
        )
    );
    // In one page it is asked for again, and a page that is right the second time costs nothing.
    let (names, why, _) = listed(|_, before| {
        let version = if before == 0 { "2" } else { "1" };
        format!(r#"{{"Aliases":[{{"Name":"a","FunctionVersion":"1"}},{{"Name":"a","FunctionVersion":"{version}"}}]}}"#)
    })
    .await;
    assert_eq!((names.join(""), why), ("a".to_owned(), None));
}

/// An item without what identifies it is asked for again; where that does not help, the others are
/// given and it is for the reader to judge.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_without_its_identity_is_asked_for_again() {
    let nameless = r#"{"Aliases":[{"Name":"a"},{"FunctionVersion":"1"}]}"#;
    let (names, why, asked) = listed(move |_, before| {
        if before == 0 {
            nameless.to_owned()
        } else {
            page(&["a", "b"], "null")
        }
    })
    .await;
    assert_eq!((names.join(""), why, asked), ("ab".to_owned(), None, 2));
    let (names, why, asked) = listed(move |_, _| nameless.to_owned()).await;
    assert_eq!(
        (names, why, asked),
        (vec!["a".to_owned(), String::new()], None, 3)
    );
}
