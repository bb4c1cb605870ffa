//! How faults turn an answer into what the client gets to see.

use super::{Case, Delivery, End};
use crate::campaign::forms::{Failure, coded};
use crate::campaign::http::Answer;
use crate::campaign::mangle::{
    Mangle, mangled, of_another_account, of_another_function, with_token,
};

impl Case<'_> {
    pub(super) fn failure(&self, failure: Failure) -> Option<Delivery> {
        Some(Delivery::Answer(failure.answer(self.call)))
    }

    pub(super) fn coded(&self, status: u16, code: &str, message: &str) -> Option<Delivery> {
        Some(Delivery::Answer(coded(self.call, status, code, message)))
    }

    pub(super) fn retry_after(&self, value: &str) -> Option<Delivery> {
        Some(Delivery::Answer(
            Failure::Throttle
                .answer(self.call)
                .with("retry-after", value),
        ))
    }

    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn skewed(&self, answer: Answer) -> Option<Delivery> {
        Some(Delivery::Answer(
            answer.with("date", "Wed, 01 Jan 2020 00:00:00 GMT"),
        ))
    }

    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn body(&self, body: &[u8]) -> Option<Delivery> {
        Some(Delivery::Answer(self.answer.clone().with_body(body)))
    }

    /// Something in JSON, whatever the service speaks.
    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn said(&self, status: u16, body: &str) -> Option<Delivery> {
        Some(Delivery::Answer(Answer::new(
            status,
            "application/json",
            body,
        )))
    }

    /// Only functions are counted elsewhere.
    pub(super) fn item_lost(&self) -> Option<Delivery> {
        (self.call.operation == "ListFunctions").then(|| self.mangled(Mangle::ItemLost))?
    }

    /// Only answers that say whose they are: what policies name may well be another account's.
    pub(super) fn other_account(&self) -> Option<Delivery> {
        let tells =
            self.call.operation == "GetAccountAuthorizationDetails" || self.tells_function_arns();
        Some(Delivery::Answer(
            of_another_account(self.call, self.answer).filter(|_| tells)?,
        ))
    }

    /// An answer to the same call about another function.
    pub(super) fn other_function(&self) -> Option<Delivery> {
        Some(Delivery::Answer(
            of_another_function(self.call, self.answer).filter(|_| self.tells_function_arns())?,
        ))
    }

    /// Whether AWS names the ARN of what it is about in each answer, and no other account anywhere.
    pub(super) fn tells_function_arns(&self) -> bool {
        let silent = ["GetPolicy", "GetLayerVersionPolicy", "GetAccountSettings"];
        self.call.service == "lambda" && !silent.contains(&self.call.operation.as_str())
    }

    pub(super) fn mangled(&self, how: Mangle) -> Option<Delivery> {
        Some(Delivery::Answer(mangled(
            self.call,
            self.answer,
            how,
            self.random,
        )?))
    }

    pub(super) fn token(&self, token: Option<&str>) -> Option<Delivery> {
        Some(Delivery::Answer(with_token(self.call, self.answer, token)?))
    }

    /// Only lists that AWS cannot give empty, or whose length another answer tells.
    pub(super) fn counted(&self) -> Option<&Self> {
        [
            "lambda:ListFunctions",
            "account:ListRegions",
            "organizations:ListAccounts",
            "organizations:ListRoots",
        ]
        .contains(&self.call.name().as_str())
        .then_some(self)
    }

    /// The response up to some place, which is counted from the length of its head.
    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn cut(&self, place: impl Fn(usize) -> usize, end: End) -> Option<Delivery> {
        let mut bytes = self.answer.bytes();
        bytes.truncate(place(bytes.len() - self.answer.body.len()));
        Some(Delivery::Bytes(bytes, end))
    }

    pub(super) fn chunks_without_end(&self) -> Option<Delivery> {
        let half = &self.answer.body[..self.answer.body.len() / 2];
        let mut bytes = self.answer.head("transfer-encoding: chunked\r\n");
        bytes.extend_from_slice(format!("{:x}\r\n", half.len()).as_bytes());
        bytes.extend_from_slice(half);
        bytes.extend_from_slice(b"\r\n");
        (!half.is_empty()).then_some(Delivery::Bytes(bytes, End::Closed))
    }

    /// The body is longer than the head says: what is left stands where the next response should.
    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn length_too_short(&self) -> Option<Delivery> {
        let mut bytes = self.answer.head(&format!(
            "content-length: {}\r\n",
            self.answer.body.len() / 2
        ));
        bytes.extend_from_slice(&self.answer.body);
        Some(Delivery::Bytes(bytes, End::Open))
    }

    /// A byte that UTF-8 does not have, in the first text.
    pub(super) fn not_utf_8(&self) -> Option<Delivery> {
        let mut body = self.answer.body.clone();
        let quote = body
            .windows(2)
            .position(|two| two == b":\"" || two == b"</")?;
        body.insert(quote + usize::from(body[quote] == b':') * 2, 0xff);
        self.body(&body)
    }

    #[expect(clippy::unnecessary_wraps, reason = "all ways to act have one type")]
    pub(super) fn flood(
        &self,
        begin: &[u8],
        filler: &'static [u8],
        bytes: u64,
        end: &'static [u8],
    ) -> Option<Delivery> {
        let head = Answer::new(200, "application/json", "").head("transfer-encoding: chunked\r\n");
        Some(Delivery::Flood {
            head,
            begin: begin.to_vec(),
            filler,
            bytes,
            end,
        })
    }
}

/// A gigabyte of zeros in about a megabyte, as gzip: a literal zero, then copies of 258 bytes in
/// the fixed code of deflate.
pub(super) fn gzip_bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let (mut buffer, mut filled) = (0_u32, 0_u32);
    let mut put = |bits: u32, count: u32| {
        buffer |= bits << filled;
        filled += count;
        while filled >= 8 {
            bytes.push((buffer & 0xff) as u8);
            buffer >>= 8;
            filled -= 8;
        }
    };
    // The last block, in the fixed code; codes go in with their first bit first.
    put(0b011, 3);
    put(0b0000_1100, 8);
    for _ in 0..700_000 {
        put(0b1010_0011, 8);
        put(0, 5);
    }
    put(0, 7);
    put(0, 8);
    bytes
}
