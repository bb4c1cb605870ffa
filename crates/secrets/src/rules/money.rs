//! Payments, shops and banking. Sources: "API keys" of Stripe, Square, Shopify ("Access tokens"),
//! Braintree, Flutterwave, Razorpay, Plaid, Mollie, Adyen, Paddle, Paystack, Xendit, Mercado Pago
//! and Midtrans; "Getting started" of Shippo, `EasyPost`, Duffel and `WooCommerce`. See `mod.rs`
//! for the lengths.

use super::{Rule, judged, token, whole};
use crate::verify::mixed;

pub(super) const RULES: &[Rule] = &[
    token(
        "stripe-key",
        "a live Stripe key",
        &["sk_live_", "rk_live_"],
        "[A-Za-z0-9]{16,}",
    ),
    token(
        "stripe-test-key",
        "a Stripe test key",
        &["sk_test_", "rk_test_"],
        "[A-Za-z0-9]{16,}",
    ),
    token(
        "stripe-key",
        "a Stripe organisation key",
        &["sk_org_live_", "sk_org_test_", "sk_prod_", "rk_prod_"],
        "[A-Za-z0-9]{16,}",
    ),
    token(
        "stripe-webhook-secret",
        "a webhook signing secret",
        &["whsec_"],
        r"[A-Za-z0-9+/]{24,}={0,2}",
    ),
    token(
        "square-token",
        "a Square token",
        &["sq0atp-", "sq0csp-"],
        r"[\w-]{22,43}",
    ),
    token("square-token", "a Square token", &["EAAA"], r"[\w+=-]{60}"),
    token(
        "shopify-token",
        "a Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_", "shptka_", "shpua_"],
        "[0-9a-fA-F]{32}",
    ),
    token(
        "shopify-token",
        "a Shopify token",
        &["prtapi_", "atkn_", "shltm_"],
        r"[\w-]{32,}",
    ),
    token(
        "braintree-token",
        "a Braintree access token",
        &["access_token$production$", "access_token$sandbox$"],
        r"[0-9a-z]{16}\$[0-9a-f]{32}",
    ),
    token(
        "flutterwave-key",
        "a Flutterwave secret key",
        &["FLWSECK-", "FLWSECK_TEST-"],
        "[0-9a-zA-Z]{12,40}(?:-X)?",
    ),
    token(
        "razorpay-key-id",
        "a Razorpay key id",
        &["rzp_live_", "rzp_test_"],
        "[A-Za-z0-9]{14}",
    ),
    token(
        "plaid-token",
        "a Plaid access token",
        &[
            "access-sandbox-",
            "access-development-",
            "access-production-",
        ],
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    token(
        "mollie-key",
        "a Mollie key",
        &["live_", "test_"],
        "[A-Za-z0-9]{30,48}",
    ),
    token(
        "gocardless-token",
        "a GoCardless token",
        &["live_", "sandbox_"],
        r"[\w=-]{40}",
    ),
    token("lob-key", "a Lob key", &["live_", "test_"], "[0-9a-f]{35}"),
    token(
        "adyen-key",
        "an Adyen API key",
        &["AQE"],
        r#"[\w.+/=?:\[\]{}"&|*~^<>!@#%()$;,-]{60,}"#,
    ),
    token(
        "checkout-key",
        "a Checkout.com secret key",
        &["sk_", "sk_sbox_"],
        "[a-z0-9]{26,27}",
    ),
    token(
        "paddle-key",
        "a Paddle key",
        &["pdl_live_apikey_", "pdl_sdbx_apikey_", "pdl_ntfset_"],
        r"[\w-]{30,}",
    ),
    token(
        "polar-token",
        "a Polar access token",
        &["polar_oat_", "polar_pat_", "polar_whs_"],
        r"[\w-]{30,}",
    ),
    token(
        "paypal-token",
        "a PayPal access token",
        &["A21AA"],
        r"[\w-]{60,}",
    ),
    whole(
        "paypal-token",
        "a PayPal access token",
        &["access_token$"],
        r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
    ),
    token(
        "pagarme-key",
        "a Pagar.me key",
        &["ak_live_", "ak_test_"],
        "[A-Za-z0-9]{30}",
    ),
    token(
        "mercado-pago-token",
        "a Mercado Pago token",
        &["APP_USR-", "TEST-"],
        "[0-9]{10,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,12}",
    ),
    token(
        "midtrans-key",
        "a Midtrans server key",
        &["Mid-server-", "SB-Mid-server-"],
        r"[\w-]{20,28}",
    ),
    token(
        "xendit-key",
        "a Xendit secret key",
        &["xnd_production_", "xnd_development_"],
        "[A-Za-z0-9]{40,}",
    ),
    token(
        "paystack-key",
        "a Paystack secret key",
        &["sk_live_", "sk_test_"],
        "[0-9a-f]{40}",
    ),
    token(
        "omise-key",
        "an Omise secret key",
        &["skey_", "skey_test_"],
        "[a-z0-9]{19}",
    ),
    token(
        "recharge-key",
        "a Recharge key",
        &["sk_", "sk_test_"],
        "(?:1|2|3|5|10)x[123]_[0-9a-f]{64}",
    ),
    token(
        "woocommerce-key",
        "a WooCommerce key",
        &["ck_", "cs_"],
        "[0-9a-f]{40}",
    ),
    whole(
        "stripe-client-secret",
        "a client secret of a Stripe payment",
        &["_secret_"],
        r"\b(?:pi|seti|src|cs)_[A-Za-z0-9]{14,40}_secret_[A-Za-z0-9]{20,}\b",
    ),
    token(
        "ramp-secret",
        "a Ramp secret",
        &["ramp_sec_"],
        "[A-Za-z0-9]{48}",
    ),
    token(
        "shippo-token",
        "a Shippo token",
        &["shippo_live_", "shippo_test_"],
        "[0-9a-fA-F]{40}",
    ),
    token(
        "easypost-key",
        "an EasyPost key",
        &["EZAK", "EZTK"],
        "[A-Za-z0-9]{54}",
    ),
    token(
        "duffel-token",
        "a Duffel token",
        &["duffel_live_", "duffel_test_"],
        r"[\w=-]{43}",
    ),
    token(
        "robinhood-key",
        "a Robinhood Crypto key",
        &["rh-api-"],
        "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    ),
    judged(
        mixed,
        token(
            "ebay-secret",
            "an eBay certificate id",
            &["PRD-", "SBX-"],
            "[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}",
        ),
    ),
    judged(
        mixed,
        token(
            "revenuecat-key",
            "a RevenueCat secret key",
            &["sk_", "atk_"],
            "[A-Za-z0-9]{28}",
        ),
    ),
];
