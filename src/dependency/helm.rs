//! What the user's Helm knows of repositories, and what it has downloaded (`pkg/repo/v1`, `pkg/downloader/cache.go`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use sha2::{Digest, Sha256};

use super::cache::read;
use crate::source::CHART_LIMIT;
use crate::text::hex;
use crate::text::{Address, Source, Sources};
use crate::yaml::{Document, Node};

/// Bytes of repositories.yaml.
const CONFIG_LIMIT: u64 = 4 * 1024 * 1024;
/// Bytes of an index.
const INDEX_LIMIT: u64 = 256 * 1024 * 1024;

/// Where Helm keeps its files.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// repositories.yaml (`HELM_REPOSITORY_CONFIG`).
    pub repositories: Option<PathBuf>,
    /// The folder of indexes, and of Helm 3's packages (`HELM_REPOSITORY_CACHE`).
    pub repository_cache: Option<PathBuf>,
    /// The folder of Helm 4's packages (`HELM_CONTENT_CACHE`).
    pub content_cache: Option<PathBuf>,
}

/// A repository as repositories.yaml has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    name: String,
    url: String,
    username: String,
    password: String,
}

impl Repository {
    /// Its address, with the user and password that are stored for it.
    pub fn address(&self) -> String {
        let Ok(mut url) = Url::parse(&self.url) else { return self.url.clone() };
        if !self.username.is_empty() {
            let said = url.set_username(&self.username).and_then(|()| url.set_password(Some(&self.password)));
            if said.is_err() {
                return self.url.clone();
            }
        }
        url.into()
    }

    /// Its address as it is written.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The user's Helm.
#[derive(Debug, Default)]
pub struct Helm {
    folders: Folders,
    repositories: Vec<Repository>,
    indexes: Mutex<BTreeMap<String, Option<Arc<str>>>>,
}

impl Helm {
    /// Reads repositories.yaml; one that cannot be read names no repository.
    pub fn read(folders: Folders) -> Self {
        let text = folders.repositories.as_ref().and_then(|path| String::from_utf8(read(path, CONFIG_LIMIT)?).ok());
        let repositories = text.map(|text| repositories(&text)).unwrap_or_default();
        Self { folders, repositories, indexes: Mutex::default() }
    }

    /// The repository behind `@name` or `alias:name`.
    pub fn named(&self, alias: &str) -> Option<&Repository> {
        let name = alias.strip_prefix('@').or(alias.strip_prefix("alias:"))?;
        self.repositories.iter().find(|repository| repository.name == name)
    }

    /// The repository at an address.
    pub fn at(&self, url: &str) -> Option<&Repository> {
        let trimmed = |url: &str| url.trim_end_matches('/').to_owned();
        self.repositories.iter().find(|repository| trimmed(&repository.url) == trimmed(url))
    }

    /// Every address that repositories.yaml names.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.repositories.iter().map(Repository::url)
    }

    /// A package that Helm has downloaded, where the index that it has of the repository vouches for it.
    pub fn find(&self, url: &str, chart: &str, version: &str) -> Option<Vec<u8>> {
        let index = self.index(url)?;
        let digest = digest(&index, chart, version)?;
        let content =
            self.folders.content_cache.as_ref().map(|folder| folder.join(&digest[..2]).join(format!("{digest}.chart")));
        let package =
            self.folders.repository_cache.as_ref().map(|folder| folder.join(format!("{chart}-{version}.tgz")));
        let found = [content, package].into_iter().flatten().filter_map(|path| read(&path, CHART_LIMIT));
        found.into_iter().find(|data| hex(&Sha256::digest(data)) == digest)
    }

    /// The index that Helm has of a repository, as its server sent it.
    fn index(&self, url: &str) -> Option<Arc<str>> {
        let name = match self.at(url) {
            Some(known) => known.name.clone(),
            None => format!("helm-manager-{}", hex(&Sha256::digest(url))),
        };
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = indexes.get(&name) {
            return known.clone();
        }
        let path = self.folders.repository_cache.as_ref()?.join(format!("{name}-index.yaml"));
        let text = read(&path, INDEX_LIMIT).and_then(|data| String::from_utf8(data).ok()).map(Arc::from);
        indexes.insert(name, text.clone());
        text
    }
}

