//! Further traits of a generated function: what its policy allows besides invoking it, whose code it
//! runs, and how its alias and its role are set.

use super::Flaw;
use super::chance::Chance;
use super::settings::Key;
use super::traits::{Behind, Destination, Grant, Traits, Url};

/// Further traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extras {
    pub(crate) control: Control,
    pub(crate) caller: Caller,
    pub(crate) injection: Injection,
    /// The account whose registry has the image, if it is one.
    pub(crate) registry: Key,
    pub(crate) layer: ForeignLayer,
    /// Whether the alias `live` sends a share of its calls to the version before the newest.
    pub(crate) splits: bool,
    /// Whether its role was deleted.
    pub(crate) role_gone: bool,
    /// Whether Amazon Bedrock may invoke it.
    pub(crate) agent: bool,
}

/// Who may read or change the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Nobody,
    /// Lambda@Edge may read it.
    Edge,
    /// An account outside the organisation may read it.
    PartnerReads,
    /// An account outside the organisation may change its code.
    PartnerChanges,
}

/// What an account outside the organisation may do with a URL that authenticates by IAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Nobody,
    /// One of the two actions that a call takes.
    Half,
    Both,
}

/// A variable that makes the runtime load code or send its traffic somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Injection {
    None,
    /// Options that load nothing.
    Options,
    /// A wrapper script of a layer.
    Wrapper,
    /// A library in the directory that the function writes.
    Temporary,
    /// The requests to a service of AWS go to another host.
    Endpoint,
    /// A proxy.
    Proxy,
}

impl Injection {
    /// The variable and its value.
    pub(crate) const fn variable(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::None => None,
            Self::Options => Some(("NODE_OPTIONS", "--enable-source-maps")),
            Self::Wrapper => Some(("AWS_LAMBDA_EXEC_WRAPPER", "/opt/otel-handler")),
            Self::Temporary => Some(("LD_PRELOAD", "/tmp/libhook.so")),
            Self::Endpoint => Some(("AWS_ENDPOINT_URL_S3", "https://objects.example.com")),
            Self::Proxy => Some(("HTTPS_PROXY", "http://proxy.example.com:3128")),
        }
    }
}

/// A layer of another account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForeignLayer {
    None,
    OfAws,
    OfVendor,
    /// Of an account outside the organisation that nobody knows.
    OfPartner,
}

impl ForeignLayer {
    /// The ARN of its version in a Region.
    pub(crate) fn arn(self, region: &str) -> Option<String> {
        let version = match self {
            Self::None => return None,
            Self::OfAws => "017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:18",
            Self::OfVendor => "464622532012:layer:Datadog-Extension:65",
            Self::OfPartner => "999988887777:layer:agent:7",
        };
        Some(format!("arn:aws:lambda:{region}:{version}"))
    }

    /// Whether its publisher is not AWS.
    pub(crate) const fn is_untrusted(self) -> bool {
        matches!(self, Self::OfVendor | Self::OfPartner)
    }
}

impl Extras {
    /// Traits without faults.
    pub(crate) const GOOD: Self = Self {
        control: Control::Nobody,
        caller: Caller::Nobody,
        injection: Injection::None,
        registry: Key::Own,
        layer: ForeignLayer::None,
        splits: false,
        role_gone: false,
        agent: false,
    };

    /// Draws the traits of a function.
    pub(crate) fn draw(seed: u64, place: &[u64]) -> Self {
        let mut chance = Chance::new(seed, "extras", place);
        Self {
            control: match chance.below(60) {
                0 => Control::PartnerReads,
                1 => Control::PartnerChanges,
                2..5 => Control::Edge,
                _ => Control::Nobody,
            },
            caller: match chance.below(4) {
                0 => Caller::Half,
                1 => Caller::Both,
                _ => Caller::Nobody,
            },
            injection: match chance.below(60) {
                0 => Injection::Temporary,
                1 => Injection::Endpoint,
                2 => Injection::Proxy,
                3..6 => Injection::Wrapper,
                6..9 => Injection::Options,
                _ => Injection::None,
            },
            registry: match chance.below(10) {
                0 => Key::Partner,
                1 => Key::Central,
                _ => Key::Own,
            },
            layer: match chance.below(60) {
                0 => ForeignLayer::OfPartner,
                1 => ForeignLayer::OfVendor,
                2..5 => ForeignLayer::OfAws,
                _ => ForeignLayer::None,
            },
            splits: chance.percent(40),
            role_gone: chance.percent(4),
            agent: chance.percent(5),
        }
    }
}

