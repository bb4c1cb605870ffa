//! Forms of any maker: connection strings, tokens of HTTP, addresses.

use super::{Rule, judged, likely, medium, token, whole};
use crate::Confidence;
use crate::verify::{
    Judge, bare_password, basic_credentials, drawn, has_json_web_token, literal_password, mixed,
    prefixed_key, unknown_token, url_password, url_token,
};

/// What has a password beside other settings of a connection.
const fn with_password(
    id: &'static str,
    judge: Judge,
    hints: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    judged(
        judge,
        whole(id, "a connection string with a password", hints, pattern),
    )
}

pub(super) const RULES: &[Rule] = &[
    with_password(
        "connection-string",
        url_password,
        &["://"],
        r#"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^ \t\r\n/:@'"<>]*:(?<secret>[^ \t\r\n/"]+)@[^ \t\r\n/@'"<>]+"#,
    ),
    // Many parsers of such addresses take a slash in a password.
    with_password(
        "connection-string",
        url_password,
        &["://"],
        r#"(?i)\b[a-z][a-z0-9+.-]{1,30}://[^ \t\r\n/:@'"<>]*:(?<secret>[^ \t\r\n/@"]*/[^ \t\r\n@"]*)@[^ \t\r\n/@'"<>]+"#,
    ),
    judged(
        url_token,
        whole(
            "url-token",
            "a URL with a token",
            &["://"],
            r#"(?i)\b[a-z][a-z0-9+.-]{1,30}://(?<secret>[^ \t\r\n/:@'"<>]{20,}):?@[^ \t\r\n/@'"<>]+"#,
        ),
    ),
    // "DSN (Data Source Name)" of Go's MySQL driver.
    with_password(
        "connection-string",
        literal_password,
        &["@tcp", "@unix", "@udp", "@cloudsql", "@/", "@("],
        r#"(?:^|[\s"'=,;>])[^\s:/@"'=]{1,64}:(?<secret>[^\s"']+)@(?:(?:tcp6?|udp6?|unix|cloudsql[a-z-]*)?\(|/[A-Za-z0-9_-])"#,
    ),
    with_password(
        "connection-string",
        literal_password,
        &["jdbc:oracle"],
        r"(?i)jdbc:oracle:[a-z0-9]+:[^ /:@]+/(?<secret>[^ @]+)@",
    ),
    // The same without a scheme, as some clients take it.
    Rule {
        confidence: Confidence::Medium,
        ..with_password(
            "connection-string",
            bare_password,
            &["@"],
            r#"(?i)(?:^|["'=\s>])[a-z0-9_.+-]{1,64}:(?<secret>[^\s/@]{6,128})@(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+:[0-9]{2,5})(?::[0-9]{2,5})?(?:/[^\s"'<]{0,256})?(?:$|["'\s,;:<])"#,
        )
    },
    // Easy connect of Oracle's clients.
    with_password(
        "connection-string",
        literal_password,
        &["@"],
        r#"(?i)(?:^|[\s"'=>])[a-z][a-z0-9_$#]{0,29}/(?<secret>[^\s/@"']{4,64})@(?://)?[a-z0-9][a-z0-9.-]{1,120}:[0-9]{2,5}/[a-z0-9_.]+"#,
    ),
    // "JAAS login configuration" of Kafka's clients.
    judged(
        literal_password,
        whole(
            "jaas-password",
            "a JAAS configuration with a password",
            &["loginmodule"],
            r#"(?i)loginmodule\s[^\n]{0,600}?(?:password|clientsecret)\s*=\s*\\?["']?(?<secret>[^"'\\;\s]{4,})"#,
        ),
    ),
    with_password(
        "password-parameter",
        literal_password,
        &["password", "pwd"],
        r#"(?i)[;?&](?:[a-z_]*password|pwd) *= *['"]?(?<secret>[^;&'"\s]{4,128})"#,
    ),
    with_password(
        "password-parameter",
        literal_password,
        &["password", "pwd"],
        r#"(?i)(?:^|[ ;,])(?:host|server|hostname|hostaddr|user|username|dbname|database|data source|addr|address|user id|uid) *=[^\n]{1,300}?[ ;,](?:password|pwd) *= *['"]?(?<secret>[^;,&'"\s]{4,128})"#,
    ),
    with_password(
        "password-parameter",
        literal_password,
        &["password", "pwd"],
        r#"(?i)(?:^|[ ;,])(?:password|pwd) *= *['"]?(?<secret>[^;,&'"\s]{4,128})['"]?[ ;,](?:[^\n]{0,300}[ ;,])?(?:host|server|hostname|hostaddr|user|username|dbname|database|data source|user id|uid) *="#,
    ),
    judged(
        literal_password,
        whole(
            "xml-password",
            "a password in an XML document",
            &[
                "password>",
                "passwd>",
                "secret>",
                "token>",
                "apikey>",
                "key>",
            ],
            r"(?i)<(?:[a-z0-9]+:)?[a-z0-9_.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)>\s*(?<secret>[^<>\s]{4,})\s*</",
        ),
    ),
    judged(
        drawn,
        whole(
            "path-token",
            "a URL with a key in its path",
            &[
                "infura.io",
                "alchemy.com",
                "quiknode.pro",
                "alchemyapi.io",
                "blockpi.network",
                "chainstack.com",
            ],
            r"(?i)\b(?:infura\.io/(?:ws/)?v3|alchemy(?:api)?\.(?:com|io)/(?:nft/)?v[0-9]|quiknode\.pro|blockpi\.network/v1/rpc|chainstack\.com)/(?<secret>[a-z0-9_-]{30,64})",
        ),
    ),
    // `acme_live_…`: GitHub and others advise makers to write their tokens so. Keys that may be
    // known are `pk_`.
    judged(
        prefixed_key,
        medium(whole(
            "prefixed-key",
            "a key with a vendor's prefix",
            &[
                "_live_", "_test_", "_prod_", "_secret_", "_pat_", "_key_", "_token_", "_sk_",
            ],
            r"\b[a-z][a-z0-9]{1,15}_(?:live|test|prod|secret|pat|key|token|sk)_(?<secret>[A-Za-z0-9]{20,})\b",
        )),
    ),
    // The same of makers that are not known: a few lower-case letters, and behind them more than an
    // id has. It may be one.
    judged(
        unknown_token,
        whole(
            "prefixed-key",
            "a key with the prefix of an unknown vendor",
            &["_", "-", "."],
            r#"(?:^|["'=\s>])(?<secret>(?:[a-z]{2,8}|[A-Z]{2,6})(?:[._-][a-z0-9]{1,8}){0,2}[._-](?<body>[A-Za-z0-9_-]{28,200}={0,2}))(?:$|["'\s,;:<])"#,
        ),
    ),
    // Addresses to which messages are posted have the key in their path.
    medium(whole(
        "webhook",
        "a webhook URL",
        &["hook"],
        r"(?i)://[a-z0-9.-]*hooks?\.[a-z0-9.-]+(?::[0-9]+)?/(?:[^\s?#/<>]{1,64}/){0,6}(?<secret>[a-z0-9_-]{20,})",
    )),
    medium(whole(
        "webhook",
        "a webhook URL",
        &["hook"],
        r"(?i)://[^\s?#]{1,120}/(?:web)?hooks?/(?:[^\s?#/<>]{1,64}/){0,6}(?<secret>[a-z0-9_-]{20,})",
    )),
    judged(
        mixed,
        token(
            "django-secret-key",
            "a Django secret key",
            &["django-insecure-"],
            "[!-~]{30,}",
        ),
    ),
    whole(
        "laravel-key",
        "a Laravel application key",
        &["base64:"],
        r#"(?:^|[\s="'>])base64:(?<secret>[A-Za-z0-9+/]{43}=)"#,
    ),
    likely(whole(
        "licence-key",
        "a licence key",
        &["-"],
        r#"(?:^|["'=>])\s*(?<secret>[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})\s*(?:$|["',;:}<\s])"#,
    )),
    Rule {
        confidence: Confidence::Low,
        ..whole(
            "password-hash",
            "a user and the hash of a password",
            &[":$2", ":$apr1$", ":$6$", ":$5$", ":$1$"],
            r#"(?:^|[\s,="'])[^\s:,="']{1,64}:(?<secret>\$(?:2[aby]|apr1|[156])\$[A-Za-z0-9./$]{20,})"#,
        )
    },
    // .netrc and .pgpass
    judged(
        literal_password,
        whole(
            "netrc-password",
            "a password in a .netrc file",
            &["machine ", "login "],
            r"(?s)\b(?:machine|default)\s.{0,200}?\bpassword\s+(?<secret>\S{4,})",
        ),
    ),
    judged(
        bare_password,
        whole(
            "pgpass-password",
            "a password in a .pgpass file",
            &[":5432:", ":*:"],
            r#"(?m)(?:^|["'= ])[^\s:"'=]{1,255}:(?:[0-9]{4,5}|\*):[^\s:]{1,64}:[^\s:]{1,64}:(?<secret>[^\s"':<]{4,})(?:$|["':<\s])"#,
        ),
    ),
    judged(
        has_json_web_token,
        medium(whole(
            "json-web-token",
            "a JSON Web Token",
            &["eyJ"],
            r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}",
        )),
    ),
    judged(
        has_json_web_token,
        medium(whole(
            "json-web-token",
            "an encrypted JSON Web Token",
            &["eyJ"],
            r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        )),
    ),
    medium(whole(
        "bearer-token",
        "a bearer token",
        &["bearer"],
        r"(?i)\bbearer(?: +|%20|\+)(?<secret>[a-z0-9._~+/-]{20,}=*)",
    )),
    medium(whole(
        "authorization-token",
        "a token in an authorization header",
        &[
            "token ",
            "apikey ",
            "api-key ",
            "geniekey ",
            "splunk ",
            "ssws ",
            "token%20",
            "token token=",
        ],
        r#"(?i)\b(?:token|apikey|api-key|geniekey|splunk|ssws)(?: +|%20)(?:token=)?"?(?<secret>[a-z0-9._~+/-]{20,}=*)"#,
    )),
    judged(
        basic_credentials,
        whole(
            "basic-credentials",
            "a user and a password for basic authentication",
            &["basic ", "basic%20", "basic+"],
            r"(?i)\bbasic(?: +|%20|\+)(?<secret>(?:[a-z0-9+/]|%2[bf]){8,}(?:={0,2}|(?:%3d){1,2}))",
        ),
    ),
    judged(
        literal_password,
        whole(
            "curl-user",
            "a user and a password in a command",
            &["curl ", "wget ", "sshpass ", "mysql ", "mysqldump "],
            r#"\b(?:curl\b[^\n]{0,200}?\s(?:-u|--user)[ =]*["']?[^\s:"']{1,64}:|sshpass +-p *["']?|mysql(?:dump)?\b[^\n]{0,200}?\s-p)(?<secret>[^\s"']{4,})"#,
        ),
    ),
];
