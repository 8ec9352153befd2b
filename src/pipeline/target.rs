//! Addresses that pipelines push charts to, and that no registry takes.

use std::collections::BTreeMap;

use super::command::Delivery;
use super::{Files, Kind, Notice, Sent};
use crate::text::Location;
use crate::yaml::Node;

/// What GitHub puts in with the capital letters of the owner's name.
const OWNERS: [&str; 4] =
    ["github.repository_owner", "GITHUB_REPOSITORY_OWNER", "github.repository", "GITHUB_REPOSITORY"];

/// Steps of a variable that is put in.
const PUT_IN: usize = 16;

/// Notes where a push goes to, and says it where nothing can be pushed there. `command` is where the command stands.
pub(super) fn note(
    files: &Files<'_>,
    node: &Node,
    delivery: &Delivery,
    variables: &BTreeMap<String, String>,
    command: Location,
) {
    let Some(target) = &delivery.target else { return };
    if !files.spend(1 + files.refused.borrow().len()) {
        return;
    }
    let address = filled(files, target, variables);
    let fault = if delivery.what == "oras push" {
        of_artifact(&address, &files.owners)
    } else {
        let package = delivery.package.as_deref().map(|package| filled(files, package, variables));
        let sent = |package| Sent { package, target: address.clone(), at: command };
        files.sent.borrow_mut().extend(package.map(sent));
        fault(&address, &files.owners)
    };
    let Some((message, help)) = fault else { return };
    // An expression is not written as it is read, so that what is before it is looked for.
    let written = target.split('$').next().filter(|text| !text.is_empty());
    let at = written.map_or(command, |text| files.place(node, text, &[]).unwrap_or(node.location));
    let path = &files.sources.get(at.source).path;
    let notice = Notice { kind: Kind::Target, at, subject: format!("{path} {target}"), message, help };
    let mut refused = files.refused.borrow_mut();
    if !refused.contains(&notice) {
        refused.push(notice);
    }
}

/// The owners of repositories on GitHub that remotes name.
pub(super) fn owners(remotes: &[String]) -> Vec<String> {
    let owner = |remote: &String| {
        let (_, path) = remote.split_once("github.com")?;
        let owner = path.trim_start_matches([':', '/']).split('/').next()?;
        (!owner.is_empty()).then(|| owner.to_owned())
    };
    remotes.iter().filter_map(owner).collect()
}

/// Bytes that an address may be filled to: with more it is none, and stays as it is written.
const FILLED: usize = 4096;
/// Variables that name variables that name variables.
const DEEPEST: usize = 32;

/// The address with the variables that the pipeline sets.
pub(super) fn filled(files: &Files<'_>, target: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let is_whole = fill(files, target, variables, &mut vec![], &mut out).is_some();
    if is_whole { out } else { target.to_owned() }
}

/// Adds a text to what comes out; `open` are the variables that it is the value of, which stand as they are written in it. None where that is too much.
fn fill(
    files: &Files<'_>,
    text: &str,
    variables: &BTreeMap<String, String>,
    open: &mut Vec<String>,
    out: &mut String,
) -> Option<()> {
    let add = |out: &mut String, part: &str| {
        out.push_str(part);
        (out.len() <= FILLED).then_some(())
    };
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, variable) = rest.split_at(at);
        let (name, length) = named(variable);
        files.spend(PUT_IN + at + length).then_some(())?;
        add(out, before)?;
        let value = variables.get(name).filter(|_| !name.is_empty() && !open.iter().any(|known| known == name));
        match value {
            Some(value) => {
                (open.len() < DEEPEST && files.scan(value)).then_some(())?;
                open.push(name.to_owned());
                fill(files, &value.split_whitespace().collect::<String>(), variables, open, out)?;
                open.pop();
            }
            None => add(out, &variable[..length])?,
        }
        rest = &variable[length..];
    }
    files.spend(rest.len()).then_some(())?;
    add(out, rest)
}

