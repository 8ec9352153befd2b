//! What a helmfile says as a whole: its documents over each other, each over the files that its `bases` name.

use crate::gitops::Problem;
use crate::gitops::files::Files;
use crate::gitops::path::{folder, is_remote, join};
use crate::kustomize::edit;
use crate::yaml::{Document, Node};

/// Bases of bases.
const DEEPEST: usize = 16;

/// A helmfile, read.
pub(super) struct State {
    /// What it says.
    pub(super) root: Node,
    /// What of it cannot be followed.
    pub(super) problems: Vec<Problem>,
}

/// The whole of a helmfile; none where it is empty.
pub(super) fn of(files: &Files<'_>, path: &str) -> Result<Option<State>, Problem> {
    let mut problems = vec![];
    let root = whole(files, path, folder(path), &mut vec![], &mut problems)?;
    Ok(root.map(|root| State { root, problems }))
}

/// The documents of a file over each other. Lists take the place of lists behind a line that is `---` and nothing else, at which helmfile cuts
/// the text; what the reader of YAML finds in a part joins them (`pkg/state/create.go`).
fn whole(
    files: &Files<'_>,
    path: &str,
    here: &str,
    open: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Node>, Problem> {
    open.push(path.to_owned());
    let (mut all, mut current): (Option<Node>, Option<Node>) = (None, None);
    for (Document { root, .. }, begins_part) in documents(files, path)? {
        let has_bases = root.get("bases").is_some_and(|bases| bases.as_seq().is_some());
        let mut part = if has_bases { edit::without(&root, "bases") } else { root.clone() };
        for base in root.items("bases").iter().rev() {
            match based_on(files, base, here, open, problems) {
                Ok(Some(base)) => part = over(&base, &part, true),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        if begins_part {
            all = laid(all, current.take(), false);
        }
        current = laid(current, Some(part), true);
    }
    open.pop();
    Ok(laid(all, current, false))
}

/// One part over another, where there are both.
fn laid(below: Option<Node>, above: Option<Node>, joins_lists: bool) -> Option<Node> {
    match (below, above) {
        (Some(below), Some(above)) => Some(over(&below, &above, joins_lists)),
        (below, above) => below.or(above),
    }
}

/// What a file says that `bases` names, seen from the folder of the helmfile.
fn based_on(
    files: &Files<'_>,
    base: &Node,
    here: &str,
    open: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Node>, Problem> {
    let wrong = |message: String| Problem::new(base.location, message);
    let reference = base.scalar_text().unwrap_or("");
    if reference.contains("{{") {
        return Err(wrong(format!("the base `{reference}` is made by a template")));
    }
    let path = join(here, reference).filter(|path| !is_remote(reference) && files.is_file(path));
    let path = path.ok_or_else(|| wrong(format!("the base `{reference}` is not in this repository")))?;
    if open.contains(&path) || open.len() >= DEEPEST {
        return Err(wrong(format!("the base `{reference}` builds on itself, or is more than {DEEPEST} levels deep")));
    }
    files.reads(&path);
    whole(files, &path, here, open, problems)
}

/// The documents of a helmfile, each with whether it begins a part. A template is followed where it holds no template code.
fn documents(files: &Files<'_>, path: &str) -> Result<Vec<(Document, bool)>, Problem> {
    let (_, source) = files.text(path).map_err(|message| Problem::new(files.beginning(path), message))?;
    let has_code = source.text.contains("{{");
    let template = |at| Problem::new(at, format!("`{path}` is a template, and helmfile alone fills it in"));
    if has_code && path.ends_with(".gotmpl") {
        return Err(template(files.beginning(path)));
    }
    // The first helmfile filled in every file.
    let wrong = |problem: Problem| if has_code { template(problem.at) } else { problem };
    let documents = files.documents(path).map_err(wrong)?;
    let begins_part = |document: &Document| {
        let before = source.text.get(..document.root.location.span.range().start).unwrap_or_default();
        let mark = before.lines().rev().find(|line| line.starts_with("---") || line.starts_with("..."));
        mark.is_none_or(|mark| mark == "---")
    };
    Ok(documents.iter().map(|document| (document.clone(), begins_part(document))).collect())
}

/// One part of a helmfile over another: mappings merge, and lists do so as well where one part is a base of the other.
fn over(below: &Node, above: &Node, joins_lists: bool) -> Node {
    if below.as_map().is_none() || above.as_map().is_none() {
        return if above.is_null() { below.clone() } else { above.clone() };
    }
    edit::over(below, above, |old, new| {
        Some(match old {
            Some(old) if joins_lists && old.as_seq().is_some() && new.as_seq().is_some() => {
                let items = [old, new].into_iter().filter_map(Node::as_seq).flatten().cloned();
                edit::list(items.collect(), new.location)
            }
            Some(old) => over(old, new, joins_lists),
            None => new.clone(),
        })
    })
}
