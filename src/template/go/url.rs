//! URLs as Go's `net/url` takes them apart and puts them together.

use std::fmt;

use crate::template::print::quote::quote;

/// The parts of a URL, unescaped but for the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Url {
    /// `https`.
    pub scheme: String,
    /// Name and password.
    pub user: Option<User>,
    /// Host and port.
    pub host: String,
    /// Starts with `/` or is relative.
    pub path: String,
    /// What stands after `?`, escaped.
    pub query: String,
    /// What stands after the scheme where no slash does: `mailto:a@b`.
    pub opaque: String,
    /// What stands after `#`.
    pub fragment: String,
}

/// The part before `@`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password, where a colon stands.
    pub password: Option<String>,
}

/// What a part of a URL may hold unescaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Area {
    Path,
    Host,
    User,
    Fragment,
}

impl Url {
    /// `url.Parse`.
    ///
    /// # Errors
    /// Go's message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        let wrap = |error: String, shown: &str| format!("parse {}: {error}", quote(shown.as_bytes()));
        let mut url = Self::parse_rest(before).map_err(|error| wrap(error, before))?;
        url.fragment = unescape(fragment, Area::Fragment).map_err(|error| wrap(error, text))?;
        Ok(url)
    }

    fn parse_rest(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7F) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        if text == "*" {
            "*".clone_into(&mut url.path);
            return Ok(url);
        }
        let (scheme, rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        query.clone_into(&mut url.query);
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                rest.clone_into(&mut url.opaque);
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let authority = rest.strip_prefix("//").filter(|_| !url.scheme.is_empty() || !rest.starts_with("///"));
        let path = match authority {
            Some(authority) => {
                let end = authority.find('/').unwrap_or(authority.len());
                url.authority(&authority[..end])?;
                &authority[end..]
            }
            None => rest,
        };
        url.path = unescape(path, Area::Path)?;
        Ok(url)
    }

    fn authority(&mut self, text: &str) -> Result<(), String> {
        let (user, host) = text.rsplit_once('@').map_or((None, text), |(user, host)| (Some(user), host));
        self.host = host_and_port(host)?;
        let Some(user) = user else { return Ok(()) };
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
        if !user.bytes().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        let password = password.map(|password| unescape(password, Area::User)).transpose()?;
        self.user = Some(User { name: unescape(name, Area::User)?, password });
        Ok(())
    }

    /// The host without port and brackets.
    pub fn hostname(&self) -> &str {
        let without_port = match self.host.rfind(':') {
            Some(colon) if self.host[colon + 1..].bytes().all(|byte| byte.is_ascii_digit()) => &self.host[..colon],
            _ => &self.host,
        };
        let bracketed = without_port.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        bracketed.unwrap_or(without_port)
    }

    /// Name and password, escaped; empty without any.
    pub fn userinfo(&self) -> String {
        let Some(user) = &self.user else { return String::new() };
        let name = escape(&user.name, Area::User);
        match &user.password {
            Some(password) => format!("{name}:{}", escape(password, Area::User)),
            None => name,
        }
    }
}

/// The scheme, and what follows its colon.
fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if position > 0 => {}
            b':' if position > 0 => return Ok((&text[..position], &text[position + 1..])),
            b':' => return Err("missing protocol scheme".to_owned()),
            _ => break,
        }
    }
    Ok(("", text))
}

fn host_and_port(host: &str) -> Result<String, String> {
    let port = match host.strip_prefix('[') {
        Some(inner) => &inner[inner.rfind(']').ok_or("missing ']' in host")? + 1..],
        None => host.rfind(':').map_or("", |colon| &host[colon..]),
    };
    let digits = port.strip_prefix(':');
    if !port.is_empty() && !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(format!("invalid port {} after host", quote(port.as_bytes())));
    }
    unescape(host, Area::Host)
}

fn unescape(text: &str, area: Area) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes().enumerate();
    while let Some((position, byte)) = bytes.next() {
        if byte == b'%' {
            let code = text.get(position + 1..position + 3);
            let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
            let shown: String = text[position..].chars().take(3).collect();
            let code = code.filter(|code| area != Area::Host || !code.is_ascii());
            out.push(code.ok_or_else(|| format!("invalid URL escape {}", quote(shown.as_bytes())))?);
            bytes.nth(1);
            continue;
        }
        if area == Area::Host && byte.is_ascii() && !plain(byte, Area::Host) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        out.push(byte);
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Whether a byte goes unescaped.
fn plain(byte: u8, area: Area) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return true;
    }
    match area {
        Area::Host => b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Area::Path => b"$&+,/:;=@".contains(&byte),
        Area::User => b"$&+,;=".contains(&byte),
        Area::Fragment => b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escape(text: &str, area: Area) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte, area) {
            out.push(char::from(byte));
        } else {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            out.extend(['%', high, low]);
        }
    }
    out
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(formatter, "{}:", self.scheme)?;
        }
        if self.opaque.is_empty() {
            let has_authority = !self.host.is_empty() || self.user.is_some();
            if !self.scheme.is_empty() || has_authority {
                formatter.write_str(if has_authority || !self.path.is_empty() { "//" } else { "" })?;
                if self.user.is_some() {
                    write!(formatter, "{}@", self.userinfo())?;
                }
                formatter.write_str(&escape(&self.host, Area::Host))?;
            }
            let path = escape(&self.path, Area::Path);
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                formatter.write_str("/")?;
            }
            let colon_first = path.split('/').next().is_some_and(|segment| segment.contains(':'));
            if self.scheme.is_empty() && !has_authority && colon_first {
                formatter.write_str("./")?;
            }
            formatter.write_str(&path)?;
        } else {
            formatter.write_str(&self.opaque)?;
        }
        if !self.query.is_empty() {
            write!(formatter, "?{}", self.query)?;
        }
        if self.fragment.is_empty() { Ok(()) } else { write!(formatter, "#{}", escape(&self.fragment, Area::Fragment)) }
    }
}
