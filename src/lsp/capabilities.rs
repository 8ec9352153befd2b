//! What the server can do, and what it needs to know of the editor.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, HoverProviderCapability, MarkupKind,
    OneOf, Registration, RegistrationParams, SaveOptions, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

use super::actions::FIX_ALL;

/// What is asked of the server when it is started.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Settings {
    /// Whether registries and chart repositories are asked.
    pub(super) online: bool,
}

/// What the editor can do.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of the protocol")]
pub(super) struct Abilities {
    /// It shows Markdown.
    pub(super) markdown: bool,
    /// It takes edits of a version of a file.
    pub(super) versioned_edits: bool,
    /// It says when files change behind its back, if it is asked to.
    pub(super) watches: bool,
    /// It shows further places of a diagnostic.
    pub(super) related: bool,
}

impl Abilities {
    pub(super) fn of(capabilities: &ClientCapabilities) -> Self {
        let text = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let formats = text.and_then(|text| text.hover.as_ref()?.content_format.as_ref());
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref()?.document_changes);
        let watches = workspace.and_then(|workspace| workspace.did_change_watched_files?.dynamic_registration);
        let related = text.and_then(|text| text.publish_diagnostics.as_ref()?.related_information);
        Self {
            markdown: formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown)),
            versioned_edits: edits.unwrap_or_default(),
            watches: watches.unwrap_or_default(),
            related: related.unwrap_or_default(),
        }
    }
}

/// What the server can do.
pub(super) fn server() -> ServerCapabilities {
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::from(FIX_ALL.to_owned())];
    let words = |letters: &[&str]| Some(letters.iter().map(|letter| (*letter).to_owned()).collect());
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: words(&[".", "/"]),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(kinds),
            ..CodeActionOptions::default()
        })),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}

/// That the editor should say when a file changes behind its back: any may be packaged.
pub(super) fn watching() -> RegistrationParams {
    let watcher = FileSystemWatcher { glob_pattern: GlobPattern::String("**/*".to_owned()), kind: None };
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
    let register_options = serde_json::to_value(options).ok();
    let method = "workspace/didChangeWatchedFiles".to_owned();
    RegistrationParams { registrations: vec![Registration { id: "files".to_owned(), method, register_options }] }
}
