//! The words that promise something, and those that change what is promised.

/// Words that promise something that people make up, in several languages.
#[rustfmt::skip]
pub(super) const PASSWORDS: &[&str] = &[
    "password", "passwords", "passwd", "passphrase", "passcode", "psk", "passe", "contrasenia", "pasword", "passwrod", "paswd", "parol", "geslo",
    "sandi", "matkhau", "pwd", "pw", "passw", "psw", "pswd", "userpass", "wachtwoord", "passwort", "kennwort", "senha", "contrasena",
    "contraseña", "contrasenya", "clave", "motdepasse", "mdp", "parola", "lozinka", "haslo", "hasło", "heslo", "salasana", "adgangskode",
    "passord", "losenord", "lösenord", "sifre", "şifre", "parool", "jelszo", "jelszó", "slaptazodis", "slaptažodis", "parole", "пароль",
    "密码", "密碼", "パスワード", "비밀번호",
];

/// Words that promise something random.
#[rustfmt::skip]
pub(super) const SECRETS: &[&str] = &[
    "secret", "secrets", "token", "tokens", "bearer", "credential", "credentials", "creds", "cred", "hmac", "mnemonic", "segredo",
    "secreto", "geheimnis", "accesstoken", "authtoken", "apitoken", "apikey", "apikeys", "appkey", "totp", "skey", "jeton", "keystring",
];

/// Words that make the following `key` one that gives access.
#[rustfmt::skip]
pub(super) const OF_KEYS: &[&str] = &[
    "access", "account", "admin", "aes", "api", "app", "application", "auth", "authorization", "client", "connection", "consumer", "cookie",
    "crypto", "csrf", "decryption", "decrypt", "deploy", "dsa", "ecdsa", "ed25519", "enc", "encrypt", "encryption", "function", "gpg",
    "hmac", "host", "ingest", "ingestion", "integration", "jwt", "preshared", "psk", "licence", "license", "master", "pgp", "private",
    "root", "rsa", "secret", "security", "server", "service", "session", "shared", "sign", "signature", "signing", "ssh", "ssl", "storage",
    "subscription", "tls", "vault", "wallet", "webhook", "write", "publish",
];

/// Words that promise a secret only of a value that looks random.
#[rustfmt::skip]
pub(super) const HINTS: &[&str] = &[
    "auth", "authorization", "authentication", "basicauth", "cookie", "cookies", "key", "keys", "pepper", "salt", "webhook", "webhooks",
    "jwt", "sig", "signature", "sas", "seed", "clé", "cle", "appid", "sessionid", "jsessionid", "phpsessid", "chave", "llave", "schluessel", "schlüssel",
];

/// The same, run together in a name without humps: `dbpassword`.
#[rustfmt::skip]
pub(super) const ENDINGS: &[&str] = &[
    "password", "passwd", "passphrase", "passwort", "kennwort", "senha", "pwd", "pass", "apikey", "secretkey", "accesskey", "privatekey",
    "secret", "token", "creds", "credentials",
];

/// Words that end so and promise nothing.
pub(super) const NO_ENDINGS: &[&str] = &[
    "bypass",
    "compass",
    "encompass",
    "overpass",
    "surpass",
    "trespass",
    "underpass",
    "multipass",
    "lowpass",
    "highpass",
    "bandpass",
];

/// Words after the promise that say where a secret is used.
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "author", "bucket", "cache", "client", "column", "custom", "database", "db", "default", "domain", "engine", "env", "environment",
    "group", "host", "lambda", "layer", "manager", "page", "primary", "provider", "queue", "region", "role", "rotation", "server",
    "service", "source", "ssm", "stage", "store", "table", "target", "tenant", "topic", "user", "username", "users", "vault", "window",
];

