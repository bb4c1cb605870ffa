//! Environment variables that make a runtime load code, or send its traffic through a host, and
//! what kind of value they have. Only the kind leaves this file, never the value.
//!
//! Sources: "Modifying the runtime environment" and "Using the Lambda runtime API" (AWS Lambda
//! Developer Guide), "Service-specific endpoints" (AWS SDKs and Tools Reference Guide), ld.so(8),
//! and the documentation of Node.js, Python, OpenJDK, Bash, Ruby and .NET.

use std::net::IpAddr;

/// The kind of a value, from the most harmless to the most doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Injection {
    /// Options that load nothing.
    Options,
    /// Code in the image that AWS provides.
    Runtime,
    /// Code in the function's own package.
    Package,
    /// A host of AWS.
    AwsHost,
    /// The execution environment itself.
    LocalHost,
    /// Code in a layer.
    Layer,
    /// Code in another place, such as a mounted file system.
    OtherPath,
    /// Any other host.
    OtherHost,
    /// Code in the directory that the function may write.
    Temporary,
}

impl Injection {
    /// The word in tables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Options => "options",
            Self::Runtime => "runtime",
            Self::Package => "package",
            Self::AwsHost => "aws-host",
            Self::LocalHost => "local-host",
            Self::Layer => "layer",
            Self::OtherPath => "other-path",
            Self::OtherHost => "other-host",
            Self::Temporary => "temporary",
        }
    }
}

/// How a variable is read.
enum Form {
    /// Paths, separated by colons or spaces.
    Paths,
    /// Options; these take a path, with or without an equals sign or a space, or are followed by it.
    Options(&'static [&'static str]),
    /// The URL or the name of a host.
    Host,
}

/// The kind of a variable's value; `None` for other variables, and for an empty value.
pub(crate) fn of(name: &str, value: &str) -> Option<Injection> {
    let form = form(name)?;
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    match form {
        Form::Paths => value
            .split([':', ' ', ';'])
            .filter(|path| !path.is_empty())
            .map(place)
            .max(),
        Form::Options(loading) => Some(options(value, loading)),
        Form::Host => Some(host(value)),
    }
}

fn form(name: &str) -> Option<Form> {
    let form = match name {
        "AWS_LAMBDA_EXEC_WRAPPER"
        | "LD_PRELOAD"
        | "LD_AUDIT"
        | "LD_LIBRARY_PATH"
        | "PYTHONPATH"
        | "NODE_PATH"
        | "RUBYLIB"
        | "CLASSPATH"
        | "BASH_ENV"
        | "DOTNET_STARTUP_HOOKS"
        | "DOTNET_ADDITIONAL_DEPS"
        | "CORECLR_PROFILER_PATH" => Form::Paths,
        "NODE_OPTIONS" => Form::Options(&[
            "--require",
            "-r",
            "--import",
            "--loader",
            "--experimental-loader",
        ]),
        "JAVA_TOOL_OPTIONS" | "JDK_JAVA_OPTIONS" | "_JAVA_OPTIONS" => {
            Form::Options(&["-javaagent", "-agentpath", "-agentlib", "-Xbootclasspath"])
        }
        "RUBYOPT" => Form::Options(&["-r", "-I"]),
        "AWS_LAMBDA_RUNTIME_API" | "AWS_ENDPOINT_URL" => Form::Host,
        _ if name.starts_with("AWS_ENDPOINT_URL_") => Form::Host,
        _ if matches!(
            name.to_ascii_uppercase().as_str(),
            "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY"
        ) =>
        {
            Form::Host
        }
        _ => return None,
    };
    Some(form)
}

/// Where a path is. One that is not absolute is looked up in the package; a bare name of a library
/// or module, in the places of the runtime and of layers.
fn place(path: &str) -> Injection {
    let path = path.trim_matches(['"', '\'']).trim_start_matches("file://");
    let within = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if path.split('/').any(|part| part == "..") {
        Injection::OtherPath
    } else if within("/opt") {
        Injection::Layer
    } else if within("/tmp") || within("/dev/shm") || within("/var/tmp") {
        Injection::Temporary
    } else if within("/var/task") || !path.starts_with('/') {
        Injection::Package
    } else if [
        "/var/runtime",
        "/var/lang",
        "/usr",
        "/lib",
        "/lib64",
        "/bin",
        "/etc",
    ]
    .into_iter()
    .any(within)
    {
        Injection::Runtime
    } else {
        Injection::OtherPath
    }
}

/// The most doubtful place that options load code from.
fn options(value: &str, loading: &[&str]) -> Injection {
    let words: Vec<&str> = value.split_whitespace().collect();
    let mut worst = Injection::Options;
    for (at, word) in words.iter().enumerate() {
        let Some(option) = loading.iter().find(|option| word.starts_with(**option)) else {
            continue;
        };
        // `--require /opt/a.js`, `--require=/opt/a.js`, `-javaagent:/opt/a.jar=options`,
        // `-Xbootclasspath/a:/opt/a.jar`, `-r/opt/a.rb`.
        let rest = &word[option.len()..];
        let path = if rest.is_empty() {
            words.get(at + 1).copied().unwrap_or_default()
        } else {
            let way = ["/a", "/p"].iter().find_map(|way| rest.strip_prefix(way));
            let rest = way.filter(|it| it.starts_with(':')).unwrap_or(rest);
            rest.trim_start_matches([':', '='])
        };
        // An agent's own options follow an equals sign.
        let path = path.trim_start_matches("file://").split('=').next();
        let places = path.into_iter().flat_map(|it| it.split(':')).map(place);
        worst = worst.max(places.max().unwrap_or(Injection::Options));
    }
    worst
}

