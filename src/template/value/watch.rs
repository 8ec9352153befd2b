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
}
