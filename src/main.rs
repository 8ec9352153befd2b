//! The `chartgate` binary: hands over to [`chartgate::cli`].

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether standard output was open when the program started. Rust opens /dev/null in the place of a closed one before `main`, where writing
/// to it then seems to succeed.
static HAS_OUTPUT: AtomicBool = AtomicBool::new(true);

#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_output() {
        let is_open = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok();
        HAS_OUTPUT.store(is_open, Ordering::Relaxed);
    }
}

fn main() -> ExitCode {
    chartgate::cli::main(HAS_OUTPUT.load(Ordering::Relaxed))
}
