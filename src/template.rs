//! Go's text/template, from scratch: parse, execute, and know for every byte written which template place and which values made it.
//!
//! A library of its own: it knows nothing of charts. The caller parses sources into a set, hands in values with origins and a session with limits, and gets
//! text with [`trace::Piece`]s. Behaviour follows Go 1.26's text/template, fmt and strconv, and Helm 4's engine for `include` and `tpl`.

pub mod ast;
pub mod call;
pub mod error;
pub mod exec;
pub mod fault;
pub mod funcs;
pub mod go;
pub mod lexer;
pub mod limits;
pub mod number;
pub mod origin;
pub mod parser;
pub mod print;
pub mod string;
pub mod trace;
pub mod value;
pub mod weave;

pub use self::error::{Error, ErrorKind};
