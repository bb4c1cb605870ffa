//! Clouds but for Amazon's. Sources: "Manage API keys", "OAuth 2.0" and "HMAC keys" of Google
//! Cloud; "About FCM messages"; "Manage storage account access keys", "Azure Functions access
//! keys", "Shared access signatures" and the marks in keys of microsoft/security-utilities;
//! "Personal access tokens" of DigitalOcean, Heroku, Netlify, Vercel and Fly.io; "`AccessKey`" of
//! Alibaba, Tencent, Volcengine, Yandex and Scaleway; "Application keys" of Backblaze.

use super::{Rule, judged, likely, medium, token, whole};
use crate::verify::{drawn, google_api_key, key_material, mixed};

pub(super) const RULES: &[Rule] = &[
    judged(
        google_api_key,
        token(
            "google-api-key",
            "a Google API key",
            &["AIza"],
            r"[\w-]{35}",
        ),
    ),
    token(
        "google-api-key",
        "a Gemini API key",
        &["AQ.Ab"],
        r"[\w-]{40,}",
    ),
    token(
        "google-oauth-secret",
        "a Google OAuth client secret",
        &["GOCSPX-"],
        r"[\w-]{28}",
    ),
    token(
        "google-access-token",
        "a Google access token",
        &["ya29."],
        r"[\w.-]{30,}",
    ),
    whole(
        "google-refresh-token",
        "a Google refresh token",
        &["1//"],
        r"(?:^|[^0-9A-Za-z/])(?<secret>1//0[A-Za-z0-9_-]{30,})",
    ),
    token(
        "google-storage-key",
        "a Google Cloud Storage HMAC key id",
        &["GOOG1E"],
        "[A-Z0-9]{55}",
    ),
    token(
        "google-storage-key",
        "a Google Cloud Storage HMAC key id",
        &["GOOG"],
        "[A-Z0-9]{20}",
    ),
    judged(
        key_material,
        whole(
            "google-service-account",
            "a Google service account key",
            &["private_key_id"],
            r#"\\?"private_key_id\\?"\s*:\s*\\?"(?<secret>[0-9a-f]{20,})\\?""#,
        ),
    ),
    // A server key of Firebase Cloud Messaging: 11 characters, `:APA91b`, and 134 more.
    whole(
        "firebase-server-key",
        "a Firebase Cloud Messaging key",
        &[":APA91b"],
        r"\b[A-Za-z0-9_-]{7,22}:APA91b[A-Za-z0-9_-]{100,}",
    ),
    whole(
        "azure-storage-key",
        "an Azure storage key",
        &["accountkey=", "sharedaccesskey="],
        r"(?i)(?:account|sharedaccess)key=(?<secret>[a-z0-9+/]{40,}={0,2})",
    ),
    // Microsoft marks keys since 2022: +ASt storage, +ACDb Cosmos DB, +AMC machine learning, +ABa
    // Batch, AzFu Functions, AzSe Search, AzCa Redis, +ARm API management, +AEhS event hubs, +ASb
    // service bus, +ARe relay, +ACR container registry, AIoT IoT hub.
    whole(
        "azure-key",
        "an Azure key",
        &[
            "+ASt", "+ACDb", "+AMC", "+ABa", "+AEh", "+ASb", "+ARm", "+ACR", "AIoT",
        ],
        r"(?:^|[^A-Za-z0-9+/])(?<secret>[A-Za-z0-9+/]{33,86}(?:\+(?:ASt|ACDb|AMC|ABa|AEhS|ASb|ARm|ACR)|AIoT)[A-Za-z0-9+/]{2,8}={0,2})(?:$|[^A-Za-z0-9+/=])",
    ),
    whole(
        "azure-key",
        "an Azure key",
        &["AzFu", "AzSe", "AzCa", "AzIo"],
        r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9_-]{40,44}(?:AzFu|AzSe|AzCa|AzIo)[A-Za-z0-9_-]{5,12}={0,2})(?:$|[^A-Za-z0-9+/=_-])",
    ),
    medium(whole(
        "azure-storage-key",
        "an Azure storage key",
        &["=="],
        r"(?:^|[^A-Za-z0-9+/_-])(?<secret>[A-Za-z0-9+/]{86}==)(?:$|[^A-Za-z0-9+/=_-])",
    )),
    whole(
        "azure-app-configuration",
        "an Azure App Configuration connection string",
        &["azconfig.io"],
        r"(?i)endpoint=https://[a-z0-9-]+\.azconfig\.io;id=[^;\s]+;secret=(?<secret>[a-z0-9+/=]{20,})",
    ),
    whole(
        "azure-communication-key",
        "an Azure access key",
        &["accesskey="],
        r"(?i)\bendpoint=https?://[^;\s]+;accesskey=(?<secret>[a-z0-9+/=]{20,})",
    ),
    judged(
        drawn,
        whole(
            "azure-function-key",
            "an Azure Functions key in an address",
            &["code="],
            r"(?i)(?:azurewebsites\.net|azure-api\.net|/api/[a-z0-9_/-]+|/admin/[a-z0-9_/-]+)[^\s?]{0,200}\?(?:[^\s#]{0,200}&)?code=(?<secret>[a-z0-9_%/+=-]{20,})",
        ),
    ),
    whole(
        "azure-sas-token",
        "an Azure shared access signature",
        &["sig="],
        r"(?i)(?:^|[?&;])sig=(?<secret>[a-z0-9%+/_-]{40,}=*)",
    ),
    whole(
        "azure-client-secret",
        "an Azure client secret",
        &["7Q~", "8Q~", "9Q~"],
        r"\b[A-Za-z0-9_~.-]{3}[7-9]Q~[A-Za-z0-9_~.-]{31,34}",
    ),
    whole(
        "azure-refresh-token",
        "a Microsoft Entra refresh token",
        &["0.A", "1.A"],
        r"\b[01]\.A[A-Za-z0-9_-]{50,}(?:\.[0-9])?\.Ag[A-Za-z0-9_-]{100,}",
    ),
    token(
        "digitalocean-token",
        "a DigitalOcean token",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        "[0-9a-f]{64}",
    ),
    judged(
        mixed,
        token(
            "digitalocean-spaces-key",
            "a DigitalOcean Spaces key id",
            &["DO00"],
            "[A-Z0-9]{16}",
        ),
    ),
    token(
        "alibaba-key-id",
        "an Alibaba Cloud access key id",
        &["LTAI"],
        "[A-Za-z0-9]{12,26}",
    ),
    token(
        "tencent-key-id",
        "a Tencent Cloud secret id",
        &["AKID"],
        "[A-Za-z0-9]{32}",
    ),
    token(
        "volcengine-key-id",
        "a Volcengine access key id",
        &["AKLT"],
        r"[\w-]{40,64}",
    ),
    token(
        "yandex-key",
        "a Yandex Cloud key",
        &["AQVN"],
        r"[\w-]{35,38}",
    ),
    token(
        "yandex-token",
        "a Yandex token",
        &["y0_", "y1_"],
        r"[\w-]{40,}",
    ),
    whole(
        "yandex-token",
        "a Yandex Cloud token",
        &["t1."],
        r"\bt1\.[A-Za-z0-9_-]{20,}={0,2}\.[A-Za-z0-9_-]{86}={0,2}",
    ),
    judged(
        mixed,
        token(
            "yandex-key",
            "a Yandex Cloud access key",
            &["YCAJ", "YCM", "YCN", "YCO", "YCP"],
            r"[\w-]{21,38}",
        ),
    ),
    likely(token(
        "scaleway-key-id",
        "a Scaleway access key",
        &["SCW"],
        "[A-Z0-9]{17}",
    )),
    token(
        "scalingo-token",
        "a Scalingo token",
        &["tk-us-"],
        r"[\w-]{48}",
    ),
    token(
        "exoscale-key",
        "an Exoscale API key",
        &["EXO"],
        "[0-9a-f]{24}",
    ),
    token("heroku-key", "a Heroku API key", &["HRKU-"], r"[\w-]{36,}"),
    token("fly-token", "a Fly.io token", &["fo1_"], r"[\w-]{43}"),
    whole(
        "fly-token",
        "a Fly.io token",
        &["fm1", "fm2_"],
        r"\bfm[12][a-z]?_[A-Za-z0-9+/=,_-]{60,}",
    ),
    token(
        "netlify-token",
        "a Netlify token",
        &["nfp_", "nfc_", "nfo_", "nfu_", "nfb_"],
        "[A-Za-z0-9]{36,}",
    ),
    token(
        "vercel-token",
        "a Vercel token",
        &["vcp_", "vci_", "vca_", "vcr_", "vck_"],
        r"[\w-]{24,}",
    ),
    token(
        "vercel-blob-token",
        "a Vercel Blob token",
        &["vercel_blob_rw_"],
        r"\w{30,}",
    ),
    token(
        "render-key",
        "a Render API key",
        &["rnd_"],
        "[A-Za-z0-9]{24,}",
    ),
    token(
        "backblaze-key",
        "a Backblaze B2 application key",
        &["K001", "K002", "K003", "K004", "K005"],
        "[A-Za-z0-9+/]{27}",
    ),
    token(
        "salad-cloud-key",
        "a SaladCloud key",
        &["salad_cloud_"],
        "[0-9A-Za-z]{1,7}_[0-9A-Za-z]{7,235}",
    ),
];
