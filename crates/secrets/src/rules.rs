//! The rules, one a row: secrets that show by their form. Values under telling names are `named.rs` and `generic.rs`.

use crate::Confidence;
use crate::verify::{
    Judge, aws_key_id, basic_credentials, github_token, has_json_web_token, key_material, literal_password, mixed, plain, url_password,
};

/// A rule.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// What it looks for, with its article.
    pub(crate) description: &'static str,
    /// How sure a match is that its judge has no other opinion of.
    pub(crate) confidence: Confidence,
    /// A cheap pattern that matches wherever `pattern` does: all hints are searched for at once, and only then the pattern itself.
    pub(crate) hint: &'static str,
    /// The pattern. Where it has a group `secret`, only that part is the secret.
    pub(crate) pattern: &'static str,
    /// Has the last word on a match.
    pub(crate) judge: Judge,
}

const fn high(id: &'static str, description: &'static str, hint: &'static str, pattern: &'static str) -> Rule {
    Rule { id, description, confidence: Confidence::High, hint, pattern, judge: plain }
}

const fn medium(id: &'static str, description: &'static str, hint: &'static str, pattern: &'static str) -> Rule {
    Rule { id, description, confidence: Confidence::Medium, hint, pattern, judge: mixed }
}

const fn judged(judge: Judge, rule: Rule) -> Rule {
    Rule { judge, ..rule }
}

