//! The one place where asynchronous code runs: a runtime on a thread of its own, which any thread may ask and wait for.

use std::future::{Future, pending};
use std::io;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::task::AbortHandle;

/// A runtime that lives on its own thread and serves all others.
pub(super) struct Runtime {
    handle: Handle,
    keeper: AbortHandle,
}

impl Runtime {
    /// A running runtime.
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let keeper = runtime.spawn(pending::<()>());
        let abort = keeper.abort_handle();
        // The thread drives sockets and timers until the keeper is told to go.
        thread::Builder::new().name("network".into()).spawn(move || _ = runtime.block_on(keeper))?;
        Ok(Self { handle, keeper: abort })
    }

    /// The outcome of a future, which is polled on the calling thread; none where that takes too long.
    pub(super) fn run<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        // A timeout polls once, however short it is.
        let run = async { tokio::time::timeout(limit, future).await.ok() };
        if limit.is_zero() { None } else { self.handle.block_on(run) }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}