/// Whose host a URL names.
fn host(value: &str) -> Injection {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let is_local = host.parse::<IpAddr>().is_ok_and(|address| match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback(),
    });
    if is_local || matches!(host, "localhost" | "sandbox" | "sandbox.localdomain") {
        Injection::LocalHost
    } else if is_of_aws(host) {
        Injection::AwsHost
    } else {
        Injection::OtherHost
    }
}

/// Domains of AWS's endpoints, by partition. Source: the partitions of botocore.
const DOMAINS: [&str; 13] = [
    "amazonaws.com",
    "api.aws",
    "on.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "on.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// Parts of the names below these domains that belong to what customers run, not to a service.
const OF_CUSTOMERS: [&str; 7] = [
    "compute",
    "elasticbeanstalk",
    "elb",
    "execute-api",
    "lambda-url",
    "awsapprunner",
    "s3-website",
];

/// Whether a host is an endpoint of a service of AWS.
fn is_of_aws(host: &str) -> bool {
    let below = |domain: &&str| {
        let name = host.strip_suffix(*domain)?;
        name.strip_suffix('.').filter(|name| !name.is_empty())
    };
    let Some(name) = DOMAINS.iter().find_map(below) else {
        return false;
    };
    !name.split('.').any(|part| {
        OF_CUSTOMERS
            .iter()
            .any(|of| part == *of || part.starts_with(&format!("{of}-")))
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn variables_that_load_code_or_direct_traffic_have_a_kind() {
        for (name, value, kind) in [
            ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/otel-handler", "layer"),
            ("AWS_LAMBDA_EXEC_WRAPPER", "/opt", "layer"),
            ("AWS_LAMBDA_EXEC_WRAPPER", "/optional/x", "other-path"),
            (
                "AWS_LAMBDA_EXEC_WRAPPER",
                "/var/task/bootstrap.sh",
                "package",
            ),
            ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/../tmp/x", "other-path"),
            ("LD_PRELOAD", "/opt/lib/a.so /tmp/b.so", "temporary"),
            ("LD_PRELOAD", "/opt/lib/a.so:/mnt/efs/b.so", "other-path"),
            (
                "LD_LIBRARY_PATH",
                "/lib64:/usr/lib64:/var/runtime",
                "runtime",
            ),
            ("PYTHONPATH", "/opt/python:/var/task", "layer"),
            ("PYTHONPATH", "src", "package"),
            (
                "NODE_OPTIONS",
                "--enable-source-maps --max-old-space-size=512",
                "options",
            ),
            ("NODE_OPTIONS", "--require /opt/a.js", "layer"),
            ("NODE_OPTIONS", "--import=file:///tmp/a.mjs", "temporary"),
            ("NODE_OPTIONS", "-r ./instrument.js", "package"),
            (
                "JAVA_TOOL_OPTIONS",
                "-XX:+TieredCompilation -XX:TieredStopAtLevel=1",
                "options",
            ),
            (
                "JAVA_TOOL_OPTIONS",
                "-javaagent:/opt/agent.jar=url=https://example.com",
                "layer",
            ),
            (
                "JAVA_TOOL_OPTIONS",
                "-Xbootclasspath/a:/tmp/a.jar",
                "temporary",
            ),
            (
                "JAVA_TOOL_OPTIONS",
                "-Xbootclasspath/a:/opt/a.jar:/tmp/b.jar",
                "temporary",
            ),
            ("JAVA_TOOL_OPTIONS", "-Xbootclasspath/p:/opt/a.jar", "layer"),
            ("RUBYOPT", "-I/opt/a:/tmp/b", "temporary"),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://127.evil.example",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://169.254.evil.example",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "http://169.254.170.2/x",
                "local-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://ec2-1-2-3-4.compute-1.amazonaws.com",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://lb-1.eu-west-1.elb.amazonaws.com",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://a1b2.execute-api.eu-west-1.amazonaws.com",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://a1b2.lambda-url.eu-west-1.on.aws",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://s3.eusc-de-east-1.amazonaws.eu",
                "aws-host",
            ),
            ("RUBYOPT", "-r/tmp/a", "temporary"),
            ("RUBYOPT", "-W0", "options"),
            ("DOTNET_STARTUP_HOOKS", "/opt/hook.dll", "layer"),
            ("BASH_ENV", "/tmp/rc", "temporary"),
            (
                "HTTPS_PROXY",
                "http://user:pass@proxy.example.com:3128",
                "other-host",
            ),
            ("https_proxy", "http://localhost:8080/", "local-host"),
            (
                "AWS_ENDPOINT_URL",
                "https://s3.eu-west-1.amazonaws.com",
                "aws-host",
            ),
            (
                "AWS_ENDPOINT_URL_DYNAMODB",
                "https://vpce-1-2.dynamodb.eu-west-1.vpce.amazonaws.com.",
                "aws-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://s3.amazonaws.com.example.com",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://s3.amazonaws.com@example.com/",
                "other-host",
            ),
            (
                "AWS_ENDPOINT_URL_S3",
                "https://fakeamazonaws.com/",
                "other-host",
            ),
            ("AWS_ENDPOINT_URL_STS", "http://[::1]:4566", "local-host"),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", "local-host"),
        ] {
            assert_eq!(
                of(name, value).map(|it| it.as_str()),
                Some(kind),
                "{name}={value}"
            );
        }
        for (name, value) in [
            ("LD_PRELOAD", " "),
            ("PATH_TO_THING", "/opt/x"),
            ("NO_PROXY", "example.com"),
            ("AWS_REGION", "eu-west-1"),
        ] {
            assert!(of(name, value).is_none(), "{name}");
        }
    }
}
