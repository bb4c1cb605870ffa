//! Reads and checks the connection settings in the environment and the shared configuration files.
//! No value may cause a panic in the SDK, be ignored silently, or be repeated in a message if it
//! may be a secret.

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

/// The maximum size of a configuration file, in bytes.
const LONGEST_FILE: u64 = 16 << 20;
/// The Region if none is configured.
const DEFAULT_REGION: &str = "us-east-1";

/// Where the Region is configured.
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
    /// The selected profile, whether it exists or not.
    pub(crate) profile: String,
    pub(crate) region: Region,
    pub(crate) region_source: RegionSource,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    /// The setting that names a file of trusted certificates, and the file.
    pub(crate) ca_bundle: Option<(String, String)>,
    /// Whether the credentials of the profile or the environment are obtained by a call to AWS.
    pub(crate) credentials_by_call: bool,
}

impl Settings {
    /// Reads and checks the settings.
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
                "the profile `{}` does not exist in {}",
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

/// The variables that name the shared configuration files, and the files' default locations.
const FILES: [(&str, &str); 2] = [
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
];

/// The shared configuration, with `profile` as the selected profile.
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
        // In a container the home folder often belongs to another user or does not exist; a file
        // that is named explicitly must exist.
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

/// A variable's value; an empty one counts as unset.
pub(crate) fn variable(name: &str) -> Result<Option<String>, ConnectError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(setting(name, "its value is not valid UTF-8"))
        }
    }
}

/// The value of a variable, or else of the profile, and where it is set.
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

/// A boolean setting. Any other value is an error: a user who asks for FIPS endpoints must not get
/// others.
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

/// The Region given by the caller, a variable, the profile or one that it refers to; else the first
/// of the partition `aws`. The instance metadata service is not used: it only returns where this
/// program runs.
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
/// is not valid in a key.
fn check_keys() -> Result<(), ConnectError> {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        if variable(name)?.is_some_and(|value| !is_plain(&value)) {
            return Err(setting(
                name,
                "its value contains a line break, white space or another character that is not valid in a key; set it without",
            ));
        }
    }
    // The SDK would try the next source and use other credentials; the AWS CLI reports an error.
    if variable("AWS_ACCESS_KEY_ID")?.is_some()
        && variable("AWS_SECRET_ACCESS_KEY")?.is_none()
        && variable("SECRET_ACCESS_KEY")?.is_none()
    {
        return Err(setting(
            "AWS_SECRET_ACCESS_KEY",
            "it is not set although AWS_ACCESS_KEY_ID is",
        ));
    }
    Ok(())
}

/// Checks that a shared configuration file, if it exists, can be read: the SDK treats a file that
/// is not UTF-8 as empty.
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
        // A pipe can be read only once, and an empty device (`/dev/null`) is a way to say that
        // there is no file.
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

/// Reads a configuration file of limited size.
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
