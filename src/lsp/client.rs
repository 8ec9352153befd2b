//! The editor, as it is spoken to.

use std::io::{self, Write};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{LogMessage, Notification as _, PublishDiagnostics, ShowMessage};
use lsp_types::{LogMessageParams, MessageType, PublishDiagnosticsParams, ShowMessageParams};
use serde::Serialize;

/// Writes to the editor. The first fault ends the server, which would speak to nobody.
pub(super) struct Client<W> {
    output: W,
    asked: i32,
}

impl<W: Write> Client<W> {
    pub(super) fn new(output: W) -> Self {
        Self { output, asked: 0 }
    }

    fn write(&mut self, message: &Message) -> io::Result<()> {
        message.write(&mut self.output)?;
        self.output.flush()
    }

    fn notify(&mut self, method: &str, params: impl Serialize) -> io::Result<()> {
        self.write(&Message::Notification(Notification::new(method.to_owned(), params)))
    }

    /// Shows the diagnostics of a file in place of those before.
    pub(super) fn publish(&mut self, diagnostics: PublishDiagnosticsParams) -> io::Result<()> {
        self.notify(PublishDiagnostics::METHOD, diagnostics)
    }

    /// Says something to the person.
    pub(super) fn show(&mut self, typ: MessageType, message: impl Into<String>) -> io::Result<()> {
        self.notify(ShowMessage::METHOD, ShowMessageParams { typ, message: message.into() })
    }

    /// Notes something where a person looks who wonders.
    pub(super) fn log(&mut self, message: impl Into<String>) -> io::Result<()> {
        self.notify(LogMessage::METHOD, LogMessageParams { typ: MessageType::WARNING, message: message.into() })
    }

    /// Asks for something whose answer changes nothing.
    pub(super) fn ask(&mut self, method: &str, params: impl Serialize) -> io::Result<()> {
        self.asked += 1;
        self.write(&Message::Request(Request::new(self.asked.into(), method.to_owned(), params)))
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, id: RequestId, answer: impl Serialize) -> io::Result<()> {
        self.write(&Message::Response(Response::new_ok(id, answer)))
    }

    /// Refuses a request.
    pub(super) fn refuse(&mut self, id: RequestId, code: ErrorCode, message: impl Into<String>) -> io::Result<()> {
        self.write(&Message::Response(Response::new_err(id, code as i32, message.into())))
    }

    /// Says that a message could not be read; whose answer it would be cannot be told.
    pub(super) fn lament(&mut self, what: &str) -> io::Result<()> {
        let error = serde_json::json!({ "code": ErrorCode::ParseError as i32, "message": what });
        let body = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string();
        write!(self.output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        self.output.flush()
    }
}
