//! Variables of shells as fluxcd/pkg/envsubst fills them in, which differs from shells: `:?` and `:+` give defaults too, a star stands for
//! slashes as well, and `$$` is a dollar wherever it stands.

use crate::gitops::{glob, within};

/// Expressions inside expressions inside expressions.
const DEEPEST: usize = 16;

/// Fills in a text.
///
/// # Errors
/// In words: what is no expression, and what `value` says of a variable.
pub(super) fn filled(text: &str, value: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut text = Expressions { outermost: text, rest: text, value, depth: 0 };
    let mut out = String::new();
    while !text.rest.is_empty() {
        text.outermost = text.rest;
        if text.takes("$$") {
            out.push('$');
        } else if text.takes("${") {
            out.push_str(&text.expression()?);
        } else {
            out.extend(text.next());
        }
        within(out.len())?;
    }
    Ok(out)
}

struct Expressions<'a> {
    /// The text from the expression on that is filled in.
    outermost: &'a str,
    rest: &'a str,
    value: &'a dyn Fn(&str) -> Result<String, String>,
    depth: usize,
}

impl<'a> Expressions<'a> {
    fn takes(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn wrong<T>(&self) -> Result<T, String> {
        Err(format!("`{}` is no expression that Flux can fill in", self.outermost.lines().next().unwrap_or_default()))
    }

    /// The letters of a variable's name.
    fn name(&mut self) -> Result<&'a str, String> {
        let end = self.rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        if name.is_empty() { self.wrong() } else { Ok(name) }
    }

    fn closes(&mut self) -> Result<(), String> {
        if self.takes("}") { Ok(()) } else { self.wrong() }
    }

    /// What stands behind `${`, up to its brace.
    fn expression(&mut self) -> Result<String, String> {
        if self.depth >= DEEPEST {
            return Err(format!("variables are nested more than {DEEPEST} levels deep"));
        }
        self.depth += 1;
        let filled = self.operation();
        self.depth -= 1;
        filled
    }

    fn operation(&mut self) -> Result<String, String> {
        if self.takes("#") {
            let name = self.name()?;
            self.closes()?;
            return Ok((self.value)(name)?.len().to_string());
        }
        let name = self.name()?;
        let defaults = ["=", ":=", ":-", ":?", ":+"];
        if defaults.iter().any(|sign| self.takes(sign)) {
            let default = self.default()?;
            let value = (self.value)(name)?;
            return Ok(if value.is_empty() { default } else { value });
        }
        let value = |text: &Self| (text.value)(name);
        if self.takes(":") {
            return self.part(&value(self)?);
        }
        match self.rest.chars().next() {
            Some(',' | '^') => self.in_case(&value(self)?),
            Some('/') => self.replaced(&value(self)?),
            Some(sign @ ('#' | '%')) => self.removed(&value(self)?, sign),
            _ => {
                self.closes()?;
                value(self)
            }
        }
    }

    /// The default behind its sign: text and expressions up to the brace.
    fn default(&mut self) -> Result<String, String> {
        let mut out = String::new();
        while !self.takes("}") {
            out.push_str(&self.argument(|letter| letter != '}', false)?);
            within(out.len())?;
        }
        Ok(out)
    }

    /// One expression, or the text up to one or to a letter that is not wanted.
    fn argument(&mut self, is_wanted: fn(char) -> bool, has_escapes: bool) -> Result<String, String> {
        if self.takes("${") {
            return self.expression();
        }
        let mut out = String::new();
        while !self.rest.is_empty() && !self.rest.starts_with("${") {
            let mut signs = [("$$", '$'), ("\\/", '/'), ("\\\\", '\\')].into_iter().filter(|_| has_escapes);
            if let Some((_, letter)) = signs.find(|(sign, _)| self.takes(sign)) {
                out.push(letter);
            } else if self.rest.starts_with(is_wanted) {
                out.extend(self.next());
            } else {
                break;
            }
        }
        if out.is_empty() { self.wrong() } else { Ok(out) }
    }

    /// `:position` and `:position:length`, in bytes; what is no number changes nothing.
    fn part(&mut self, value: &str) -> Result<String, String> {
        let position = self.argument(|letter| letter != ':' && letter != '}', false)?;
        let mut length = None;
        if !self.takes("}") {
            if !self.takes(":") {
                return self.wrong();
            }
            while self.takes(":") {}
            length = Some(self.argument(|letter| letter != '}', false)?);
            self.closes()?;
        }
        let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
        let Ok(position) = position.parse::<i64>() else { return Ok(value.to_owned()) };
        let start = if position < 0 { size.saturating_add(position).max(0) } else { position };
        let end = match length.map(|length| length.parse::<i64>()) {
            None => size,
            Some(Ok(length)) => start.saturating_add(length).min(size),
            Some(Err(_)) => return Ok(value.to_owned()),
        };
        if start >= size {
            return Ok(String::new());
        }
        let index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        // Flux itself breaks on a length below zero, and on letters that are cut in two.
        value.get(index(start)..index(end)).map_or_else(|| self.wrong(), |part| Ok(part.to_owned()))
    }

