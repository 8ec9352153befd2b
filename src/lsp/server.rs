//! The conversation: what the editor says changes the state, and what was judged of that state is shown.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use lsp_types::{
    CancelParams, Diagnostic, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, InitializeParams, InitializeResult, MessageType, NumberOrString,
    PublishDiagnosticsParams, ServerInfo, Uri,
};
use serde_json::from_value;

use super::Event;
use super::capabilities::{self, Abilities, Settings};
use super::client::Client;
use super::documents::path_of;
use super::folder::News;
use super::judge::Outcome;
use super::requests::{Asked, Refusal};
use super::workspace::Workspace;

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The editor has not introduced itself.
    Greeting,
    /// It works.
    Working,
    /// It has said that it will leave.
    Leaving,
}

/// The server's side of the conversation.
pub(super) struct Server<'s, W> {
    client: Client<W>,
    workspace: Workspace<'s>,
    phase: Phase,
    abilities: Abilities,
}

impl<'s, W: Write> Server<'s, W> {
    pub(super) fn new(client: Client<W>, workspace: Workspace<'s>) -> Self {
        Self { client, workspace, phase: Phase::Greeting, abilities: Abilities::default() }
    }

    /// Speaks until the editor leaves; whether it said so before.
    pub(super) fn run(&mut self, events: &Receiver<Event>) -> io::Result<bool> {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                waiting.extend(events.recv());
            }
            waiting.extend(events.try_iter());
            let Some(event) = waiting.pop_front() else { return Ok(false) };
            match event {
                Event::Closed => return Ok(self.phase == Phase::Leaving),
                Event::Nonsense(what) => self.client.lament(&what)?,
                Event::Judged(outcome) => self.show(*outcome)?,
                Event::Said(message) => match *message {
                    Message::Notification(said) if said.method == "exit" => {
                        return Ok(self.phase == Phase::Leaving);
                    }
                    Message::Notification(said) => self.hear(said)?,
                    Message::Request(asked) if is_cancelled(&asked.id, &waiting) => {
                        self.client.refuse(asked.id, ErrorCode::RequestCanceled, "cancelled")?;
                    }
                    Message::Request(asked) => self.answer(asked)?,
                    // Answers to what was asked of the editor change nothing.
                    Message::Response(_) => {}
                },
            }
        }
    }

    fn answer(&mut self, asked: Request) -> io::Result<()> {
        let Request { id, method, params } = asked;
        match (self.phase, method.as_str()) {
            (Phase::Greeting, "initialize") => self.greet(id, params),
            (Phase::Greeting, _) => self.client.refuse(id, ErrorCode::ServerNotInitialized, "`initialize` comes first"),
            (Phase::Working, "initialize") => {
                self.client.refuse(id, ErrorCode::InvalidRequest, "`initialize` comes once")
            }
            (Phase::Working, "shutdown") => {
                self.phase = Phase::Leaving;
                self.client.answer(id, ())
            }
            (Phase::Leaving, _) => self.client.refuse(id, ErrorCode::InvalidRequest, "the server was shut down"),
            (Phase::Working, _) => self.look_up(id, &method, params),
        }
    }

    /// Answers a question about a file. A bug of ours costs the answer, not the conversation.
    fn look_up(&mut self, id: RequestId, method: &str, params: serde_json::Value) -> io::Result<()> {
        let Workspace { documents, folders, .. } = &mut self.workspace;
        let mut asked = Asked { documents, folders, abilities: self.abilities };
        let answer = catch_unwind(AssertUnwindSafe(|| asked.answer(method, params)));
        match answer {
            Ok(Ok(answer)) => self.client.answer(id, answer),
            Ok(Err(Refusal::Unknown)) => {
                let message = format!("`{method}` is not known here");
                self.client.refuse(id, ErrorCode::MethodNotFound, message)
            }
            Ok(Err(Refusal::Params(what))) => self.client.refuse(id, ErrorCode::InvalidParams, what),
            Ok(Err(Refusal::Unread(why))) => self.client.refuse(id, ErrorCode::RequestFailed, why),
            Err(_) => self.client.refuse(id, ErrorCode::InternalError, "chartgate itself went wrong"),
        }
    }

    fn greet(&mut self, id: RequestId, params: serde_json::Value) -> io::Result<()> {
        let params: InitializeParams = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(error) => return self.client.refuse(id, ErrorCode::InvalidParams, error.to_string()),
        };
        self.phase = Phase::Working;
        self.abilities = Abilities::of(&params.capabilities);
        let settings = params.initialization_options.clone().filter(|options| !options.is_null());
        let settings = settings.map(serde_json::from_value).transpose();
        let wrong = settings.as_ref().err().map(ToString::to_string);
        let Settings { online } = settings.ok().flatten().unwrap_or_default();
        self.workspace.is_online = online;
        for folder in folders(&params) {
            self.workspace.add_folder(&folder, true);
        }
        let server_info = ServerInfo { name: "chartgate".into(), version: Some(env!("CARGO_PKG_VERSION").into()) };
        let result = InitializeResult { capabilities: capabilities::server(), server_info: Some(server_info) };
        self.client.answer(id, result)?;
        match wrong {
            None => Ok(()),
            Some(wrong) => {
                let message = format!("chartgate: the initialization options are wrong, and left out: {wrong}");
                self.client.show(MessageType::ERROR, message)
            }
        }
    }

    fn hear(&mut self, said: Notification) -> io::Result<()> {
        if self.phase != Phase::Working {
            return Ok(());
        }
        let method = said.method.clone();
        match self.heard(said) {
            Ok(written) => written,
            Err(error) => self.client.log(format!("chartgate: `{method}` cannot be read: {error}")),
        }
    }

    /// Does what a notification calls for, where it says it as the protocol wants.
    fn heard(&mut self, said: Notification) -> Result<io::Result<()>, serde_json::Error> {
        let Notification { method, params } = said;
        match method.as_str() {
            "initialized" if self.abilities.watches => {
                return Ok(self.client.ask("client/registerCapability", capabilities::watching()));
            }
            "textDocument/didOpen" => {
                self.workspace.open(from_value::<DidOpenTextDocumentParams>(params)?.text_document);
            }
            "textDocument/didChange" => {
                let params: DidChangeTextDocumentParams = from_value(params)?;
                if !self.workspace.change(&params) {
                    let version = params.text_document.version;
                    let message = format!("chartgate: a change to version {version} comes too late, and is left out");
                    return Ok(self.client.log(message));
                }
            }
            "textDocument/didSave" => {
                self.workspace.save(&from_value::<DidSaveTextDocumentParams>(params)?.text_document.uri);
            }
            "textDocument/didClose" => {
                self.workspace.close(&from_value::<DidCloseTextDocumentParams>(params)?.text_document.uri);
            }
            "workspace/didChangeWatchedFiles" => self.workspace.watch(&from_value(params)?),
            "workspace/didChangeWorkspaceFolders" => {
                let forgotten = self.workspace.move_folders(&from_value(params)?);
                return Ok(forgotten.iter().try_for_each(|file| self.publish(file, vec![])));
            }
            _ => {}
        }
        Ok(Ok(()))
    }

    /// Shows what was judged.
    fn show(&mut self, outcome: Outcome) -> io::Result<()> {
        let Some((folder, News { files, notices, skipped })) = self.workspace.take(outcome) else { return Ok(()) };
        let found = |file: &PathBuf| folder.of_file(file).map(|found| found.diagnostic.clone()).collect();
        let shown: Vec<(PathBuf, Vec<_>)> = files.into_iter().map(|file| (file.clone(), found(&file))).collect();
        for (file, diagnostics) in shown {
            self.publish(&file, diagnostics)?;
        }
        for notice in notices {
            self.client.show(MessageType::WARNING, format!("chartgate: {notice}"))?;
        }
        skipped.iter().try_for_each(|skipped| self.client.log(format!("chartgate: {skipped}")))
    }

    fn publish(&mut self, file: &Path, mut diagnostics: Vec<Diagnostic>) -> io::Result<()> {
        if !self.abilities.related {
            for diagnostic in &mut diagnostics {
                diagnostic.related_information = None;
            }
        }
        match self.workspace.name(file) {
            Some((uri, version)) => self.client.publish(PublishDiagnosticsParams { uri, diagnostics, version }),
            None => Ok(()),
        }
    }
}

/// Whether a request that waits is taken back by what waits behind it.
fn is_cancelled(id: &RequestId, waiting: &VecDeque<Event>) -> bool {
    let named = |params: &serde_json::Value| {
        let params: CancelParams = serde_json::from_value(params.clone()).ok()?;
        Some(match params.id {
            NumberOrString::Number(number) => RequestId::from(number),
            NumberOrString::String(text) => RequestId::from(text),
        })
    };
    waiting.iter().any(|event| match event {
        Event::Said(message) => match &**message {
            Message::Notification(said) if said.method == "$/cancelRequest" => named(&said.params).as_ref() == Some(id),
            _ => false,
        },
        _ => false,
    })
}

/// The folders of the workspace, or what older editors say in their place.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let path = |uri: &Uri| path_of(uri);
    if let Some(folders) = &params.workspace_folders {
        return folders.iter().filter_map(|folder| path(&folder.uri)).collect();
    }
    #[expect(deprecated, reason = "editors that know no workspace folders say it here")]
    let (uri, root) = (params.root_uri.as_ref().and_then(path), params.root_path.as_ref().map(PathBuf::from));
    uri.or(root).into_iter().collect()
}
