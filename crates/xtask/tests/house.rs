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

#[test]
fn modules_form_layers() {
    let known = xtask::circles::KNOWN.iter().map(|(name, circles)| {
        let circles = circles
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<Vec<_>>();
        ((*name).to_owned(), circles)
    });
    assert_eq!(
        xtask::circles::found(),
        known.collect(),
        "left: the circles that exist; right: those that `xtask::circles::KNOWN` lists, from which \
         a circle that is gone is removed and to which none is added"
    );
}

#[test]
fn a_new_service_needs_no_room_but_its_own() {
    assert_eq!(xtask::rooms::named_services(), Vec::<String>::new());
}

#[test]
fn a_new_table_needs_no_room_but_its_own() {
    let known = xtask::rooms::KNOWN
        .iter()
        .map(|(file, words)| ((*file).to_owned(), (*words).to_owned()))
        .collect();
    assert_eq!(
        xtask::rooms::found(),
        known,
        "left: the files that name rows or facts of single tables; right: those that \
         `xtask::rooms::KNOWN` lists, from which what is gone is removed and to which nothing is \
         added"
    );
}
