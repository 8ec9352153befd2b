//! `dependency-repository-invalid`: a dependency from an address that Helm cannot ask.

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::veil::without_user;

/// A fault of an address, and what to write.
type Fault = (&'static str, String);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for declared in context.chart.declared() {
        let (Some(name), Some(repository)) = (declared.name, declared.repository) else { continue };
        let Some((problem, help)) = fault(repository) else { continue };
        let shown = without_user(repository);
        let args = [("repository", shown.as_str()), ("name", name), ("problem", problem)];
        let label = Label::new(declared.place("repository"), "");
        findings.report(label, declared.key().unwrap_or(name), &args).help(help);
    }
}

fn fault(repository: &str) -> Option<Fault> {
    if let Some(name) = repository.strip_prefix('@').or(repository.strip_prefix("alias:")) {
        return name
            .is_empty()
            .then(|| ("names no repository", "write `@` and the name that `helm repo list` shows".into()));
    }
    if repository.contains(char::is_whitespace) {
        let kept: String = repository.split_whitespace().collect();
        return Some(("has white space in it", format!("write `{}`", without_user(&kept))));
    }
    let Some((scheme, rest)) = repository.split_once("://") else { return Some(without_scheme(repository)) };
    match scheme {
        "http" | "https" | "oci" => of_host(repository, scheme, rest),
        // Others are for plugins to know.
        _ => None,
    }
}

fn without_scheme(repository: &str) -> Fault {
    let path = repository.strip_prefix("file:").unwrap_or(repository);
    if path.starts_with(['.', '/']) {
        return ("is a path without `file://`", format!("write `file://{path}`"));
    }
    if path.split('/').next().is_some_and(|host| host.contains('.')) {
        return ("does not say how to ask it", format!("write `https://{path}`, or `oci://{path}` for a registry"));
    }
    (
        "is neither an address nor a name with `@`",
        format!("write its address, or `@{path}` if your Helm knows it as that"),
    )
}

fn of_host(repository: &str, scheme: &str, rest: &str) -> Option<Fault> {
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.is_empty() {
        return Some(("names no host", format!("write `{scheme}://HOST/PATH`")));
    }
    if host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return Some((
            "has a password in it",
            format!("write `{}`, and log in where it is asked", without_user(repository)),
        ));
    }
    let folder = |end: &str| repository.strip_suffix(end).map(|rest| rest.trim_end_matches('/').to_owned());
    if scheme == "oci" {
        let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
        let name = last.split([':', '@']).next().filter(|name| *name != last)?;
        let whole = [host, above, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        return Some(("has a tag or digest in it", format!("write `oci://{whole}`, and the version as `version`")));
    }
    if let Some(folder) = folder("index.yaml") {
        return Some(("is that of a file", format!("write the folder of index.yaml: `{folder}`")));
    }
    let is_package = path.ends_with(".tgz") || path.ends_with(".tar.gz");
    is_package.then(|| ("is that of a package", "write the folder of the index.yaml that names the package".into()))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn addresses_that_helm_asks_are_fine() {
        for address in [
            "https://charts.example.org",
            "https://charts.example.org/stable/?x=y",
            "http://localhost:8080/a.b",
            "oci://ghcr.io:443/acme/charts",
            "oci://localhost:5000",
            "file://../svc",
            "file:///srv/svc",
            "@acme",
            "alias:acme",
            "s3://bucket/charts",
            "git+https://example.org/x@charts?ref=main",
            "https://deploy@charts.example.org",
        ] {
            assert_eq!(fault(address), None, "{address}");
        }
    }
}
