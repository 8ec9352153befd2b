//! Whether a template looked at something that could be otherwise.

use std::cell::Cell;
use std::rc::Rc;

/// Is told when something is seen; clones are told together.
#[derive(Debug, Clone, Default)]
pub struct Watch(Rc<Cell<bool>>);

impl Watch {
    /// Tells it.
    pub fn see(&self) {
        self.0.set(true);
    }

    /// Whether it was told.
    pub fn has_seen(&self) -> bool {
        self.0.get()
    }

    /// Whether it was told since somebody asked last.
    pub fn take(&self) -> bool {
        self.0.take()
    }
}

/// Whether looking at a key is told.
pub type Tells = fn(&str) -> bool;

/// What others are told of a map that templates share.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// Told when somebody changes the map.
    pub changed: Watch,
    /// Told when somebody looks at a key of which this holds, or at the map as a whole.
    pub asked: Option<(Watch, Tells)>,
}

impl Shared {
    /// Tells that somebody looks at a key, or at the whole.
    pub(super) fn ask(&self, key: Option<&str>) {
        if let Some((watch, tells)) = &self.asked
            && key.is_none_or(tells)
        {
            watch.see();
        }
    }
}
