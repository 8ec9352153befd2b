//! `repository-metadata-invalid`: an artifacthub-repo.yml that Artifact Hub cannot read.

use super::repository_metadata::root;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::Value;

/// Lists of mappings, with their fields.
const LISTS: [(&str, [&str; 2]); 2] = [("owners", ["name", "email"]), ("ignore", ["name", "version"])];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((root, start)) = root(context) else { return };
    let mut say = |place: Location, subject: &str, problem: String, help: &str| {
        findings.report(Label::new(place, ""), subject, &[("problem", &problem)]).help(help);
    };
    if root.is_null() {
        say(start, "", "the file is empty".to_owned(), "give `repositoryID` and `owners`, or remove the file");
        return;
    }
    if let Some(id) = root.get("repositoryID").filter(|id| !id.is_null()) {
        if id.scalar_text().is_none() {
            let problem = format!("`repositoryID` is {}, not a text", id.kind());
            say(id.location, "repositoryID", problem, "copy the ID from the repository's settings in Artifact Hub");
        }
        let text = id.scalar_text().unwrap_or_default();
        if !text.is_empty() && !is_uuid(text) {
            let problem = format!("`repositoryID` is `{text}`, which is no UUID");
            say(id.location, "repositoryID", problem, "copy the ID from the repository's settings in Artifact Hub");
        }
    }
    for (key, fields) in LISTS {
        let Some(node) = root.get(key).filter(|node| !node.is_null()) else { continue };
        let wrong = match &node.value {
            Value::Seq(items) => items.iter().find(|item| item.as_map().is_none()),
            _ => Some(node),
        };
        if let Some(wrong) = wrong {
            let problem = format!("`{key}` holds {}, and is a list of mappings", wrong.kind());
            let help = format!("write a list of mappings with `{}`", fields.join("` and `"));
            say(wrong.location, key, problem, &help);
        }
        for (index, item) in node.as_seq().unwrap_or_default().iter().enumerate() {
            let wrong = fields.iter().filter_map(|field| Some((field, item.get(field)?)));
            for (field, wrong) in wrong.filter(|(_, node)| !node.is_null() && node.scalar_text().is_none()) {
                let path = format!("{key}[{index}].{field}");
                say(wrong.location, &path, format!("`{path}` is {}, not a text", wrong.kind()), "write a text");
            }
        }
    }
}

fn is_uuid(text: &str) -> bool {
    let plain = text.trim_start_matches("urn:uuid:").trim_start_matches('{').trim_end_matches('}');
    let parts: Vec<&str> = plain.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    (lengths == [8, 4, 4, 4, 12] || lengths == [32])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn a_uuid_has_its_dashes_or_none() {
        for fine in ["0f5b6b2c-6ed8-4a35-a9a3-6f1f0e3f0c11", "0f5b6b2c6ed84a35a9a36f1f0e3f0c11"] {
            assert!(is_uuid(fine), "{fine}");
        }
        for wrong in ["", "0f5b6b2c", "0f5b6b2c-6ed8-4a35-a9a3-6f1f0e3f0c1x", "my-repository"] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
