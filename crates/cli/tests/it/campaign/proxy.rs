//! The proxy between scanner and mock: passes requests on, and changes what comes back where a
//! fault strikes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Result;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::call::{Call, form};
use super::faults::Fault;
use super::http::{Answer, Connection, Request};
use super::kinds::{Case, Delivery, End};
use super::mangle::TOKEN;
use super::random::Random;

/// The most items of a page of functions, so that a small organisation has several.
const FUNCTIONS_A_PAGE: usize = 4;

/// A running proxy. It stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// A call that a fault struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Struck {
    /// Which of the faults.
    pub(crate) fault: usize,
    pub(crate) call: Call,
}

#[derive(Debug)]
struct Shared {
    mock: SocketAddr,
    faults: Vec<Fault>,
    state: Mutex<State>,
    /// How many connections are refused from now on.
    refused: AtomicU32,
}

#[derive(Debug, Default)]
struct State {
    /// The account of each access key that STS issued.
    sessions: HashMap<String, String>,
    struck: Vec<Struck>,
    /// A response of each operation as the mock gave it.
    samples: BTreeMap<String, (Call, Answer)>,
    /// Calls that fitted a fault, and the requests among them.
    counts: Vec<(u64, HashSet<u64>)>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Starts a proxy before a mock.
    pub(crate) async fn start(mock: SocketAddr, faults: Vec<Fault>, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let counts = faults.iter().map(|_| (0, HashSet::new())).collect();
        let state = Mutex::new(State {
            counts,
            ..State::default()
        });
        let shared = Arc::new(Shared {
            mock,
            faults,
            state,
            refused: AtomicU32::new(0),
        });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            // Ends with the task, and its connections with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                if serving
                    .refused
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok()
                {
                    let _ = stream.set_zero_linger();
                    continue;
                }
                let shared = Arc::clone(&serving);
                connections.spawn(async move {
                    // A client that goes away is nothing to tell of.
                    let _ = serve(&shared, Connection::new(stream), seed).await;
                });
            }
        });
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls that faults struck so far.
    pub(crate) fn struck(&self) -> Vec<Struck> {
        self.shared.state().struck.clone()
    }

    /// A response of each operation that was called, as the mock gave it.
    pub(crate) fn samples(&self) -> BTreeMap<String, (Call, Answer)> {
        self.shared.state().samples.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The delivery of the first fault that strikes a call.
    fn strike(&self, call: &Call, answer: &Answer, seed: u64) -> Option<Delivery> {
        let mut state = self.state();
        for (at, fault) in self
            .faults
            .iter()
            .enumerate()
            .filter(|(_, fault)| fault.fits(call))
        {
            let (count, seen) = &mut state.counts[at];
            let (number, first) = (*count, seen.insert(call.identity));
            *count += 1;
            let random = Random::new(seed ^ call.identity).next();
            if !fault.times.strike(number, first, call.identity ^ seed) {
                continue;
            }
            if let Some(delivery) = (fault.kind.act)(&Case {
                call,
                answer,
                number,
                random,
            }) {
                state.struck.push(Struck {
                    fault: at,
                    call: call.clone(),
                });
                return Some(delivery);
            }
        }
        None
    }
}

async fn serve(shared: &Shared, mut client: Connection, seed: u64) -> Result<()> {
    let mut mock = Connection::new(TcpStream::connect(shared.mock).await?);
    while let Some(mut request) = client.request().await? {
        let call = Call::of(&request, &shared.state().sessions);
        without_our_token(&mut request);
        smaller_pages(&mut request, call.as_ref());
        let answer = mock.exchange(&request).await?;
        let delivery = call.and_then(|call| {
            learn(shared, &request, &call, &answer);
            shared.strike(&call, &answer, seed)
        });
        let end = match delivery {
            Some(delivery) => deliver(shared, &mut client, delivery).await?,
            None => send(&mut client, &answer.bytes(), End::Open).await?,
        };
        match end {
            End::Open => {}
            End::Closed => return client.stream.shutdown().await,
            End::Reset => return client.stream.set_zero_linger(),
            End::ClosedOnNext => return client.wait().await,
            End::Stalled => tokio::time::sleep(Duration::from_secs(3600)).await,
        }
    }
    Ok(())
}

