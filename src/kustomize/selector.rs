//! Selectors of kustomize: patterns for identities, and Kubernetes' selectors for labels and annotations.

use regex::Regex;

use super::id::Id;
use crate::yaml::Node;

/// What a patch or a replacement is for. Every field is an anchored pattern; an empty one fits anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// The API group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// Labels, as `kubectl --selector` takes them.
    pub labels: String,
    /// Annotations, in the same way.
    pub annotations: String,
}

/// A selector with its patterns compiled.
pub(super) struct Compiled<'a> {
    selector: &'a Selector,
    patterns: [Option<Regex>; 5],
}

impl Selector {
    /// Reads the fields of a `target`.
    pub fn read(node: &Node) -> Self {
        let field = |name: &str| node.get(name).and_then(Node::scalar_text).unwrap_or("").to_owned();
        Self {
            group: field("group"),
            version: field("version"),
            kind: field("kind"),
            name: field("name"),
            namespace: field("namespace"),
            labels: field("labelSelector"),
            annotations: field("annotationSelector"),
        }
    }

    pub(super) fn compile(&self) -> Result<Compiled<'_>, String> {
        let pattern = |text: &String| match text.as_str() {
            "" => Ok(None),
            text => Regex::new(&format!("^(?:{text})$")).map(Some).map_err(|_| format!("`{text}` is no pattern")),
        };
        let [group, version, kind, name, namespace] =
            [&self.group, &self.version, &self.kind, &self.name, &self.namespace].map(pattern);
        Ok(Compiled { selector: self, patterns: [group?, version?, kind?, name?, namespace?] })
    }
}

impl Compiled<'_> {
    fn fits(&self, field: usize, text: &str) -> bool {
        self.patterns[field].as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    /// Whether an identity fits by the namespace that is written.
    pub(super) fn fits_written(&self, id: &Id) -> bool {
        self.fits_kind(id) && self.fits(3, &id.name) && self.fits(4, &id.namespace)
    }

    /// Whether it asks for labels or annotations.
    pub(super) fn has_marks(&self) -> bool {
        !(self.selector.labels.is_empty() && self.selector.annotations.is_empty())
    }

    /// Whether it asks for anything of an identity.
    pub(super) fn has_identity(&self) -> bool {
        self.patterns.iter().any(Option::is_some)
    }

    fn fits_kind(&self, id: &Id) -> bool {
        self.fits(0, &id.group) && self.fits(1, &id.version) && self.fits(2, &id.kind)
    }

    /// Whether a patch for this selector is for an object: its first or its present name and namespace count.
    pub(super) fn selects(&self, object: &super::Object) -> Result<bool, String> {
        let (now, first) = (object.id(), object.original());
        let is_named = self.fits(3, &first.name) || self.fits(3, &now.name);
        let is_there = self.fits(4, first.effective_namespace()) || self.fits(4, now.effective_namespace());
        Ok(self.fits_kind(&now) && is_named && is_there && self.fits_marks(&object.root)?)
    }

    /// Whether an object's labels and annotations fit.
    pub(super) fn fits_marks(&self, root: &Node) -> Result<bool, String> {
        let marks = |field: &str| root.get("metadata").and_then(|metadata| metadata.get(field));
        Ok(fits_marks(&self.selector.labels, marks("labels"))?
            && fits_marks(&self.selector.annotations, marks("annotations"))?)
    }
}

/// Whether labels meet every requirement of a selector such as `app=web,tier in (a, b),!old`.
pub fn fits_marks(selector: &str, marks: Option<&Node>) -> Result<bool, String> {
    for requirement in requirements(selector) {
        if !meets(&requirement, marks)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The requirements between commas that are in no parentheses.
fn requirements(selector: &str) -> Vec<String> {
    let (mut all, mut depth) = (vec![String::new()], 0_u32);
    for letter in selector.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter == ',' && depth == 0 {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            last.push(letter);
        }
    }
    all.retain(|requirement| !requirement.trim().is_empty());
    all
}

fn meets(requirement: &str, marks: Option<&Node>) -> Result<bool, String> {
    let requirement = requirement.trim();
    let value = |key: &str| marks.and_then(|marks| marks.get(key.trim())).and_then(Node::scalar_text);
    if let Some(key) = requirement.strip_prefix('!') {
        return Ok(value(key).is_none());
    }
    if let Some((key, list)) = requirement.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        let is_listed = |text: &str| list.split(',').any(|item| item.trim() == text);
        let words: Vec<&str> = key.split_whitespace().collect();
        return match words.as_slice() {
            [key, "in"] => Ok(value(key).is_some_and(is_listed)),
            [key, "notin"] => Ok(!value(key).is_some_and(is_listed)),
            _ => Err(format!("`{requirement}` is no selector")),
        };
    }
    if requirement.starts_with('=') {
        return Err(format!("`{requirement}` is no selector"));
    }
    let equal = |key: &str, wanted: &str| match [key.trim(), wanted.trim()] {
        [key, wanted] if is_word(key) && is_word(wanted) => Ok(value(key) == Some(wanted)),
        _ => Err(format!("`{requirement}` is no selector")),
    };
    if let Some((key, wanted)) = requirement.split_once("!=") {
        return equal(key, wanted).map(|is_equal| !is_equal);
    }
    if let Some((key, wanted)) = requirement.split_once("==").or_else(|| requirement.split_once('=')) {
        return equal(key, wanted);
    }
    if !is_word(requirement) {
        return Err(format!("`{requirement}` is not followed as a selector"));
    }
    Ok(value(requirement).is_some())
}

/// Whether a text is one word of a selector.
fn is_word(text: &str) -> bool {
    !text.contains(['<', '>', '=', '!', '(', ')']) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    #[test]
    fn labels_are_selected_as_kubectl_does() {
        let text = "app: web\ntier: a\n";
        let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, text));
        let marks = Document::parse(source, text).expect("valid").root;
        let fitting = ["", "app=web", "app==web,tier in (a, b)", "!old", "app,tier!=b", "tier notin (b),old notin (x)"];
        for selector in fitting {
            assert_eq!(fits_marks(selector, Some(&marks)), Ok(true), "{selector}");
        }
        for selector in ["app=x", "old", "!app", "tier in (b)", "app=web,tier=b"] {
            assert_eq!(fits_marks(selector, Some(&marks)), Ok(false), "{selector}");
        }
        for selector in ["tier > 1", "app\nweb", "app=web x", "a b=web", "app=web=x"] {
            assert!(fits_marks(selector, Some(&marks)).is_err(), "{selector}");
        }
    }
}
