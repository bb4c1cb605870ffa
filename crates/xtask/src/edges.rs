//! Which crate of the workspace may use which.

use std::process::Command;

/// Crate, and the crates of the workspace that it may use.
pub const ALLOWED: &[(&str, &[&str])] = &[
    ("lambdasweep-model", &[]),
    ("lambdasweep-tables", &["lambdasweep-model"]),
    ("lambdasweep-policy", &["lambdasweep-model"]),
    ("lambdasweep-secrets", &["lambdasweep-model"]),
    ("lambdasweep-aws", &["lambdasweep-model"]),
    (
        "lambdasweep-collect",
        &[
            "lambdasweep-aws",
            "lambdasweep-model",
            "lambdasweep-policy",
            "lambdasweep-secrets",
            "lambdasweep-tables",
        ],
    ),
    (
        "lambdasweep-checks",
        &["lambdasweep-model", "lambdasweep-tables"],
    ),
    (
        "lambdasweep-report",
        &[
            "lambdasweep-checks",
            "lambdasweep-model",
            "lambdasweep-tables",
        ],
    ),
    (
        "lambdasweep-scan",
        &[
            "lambdasweep-aws",
            "lambdasweep-checks",
            "lambdasweep-collect",
            "lambdasweep-model",
            "lambdasweep-policy",
            "lambdasweep-report",
            "lambdasweep-secrets",
            "lambdasweep-tables",
        ],
    ),
    (
        "lambdasweep-mock",
        &["lambdasweep-model", "lambdasweep-policy"],
    ),
    ("xtask", &[]),
];

/// Edges that are not allowed, and crates that the list does not know; from `cargo metadata`.
/// Dependencies of tests are free.
///
/// # Errors
/// Where cargo cannot be asked.
pub fn violations() -> Result<Vec<String>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(crate::root())
        .output()
        .map_err(|error| error.to_string())?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().ok_or("no packages")?;
    let names: Vec<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let allowed = match ALLOWED.iter().find(|(known, _)| *known == name) {
            Some((_, allowed)) => *allowed,
            // The binary may use all.
            None if name == "lambdasweep" => continue,
            None => {
                wrong.push(format!("crate {name} is not in the list of allowed edges"));
                continue;
            }
        };
        for dependency in package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|it| it["kind"] != "dev")
        {
            let other = dependency["name"].as_str().unwrap_or_default();
            if names.contains(&other) && !allowed.contains(&other) {
                wrong.push(format!("{name} may not use {other}"));
            }
        }
    }
    Ok(wrong)
}