fn repositories(text: &str) -> Vec<Repository> {
    let source = Sources::new().add(Source::new("repositories.yaml", Address::Rendered, text));
    let documents = Document::parse_all(source, text).unwrap_or_default();
    let list = documents.first().and_then(|document| document.root.get("repositories")?.as_seq());
    let field = |node: &Node, name: &str| node.get(name).and_then(Node::scalar_text).unwrap_or_default().to_owned();
    let each = |node: &Node| Repository {
        name: field(node, "name"),
        url: field(node, "url"),
        username: field(node, "username"),
        password: field(node, "password"),
    };
    list.unwrap_or_default().iter().map(each).collect()
}

/// The SHA-256 that an index has for a version, in lower-case hexadecimal digits. Indexes have tens of megabytes, so that lines are looked
/// at and nothing is parsed: an index that is not written as `helm repo index` writes it says nothing.
fn digest(index: &str, chart: &str, version: &str) -> Option<String> {
    let start = format!("\n  {chart}:\n");
    let section = &index[index.find(&start)? + start.len()..];
    let (mut item, mut found): (Option<usize>, [Option<&str>; 2]) = (None, [None; 2]);
    let is_it = |found: &[Option<&str>; 2]| found[0] == Some(version);
    for line in section.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if indent < 2 || indent == 2 && !text.starts_with("- ") {
            break;
        }
        let is_item = text.starts_with("- ") && item.is_none_or(|known| known == indent);
        if is_item {
            if is_it(&found) {
                break;
            }
            (item, found) = (Some(indent), [None; 2]);
        }
        let text = if is_item { &text[2..] } else { text };
        if is_item || item.is_some_and(|known| indent == known + 2) {
            let value = |key: &str| text.strip_prefix(key).map(|value| value.trim().trim_matches(['"', '\'']));
            found = [value("version:").or(found[0]), value("digest:").or(found[1])];
        }
    }
    let digest = found[1].filter(|_| is_it(&found))?;
    let digest = digest.strip_prefix("sha256:").unwrap_or(digest).to_ascii_lowercase();
    (digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_found_in_an_index_as_helm_writes_it() {
        let (first, second) = ("a".repeat(64), "b".repeat(64));
        let index = format!(
            "apiVersion: v1\nentries:\n  common:\n  - apiVersion: v2\n    dependencies:\n    - name: x\n      version: 2.0.0\n    \
             digest: {first}\n    urls:\n    - https://x/common-1.0.0.tgz\n    version: 1.0.0\n  - digest: {second}\n    \
             name: common\n    version: \"2.0.0\"\n  other:\n  - digest: {first}\n    version: 3.0.0\ngenerated: x\n"
        );
        assert_eq!(digest(&index, "common", "1.0.0").as_deref(), Some(first.as_str()));
        assert_eq!(digest(&index, "common", "2.0.0").as_deref(), Some(second.as_str()));
        for (chart, version) in [("common", "3.0.0"), ("x", "2.0.0"), ("none", "1.0.0")] {
            assert_eq!(digest(&index, chart, version), None, "{chart} {version}");
        }
        assert_eq!(digest(&index.replace(&second, "none"), "common", "2.0.0"), None);
    }

    #[test]
    fn a_repository_is_known_by_name_and_by_address_and_keeps_its_password() {
        let text = "repositories:\n- name: acme\n  url: https://charts.example.org/\n  username: ann\n  password: a/b\n- name: x\n  url: y\n";
        let helm = Helm { repositories: repositories(text), ..Helm::default() };
        let acme = helm.named("@acme").expect("it is named");
        assert_eq!(Some(acme), helm.at("https://charts.example.org"));
        assert_eq!(acme.address(), "https://ann:a%2Fb@charts.example.org/");
        assert!(helm.named("alias:none").is_none() && helm.at("https://other.example.org").is_none());
    }
}
