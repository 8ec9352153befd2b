//! Reads a custom resource definition of `apiextensions.k8s.io/v1`, and of v1beta1 for charts of old.

use super::{Crd, Defect, Name, Version};
use crate::schema::Unknown;
use crate::text::Location;
use crate::yaml::Node;

pub(super) fn crd(root: &Node) -> Result<Crd, Defect> {
    identify(root)?;
    let spec = mapping(root, "spec", "a custom resource definition", root.location)?;
    let names = mapping(spec, "names", "`spec`", root.key_location("spec"))?;
    let group = text(spec, "group", "`spec`", root.key_location("spec"))?;
    let kind = text(names, "kind", "`spec.names`", spec.key_location("names"))?;
    let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(name);
    let versions = versions(spec);
    if versions.is_empty() {
        return Err(Defect {
            location: root.key_location("spec"),
            message: "`spec.versions` lists no version".into(),
            help: "list at least one version with `name`, `served`, `storage` and `schema`".into(),
        });
    }
    Ok(Crd { name, group, kind, versions })
}

fn identify(root: &Node) -> Result<(), Defect> {
    let help = "`crds/` may hold custom resource definitions only; Helm installs its files before all others, \
                without templating, and never upgrades them";
    let wrong = |location, message: String| Err(Defect { location, message, help: help.into() });
    if root.as_map().is_none() {
        return wrong(root.location, format!("a file in `crds/` holds {} instead of an object", root.kind()));
    }
    let api = root.get("apiVersion").and_then(Node::as_str).unwrap_or("");
    let kind = root.get("kind").and_then(Node::as_str).unwrap_or("");
    if kind != "CustomResourceDefinition" {
        let what = if kind.is_empty() { "an object without `kind`".into() } else { format!("a `{kind}`") };
        return wrong(root.key_location("kind"), format!("{what} stands in `crds/`"));
    }
    if !api.starts_with("apiextensions.k8s.io/") {
        let location = root.key_location("apiVersion");
        return wrong(location, format!("`apiVersion` of a custom resource definition is `{api}`"));
    }
    Ok(())
}

fn mapping<'a>(node: &'a Node, key: &str, of: &str, at: Location) -> Result<&'a Node, Defect> {
    node.get(key).filter(|value| value.as_map().is_some()).ok_or_else(|| missing(node, key, of, at, "a mapping"))
}

fn text(node: &Node, key: &str, of: &str, at: Location) -> Result<Name, Defect> {
    let found = node.get(key).and_then(name).filter(|name| !name.text.is_empty());
    found.ok_or_else(|| missing(node, key, of, at, "a string"))
}

fn missing(node: &Node, key: &str, of: &str, at: Location, wanted: &str) -> Defect {
    let location = node.entry(key).map_or(at, |entry| entry.key.location);
    let message = match node.get(key) {
        None => format!("{of} has no `{key}`"),
        Some(value) => format!("`{key}` is {}", value.kind()),
    };
    Defect {
        location,
        message,
        help: format!("`{key}` has to be {wanted}; the API server refuses the definition without it"),
    }
}

fn name(node: &Node) -> Option<Name> {
    node.as_str().map(|text| Name { text: text.to_owned(), location: node.location })
}

/// `spec.versions`, each with what v1beta1 says once for all of them; else its `spec.version`.
fn versions(spec: &Node) -> Vec<Version> {
    let listed = spec.items("versions");
    let listed: Vec<_> = listed.iter().filter_map(|version| self::version(spec, version)).collect();
    if listed.is_empty() {
        spec.get("version").and_then(name).map(|name| single(spec, name)).into_iter().collect()
    } else {
        listed
    }
}

fn version(spec: &Node, node: &Node) -> Option<Version> {
    Some(Version {
        served: node.get("served").and_then(Node::as_bool).unwrap_or(false),
        schema: schema(node.get("schema")).or_else(|| schema(spec.get("validation"))),
        has_status: has_status(node) || has_status(spec),
        ..single(spec, node.get("name").and_then(name)?)
    })
}

fn single(spec: &Node, name: Name) -> Version {
    Version {
        name,
        served: true,
        schema: schema(spec.get("validation")),
        unknown: if spec.get("preserveUnknownFields").and_then(Node::as_bool) == Some(true) {
            Unknown::Kept
        } else {
            Unknown::Refused
        },
        has_status: has_status(spec),
    }
}

fn schema(parent: Option<&Node>) -> Option<Node> {
    parent?.get("openAPIV3Schema").filter(|schema| schema.as_map().is_some()).cloned()
}

fn has_status(node: &Node) -> bool {
    node.get("subresources").and_then(|subresources| subresources.get("status")).is_some_and(|status| !status.is_null())
}

#[cfg(test)]
mod tests {
    use super::super::Crd;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn read(text: &str) -> Result<Crd, String> {
        let sources = Sources::new();
        let id = sources.add(Source::new("crds/a.yaml", Address::Rendered, text));
        let document = Document::parse(id, text).expect("valid YAML");
        Crd::read(&document.root).map_err(|defect| format!("{} {}", sources.start(defect.location), defect.message))
    }

    const HEAD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";

    #[test]
    fn a_definition_is_read_with_its_versions() {
        let text = format!(
            "{HEAD}spec:\n  group: x.io\n  names: {{kind: Thing}}\n  versions:\n  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}\n  - {{name: v0, served: false}}\n"
        );
        let crd = read(&text).expect("a definition");
        assert_eq!((crd.group.text.as_str(), crd.kind.text.as_str()), ("x.io", "Thing"));
        let served: Vec<_> = crd.served().map(|version| version.name.text.as_str()).collect();
        assert_eq!(served, ["v1"]);
        assert!(crd.version("v1").is_some_and(|version| version.schema.is_some()));
    }

    #[test]
    fn v1beta1_may_have_one_version_and_one_schema_for_all() {
        let text = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nspec:\n  group: x.io\n  names: {kind: T}\n  version: v1\n  validation: {openAPIV3Schema: {type: object}}\n";
        let crd = read(text).expect("a definition");
        assert!(crd.version("v1").is_some_and(|version| version.served && version.schema.is_some()));
    }

    #[test]
    fn what_is_no_definition_says_why() {
        let cases = [
            ("- a\n", "1:1 a file in `crds/` holds a list instead of an object"),
            ("apiVersion: v1\nkind: ConfigMap\n", "2:1 a `ConfigMap` stands in `crds/`"),
            ("apiVersion: v1\n", "1:1 an object without `kind` stands in `crds/`"),
            (
                "apiVersion: v1\nkind: CustomResourceDefinition\n",
                "1:1 `apiVersion` of a custom resource definition is `v1`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).expect_err(text), expected);
        }
        let parts = [
            ("", "1:1 a custom resource definition has no `spec`"),
            ("spec:\n", "3:1 `spec` is null"),
            ("spec: {names: {kind: A}}\n", "3:1 `spec` has no `group`"),
            ("spec: {group: x, names: {kind: 1}}\n", "3:26 `kind` is a number"),
            ("spec: {group: x, names: {kind: A}}\n", "3:1 `spec.versions` lists no version"),
        ];
        for (text, expected) in parts {
            assert_eq!(read(&format!("{HEAD}{text}")).expect_err(text), expected);
        }
    }
}
