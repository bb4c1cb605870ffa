//! Secrets that show by a maker's name in the variable's name together with the form of that
//! maker's keys. Sources: the makers' documentation of their keys; what a prefix tells apart by
//! itself is a rule.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::randomness::{entropy, is_hexadecimal, is_random, is_uuid};
use crate::shape::is_name;
use crate::words::has;
use crate::{Confidence, Secret};

/// What a maker's keys look like.
#[derive(Clone, Copy)]
enum Form {
    /// Hexadecimal, of one of these lengths.
    Hex(&'static [usize]),
    /// Letters and digits of both cases, of a length between these.
    Alnum(usize, usize),
    /// The same with what stands in addresses: `-`, `_`, `.`, `~`, `=`, `+`, `/`.
    Text(usize, usize),
    Uuid,
}

struct Maker {
    id: &'static str,
    description: &'static str,
    /// One of these words is in the name,
    maker: &'static [&'static str],
    /// and one of these, if there are any.
    kind: &'static [&'static str],
    forms: &'static [Form],
}

const fn maker(
    id: &'static str,
    description: &'static str,
    maker: &'static [&'static str],
    kind: &'static [&'static str],
    forms: &'static [Form],
) -> Maker {
    Maker {
        id,
        description,
        maker,
        kind,
        forms,
    }
}

const KEYS: &[&str] = &["key", "apikey", "token", "secret", "pat", "auth"];

