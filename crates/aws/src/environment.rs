//! What the environment and the shared configuration files say about the connection. Nothing that
//! they hold may end in a panic of the SDK, be ignored silently, or be repeated where it may be a
//! secret.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileLoadError, ProfileFileRegionProvider, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};
use lambdasweep_model::{Region, printable};

use crate::checked::is_plain;
use crate::connection::{ConnectError, ConnectOptions};
use crate::error::chain;

/// The most that is read of a configuration file.
const LONGEST_FILE: u64 = 16 << 20;
/// The Region where nothing names another.
const DEFAULT_REGION: &str = "us-east-1";

/// Where the Region comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionSource {
    /// The caller named it.
    Option,
    /// An environment variable.
    Variable(&'static str),
    /// The profile of that name.
    Profile(String),
    /// Nothing names one.
    Default,
}

impl std::fmt::Display for RegionSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Option => f.write_str("--region"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile(name) => write!(f, "profile {}", printable(name)),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The settings of one connection.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The profile that counts, whether it is there or not.
    pub(crate) profile: String,
    pub(crate) region: Region,
    pub(crate) region_source: RegionSource,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    /// What names a file of certificates to trust, and the file.
    pub(crate) ca_bundle: Option<(String, String)>,
    /// Whether the profile or the environment has credentials that a service is asked for.
    pub(crate) credentials_by_call: bool,
}

impl Settings {
    /// Reads and checks what is set.
    pub(crate) async fn read(options: &ConnectOptions) -> Result<Self, ConnectError> {
        for (name, default) in FILES {
            check_file(name, default)?;
        }
        let named = match &options.profile {
            Some(profile) => Some(("--profile", profile.clone())),
            None => variable("AWS_PROFILE")?.map(|profile| ("AWS_PROFILE", profile)),
        };
        let profile = named
            .as_ref()
            .map_or_else(|| "default".to_owned(), |(_, profile)| profile.clone());
        let profiles = profiles(&profile).await?;
        if let Some((by, profile)) =
            named.filter(|(_, profile)| profiles.get_profile(profile).is_none())
        {
            let files = FILES
                .map(|(name, default)| {
                    variable(name)
                        .ok()
                        .flatten()
                        .unwrap_or_else(|| default.to_owned())
                })
                .join(" or ");
            let missing = format!(
                "there is no profile `{}` in {}",
                printable(&profile),
                printable(&files)
            );
            return Err(setting(by, &missing));
        }
        if options.profile.is_none() {
            check_keys()?;
        }
        let (region, region_source) = region(options, &profile).await?;
        Ok(Self {
            region,
            region_source,
            fips: switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &profiles)?,
            dual_stack: switch(
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
                &profiles,
            )?,
            ca_bundle: either("AWS_CA_BUNDLE", "ca_bundle", &profiles)?,
            credentials_by_call: ["role_arn", "sso_session", "sso_start_url", "login_session"]
                .iter()
                .any(|key| profiles.get(key).is_some())
                || variable("AWS_WEB_IDENTITY_TOKEN_FILE")?.is_some(),
            profile,
        })
    }
}

/// The variables that name the shared configuration files, and where these are otherwise.
const FILES: [(&str, &str); 2] = [
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
];

/// The shared configuration, where `profile` is the one that counts.
async fn profiles(profile: &str) -> Result<ProfileSet, ConnectError> {
    let load = async |files: EnvConfigFiles| {
        aws_config::profile::load(
            &Fs::real(),
            &Env::real(),
            &files,
            Some(Cow::Owned(profile.to_owned())),
        )
        .await
    };
    match load(EnvConfigFiles::default()).await {
        // In a container the home folder is often somebody else's, or none; what is named has to be
        // there.
        Err(ProfileFileLoadError::CouldNotReadFile { .. })
            if FILES
                .iter()
                .all(|(name, _)| std::env::var_os(name).is_none()) =>
        {
            let nothing = EnvConfigFiles::builder()
                .with_contents(EnvConfigFileKind::Config, "")
                .with_contents(EnvConfigFileKind::Credentials, "");
            load(nothing.build()).await
        }
        loaded => loaded,
    }
    .map_err(|error| setting("the AWS configuration", &chain(&error)))
}

pub(crate) fn setting(name: &str, problem: &str) -> ConnectError {
    ConnectError::Setting {
        setting: name.to_owned(),
        problem: problem.to_owned(),
    }
}

/// A variable's value; an empty one is as good as none.
pub(crate) fn variable(name: &str) -> Result<Option<String>, ConnectError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(setting(name, "its value is not valid UTF-8"))
        }
    }
}