    /// `,`, `,,`, `^` and `^^`.
    fn in_case(&mut self, value: &str) -> Result<String, String> {
        let end = self.rest.find(|letter| letter != ',' && letter != '^').unwrap_or(self.rest.len());
        let (sign, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.closes()?;
        let mut letters = value.chars();
        let first = letters.next();
        Ok(match sign {
            "," => first.into_iter().flat_map(char::to_lowercase).chain(letters).collect(),
            "^" => first.into_iter().flat_map(char::to_uppercase).chain(letters).collect(),
            ",," => value.to_lowercase(),
            "^^" => value.to_uppercase(),
            ",^" | "^," => value.to_owned(),
            _ => return self.wrong(),
        })
    }

    /// `/a/b`, `//a/b`, `/#a/b` and `/%a/b`.
    fn replaced(&mut self, value: &str) -> Result<String, String> {
        self.takes("/");
        let sign = ["/", "#", "%"].into_iter().find(|sign| self.takes(sign));
        let from = self.argument(|letter| letter != '/', true)?;
        if !self.takes("/") {
            return self.wrong();
        }
        while self.takes("/") {}
        let to = if self.rest.starts_with('}') { None } else { Some(self.argument(|letter| letter != '}', true)?) };
        self.closes()?;
        let times = if sign == Some("/") { value.matches(&from).count() } else { 1 };
        within(value.len().saturating_add(times.saturating_mul(to.as_ref().map_or(0, String::len))))?;
        Ok(match (sign, &to) {
            (Some("/"), _) => value.replace(&from, to.as_deref().unwrap_or_default()),
            (None, _) => value.replacen(&from, to.as_deref().unwrap_or_default(), 1),
            (Some("#"), Some(to)) => {
                value.strip_prefix(&from).map(|rest| format!("{to}{rest}")).unwrap_or(value.into())
            }
            (Some(_), Some(to)) => value.strip_suffix(&from).map(|rest| format!("{rest}{to}")).unwrap_or(value.into()),
            (Some(_), None) => value.to_owned(),
        })
    }

    /// `#a`, `##a`, `%a` and `%%a`: a pattern that is taken away from one end.
    fn removed(&mut self, value: &str, sign: char) -> Result<String, String> {
        self.next();
        let is_longest = self.takes(sign.encode_utf8(&mut [0; 4]));
        let pattern = self.argument(|letter| letter != '}', false)?;
        self.closes()?;
        let backwards = |text: &str| text.chars().rev().collect::<String>();
        let without = |value: &str, pattern: &str| {
            glob::at_start(pattern, value, is_longest).map(|taken| value[taken..].to_owned())
        };
        match sign {
            '#' => without(value, &pattern),
            _ => without(&backwards(value), &backwards(&pattern)).map(|left| backwards(&left)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    fn of(text: &str) -> Result<String, String> {
        filled(text, &|name| {
            let known = [
                ("A", "ghcr.io/acme/shop:1.2"),
                ("F", "/path/to/file.tar.gz"),
                ("L", "abcABC123ABCabc"),
                ("N", "7"),
                ("ä", "é"),
            ];
            Ok(known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()).unwrap_or_default())
        })
    }

    #[test]
    fn every_operator_does_what_it_does_in_flux() {
        let cases = [
            ("a $N ${N}b$$N $${N} $$$${N} }", "a $N 7b$N ${N} $${N} }"),
            ("${#A} ${#none}", "21 0"),
            ("${L^} ${L^^} ${A^}", "AbcABC123ABCabc ABCABC123ABCABC Ghcr.io/acme/shop:1.2"),
            ("${L,} ${L,,} ${L,^}", "abcABC123ABCabc abcabc123abcabc abcABC123ABCabc"),
            ("${none=a} ${none:=b} ${none:-c} ${none:?d} ${none:+e} ${N:+f}", "a b c d e 7"),
            ("${none:=} ${none:-a${N}b${none:-c}}", " a7bc"),
            ("${none:=$${N}}", "$7"),
            (
                "${A:8} ${A:8:4} ${A:-3} ${A:x} ${A:0:x} ${A:99} ${A: -3}",
                "acme/shop:1.2 acme ghcr.io/acme/shop:1.2 ghcr.io/acme/shop:1.2 ghcr.io/acme/shop:1.2  ghcr.io/acme/shop:1.2",
            ),
            (
                "${L/abc/x} ${L//abc/x} ${L/#abc/x} ${L/%abc/x} ${L/abc/} ${L/#abc/}",
                "xABC123ABCabc xABC123ABCx xABC123ABCabc abcABC123ABCx ABC123ABCabc abcABC123ABCabc",
            ),
            (
                r"${A/ghcr.io\/acme/mirror} ${F//\//-} ${F/$$/x}",
                "mirror/shop:1.2 -path-to-file.tar.gz /path/to/file.tar.gz",
            ),
            (
                "${A##*:} ${A##*/} ${A#*/} ${F#*.} ${F##*.} ${F#x}",
                "1.2 shop:1.2 acme/shop:1.2 tar.gz gz /path/to/file.tar.gz",
            ),
            (
                "${F%.*} ${F%%.*} ${A%%/*} ${A%/*/*} ${A%:[0-9].?}",
                "/path/to/file.tar /path/to/file ghcr.io ghcr.io ghcr.io/acme/shop:1.2",
            ),
            ("${N#*} ${L#*}", " bcABC123ABCabc"),
            ("${L#[!z]}", "abcABC123ABCabc"),
            ("${L#[a-c]} ${L#[^z]} ${L#a[}", "bcABC123ABCabc bcABC123ABCabc abcABC123ABCabc"),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        let nested = "${none:=".repeat(40);
        let large = format!("${{A#{}}}", "[a-é]*".repeat(100_000));
        for text in [
            "${}",
            "${N",
            "${N-x}",
            "${N+x}",
            "${N?x}",
            "${ N}",
            "${N }",
            "${N:}",
            "${N:1:}",
            "${N:0:-1}",
            "${N/a}",
            "${N/}",
            "${N#}",
            "${N%a${N}}",
            "${N^^^}",
            "${N,x}",
            "${#}",
            "${none:=a",
            "${ä:0:1}",
            &nested,
            &large,
        ] {
            assert!(of(text).is_err(), "{text} {:?}", of(text));
        }
    }
}
