//! Bodies that nobody sends in good faith.
