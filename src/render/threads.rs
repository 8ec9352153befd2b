//! The threads that render: Helm lets templates include each other a thousand times, which needs more stack than threads have.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Stack of a thread that renders.
const STACK: usize = 64 << 20;

static POOL: LazyLock<Result<ThreadPool, String>> = LazyLock::new(|| {
    let name = |index| format!("render-{index}");
    ThreadPoolBuilder::new().stack_size(STACK).thread_name(name).build().map_err(|error| error.to_string())
});

/// Does work that renders many times. On these threads each rendering stays where it is, so that memory is used again.
pub fn spread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match &*POOL {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Renders on a thread that has the stack for it.
///
/// # Errors
/// In words, where there is no such thread or the work went wrong.
pub(super) fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let pool = POOL.as_ref().map_err(Clone::clone)?;
    pool.install(|| catch_unwind(AssertUnwindSafe(work))).map_err(|_| "a defect of chartgate".to_owned())
}
