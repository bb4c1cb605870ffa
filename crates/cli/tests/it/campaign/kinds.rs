//! The kinds of faults: answers that AWS could not give, and what a network does to those that it
//! gave.

mod deliveries;

use std::time::Duration;

use self::deliveries::gzip_bomb;
use super::call::Call;
use super::forms::{Failure, coded, empty, html};
use super::http::Answer;
use super::mangle::{Mangle, TOKEN};

/// A kind of fault.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    /// What becomes of an answer; nothing where the kind does not fit it.
    pub(crate) act: fn(&Case<'_>) -> Option<Delivery>,
}

/// What a fault of a kind may cost, and how it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Where it passes, trying again overcomes it, and nothing may differ.
    Passing,
    /// As [`Self::Passing`] for sessions of roles; what the caller's own credentials are refused
    /// for is not overcome.
    Expiring,
    /// As [`Self::Passing`], but each costs seconds: few are planned.
    Slow,
    /// As [`Self::Passing`], but calls beside those that are struck are hit as well: a few are
    /// planned, and none is left to stay.
    Brief,
    /// Trying again may or may not overcome it.
    Wrong,
    /// The same, about pages; a second time follows by itself.
    Paging,
    /// The same, with hundreds of megabytes.
    Huge,
    /// Nothing may differ, however often it happens.
    Harmless,
}

impl Class {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Expiring => "expiring",
            Self::Slow => "slow",
            Self::Brief => "brief",
            Self::Wrong => "wrong",
            Self::Paging => "paging",
            Self::Huge => "huge",
            Self::Harmless => "harmless",
        }
    }
}

/// A call that a fault strikes, with the answer that it got.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) call: &'a Call,
    pub(crate) answer: &'a Answer,
    /// How many calls the fault has struck before.
    pub(crate) number: u64,
    /// Drawn for this call.
    pub(crate) random: u64,
}

/// What the client gets to see.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A whole response, and the connection stays open.
    Answer(Answer),
    /// These bytes and no more.
    Bytes(Vec<u8>, End),
    /// A response, after a wait.
    Late(Duration, Answer),
    /// The head at once, then the body in small pieces with a wait after each.
    Trickle(Answer, Duration),
    /// A head, then as many bytes as it takes until the client has enough.
    Flood {
        head: Vec<u8>,
        begin: Vec<u8>,
        filler: &'static [u8],
        bytes: u64,
        end: &'static [u8],
    },
    /// Nothing: the connection is refused, and the next ones too.
    Refused(u32),
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    Closed,
    /// Closed without the farewell of TCP.
    Reset,
    /// Open until the next request comes in, then closed.
    ClosedOnNext,
    /// Open, and nothing comes any more.
    Stalled,
}

/// Longer than the scanner waits for one attempt in a campaign.
const LATE: Duration = Duration::from_secs(8);
const HUGE: u64 = 400 << 20;

const fn kind(name: &'static str, class: Class, act: fn(&Case<'_>) -> Option<Delivery>) -> Kind {
    Kind { name, class, act }
}

