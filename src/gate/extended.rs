//! What a configuration extends: files of its tree, folders of rules, and published policies, each looked up before anything is read for what it means.

use std::path::Path;
use std::sync::Arc;

use super::Error;
use super::place::parent;
use crate::config::discover::{self, LIMIT, of_folder};
use crate::config::extends::{self, Entry, Layer};
use crate::config::{self, Located};
use crate::finding::{Failure, FailureKind};
use crate::network::oci::artifact::Reference;
use crate::source::{Error as SourceError, Tree, list_whole, normal};
use crate::text::{Address, Location, Source, Sources};

/// Files that one extends through another.
const DEPTH: usize = 8;
/// Texts of a configuration.
const MOST: usize = 64;

/// A folder of rules.
#[derive(Debug, Clone)]
pub(super) struct RuleFolder {
    /// Where it lies.
    pub tree: Arc<dyn Tree>,
    /// Its path there.
    pub folder: String,
}

/// What a configuration is made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Extended {
    /// Its texts and sets in the order in which they count, the file itself last.
    pub layers: Vec<Layer>,
    /// Folders of rules that it names.
    pub rules: Vec<RuleFolder>,
    /// The files that it extends in its own tree, as paths there.
    pub files: Vec<String>,
}

/// A configuration before it is looked at.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it lies.
    pub tree: Arc<dyn Tree>,
    /// Its path there.
    pub path: String,
    /// Its path in reports.
    pub shown: String,
    /// Where its text was read from.
    pub address: Address,
    /// Its bytes.
    pub data: Vec<u8>,
    /// The folder that patterns are relative to where it is not the file's own: the tree is no part of what is judged.
    pub home: Option<String>,
}

impl Text {
    /// A file of a tree that lies where charts do.
    pub(super) fn of(tree: &Arc<dyn Tree>, found: discover::Found) -> Self {
        let (shown, address) = (tree.shown(&found.path), tree.address(&found.path));
        Self { tree: Arc::clone(tree), path: found.path, shown, address, data: found.data, home: None }
    }

    /// The folder that its patterns are relative to, as reports name it.
    pub(super) fn folder(&self) -> String {
        let own = || {
            let folder = parent(&self.path);
            if folder.is_empty() { String::new() } else { self.tree.shown(folder) }
        };
        self.home.clone().unwrap_or_else(own)
    }
}

/// Finds a published policy.
pub(super) type Fetch<'a> = &'a dyn Fn(&Reference) -> Result<Arc<dyn Tree>, Box<Failure>>;

/// What a configuration is made of.
///
/// # Errors
/// An entry that leads to nothing, out of the tree or back to itself; a policy that cannot be had, or a bound that is reached, as failures.
pub(super) fn extended(text: Text, fetch: Fetch<'_>, sources: &Sources) -> Result<Extended, Error> {
    let own = Arc::clone(&text.tree);
    let mut gathering = Gathering { fetch, sources, own, above: vec![], found: Extended::default() };
    gathering.add(text, None)?;
    Ok(gathering.found)
}

struct Gathering<'a> {
    fetch: Fetch<'a>,
    sources: &'a Sources,
    /// The tree of the file that counts.
    own: Arc<dyn Tree>,
    /// The files on the way to the one that is looked at, as reports name them.
    above: Vec<String>,
    found: Extended,
}

