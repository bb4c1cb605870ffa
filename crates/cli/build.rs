//! Has identical code folded and symbols left out where the shipped binary is linked, by a linker
//! that can: on x86-64 Linux rustc brings one.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|it| it == value);
    // Cargo tells a build script of a profile's folder only.
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    let is_dist = Path::new(&out).iter().any(|folder| folder == "dist");
    if is_dist
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        // Texts that end like others are merged with them.
        println!("cargo::rustc-link-arg-bins=-Wl,-O2");
        // Cargo forgets a profile's `strip` for packages with an optimisation level of their own.
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