/// The variable that a text begins with, in the forms of shells and of GitHub, and how long that is; no name where it is another thing.
fn named(text: &str) -> (&str, usize) {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name = |text: &'_ str| text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    for (open, close) in [("${{env.", "}}"), ("${", "}")] {
        if let Some(behind) = text.strip_prefix(open) {
            let (found, rest) = behind.split_at(name(behind));
            if rest.starts_with(close) {
                return (found, open.len() + found.len() + close.len());
            }
        }
    }
    let length = 1 + name(&text[1..]);
    (&text[1..length], length)
}

/// What is wrong with an address, and what to do.
fn fault(target: &str, owners: &[String]) -> Option<(String, String)> {
    let Some((scheme, rest)) = target.split_once("://") else {
        let is_host = target.split('/').next().is_some_and(|host| host.contains('.') && !host.contains('$'));
        let message = format!("`helm push` refuses `{target}`, which does not start with `oci://`");
        return is_host.then(|| (message, format!("write `oci://{target}`")));
    };
    if scheme != "oci" {
        let message = format!("`helm push` refuses `{target}`: it pushes to `oci://` alone");
        let help = format!("write `oci://{rest}`, or `helm cm-push` for a ChartMuseum");
        return matches!(scheme, "http" | "https").then_some((message, help));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some(fault) = of_path(target, rest, owners) {
        return Some(fault);
    }
    let literal = without_variables(path);
    let (first, behind) = path.split_once('/').unwrap_or((path, ""));
    if first == host && host.contains(['.', ':', '$']) {
        let help = format!("write `oci://{}`", format!("{host}/{behind}").trim_end_matches('/'));
        return Some((format!("`{target}` names the registry twice"), help));
    }
    let last = literal.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        let message = format!("`{target}` carries a version, and `helm push` adds the chart's own");
        return Some((message, "leave out the tag: Helm adds the chart's name and version".into()));
    }
    None
}

/// What is wrong with the address of an artifact, `host/path:tag`.
fn of_artifact(target: &str, owners: &[String]) -> Option<(String, String)> {
    let last = target.rfind('/').unwrap_or_default();
    let end = target[last..].find([':', '@']).map_or(target.len(), |end| last + end);
    // A colon in an expression parts nothing.
    let named = if target[end..].contains('}') { target } else { &target[..end] };
    of_path(target, named, owners)
}

/// The capital letters of an address without scheme, where they are in its path.
fn of_path(target: &str, named: &str, owners: &[String]) -> Option<(String, String)> {
    if let Some(variable) = owner(named, owners) {
        let message =
            format!("`{variable}` keeps the capital letters of the owner's name, which registries refuse in a path");
        let name = variable.to_ascii_uppercase().replace('.', "_");
        return Some((message, format!("write `${{{name},,}}` in a step of bash, which has small letters alone")));
    }
    let path = named.split_once('/').map(|(_, path)| path).unwrap_or_default();
    let has_capitals = without_variables(path).chars().any(char::is_uppercase);
    let message = format!("`{target}` has capital letters, and registries refuse them in a path");
    has_capitals.then(|| (message, "write the path in lower case".to_owned()))
}

/// The variable in an address that has an owner's capital letters, unless all remotes have an owner without any.
fn owner(rest: &str, owners: &[String]) -> Option<&'static str> {
    let is_small = |owner: &String| !owner.chars().any(char::is_uppercase);
    if !owners.is_empty() && owners.iter().all(is_small) {
        return None;
    }
    OWNERS.into_iter().find(|name| {
        rest.match_indices(name).any(|(at, _)| {
            let behind = rest[at + name.len()..].chars().next();
            let is_variable = rest[..at].ends_with(['$', '{']);
            is_variable && behind.is_none_or(|letter| matches!(letter, '}' | '/' | '"'))
        })
    })
}

