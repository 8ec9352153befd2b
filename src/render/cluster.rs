//! The cluster that an earlier rendering was installed into: what `lookup` finds when a chart is rendered again.

use std::sync::Arc;

use super::{Manifest, Options, Rendered};
use crate::template::call::Cluster;
use crate::template::go::base;
use crate::yaml::{Entry, Mapping, Node, Style, Value};

/// The objects of a rendering, in the release's namespace where they name none.
struct Installed {
    rendered: Arc<Rendered>,
    namespace: String,
}

/// The cluster of a rendering.
pub(super) fn cluster(options: &Options) -> Option<Box<dyn Cluster>> {
    let rendered = Arc::clone(options.cluster.as_ref()?);
    Some(Box::new(Installed { rendered, namespace: options.namespace.clone() }))
}

impl Cluster for Installed {
    fn objects(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Vec<Node> {
        let is_wanted = |manifest: &&Manifest| {
            let root = &manifest.document.root;
            let own = manifest.namespace.as_deref().unwrap_or(&self.namespace);
            manifest.kind == kind
                && root.get("apiVersion").and_then(Node::scalar_text) == Some(api_version)
                && (namespace.is_empty() || own == namespace)
                && (name.is_empty() || manifest.name == name)
        };
        self.rendered.manifests.iter().filter(is_wanted).map(stored).collect()
    }
}

/// The object as a cluster keeps it: the `stringData` of a Secret becomes `data`.
fn stored(manifest: &Manifest) -> Node {
    let root = &manifest.document.root;
    let Some((mapping, texts)) = root.as_map().zip(root.get("stringData").and_then(Node::as_map)) else {
        return root.clone();
    };
    let encoded = |entry: &Entry| {
        let text = base::encode64(entry.value.helm_text().unwrap_or_default().as_bytes());
        let value = Node { value: Value::String(text.into()), style: Style::Plain, ..entry.value.clone() };
        Entry { value, ..entry.clone() }
    };
    let known = root.get("data").and_then(Node::as_map).map(Mapping::entries).unwrap_or_default();
    let entries = known.iter().cloned().chain(texts.entries().iter().map(encoded)).collect();
    let mut entry = mapping.entry("stringData").expect("it was just read").clone();
    let key = Value::String("data".into());
    entry.key = Node { value: key, ..entry.key };
    entry.value = Node { value: Value::Map(Arc::new(Mapping::new(entries))), ..entry.value };
    let is_other = |entry: &&Entry| !["data", "stringData"].contains(&&*entry.key.key_text());
    let others = mapping.entries().iter().filter(is_other).cloned();
    Node { value: Value::Map(Arc::new(others.chain([entry]).collect::<Mapping>())), ..root.clone() }
}
