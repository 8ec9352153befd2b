//! What the token of a job that pushes may do, and what it needs for that.

use super::command::asks_little;
use super::{Kind, Notice, text};
use crate::text::Location;
use crate::yaml::Node;

/// Actions that ask nothing of the token but reading.
const READING: [&str; 16] = [
    "actions/cache",
    "actions/checkout",
    "actions/download-artifact",
    "actions/setup-go",
    "actions/setup-node",
    "actions/setup-python",
    "actions/upload-artifact",
    "azure/setup-helm",
    "chartgate/chartgate",
    "docker/login-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
    "helm/chart-testing-action",
    "helm/kind-action",
    "oras-project/setup-oras",
    "sigstore/cosign-installer",
];
/// What is more than a job needs, with its place; none where that is not certain.
pub(super) fn too_wide(workflow: &Node, job: &Node) -> Option<(Location, Vec<String>)> {
    let given = job.get("permissions").or_else(|| workflow.get("permissions"))?;
    if given.scalar_text() == Some("write-all") {
        return Some((given.location, vec!["write-all".to_owned()]));
    }
    let steps = job.get("steps")?.as_seq()?;
    let is_known = steps.iter().all(is_plain);
    let entries = given.as_map()?.effective();
    let is_needed = |scope: &str| matches!(scope, "packages" | "id-token" | "attestations");
    let wide = entries.iter().filter(|(scope, entry)| entry.value.scalar_text() == Some("write") && !is_needed(scope));
    let wide: Vec<_> = wide.collect();
    let (_, first) = wide.first().filter(|_| is_known)?;
    Some((first.key.location, wide.iter().map(|(scope, _)| format!("{scope}: write")).collect()))
}

/// Whether a step is one whose wants are known: pushing to a registry asks for `packages: write` and no more.
fn is_plain(step: &Node) -> bool {
    if let Some(run) = text(step, "run") {
        return run.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).all(is_plain_line);
    }
    let uses = text(step, "uses").unwrap_or_default();
    let name = uses.split('@').next().unwrap_or_default().to_lowercase();
    READING.contains(&name.as_str())
}

fn is_plain_line(line: &str) -> bool {
    let commands = line.split(['|', '&', ';']).map(str::trim).filter(|command| !command.is_empty());
    commands.into_iter().all(|command| {
        let mut words = command.split_whitespace();
        let first = words.find(|word| !word.contains('=') && !matches!(*word, "then" | "do" | "!" | "sudo"));
        first.is_none_or(|word| !word.contains('/') && asks_little(word)) && !command.contains("$(")
    })
}

pub(super) fn notice(at: Location, scopes: &[String], subject: String) -> Notice {
    let listed = scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ");
    Notice {
        kind: Kind::Permissions,
        at,
        subject,
        message: format!("a job that pushes a chart has {listed}, more than it needs"),
        help: "give the job `permissions: {contents: read, packages: write}`, or what else its steps ask for"
            .to_owned(),
    }
}
