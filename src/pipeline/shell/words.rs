//! Words and operators of a script.

/// What a script is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// What joins or ends commands; an end of a line is `\n`.
    Operator(&'static str),
    /// The text behind `<<`.
    Here(String),
}

/// A word as the shell sees it: without quotes, and with its variables unread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Word {
    /// The text.
    pub text: String,
    /// Scripts whose output is put in: `$(…)` and those in backticks.
    pub inner: Vec<String>,
    /// Whether nothing of it is quoted, so that it may be a word of the shell's own.
    pub is_bare: bool,
}

/// Those that are longer before those that they begin with.
const OPERATORS: [&str; 11] = [";;", "&&", "||", "|&", ";", "&", "|", "(", ")", "\n", "\r"];

/// Splits a script.
pub(super) fn tokens(script: &str) -> Vec<Token> {
    let mut lexer =
        Lexer { text: script, at: 0, word: None, behind: None, line_end: 0, has_endless: false, found: vec![] };
    while lexer.step() {}
    lexer.end_word();
    lexer.found
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The word that is not over.
    word: Option<Word>,
    /// Where the script goes on behind the texts of the `<<` of this line.
    behind: Option<usize>,
    /// The end of the line of the last `<<`.
    line_end: usize,
    /// Whether a `<<` was none, as its text does not end; no other is looked at then.
    has_endless: bool,
    found: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_with(|| Word { is_bare: true, ..Word::default() })
    }

    fn end_word(&mut self) {
        self.found.extend(self.word.take().map(Token::Word));
    }

    /// Takes what comes next; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(letter) = rest.chars().next() else { return false };
        match letter {
            '\\' => self.escaped(),
            '\'' => {
                let length = rest[1..].find('\'').unwrap_or(rest.len() - 1);
                self.quoted(&rest[1..=length]);
                self.at += length + 2;
            }
            '"' => self.double_quoted(),
            '$' | '`' => self.expansion(),
            '#' if self.word.is_none() => self.at += rest.find('\n').unwrap_or(rest.len()),
            '<' | '>' => self.redirection(),
            '&' if rest.starts_with("&>") => {
                self.end_word();
                self.at += 1;
            }
            ' ' | '\t' => {
                self.end_word();
                self.at += 1;
            }
            _ => self.other(letter),
        }
        self.at = self.at.min(self.text.len());
        true
    }

    /// An operator, or a letter of a word.
    fn other(&mut self, letter: char) {
        let rest = self.rest();
        if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            self.operator(operator);
        } else {
            self.word().text.push(letter);
            self.at += letter.len_utf8();
        }
    }

    fn operator(&mut self, operator: &'static str) {
        self.end_word();
        self.at += operator.len();
        match operator {
            "\r" => {}
            "\n" => {
                self.found.push(Token::Operator(operator));
                self.at = self.behind.take().unwrap_or(self.at);
            }
            _ => self.found.push(Token::Operator(operator)),
        }
    }

    /// A letter that is meant as it is; none where a line goes on.
    fn escaped(&mut self) {
        let behind = &self.rest()[1..];
        let joined = ["\r\n", "\n"].into_iter().find(|end| behind.starts_with(end));
        if let Some(end) = joined {
            self.at += 1 + end.len();
            return;
        }
        let letter = behind.chars().next();
        let word = self.word();
        word.text.extend(letter);
        word.is_bare = false;
        self.at += 1 + letter.map_or(0, char::len_utf8);
    }

    fn quoted(&mut self, text: &str) {
        let word = self.word();
        word.text.push_str(text);
        word.is_bare = false;
    }

    fn double_quoted(&mut self) {
        self.quoted("");
        self.at += 1;
        while let Some(letter) = self.rest().chars().next() {
            match letter {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => self.escaped(),
                '$' | '`' => self.expansion(),
                _ => {
                    self.word().text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    /// What begins with `$` or a backtick: kept as it is written, with the commands in it.
    fn expansion(&mut self) {
        let rest = self.rest();
        let (open, inner) = if let Some(behind) = rest.strip_prefix("$(") {
            (2, Some(&behind[..closing(behind, '(')]))
        } else if let Some(behind) = rest.strip_prefix("${") {
            (closing(behind, '{') + 2, None)
        } else if let Some(behind) = rest.strip_prefix('`') {
            (1, Some(&behind[..behind.find('`').unwrap_or(behind.len())]))
        } else {
            (0, None)
        };
        let length = (open + inner.map_or(0, str::len) + 1).min(rest.len());
        let word = self.word();
        word.text.push_str(&rest[..length]);
        word.inner.extend(inner.map(str::to_owned));
        self.at += length;
    }

    /// `>`, `<` and their like with the file behind them, which are no words.
    fn redirection(&mut self) {
        // What is before it is a number of a file.
        if self.word.as_ref().is_some_and(|word| word.text.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let rest = self.rest();
        if rest.starts_with("<<") && !rest.starts_with("<<<") && !self.has_endless {
            return self.here();
        }
        if rest.starts_with("<(") || rest.starts_with(">(") {
            let length = closing(&rest[2..], '(');
            self.word().inner.push(rest[2..2 + length].to_owned());
            self.at += length + 3;
            return;
        }
        self.at += rest.len() - rest.trim_start_matches(['<', '>', '&', '|', '-', ' ', '\t']).len();
        // The file is a word as others are, and left out.
        while self.rest().starts_with(|letter: char| !" \t\r\n;&|()<>".contains(letter)) && self.step() {}
        if let Some(Word { inner, .. }) = self.word.take().filter(|word| !word.inner.is_empty()) {
            self.found.push(Token::Word(Word { inner, ..Word::default() }));
        }
    }

    /// `<<END`, whose text begins behind the line.
    fn here(&mut self) {
        if self.line_end <= self.at {
            self.line_end = self.at + self.rest().find('\n').unwrap_or(self.rest().len());
        }
        let line = &self.text[self.at..self.line_end];
        let name = line[2..].trim_start_matches(['-', ' ', '\t']);
        let length = name.find([' ', '\t', '\r', ';', '|', '&', ')', '>', '<']).unwrap_or(name.len());
        let end = name[..length].replace(['\'', '"', '\\'], "");
        let start = self.behind.unwrap_or(self.at + line.len() + 1).min(self.text.len());
        let mut at = start;
        for each in self.text[start..].split_inclusive('\n') {
            if each.trim() == end {
                self.found.push(Token::Here(self.text[start..at].to_owned()));
                self.behind = Some(at + each.len());
                self.at += line.len() - name.len() + length;
                return;
            }
            at += each.len();
        }
        // They are bits that are shifted.
        self.has_endless = true;
        self.at += 2;
    }
}

/// Where a text closes what was opened before it; its length where it does not.
fn closing(text: &str, open: char) -> usize {
    // What is open, innermost last: brackets, and quotes in which there may be `$(…)` again.
    let mut opened = vec![open];
    let mut letters = text.char_indices();
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        let inner = opened.last().copied().unwrap_or(open);
        match letter {
            '\'' if inner == '\'' => _ = opened.pop(),
            _ if inner == '\'' => {}
            '\\' => _ = letters.next(),
            '\'' if inner == '(' => opened.push('\''),
            '"' if inner == '"' => _ = opened.pop(),
            '"' if open == '(' => opened.push('"'),
            '(' if before == '$' || inner == '(' => opened.push('('),
            ')' if inner == '(' => _ = opened.pop(),
            '{' if inner == '{' => opened.push('{'),
            '}' if inner == '{' => _ = opened.pop(),
            _ => {}
        }
        if opened.is_empty() {
            return at;
        }
        before = letter;
    }
    text.len()
}
