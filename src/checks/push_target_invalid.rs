//! `push-target-invalid`: the registry's address ends before the chart's name.

use crate::finding::Label;
use crate::image::is_path_component;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((target, at)) = &context.intent.oci else { return };
    let name = context.chart.name().unwrap_or_default();
    let label = Label::new(*at, "");
    if let Some((kind, bare)) = with_version(target) {
        findings
            .report(label, "published.oci", &[("target", target), ("place", "")])
            .message(format!("`{target}` carries a {kind}, and Helm adds the version itself"))
            .help(format!("write `{bare}`"));
    } else if target.contains(['$', '{', '}']) {
        findings
            .report(label, "published.oci", &[("target", target), ("place", "")])
            .message(format!("`{target}` has a variable in it, and nothing puts a value there"))
            .help("write the address as it is, in lower case");
    } else if *target != lowered(target) {
        findings
            .report(label, "published.oci", &[("target", target), ("place", "")])
            .message(format!("`{target}` has capital letters, and registries refuse them in a path"))
            .help(format!("write `{}`", lowered(target)));
    } else if let Some(part) = refused(target) {
        let what = if part.is_empty() { "an empty part".to_owned() } else { format!("the part `{part}`") };
        findings
            .report(label, "published.oci", &[("target", target), ("place", "")])
            .message(format!("`{target}` has {what}, which registries refuse in a path"))
            .help("write parts of `a` to `z` and digits, joined by `.`, `_` or `-`");
    } else if let Some(above) = above(target, name) {
        let place = format!("{}/{name}", target.trim_end_matches('/'));
        findings
            .report(label, "published.oci", &[("target", target), ("place", &place)])
            .help(format!("write `{above}`"));
    }
}

/// The address without the tag or digest that it carries; a port is neither.
fn with_version(target: &str) -> Option<(&'static str, &str)> {
    if let Some((bare, _)) = target.split_once('@') {
        return Some(("digest", bare));
    }
    let (path, last) = target.rsplit_once('/')?;
    let (name, _) = last.split_once(':').filter(|_| !path.ends_with('/'))?;
    Some(("tag", &target[..=path.len() + name.len()]))
}

/// The address with the small letters that registries want in a path; the host may have others.
fn lowered(target: &str) -> String {
    let (scheme, rest) = target.split_once("://").unwrap_or(("", target));
    let Some((host, path)) = rest.split_once('/') else { return target.to_owned() };
    format!("{scheme}://{host}/{}", path.to_lowercase())
}

/// The first part of a path that a repository cannot have (OCI distribution, `name`).
fn refused(target: &str) -> Option<&str> {
    let (_, rest) = target.split_once("://")?;
    let (_, path) = rest.trim_end_matches('/').split_once('/')?;
    path.split('/').find(|part| !is_path_component(part))
}

/// The address without its last part, where that is the chart's name and not the only one.
fn above<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let target = target.trim_end_matches('/');
    let path = target.strip_prefix("oci://").unwrap_or(target);
    let (above, last) = target.rsplit_once('/')?;
    (last == name && path.split('/').count() > 2).then_some(above)
}

#[cfg(test)]
mod tests {
    use super::{above, lowered, refused, with_version};

    #[test]
    fn tags_and_digests_are_seen_and_ports_are_none() {
        assert_eq!(with_version("oci://ghcr.io/acme/charts:1.2"), Some(("tag", "oci://ghcr.io/acme/charts")));
        assert_eq!(with_version("oci://h:5000/a/b@sha256:00"), Some(("digest", "oci://h:5000/a/b")));
        for fine in ["oci://ghcr.io/acme/charts", "oci://h:5000/a", "oci://h:5000", "oci://h"] {
            assert_eq!(with_version(fine), None, "{fine}");
        }
    }

    #[test]
    fn a_path_has_parts_of_small_letters() {
        assert_eq!(lowered("oci://GHCR.io/Acme/Charts"), "oci://GHCR.io/acme/charts");
        assert_eq!(lowered("oci://GHCR.io"), "oci://GHCR.io");
        for (wrong, part) in [("oci://h/a//b", ""), ("oci://h/a_/b", "a_"), ("oci://h/-a", "-a"), ("oci://h/ä", "ä")]
        {
            assert_eq!(refused(wrong), Some(part), "{wrong}");
        }
        for fine in ["oci://h", "oci://h/", "oci://h:5000/a.b/c__d/e--f/"] {
            assert_eq!(refused(fine), None, "{fine}");
        }
    }

    #[test]
    fn an_organisation_may_be_named_as_its_chart() {
        assert_eq!(above("oci://ghcr.io/acme/charts/web/", "web"), Some("oci://ghcr.io/acme/charts"));
        for fine in ["oci://ghcr.io/web", "oci://ghcr.io/acme/webs", "oci://web"] {
            assert_eq!(above(fine, "web"), None, "{fine}");
        }
    }
}