/// The path without what is put in later.
fn without_variables(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let variable = &rest[at + 1..];
        let end = if variable.starts_with('{') {
            variable.find('}').map_or(variable.len(), |end| end + 1)
        } else {
            variable.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(variable.len())
        };
        rest = variable[end..].trim_start_matches('}');
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::{Memory, Tree};
    use crate::text::Sources;

    fn said(target: &str) -> Option<String> {
        fault(target, &[]).map(|(message, _)| message)
    }

    #[test]
    fn addresses_that_no_registry_takes_are_said() {
        for target in [
            "ghcr.io/acme/charts",
            "oci://ghcr.io/Acme/charts",
            "oci://ghcr.io/acme/charts/web:1.2.0",
            "oci://ghcr.io/acme/web@sha256:00",
            "oci://ghcr.io/${{github.repository_owner}}/charts",
            "oci://ghcr.io/$GITHUB_REPOSITORY_OWNER/charts",
            "oci://ghcr.io/${{github.repository",
            "oci://$REGISTRY/Charts",
            "https://ghcr.io/acme",
            "oci://ghcr.io/ghcr.io/acme",
            "oci://$REGISTRY/$REGISTRY/charts",
        ] {
            assert!(said(target).is_some(), "{target}");
        }
        for target in [
            "oci://ghcr.io/acme/charts",
            "oci://GHCR.io:5000/acme",
            "oci://ghcr.io/${GITHUB_REPOSITORY_OWNER,,}/charts",
            "oci://ghcr.io/${OWNER}/charts",
            "oci://$REGISTRY/${{inputs.Path}}/charts",
            "$REGISTRY/charts",
            "mine/charts",
            "s3://charts/Api",
            "oci://registry.example.com/ghcr.io/acme",
        ] {
            assert_eq!(said(target), None, "{target}");
        }
    }

    #[test]
    fn artifacts_have_tags_and_no_scheme() {
        let said = |target: &str| of_artifact(target, &[]).is_some();
        for target in
            ["ghcr.io/$GITHUB_REPOSITORY_OWNER/x:1", "ghcr.io/Acme/x@sha256:00", "ghcr.io/${{github.repository}}"]
        {
            assert!(said(target), "{target}");
        }
        for target in
            ["ghcr.io/acme/x:1.0-RC", "Host:5000/acme/x", "$REGISTRY/${{inputs.Path}}:$TAG", "ghcr.io/a/x:${A:-B}"]
        {
            assert!(!said(target), "{target}");
        }
    }

    #[test]
    fn an_owner_without_capital_letters_is_fine() {
        let target = "oci://ghcr.io/${{github.repository_owner}}/charts";
        let owners = |remote: &str| owners(&[remote.to_owned()]);
        for remote in ["https://github.com/acme/web.git", "git@github.com:acme/web"] {
            assert_eq!(fault(target, &owners(remote)), None, "{remote}");
        }
        assert!(fault(target, &owners("ssh://git@github.com/Acme/web")).is_some());
        assert!(fault(target, &owners("https://example.com/acme/web")).is_some(), "of another host nothing is known");
    }

    #[test]
    fn variables_of_the_pipeline_are_put_in() {
        let variables =
            [("REG", "ghcr.io/Acme"), ("REGISTRY", "r")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables = variables.into_iter().collect();
        for target in ["oci://$REG/charts", "oci://${REG}/charts", "oci://${{env.REG}}/charts"] {
            assert_eq!(out(target, &variables), "oci://ghcr.io/Acme/charts", "{target}");
        }
        assert_eq!(out("oci://$REGISTRY/x", &variables), "oci://r/x");
        assert_eq!(out("${OTHER}/${REG,,}/$", &variables), "${OTHER}/${REG,,}/$");
        let circle = [("A", "a/$B"), ("B", "$A")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(out("$A", &circle.into_iter().collect()), "a/$A");
    }

    /// What comes out with these variables.
    fn out(target: &str, variables: &BTreeMap<String, String>) -> String {
        let tree = Arc::new(Memory::new("", BTreeMap::new())) as Arc<dyn Tree>;
        filled(&Files::new(&tree, &Sources::new(), &[]), target, variables)
    }
}
