//! The `chartgate` binary: hands over to [`chartgate::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    chartgate::cli::main()
}