impl Gathering<'_> {
    /// Adds a text behind all that it extends; `by` is the entry that names it.
    fn add(&mut self, text: Text, by: Option<Location>) -> Result<(), Error> {
        if let Some(at) = by {
            self.within_bounds(&text, at)?;
        }
        let folder = text.folder();
        let Text { tree, path, shown, address, data, home } = text;
        let content = String::from_utf8(data);
        let content = content.map_err(|_| Error::usage(format!("`{shown}` is not UTF-8"), "save it as UTF-8"))?;
        let source = self.sources.add(Source::new(shown.clone(), address, content));
        let entries = extends::entries(source, &self.sources.get(source).text).map_err(Error::Config)?;
        self.above.push(shown);
        for Located { value, at } in entries {
            match value {
                Entry::Set(value) => self.found.layers.push(Layer::Set(Located { value, at })),
                Entry::Path(named) => {
                    let near = Near { tree: &tree, folder: parent(&path), home: home.as_deref() };
                    self.add_path(&near, &named, at)?;
                }
                Entry::Policy(reference) => self.add_policy(&reference, &folder, at)?,
            }
        }
        self.above.pop();
        self.found.layers.push(Layer::Text { source, folder });
        Ok(())
    }

    fn within_bounds(&self, text: &Text, at: Location) -> Result<(), Error> {
        if let Some(index) = self.above.iter().position(|above| *above == text.shown) {
            let way: Vec<String> = self.above[index..].iter().map(|path| format!("`{path}`")).collect();
            let message = if way.len() == 1 {
                format!("{} extends itself", way[0])
            } else {
                format!("{} extend each other in a circle", way.join(", "))
            };
            return Err(Error::Config(vec![config::Error::new(at, message).help("remove one of the entries")]));
        }
        let is_text = |layer: &&Layer| matches!(layer, Layer::Text { .. });
        let over = if self.above.len() >= DEPTH {
            format!("`{}` is extended through more than {DEPTH} files", text.shown)
        } else if self.found.layers.iter().filter(is_text).count() + self.above.len() >= MOST {
            format!("the configuration extends more than {MOST} files")
        } else {
            return Ok(());
        };
        let failure = Failure::new(FailureKind::Limit, over).at(at);
        Err(Error::Failed(vec![failure.help("put what they say into fewer files")]))
    }

    /// A configuration or a folder of rules beside the file that names it.
    fn add_path(&mut self, near: &Near<'_>, named: &str, at: Location) -> Result<(), Error> {
        let wrong = |message: String, help: &str| Error::Config(vec![config::Error::new(at, message).help(help)]);
        let path = normal(near.folder, Path::new(named)).filter(|_| !named.starts_with('/'));
        let path = path.ok_or_else(|| {
            let message = format!("`{named}` leads out of {}", near.whole());
            wrong(message, "name a file or folder in it, or publish the policy and name it by `oci://…@sha256:…`")
        })?;
        let help = "name a configuration, or a folder of rules, relative to this file";
        match near.tree.read(&path, LIMIT) {
            Ok(data) => {
                if Arc::ptr_eq(near.tree, &self.own) {
                    self.found.files.push(path.clone());
                }
                let (shown, address) = (near.tree.shown(&path), near.tree.address(&path));
                let (tree, home) = (Arc::clone(near.tree), near.home.map(str::to_owned));
                self.add(Text { tree, path, shown, address, data, home }, Some(at))
            }
            Err(SourceError::NotFound { .. }) => {
                Err(wrong(format!("`{}` does not exist", near.tree.shown(&path)), help))
            }
            Err(SourceError::WrongKind { .. }) => {
                let entries = list_whole(&**near.tree, &path).map_err(|error| wrong(error.to_string(), help))?;
                let is_rule = |path: &str| path.ends_with(".yaml") || path.ends_with(".yml");
                if !entries.iter().any(|entry| is_rule(&entry.path)) {
                    let message = format!("the folder `{}` holds no rules", near.tree.shown(&path));
                    return Err(wrong(message, "name a folder of rule files, or a configuration by its file"));
                }
                self.found.rules.push(RuleFolder { tree: Arc::clone(near.tree), folder: path });
                Ok(())
            }
            Err(error) => Err(wrong(error.to_string(), help)),
        }
    }

    /// A published policy, whose patterns are relative to the folder of the file that names it.
    fn add_policy(&mut self, reference: &Reference, folder: &str, at: Location) -> Result<(), Error> {
        let failed = |failure: Failure| Error::Failed(vec![failure.at(at)]);
        let tree = (self.fetch)(reference).map_err(|failure| failed(*failure))?;
        match of_folder(&*tree, "") {
            Ok(Some(found)) => self.add(Text { home: Some(folder.to_owned()), ..Text::of(&tree, found) }, Some(at)),
            Ok(None) => {
                let message = format!("the policy `{reference}` holds no `chartgate.yaml`");
                Err(failed(
                    Failure::new(FailureKind::Read, message).help("push it with one: `oras push … chartgate.yaml`"),
                ))
            }
            Err(error) => {
                let message = format!("the policy `{reference}` cannot be read: {error}");
                Err(failed(Failure::new(FailureKind::Read, message).help(error.help())))
            }
        }
    }
}

/// Where a path of `extends` starts from.
struct Near<'a> {
    tree: &'a Arc<dyn Tree>,
    folder: &'a str,
    home: Option<&'a str>,
}

impl Near<'_> {
    /// What a path must not leave.
    fn whole(&self) -> String {
        match self.tree.address("") {
            Address::Archived { archive } => format!("the policy `{archive}`"),
            Address::Disk(_) if self.home.is_some() => "the folder of the configuration".to_owned(),
            _ => "the repository".to_owned(),
        }
    }
}
