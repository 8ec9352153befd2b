//! An editor for tests: speaks with `chartgate lsp` over its standard streams.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// How long to wait for anything; only a server that hangs takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor.
pub(crate) struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    said: Receiver<Value>,
    root: PathBuf,
    asked: i32,
    /// The diagnostics of each file as they were published last.
    shown: RefCell<BTreeMap<String, Value>>,
    /// Everything else that was said without being asked.
    notes: RefCell<Vec<Value>>,
}

/// What the editor says of itself.
pub(crate) fn abilities() -> Value {
    json!({
        "textDocument": {
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "publishDiagnostics": { "relatedInformation": true },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

impl Editor {
    /// An editor that has introduced itself, with one workspace folder.
    pub(crate) fn new(command: Command, root: &Path) -> Self {
        Self::with(command, root, &abilities(), &Value::Null)
    }

    /// The same with other abilities and options.
    pub(crate) fn with(command: Command, root: &Path, abilities: &Value, options: &Value) -> Self {
        let mut editor = Self::silent(command, root);
        let folder = json!({ "uri": editor.uri(""), "name": "workspace" });
        let answer = editor.ask(
            "initialize",
            &json!({ "processId": null, "rootUri": editor.uri(""), "capabilities": abilities, "workspaceFolders": [folder],
                "initializationOptions": options }),
        );
        assert_eq!(answer["serverInfo"]["name"], "chartgate", "{answer}");
        editor.tell("initialized", &json!({}));
        editor
    }

    /// An editor that has said nothing yet.
    pub(crate) fn silent(mut command: Command, root: &Path) -> Self {
        let command = command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the program starts");
        let (send, said) = channel();
        let mut output = BufReader::new(server.stdout.take().expect("it is piped"));
        std::thread::spawn(move || {
            while let Some(message) = message(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let root = root.canonicalize().expect("the folder is there");
        let input = server.stdin.take();
        Self { server, input, said, root, asked: 0, shown: RefCell::default(), notes: RefCell::default() }
    }

    /// A path of the workspace as a URI.
    pub(crate) fn uri(&self, path: &str) -> String {
        let path = if path.is_empty() { self.root.clone() } else { self.root.join(path) };
        url::Url::from_file_path(path).expect("it is absolute").to_string()
    }

    /// Writes bytes, whatever they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Says something.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks something; the whole answer where it is an error, else its result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// Asks something, and does not wait.
    pub(crate) fn begin(&mut self, method: &str, params: &Value) -> i32 {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        self.asked
    }

    /// Waits for an answer.
    pub(crate) fn answer(&self, id: i32) -> Value {
        loop {
            let message = self.said.recv_timeout(PATIENCE).expect("the server answers");
            if message["id"] == id && message["method"].is_null() {
                return if message["error"].is_null() { message["result"].clone() } else { message["error"].clone() };
            }
            self.note(message);
        }
    }

    fn note(&self, message: Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().expect("it names a file").to_owned();
            self.shown.borrow_mut().insert(uri, message["params"].clone());
        } else {
            self.notes.borrow_mut().push(message);
        }
    }

    /// Opens a file with a text.
    pub(crate) fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Replaces the text of a file.
    pub(crate) fn change(&mut self, path: &str, version: i32, text: &str) {
        self.edit(path, version, &json!([{ "text": text }]));
    }

    /// Edits a file.
    pub(crate) fn edit(&mut self, path: &str, version: i32, changes: &Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.tell("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Closes a file.
    pub(crate) fn close(&mut self, path: &str) {
        let document = json!({ "uri": self.uri(path) });
        self.tell("textDocument/didClose", &json!({ "textDocument": document }));
    }

    /// Waits for the diagnostics of a version of a file.
    pub(crate) fn judged(&self, path: &str, version: i32) -> Vec<Value> {
        let uri = self.uri(path);
        loop {
            let message = self.said.recv_timeout(PATIENCE).expect("the server judges");
            let is_it = message["params"]["uri"] == uri.as_str() && message["params"]["version"] == version;
            let diagnostics = message["params"]["diagnostics"].as_array().cloned();
            self.note(message);
            if let Some(diagnostics) = diagnostics.filter(|_| is_it) {
                return diagnostics;
            }
        }
    }

    /// What is shown of every file, as `path:line:character severity code message`.
    pub(crate) fn screen(&self) -> Vec<String> {
        let root = format!("{}/", self.uri(""));
        let mut lines = vec![];
        for (uri, params) in self.shown.borrow().iter() {
            let path = uri.strip_prefix(&root).unwrap_or(uri);
            let line = |diagnostic: &Value| format!("{path}:{}", self::line(diagnostic));
            lines.extend(params["diagnostics"].as_array().expect("a list").iter().map(line));
        }
        lines
    }

    /// The diagnostics of a file as they were published last; none where nothing was published.
    pub(crate) fn shown(&self, path: &str) -> Option<Vec<Value>> {
        self.shown.borrow().get(&self.uri(path))?["diagnostics"].as_array().cloned()
    }

    /// Everything that was said besides.
    pub(crate) fn notes(&self) -> Vec<Value> {
        self.notes.borrow().clone()
    }

    /// A position in a file.
    pub(crate) fn at(&self, path: &str, line: usize, character: usize) -> Value {
        json!({ "textDocument": { "uri": self.uri(path) }, "position": { "line": line, "character": character } })
    }

    /// The position of a part of a text, with the cursor behind so many of its characters.
    pub(crate) fn within(&self, path: &str, text: &str, part: &str, characters: usize) -> Value {
        let start = text.find(part).expect("the part is there");
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let units = before[line_start..].encode_utf16().count();
        self.at(path, before.matches('\n').count(), units + characters)
    }

    /// Kilobytes of memory that the server takes; none where the system does not say.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
    }

    /// Takes its leave; the exit code.
    pub(crate) fn leave(mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", &Value::Null), Value::Null);
        self.tell("exit", &Value::Null);
        self.server.wait().expect("it ends").code()
    }

    /// Goes without a word; the exit code.
    pub(crate) fn vanish(mut self) -> Option<i32> {
        self.input = None;
        self.server.wait().expect("it ends").code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A diagnostic in one line.
pub(crate) fn line(diagnostic: &Value) -> String {
    let start = &diagnostic["range"]["start"];
    let message = diagnostic["message"].as_str().expect("a text").replace('\n', " | ");
    let code = diagnostic["code"].as_str().expect("a text");
    format!("{}:{} {} {code} {message}", start["line"], start["character"], diagnostic["severity"])
}

fn message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => length = line.strip_prefix("Content-Length: ")?.parse().ok()?,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
