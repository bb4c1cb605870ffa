//! Reads paginated lists to their end, without loops and duplicates.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::hash::{BuildHasher, RandomState};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambdasweep_model::printable;

use crate::caller::Caller;
use crate::error::CallError;
use crate::operation::Operation;

/// How many consecutive pages may contain nothing new. AWS may send empty pages that are followed
/// by others.
const MOST_PAGES_WITHOUT_NEWS: usize = 100;
/// The default maximum number of items of a listing.
const MOST_ITEMS: usize = 1_000_000;

/// Reads a listing to its end by [`Caller::list`]. Arguments: the caller, the operation, a request
/// for the first page, the setter of the page token, the names of the next token and of the list in
/// a response, and the id of an item.
#[macro_export]
macro_rules! list {
    ($caller:expr, $operation:expr, $request:expr, $set:ident, $next:ident, $items:ident, $id:expr $(,)?) => {
        $caller.list(
            $operation,
            |token| $request.$set(token).send(),
            |page| (Option::from(page.$items), page.$next),
            $id,
        )
    };
}

/// What is wrong with a page.
struct Problem {
    what: String,
    /// Whether two items with the same id differ.
    is_conflict: bool,
}

/// Reads a listing page by page.
#[derive(Debug)]
pub struct Pages {
    operation: Operation,
    /// The token of the next page; `None` for the first.
    token: Option<String>,
    /// The tokens that were already used.
    gone: HashSet<String>,
    /// Hashes of the ids seen so far, to find out whether a page contains anything new.
    seen: HashSet<u64>,
    hasher: RandomState,
    items: usize,
    without_news: usize,
    /// Whether the caller handles items that are listed twice with different content.
    with_conflicts: bool,
    /// Why the listing cannot continue after the last page returned.
    problem: Option<String>,
    ended: bool,
}

impl Pages {
    /// A listing from its start.
    pub fn new(operation: &Operation) -> Self {
        Self {
            operation: *operation,
            token: None,
            gone: HashSet::new(),
            seen: HashSet::new(),
            hasher: RandomState::new(),
            items: 0,
            without_news: 0,
            with_conflicts: false,
            problem: None,
            ended: false,
        }
    }

    /// Lets the caller handle items that are listed twice with different content.
    #[must_use]
    pub fn with_conflicts(mut self) -> Self {
        self.with_conflicts = true;
        self
    }

    /// The next page; `None` after the last one. `send` requests the page of a token (the first
    /// without one), `take` extracts the list and the next token from a response, and `id` returns
    /// an item's id.
    ///
    /// # Errors
    /// If the call fails. If the listing loops or does not end, after the page that shows
    /// it; the items until then are incomplete.
    pub async fn next<T, O, E, Fut>(
        &mut self,
        caller: &Caller,
        send: impl Fn(Option<String>) -> Fut,
        take: impl Fn(O) -> (Option<Vec<T>>, Option<String>),
        id: impl Fn(&T) -> String,
    ) -> Result<Option<Vec<T>>, CallError>
    where
        T: PartialEq,
        E: ProvideErrorMetadata + Error + 'static,
        Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if let Some(problem) = self.problem.take() {
            return Err(caller.incomplete(&self.operation, &problem));
        }
        if self.ended {
            return Ok(None);
        }
        for round in 1.. {
            let answer = caller
                .call(&self.operation, || send(self.token.clone()))
                .await
                .inspect_err(|_| self.ended = true)?;
            let (listed, next) = take(answer);
            let Some(listed) = listed else {
                self.ended = true;
                return Err(caller.incomplete(&self.operation, "the response lacks its list"));
            };
            match self.problem_of(&listed, next.as_deref(), &id) {
                // A problem that a retry solves has no consequences.
                Some(_) if round < caller.attempts_allowed() => caller.pause(round).await,
                problem => {
                    let problem = problem
                        .filter(|problem| !(self.with_conflicts && problem.is_conflict))
                        .map(|problem| problem.what);
                    self.go_on(&listed, next, problem, &id);
                    return Ok(Some(listed));
                }
            }
        }
        Ok(None)
    }

    /// What is wrong with one page.
    fn problem_of<T: PartialEq>(
        &self,
        listed: &[T],
        next: Option<&str>,
        id: impl Fn(&T) -> String,
    ) -> Option<Problem> {
        let wrong = match next {
            Some("") => Some("the response announces another page without a valid token"),
            Some(token) if self.gone.contains(token) => {
                Some("the response's token leads back to a page that was already read")
            }
            _ => None,
        };
        if let Some(what) = wrong {
            return Some(Problem {
                what: what.to_owned(),
                is_conflict: false,
            });
        }
        let mut ids: HashMap<String, &T> = HashMap::with_capacity(listed.len());
        for item in listed {
            let id = id(item);
            if !id.is_empty()
                && let Some(other) = ids.insert(id.clone(), item)
                && other != item
            {
                return Some(Problem {
                    what: conflict(&id),
                    is_conflict: true,
                });
            }
        }
        None
    }

    /// Moves on to the next page, if the listing may continue.
    fn go_on<T>(
        &mut self,
        listed: &[T],
        next: Option<String>,
        problem: Option<String>,
        id: impl Fn(&T) -> String,
    ) {
        let before = self.seen.len();
        self.seen
            .extend(listed.iter().map(|item| self.hasher.hash_one(id(item))));
        self.items += listed.len();
        self.without_news = if self.seen.len() > before {
            0
        } else {
            self.without_news + 1
        };
        let most = self.operation.list.map_or(MOST_ITEMS, |(_, most)| most);
        self.problem = problem.or_else(|| {
            next.as_ref()?;
            if self.items > most {
                Some(format!(
                    "the listing continues after {} items, more than an account can have",
                    self.items
                ))
            } else if self.without_news > MOST_PAGES_WITHOUT_NEWS {
                Some(format!(
                    "{} consecutive pages contained nothing new, and more follow",
                    self.without_news
                ))
            } else {
                None
            }
        });
        self.ended = next.is_none() || self.problem.is_some();
        self.gone.extend(next.clone());
        self.token = next;
    }
}

