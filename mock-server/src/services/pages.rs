//! Pagination. A token contains the position of the next page.

use serde_json::Value;

/// The part of a list that a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    begin: usize,
    most: usize,
}

impl Page {
    /// The page of a token, or the first one without a token; `None` if the token cannot come from
    /// a response. It has the requested number of items, and at most `most`.
    pub(super) fn of(
        token: Option<&str>,
        asked: Option<&Value>,
        unless_asked: usize,
        most: usize,
    ) -> Option<Self> {
        let begin = match token {
            Some(token) => token.strip_prefix("page-")?.parse().ok()?,
            None => 0,
        };
        let asked = asked
            .and_then(Value::as_u64)
            .and_then(|it| usize::try_from(it).ok());
        Some(Self {
            begin,
            most: asked.unwrap_or(unless_asked).clamp(1, most),
        })
    }

    /// The items of the page, and the token of the next one if there are more.
    pub(super) fn of_items<T>(self, items: impl Iterator<Item = T>) -> (Vec<T>, Option<String>) {
        let mut items: Vec<T> = items.skip(self.begin).take(self.most + 1).collect();
        let next = (items.len() > self.most).then(|| format!("page-{}", self.begin + self.most));
        items.truncate(self.most);
        (items, next)
    }
}
