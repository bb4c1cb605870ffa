//! Code hosting, registries of packages, and builds. Sources: "Behind GitHub's new authentication
//! token formats"; "GitLab token overview" (token prefixes); "Announcing npm's new access token
//! format"; "API token" of PyPI, RubyGems, NuGet ("Publish NuGet packages"), crates.io and
//! Packagist; "Access tokens" of Docker Hub, JFrog, Bitbucket and Atlassian; "Managing API tokens"
//! of Buildkite, CircleCI, SonarQube and Octopus Deploy. See `mod.rs` for the lengths.

use super::{Rule, judged, medium, token, whole};
use crate::verify::github_token;

pub(super) const RULES: &[Rule] = &[
    judged(
        github_token,
        token(
            "github-token",
            "a GitHub token",
            &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
            "[A-Za-z0-9]{36,251}",
        ),
    ),
    judged(
        github_token,
        token(
            "github-token",
            "a GitHub token",
            &["ghs_"],
            r"[A-Za-z0-9_.-]{60,}",
        ),
    ),
    judged(
        github_token,
        token(
            "github-token",
            "a GitHub token",
            &["github_pat_"],
            r"\w{50,251}",
        ),
    ),
    // "GitLab token overview", token prefixes.
    token(
        "gitlab-token",
        "a GitLab token",
        &[
            "glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glsoat-", "gloas-",
            "glagent-", "glimt-", "glffct-", "glwt-",
        ],
        r"[\w=-]{20,}(?:\.[\w-]{2,}){0,2}",
    ),
    whole(
        "gitlab-token",
        "a GitLab session",
        &["_gitlab_session="],
        r"\b_gitlab_session=(?<secret>[0-9a-z]{32})\b",
    ),
    token(
        "gitlab-token",
        "a GitLab runner registration token",
        &["GR1348941"],
        r"[\w-]{20,}",
    ),
    token(
        "bitbucket-token",
        "a Bitbucket app password",
        &["ATBB"],
        r"[\w=.-]{24,}",
    ),
    token(
        "bitbucket-token",
        "a Bitbucket Data Center token",
        &["BBDC-"],
        r"[\w+/@-]{40,50}",
    ),
    token(
        "atlassian-token",
        "an Atlassian API token",
        &["ATATT3", "ATCTT3", "ATSTT3"],
        r"[\w=-]{60,}",
    ),
    judged(
        github_token,
        token("npm-token", "an npm token", &["npm_"], "[A-Za-z0-9]{36}"),
    ),
    token("pypi-token", "a PyPI token", &["pypi-Ag"], r"[\w-]{48,}"),
    token(
        "rubygems-key",
        "a RubyGems API key",
        &["rubygems_"],
        "[0-9a-f]{48}",
    ),
    token("nuget-key", "a NuGet API key", &["oy2"], "[a-z0-9]{43}"),
    token(
        "packagist-token",
        "a Packagist token",
        &["packagist_"],
        r"[a-z]{3}_[0-9a-f]{60,}",
    ),
    token(
        "teamcity-token",
        "a TeamCity token",
        &["eyJ0eXAiOiAiVENWMiJ9."],
        r"[\w-]{20,}\.[\w-]{20,}",
    ),
    token(
        "crates-io-token",
        "a crates.io token",
        &["cio"],
        "[A-Za-z0-9]{32}",
    ),
    token(
        "clojars-token",
        "a Clojars token",
        &["CLOJARS_"],
        "[a-z0-9]{60}",
    ),
    token(
        "docker-token",
        "a Docker access token",
        &["dckr_pat_", "dckr_oat_"],
        r"[\w-]{24,}",
    ),
    token(
        "artifactory-key",
        "an Artifactory API key",
        &["AKCp"],
        "[A-Za-z0-9]{60,76}",
    ),
    // A reference token is base64 of `reftkn:…`.
    token(
        "artifactory-token",
        "an Artifactory reference token",
        &["cmVmdGtu"],
        "[A-Za-z0-9]{48,60}",
    ),
    token(
        "sourcegraph-token",
        "a Sourcegraph token",
        &["sgp_"],
        "(?:(?:[0-9a-fA-F]{16}|local)_)?[0-9a-fA-F]{40}",
    ),
    token(
        "sourcegraph-token",
        "a Sourcegraph Cody token",
        &["slk_", "sgd_"],
        "[0-9a-f]{64}",
    ),
    token(
        "buildkite-token",
        "a Buildkite token",
        &["bkua_", "bkct_", "bkaj_"],
        r"[\w-]{32,}",
    ),
    token(
        "circleci-token",
        "a CircleCI token",
        &["CCIPAT_", "CCIPRJ_"],
        "[A-Za-z0-9]{20,24}_[0-9a-fA-F]{40}",
    ),
    token(
        "sonar-token",
        "a Sonar token",
        &["sqa_", "squ_", "sqp_"],
        "[0-9a-f]{40}",
    ),
    token(
        "sonar-token",
        "a SonarQube Cloud token",
        &["sqco_"],
        "[A-Za-z0-9]{40,60}",
    ),
    token(
        "postman-key",
        "a Postman API key",
        &["PMAK-"],
        "[0-9a-f]{24}-[0-9a-f]{34}",
    ),
    token(
        "postman-key",
        "a Postman collection key",
        &["PMAT-"],
        "[A-Z0-9]{26}",
    ),
    token(
        "octopus-key",
        "an Octopus Deploy API key",
        &["API-"],
        "[A-Z0-9]{25,32}",
    ),
    token(
        "harness-token",
        "a Harness token",
        &["pat.", "sat."],
        r"[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}",
    ),
    token(
        "endor-labs-key",
        "an Endor Labs key",
        &["endr+"],
        "[A-Za-z0-9-]{16,}",
    ),
    token(
        "readme-key",
        "a ReadMe API key",
        &["rdme_"],
        "[a-z0-9]{60,72}",
    ),
    token(
        "jsr-token",
        "a JSR token",
        &["jsrp_", "jsrd_"],
        "[A-Za-z0-9]{36,}",
    ),
    token(
        "chromatic-token",
        "a Chromatic token",
        &["chpt_"],
        "[0-9a-f]{10,}",
    ),
    token(
        "infracost-key",
        "an Infracost API key",
        &["ico-"],
        "[A-Za-z0-9]{32}",
    ),
    token(
        "deno-token",
        "a Deno Deploy token",
        &["ddp_", "ddw_", "ddo_"],
        "[A-Za-z0-9]{36}",
    ),
    // Personal access tokens of Azure DevOps: 52 characters of base 32 before, since 2024 `AZDO` in
    // the last twelve of 84.
    whole(
        "azure-devops-token",
        "an Azure DevOps token",
        &["AZDO"],
        r"\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b",
    ),
    medium(whole(
        "azure-devops-token",
        "an Azure DevOps token",
        &["JQQJ99"],
        r"\b[A-Za-z0-9]{20,52}JQQJ99[A-Za-z0-9]{20,}\b",
    )),
];