impl Caller {
    /// Reads a listing to its end: the items, each once, and whether they are complete. For the
    /// arguments see [`Pages::next`].
    ///
    /// A second item with the same id and other content is left out, and the listing counts as
    /// failed. All items without an id are kept.
    pub async fn list<T, O, E, Fut>(
        &self,
        operation: &Operation,
        send: impl Fn(Option<String>) -> Fut,
        take: impl Fn(O) -> (Option<Vec<T>>, Option<String>),
        id: impl Fn(&T) -> String,
    ) -> (Vec<T>, Result<(), CallError>)
    where
        T: PartialEq,
        E: ProvideErrorMetadata + Error + 'static,
        Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut unique = Unique::default();
        let ended = self
            .list_into(Pages::new(operation), send, take, &id, |item| {
                unique.add(id(&item), item)
            })
            .await;
        let (items, conflict) = unique.into_parts();
        (
            items,
            ended.and_then(|()| {
                conflict.map_or(Ok(()), |problem| Err(self.incomplete(operation, &problem)))
            }),
        )
    }

    /// Reads a listing to its end, including items that are listed twice, which the caller handles.
    /// For the arguments see [`Pages::next`].
    pub async fn list_with_conflicts<T, O, E, Fut>(
        &self,
        operation: &Operation,
        send: impl Fn(Option<String>) -> Fut,
        take: impl Fn(O) -> (Option<Vec<T>>, Option<String>),
        id: impl Fn(&T) -> String,
    ) -> (Vec<T>, Result<(), CallError>)
    where
        T: PartialEq,
        E: ProvideErrorMetadata + Error + 'static,
        Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut items = Vec::new();
        let ended = self
            .list_into(
                Pages::new(operation).with_conflicts(),
                send,
                take,
                id,
                |item| items.push(item),
            )
            .await;
        (items, ended)
    }

    async fn list_into<T, O, E, Fut>(
        &self,
        mut pages: Pages,
        send: impl Fn(Option<String>) -> Fut,
        take: impl Fn(O) -> (Option<Vec<T>>, Option<String>),
        id: impl Fn(&T) -> String,
        mut keep: impl FnMut(T),
    ) -> Result<(), CallError>
    where
        T: PartialEq,
        E: ProvideErrorMetadata + Error + 'static,
        Fut: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        while let Some(listed) = pages.next(self, &send, &take, &id).await? {
            listed.into_iter().for_each(&mut keep);
        }
        Ok(())
    }
}

/// Items by id, each once, in the order in which they were listed.
#[derive(Debug)]
pub struct Unique<T> {
    items: Vec<T>,
    at: HashMap<String, usize>,
    conflict: Option<String>,
}

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            at: HashMap::new(),
            conflict: None,
        }
    }
}

impl<T: PartialEq> Unique<T> {
    /// Adds an item unless it exists. The same id with other content is a conflict: the first item
    /// is kept.
    pub fn add(&mut self, id: String, item: T) {
        if id.is_empty() {
            self.items.push(item);
            return;
        }
        match self.at.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(self.items.len());
                self.items.push(item);
            }
            Entry::Occupied(entry) => {
                if self.items[*entry.get()] != item {
                    self.conflict.get_or_insert_with(|| conflict(entry.key()));
                }
            }
        }
    }

    /// The items, and a description of the first conflict.
    pub fn into_parts(self) -> (Vec<T>, Option<String>) {
        (self.items, self.conflict)
    }
}

fn conflict(id: &str) -> String {
    format!(
        "`{}` is listed twice, with different content",
        printable(id)
    )
}