const MAKERS: &[Maker] = &[
    maker(
        "datadog-key",
        "a Datadog key",
        &["dd", "datadog"],
        &["key", "apikey", "appkey"],
        &[Form::Hex(&[32, 40])],
    ),
    maker(
        "new-relic-key",
        "a New Relic key",
        &["relic", "newrelic", "nr"],
        &["key", "licensekey", "license"],
        &[Form::Hex(&[40]), Form::Alnum(40, 40)],
    ),
    maker(
        "twilio-auth-token",
        "a Twilio auth token",
        &["twilio"],
        &["token", "auth", "secret"],
        &[Form::Hex(&[32]), Form::Alnum(32, 32)],
    ),
    maker(
        "heroku-key",
        "a Heroku API key",
        &["heroku"],
        &["key", "token", "apikey"],
        &[Form::Uuid],
    ),
    maker(
        "cloudflare-key",
        "a Cloudflare API key",
        &["cloudflare", "cf"],
        KEYS,
        &[Form::Hex(&[37]), Form::Text(40, 40)],
    ),
    maker(
        "algolia-key",
        "an Algolia API key",
        &["algolia"],
        &["admin", "key", "apikey", "write"],
        &[Form::Hex(&[32])],
    ),
    maker(
        "pagerduty-key",
        "a PagerDuty key",
        &["pagerduty", "pd"],
        &["key", "token"],
        &[Form::Hex(&[32]), Form::Alnum(32, 32), Form::Text(20, 20)],
    ),
    maker(
        "honeycomb-key",
        "a Honeycomb key",
        &["honeycomb"],
        &["key", "apikey", "team", "writekey"],
        &[Form::Hex(&[32]), Form::Alnum(22, 23)],
    ),
    maker(
        "vault-secret-id",
        "the secret id of a Vault role",
        &["vault", "approle"],
        &["secret"],
        &[Form::Uuid],
    ),
    maker(
        "opsgenie-key",
        "an Opsgenie key",
        &["opsgenie"],
        &["key", "apikey", "token"],
        &[Form::Uuid],
    ),
    maker("snyk-token", "a Snyk token", &["snyk"], KEYS, &[Form::Uuid]),
    maker(
        "postmark-token",
        "a Postmark token",
        &["postmark"],
        KEYS,
        &[Form::Uuid],
    ),
    maker(
        "sentry-token",
        "a Sentry token",
        &["sentry"],
        &["token", "secret"],
        &[Form::Hex(&[64])],
    ),
    maker(
        "rollbar-token",
        "a Rollbar token",
        &["rollbar"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "bugsnag-key",
        "a Bugsnag key",
        &["bugsnag"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "loggly-token",
        "a Loggly token",
        &["loggly"],
        KEYS,
        &[Form::Uuid],
    ),
    maker(
        "logdna-key",
        "a Mezmo key",
        &["logdna", "mezmo"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "logz-token",
        "a Logz.io token",
        &["logz", "logzio"],
        KEYS,
        &[Form::Alnum(32, 32)],
    ),
    maker(
        "splunk-token",
        "a Splunk token",
        &["splunk", "hec", "signalfx"],
        KEYS,
        &[Form::Uuid, Form::Text(22, 22)],
    ),
    maker(
        "elastic-key",
        "an Elastic key",
        &["elastic", "elasticsearch", "es"],
        &["key", "apikey"],
        &[Form::Text(40, 80)],
    ),
    maker(
        "mixpanel-secret",
        "a Mixpanel secret",
        &["mixpanel"],
        &["secret", "token"],
        &[Form::Hex(&[32])],
    ),
    maker(
        "amplitude-key",
        "an Amplitude key",
        &["amplitude"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "segment-key",
        "a Segment key",
        &["segment"],
        &["key", "token", "writekey"],
        &[Form::Alnum(32, 32), Form::Text(43, 43)],
    ),
    maker(
        "trello-key",
        "a Trello key",
        &["trello"],
        KEYS,
        &[Form::Hex(&[32, 64])],
    ),
    maker(
        "asana-token",
        "an Asana secret",
        &["asana"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "zendesk-token",
        "a Zendesk token",
        &["zendesk"],
        KEYS,
        &[Form::Alnum(40, 40)],
    ),
    maker(
        "freshdesk-key",
        "a Freshworks key",
        &["freshdesk", "freshservice", "freshchat"],
        KEYS,
        &[Form::Alnum(20, 20)],
    ),
    maker(
        "jira-token",
        "a Jira token",
        &["jira", "atlassian", "confluence"],
        KEYS,
        &[Form::Alnum(24, 24)],
    ),
    maker(
        "okta-token",
        "an Okta token",
        &["okta"],
        KEYS,
        &[Form::Text(40, 64)],
    ),
    maker(
        "auth0-secret",
        "an Auth0 secret",
        &["auth0"],
        &["secret"],
        &[Form::Text(64, 64)],
    ),
    maker(
        "azure-devops-token",
        "an Azure DevOps token",
        &["azure", "ado", "devops", "vsts", "system"],
        &["pat", "token", "accesstoken"],
        &[Form::Alnum(52, 52)],
    ),
    maker(
        "azure-key",
        "a key of an Azure service",
        &["azure", "cognitive", "openai", "cosmos", "apim", "ocp"],
        &["key", "apikey", "subscription"],
        &[Form::Hex(&[32]), Form::Text(44, 88)],
    ),
    maker(
        "alibaba-secret",
        "an Alibaba Cloud secret",
        &["alibaba", "aliyun", "alicloud", "oss"],
        &["secret", "key"],
        &[Form::Alnum(30, 30)],
    ),
    maker(
        "fastly-token",
        "a Fastly token",
        &["fastly"],
        KEYS,
        &[Form::Text(32, 32)],
    ),
    maker(
        "netlify-token",
        "a Netlify token",
        &["netlify"],
        KEYS,
        &[Form::Text(40, 46)],
    ),
    maker(
        "vercel-token",
        "a Vercel token",
        &["vercel"],
        KEYS,
        &[Form::Alnum(24, 24)],
    ),
    maker(
        "circleci-token",
        "a CircleCI token",
        &["circle", "circleci"],
        KEYS,
        &[Form::Hex(&[40])],
    ),
    maker(
        "travis-token",
        "a Travis CI token",
        &["travis"],
        KEYS,
        &[Form::Text(22, 22)],
    ),
    maker(
        "agora-certificate",
        "an Agora app certificate",
        &["agora"],
        &["certificate"],
        &[Form::Hex(&[32])],
    ),
    maker(
        "cypress-key",
        "a Cypress record key",
        &["cypress"],
        &["key"],
        &[Form::Uuid],
    ),
    maker(
        "codecov-token",
        "a Codecov token",
        &["codecov"],
        KEYS,
        &[Form::Uuid],
    ),
    maker(
        "facebook-secret",
        "a Meta app secret",
        &["facebook", "fb", "meta", "instagram", "whatsapp"],
        &["secret"],
        &[Form::Hex(&[32])],
    ),
    maker(
        "x-key",
        "an X (Twitter) key",
        &["twitter"],
        KEYS,
        &[Form::Alnum(25, 25), Form::Alnum(45, 50)],
    ),
    maker(
        "twitch-secret",
        "a Twitch secret",
        &["twitch"],
        KEYS,
        &[Form::Alnum(30, 30)],
    ),
    maker(
        "spotify-secret",
        "a Spotify secret",
        &["spotify"],
        KEYS,
        &[Form::Hex(&[32])],
    ),
    maker(
        "cohere-key",
        "a Cohere key",
        &["cohere", "co"],
        &["key", "apikey"],
        &[Form::Alnum(40, 40)],
    ),
    maker(
        "mistral-key",
        "a Mistral key",
        &["mistral"],
        KEYS,
        &[Form::Alnum(32, 32)],
    ),
    maker(
        "wandb-key",
        "a Weights & Biases key",
        &["wandb"],
        KEYS,
        &[Form::Hex(&[40])],
    ),
    maker(
        "weather-key",
        "an OpenWeather key",
        &["openweather", "openweathermap", "owm"],
        &[],
        &[Form::Hex(&[32])],
    ),
    maker(
        "newsapi-key",
        "a key of a data service",
        &[
            "newsapi",
            "tmdb",
            "ipstack",
            "fixer",
            "currencylayer",
            "aviationstack",
            "giphy",
            "etherscan",
        ],
        &[],
        &[Form::Hex(&[32]), Form::Alnum(32, 34)],
    ),
    maker(
        "infura-key",
        "an Infura or Alchemy key",
        &["infura", "alchemy"],
        KEYS,
        &[Form::Hex(&[32]), Form::Text(32, 32)],
    ),
];

/// Makers whose keys have no form of their own: under `<MAKER>_KEY` what is drawn at random is a
/// key, and no key of a table, a cache or a store.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "abstractapi", "acuity", "adyen", "agora", "airbrake", "airtable", "alphavantage", "amadeus", "anthropic", "apify", "appdynamics",
    "apollo", "assemblyai", "auth0", "bandwidth", "bitly", "bird", "braintree", "braze", "brevo", "calendly", "chargebee", "checkr",
    "clearbit", "clickatell", "clickup", "cloudinary", "coinbase", "coralogix", "customerio", "deepgram", "deepl", "deepseek", "docusign",
    "dropbox", "dynatrace", "elevenlabs", "fastspring", "fcm", "finnhub", "firebase", "fixer", "fullstory", "gemini", "geocod", "geoapify",
    "gitlab", "giphy", "gocardless", "google", "grafana", "groq", "helpscout", "heap", "hubspot", "hunter", "imgix", "infobip", "intercom",
    "ipdata", "ipinfo", "iterable", "kickbox", "klaviyo", "lob", "mailchimp", "mailersend", "mailgun", "mailjet", "mandrill", "mapbox",
    "mapquest", "maxmind", "messagebird", "mongodb", "mux", "nexmo", "nylas", "onesignal", "openai", "opencage", "paddle", "paypal",
    "paystack", "pendo", "perplexity", "pinecone", "pipedrive", "plaid", "plivo", "polygon", "postmark", "pubnub", "qualtrics", "rapidapi",
    "razorpay", "recurly", "resend", "revenuecat", "ringcentral", "rollbar", "salesforce", "scaleway", "sendbird", "sendgrid", "sendinblue",
    "sentry", "serpapi", "shippo", "shopify", "sinch", "smartystreets", "sparkpost", "square", "stripe", "surveymonkey", "tavily", "telnyx",
    "tomtom", "twilio", "typeform", "vonage", "workos", "xero", "yelp", "zapier", "zendesk", "zoho", "zoom",
];

fn fits(form: Form, value: &str) -> bool {
    let length = value.len();
    let drawn = || is_random(value) || (length >= 20 && entropy(value) >= 3.5 && !is_name(value));
    match form {
        Form::Hex(lengths) => {
            lengths.contains(&length) && is_hexadecimal(value) && entropy(value) > 2.5
        }
        Form::Alnum(least, most) => {
            (least..=most).contains(&length)
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && drawn()
        }
        Form::Text(least, most) => {
            (least..=most).contains(&length)
                && value
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=+/".contains(&byte))
                && !is_uuid(value)
                && drawn()
        }
        Form::Uuid => is_uuid(value),
    }
}

/// The places of the makers that a word may tell of, and whether its keys are only known to be
/// drawn.
static BY_WORD: LazyLock<HashMap<&'static str, Vec<Option<usize>>>> = LazyLock::new(|| {
    let mut by_word: HashMap<&'static str, Vec<Option<usize>>> = HashMap::new();
    for (at, maker) in MAKERS.iter().enumerate() {
        for word in maker.maker {
            by_word.entry(word).or_default().push(Some(at));
        }
    }
    for word in KNOWN {
        by_word.entry(word).or_default().push(None);
    }
    by_word
});

/// A secret by the maker that the words of the name tell of.
pub(crate) fn detect(words: &[String], value: &str) -> Option<Secret> {
    let value = value.trim();
    if value.len() < 16 || value.len() > 128 {
        return None;
    }
    let told: Vec<Option<usize>> = words
        .iter()
        .filter_map(|word| BY_WORD.get(word.as_str()))
        .flatten()
        .copied()
        .collect();
    if told.is_empty()
        || is_public(words)
        || crate::given::is_given(value)
        || crate::shape::is_hash(value)
        || crate::public::is_public(value)
    {
        return None;
    }
    let mut makers = told.iter().flatten().filter_map(|&at| MAKERS.get(at));
    let made = makers.find(|maker| {
        (maker.kind.is_empty() || has(words, maker.kind))
            && maker.forms.iter().any(|&form| fits(form, value))
    });
    if let Some(maker) = made {
        return Some(Secret {
            rule: maker.id,
            description: maker.description,
            confidence: Confidence::High,
        });
    }
    let key =
        words.len() > 1 && words.last().is_some_and(|last| last == "key") && told.contains(&None);
    let plain = || {
        value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=+/:".contains(&byte))
            && !crate::shape::is_ordinary(value)
    };
    let drawn = || is_uuid(value) || (is_random(value) && !is_name(value));
    (key && plain() && drawn()).then_some(crate::literal::named(Confidence::Medium))
}

/// Whether the words say that the value is an id or a digest, or that everybody may know it.
fn is_public(words: &[String]) -> bool {
    const OTHERS: &[&str] = &[
        "id",
        "ids",
        "sid",
        "arn",
        "name",
        "hash",
        "sha",
        "version",
        "url",
        "digest",
        "fingerprint",
    ];
    // `VAULT_SECRET_ID` is a secret whose name is an id.
    let id = words
        .last()
        .is_some_and(|last| OTHERS.contains(&last.as_str()))
        && !has(words, &["vault", "approle"]);
    id || has(
        words,
        &["public", "publishable", "search", "site", "browser"],
    ) || crate::promise::is_client_side(words)
}
