//! Arguments that are refused: the sentence quotes them, and acts on no terminal.

use std::process::Command;

#[test]
fn errors_hold_no_escapes_of_the_arguments() {
    let escape = "\u{1b}]0;owned\u{7}\u{202e}";
    for given in [
        vec![escape],
        vec!["--quotas", escape],
        vec!["--port", escape],
        vec!["--generate", escape],
        vec!["--fault", escape],
        vec!["--latency", escape],
        vec!["--host", escape],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_lambdasweep-mock")).args(&given).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{given:?}: {said}");
        assert!(said.chars().all(|c| c == '\n' || !lambdasweep_model::acts_on_terminal(c)), "{given:?}: {said:?}");
    }
}
