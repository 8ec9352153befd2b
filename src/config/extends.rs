//! `extends`: what a configuration is laid over: sets of rules, files and folders of the repository, published policies.

use super::{Error, Located};
use crate::network::oci::artifact::{Reference, Unfit};
use crate::text::{Address, Location, Source, SourceId, Sources};
use crate::yaml::Document;

/// An entry of `extends`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A set of rules that are off by default.
    Set(String),
    /// A configuration, or a folder of rules, relative to the file that names it.
    Path(String),
    /// A policy in a registry.
    Policy(Reference),
}

/// A text that a configuration is made of, or a set that it turns on. The later one counts over the earlier.
#[derive(Debug, Clone)]
pub enum Layer {
    /// A file.
    Text {
        /// The file.
        source: SourceId,
        /// The folder that its patterns and paths are relative to, as reports name it; `""` for their root.
        folder: String,
    },
    /// A set of rules.
    Set(Located<String>),
}

/// The entries of a configuration's `extends`, in order. What is no list of texts is left to who reads the whole.
///
/// # Errors
/// A text that is not YAML, and an address that names no artifact for good.
pub fn entries(source: SourceId, text: &str) -> Result<Vec<Located<Entry>>, Vec<Error>> {
    let document =
        Document::parse(source, text).map_err(|error| vec![Error::new(error.location, error.message.clone())])?;
    let (mut found, mut errors) = (vec![], vec![]);
    for node in document.root.get("extends").and_then(|list| list.as_seq()).unwrap_or_default() {
        match node.as_str().map(|text| entry(text, node.location)) {
            Some(Ok(value)) => found.push(Located { value, at: node.location }),
            Some(Err(error)) => errors.push(error),
            None => {}
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The same of a text that nobody reports on; nothing where it cannot be read.
pub fn named(text: &str) -> Vec<Entry> {
    let source = Sources::new().add(Source::new("", Address::Rendered, text));
    entries(source, text).unwrap_or_default().into_iter().map(|entry| entry.value).collect()
}

fn entry(text: &str, at: Location) -> Result<Entry, Error> {
    if text.contains("://") {
        let wrong = |unfit: Unfit| {
            let help = match unfit {
                Unfit::Address => "write `oci://HOST/PATH@sha256:…`".to_owned(),
                Unfit::Digest => format!(
                    "write `oci://HOST/PATH@sha256:…`; `oras resolve {}` prints the digest",
                    text.trim_start_matches("oci://").split('@').next().unwrap_or_default()
                ),
            };
            Error::new(at, format!("`{}` {unfit}", crate::text::veil::veiled(text))).help(help)
        };
        return Reference::parse(text).map(Entry::Policy).map_err(wrong);
    }
    let is_file = [".yaml", ".yml"].iter().any(|end| text.ends_with(end));
    Ok(if is_file || text.contains('/') || text.starts_with('.') {
        Entry::Path(text.to_owned())
    } else {
        Entry::Set(text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_set_a_path_or_a_policy() {
        let digest = "a".repeat(64);
        let text = format!(
            "extends: [certified, image-*, ./policy, ../base.yaml, base.yml, ., 'oci://h/p@sha256:{digest}']\n"
        );
        let found = named(&text);
        let set = |name: &str| Entry::Set(name.to_owned());
        let path = |name: &str| Entry::Path(name.to_owned());
        let expected =
            [set("certified"), set("image-*"), path("./policy"), path("../base.yaml"), path("base.yml"), path(".")];
        assert_eq!(found[..6], expected);
        assert!(matches!(&found[6], Entry::Policy(reference) if reference.to_string().ends_with(&digest)));
        assert_eq!(named("extends: { a: b }\n"), []);
    }

    #[test]
    fn a_policy_without_a_digest_is_an_error_that_says_how_to_find_it() {
        let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, ""));
        let errors = entries(source, "extends: ['oci://h/p:1', 'https://h/p']\n").expect_err("neither is pinned");
        let said: Vec<_> = errors.iter().map(|error| (error.message.as_str(), error.help.as_deref())).collect();
        assert_eq!(
            said,
            [
                (
                    "`oci://h/p:1` names no digest, and what a tag names can change",
                    Some("write `oci://HOST/PATH@sha256:…`; `oras resolve h/p:1` prints the digest")
                ),
                ("`https://h/p` is no address of a registry", Some("write `oci://HOST/PATH@sha256:…`")),
            ]
        );
    }
}
