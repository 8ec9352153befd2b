//! Questions about a place of a file, answered from what the editor has open.

use std::path::{Path, PathBuf};

use lsp_types::{
    CodeActionParams, CompletionParams, GotoDefinitionParams, HoverParams, Position, TextDocumentPositionParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::actions::Actions;
use super::capabilities::Abilities;
use super::completion;
use super::documents::{Document, Documents, path_of};
use super::folder::Folder;
use super::model::is_template;
use super::target::{self, Target};
use super::utf16;
use super::{annotations, definition, hover};

/// Why a question has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The server does not know the question.
    Unknown,
    /// The question is not whole.
    Params(String),
    /// The charts cannot be read.
    Unread(String),
}

type Answer = Result<Value, Refusal>;

/// What a question is answered from.
pub(super) struct Asked<'a> {
    pub(super) documents: &'a Documents,
    pub(super) folders: &'a mut [Folder],
    pub(super) abilities: Abilities,
}

impl Asked<'_> {
    /// The answer to a question; null where there is none.
    pub(super) fn answer(&mut self, method: &str, params: Value) -> Answer {
        match method {
            "textDocument/hover" => {
                let HoverParams { text_document_position_params, .. } = read(params)?;
                let is_markdown = self.abilities.markdown;
                self.at(&text_document_position_params, |charts, targets| {
                    json(hover::hover(charts, targets, is_markdown))
                })
            }
            "textDocument/definition" => {
                let GotoDefinitionParams { text_document_position_params, .. } = read(params)?;
                self.at(&text_document_position_params, |charts, targets| json(definition::places(charts, targets)))
            }
            "textDocument/completion" => {
                let CompletionParams { text_document_position, .. } = read(params)?;
                self.complete(&text_document_position)
            }
            "textDocument/codeAction" => self.actions(&read(params)?),
            _ => Err(Refusal::Unknown),
        }
    }

    fn file(&self, uri: &Uri) -> Option<(PathBuf, Document)> {
        let path = path_of(uri)?;
        let document = self.documents.get(&path)?.clone();
        Some((path, document))
    }

    /// Answers about what stands at a position.
    fn at(
        &mut self,
        asked: &TextDocumentPositionParams,
        answer: impl FnOnce(&super::model::Charts, &[Target<'_>]) -> Answer,
    ) -> Answer {
        let Some((path, document)) = self.file(&asked.text_document.uri) else { return Ok(Value::Null) };
        let Some(folder) = around(self.folders, &path) else { return Ok(Value::Null) };
        let job = folder.job(self.documents);
        let charts = folder.charts(&job, &path, false).map_err(Refusal::Unread)?;
        let offset = utf16::offset(&document.text, asked.position);
        answer(charts, &target::at(charts, &path, offset))
    }

    fn complete(&mut self, asked: &TextDocumentPositionParams) -> Answer {
        let Some((path, document)) = self.file(&asked.text_document.uri) else { return Ok(Value::Null) };
        let (text, position): (_, Position) = (&document.text, asked.position);
        let offset = utf16::offset(text, position);
        if path.file_name().is_some_and(|name| name == "Chart.yaml") {
            return json(annotations::items(text, offset, position));
        }
        let Some(typed) = completion::typed(text, offset).filter(|_| is_template(&path)) else {
            return Ok(Value::Null);
        };
        let Some(folder) = around(self.folders, &path) else { return Ok(Value::Null) };
        let job = folder.job(self.documents);
        let charts = folder.charts(&job, &path, true).map_err(Refusal::Unread)?;
        let replaced = completion::range(text, typed.start, position);
        json(completion::keys(charts, &path, &typed, replaced))
    }

    fn actions(&mut self, params: &CodeActionParams) -> Answer {
        let Some((path, _)) = self.file(&params.text_document.uri) else { return Ok(Value::Null) };
        let Some(folder) = around(self.folders, &path) else { return Ok(Value::Null) };
        let takes_versions = self.abilities.versioned_edits;
        let (folder, job) = (&*folder, &folder.job(self.documents));
        json(Actions { folder, job, documents: self.documents, takes_versions }.of(&path, params))
    }
}

/// The innermost folder around a file.
pub(super) fn around<'f>(folders: &'f mut [Folder], file: &Path) -> Option<&'f mut Folder> {
    let holding = folders.iter_mut().filter(|folder| file.starts_with(&folder.path));
    holding.max_by_key(|folder| folder.path.components().count())
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal::Params(error.to_string()))
}

fn json(answer: impl serde::Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| Refusal::Unread(error.to_string()))
}
