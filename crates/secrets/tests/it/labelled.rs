//! The labelled values: every secret is found by its rule, nothing else is, and references are
//! told.

use std::collections::BTreeMap;

use lambdasweep_secrets::{detect, reference};

use crate::samples::samples;

/// How often each thing happened.
type Tally = BTreeMap<String, u32>;

/// How often the values are drawn: a rule that hits by luck shows.
const DRAWS: u64 = 40;

#[test]
fn finds_every_secret_and_nothing_else() {
    let (mut found, mut missed, mut false_alarms, mut wrong) =
        (0_u32, Tally::new(), Tally::new(), Tally::new());
    for seed in 0..DRAWS {
        for sample in samples(seed * 104_729) {
            let told = format!("line {} ({})", sample.line, sample.name);
            match (detect(&sample.name, &sample.value), sample.is_secret) {
                (Some(secret), true) => {
                    found += 1;
                    if Some(secret.rule) != sample.label.as_deref()
                        || Some(secret.confidence) < sample.confidence
                    {
                        *wrong.entry(format!("{told}: {secret:?}")).or_default() += 1;
                    }
                }
                (None, true) => *missed.entry(told).or_default() += 1,
                (Some(secret), false) => {
                    *false_alarms
                        .entry(format!("{told}: {secret:?}"))
                        .or_default() += 1
                }
                (None, false) => {}
            }
        }
    }
    let kinds = samples(0);
    assert!(kinds.len() >= 150 && kinds.iter().filter(|it| it.is_secret).count() >= 60);
    let of = |tally: &Tally| f64::from(found) / f64::from(found + tally.values().sum::<u32>());
    let (recall, precision) = (of(&missed), of(&false_alarms));
    // Values are drawn: one in thousands can look like a word and is missed.
    assert!(
        recall >= 0.998 && precision >= 0.9995,
        "recall {recall}, precision {precision}\nmissed {missed:#?}\nfalse alarms {false_alarms:#?}"
    );
    assert!(of(&wrong) >= 0.998, "{wrong:#?}");
}

#[test]
fn tells_where_a_value_refers_to() {
    for sample in samples(1)
        .iter()
        .filter(|sample| !sample.is_secret && sample.label.is_some())
    {
        let told = reference(&sample.name, &sample.value).map(|it| it.as_str());
        assert_eq!(
            told,
            sample.label.as_deref(),
            "line {} ({})",
            sample.line,
            sample.name
        );
    }
}

#[test]
fn secrets_refer_to_nothing() {
    for sample in samples(2)
        .iter()
        .filter(|sample| sample.is_secret && sample.label.as_deref() == Some("named-secret"))
    {
        assert_eq!(
            reference(&sample.name, &sample.value),
            None,
            "line {} ({})",
            sample.line,
            sample.name
        );
    }
}

#[test]
fn what_is_told_holds_no_value() {
    for sample in samples(3).iter().filter(|sample| sample.is_secret) {
        let Some(secret) = detect(&sample.name, &sample.value) else {
            continue;
        };
        let told = format!(
            "{secret:?} {} {}",
            secret.description,
            secret.confidence.as_str()
        );
        assert!(!told.contains(&sample.value), "line {}", sample.line);
    }
}
