//! The grammar of container image references, as the distribution project defines it (`reference/regexp.go`).

use std::fmt;

/// An image reference in its parts; each may be empty but the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ImageRef {
    /// Host and port, where the reference names one.
    pub registry: String,
    /// Path below the registry.
    pub repository: String,
    /// Tag without the colon.
    pub tag: String,
    /// Digest without the at sign, as written.
    pub digest: String,
}

impl ImageRef {
    /// Takes a reference apart at `@`, the tag's `:` and the registry's `/`, without judging the parts.
    ///
    /// ```
    /// use chartgate::image::ImageRef;
    ///
    /// let image = ImageRef::split("ghcr.io/example/agents:1.8.0");
    /// assert_eq!((&*image.registry, &*image.repository, &*image.tag), ("ghcr.io", "example/agents", "1.8.0"));
    /// ```
    pub fn split(text: &str) -> Self {
        let (rest, digest) = text.split_once('@').unwrap_or((text, ""));
        let name_start = rest.rfind('/').map_or(0, |position| position + 1);
        let (name, tag) = match rest[name_start..].split_once(':') {
            Some((name, tag)) => (&rest[..name_start + name.len()], tag),
            None => (rest, ""),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((host, path)) if is_registry(host) => (host, path),
            _ => ("", name),
        };
        Self { registry: registry.into(), repository: repository.into(), tag: tag.into(), digest: digest.into() }
    }

    /// Registry and repository as they are written.
    pub fn name(&self) -> String {
        if self.registry.is_empty() {
            self.repository.clone()
        } else {
            format!("{}/{}", self.registry, self.repository)
        }
    }

    /// The host it is pulled from and its path there, with what Docker fills in: `nginx` is `library/nginx` at `docker.io`.
    pub fn home(&self) -> (String, String) {
        let host = match self.registry.as_str() {
            "" | "index.docker.io" | "registry-1.docker.io" => "docker.io",
            registry => registry,
        };
        let is_library = host == "docker.io" && !self.repository.contains('/');
        (host.to_owned(), format!("{}{}", if is_library { "library/" } else { "" }, self.repository))
    }

    /// Whether it has neither tag nor digest.
    pub fn is_bare(&self) -> bool {
        self.tag.is_empty() && self.digest.is_empty()
    }

    /// Whether the digest names a sha256 or sha512 in lower-case hex of full length.
    pub fn has_valid_digest(&self) -> bool {
        is_digest(&self.digest)
    }
}

/// Whether a text is `sha256:` and 64, or `sha512:` and 128 lower-case hex digits.
pub fn is_digest(text: &str) -> bool {
    let length = match text.split_once(':') {
        Some(("sha256", _)) => 64,
        Some(("sha512", _)) => 128,
        _ => return false,
    };
    let hex = &text[7..];
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_registry(host: &str) -> bool {
    host == "localhost" || host.contains(['.', ':'])
}

/// Why a text is no image reference, in words; its digest is judged by [`is_digest`] alone.
pub fn problem(text: &str) -> Option<&'static str> {
    let image = ImageRef::split(text);
    let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
    // The registry's port has a colon too.
    let has_tag = named.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if text.is_empty() {
        Some("it is empty")
    } else if text.chars().any(char::is_whitespace) {
        Some("it has a blank in it")
    } else if image.repository.is_empty() {
        Some("the repository is empty")
    } else if image.name().len() > MAX_NAME || !image.repository.split('/').all(is_path_component) {
        Some("the repository is not lower-case words between single slashes")
    } else if !image.registry.is_empty() && !is_host(&image.registry) {
        Some("the registry is not a host with an optional port")
    } else if has_tag && image.tag.is_empty() {
        Some("the tag after the colon is empty")
    } else if has_tag && !is_tag(&image.tag) {
        Some("the tag is not a word of at most 128 letters, digits, `_`, `.` and `-`")
    } else {
        (digest == Some("")).then_some("the digest after the at sign is empty")
    }
}

/// The longest name that registries take, registry and repository together.
const MAX_NAME: usize = 255;

/// Lower-case letters and digits, parted by `.`, `_`, `__` or dashes.
pub fn is_path_component(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let parts_well =
        |separator: &str| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-');
    let is_bounded = text.bytes().next().is_some_and(is_letter) && text.bytes().next_back().is_some_and(is_letter);
    is_bounded && text.split(|character: char| character.is_ascii() && is_letter(character as u8)).all(parts_well)
}

fn is_host(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "0"));
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_v6 = host.starts_with('[') && host.ends_with(']');
    (is_v6 || host.split('.').all(is_label)) && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

impl fmt::Display for ImageRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())?;
        if !self.tag.is_empty() {
            write!(formatter, ":{}", self.tag)?;
        }
        if !self.digest.is_empty() {
            write!(formatter, "@{}", self.digest)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_splits_into_registry_repository_tag_and_digest() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let cases = [
            ("nginx", "", "nginx", "", ""),
            ("nginx:1.27", "", "nginx", "1.27", ""),
            ("library/nginx", "", "library/nginx", "", ""),
            ("localhost:5000/a/b", "localhost:5000", "a/b", "", ""),
            ("localhost:5000/a/b:c", "localhost:5000", "a/b", "c", ""),
            ("ghcr.io/o/n@sha256:xyz", "ghcr.io", "o/n", "", "sha256:xyz"),
        ];
        for (text, registry, repository, tag, digest) in cases {
            let image = ImageRef::split(text);
            let parts = (&*image.registry, &*image.repository, &*image.tag, &*image.digest);
            assert_eq!(parts, (registry, repository, tag, digest), "{text}");
            assert_eq!(image.to_string(), text);
        }
        assert!(ImageRef::split(&format!("r.io/n:t@{digest}")).has_valid_digest());
    }

    #[test]
    fn a_reference_follows_the_grammar() {
        for text in ["nginx", "a/b__c/d--e:1", "localhost:5000/a", "r.io/a.b:V1_2@sha256:abc", "auto"] {
            assert_eq!(problem(text), None, "{text}");
        }
        for text in
            ["", ":", "nginx:", "Nginx:1", "r.io//a:1", "r.io/a:1 ", "a:b:c", "a..b", "r.io:x/a", "a/-b", "a@", "/a"]
        {
            assert!(problem(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_digest_is_full_length_lower_case_hex() {
        for text in
            ["", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", &format!("sha256:{}", "A".repeat(64))]
        {
            assert!(!is_digest(text), "{text}");
        }
        assert!(is_digest(&format!("sha512:{}", "0".repeat(128))));
    }
}
