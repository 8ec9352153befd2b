//! Fixes as actions of an editor: one for each finding, and one for all that are certain.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionTriggerKind, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use super::diagnose::Found;
use super::documents::{Documents, uri_of};
use super::folder::Folder;
use super::job::Job;
use super::mending::All;

/// The kind of the action that mends all.
pub(super) const FIX_ALL: &str = "source.fixAll.chartgate";

/// Offers what was found in a folder to mend.
pub(super) struct Actions<'a> {
    pub(super) folder: &'a Folder,
    /// What it is judged by.
    pub(super) job: &'a Job,
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
        // Who only moves about is not asking for all at once, which takes more than one judgement to tell.
        let is_automatic = params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC);
        let all = CodeActionKind::from(FIX_ALL.to_owned());
        if wants(&all) && (params.context.only.is_some() || !is_automatic) {
            actions.extend(self.all(file, all));
        }
        actions
    }

    fn quick(&self, found: &Found) -> Option<CodeActionOrCommand> {
        let offer = found.offer.as_ref()?;
        let edit = self.edit(&offer.edits).filter(|_| self.folder.mending.holds(offer, self.job))?;
        let title = capitalized(&offer.title);
        let title = if offer.is_safe { title } else { format!("{title} (may change more than what was found)") };
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![found.diagnostic.clone()]),
            edit: Some(edit),
            is_preferred: Some(offer.is_safe),
            ..CodeAction::default()
        }))
    }

    /// Everything in a file that can be mended with certainty, as `--fix` does it.
    fn all(&self, file: &Path, kind: CodeActionKind) -> Option<CodeActionOrCommand> {
        let is_offered = self.folder.of_file(file).any(|found| found.offer.as_ref().is_some_and(|offer| offer.is_safe));
        if !is_offered || !self.folder.is_fresh(file, self.documents) {
            return None;
        }
        let All { count, edits } = self.folder.mending.all(file, self.job)?;
        let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title: format!("Fix what chartgate can fix: {findings}"),
            kind: Some(kind),
            edit: Some(self.edit(&edits)?),
            ..CodeAction::default()
        }))
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

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
