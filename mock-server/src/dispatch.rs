//! From a request to its response: the caller, the operation, authorisation, and the handler's
//! result.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::call::{AwsError, Call, Caller};
use crate::clock::now;
use crate::enforce::{Enforcement, Origin};
use crate::faults::Fault;
use crate::identity::{Credential, credential, signer};
use crate::ledger::Ledger;
use crate::quotas::Quotas;
use crate::route;
use crate::services::{account, sts};
use crate::spec::Registered;
use crate::wire::{self, RawRequest, RawResponse, Reply};
use crate::world::World;

/// Everything that a mock consists of except its listener.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub(crate) world: World,
    pub(crate) ledger: Ledger,
    pub(crate) quotas: Option<Quotas>,
    pub(crate) faults: std::sync::RwLock<Vec<Fault>>,
    pub(crate) latency: Option<(Duration, Duration)>,
    pub(crate) enforcement: Enforcement,
    /// Whether responses are checked against their shapes.
    check_answers: bool,
    /// What clients have put into the health page.
    health: Mutex<Map<String, Value>>,
    /// Notified when a client asks the mock to stop.
    end: Notify,
    requests: AtomicU64,
}

/// A received request.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) raw: RawRequest<'a>,
    pub(crate) base_url: &'a str,
    /// The client's address.
    pub(crate) address: IpAddr,
}

impl Dispatcher {
    pub(crate) fn new(
        world: World,
        quotas: bool,
        faults: Vec<Fault>,
        latency: Option<(Duration, Duration)>,
    ) -> Self {
        Self {
            check_answers: true,
            health: Mutex::default(),
            end: Notify::new(),
            world,
            ledger: Ledger::default(),
            quotas: quotas.then(Quotas::default),
            faults: faults.into(),
            latency,
            enforcement: Enforcement::default(),
            requests: AtomicU64::new(1),
        }
    }

    /// What clients have put into the health page.
    pub(crate) fn health(&self) -> Map<String, Value> {
        self.health
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Adds entries to the health page; a colon in a name separates an object from its member.
    pub(crate) fn put_health(&self, given: Map<String, Value>) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in given {
            let Some((outer, inner)) = name.split_once(':') else {
                health.insert(name, value);
                continue;
            };
            let outer = health.entry(outer).or_insert_with(|| Map::new().into());
            if let Value::Object(outer) = outer {
                outer.insert(inner.to_owned(), value);
            }
        }
    }

    /// Asks the process that runs the mock to stop it.
    pub(crate) fn end(&self) {
        self.end.notify_one();
    }

    /// Waits until a client asks the mock to stop.
    pub(crate) async fn ended(&self) {
        self.end.notified().await;
    }

    /// Sets whether responses are checked against their shapes; by default they are.
    #[must_use]
    pub(crate) fn check_answers(mut self, check: bool) -> Self {
        self.check_answers = check;
        self
    }

    /// How long this request is delayed: a random time within the bounds.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let (least, most) = self.latency?;
        let step = self
            .requests
            .load(Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            >> 40;
        #[expect(clippy::cast_precision_loss, reason = "24 bits")]
        Some(least + (most.saturating_sub(least)).mul_f64(step as f64 / (1 << 24) as f64))
    }

    /// Resets everything that clients have changed.
    pub(crate) fn reset(&self) {
        self.world.reset();
        self.ledger.reset();
        if let Some(quotas) = &self.quotas {
            quotas.reset();
        }
    }

    fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!(
            "{:08x}-0000-4000-8000-{number:012x}",
            number.wrapping_mul(0x9e37_79b9) & 0xffff_ffff
        )
    }

    /// Credentials as a service provides them to code that runs with a role; the error is a
    /// message.
    pub(crate) fn credentials(&self, body: &[u8]) -> Result<Value, String> {
        sts::hand_over(&self.world, body, &self.request_id(), now())
    }

    /// Handles a request of an AWS client.
    pub(crate) fn answer(&self, incoming: &Incoming<'_>) -> RawResponse {
        let request_id = self.request_id();
        let credential = credential(incoming.raw.headers, incoming.raw.query);
        let Some(service) = route::service(&incoming.raw, credential.as_ref()) else {
            return refuse(&incoming.raw, &request_id, credential.as_ref());
        };
        let (name, model) = (service.name, service.model());
        let reply = Reply::new(model, &incoming.raw, &request_id);
        let parsed = match wire::parse(name, model, &incoming.raw) {
            Ok(parsed) => parsed,
            Err(error) => return reply.error(&error),
        };
        let now = now();
        let region = credential
            .as_ref()
            .map_or("us-east-1", |it| it.region.as_str());
        let who = signer(
            &self.world,
            credential.as_ref(),
            &parsed.name,
            reply.protocol(),
            now,
        );
        let who = match who {
            Ok(who) => who,
            Err(error) => return reply.error(&error),
        };
        let call = Call {
            world: &self.world,
            caller: &who,
            region,
            operation: &parsed.name,
            request_id: &request_id,
            base_url: incoming.base_url,
            now,
            allowed: self.enforcement.is_on(),
        };
        let user_agent = incoming
            .raw
            .headers
            .get(http::header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let answer = wire::check_size(name, &parsed.name, incoming.raw.body.len()).and_then(|()| {
            self.run(
                service,
                &parsed,
                &call,
                Origin {
                    address: incoming.address,
                    user_agent,
                },
            )
        });
        let outcome = answer
            .as_ref()
            .map_or_else(|error| error.code.as_str(), |_| "ok");
        self.ledger
            .count(&who.account, region, name, &parsed.name, outcome);
        match answer {
            Ok(answer) => reply.success(&parsed.name, parsed.operation, &answer),
            Err(error) => reply.error(&error),
        }
    }

    /// The response to a call whose body is larger than the mock accepts, if the service would
    /// reject it as well; otherwise `None`.
    pub(crate) fn too_large(&self, raw: &RawRequest<'_>) -> Option<RawResponse> {
        let credential = credential(raw.headers, raw.query)?;
        let service = route::service(raw, Some(&credential))?;
        let model = service.model();
        let (operation, _) = model.route(raw)?;
        let error = wire::check_size(service.name, operation, usize::MAX).err()?;
        Some(Reply::new(model, raw, &self.request_id()).error(&error))
    }

    pub(crate) fn run(
        &self,
        service: &'static Registered,
        parsed: &wire::Parsed,
        call: &Call<'_>,
        origin: Origin<'_>,
    ) -> Result<Value, AwsError> {
        let who = call.caller;
        let (name, spec, model) = (service.name, &service.spec, service.model());
        if let Some(quotas) = &self.quotas {
            quotas.draw(&who.account, call.region, service, &parsed.name, call.now)?;
        }
        let struck = {
            let faults = self
                .faults
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            faults
                .iter()
                .find_map(|fault| fault.strike(name, &parsed.name, &who.account, call.region))
        };
        if let Some(error) = struck {
            return Err(error);
        }
        if spec.regional && !account::is_enabled(&self.world, &who.account, call.region) {
            let (code, status) = spec.token_invalid;
            let message = "The security token included in the request is invalid.";
            return Err(AwsError::new(code, message).status(status));
        }
        let Some(handler) = (spec.handler)(&parsed.name) else {
            return Err(AwsError::not_implemented(name, &parsed.name));
        };
        if let Err(error) = wire::validate(name, model, parsed, &spec.rules)
            && !(spec.checks_constraints && error.code.starts_with("Validation"))
        {
            return Err(error);
        }
        let account = self.enforcement.check(call, name, &parsed.input, origin)?;
        let mut answer = if account == who.account {
            handler(call, &parsed.input)?
        } else {
            handler(
                &Call {
                    caller: &Caller {
                        account,
                        ..who.clone()
                    },
                    ..*call
                },
                &parsed.input,
            )?
        };
        self.enforcement
            .trim(call, name, &parsed.input, origin, &mut answer);
        if self.check_answers
            && let Err(problem) = wire::check_answer(model, parsed.operation, &answer)
        {
            let message = format!(
                "the response to {name}:{} does not match its shape: {problem}",
                parsed.name
            );
            return Err(AwsError::new("InternalFailure", message).status(500));
        }
        Ok(answer)
    }
}

/// Rejects a request for an unknown service, in the protocol that the client uses.
fn refuse(raw: &RawRequest<'_>, request_id: &str, credential: Option<&Credential>) -> RawResponse {
    match credential {
        None => {
            let message = "The request is not signed, so its service is unknown";
            wire::refuse(
                raw,
                "",
                (403, "MissingAuthenticationToken", message),
                request_id,
            )
        }
        Some(credential) => {
            let error = AwsError::not_implemented(&credential.service, &wire::operation_of(raw));
            wire::refuse(
                raw,
                &credential.service,
                (501, &error.code, &error.message),
                request_id,
            )
        }
    }
}
