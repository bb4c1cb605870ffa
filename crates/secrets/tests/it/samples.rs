//! Puts the labelled values together. What looks alive is made here, at run time: scanners of
//! repositories find nothing to report.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lambdasweep_secrets::Confidence;

/// A labelled value.
pub(crate) struct Sample {
    pub(crate) line: usize,
    pub(crate) is_secret: bool,
    /// The rule, or what the value refers to.
    pub(crate) label: Option<String>,
    pub(crate) confidence: Option<Confidence>,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// All of them, drawn from a seed.
pub(crate) fn samples(seed: u64) -> Vec<Sample> {
    let rows = include_str!("../../testdata/labelled.tsv")
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'));
    rows.map(|(index, line)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, label, confidence, name, value] = fields[..] else {
            panic!("line {}: five fields, not {}", index + 1, fields.len())
        };
        let known = [Confidence::Low, Confidence::Medium, Confidence::High];
        Sample {
            line: index + 1,
            is_secret: kind == "secret",
            label: (label != "-").then(|| label.to_owned()),
            confidence: known.into_iter().find(|it| it.as_str() == confidence),
            name: name.to_owned(),
            value: fill(value, &mut Dice(seed.wrapping_add(index as u64 * 7919))),
        }
    })
    .collect()
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn draw(&mut self, alphabet: &str, length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())]))
            .collect()
    }
}

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "0123456789";

fn fill(template: &str, dice: &mut Dice) -> String {
    let template = template
        .replace('~', "")
        .replace("\\\\n", "\u{1}")
        .replace("\\n", "\n")
        .replace('\u{1}', "\\n");
    // An embracing pattern is filled in last.
    let mut out = template;
    while let Some(end) = out.find('»') {
        let start = out[..end].rfind('«').unwrap();
        let made = make(&out[start + '«'.len_utf8()..end], dice);
        out.replace_range(start..end + '»'.len_utf8(), &made);
    }
    out
}

fn make(pattern: &str, dice: &mut Dice) -> String {
    let (kind, rest) = pattern.split_once(':').unwrap_or((pattern, ""));
    let length = rest.parse().unwrap_or_default();
    match kind {
        "an" => dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}"), length),
        "b64" => dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}+/"), length),
        "b32" => dice.draw(&format!("{CAPITALS}234567"), length),
        "hex" => dice.draw("0123456789abcdef", length),
        "num" => dice.draw(DIGITS, length),
        "low" => dice.draw(&format!("{SMALL}{DIGITS}"), length),
        "url" => dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}-_"), length),
        "up" => dice.draw(&format!("{CAPITALS}{DIGITS}"), length),
        "b58" => dice.draw(
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
            length,
        ),
        // A password that people are made to choose: letters of both cases, digits, signs.
        "pw" => format!(
            "{}{}{}",
            dice.draw("bcdfgkmprtv", 2),
            dice.draw("!#*+?^", 1),
            dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}!*+"), length - 3)
        ),
        // Bytes in base64, of which the first are given.
        "der" => {
            let given = (0..rest.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&rest[at..at + 2], 16).unwrap());
            let drawn: Vec<u8> = given
                .chain((0..96).map(|_| dice.draw(DIGITS, 1).as_bytes()[0]))
                .collect();
            STANDARD.encode(drawn)
        }
        "tilde" => "~".to_owned(),
        "uuid" => [8, 4, 4, 4, 12]
            .map(|length| dice.draw("0123456789abcdef", length))
            .join("-"),
        "gh" => {
            let body = dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}"), 30);
            format!("{rest}_{body}{}", checksum(&body))
        }
        "jwt" => {
            let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
            let signature = dice.draw(&format!("{CAPITALS}{SMALL}{DIGITS}"), 43);
            format!(
                "{}.{}.{signature}",
                part(r#"{"typ":"JWT","alg":"HS256"}"#),
                part(r#"{"sub":"1234567890","name":"orders"}"#)
            )
        }
        "b64of" => STANDARD.encode(rest),
        _ => panic!("no such pattern: {pattern}"),
    }
}

/// The CRC-32 in six digits of base 62.
fn checksum(body: &str) -> String {
    let alphabet = format!("{DIGITS}{CAPITALS}{SMALL}");
    let sum = crc32fast::hash(body.as_bytes()) as usize;
    (0..6)
        .rev()
        .map(|place| char::from(alphabet.as_bytes()[sum / 62_usize.pow(place) % 62]))
        .collect()
}
