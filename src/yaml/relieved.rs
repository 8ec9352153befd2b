//! What Go-YAML takes and granit-parser does not: texts in brackets and quotes that go on at the margin or behind tabs, comments right behind what
//! ends a value, `\'` in double quotes, aliases as keys, and a dash alone in brackets.

use super::gaps::is_name;

/// A text that means the same to Go-YAML.
pub(super) struct Relieved {
    /// The text.
    pub(super) text: String,
    /// Where its parts begin in it, and where in the text that it is made of.
    pub(super) lines: Vec<(u32, u32)>,
}

/// Writes a text so that granit-parser reads it as Go-YAML does; none where there is nothing to change.
pub(super) fn relieved(content: &str) -> Option<Relieved> {
    let mut rewriter = Rewriter::default();
    let (mut start, mut block) = (0, None);
    for line in content.split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_blank = line.trim().is_empty();
        // A marker ends a text in quotes, which then is an error.
        let is_marker =
            ["---", "..."].iter().any(|marker| line.trim_end() == *marker || line.starts_with(&format!("{marker} ")));
        if !rewriter.inside.is_empty() && rewriter.is_tab_of_plain(&line[..lead]) {
            return None;
        }
        if !rewriter.inside.is_empty() && !is_blank && !is_marker {
            let wanted = " ".repeat(rewriter.indent.max(lead));
            if wanted != line[..lead] {
                rewriter.edits.push(Edit { at: start, length: lead, text: wanted });
            }
        }
        let is_of_block = || is_blank || block.is_some_and(|column| lead > column);
        if rewriter.inside.is_empty() {
            if !is_of_block() {
                rewriter.is_token = true;
                block = rewriter.line(&line[lead..], lead, start + lead);
            }
        } else {
            rewriter.line(&line[lead..], lead, start + lead);
        }
        start += line.len();
    }
    if rewriter.edits.is_empty() { None } else { written(content, &rewriter.edits) }
}

/// A part of a text with what it becomes.
struct Edit {
    at: usize,
    length: usize,
    text: String,
}

/// The text with the edits, which are in order.
fn written(content: &str, edits: &[Edit]) -> Option<Relieved> {
    let (mut text, mut lines, mut reached) = (String::with_capacity(content.len()), vec![(0, 0)], 0);
    for edit in edits {
        text.push_str(content.get(reached..edit.at)?);
        text.push_str(&edit.text);
        reached = edit.at + edit.length;
        lines.push((u32::try_from(text.len()).ok()?, u32::try_from(reached).ok()?));
    }
    text.push_str(content.get(reached..)?);
    Some(Relieved { text, lines })
}

/// What a text is in, as far as brackets and quotes tell.
#[derive(Default)]
struct Rewriter {
    /// Brackets and the quote that are open, by what ends each.
    inside: Vec<char>,
    /// Blanks that are enough before a line that goes on in them.
    indent: usize,
    /// Where the block that they stand in begins, and one more.
    block: usize,
    /// Whether the last letter belongs to a plain scalar.
    is_plain: bool,
    /// Whether a value may begin here.
    is_token: bool,
    edits: Vec<Edit>,
}

impl Rewriter {
    fn open(&mut self, end: char, column: usize, owner: usize) {
        if self.inside.is_empty() {
            (self.indent, self.block) = (column + 1, owner + 1);
        }
        self.inside.push(end);
    }

    /// Whether blanks have a tab below a plain scalar, to the left of the block: Go-YAML still looks for more of the scalar there.
    fn is_tab_of_plain(&self, blanks: &str) -> bool {
        self.is_plain && blanks.bytes().take(self.block).any(|blank| blank == b'\t')
    }

    fn put(&mut self, at: usize, text: &str) {
        self.edits.push(Edit { at, length: 0, text: text.to_owned() });
    }

