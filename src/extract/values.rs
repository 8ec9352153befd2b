//! Images as the values describe them: the root `image` block and those of components, which may fall back to it.

use super::ImageUse;
use crate::image::ImageRef;
use crate::text::Location;
use crate::yaml::{KeyPath, Node};

/// Every image block of merged values, but for those inside a component with `enabled: false`.
///
/// A component's block without a repository takes the root's; without tag and digest of its own it takes those, each by itself.
pub fn images(values: &Node) -> Vec<ImageUse> {
    let root = values.get("image").filter(|node| is_block(node));
    let mut found = vec![];
    walk(values, &KeyPath::default(), root, &mut found);
    found
}

fn walk(node: &Node, path: &KeyPath, root: Option<&Node>, found: &mut Vec<ImageUse>) {
    let Some(mapping) = node.as_map() else { return };
    if node.get("enabled").and_then(Node::as_bool) == Some(false) && !path.0.is_empty() {
        return;
    }
    for (key, entry) in mapping.effective() {
        let below = path.key(&key);
        if is_image_key(&key) && is_block(&entry.value) {
            let fallback = root.filter(|_| path != &KeyPath::default() || key != "image");
            found.extend(image(&entry.value, &below, entry.key.location, fallback));
        } else {
            walk(&entry.value, &below, root, found);
        }
    }
}

fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image")
}

fn is_block(node: &Node) -> bool {
    let fields = ["registry", "repository", "tag", "digest"];
    node.as_map().is_some() && fields.iter().any(|field| node.get(field).is_some())
}

/// A field that is set to something.
fn set<'a>(block: &'a Node, field: &str) -> Option<&'a Node> {
    block.get(field).filter(|node| node.scalar_text().is_some_and(|text| !text.is_empty()))
}

fn image(block: &Node, path: &KeyPath, key: Location, root: Option<&Node>) -> Option<ImageUse> {
    let own_repository = set(block, "repository");
    let has_own_version = set(block, "tag").is_some() || set(block, "digest").is_some();
    let inherits_version = own_repository.is_none() || !has_own_version;
    let inherited = |field: &str| root.and_then(|root| set(root, field));
    let repository = own_repository.or_else(|| inherited("repository"))?;
    let version = |field: &str| set(block, field).or_else(|| inherited(field).filter(|_| inherits_version));
    let (tag, digest) = (version("tag"), version("digest"));
    let registry = set(block, "registry").or_else(|| inherited("registry").filter(|_| own_repository.is_none()));
    let text = |node: Option<&Node>| node.and_then(Node::scalar_text).unwrap_or("").to_owned();
    let named = ImageRef::split(&text(Some(repository)));
    let registry = if named.registry.is_empty() { text(registry) } else { named.registry.clone() };
    let or_named = |field: String, named: &str| if field.is_empty() { named.to_owned() } else { field };
    let image = ImageRef {
        registry,
        repository: named.repository,
        tag: or_named(text(tag), &named.tag),
        digest: or_named(text(digest), &named.digest),
    };
    let written_digest = block.entry("digest").map(|entry| entry.value.location);
    Some(ImageUse {
        image,
        at: digest.map(|node| node.location).or(written_digest).or(tag.map(|node| node.location)).unwrap_or(key),
        path: path.key("digest"),
        owner: format!("values block `{path}`"),
        set_by: [Some(repository), tag, digest].into_iter().flatten().map(|node| node.location).collect(),
        tag_at: tag.map(|node| node.location),
        main: path.0.len() == 1 && path.to_string() == "image",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn shown(text: &str) -> Vec<String> {
        let source = Sources::new().add(Source::new("values.yaml", Address::Rendered, text));
        let root = Document::parse(source, text).expect("valid").root;
        images(&root).into_iter().map(|image| format!("{} {}", image.path, image.image)).collect()
    }

    #[test]
    fn a_component_without_a_version_of_its_own_takes_the_roots() {
        let values = "image: {repository: a, tag: '1', digest: d}\nweb: {image: {repository: b, tag: ''}}\n";
        assert_eq!(shown(values), ["image.digest a:1@d", "web.image.digest b:1@d"]);
    }

    #[test]
    fn a_component_with_a_tag_of_its_own_does_not_borrow_a_digest() {
        let values =
            "image: {repository: a, tag: '1', digest: d}\nrunner: {image: {repository: b, tag: '2', digest: ''}}\n";
        assert_eq!(shown(values), ["image.digest a:1@d", "runner.image.digest b:2"]);
    }

    #[test]
    fn disabled_components_and_bare_names_are_silent() {
        let values = "image: nginx\nbackup: {enabled: false, image: {repository: b}}\nimagePullSecrets: []\n";
        assert_eq!(shown(values), Vec::<String>::new());
    }
}