/// Words after the promise for values that describe a secret.
#[rustfmt::skip]
pub(super) const PROPERTIES: &[&str] = &[
    "age", "alg", "algorithm", "alias", "allowed", "attempts", "attribute", "aud", "audience", "bits", "chars", "class", "claim",
    "complexity", "count", "date", "days", "dir", "directory", "disabled", "duration", "enabled", "encoding", "endpoint", "exp",
    "expiration", "expire", "expires", "expiry", "extension", "field", "file", "filename", "folder", "grant", "header", "hint", "history",
    "hours", "in", "index", "interval", "issuer", "iss", "kind", "label", "length", "level", "lifetime", "limit", "link", "location", "loc",
    "max", "method", "min", "minimum", "maximum", "minutes", "mode", "ms", "name", "named", "names", "namespace", "param", "parameter",
    "path", "period", "address", "contract", "backend", "rules", "requirements", "error", "message", "msg", "text", "placeholder", "prompt",
    "policy", "port", "prefix", "property", "ref", "reference", "required", "reset", "retention", "retries", "rotated", "scheme", "scope",
    "scopes", "fields", "jsonpath", "iterations", "rounds", "cost", "pointer", "selector", "encoder", "model", "cipher",
    "codec", "seconds", "size", "status", "strategy", "strength", "suffix", "threshold", "through", "timeout", "tld", "ttl", "type",
    "types", "laenge", "länge", "longitud", "longueur", "tamanho", "primaria", "primaire", "uri", "url", "urls", "usage", "use", "uses", "validation", "validity", "var", "variable", "verifier",
];

/// Words after the promise for values that are never a secret: an id, a digest, a pattern.
#[rustfmt::skip]
pub(super) const NEVER: &[&str] = &[
    "arn", "arns", "certificate", "cert", "charset", "alphabet", "checksum", "digest", "fingerprint", "format", "guid", "hash", "hashed",
    "hashes", "id", "identifier", "ids", "kid", "md5", "mint", "pattern", "regex", "regexp", "sha", "sha1", "sha256", "sha512", "template",
    "thumbprint", "uuid", "version", "versions",
];

/// Words before a token that make it one that gives no access: where a list goes on, what a form
/// sends back.
#[rustfmt::skip]
pub(super) const OF_OTHER_TOKENS: &[&str] = &[
    "cancel", "cancellation", "continuation", "design", "idempotency", "next", "page", "pagination", "sort", "start", "starting", "sync",
    "resume", "shard", "fencing",
];

/// Words before `key` that make it one that gives no access.
#[rustfmt::skip]
pub(super) const OF_OTHER_KEYS: &[&str] = &[
    "batch", "cache", "composite", "config", "context", "correlation", "dedup", "deduplication", "event", "feature", "file", "flag",
    "foreign", "group", "hash", "i18n", "idempotency", "index", "issue", "job", "kms", "cmk", "layer", "lock", "lookup", "map", "message",
    "metric", "model", "object", "output", "input", "package", "partition", "path", "primary", "project", "range", "record", "registry",
    "result", "routing", "row", "s3", "sort", "source", "code", "artifact", "state", "tag", "template", "translation", "unique", "zip",
    "manifest", "dataset", "build", "asset", "content", "instrumentation", "schema", "attribute", "column", "field", "site", "snapshot",
];

/// Words that say that a secret signs or encrypts.
#[rustfmt::skip]
pub(super) const OF_SIGNING: &[&str] = &[
    "jwt", "session", "cookie", "signing", "sign", "hash", "csrf", "django", "flask", "auth", "nextauth", "app", "hmac", "encryption",
    "access", "refresh",
];

/// Words anywhere before the promise that say that it is public.
pub(super) const PUBLIC: &[&str] = &[
    "public",
    "publishable",
    "pub",
    "turnstile",
    "recaptcha",
    "hcaptcha",
    "captcha",
];

/// Prefixes of variables that a build exposes to browsers. Sources: the documentation of Next.js,
/// Vite, Create React App, Gatsby, Nuxt, Expo, Vue CLI and SvelteKit.
pub(super) const CLIENT_SIDE: &[&str] = &[
    "next public ",
    "nuxt public ",
    "expo public ",
    "gatsby ",
    "vite ",
    "react app ",
    "vue app ",
    "ng app ",
    "storybook ",
    "public ",
    "mix ",
];
