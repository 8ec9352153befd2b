//! Messages as they come in: framed by headers, and none of them trusted. What cannot be read is said, and the next one read.

use std::io::{BufRead, ErrorKind, Read};

use lsp_server::Message;

/// Bytes of a message: the largest file that chartgate reads, written as JSON, is far below.
const LARGEST: usize = 64 << 20;
/// Bytes of a line of a header.
const LONGEST_LINE: u64 = 4096;

/// What stood where a message should be.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Box<Message>),
    /// Something else; what is wrong with it.
    Nonsense(String),
    /// The end.
    End,
}

/// Reads the next message.
pub(super) fn read(input: &mut impl BufRead) -> Incoming {
    let length = match length(input) {
        Ok(Some(length)) => length,
        Ok(None) => return Incoming::End,
        Err(what) => return Incoming::Nonsense(what),
    };
    if length > LARGEST {
        let skipped = std::io::copy(&mut input.take(length as u64), &mut std::io::sink());
        return match skipped {
            Ok(_) => Incoming::Nonsense(format!("a message of {length} bytes is larger than {LARGEST}")),
            Err(_) => Incoming::End,
        };
    }
    let mut body = vec![];
    match input.take(length as u64).read_to_end(&mut body) {
        Ok(read) if read == length => {}
        _ => return Incoming::End,
    }
    match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(Box::new(message)),
        Err(error) => Incoming::Nonsense(format!("a message is not one of JSON-RPC: {error}")),
    }
}

/// What the header says of the length; none at the end.
fn length(input: &mut impl BufRead) -> Result<Option<usize>, String> {
    let mut length = None;
    loop {
        let mut line = vec![];
        match input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Ok(None),
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return match length {
                Some(length) => Ok(Some(length)),
                None => Err("a message has no `Content-Length`".to_owned()),
            };
        }
        let Some((name, value)) = text.split_once(':') else {
            return Err("a line of a header has no colon".to_owned());
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            let number = value.trim().parse();
            length = Some(number.map_err(|_| "`Content-Length` is no number".to_owned())?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut found = vec![];
        loop {
            found.push(match read(&mut input) {
                Incoming::Message(message) => match *message {
                    Message::Request(request) => format!("request {}", request.method),
                    Message::Notification(notification) => format!("notification {}", notification.method),
                    Message::Response(response) => format!("response {}", response.id),
                },
                Incoming::Nonsense(what) => what,
                Incoming::End => return found,
            });
        }
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_message_is_said_and_the_next_one_read() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        let cases = [
            ("{}".to_owned(), "a message is not one of JSON-RPC"),
            ("[1".to_owned(), "a message is not one of JSON-RPC"),
            ("\u{1F600}".to_owned(), "a message is not one of JSON-RPC"),
        ];
        for (body, said) in cases {
            let found = all(&format!("{}{exit}", framed(&body)));
            assert!(found[0].starts_with(said) && found[1] == "notification exit", "{body}: {found:?}");
        }
        let found = all(&format!("hello\r\nContent-Length: x\r\n\r\n{exit}"));
        assert_eq!(found.last().map(String::as_str), Some("notification exit"), "{found:?}");
    }

    #[test]
    fn a_length_that_is_too_large_takes_no_memory() {
        assert_eq!(all("Content-Length: 99999999999\r\n\r\nshort").len(), 1);
        assert_eq!(
            all("Content-Length: 18446744073709551616\r\n\r\n"),
            ["`Content-Length` is no number", "a message has no `Content-Length`"]
        );
    }

    #[test]
    fn header_names_have_no_case_and_others_are_passed_over() {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#;
        let text = format!("content-type: x\ncontent-length: {}\n\n{body}", body.len());
        assert_eq!(all(&text), ["request shutdown"]);
    }
}
