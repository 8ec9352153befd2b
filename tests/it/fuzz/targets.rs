//! What the fuzz targets in `fuzz/` try: each takes any bytes, and panics where a promise does not hold.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use chartgate::network::index::Index;
use chartgate::network::oci::Registry;
use chartgate::network::{Answer, Hop, Interruption, Network, Options, Retries, Sending, Transport};
use chartgate::template::call::Random;
use chartgate::template::exec::{Session, Set};
use chartgate::template::funcs::Table;
use chartgate::template::limits::Limits;
use chartgate::template::parser::{Input, parse};
use chartgate::template::value::{Data, List, Map, Value};
use chartgate::text::{Address, Source, SourceId, Sources};
use chartgate::yaml::emit::{self, Bounds, Form, Shape};
use chartgate::yaml::{Document, Mapping, Node};

fn table() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all()));
    &TABLE
}

fn source(text: &str) -> SourceId {
    Sources::new().add(Source::new("fuzz", Address::Rendered, text))
}

/// Lexer and parser: any text is a template or an error at a place in it.
pub(super) fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let input = Input { name: "fuzz".into(), source: Some(source(&text)), text: text.as_ref().into() };
    match parse(&input, table(), &Limits::default()) {
        Ok(trees) => assert!(trees.iter().all(|tree| !tree.unit.show(tree.root).is_empty() || tree.is_empty())),
        Err(error) => assert!(!error.message.is_empty()),
    }
}

/// Execution: the text before the first zero byte is a template, what follows are its values.
pub(super) fn render(data: &[u8]) {
    let (text, values) = match data.iter().position(|byte| *byte == 0) {
        Some(zero) => (&data[..zero], &data[zero + 1..]),
        None => (data, &data[..0]),
    };
    let text = String::from_utf8_lossy(text);
    let limits = Limits {
        steps: 50_000,
        string: 1 << 20,
        total: 16 << 20,
        list: 20_000,
        nesting: 100,
        includes: 50,
        ..Limits::default()
    };
    let input = Input { name: "fuzz".into(), source: Some(source(&text)), text: text.as_ref().into() };
    let mut set = Set::new();
    if set.parse(&input, table(), &limits).is_err() {
        return;
    }
    let top = Map::from_iter([("Values", Reader(values).sample(0).value())]);
    let mut session = Session::new(Arc::clone(table()), limits.clone(), Box::new(Counter(0)), 0);
    if let Ok(printed) = session.execute(&set, "fuzz", top.into()) {
        assert!(printed.len() <= limits.string, "the text is bounded");
        let mut at = 0;
        for piece in printed.pieces() {
            assert_eq!(piece.start, at, "every byte has one piece");
            at = piece.end;
        }
        assert_eq!(at as usize, printed.len(), "every byte has a piece");
    }
}

/// Registries and chart repositories: whatever they answer, they are asked a bounded number of times and nowhere else than on the
/// internet, learn no password that is not theirs, and are not quoted.
///
/// The first byte says what is asked. What follows are answers, each ended by a zero byte: a byte for the status, a header line, the body.
pub(super) fn answers(data: &[u8]) {
    let Some((what, rest)) = data.split_first() else { return };
    let replies: Vec<_> = rest.split(|byte| *byte == 0).map(reply).collect();
    let transport = Arc::new(Replies { replies, sent: AtomicUsize::new(0) });
    let once = Retries { attempts: 1, ..Retries::default() };
    let network = Network::over(Options { retries: once, ..Options::default() }, transport);
    let registry = || Registry::new("oci://203.0.113.9/charts", None, &network).expect("it is a target");
    let index = || Index::new("https://qzxj:jxqz@203.0.113.9/charts", None, &network).expect("it is a URL");
    let failure = match what % 4 {
        0 => registry().versions("agents").err(),
        1 => registry().open("agents", "1.0.0").err(),
        2 => index().versions("agents").err(),
        _ => index().open("agents", "1.0.0").err(),
    };
    if let Some(failure) = failure {
        assert!(failure.message.len() < 1000 && failure.message.chars().all(|letter| !letter.is_control()));
        assert!(!failure.message.contains("qzxj") && !failure.message.contains("jxqz"), "{}", failure.message);
    }
}

/// An answer from a byte for its status, a header line, and the body.
fn reply(data: &[u8]) -> Answer {
    const STATUSES: [u16; 10] = [200, 404, 401, 403, 302, 307, 405, 418, 429, 500];
    let (status, rest) = data.split_first().unwrap_or((&b'1', &[]));
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let line = String::from_utf8_lossy(&rest[..end]);
    let (name, value) = line.split_once(": ").unwrap_or(("x", "x"));
    let body = rest.get(end + 1..).unwrap_or_default();
    Answer::new(STATUSES[usize::from(*status) % STATUSES.len()], &[(name, value)], body.to_vec())
}

/// The answers one after the other, then the last again and again.
struct Replies {
    replies: Vec<Answer>,
    sent: AtomicUsize,
}

impl Transport for Replies {
    fn send<'a>(&'a self, hop: &'a Hop) -> Sending<'a> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        assert!(number < 10_000, "it is asked without end");
        let host = hop.url().split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        assert!(!hop.is_secret() || host == "203.0.113.9", "{} is shown a password", hop.url());
        let bare = host.trim_start_matches('[').split([']']).next().unwrap_or_default();
        let address = bare.parse().or_else(|_| bare.rsplit_once(':').map_or(bare, |(host, _)| host).parse::<IpAddr>());
        let is_inner = address.is_ok_and(|address| match address {
            IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
            IpAddr::V6(address) => {
                address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
            }
        });
        let name = bare.rsplit_once(':').map_or(bare, |(host, _)| host).trim_end_matches('.');
        let is_local = name == "localhost" || name.ends_with(".localhost");
        assert!(!is_inner && !is_local, "{} is asked", hop.url());
        let mut answer = self.replies.get(number).or(self.replies.last()).cloned();
        let is_long = answer.as_ref().is_some_and(|answer| answer.size() > hop.limit());
        let answer = answer.take().filter(|_| !is_long).ok_or(Interruption::TooLarge);
        Box::pin(std::future::ready(answer))
    }
}

