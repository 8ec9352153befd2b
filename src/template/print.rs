//! Go's `fmt` and the parts of `strconv` below it.

pub mod quote;
