//! Expressions of SPDX's licences, as people and tools write them.

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, ParseMode};

/// Whether a text is an expression of identifiers that SPDX lists, in whatever case of letters: those that it no longer recommends are
/// identifiers all the same.
pub fn is_license(text: &str) -> bool {
    let mode = ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };
    Expression::parse_mode(&in_own_case(text), mode).is_ok()
}

/// The text with identifiers and operators in the case of letters that they are listed in.
fn in_own_case(text: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | ':');
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let end =
            if is_word(first) { rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, behind) = rest.split_at(end);
        made.push_str(listed(word).unwrap_or(word));
        rest = behind;
    }
    made
}

fn listed(word: &str) -> Option<&'static str> {
    let names = LICENSES.iter().map(|license| license.name).chain(EXCEPTIONS.iter().map(|exception| exception.name));
    names.chain(["AND", "OR", "WITH"]).find(|name| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::is_license;

    #[test]
    fn identifiers_are_taken_in_any_case_and_beyond_their_time() {
        for text in [
            "MIT",
            "mit",
            "apache-2.0",
            "GPL-3.0",
            "AGPL-3.0",
            "LGPL-2.1+",
            "BSD-2-Clause-FreeBSD",
            "GPL-2.0-with-classpath-exception",
            "mit or (Apache-2.0 and gpl-2.0-only with classpath-exception-2.0)",
            "LicenseRef-own",
        ] {
            assert!(is_license(text), "{text}");
        }
        for text in ["", "NONE", "Apache License 2.0", "MIT, Apache-2.0", "Own"] {
            assert!(!is_license(text), "{text}");
        }
    }
}
