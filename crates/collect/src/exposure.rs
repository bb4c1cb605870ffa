//! Whom a resource policy lets in: one place that asks the reasoner for all collectors.

use lambdasweep_policy::Document;
use lambdasweep_policy::exposure::{Exposure, Judged, Scope, of_document};

/// Whom a policy lets in, as a whole and by each of its statements.
#[derive(Debug)]
pub(crate) struct Reasoned {
    /// The widest of all.
    pub(crate) exposure: Exposure,
    /// Other accounts that it lets in.
    pub(crate) accounts: Vec<String>,
    /// Organisations that it lets in.
    pub(crate) organizations: Vec<String>,
    /// The statements, in order.
    pub(crate) statements: Vec<Judged>,
}

impl Reasoned {
    /// Why it lets in as many as it does: the reason of the widest statement.
    pub(crate) fn reason(&self) -> String {
        let widest = self.statements.iter().find(|statement| statement.exposure == self.exposure);
        widest.map_or_else(|| "its statements let nobody in".to_owned(), |statement| statement.reason.clone())
    }
}

/// Reasons about a policy.
pub(crate) fn reason(document: &Document, scope: &Scope<'_>) -> Reasoned {
    let statements = of_document(document, scope);
    let exposure = statements.iter().map(|judged| judged.exposure).max().unwrap_or(Exposure::None);
    Reasoned { exposure, accounts: Vec::new(), organizations: Vec::new(), statements }
}