/// Remembers whose the credentials are that STS issues, and how answers look.
fn learn(shared: &Shared, request: &Request, call: &Call, answer: &Answer) {
    let mut state = shared.state();
    if call.operation == "AssumeRole"
        && let Some(role) = form(&String::from_utf8_lossy(&request.body), "RoleArn")
        && let (Some(account), Some(key)) =
            (role.split(':').nth(4), element(&answer.body, "AccessKeyId"))
    {
        state.sessions.insert(key, account.to_owned());
    }
    let better = |(_, known): &(Call, Answer)| {
        (known.status != 200, known.body.len()) >= (answer.status != 200, answer.body.len())
    };
    if answer.status == 200 && !state.samples.get(&call.name()).is_some_and(better) {
        state
            .samples
            .insert(call.name(), (call.clone(), answer.clone()));
    }
}

fn element(body: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    Some(
        text.split(&format!("<{name}>"))
            .nth(1)?
            .split('<')
            .next()?
            .to_owned(),
    )
}

/// The mock does not know tokens that the proxy made up: it is asked for the first page again.
fn without_our_token(request: &mut Request) {
    if request.target.contains(TOKEN)
        && let Some((path, query)) = request.target.split_once('?')
    {
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.contains(TOKEN))
            .collect();
        request.target = format!("{path}?{}", kept.join("&"));
    }
    let body = String::from_utf8_lossy(&request.body);
    if !body.contains(TOKEN) {
        return;
    }
    let kept = match serde_json::from_str::<serde_json::Value>(&body) {
        Ok(serde_json::Value::Object(mut members)) => {
            members.retain(|_, value| !value.as_str().is_some_and(|it| it.starts_with(TOKEN)));
            serde_json::Value::Object(members).to_string()
        }
        _ => body
            .split('&')
            .filter(|pair| !pair.contains(TOKEN))
            .collect::<Vec<_>>()
            .join("&"),
    };
    request.body = kept.into_bytes();
}

fn smaller_pages(request: &mut Request, call: Option<&Call>) {
    if call.is_some_and(|call| call.operation == "ListFunctions")
        && !request.target.contains("MaxItems=")
    {
        let sign = if request.target.contains('?') {
            '&'
        } else {
            '?'
        };
        request
            .target
            .push_str(&format!("{sign}MaxItems={FUNCTIONS_A_PAGE}"));
    }
}

async fn send(client: &mut Connection, bytes: &[u8], end: End) -> Result<End> {
    client.stream.write_all(bytes).await?;
    Ok(end)
}

async fn deliver(shared: &Shared, client: &mut Connection, delivery: Delivery) -> Result<End> {
    match delivery {
        Delivery::Answer(answer) => send(client, &answer.bytes(), End::Open).await,
        Delivery::Bytes(bytes, end) => send(client, &bytes, end).await,
        Delivery::Late(wait, answer) => {
            tokio::time::sleep(wait).await;
            send(client, &answer.bytes(), End::Open).await
        }
        Delivery::Trickle(answer, wait) => {
            client
                .stream
                .write_all(&answer.head(&format!("content-length: {}\r\n", answer.body.len())))
                .await?;
            for piece in answer.body.chunks(answer.body.len().div_ceil(20).max(1)) {
                client.stream.write_all(piece).await?;
                tokio::time::sleep(wait).await;
            }
            Ok(End::Open)
        }
        Delivery::Flood {
            head,
            begin,
            filler,
            bytes,
            end,
        } => {
            client.stream.write_all(&head).await?;
            let piece = filler.repeat(65_536_usize.div_ceil(filler.len()));
            chunk(client, &begin).await?;
            let mut sent = 0;
            while sent < bytes {
                chunk(client, &piece).await?;
                sent += piece.len() as u64;
            }
            chunk(client, end).await?;
            send(client, b"0\r\n\r\n", End::Open).await
        }
        Delivery::Refused(more) => {
            shared.refused.fetch_add(more, Ordering::Relaxed);
            Ok(End::Reset)
        }
    }
}

/// A chunk; an empty one would end the body.
async fn chunk(client: &mut Connection, bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    client
        .stream
        .write_all(format!("{:x}\r\n", bytes.len()).as_bytes())
        .await?;
    client.stream.write_all(bytes).await?;
    client.stream.write_all(b"\r\n").await
}
