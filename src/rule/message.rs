//! The sentence a rule says: text with `{…}` places.

use crate::cel::Expression;

/// A rule's message, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// As the rule file has it.
    pub text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place { source: String, offset: usize, expression: Option<Expression> },
}

/// What is wrong with a message; offsets are bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{{` without `}}`; write `{{{{` for a brace")]
pub struct Unclosed {
    /// The brace.
    pub offset: usize,
}

impl Message {
    /// Takes a text apart at `{…}`; `{{` and `}}` are braces. Braces nest, and those in quotes do not count.
    ///
    /// # Errors
    /// A place that does not end.
    pub fn parse(text: &str) -> Result<Self, Unclosed> {
        let mut pieces = vec![];
        let mut plain = String::new();
        let mut position = 0;
        while let Some(character) = text[position..].chars().next() {
            let next = text[position + character.len_utf8()..].chars().next();
            if matches!(character, '{' | '}') && next == Some(character) {
                plain.push(character);
                position += 2;
            } else if character == '{' {
                let end = close(&text[position..]).ok_or(Unclosed { offset: position })?;
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                let source = text[position + 1..position + end].to_owned();
                pieces.push(Piece::Place { source, offset: position + 1, expression: None });
                position += end + 1;
            } else {
                plain.push(character);
                position += character.len_utf8();
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(Self { text: text.to_owned(), pieces })
    }

    /// What stands between the braces, each with its offset in the text.
    pub fn places(&self) -> impl Iterator<Item = (&str, usize)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place { source, offset, .. } => Some((source.as_str(), *offset)),
            Piece::Text(_) => None,
        })
    }

    /// The expressions between the braces.
    #[cfg(test)]
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place { expression, .. } => expression.as_ref(),
            Piece::Text(_) => None,
        })
    }

    /// The same with every place compiled.
    ///
    /// # Errors
    /// The first that `compile` gives.
    pub fn compiled<E>(mut self, mut compile: impl FnMut(&str, usize) -> Result<Expression, E>) -> Result<Self, E> {
        for piece in &mut self.pieces {
            if let Piece::Place { source, offset, expression } = piece {
                *expression = Some(compile(source, *offset)?);
            }
        }
        Ok(self)
    }

    /// The sentence with every place filled by what `fill` says of its source and expression; a place without a word stays.
    ///
    /// # Errors
    /// The first that `fill` gives.
    pub fn filled<E>(
        &self,
        mut fill: impl FnMut(&str, Option<&Expression>) -> Result<Option<String>, E>,
    ) -> Result<String, E> {
        let mut sentence = String::with_capacity(self.text.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => sentence.push_str(text),
                Piece::Place { source, expression, .. } => {
                    let word = fill(source, expression.as_ref())?;
                    sentence.push_str(&word.unwrap_or_else(|| format!("{{{source}}}")));
                }
            }
        }
        Ok(sentence)
    }
}

/// Offset of the brace that closes the one at the start.
fn close(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (offset, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '{') => depth += 1,
            (None, '}') if depth == 1 => return Some(offset),
            (None, '}') => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        Message::parse(text).expect("closed").places().map(|(source, _)| source.to_owned()).collect()
    }

    #[test]
    fn places_may_hold_maps_and_quoted_braces() {
        assert_eq!(places("a {b} {{c}} {{'x': 1}['x']}"), ["b"]);
        assert_eq!(places("`{ {'x': 1}['x'] }` and {d + '}'}"), [" {'x': 1}['x'] ", "d + '}'"]);
    }

    #[test]
    fn a_place_without_an_end_is_refused_where_it_starts() {
        assert_eq!(Message::parse("é {a").expect_err("open").offset, 3);
    }
}
