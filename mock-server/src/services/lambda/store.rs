//! State of lambda.

/// State of lambda.
#[derive(Debug, Default, Clone)]
pub struct Store {
    /// Whether a client has changed what the seed made; a store that was not modified may be dropped and made again.
    pub modified: bool,
}
