//! The language server: what is found is shown while it is typed, on texts that are not saved yet.
//!
//! Nothing of a workspace is run, and no registry is asked unless the editor's settings say so. What could not be checked is shown like what
//! was found: silence means that a chart was judged.

use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use crate::gate::Session;
use wire::Incoming;

mod actions;
mod annotations;
mod capabilities;
mod client;
mod completion;
mod definition;
mod diagnose;
mod documents;
mod folder;
mod hover;
mod job;
mod judge;
mod mending;
mod model;
mod readers;
mod requests;
mod server;
mod settings;
mod target;
mod utf16;
mod wire;
mod workspace;

/// Makes a session that judges a workspace folder, with or without the network.
pub type Sessions<'s> = dyn Fn(&Path, bool) -> Session + 's;

/// What the server waits for.
enum Event {
    /// The editor says something.
    Said(Box<lsp_server::Message>),
    /// It says something that cannot be read.
    Nonsense(String),
    /// It says nothing any more.
    Closed,
    /// Charts were judged.
    Judged(Box<judge::Outcome>),
}

/// Serves an editor until it leaves; whether it took its leave as the protocol wants.
///
/// # Errors
/// Where the editor cannot be written to.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write,
    working_dir: PathBuf,
    sessions: &Sessions<'_>,
) -> std::io::Result<bool> {
    let (events, incoming) = mpsc::channel();
    let said = events.clone();
    // It ends with the input, or with the process.
    thread::spawn(move || listen(BufReader::new(input), &said));
    let (jobs, waiting) = mpsc::channel();
    let judge = thread::spawn(move || judge::work(&waiting, &events));
    let workspace = workspace::Workspace::new(jobs, Arc::from(working_dir), sessions);
    let mut server = server::Server::new(client::Client::new(output), workspace);
    let left = server.run(&incoming);
    drop(server);
    drop(incoming);
    // What it judges last nobody reads; a panic of its own was said already.
    let _ = judge.join();
    left
}

fn listen(mut input: BufReader<impl Read>, said: &mpsc::Sender<Event>) {
    loop {
        let event = match wire::read(&mut input) {
            Incoming::Message(message) => Event::Said(message),
            Incoming::Nonsense(what) => Event::Nonsense(what),
            Incoming::End => Event::Closed,
        };
        let is_last = matches!(event, Event::Closed);
        if said.send(event).is_err() || is_last {
            return;
        }
    }
}
