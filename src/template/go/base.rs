//! Base64 and base32 as Go's `encoding` packages read and write them, with their errors.

const STANDARD64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const STANDARD32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Standard base64 with padding.
pub fn encode64(bytes: &[u8]) -> String {
    encode(bytes, STANDARD64, 6, 3)
}

/// Standard base32 with padding.
pub fn encode32(bytes: &[u8]) -> String {
    encode(bytes, STANDARD32, 5, 5)
}

/// Groups of `group` bytes become characters of `bits` bits each.
fn encode(bytes: &[u8], alphabet: &[u8], bits: u32, group: usize) -> String {
    let width = group * 8 / bits as usize;
    let mut out = String::with_capacity(bytes.len().div_ceil(group) * width);
    for chunk in bytes.chunks(group) {
        let padded = chunk.iter().chain(std::iter::repeat(&0)).take(group);
        let number = padded.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let used = (chunk.len() * 8).div_ceil(bits as usize);
        for index in 0..width {
            let shift = bits as usize * (width - 1 - index);
            let digit = usize::try_from(number >> shift & ((1 << bits) - 1)).expect("a digit is small");
            out.push(if index < used { char::from(alphabet[digit]) } else { '=' });
        }
    }
    out
}

/// Reads base64; line breaks are skipped.
///
/// # Errors
/// Go's message with the position of the first wrong byte.
pub fn decode64(text: &[u8]) -> Result<Vec<u8>, String> {
    decode64_at(text).map_err(|position| format!("illegal base64 data at input byte {position}"))
}

fn decode64_at(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut position = 0;
    loop {
        let mut group = [0_u8; 4];
        let mut filled = 0;
        while filled < 4 {
            let Some(byte) = text.get(position) else {
                return if filled == 0 { Ok(out) } else { Err(position - filled) };
            };
            position += 1;
            match STANDARD64.iter().position(|digit| digit == byte) {
                Some(digit) => {
                    group[filled] = u8::try_from(digit).expect("a digit is below 64");
                    filled += 1;
                }
                None if matches!(byte, b'\n' | b'\r') => {}
                None if *byte == b'=' && filled >= 2 => {
                    padding(text, position, filled)?;
                    push_group(&mut out, group, filled);
                    return Ok(out);
                }
                None => return Err(position - 1),
            }
        }
        push_group(&mut out, group, 4);
    }
}

/// Checks that after a first `=` nothing follows but the second one, where one is due, and line breaks.
fn padding(text: &[u8], mut position: usize, filled: usize) -> Result<(), usize> {
    let skip = |position: &mut usize| {
        while matches!(text.get(*position), Some(b'\n' | b'\r')) {
            *position += 1;
        }
    };
    skip(&mut position);
    if filled == 2 {
        match text.get(position) {
            None => return Err(text.len()),
            Some(b'=') => position += 1,
            Some(_) => return Err(position - 1),
        }
        skip(&mut position);
    }
    if position < text.len() { Err(position) } else { Ok(()) }
}

fn push_group(out: &mut Vec<u8>, group: [u8; 4], filled: usize) {
    let [one, two, three, four] = group;
    let bytes = [one << 2 | two >> 4, two << 4 | three >> 2, three << 6 | four];
    out.extend_from_slice(&bytes[..filled - 1]);
}

/// Reads base32; line breaks are skipped.
///
/// # Errors
/// Go's message with the position of the first wrong byte, line breaks not counted.
pub fn decode32(text: &[u8]) -> Result<Vec<u8>, String> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    decode32_at(&text).map_err(|position| format!("illegal base32 data at input byte {position}"))
}

fn decode32_at(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 8 * 5 + 5);
    let mut position = 0;
    while position < text.len() {
        let (mut number, mut filled, mut ended) = (0_u64, 0, false);
        while filled < 8 && !ended {
            let Some(byte) = text.get(position) else { return Err(position - filled) };
            position += 1;
            if *byte == b'=' && filled >= 2 && text.len() - position < 8 {
                let due = 8 - filled - 1;
                if text.len() - position < due {
                    return Err(text.len());
                }
                if let Some(wrong) = text[position..position + due].iter().position(|byte| *byte != b'=') {
                    return Err(position + wrong - 1);
                }
                if matches!(filled, 1 | 3 | 6) {
                    return Err(position - 1);
                }
                ended = true;
            } else {
                let digit = STANDARD32.iter().position(|digit| digit == byte).ok_or(position - 1)?;
                number = number << 5 | digit as u64;
                filled += 1;
            }
        }
        let bytes = (number << (5 * (8 - filled))).to_be_bytes();
        out.extend_from_slice(&bytes[3..3 + filled * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["", "a", "ab", "abc", "abcd", "abcde", "äöü"] {
            assert_eq!(decode64(encode64(text.as_bytes()).as_bytes()).as_deref(), Ok(text.as_bytes()));
            assert_eq!(decode32(encode32(text.as_bytes()).as_bytes()).as_deref(), Ok(text.as_bytes()));
        }
        assert_eq!(encode64(b"ab"), "YWI=");
        assert_eq!(encode32(b"ab"), "MFRA====");
    }

    #[test]
    fn errors_name_the_byte() {
        for (text, position) in [("a", 0), ("YW", 0), ("Y?==", 1), ("YWI=x", 4), ("=", 0), ("YWI=\nx", 5), ("YW=", 3)] {
            assert_eq!(decode64_at(text.as_bytes()), Err(position), "{text}");
        }
    }
}