/// In the order in which they are tried; where several fire, the surest counts, and among those the first.
pub(crate) const RULES: &[Rule] = &[
    // Amazon Web Services
    judged(aws_key_id, high("aws-access-key-id", "an AWS access key id", "AKIA|ASIA", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    high(
        "aws-session-token",
        "an AWS session token",
        "IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz",
        r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=%]{80,}",
    ),
    high(
        "aws-bedrock-key",
        "an Amazon Bedrock API key",
        "ABSK|bedrock-api-key-",
        r"\b(?:ABSK[A-Za-z0-9+/]{80,}={0,2}|bedrock-api-key-[A-Za-z0-9+/]{80,})",
    ),
    high(
        "presigned-url",
        "a presigned address",
        "(?i:x-amz-s|[?&]signature=)",
        r"(?i)(?:x-amz-(?:signature|security-token)|[?&]signature)=(?<secret>[a-z0-9%/+=_~-]{20,})",
    ),
    // Code hosting and package registries
    judged(
        github_token,
        high(
            "github-token",
            "a GitHub token",
            "gh[pousr]_|github_pat_",
            r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}\b|ghs_[A-Za-z0-9_.-]{60,}|github_pat_[A-Za-z0-9_]{50,251}\b)",
        ),
    ),
    high(
        "gitlab-token",
        "a GitLab token",
        "gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|agent|imt)-",
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|agent|imt)-[A-Za-z0-9_=-]{20,}(?:\.[A-Za-z0-9_-]{2,}){0,2}",
    ),
    judged(github_token, high("npm-token", "an npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b")),
    high("pypi-token", "a PyPI token", "pypi-Ag", r"\bpypi-Ag[A-Za-z0-9_-]{48,}"),
    high("rubygems-key", "a RubyGems API key", "rubygems_", r"\brubygems_[0-9a-f]{48}\b"),
    high("docker-token", "a Docker access token", "dckr_", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{24,}"),
    high("artifactory-key", "an Artifactory API key", "AKCp", r"\bAKCp[A-Za-z0-9]{69}\b"),
    high("atlassian-token", "an Atlassian API token", "ATATT3|ATCTT3", r"\bAT[AC]TT3[A-Za-z0-9_=-]{60,}"),
    high("postman-key", "a Postman API key", "PMAK-", r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b"),
    // Clouds and infrastructure
    high("google-api-key", "a Google API key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}"),
    high("google-oauth-secret", "a Google OAuth client secret", "GOCSPX-", r"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    high("google-access-token", "a Google access token", r"ya29\.", r"\bya29\.[A-Za-z0-9_-]{40,}"),
    judged(
        key_material,
        high(
            "google-service-account",
            "a Google service account key",
            "private_key_id",
            r#"\\?"private_key_id\\?"\s*:\s*\\?"(?<secret>[0-9a-f]{20,})\\?""#,
        ),
    ),
    high(
        "azure-storage-key",
        "an Azure storage key",
        "(?i:accountkey=|sharedaccesskey=)",
        r"(?i)(?:account|sharedaccess)key=(?<secret>[a-z0-9+/]{40,}={0,2})",
    ),
    high("azure-sas-token", "an Azure shared access signature", "(?i:[?&]sig=)", r"(?i)[?&]sig=(?<secret>[a-z0-9%+/_-]{40,}=*)"),
    high("azure-client-secret", "an Azure client secret", "[78]Q~", r"\b[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}"),
    high("digitalocean-token", "a DigitalOcean token", "do[opr]_v1_", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    high("alibaba-key-id", "an Alibaba Cloud access key id", "LTAI", r"\bLTAI[A-Za-z0-9]{17,21}\b"),
    high("vault-token", "a HashiCorp Vault token", r"hv[sbr]\.", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}"),
    high("terraform-token", "a Terraform Cloud token", "atlasv1", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}"),
    high("pulumi-token", "a Pulumi token", "pul-", r"\bpul-[0-9a-f]{40}\b"),
    high("doppler-token", "a Doppler token", r"dp\.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}\b"),
    high("databricks-token", "a Databricks token", "dapi", r"\bdapi[0-9a-f]{32}(?:-[0-9])?\b"),
    high("planetscale-secret", "a PlanetScale credential", "pscale_", r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,}"),
    high("supabase-key", "a Supabase secret key", "sbp_|sb_secret_", r"\b(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{30,})"),
    high("fly-token", "a Fly.io token", "fo1_|FlyV1", r"\bfo1_[A-Za-z0-9_-]{43}\b|\bFlyV1 fm[12][a-z]?_[A-Za-z0-9+/=,_-]{60,}"),
    high("age-key", "an age secret key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    // Messages and mail
    high("slack-token", "a Slack token", "xox[abeoprs]|xapp-", r"\b(?:xox[abeoprs](?:\.xox[bp])?-|xapp-[0-9]-)[A-Za-z0-9-]{10,}"),
    high(
        "slack-webhook",
        "a Slack webhook",
        r"hooks\.slack",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?<secret>[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9/]{16,})",
    ),
    high(
        "discord-webhook",
        "a Discord webhook",
        "api/webhooks/",
        r"https://(?:[a-z]+\.)?discord(?:app)?\.com/api/webhooks/(?<secret>[0-9]{15,21}/[A-Za-z0-9_-]{60,})",
    ),
    high(
        "teams-webhook",
        "a Microsoft Teams webhook",
        r"webhook\.office",
        r"https://[a-z0-9-]+\.webhook\.office\.com/(?<secret>webhookb2/[A-Za-z0-9@-]{36,}/[A-Za-z]+/[0-9a-f]{32}[A-Za-z0-9/_-]*)",
    ),
    high("telegram-token", "a Telegram bot token", ":AA", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    high("sendgrid-key", "a SendGrid key", r"SG\.", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}"),
    high("mailgun-key", "a Mailgun key", "key-", r"\bkey-[0-9a-f]{32}\b"),
    high("mailchimp-key", "a Mailchimp key", "-us[0-9]", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    high("brevo-key", "a Brevo key", "xkeysib-", r"\bxkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}\b"),
    medium("twilio-key", "a Twilio API key", "SK[0-9a-f]", r"\bSK[0-9a-f]{32}\b"),
    // Money
    high("stripe-key", "a live Stripe key", "[sr]k_live_", r"\b[sr]k_live_[A-Za-z0-9]{16,}"),
    high("stripe-webhook-secret", "a Stripe webhook secret", "whsec_", r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"),
    high("square-token", "a Square token", "sq0|EAAA", r"\b(?:sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9+=_-]{60})\b"),
    high("shopify-token", "a Shopify token", "shp(?:at|ca|pa|ss)_", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    high("braintree-token", "a Braintree access token", r"access_token\$", r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    // Models
    high("anthropic-key", "an Anthropic API key", "sk-ant-", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    high("openai-key", "an OpenAI API key", "T3BlbkFJ", r"\bsk-[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}"),
    medium("openai-key", "an OpenAI-style API key", "sk-", r"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{32,}"),
    high("hugging-face-token", "a Hugging Face token", "hf_|api_org_", r"\b(?:hf|api_org)_[A-Za-z0-9]{30,}\b"),
    high("groq-key", "a Groq API key", "gsk_", r"\bgsk_[A-Za-z0-9]{48,}\b"),
    high("replicate-token", "a Replicate token", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    high("perplexity-key", "a Perplexity API key", "pplx-", r"\bpplx-[A-Za-z0-9]{48}\b"),
    // Observing and working together
    high(
        "new-relic-key",
        "a New Relic key",
        "NRAK-|NRJS-|NRII-|NRAL",
        r"\b(?:NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}|[0-9a-fA-F]{36}NRAL)\b",
    ),
    high("grafana-token", "a Grafana token", "gl(?:sa|c)_", r"\b(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,}={0,2})"),
    high("sentry-token", "a Sentry token", "sntry[su]_", r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    high("sonar-token", "a Sonar token", "sq[aup]_", r"\bsq[aup]_[0-9a-f]{40}\b"),
    high("dynatrace-token", "a Dynatrace token", r"dt0c01\.", r"\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}\b"),
    high("linear-key", "a Linear API key", "lin_api_", r"\blin_api_[A-Za-z0-9]{40}\b"),
    high("notion-token", "a Notion token", "ntn_", r"\bntn_[A-Za-z0-9]{43,50}\b"),
    high("airtable-token", "an Airtable token", "pat", r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b"),
    high("figma-token", "a Figma token", "fig[dour]_", r"\bfig[dour]_[A-Za-z0-9_-]{40,}"),
    high(
        "hubspot-token",
        "a HubSpot token",
        "pat-[a-z]{2}[0-9]-",
        r"\bpat-[a-z]{2}[0-9]-[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    ),
    high("mapbox-token", "a secret Mapbox token", r"sk\.eyJ", r"\bsk\.eyJ[A-Za-z0-9_-]{60,}\.[A-Za-z0-9_-]{20,}"),
    high("heroku-key", "a Heroku API key", "HRKU-", r"\bHRKU-[A-Za-z0-9_-]{36,}"),
    // Forms of any maker
    judged(
        key_material,
        high(
            "private-key",
            "a private key",
            "PRIVATE KEY",
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END[A-Z0-9 ]*-----|\z)",
        ),
    ),
    judged(
        url_password,
        high(
            "connection-string",
            "a connection string with a password",
            "://",
            r#"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^ \t\r\n/:@'"<>]*:(?<secret>[^ \t\r\n/'"<>]+)@[^ \t\r\n/@'"<>]+"#,
        ),
    ),
    judged(
        literal_password,
        high(
            "connection-string",
            "a connection string with a password",
            "(?i:jdbc:oracle)",
            r"(?i)jdbc:oracle:[a-z0-9]+:[^ /:@]+/(?<secret>[^ @]+)@",
        ),
    ),
    judged(
        literal_password,
        high(
            "password-parameter",
            "a connection string with a password",
            "(?i:password *=|pwd *=)",
            r#"(?i)[;?&](?:[a-z_]*password|pwd) *= *(?<secret>[^;&'"\s]{4,128})"#,
        ),
    ),
    judged(
        literal_password,
        high(
            "password-parameter",
            "a connection string with a password",
            "(?i:password *=)",
            r#"(?i)\b(?:host|server|user|dbname|user id|uid) *=[^\n]{1,200}[ ;]password *= *['"]?(?<secret>[^;&'"\s]{4,128})"#,
        ),
    ),
    judged(
        has_json_web_token,
        medium("json-web-token", "a JSON Web Token", "eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}"),
    ),
    medium("bearer-token", "a bearer token", "(?i:bearer )", r"(?i)\bbearer +(?<secret>[a-z0-9._~+/-]{20,}=*)"),
    judged(
        basic_credentials,
        high(
            "basic-credentials",
            "a user and a password for basic authentication",
            "(?i:basic )",
            r"(?i)\bbasic +(?<secret>[a-z0-9+/]{8,}={0,2})",
        ),
    ),
];