/// What a variable or else the profile says, and which of them does.
fn either(
    name: &str,
    key: &str,
    profiles: &ProfileSet,
) -> Result<Option<(String, String)>, ConnectError> {
    if let Some(value) = variable(name)? {
        return Ok(Some((name.to_owned(), value)));
    }
    let of_profile = || {
        format!(
            "{key} of profile {}",
            printable(profiles.selected_profile())
        )
    };
    Ok(profiles
        .get(key)
        .filter(|value| !value.is_empty())
        .map(|value| (of_profile(), value.to_owned())))
}

/// A setting that is true or false. What is neither is refused: whoever asks for FIPS endpoints
/// must not get others.
fn switch(name: &str, key: &str, profiles: &ProfileSet) -> Result<bool, ConnectError> {
    match either(name, key, profiles)? {
        None => Ok(false),
        Some((_, value)) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some((_, value)) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some((by, value)) => Err(setting(
            &by,
            &format!("`{}` is neither true nor false", printable(&value)),
        )),
    }
}

/// The Region: named by the caller, by a variable, by the profile or one that it refers to; else
/// the first of the partition `aws`. The instance metadata service is not asked: what it tells is
/// where this program runs.
async fn region(
    options: &ConnectOptions,
    profile: &str,
) -> Result<(Region, RegionSource), ConnectError> {
    if let Some(region) = &options.region {
        return Ok((region.clone(), RegionSource::Option));
    }
    let parse = |by: &str, value: &str| {
        value
            .parse::<Region>()
            .map_err(|error| setting(by, &error.to_string()))
    };
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(value) = variable(name)? {
            return Ok((parse(name, &value)?, RegionSource::Variable(name)));
        }
    }
    let of_profile = ProfileFileRegionProvider::builder()
        .profile_name(profile)
        .build()
        .region()
        .await;
    if let Some(region) = of_profile.filter(|region| !region.as_ref().is_empty()) {
        let by = format!("region of profile {}", printable(profile));
        return Ok((
            parse(&by, region.as_ref())?,
            RegionSource::Profile(profile.to_owned()),
        ));
    }
    Ok((parse("the default", DEFAULT_REGION)?, RegionSource::Default))
}

/// Checks keys in the environment. Kubernetes secrets and files often end with a line break, which
/// no key has.
fn check_keys() -> Result<(), ConnectError> {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        if variable(name)?.is_some_and(|value| !is_plain(&value)) {
            return Err(setting(
                name,
                "its value has a line break, white space or another character that keys do not have; set it again without",
            ));
        }
    }
    // The SDK would go on to the next source and find somebody else's credentials; the AWS CLI
    // refuses.
    if variable("AWS_ACCESS_KEY_ID")?.is_some()
        && variable("AWS_SECRET_ACCESS_KEY")?.is_none()
        && variable("SECRET_ACCESS_KEY")?.is_none()
    {
        return Err(setting(
            "AWS_SECRET_ACCESS_KEY",
            "it is not set, though AWS_ACCESS_KEY_ID is",
        ));
    }
    Ok(())
}

/// Checks that a shared configuration file, where it is there, is one that can be read: the SDK
/// takes a file that is not UTF-8 for an empty one.
fn check_file(name: &str, default: &str) -> Result<(), ConnectError> {
    let path = variable(name)?.unwrap_or_else(|| default.to_owned());
    let expanded = match path.strip_prefix("~/").zip(std::env::var("HOME").ok()) {
        Some((rest, home)) => format!("{home}/{rest}"),
        None => path.clone(),
    };
    let refused = |problem: &str| {
        Err(setting(
            name,
            &format!("cannot read {}: {problem}", printable(&path)),
        ))
    };
    match std::fs::metadata(&expanded) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(());
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied && path == default => {
            return Ok(());
        }
        Err(error) => return refused(&error.to_string()),
        Ok(file) if file.is_dir() => return refused("it is a folder"),
        // A pipe can be read once only, and an empty device is a way to say that there is none.
        Ok(file) if !file.is_file() => return Ok(()),
        Ok(_) => {}
    }
    match read_bounded(&expanded) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied && path == default => Ok(()),
        Err(error) => refused(&error.to_string()),
        Ok(bytes) if std::str::from_utf8(&bytes).is_err() => refused("it is not valid UTF-8"),
        Ok(_) => Ok(()),
    }
}

/// Reads a file that people write.
pub(crate) fn read_bounded(path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        Err(io::Error::new(
            ErrorKind::FileTooLarge,
            "it is larger than 16 MiB",
        ))
    } else {
        Ok(bytes)
    }
}