/// All kinds.
pub(crate) const KINDS: &[Kind] = &[
    // The service's own errors.
    kind("throttle", Class::Passing, |it| {
        it.failure(Failure::Throttle)
    }),
    kind("throttle-retry-after", Class::Brief, |it| {
        it.retry_after("1")
    }),
    kind("throttle-retry-after-fraction", Class::Passing, |it| {
        it.retry_after("0.2")
    }),
    kind("throttle-retry-after-date", Class::Passing, |it| {
        it.retry_after("Wed, 21 Oct 2099 07:28:00 GMT")
    }),
    kind("throttle-retry-after-days", Class::Wrong, |it| {
        it.retry_after("864000")
    }),
    kind("throttle-503", Class::Passing, |it| {
        it.coded(503, "SlowDown", "Reduce your request rate")
    }),
    kind("throttle-without-body", Class::Passing, |_| {
        Some(Delivery::Answer(empty(429)))
    }),
    kind("service-fails", Class::Passing, |it| {
        it.failure(Failure::Internal)
    }),
    kind("service-unavailable", Class::Passing, |it| {
        it.failure(Failure::Unavailable)
    }),
    kind("500-without-body", Class::Passing, |_| {
        Some(Delivery::Answer(empty(500)))
    }),
    kind("502-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(502)))
    }),
    kind("503-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(503)))
    }),
    kind("504-without-body", Class::Passing, |_| {
        Some(Delivery::Answer(empty(504)))
    }),
    kind("expired-token", Class::Expiring, |it| {
        it.failure(Failure::Expired)
    }),
    kind("unknown-token", Class::Wrong, |it| {
        it.failure(Failure::UnknownToken)
    }),
    kind("clock-skew", Class::Passing, |it| {
        it.skewed(Failure::Skewed.answer(it.call))
    }),
    kind("request-time-too-skewed", Class::Passing, |it| {
        it.skewed(coded(
            it.call,
            403,
            "RequestTimeTooSkewed",
            "Check your clock",
        ))
    }),
    kind("error-of-a-megabyte", Class::Wrong, |it| {
        it.coded(
            400,
            "Strange",
            &"<b>strange</b> ".repeat(70_000).replace(['<', '>'], "*"),
        )
    }),
    kind("501", Class::Wrong, |it| {
        it.coded(501, "NotImplemented", "not implemented")
    }),
    // The connection.
    kind("refused", Class::Brief, |_| Some(Delivery::Refused(1))),
    kind("closed-before-head", Class::Passing, |_| {
        Some(Delivery::Bytes(Vec::new(), End::Closed))
    }),
    kind("reset-before-head", Class::Passing, |_| {
        Some(Delivery::Bytes(Vec::new(), End::Reset))
    }),
    kind("closed-in-status-line", Class::Passing, |it| {
        it.cut(|_| 7, End::Closed)
    }),
    kind("closed-in-head", Class::Passing, |it| {
        it.cut(|head| head - 9, End::Closed)
    }),
    kind("reset-in-head", Class::Passing, |it| {
        it.cut(|head| head - 9, End::Reset)
    }),
    kind("closed-before-body", Class::Passing, |it| {
        it.cut(|head| head, End::Closed)
    }),
    kind("closed-in-body", Class::Passing, |it| {
        it.cut(|head| head + it.answer.body.len() / 2, End::Closed)
    }),
    kind("reset-in-body", Class::Passing, |it| {
        it.cut(|head| head + it.answer.body.len() / 2, End::Reset)
    }),
    kind("chunks-without-end", Class::Passing, |it| {
        it.chunks_without_end()
    }),
    kind("closed-after-answer", Class::Harmless, |it| {
        Some(Delivery::Bytes(it.answer.bytes(), End::Closed))
    }),
    kind("reset-after-answer", Class::Passing, |it| {
        Some(Delivery::Bytes(it.answer.bytes(), End::Reset))
    }),
    kind("closed-on-next-request", Class::Brief, |it| {
        Some(Delivery::Bytes(it.answer.bytes(), End::ClosedOnNext))
    }),
    kind("late-head", Class::Slow, |it| {
        Some(Delivery::Late(LATE, it.answer.clone()))
    }),
    kind("late-body", Class::Slow, |it| {
        it.cut(|head| head + 1, End::Stalled)
    }),
    kind("no-answer", Class::Slow, |_| {
        Some(Delivery::Bytes(Vec::new(), End::Stalled))
    }),
    kind("trickle", Class::Slow, |it| {
        Some(Delivery::Trickle(
            it.answer.clone(),
            Duration::from_millis(700),
        ))
    }),
    // Bytes that are no answer.
    kind("body-cut-short", Class::Passing, |it| {
        it.body(&it.answer.body[..it.answer.body.len() / 2])
    }),
    kind("length-too-short", Class::Brief, |it| it.length_too_short()),
    kind("body-garbled", Class::Passing, |it| {
        it.body(
            &it.answer
                .body
                .iter()
                .map(|byte| byte ^ 0x5a)
                .collect::<Vec<u8>>(),
        )
    }),
    kind("body-not-utf-8", Class::Passing, |it| it.not_utf_8()),
    kind("body-and-more", Class::Passing, |it| {
        it.body(
            &[
                it.answer.body.as_slice(),
                b"<!DOCTYPE html><p>Trial version</p>",
            ]
            .concat(),
        )
    }),
    kind("body-twice", Class::Passing, |it| {
        it.body(&[it.answer.body.as_slice(), &it.answer.body].concat())
    }),
    kind("other-content-type", Class::Passing, |it| {
        Some(Delivery::Answer(
            it.answer.clone().with("content-type", "text/html"),
        ))
    }),
    kind("gzip-bomb", Class::Huge, |it| {
        Some(Delivery::Answer(
            it.answer
                .clone()
                .with("content-encoding", "gzip")
                .with_body(gzip_bomb()),
        ))
    }),
    kind("body-of-hundreds-of-megabytes", Class::Huge, |it| {
        it.flood(br#"{"Padding":""#, b"x", HUGE, br#""}"#)
    }),
    kind("body-without-end", Class::Huge, |it| {
        it.flood(b"", b" ", u64::MAX, b"")
    }),
    kind("nested-without-end", Class::Huge, |it| {
        it.flood(b"", b"[{\"a\":", 64 << 20, b"")
    }),
    kind("head-of-a-megabyte", Class::Passing, |it| {
        Some(Delivery::Answer(
            it.answer.clone().with("x-padding", &"x".repeat(1 << 20)),
        ))
    }),
    kind("thousand-headers", Class::Passing, |it| {
        Some(Delivery::Answer(
            (0..1000).fold(it.answer.clone(), |it, at| it.with(&format!("x-{at}"), "x")),
        ))
    }),
    // Pages of something in between.
    kind("200-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(200)))
    }),
    kind("302-html", Class::Passing, |_| {
        Some(Delivery::Answer(
            html(302).with("location", "https://login.example.com/"),
        ))
    }),
    kind("401-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(401)))
    }),
    kind("403-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(403)))
    }),
    kind("404-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(404)))
    }),
    kind("407-html", Class::Passing, |_| {
        Some(Delivery::Answer(html(407)))
    }),
    kind("200-empty", Class::Passing, |_| {
        Some(Delivery::Answer(empty(200)))
    }),
    kind("204", Class::Passing, |_| {
        Some(Delivery::Answer(empty(204)))
    }),
    kind("302-empty", Class::Passing, |_| {
        Some(Delivery::Answer(empty(302)))
    }),
    kind("400-empty", Class::Passing, |_| {
        Some(Delivery::Answer(empty(400)))
    }),
    kind("403-empty", Class::Passing, |_| {
        Some(Delivery::Answer(empty(403)))
    }),
    kind("404-empty", Class::Passing, |_| {
        Some(Delivery::Answer(empty(404)))
    }),
    kind("404-without-code", Class::Passing, |it| {
        it.said(404, r#"{"message":"no Route matched with those values"}"#)
    }),
    kind("404-other-code", Class::Wrong, |it| {
        it.coded(404, "RouteNotFound", "no Route matched with those values")
    }),
    kind("404-code-in-html", Class::Passing, |_| {
        Some(Delivery::Answer(
            html(404).with("x-cache", "ResourceNotFoundException"),
        ))
    }),
    // Well-formed, and not what AWS says.
    kind("empty-object", Class::Passing, |it| it.said(200, "{}")),
    kind("null", Class::Passing, |it| it.said(200, "null")),
    kind("empty-list", Class::Passing, |it| it.said(200, "[]")),
    kind("message-200", Class::Passing, |it| {
        it.said(200, r#"{"message":"Service Unavailable"}"#)
    }),
    kind("error-200", Class::Passing, |it| {
        Some(Delivery::Answer(Answer {
            status: 200,
            ..Failure::Internal.answer(it.call)
        }))
    }),
    kind("other-operation", Class::Passing, |it| {
        it.said(
            200,
            r#"{"Quotas":[{"QuotaArn":"arn:aws:servicequotas:::lambda/L-1"}]}"#,
        )
    }),
    kind("other-account", Class::Wrong, |it| it.other_account()),
    kind("other-function", Class::Passing, |it| it.other_function()),
    kind("member-missing", Class::Passing, |it| {
        it.mangled(Mangle::MemberMissing)
    }),
    kind("member-null", Class::Passing, |it| {
        it.mangled(Mangle::MemberNull)
    }),
    kind("member-text", Class::Passing, |it| {
        it.mangled(Mangle::MemberText)
    }),
    kind("member-of-another-type", Class::Passing, |it| {
        it.mangled(Mangle::MemberOther)
    }),
    kind("member-without-identity", Class::Passing, |it| {
        it.mangled(Mangle::InnerIdentityMissing)
    }),
    kind("member-twice", Class::Passing, |it| {
        it.mangled(Mangle::TwiceTheMember)
    }),
    kind("list-emptied", Class::Wrong, |it| {
        it.counted()?.mangled(Mangle::Emptied)
    }),
    kind("item-lost", Class::Wrong, |it| it.counted()?.item_lost()),
    kind("item-null", Class::Passing, |it| {
        it.mangled(Mangle::ItemNull)
    }),
    kind("item-empty", Class::Passing, |it| {
        it.mangled(Mangle::ItemEmpty)
    }),
    kind("item-text", Class::Passing, |it| {
        it.mangled(Mangle::ItemText)
    }),
    kind("item-without-identity", Class::Passing, |it| {
        it.mangled(Mangle::ItemWithoutIdentity)
    }),
    kind("item-mistyped", Class::Passing, |it| {
        it.mangled(Mangle::ItemMemberMistyped)
    }),
    kind("item-twice", Class::Harmless, |it| {
        it.mangled(Mangle::ItemTwice)
    }),
    kind("item-twice-conflicting", Class::Passing, |it| {
        it.mangled(Mangle::ItemTwiceConflicting)
    }),
    // Pages.
    kind("token-empty", Class::Paging, |it| it.token(Some(""))),
    kind("token-mistyped", Class::Paging, |it| it.token(None)),
    kind("token-repeated", Class::Paging, |it| {
        it.token(Some(&format!("{TOKEN}again")))
    }),
    kind("tokens-in-a-circle", Class::Paging, |it| {
        it.token(Some(&format!("{TOKEN}{}", it.number % 3)))
    }),
    kind("tokens-without-end", Class::Paging, |it| {
        it.token(Some(&format!("{TOKEN}{}", it.number)))
    }),
];
