//! Parts of Go's standard library and of the libraries that sprig builds on, as far as template functions show them.

pub mod base;
pub mod crypto;
pub mod duration;
mod input;
pub mod json;
pub mod path;
pub mod regex;
pub mod semver;
pub mod time;
pub mod toml;
pub mod url;
