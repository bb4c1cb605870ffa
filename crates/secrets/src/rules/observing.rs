//! Logs, metrics, traces, alarms, feature flags and analytics. Sources: "New Relic API keys"; "API
//! and application keys" of Datadog; "Service accounts" of Grafana; "Auth tokens" of Sentry;
//! "Dynatrace tokens and authentication" (token format); "API keys" of Honeycomb, `PostHog` and
//! `LaunchDarkly` ("Keys").

use super::{Rule, likely, token, whole};

pub(super) const RULES: &[Rule] = &[
    whole(
        "new-relic-key",
        "a New Relic key",
        &["NRAL"],
        r"\b(?:[0-9a-f]{32}|(?:eu|gov|us)[0-9]{2}xx[0-9a-f]{26}|[0-9a-f]{36})(?:FFFF)?NRAL\b",
    ),
    token(
        "new-relic-key",
        "a New Relic key",
        &["NRAK-"],
        "[A-Z0-9]{27}",
    ),
    token(
        "new-relic-key",
        "a New Relic key",
        &["NRII-", "NRIQ-", "NRRA-"],
        r"[\w-]{25,42}",
    ),
    token(
        "grafana-token",
        "a Grafana token",
        &["glsa_"],
        "[A-Za-z0-9]{32}_[0-9a-fA-F]{8}",
    ),
    token(
        "grafana-token",
        "a Grafana Cloud token",
        &["glc_"],
        r"[A-Za-z0-9+/]{32,}={0,2}",
    ),
    whole(
        "grafana-token",
        "a Grafana API key",
        &["eyJrIjoi"],
        r"\beyJrIjoi[A-Za-z0-9+/]{50,}={0,2}",
    ),
    token(
        "sentry-token",
        "a Sentry token",
        &["sntrys_", "sntryu_", "sntrya_", "sntryi_"],
        r"[\w+/=-]{40,}",
    ),
    // The deprecated form of a DSN has a secret behind the public key.
    whole(
        "sentry-dsn",
        "a Sentry DSN with its secret",
        &["sentry"],
        r"://[0-9a-f]{32}:(?<secret>[0-9a-f]{32})@[a-z0-9.-]*sentry",
    ),
    token(
        "dynatrace-token",
        "a Dynatrace token",
        &[
            "dt0c01.", "dt0s01.", "dt0s02.", "dt0s03.", "dt0s04.", "dt0s06.", "dt0s08.", "dt0s16.",
        ],
        r"[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
    ),
    token(
        "honeycomb-key",
        "a Honeycomb ingest key",
        &["hcaik_", "hcbik_", "hcxik_", "hcamk_"],
        "[A-Za-z0-9]{50,}",
    ),
    token(
        "posthog-key",
        "a PostHog personal API key",
        &["phx_", "phs_", "pha_", "phr_"],
        "[A-Za-z0-9_]{32,}",
    ),
    token(
        "launchdarkly-key",
        "a LaunchDarkly SDK key",
        &["sdk-"],
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    ),
    // Names end with a UUID as well.
    likely(token(
        "launchdarkly-key",
        "a LaunchDarkly key",
        &["api-", "rel-"],
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    )),
    token(
        "statsig-key",
        "a Statsig key",
        &["secret-", "console-"],
        "[A-Za-z0-9]{40,}",
    ),
    token(
        "configcat-key",
        "a ConfigCat SDK key",
        &["configcat-sdk-1/"],
        r"[\w-]{22}/[\w-]{22}",
    ),
    token(
        "growthbook-key",
        "a GrowthBook secret key",
        &["secret_admin_", "secret_readonly_", "secret_user_"],
        r"[\w-]{24,}",
    ),
    token(
        "unleash-token",
        "an Unleash token",
        &[
            "*:*.",
            "default:production.",
            "default:development.",
            "*:production.",
            "*:development.",
        ],
        "[0-9a-f]{40,}",
    ),
    token(
        "flagsmith-key",
        "a Flagsmith server key",
        &["ser."],
        r"[A-Za-z0-9]{20,26}",
    ),
    token(
        "datadog-key",
        "a Datadog key",
        &["ddapp_", "ddpat_", "ddsat_"],
        r"\w{30,}",
    ),
    whole(
        "uptimerobot-key",
        "an UptimeRobot key",
        &["-"],
        r"\b[um][0-9]{5,10}-[0-9a-f]{24}\b",
    ),
    token(
        "spectral-dsn",
        "a SpectralOps DSN",
        &["spu-"],
        "[0-9a-f]{32}",
    ),
    token(
        "apollo-key",
        "an Apollo GraphOS key",
        &["service:", "user:"],
        r"[\w.-]+:[\w-]{22}",
    ),
    token(
        "pagerduty-key",
        "a PagerDuty key",
        &["pdus+_", "pdeu+_"],
        r"[\w+-]{20,}",
    ),
    token(
        "incident-io-key",
        "an incident.io key",
        &["inc_"],
        "[0-9a-f]{64}",
    ),
    token(
        "axiom-token",
        "an Axiom token",
        &["xaat-", "xapt-"],
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    token(
        "coralogix-key",
        "a Coralogix key",
        &["cxtp_", "cxup_", "cxtsp_"],
        "[A-Za-z0-9]{30,}",
    ),
    token(
        "logfire-token",
        "a Logfire token",
        &["pylf_v1_", "pylf_v2_"],
        r"[a-z]{2,4}_[A-Za-z0-9]{40,}",
    ),
    token("checkly-key", "a Checkly key", &["cu_"], "[0-9a-f]{32}"),
    token(
        "tinybird-token",
        "a Tinybird token",
        &["p.eyJ"],
        r"[\w-]{20,}\.[\w-]{20,}",
    ),
    token(
        "fullstory-key",
        "a FullStory key",
        &["na1.", "eu1."],
        "[A-Za-z0-9+/]{80,}={0,2}",
    ),
];
