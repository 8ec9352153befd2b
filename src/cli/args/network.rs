//! What the user's machine allows the network: said on the command line or in the environment, never by what is judged.

use std::time::Duration;

use clap::Args;

use crate::network::Options;

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct NetworkArgs {
    /// Seconds that all answers of registries and indexes may take together.
    #[arg(long, global = true, value_name = "SECONDS", env = "CHARTGATE_NETWORK_TIMEOUT", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    network_timeout: u64,
    /// Ask these hosts without TLS and show them credentials that way, for everybody to read; comma-separated.
    #[arg(long, global = true, value_name = "HOST", env = "CHARTGATE_PLAIN_HTTP", value_delimiter = ',')]
    plain_http: Vec<String>,
    /// Show credentials to these hosts, and ask them on inner networks, although only a change names them; comma-separated.
    #[arg(long, global = true, value_name = "HOST", env = "CHARTGATE_TRUST_HOST", value_delimiter = ',')]
    trust_host: Vec<String>,
}

impl NetworkArgs {
    /// The options of the surroundings with what was typed.
    pub(in crate::cli) fn over(self, options: Options) -> Options {
        let deadline = Duration::from_secs(self.network_timeout);
        Options { deadline, plain_http: self.plain_http, trusted: self.trust_host, ..options }
    }
}
