//! What the lexer makes of a template's text.

use crate::template::print::quote::quote;

/// The kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The lexer gives up; the token carries the message.
    Error,
    /// `true` or `false`.
    Bool,
    /// Any other printable ASCII character, such as a comma.
    Char,
    /// `'x'`.
    CharConstant,
    /// A pair `1+2i`.
    Complex,
    /// `=`.
    Assign,
    /// `:=`.
    Declare,
    /// End of the text.
    Eof,
    /// `.name`.
    Field,
    /// A function's name.
    Identifier,
    /// `{{`, with its trim marker.
    LeftDelim,
    /// `(`.
    LeftParen,
    /// A number.
    Number,
    /// `|`.
    Pipe,
    /// A string in backquotes.
    RawString,
    /// `}}`.
    RightDelim,
    /// `)`.
    RightParen,
    /// White space between arguments.
    Space,
    /// A string in double quotes.
    String,
    /// Text outside actions.
    Text,
    /// `$name`.
    Variable,
    /// `.`.
    Dot,
    /// `block`.
    Block,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `define`.
    Define,
    /// `else`.
    Else,
    /// `end`.
    End,
    /// `if`.
    If,
    /// `nil`.
    Nil,
    /// `range`.
    Range,
    /// `template`.
    Template,
    /// `with`.
    With,
}

impl Kind {
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "true" | "false" => Self::Bool,
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "nil" => Self::Nil,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => Self::Identifier,
        }
    }

    fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Dot
                | Self::Block
                | Self::Break
                | Self::Continue
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// A token: its text is `start..end` of the source.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Token {
    /// The token as errors show it; [`Lexer::fault`](super::Lexer::fault) says what an error is about.
    pub fn show(&self, source: &str) -> String {
        let text = &source[self.start..self.end];
        match self.kind {
            Kind::Eof => "EOF".to_owned(),
            kind if kind.is_keyword() => format!("<{text}>"),
            _ if text.len() > 10 => {
                let short: String = text.chars().take(10).collect();
                format!("{}...", quote(short.as_bytes()))
            }
            _ => quote(text.as_bytes()),
        }
    }
}