/// The reader: every node lies in the text, and what is read can be written and read again.
pub(super) fn yaml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(documents) = Document::parse_all(source(&text), &text) else { return };
    for document in documents {
        lies_in(&document.root, &text);
        assert!(document.root.same_meaning(&document.root) || format!("{:?}", document.root).contains("NaN"));
        round_trip(&Sample::read(&document.root));
    }
}

/// The emitter: any value is written so that it reads back the same.
pub(super) fn emit(data: &[u8]) {
    round_trip(&Reader(data).sample(0));
}

fn lies_in(node: &Node, text: &str) {
    assert!(text.get(node.location.span.range()).is_some(), "{:?} is no part of the text", node.location.span);
    for item in node.as_seq().unwrap_or_default() {
        lies_in(item, text);
    }
    for entry in node.as_map().map(Mapping::entries).unwrap_or_default() {
        lies_in(&entry.key, text);
        lies_in(&entry.value, text);
    }
}

fn round_trip(value: &Sample) {
    let yaml = emit::to_yaml(value, Bounds::default(), |_, _| {});
    let pretty = emit::to_yaml_pretty(value, Bounds::default(), |_, _| {});
    for text in [yaml, pretty].into_iter().flatten() {
        let read = Document::parse(source(&text), &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let read = Sample::read(&read.root);
        assert!(read.is(value), "{value:?}\nis written as\n{text}\nwhich reads as\n{read:?}");
    }
}

/// A text without the line separators that Go-YAML itself does not carry over a round trip, nor merge keys.
fn carried(text: &str) -> String {
    if text == "<<" {
        return "_".to_owned();
    }
    text.replace(['\u{85}', '\u{2028}', '\u{2029}'], "_")
}

/// A value of any shape.
#[derive(Debug, Clone)]
enum Sample {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Sample>),
    Map(BTreeMap<String, Sample>),
}

impl Sample {
    fn read(node: &Node) -> Self {
        use chartgate::yaml::Value;
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(value, _) => Self::Bool(*value),
            Value::Int(value, _) => Self::Int(*value),
            #[expect(clippy::cast_precision_loss, reason = "JSON numbers are compared as such")]
            Value::Uint(value, _) => Self::Float(*value as f64),
            Value::Float(value, _) => Self::Float(*value),
            Value::String(text) => Self::Text(carried(text)),
            Value::Seq(items) => Self::List(items.iter().map(Self::read).collect()),
            Value::Map(mapping) => {
                let entries = mapping.effective().into_iter();
                Self::Map(entries.map(|(key, entry)| (carried(&key), Self::read(&entry.value))).collect())
            }
        }
    }

    /// Whether two values are the same, numbers by their value.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.is(right))
            }
            (Self::Map(left), Self::Map(right)) => {
                let same = |((key, left), (other, right)): ((&String, &Self), (&String, &Self))| {
                    key == other && left.is(right)
                };
                left.len() == right.len() && left.iter().zip(right).all(same)
            }
            #[expect(clippy::cast_precision_loss, reason = "a float without fraction is written as a whole number")]
            (Self::Int(whole), Self::Float(float)) | (Self::Float(float), Self::Int(whole)) => {
                (*whole as f64 - float).abs() <= float.abs() * f64::EPSILON
            }
            (Self::Float(left), Self::Float(right)) => {
                let is_nan = left.is_nan() && right.is_nan();
                is_nan || left.total_cmp(right).is_eq() || left.abs().max(right.abs()) <= 0.0
            }
            _ => false,
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Null => Value::NIL,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => Data::Int64(*value).into(),
            Self::Float(value) => Data::Float(*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => List::new(items.iter().map(Self::value).collect()).into(),
            Self::Map(entries) => {
                entries.iter().map(|(key, value)| (key.as_str(), value.value())).collect::<Map>().into()
            }
        }
    }
}

impl emit::Input for Sample {
    fn inspect<R>(&self, _: Form, see: impl FnOnce(Shape<'_, Self>) -> R) -> R {
        see(match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(*value),
            Self::Int(value) => Shape::Int(*value),
            Self::Float(value) => Shape::Float(*value),
            Self::Text(text) => Shape::Text(text),
            Self::List(items) => Shape::List(items.iter().collect()),
            Self::Map(entries) => Shape::Map(entries.iter().map(|(key, value)| (key.as_str(), value)).collect()),
        })
    }
}

/// Takes values from bytes; where these end, everything is empty.
struct Reader<'d>(&'d [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        carried(&String::from_utf8_lossy(text))
    }

    fn sample(&mut self, depth: u8) -> Sample {
        const DEEPEST: u8 = 12;
        let parts = if depth < DEEPEST { 8 } else { 6 };
        match self.byte() % parts {
            0 => Sample::Null,
            1 => Sample::Bool(self.byte() % 2 == 1),
            2 => Sample::Int(i64::from_le_bytes(self.bytes())),
            3 => Sample::Float(f64::from_le_bytes(self.bytes())),
            4 | 5 => Sample::Text(self.text()),
            6 => {
                let count = self.byte() % 8;
                Sample::List((0..count).map(|_| self.sample(depth + 1)).collect())
            }
            _ => {
                let count = self.byte() % 8;
                Sample::Map((0..count).map(|_| (self.text(), self.sample(depth + 1))).collect())
            }
        }
    }
}

/// Bytes that count up.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}
