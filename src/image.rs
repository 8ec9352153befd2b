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
    fn a_digest_is_full_length_lower_case_hex() {
        for text in
            ["", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", &format!("sha256:{}", "A".repeat(64))]
        {
            assert!(!is_digest(text), "{text}");
        }
        assert!(is_digest(&format!("sha512:{}", "0".repeat(128))));
    }
}
