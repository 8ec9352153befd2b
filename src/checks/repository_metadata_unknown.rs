//! `repository-metadata-unknown`: parts of artifacthub-repo.yml that Artifact Hub reads over.

use super::address::is_email;
use super::package::passed_over;
use super::repository_metadata::{ignored, root};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::template::go::regex;
use crate::text::Location;
use crate::text::suggest::nearest;
use crate::yaml::{Mapping, Node};

const KNOWN: [&str; 3] = ["repositoryID", "owners", "ignore"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    passed_over(context, "artifacthub-repo", findings);
    let Some((root, _)) = root(context) else { return };
    let mut say = |place: Location, subject: String, problem: String, help: String| {
        findings.report(Label::new(place, ""), subject, &[("problem", &problem)]).help(help);
    };
    for (key, entry) in root.as_map().map(Mapping::effective).unwrap_or_default() {
        if !KNOWN.contains(&&*key) {
            let help = match nearest(&key, KNOWN) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "remove it".to_owned(),
            };
            say(entry.key.location, key.to_string(), format!("Artifact Hub does not know the key `{key}`"), help);
        }
    }
    for (list, known) in [("owners", ["name", "email"]), ("ignore", ["name", "version"])] {
        for (index, item) in root.items(list).iter().enumerate() {
            for (key, entry) in item.as_map().map(Mapping::effective).unwrap_or_default() {
                if !known.contains(&&*key) {
                    let help = nearest(&key, known)
                        .map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
                    let problem = format!("Artifact Hub does not know the key `{key}` of `{list}`");
                    say(entry.key.location, format!("{list}[{index}].{key}"), problem, help);
                }
            }
        }
    }
    for (index, owner) in root.items("owners").iter().enumerate() {
        let email = owner.get("email").and_then(Node::scalar_text).unwrap_or_default();
        if !email.is_empty() && !is_email(email) {
            let problem = format!("the owner's `email` is `{email}`, which is no address: no account has it");
            let at = owner.get("email").map_or(owner.location, |node| node.location);
            say(at, format!("owners[{index}].email"), problem, "write the address of the account".to_owned());
        }
        if owner.as_map().is_some() && email.is_empty() {
            let help = "give the owner the `email` of the account in Artifact Hub".to_owned();
            say(
                owner.location,
                format!("owners[{index}]"),
                "an owner has no `email` and can claim nothing".to_owned(),
                help,
            );
        }
    }
    for (index, entry) in ignored(&root).into_iter().enumerate() {
        let (version, place) = entry.version;
        if regex::compile(version).is_err() {
            let problem = format!("`{version}` is no regular expression, so that the entry hides nothing");
            say(place, format!("ignore[{index}].version"), problem, "mend the expression".to_owned());
        }
    }
}
