//! Parts of Go's standard library and of the libraries that sprig builds on, as far as template functions show them.

pub mod base;
