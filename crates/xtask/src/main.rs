//! `cargo xtask codegen [--check]`: writes the generated files, or says which are stale.

use std::process::ExitCode;

use xtask::codegen;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["codegen"] => {
            for (path, text) in codegen::files() {
                if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                    if let Err(error) = std::fs::write(&path, text) {
                        eprintln!("cannot write {}: {error}", path.display());
                        return ExitCode::FAILURE;
                    }
                    println!("wrote {}", path.display());
                }
            }
            // What is written is fresh, so that what is left is too much.
            for path in codegen::stale() {
                if let Err(error) = std::fs::remove_file(&path) {
                    eprintln!("cannot remove {}: {error}", path.display());
                    return ExitCode::FAILURE;
                }
                println!("removed {}", path.display());
            }
            ExitCode::SUCCESS
        }
        ["codegen", "--check"] => {
            let stale = codegen::stale();
            for path in &stale {
                eprintln!("{} is stale; run `cargo xtask codegen`", path.display());
            }
            if stale.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        _ => {
            eprintln!("usage: cargo xtask codegen [--check]");
            ExitCode::from(2)
        }
    }
}
