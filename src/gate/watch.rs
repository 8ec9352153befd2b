//! Who is told how far a run is.

use std::fmt::Debug;

/// Is told how far a run is, from any thread.
pub trait Watch: Debug + Send + Sync {
    /// So many charts are judged from now on.
    fn begins(&self, charts: usize);

    /// One of them was.
    fn judged(&self);
}
