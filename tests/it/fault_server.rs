//! A small server on loopback that answers as it is told, faults included, and remembers who asked what.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};

use chartgate::network::{Network, Options, Retries, Timeouts};

/// A host that no resolver is asked for: a label of it is too long.
pub(crate) const NO_NAME: &str = "registry-of-a-name-that-is-longer-than-the-63-letters-a-label-may-have.invalid";

/// A request, as far as tests care.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Header lines.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.headers.iter().filter_map(|line| line.split_once(": "));
        pairs.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, header lines and body.
    Whole(u16, Vec<String>, Vec<u8>),
    /// The same, of which the connection only carries so many bytes of the body.
    Cut(u16, Vec<String>, Vec<u8>, usize),
    /// The same, with a pause before every byte.
    Drip(Vec<u8>, Duration),
    /// Nothing, for as long as the other side waits.
    Silence,
    /// The end of the connection.
    Gone,
}

impl Reply {
    /// A registry's JSON.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        let headers = ["Content-Type: application/json", "Docker-Distribution-Api-Version: registry/2.0"];
        Self::Whole(status, headers.map(str::to_owned).to_vec(), body.as_bytes().to_vec())
    }

    /// A web page.
    pub(crate) fn page(status: u16) -> Self {
        Self::Whole(
            status,
            vec!["Content-Type: text/html; charset=utf-8".into()],
            b"<!doctype html><h1>Hi</h1>".to_vec(),
        )
    }

    /// The same with one more header line.
    pub(crate) fn with(self, header: impl Into<String>) -> Self {
        match self {
            Self::Whole(status, mut headers, body) => {
                headers.push(header.into());
                Self::Whole(status, headers, body)
            }
            other => other,
        }
    }
}

/// The server; it goes when it is dropped.
pub(crate) struct FaultServer {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    is_over: Arc<AtomicBool>,
}

impl FaultServer {
    /// A server that answers as `answer` says.
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (asked, is_over) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicBool>::default());
        let (log, over, answer) = (Arc::clone(&asked), Arc::clone(&is_over), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || _ = serve(stream, &log, answer.as_ref()));
            }
        });
        Self { port, asked, is_over }
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What was asked so far: `GET /v2/`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// The same with everything that was said.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics with it").clone()
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Reply) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let asked = read(&mut reader)?;
    log.lock().expect("no test panics with it").push(asked.clone());
    let mut stream = stream;
    let (status, headers, body, sent) = match answer(&asked) {
        Reply::Whole(status, headers, body) => (status, headers, body.clone(), body.len()),
        Reply::Cut(status, headers, body, sent) => (status, headers, body, sent),
        Reply::Drip(bytes, pause) => {
            for byte in bytes {
                stream.write_all(&[byte])?;
                thread::sleep(pause);
            }
            return Ok(());
        }
        // The other side hangs up first.
        Reply::Silence => return stream.read(&mut [0]).map(|_| ()),
        Reply::Gone => return Ok(()),
    };
    write!(stream, "HTTP/1.1 {status} Status\r\nConnection: close\r\nContent-Length: {}\r\n", body.len())?;
    headers.iter().try_for_each(|header| write!(stream, "{header}\r\n"))?;
    stream.write_all(b"\r\n")?;
    if asked.method == "HEAD" { Ok(()) } else { stream.write_all(&body[..sent]) }
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Asked> {
    let mut lines = vec![];
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let first = lines.remove(0);
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut asked = Asked { method, path, headers: lines, body: String::new() };
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Ok(asked)
}

/// A network that loses patience soon.
pub(crate) fn impatient() -> Options {
    Options {
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            silence: Duration::from_millis(400),
            whole: Duration::from_millis(1200),
            helper: Duration::from_millis(700),
        },
        retries: Retries { attempts: 3, pause: Duration::from_millis(5), patience: Duration::from_secs(2) },
        ..Options::default()
    }
}

/// The same, ready to be used.
pub(crate) fn network() -> Arc<Network> {
    Network::new(impatient())
}

/// A packaged chart of one file: `agents` 1.0.0.
pub(crate) fn package() -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(vec![], flate2::Compression::fast()));
    let chart = b"apiVersion: v2\nname: agents\nversion: 1.0.0\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(chart.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "agents/Chart.yaml", &chart[..]).expect("memory has room");
    archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("memory has room")
}

/// `sha256:…`
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}
