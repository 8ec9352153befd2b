//! Escapes in double quotes, where Go-YAML takes less than granit-parser.

/// The first escape in a text between double quotes that Go-YAML does not know: where it stands, its length, and what is wrong.
pub(super) fn refused(written: &str) -> Option<(usize, usize, &'static str)> {
    let mut rest = written;
    while let Some(escape) = rest.find('\\') {
        let (at, behind) = (written.len() - rest.len() + escape, &rest[escape + 1..]);
        let letter = behind.chars().next()?;
        if letter == '/' {
            return Some((at, 2, "found unknown escape character"));
        }
        let is_half = letter == 'u'
            && behind.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok()).is_some_and(is_surrogate);
        if is_half {
            return Some((at, 6, "found invalid Unicode character escape code"));
        }
        rest = &behind[letter.len_utf8()..];
    }
    None
}

/// Whether a code is half of a character of UTF-16, as JSON writes those beyond the first 65,536.
fn is_surrogate(code: u32) -> bool {
    (0xD800..0xE000).contains(&code)
}
