//! Chat, mail, telephony, and the addresses to which messages are posted. Sources: "Token types"
//! and "Sending messages using incoming webhooks" of Slack; "Reference: authentication" and
//! "Webhook resource" of Discord; "Bots: obtain your bot token" of Telegram; "Incoming webhooks" of
//! Teams, Google Chat, Mattermost, Lark, `DingTalk` and `WeCom`; "API keys" of `SendGrid`, Mailgun,
//! Mailchimp, Brevo, Resend and Twilio; "Access tokens" of Meta and X.

use super::{Rule, judged, medium, token, whole};
use crate::verify::{discord_token, mixed, slack_token, x_bearer};

pub(super) const RULES: &[Rule] = &[
    judged(
        slack_token,
        whole(
            "slack-token",
            "a Slack token",
            &[
                "xoxa", "xoxb", "xoxe", "xoxp", "xoxr", "xoxs", "xoxc", "xoxd", "xapp-",
            ],
            r"\b(?:xox[abcdeprs](?:\.xox[bp])?-|xapp-[0-9]-)[A-Za-z0-9%-]{10,}",
        ),
    ),
    whole(
        "slack-webhook",
        "a Slack webhook",
        &["hooks.slack"],
        r"\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?<secret>[A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9/]{16,})",
    ),
    whole(
        "slack-webhook",
        "a Slack webhook's path",
        &["/services/", "services/T", "workflows/T"],
        r"(?:^|[/\s])(?:services|workflows)/(?<secret>T[A-Z0-9]{6,}/[AB][A-Z0-9]{6,}/[A-Za-z0-9/]{16,})",
    ),
    whole(
        "discord-webhook",
        "a Discord webhook",
        &["/webhooks/"],
        r"\bdiscord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/(?<secret>[0-9]{15,21}/[A-Za-z0-9_-]{60,})",
    ),
    // The id of the bot, a number, in base 64, a time, and a signature.
    judged(
        discord_token,
        token(
            "discord-token",
            "a Discord bot token",
            &["MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
            r"[\w-]{21,26}\.[\w-]{6,7}\.[\w-]{27,40}",
        ),
    ),
    whole(
        "discord-token",
        "a Discord token",
        &["mfa."],
        r"\bmfa\.[A-Za-z0-9_-]{80,}",
    ),
    whole(
        "teams-webhook",
        "a Microsoft Teams webhook",
        &["webhook.office"],
        r"\b[a-z0-9-]+\.webhook\.office\.com/(?<secret>webhookb2/[A-Za-z0-9@-]{36,}/[A-Za-z]+/[0-9a-f]{32}[A-Za-z0-9/_-]*)",
    ),
    whole(
        "google-chat-webhook",
        "a Google Chat webhook",
        &["chat.googleapis"],
        r"\bchat\.googleapis\.com/v1/spaces/[^\s?]{1,80}\?(?:[^\s#]{0,120}&)?token=(?<secret>[A-Za-z0-9_%=-]{20,})",
    ),
    whole(
        "zapier-webhook",
        "a Zapier webhook",
        &["hooks.zapier"],
        r"\bhooks\.zapier\.com/hooks/(?:catch|standard)/(?<secret>[0-9]{4,}/[A-Za-z0-9]{5,})",
    ),
    whole(
        "make-webhook",
        "a Make webhook",
        &["hook."],
        r"\bhook\.(?:[a-z0-9-]{2,8}\.)?(?:make|integromat)\.com/(?<secret>[A-Za-z0-9]{24,})",
    ),
    whole(
        "ifttt-webhook",
        "an IFTTT webhook",
        &["maker.ifttt"],
        r"\bmaker\.ifttt\.com/trigger/[^\s/]{1,80}/(?:json/)?with/key/(?<secret>[A-Za-z0-9_-]{16,})",
    ),
    whole(
        "pipedream-webhook",
        "a Pipedream webhook",
        &["pipedream.net"],
        r"\b(?<secret>eo[a-z0-9]{12,})\.m\.pipedream\.net",
    ),
    whole(
        "tines-webhook",
        "a Tines webhook",
        &["tines.com"],
        r"\b[a-z0-9.-]+\.tines\.com/webhook/(?<secret>[a-z0-9]{32}/[a-z0-9]{32})",
    ),
    whole(
        "feishu-webhook",
        "a Lark webhook",
        &["open-apis/bot/"],
        r"\b(?:open\.feishu\.cn|open\.larksuite\.com)/open-apis/bot/(?:v2/)?hook/(?<secret>[0-9A-Za-z-]{20,})",
    ),
    whole(
        "dingtalk-webhook",
        "a DingTalk webhook",
        &["dingtalk.com"],
        r"\boapi\.dingtalk\.com/robot/send\?access_token=(?<secret>[0-9a-f]{64})",
    ),
    whole(
        "wecom-webhook",
        "a WeCom webhook",
        &["qyapi.weixin"],
        r"\bqyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=(?<secret>[0-9a-f-]{36})",
    ),
    whole(
        "mattermost-webhook",
        "an incoming webhook",
        &["/hooks/"],
        r"://[a-z0-9.-]+(?::[0-9]+)?/hooks/(?<secret>[a-z0-9]{26})\b",
    ),
    whole(
        "sumo-webhook",
        "a Sumo Logic collector's address",
        &["sumologic.com"],
        r"\bsumologic\.com/receiver/v1/(?:http|logs)/(?<secret>[A-Za-z0-9_=%+/-]{40,})",
    ),
    whole(
        "opsgenie-webhook",
        "a URL with an integration key",
        &["apikey="],
        r"(?i)\bapi\.(?:eu\.)?opsgenie\.com/[^\s?]*\?(?:[^\s]{0,80}&)?apikey=(?<secret>[0-9a-f-]{36})",
    ),
    whole(
        "telegram-token",
        "a Telegram bot token",
        &[":A"],
        r"(?:\b|bot)[0-9]{6,11}:A[A-Za-z0-9_-]{34}(?:$|[^A-Za-z0-9_-])",
    ),
    token(
        "sendgrid-key",
        "a SendGrid key",
        &["SG."],
        r"[\w-]{16,32}\.[\w-]{30,64}",
    ),
    token("mailgun-key", "a Mailgun key", &["key-"], "[0-9a-z]{32}"),
    whole(
        "mailgun-key",
        "a Mailgun key",
        &["-"],
        r"\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b",
    ),
    whole(
        "mailchimp-key",
        "a Mailchimp key",
        &["-us"],
        r"\b[0-9a-f]{32}-us[0-9]{1,2}\b",
    ),
    token("smtp2go-key", "an SMTP2GO key", &["api-"], "[0-9A-F]{32}"),
    token("nylas-key", "a Nylas key", &["nyk_v0_"], r"\w{40,}"),
    token(
        "mandrill-key",
        "a Mailchimp Transactional key",
        &["md-"],
        r"[\w-]{22}",
    ),
    token(
        "brevo-key",
        "a Brevo key",
        &["xkeysib-", "xsmtpsib-"],
        "[0-9a-f]{64}-[A-Za-z0-9]{16}",
    ),
    token(
        "resend-key",
        "a Resend key",
        &["re_"],
        r"[A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,28}",
    ),
    token(
        "mailersend-token",
        "a MailerSend token",
        &["mlsn."],
        "[0-9a-f]{64}",
    ),
    token(
        "customer-io-token",
        "a Customer.io key",
        &["sa_live_"],
        r"[\w-]{24,}",
    ),
    token(
        "courier-key",
        "a Courier key",
        &["pk_prod_", "pk_test_", "dk_prod_", "dk_test_"],
        "[A-Z0-9]{28}",
    ),
    token(
        "knock-key",
        "a Knock secret key",
        &["sk_test_", "sk_live_", "sk_dev_"],
        r"[\w-]{40,48}",
    ),
    token(
        "onesignal-key",
        "a OneSignal key",
        &["os_v2_app_", "os_v2_org_"],
        "[a-z0-9]{60,}",
    ),
    medium(token(
        "twilio-key",
        "a Twilio API key",
        &["SK"],
        "[0-9a-f]{32}",
    )),
    token(
        "telnyx-key",
        "a Telnyx API key",
        &["KEY"],
        r"[0-9A-Z]{32}_[\w-]{22}",
    ),
    judged(
        mixed,
        whole(
            "webex-token",
            "a Webex token",
            &["_PF84_", "_P0A1_", "_PE93_"],
            r"\b[A-Za-z0-9]{64}_[A-Z0-9]{4}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ),
    ),
    // The first twenty or more characters of an app's bearer token are zero bits.
    judged(
        x_bearer,
        whole(
            "x-bearer-token",
            "an X (Twitter) bearer token",
            &["AAAAAAAAAAAAAAAAAAAA"],
            r"\bA{20,24}(?<body>[A-Za-z0-9%+/=_-]{50,})",
        ),
    ),
    medium(whole(
        "x-access-token",
        "an X (Twitter) access token",
        &["-"],
        r"\b[0-9]{15,20}-[A-Za-z0-9]{30,50}\b",
    )),
    token(
        "meta-token",
        "a Meta access token",
        &["EAA"],
        "[A-Za-z0-9]{80,}",
    ),
    token(
        "instagram-token",
        "an Instagram token",
        &["IGQV", "IGAA"],
        r"[\w-]{80,}",
    ),
    whole(
        "meta-app-token",
        "a Meta app access token",
        &["|"],
        r"\b[0-9]{15,16}(?:\||%7C)[A-Za-z0-9_-]{27,40}",
    ),
    token(
        "pinterest-token",
        "a Pinterest token",
        &["pina_", "pinc_", "pinr_"],
        r"[\w-]{32,}",
    ),
    token(
        "linkedin-token",
        "a LinkedIn token",
        &["AQV", "AQW", "AQX"],
        r"[\w-]{150,}",
    ),
    token(
        "linkedin-secret",
        "a LinkedIn client secret",
        &["WPL_AP"],
        r"[01]\.[A-Za-z0-9]{16}\.[A-Za-z0-9+/]{6}==",
    ),
];
