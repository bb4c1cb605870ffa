//! The house is in order.

#[test]
fn generated_files_are_fresh() {
    assert_eq!(
        xtask::codegen::stale(),
        Vec::<std::path::PathBuf>::new(),
        "run `cargo xtask codegen`"
    );
}

#[test]
fn crates_use_only_what_they_may() {
    assert_eq!(xtask::edges::violations(), Ok(Vec::new()));
}

#[test]
fn the_code_is_tidy() {
    assert_eq!(xtask::tidy::problems(), Vec::<String>::new());
}
