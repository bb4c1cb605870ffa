//! Secrets that show by a maker's name in the variable's name together with the form of that maker's keys.

use crate::words::{has, position};
use crate::{Confidence, Secret};

struct Named {
    id: &'static str,
    description: &'static str,
    /// One of these words is in the name,
    maker: &'static [&'static str],
    /// and one of these.
    kind: &'static [&'static str],
    fits: fn(&str) -> bool,
}

const NAMED: &[Named] = &[
    Named {
        id: "datadog-key",
        description: "a Datadog key",
        maker: &["dd", "datadog"],
        kind: &["key", "apikey", "appkey"],
        fits: |it| hex(it, &[32, 40]),
    },
    Named {
        id: "new-relic-key",
        description: "a New Relic key",
        maker: &["relic", "newrelic", "nr"],
        kind: &["key", "licensekey", "license"],
        fits: |it| hex(it, &[40]) || (it.len() == 40 && it.bytes().all(|byte| byte.is_ascii_alphanumeric()) && crate::shape::is_random(it)),
    },
    Named {
        id: "twilio-auth-token",
        description: "a Twilio auth token",
        maker: &["twilio"],
        kind: &["token", "auth", "secret"],
        fits: |it| hex(it, &[32]),
    },
    Named {
        id: "heroku-key",
        description: "a Heroku API key",
        maker: &["heroku"],
        kind: &["key", "token", "apikey"],
        fits: crate::shape::is_uuid,
    },
    Named {
        id: "cloudflare-key",
        description: "a Cloudflare API key",
        maker: &["cloudflare", "cf"],
        kind: &["key", "apikey"],
        fits: |it| hex(it, &[37]),
    },
    Named {
        id: "algolia-key",
        description: "an Algolia API key",
        maker: &["algolia"],
        kind: &["admin", "key", "apikey"],
        fits: |it| hex(it, &[32]),
    },
    Named {
        id: "pagerduty-key",
        description: "a PagerDuty key",
        maker: &["pagerduty", "pd"],
        kind: &["key", "token"],
        fits: |it| hex(it, &[32]),
    },
];

fn hex(value: &str, lengths: &[usize]) -> bool {
    lengths.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit()) && crate::shape::entropy(value) > 2.5
}

pub(crate) fn detect(words: &[String], value: &str) -> Option<Secret> {
    let value = value.trim();
    let id = words.last().is_some_and(|last| last == "id") || position(words, &["public"]).is_some();
    NAMED.iter().find(|named| !id && has(words, named.maker) && has(words, named.kind) && (named.fits)(value)).map(|named| Secret {
        rule: named.id,
        description: named.description,
        confidence: Confidence::High,
    })
}