    /// Reads a line without the blanks before it, which begins at `start`; where a block scalar begins, the column of what it belongs to.
    fn line(&mut self, text: &str, lead: usize, start: usize) -> Option<usize> {
        let (mut column, mut before) = (lead, '\n');
        // The column of the key, or of the dash, that a value belongs to.
        let mut owner = lead;
        // Whether a bracket, a comma or the end of a quote stands before.
        let mut is_behind = false;
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map_or('\n', |(_, next)| *next);
            let was_behind = std::mem::take(&mut is_behind);
            let was_plain = std::mem::take(&mut self.is_plain);
            match (self.inside.last(), letter) {
                (Some('"'), '\\') => {
                    if next == '\'' {
                        self.edits.push(Edit { at: start + at, length: 1, text: String::new() });
                    }
                    letters.next();
                }
                (Some('\''), '\'') if next == '\'' => {
                    letters.next();
                }
                (Some(end @ ('"' | '\'')), _) if *end != letter => {}
                (None | Some(']' | '}'), '#') if was_behind || before.is_whitespace() => {
                    if was_behind {
                        self.put(start + at, " ");
                    }
                    return None;
                }
                (Some(end), _) if *end == letter => {
                    self.inside.pop();
                    (self.is_token, is_behind) = (false, true);
                }
                (_, '"' | '\'') if self.is_token => self.open(letter, column, owner),
                (_, '[' | '{') if self.is_token => {
                    self.open(if letter == '[' { ']' } else { '}' }, column, owner);
                    is_behind = true;
                }
                (None, '|' | '>') if self.is_token => {
                    let header = text[at + 1..].find(|letter: char| !matches!(letter, '0'..='9' | '+' | '-'));
                    if let Some(end) = header.filter(|end| text[at + 1 + end..].starts_with('#')) {
                        self.put(start + at + 1 + end, " ");
                    }
                    return Some(owner);
                }
                (Some(_), ',') => (self.is_token, is_behind) = (true, true),
                (Some(_), '-') if self.is_token && matches!(next, ',' | ']' | '}') => {
                    self.put(start + at, "'");
                    self.put(start + at + 1, "'");
                    self.is_token = false;
                }
                (None, '-' | '?') if self.is_token && next.is_whitespace() => {
                    (owner, column) = (lead + at, lead + at + 2);
                }
                // A value may follow at once behind a key in quotes.
                (inside, ':') if next.is_whitespace() || (inside.is_some() && ['"', '\''].contains(&before)) => {
                    (self.is_token, owner) = (true, column);
                }
                (_, '*') if self.is_token => {
                    self.is_token = false;
                    let name = text[at + 1..].split(|letter: char| letter.is_whitespace() || letter == ':').next();
                    let end = at + 1 + name.filter(|name| is_name(name)).map_or(0, str::len);
                    if text[end..].starts_with(':') && end > at + 1 {
                        self.put(start + end, " ");
                    }
                }
                // An anchor or a tag stands before a value.
                (_, '&' | '!') if self.is_token => {
                    while letters.next_if(|(_, letter)| !letter.is_whitespace()).is_some() {}
                }
                (_, letter) if !letter.is_whitespace() => (self.is_token, self.is_plain) = (false, true),
                _ => self.is_plain = was_plain,
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
            ("a: [\n\t1,\n  '2'\n\t]\n", "a: [\n 1,\n  '2'\n ]\n"),
            ("a:\n  b: \"x\ny\"\n", "a:\n  b: \"x\n   y\"\n"),
            ("- - c: 'it''s\n\ty'\n", "- - c: 'it''s\n     y'\n"),
            (
                "a: {}# b\nc: [d,#e\n f]#g\nh: \"i\"#j\nk: 'l'#m\nn: |-#o\n  p#q\n",
                "a: {} # b\nc: [d, #e\n f] #g\nh: \"i\" #j\nk: 'l' #m\nn: |- #o\n  p#q\n",
            ),
            ("a: \"b\\'c\\\\\"\n", "a: \"b'c\\\\\"\n"),
            ("a: &x b\n*x: c\n", "a: &x b\n*x : c\n"),
            ("a: [-, b, -]\n", "a: ['-', b, '-']\n"),
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
            "a: {\n  b: 1\n\t}\n",
            "- a: [b\n \t, c]\n",
            "a: b]#c\nd: e#f\ng: [h#i, *j]\n",
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
