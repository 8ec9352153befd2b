//! Texts in brackets and quotes that go on at the margin, or behind tabs: Go-YAML takes lines there wherever they begin, and granit-parser
//! wants each indented.

/// A text that means the same to Go-YAML.
pub(super) struct Relieved {
    /// The text, with lines that go on inside of brackets and quotes indented.
    pub(super) text: String,
    /// Where the letters of each line begin in it, and where in the text that it is made of.
    pub(super) lines: Vec<(u32, u32)>,
}

/// Indents what goes on in brackets and quotes; none where there is no such line.
pub(super) fn relieved(content: &str) -> Option<Relieved> {
    let mut reader = Brackets::default();
    let (mut text, mut lines) = (String::with_capacity(content.len()), vec![]);
    let (mut start, mut block, mut is_changed) = (0, None, false);
    for line in content.split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_blank = line.trim().is_empty();
        // A marker ends a text in quotes, which then is an error.
        let is_marker =
            ["---", "..."].iter().any(|marker| line.trim_end() == *marker || line.starts_with(&format!("{marker} ")));
        let goes_on = !reader.inside.is_empty() && !is_blank && !is_marker;
        let wanted = if goes_on { " ".repeat(reader.indent.max(lead)) } else { line[..lead].to_owned() };
        if reader.inside.is_empty() {
            if !(is_blank || block.is_some_and(|column| lead > column)) {
                reader.is_token = true;
                block = reader.line(&line[lead..], lead);
            }
        } else {
            reader.line(&line[lead..], lead);
        }
        is_changed |= wanted != line[..lead];
        text.push_str(&wanted);
        lines.push((u32::try_from(text.len()).ok()?, u32::try_from(start + lead).ok()?));
        text.push_str(&line[lead..]);
        start += line.len();
    }
    is_changed.then_some(Relieved { text, lines })
}

/// What a text is in, as far as brackets and quotes tell.
#[derive(Default)]
struct Brackets {
    /// Brackets and the quote that are open, by what ends each.
    inside: Vec<char>,
    /// Blanks that are enough before a line that goes on in them.
    indent: usize,
    /// Whether a value may begin here.
    is_token: bool,
}

impl Brackets {
    fn open(&mut self, end: char, column: usize) {
        if self.inside.is_empty() {
            self.indent = column + 1;
        }
        self.inside.push(end);
    }

    /// Reads a line without the blanks before it; where a block scalar begins, the column of what it belongs to.
    fn line(&mut self, text: &str, lead: usize) -> Option<usize> {
        let (mut column, mut before) = (lead, '\n');
        // The column of the key, or of the dash, that a value belongs to.
        let mut owner = lead;
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map_or('\n', |(_, next)| *next);
            match (self.inside.last(), letter) {
                (Some('"'), '\\') => {
                    letters.next();
                }
                (Some('\''), '\'') if next == '\'' => {
                    letters.next();
                }
                (Some(end @ ('"' | '\'')), _) if *end != letter => {}
                (None | Some(']' | '}'), '#') if before.is_whitespace() => return None,
                (Some(end), _) if *end == letter => {
                    self.inside.pop();
                    self.is_token = false;
                }
                (_, '"' | '\'') if self.is_token => self.open(letter, column),
                (_, '[') if self.is_token => self.open(']', column),
                (_, '{') if self.is_token => self.open('}', column),
                (None, '|' | '>') if self.is_token => return Some(owner),
                (Some(_), ',') => self.is_token = true,
                (None, '-' | '?') if self.is_token && next.is_whitespace() => {
                    (owner, column) = (lead + at, lead + at + 2);
                }
                // A value may follow at once behind a key in quotes.
                (inside, ':') if next.is_whitespace() || (inside.is_some() && ['"', '\''].contains(&before)) => {
                    (self.is_token, owner) = (true, column);
                }
                // An anchor or a tag stands before a value.
                (_, '&' | '!') if self.is_token => {
                    while letters.next_if(|(_, letter)| !letter.is_whitespace()).is_some() {}
                }
                (_, letter) if !letter.is_whitespace() => self.is_token = false,
                _ => {}
            }
            before = letter;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::relieved;

    #[test]
    fn lines_that_go_on_in_brackets_and_quotes_are_indented() {
        let cases = [
            ("a: {\n\t\"b\": 1\n}\n", "a: {\n \"b\": 1\n }\n"),
            ("a: [\n\t1,\n  2\n\t]\n", "a: [\n 1,\n  2\n ]\n"),
            ("a:\n  b: \"x\ny\"\n", "a:\n  b: \"x\n   y\"\n"),
            ("- - c: 'it''s\n\ty'\n", "- - c: 'it''s\n     y'\n"),
            ("a: &x !!map {\n\tb: \t1}\n", "a: &x !!map {\n b: \t1}\n"),
            ("a: |\n  it's {\n\n  \tb\nc: {\n\td: 1}\n", "a: |\n  it's {\n\n  \tb\nc: {\n d: 1}\n"),
        ];
        for (given, wanted) in cases {
            assert_eq!(relieved(given).map(|made| made.text).as_deref(), Some(wanted), "{given}");
        }
    }

    #[test]
    fn other_lines_stay() {
        let texts = [
            "a:\n\tb: 1\n",
            "a: it's {\n\tb: 1\n",
            "a: |\n  {\n  \tb\n",
            "a: # {\n\tb: 1\n",
            "a: b\tc\n",
            "- {a: b}\n\tc\n",
            "- |\n  it's {\n  \tb\n",
            "- ? |-\n    '\n  : b\n",
            "- a: |\n    '\n  c: d\n",
        ];
        for text in texts {
            assert!(relieved(text).is_none(), "{text}");
        }
    }
}
