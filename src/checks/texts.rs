//! Texts of rendered objects.

use std::borrow::Cow;

use crate::render::Object;
use crate::text::base64;
use crate::yaml::path::Trail;
use crate::yaml::{Node, Value};

/// A text of an object: a value or a key.
pub(super) struct Visited<'t> {
    /// What it says.
    pub(super) text: Cow<'t, str>,
    /// The node that it is.
    pub(super) node: &'t Node,
    /// The way to it.
    pub(super) path: &'t Trail<'t>,
}

/// Visits every text of an object.
pub(super) fn each(object: Object<'_>, visit: &mut dyn FnMut(Visited<'_>)) {
    below(object, object.root, &Trail::Root, visit);
}

fn below(object: Object<'_>, node: &Node, path: &Trail<'_>, visit: &mut dyn FnMut(Visited<'_>)) {
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                let inner = path.key(&key);
                visit(Visited { text: Cow::Borrowed(&key), node: &entry.key, path: &inner });
                below(object, &entry.value, &inner, visit);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                below(object, item, &path.index(index), visit);
            }
        }
        Value::String(text) => visit(Visited { text: decoded(object, text, path), node, path }),
        _ => {}
    }
}

/// What a text says; those of a secret's `data` are base64.
pub(super) fn decoded<'t>(object: Object<'_>, text: &'t str, path: &Trail<'_>) -> Cow<'t, str> {
    let is_data = matches!(path, Trail::Key(Trail::Key(Trail::Root, "data"), _));
    let is_secret = is_data && (object.group(), object.kind()) == ("", "Secret");
    let inner = base64::decoded(text).filter(|_| is_secret).and_then(|bytes| String::from_utf8(bytes).ok());
    inner.map_or(Cow::Borrowed(text), Cow::Owned)
}
