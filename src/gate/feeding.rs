//! The files that may feed a deployment, by their names.

/// Endings of the files that tools take values from: YAML, JSON, TOML, Terraform, their templates, and variables of an environment.
const FEEDING: [&str; 12] =
    ["yaml", "yml", "json", "toml", "tf", "tfvars", "hcl", "gotmpl", "tpl", "tmpl", "env", "properties"];

/// Whether a deployment that cannot be followed may read a file, by the file's name.
pub(super) fn may_feed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit('.').next().is_some_and(|ending| FEEDING.contains(&ending))
}
