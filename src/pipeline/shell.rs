//! Scripts of shells as lists of commands, as far as it takes to tell which of them decide what runs after them.
//!
//! Nothing is an error: what is not closed ends with the script, and what closes nothing is passed over. How deep a script may be nested is bound:
//! `brush-parser` 0.4, the crate for this that is kept up, ends the process at half a million brackets, refuses what is not closed, and
//! has 85 crates beneath it.

mod words;

use std::rc::Rc;

use words::Token;
pub(super) use words::Word;

/// Commands that follow each other.
pub(super) type List = Vec<Item>;

/// Pipes joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The first.
    pub first: Pipe,
    /// Those behind it.
    pub rest: Vec<(Joint, Pipe)>,
    /// Whether `&` follows.
    pub is_background: bool,
}

/// What joins a pipe to what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pipe {
    /// Whether `!` stands before it.
    pub is_negated: bool,
    /// In order, one at least.
    pub commands: Vec<Command>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// A program with its arguments, and the texts of `<<` that it reads.
    Simple(Vec<Word>, Vec<String>),
    /// `{ … }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if` and `elif`, each with what it runs, and `else`.
    If(Vec<(List, List)>, List),
    /// `while` and `until` with what they ask, and `for` without.
    Loop(Option<List>, List),
    /// What the branches of a `case` run, and whether one of them fits whatever is asked.
    Case(Vec<List>, bool),
    /// A function that is defined.
    Function(String, Rc<List>),
}

/// The commands of a script; none where they are nested more than so many levels deep.
pub(super) fn parse(script: &str, deepest: usize) -> Option<List> {
    let mut parser = Parser { tokens: words::tokens(script), at: 0, left: deepest, is_too_deep: false };
    let mut list = vec![];
    while parser.peek().is_some() {
        list.extend(parser.list(&[]));
        // What closes nothing.
        parser.at += 1;
    }
    (!parser.is_too_deep).then_some(list)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Levels that are left.
    left: usize,
    is_too_deep: bool,
}

