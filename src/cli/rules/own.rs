//! Rule files of the user's: those that `rules` and `explain` know beside chartgate's own, and the examples in them.

use std::path::Path;

use crate::rule::{Registry, Rule};
use crate::source::{Dir, EntryKind, FILE_LIMIT, Tree};
use crate::text::{Address, Source, Sources};

/// The folder of a repository's rules.
pub(in crate::cli) const FOLDER: &str = ".chartgate/rules";

/// Adds the rules of a folder, and gives their ids.
///
/// # Errors
/// Everything that is wrong with the files, a line each.
pub(in crate::cli) fn add(folder: &Path, registry: &mut Registry) -> Result<Vec<String>, Vec<String>> {
    let tree = Dir::folder(folder).map_err(|error| vec![error.to_string()])?;
    let entries = tree.list("").map_err(|error| vec![error.to_string()])?;
    let sources = Sources::new();
    let (mut ids, mut wrong) = (vec![], vec![]);
    for entry in entries.iter().filter(|entry| matches!(entry.kind, EntryKind::File { .. } | EntryKind::Linked { .. }))
    {
        let Some(stem) = entry.path.strip_suffix(".yaml").or_else(|| entry.path.strip_suffix(".yml")) else { continue };
        let shown = folder.join(&entry.path).display().to_string();
        let text = match tree.read(&entry.path, FILE_LIMIT).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                wrong.push(format!("{shown}: it is not UTF-8"));
                continue;
            }
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let source = sources.add(Source::new(shown.as_str(), Address::Rendered, text.as_str()));
        match registry.add(source, &text, stem.rsplit('/').next().unwrap_or(stem), "") {
            Ok(()) => ids.push(stem.to_owned()),
            Err(errors) => wrong.extend(errors.into_iter().map(|error| {
                let help = error.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
                format!("{shown}:{}: {}{help}", sources.start(error.location), error.message)
            })),
        }
    }
    if wrong.is_empty() { Ok(ids) } else { Err(wrong) }
}

/// Whether the examples of a rule are judged as they are named; otherwise what differs.
pub(in crate::cli) fn examined(rule: &Rule) -> Result<(), Vec<String>> {
    let Some(examples) = &rule.examples else { return Err(vec!["it has no `examples`".to_owned()]) };
    let differs = |(expected, name, example)| match rule.denies(example) {
        Ok(found) if found == expected => None,
        Ok(true) => Some(format!("the `{name}` example is found")),
        Ok(false) => Some(format!("the `{name}` example is not found")),
        Err(reason) => Some(format!("the `{name}` example cannot be judged: {reason}")),
    };
    let both = [(true, "bad", &examples.bad), (false, "good", &examples.good)];
    let wrong: Vec<String> = both.into_iter().filter_map(differs).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
