//! Fixes as actions of an editor: one for each finding, and one for all that are certain.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, Range, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use super::diagnose::{Found, Offer};
use super::documents::{Documents, uri_of};
use super::folder::Folder;

/// The kind of the action that mends all.
pub(super) const FIX_ALL: &str = "source.fixAll.chartgate";

/// Offers what was found in a folder to mend.
pub(super) struct Actions<'a> {
    pub(super) folder: &'a Folder,
    pub(super) documents: &'a Documents,
    /// Whether the editor takes edits of a version of a file.
    pub(super) takes_versions: bool,
}

impl Actions<'_> {
    /// What can be done about a range of a file.
    pub(super) fn of(&self, file: &Path, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        let wants = |kind: &CodeActionKind| {
            let is_part = |wanted: &CodeActionKind| {
                kind.as_str() == wanted.as_str() || kind.as_str().starts_with(&format!("{}.", wanted.as_str()))
            };
            params.context.only.as_ref().is_none_or(|only| only.iter().any(is_part))
        };
        let mut actions = vec![];
        if wants(&CodeActionKind::QUICKFIX) {
            let here = self.folder.of_file(file).filter(|found| touches(found.diagnostic.range, params.range));
            actions.extend(here.filter_map(|found| self.quick(found)));
        }
        let all = CodeActionKind::from(FIX_ALL.to_owned());
        if wants(&all) {
            actions.extend(self.all(file, all));
        }
        actions
    }

    fn quick(&self, found: &Found) -> Option<CodeActionOrCommand> {
        let offer = found.offer.as_ref()?;
        let title = capitalized(&offer.title);
        let title = if offer.is_safe { title } else { format!("{title} (may change more than what was found)") };
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![found.diagnostic.clone()]),
            edit: Some(self.edit(&offer.edits)?),
            is_preferred: Some(offer.is_safe),
            ..CodeAction::default()
        }))
    }

    /// Everything in a file that can be mended with certainty; of fixes that get in each other's way the first.
    fn all(&self, file: &Path, kind: CodeActionKind) -> Option<CodeActionOrCommand> {
        let mut edits: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
        let mut taken: Vec<&Offer> = vec![];
        for offer in self.folder.of_file(file).filter_map(|found| found.offer.as_ref()).filter(|offer| offer.is_safe) {
            if taken.contains(&offer) || !offer.edits.iter().all(|(path, new)| fits(edits.get(path), new)) {
                continue;
            }
            taken.push(offer);
            for (path, new) in &offer.edits {
                edits.entry(path.clone()).or_default().extend(new.iter().cloned());
            }
        }
        let title = match taken.len() {
            0 => return None,
            1 => "Fix what chartgate can fix: 1 finding".to_owned(),
            count => format!("Fix what chartgate can fix: {count} findings"),
        };
        let edit = Some(self.edit(&edits)?);
        Some(CodeActionOrCommand::CodeAction(CodeAction { title, kind: Some(kind), edit, ..CodeAction::default() }))
    }

    /// Edits as the editor takes them; none where a file has changed since it was judged.
    fn edit(&self, edits: &BTreeMap<PathBuf, Vec<TextEdit>>) -> Option<WorkspaceEdit> {
        if !edits.keys().all(|path| self.folder.is_fresh(path, self.documents)) {
            return None;
        }
        let mut changes: Vec<(Uri, Option<i32>, Vec<TextEdit>)> = vec![];
        for (path, edits) in edits {
            let open = self.documents.get(path);
            let uri = open.map(|document| document.uri.clone()).or_else(|| uri_of(path))?;
            changes.push((uri, open.map(|document| document.version), edits.clone()));
        }
        if !self.takes_versions {
            #[expect(clippy::mutable_key_type, reason = "the protocol's own type")]
            let changes: HashMap<Uri, Vec<TextEdit>> =
                changes.into_iter().map(|(uri, _, edits)| (uri, edits)).collect();
            return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
        }
        let of_file = |(uri, version, edits): (Uri, Option<i32>, Vec<TextEdit>)| TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits: edits.into_iter().map(OneOf::Left).collect(),
        };
        let changes = DocumentChanges::Edits(changes.into_iter().map(of_file).collect());
        Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
    }
}

fn touches(one: Range, other: Range) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// Whether edits of a file leave alone what others change.
fn fits(known: Option<&Vec<TextEdit>>, new: &[TextEdit]) -> bool {
    let apart = |one: Range, other: Range| {
        let before = |first: Range, second: Range| first.end <= second.start && ends(first) != ends(second);
        before(one, other) || before(other, one)
    };
    known.into_iter().flatten().all(|known| new.iter().all(|new| apart(known.range, new.range)))
}

fn ends(range: Range) -> (Position, Position) {
    (range.start, range.end)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