impl Traits {
    /// The variable by which code is loaded or traffic sent somewhere, if it has an environment.
    pub(crate) fn injection(&self) -> Injection {
        if self.environment {
            self.extras.injection
        } else {
            Injection::None
        }
    }

    /// Its layer of another account; container images have none.
    pub(crate) fn foreign_layer(&self) -> ForeignLayer {
        if self.runtime.is_some() {
            self.extras.layer
        } else {
            ForeignLayer::None
        }
    }

    /// Who may call its URL from another account.
    pub(crate) fn caller(&self) -> Caller {
        if self.url == Url::Iam {
            self.extras.caller
        } else {
            Caller::Nobody
        }
    }

    /// Whether its role was deleted. Functions whose role is used elsewhere, or sends failed events,
    /// keep theirs.
    pub(crate) fn role_is_gone(&self) -> bool {
        self.extras.role_gone
            && self.shared_role.is_none()
            && self.behind_alias != Some(Behind::Role)
            && !self.dead_letter
            && self.destination == Destination::None
    }

    /// The version that gets a share of the calls of the alias `live`, which points to the newest.
    /// Lambda wants both to have the same role.
    pub(crate) fn split_to(&self) -> Option<usize> {
        let may_split = self.forgotten.is_none() && self.behind_alias != Some(Behind::Role);
        (self.extras.splits && self.versions > 1 && may_split).then(|| self.versions - 1)
    }

    /// The faults of these traits, but for those of `$LATEST` and the versions that run.
    pub(crate) fn flaws_of_extras(&self) -> Vec<Flaw> {
        let extras = &self.extras;
        let sid = |sid: &str| self.of_qualifier(sid);
        let partner = |name: &str| format!("{}: 999988887777", sid(name));
        let is = |is: bool, check, fault: String| is.then_some((check, Some(fault)));
        let caller = self.caller();
        // What the account, or everyone, is allowed besides completes the grant.
        let invokes = [Grant::OtherAccount, Grant::Everyone]
            .iter()
            .any(|grant| self.grants.contains(grant));
        let of_url = if self.on_alias { "live: " } else { "" };
        let split_differs = match self.behind_alias {
            Some(Behind::Runtime(runtime)) => self.runtime != Some(runtime),
            Some(Behind::Secret(_) | Behind::Role) | None => false,
        };
        [
            is(
                matches!(
                    extras.control,
                    Control::PartnerReads | Control::PartnerChanges
                ),
                "policy-grants-control",
                partner("control"),
            ),
            is(
                caller != Caller::Nobody,
                "policy-cross-account",
                partner("urlcaller"),
            ),
            is(
                caller == Caller::Both,
                "policy-cross-account",
                partner("urlcallerinvoke"),
            ),
            is(
                caller == Caller::Half && !invokes,
                "function-url-grant-incomplete",
                format!("{of_url}999988887777"),
            ),
            is(
                self.runtime.is_none() && extras.registry == Key::Partner,
                "image-from-outside",
                String::new(),
            ),
            is(
                self.split_to().is_some() && split_differs,
                "alias-splits-to-other",
                "live".to_owned(),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The variable of a version that loads code from where others may put it, or sends its traffic
    /// to an unknown host.
    pub(crate) fn injected(&self) -> Option<&'static str> {
        let is_doubtful = match self.injection() {
            Injection::None | Injection::Options => false,
            Injection::Temporary | Injection::Endpoint | Injection::Proxy => true,
            // Nothing provides the file, or an unknown account does.
            Injection::Wrapper => {
                self.runtime.is_some()
                    && match self.foreign_layer() {
                        ForeignLayer::None => self.layers == 0,
                        ForeignLayer::OfPartner => true,
                        ForeignLayer::OfAws | ForeignLayer::OfVendor => false,
                    }
            }
        };
        let (name, _) = self.injection().variable().filter(|_| is_doubtful)?;
        Some(name)
    }
}