/// Words that end a list where a command could begin.
const ENDS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_operator(&self, operator: &str) -> bool {
        matches!(self.peek(), Some(Token::Operator(found)) if *found == operator)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.is_bare && found.text == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.is_word(word);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_operator(&mut self, operator: &str) -> bool {
        let is_there = self.is_operator(operator);
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_lines(&mut self) {
        while self.is_operator("\n") || self.is_operator(";") {
            self.at += 1;
        }
    }

    /// The commands up to a word or operator that ends them, which is left.
    fn list(&mut self, ends: &[&str]) -> List {
        let mut list = vec![];
        if self.left == 0 {
            self.is_too_deep = true;
            self.at = self.tokens.len();
            return list;
        }
        self.left -= 1;
        loop {
            self.skip_lines();
            match self.peek() {
                None | Some(Token::Operator(")" | ";;")) => break,
                Some(Token::Word(word)) if word.is_bare && ENDS.contains(&word.text.as_str()) => {
                    let is_end = ends.contains(&word.text.as_str()) || ends.is_empty();
                    if is_end {
                        break;
                    }
                    self.at += 1;
                }
                Some(_) => list.extend(self.item()),
            }
        }
        self.left += 1;
        list
    }

    fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let first = self.pipe();
        let mut rest = vec![];
        loop {
            let joint = match self.peek() {
                Some(Token::Operator("&&")) => Joint::And,
                Some(Token::Operator("||")) => Joint::Or,
                _ => break,
            };
            self.at += 1;
            self.skip_lines();
            rest.extend(self.pipe().map(|pipe| (joint, pipe)));
        }
        let is_background = self.take_operator("&");
        // At least a token is taken each time.
        self.at = self.at.max(start + 1);
        Some(Item { first: first?, rest, is_background })
    }

    fn pipe(&mut self) -> Option<Pipe> {
        let mut is_negated = false;
        while self.is_word("!") || self.is_word("time") {
            is_negated ^= self.is_word("!");
            self.at += 1;
        }
        let mut commands: Vec<Command> = self.command().into_iter().collect();
        while self.take_operator("|") || self.take_operator("|&") {
            self.skip_lines();
            commands.extend(self.command());
        }
        (!commands.is_empty()).then_some(Pipe { is_negated, commands })
    }

    fn command(&mut self) -> Option<Command> {
        if self.take_operator("(") {
            let list = self.list(&[")"]);
            self.take_operator(")");
            return Some(Command::Subshell(list));
        }
        let Some(Token::Word(word)) = self.peek().filter(|token| matches!(token, Token::Word(word) if word.is_bare))
        else {
            return self.simple();
        };
        match word.text.as_str() {
            "{" => {
                self.at += 1;
                Some(Command::Group(self.closed("}")))
            }
            "if" => Some(self.branches()),
            "while" | "until" => {
                self.at += 1;
                let asked = self.list(&["do"]);
                self.take_word("do");
                Some(Command::Loop(Some(asked), self.closed("done")))
            }
            "for" | "select" => {
                while self.peek().is_some() && !self.take_word("do") {
                    self.at += 1;
                }
                Some(Command::Loop(None, self.closed("done")))
            }
            "case" => Some(self.cases()),
            "function" => {
                self.at += 1;
                self.function()
            }
            _ if matches!(self.tokens.get(self.at + 1), Some(Token::Operator("(")))
                && matches!(self.tokens.get(self.at + 2), Some(Token::Operator(")"))) =>
            {
                self.function()
            }
            _ => self.simple(),
        }
    }

    /// A list and the word that closes it.
    fn closed(&mut self, end: &str) -> List {
        let list = self.list(&[end]);
        self.take_word(end);
        list
    }

    fn branches(&mut self) -> Command {
        let mut branches = vec![];
        while self.take_word("if") || self.take_word("elif") {
            let asked = self.list(&["then"]);
            self.take_word("then");
            branches.push((asked, self.list(&["elif", "else", "fi"])));
            if !self.is_word("elif") {
                break;
            }
        }
        let otherwise = if self.take_word("else") { self.list(&["fi"]) } else { vec![] };
        self.take_word("fi");
        Command::If(branches, otherwise)
    }

    fn cases(&mut self) -> Command {
        while self.peek().is_some() && !self.take_word("in") {
            self.at += 1;
        }
        let (mut branches, mut has_any) = (vec![], false);
        loop {
            self.skip_lines();
            if self.peek().is_none() || self.take_word("esac") {
                return Command::Case(branches, has_any);
            }
            self.take_operator("(");
            while self.peek().is_some() && !self.take_operator(")") {
                has_any |= self.is_word("*");
                self.at += 1;
            }
            branches.push(self.list(&["esac"]));
            self.take_operator(";;");
        }
    }

    fn function(&mut self) -> Option<Command> {
        let Some(Token::Word(name)) = self.peek() else { return None };
        let name = name.text.clone();
        self.at += 1;
        if self.take_operator("(") {
            self.take_operator(")");
        }
        self.skip_lines();
        let body = match self.command()? {
            Command::Group(list) => list,
            command => vec![Item {
                first: Pipe { is_negated: false, commands: vec![command] },
                rest: vec![],
                is_background: false,
            }],
        };
        Some(Command::Function(name, Rc::new(body)))
    }

    fn simple(&mut self) -> Option<Command> {
        let (mut words, mut texts) = (vec![], vec![]);
        loop {
            let is_test = words.first().is_some_and(|word: &Word| word.text == "[[")
                && words.last().is_some_and(|word: &Word| word.text != "]]");
            match self.peek() {
                Some(Token::Word(word)) => words.push(word.clone()),
                Some(Token::Here(text)) => texts.push(text.clone()),
                // `[[ a && (b || c) ]]` is one command.
                Some(Token::Operator(operator)) if is_test && *operator != "\n" => {}
                Some(Token::Operator(_)) | None => break,
            }
            self.at += 1;
        }
        // What ends a script in a list is no command.
        (!words.is_empty() || !texts.is_empty()).then_some(Command::Simple(words, texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The script again, with each kind of command in a form of its own.
    fn shown(script: &str) -> String {
        parse(script, 32).map_or_else(|| "too deep".to_owned(), |list| of_list(&list))
    }

    fn of_list(list: &List) -> String {
        let of = |item: &Item| {
            let rest = item.rest.iter().map(|(joint, pipe)| format!(" {joint:?} {}", of_pipe(pipe)));
            format!(
                "{}{}{}",
                of_pipe(&item.first),
                rest.collect::<String>(),
                if item.is_background { " &" } else { "" }
            )
        };
        list.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    fn of_pipe(pipe: &Pipe) -> String {
        let commands = pipe.commands.iter().map(of_command).collect::<Vec<_>>().join(" | ");
        format!("{}{commands}", if pipe.is_negated { "not " } else { "" })
    }

    fn of_command(command: &Command) -> String {
        match command {
            Command::Simple(words, texts) => {
                let word = |word: &Word| format!("{}{}", word.text, if word.inner.is_empty() { "" } else { "*" });
                let texts = texts.iter().map(|text| format!("<<{}", text.trim()));
                words.iter().map(word).chain(texts).collect::<Vec<_>>().join(" ")
            }
            Command::Group(list) => format!("{{{}}}", of_list(list)),
            Command::Subshell(list) => format!("({})", of_list(list)),
            Command::If(branches, otherwise) => {
                let of = |(asked, run): &(List, List)| format!("{}? {}", of_list(asked), of_list(run));
                let branches = branches.iter().map(of).collect::<Vec<_>>().join(" : ");
                format!("if[{branches} : {}]", of_list(otherwise))
            }
            Command::Loop(asked, body) => {
                format!("loop[{}; {}]", asked.as_ref().map(of_list).unwrap_or_default(), of_list(body))
            }
            Command::Case(branches, has_any) => {
                format!(
                    "case{}[{}]",
                    if *has_any { "*" } else { "" },
                    branches.iter().map(of_list).collect::<Vec<_>>().join(" : ")
                )
            }
            Command::Function(name, body) => format!("{name}={{{}}}", of_list(body)),
        }
    }

    #[test]
    fn scripts_are_read_as_shells_read_them() {
        for (script, expected) in [
            ("a b; c && d || e\n\nf | g |& h &", "a b; c And d Or e; f | g | h &"),
            ("! a | b # c ; d\ne#f", "not a | b; e#f"),
            ("if a; then b; elif c; then d; else e; fi; f", "if[a? b : c? d : e]; f"),
            ("if ! a; then b; fi && c", "if[not a? b : ] And c"),
            ("for c in x y; do a $c; done\nwhile read l\ndo b; done < f", "loop[; a $c]; loop[read l; b]"),
            ("case $1 in a|b) c;; *) d ;; esac; e", "case*[c : d]; e"),
            ("f() { a; b; }\nfunction g { c\n}; f", "f={a; b}; g={c}; f"),
            ("(cd x && a) || { b; exit 1; }", "(cd x And a) Or {b; exit 1}"),
            ("[[ $a == b && -n $c ]] && d", "[[ $a == b -n $c ]] And d"),
            ("a 2>&1 >log <in &>all | b", "a | b"),
            ("cat <<EOF | a\nhelm push\nEOF\nb <<-'E'\n\tx\n\tE\nc", "cat <<helm push | a; b <<x; c"),
            ("a 'x; y' \"z && $(b; c)\" `d`", "a x; y z && $(b; c)* `d`*"),
            ("x=$(a | b) c \\\n  d", "x=$(a | b)* c d"),
            ("a && \\\r\n b &&\n c", "a And b And c"),
            ("echo done if; fi; a } b", "echo done if; a } b"),
            ("if a; then b", "if[a? b : ]"),
            ("a ${b:-c; d} ${{e && f}} $((1 + (2)))", "a ${b:-c; d} ${{e && f}} $((1 + (2)))*"),
            ("a 'b", "a b"),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_none() {
        assert_eq!(shown(&"( ".repeat(40)), "too deep");
        assert_eq!(shown(&"( ".repeat(20)).matches('(').count(), 20);
    }
}
