//! `chartgate check --show-settings`: what counts for each chart, and from which line it comes.

use serde::Serialize;
use serde_json::Value;

use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::gate::{By, Request, RuleSetting, Session, Settings};
use crate::report::Look;
use crate::text::printable::Printable;
use crate::text::veil::veiled;
use crate::text::{Location, Sources};
use crate::yaml::{Document, Node, Value as Yaml};

/// A chart; the wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    chart: String,
    /// The configuration file; null where there is none.
    configuration: Option<String>,
    /// Null where nothing fails a run.
    fail_on: Option<String>,
    /// What the configuration says besides rules, by key.
    settings: Vec<WireSetting>,
    rules: Vec<WireRule>,
}

#[derive(Serialize)]
struct WireSetting {
    key: String,
    value: Value,
    /// Who says so: `path:line`, `default`, `command line`.
    from: String,
}

#[derive(Serialize)]
struct WireRule {
    rule: String,
    level: String,
    from: String,
    params: Vec<WireSetting>,
}

pub(super) fn run(session: &Session, request: &Request, (is_json, look): (bool, Look), output: &mut Output) -> u8 {
    let sources = Sources::new();
    match session.settings(request, &sources) {
        Ok(settings) => {
            let charts: Vec<Wire> = settings.iter().map(|settings| wire(settings, &sources)).collect();
            output.print(&if is_json { Printable::json(&charts) } else { text(&charts) });
            exit::PASS
        }
        Err(error) => refused(&error, &sources, look, output),
    }
}

fn wire(settings: &Settings, sources: &Sources) -> Wire {
    let mut said = vec![];
    if let Some(file) = settings.file {
        let source = sources.get(file);
        if let Ok(document) = Document::parse(file, &source.text) {
            let keys = document.root.as_map().map(|mapping| mapping.effective()).unwrap_or_default();
            for (key, entry) in keys.into_iter().filter(|(key, _)| key != "rules" && key != "failOn") {
                leaves(&key, &entry.value, sources, &mut said);
            }
        }
    }
    let fail_on = settings.fail_on.map(|severity| severity.to_string());
    Wire {
        chart: if settings.chart.is_empty() { ".".to_owned() } else { settings.chart.clone() },
        configuration: settings.file.map(|file| sources.path_of(file)),
        fail_on,
        settings: said,
        rules: settings.rules.iter().map(|setting| rule(setting, sources)).collect(),
    }
}

fn leaves(key: &str, node: &Node, sources: &Sources, said: &mut Vec<WireSetting>) {
    match &node.value {
        Yaml::Map(mapping) if !mapping.entries.is_empty() => {
            for (name, entry) in mapping.effective() {
                leaves(&format!("{key}.{name}"), &entry.value, sources, said);
            }
        }
        _ => {
            let from = place(node.location, sources);
            said.push(WireSetting { key: key.to_owned(), value: node.to_json(), from });
        }
    }
}

fn rule(setting: &RuleSetting, sources: &Sources) -> WireRule {
    let from = match setting.by {
        By::Default => "default".to_owned(),
        By::File(at) => place(at, sources),
        By::CommandLine => "command line".to_owned(),
        By::Unasked => "not asked for".to_owned(),
    };
    let param = |(key, value, at): &(String, Value, Option<Location>)| WireSetting {
        key: key.clone(),
        value: value.clone(),
        from: at.map_or_else(|| "default".to_owned(), |at| place(at, sources)),
    };
    let level = setting.level.map_or_else(|| "off".to_owned(), |level| level.to_string());
    WireRule { rule: setting.rule.id.clone(), level, from, params: setting.params.iter().map(param).collect() }
}

fn place(at: Location, sources: &Sources) -> String {
    format!("{}:{}", sources.path(at), sources.start(at).line)
}

/// For people: rules that count as they come and have no parameter set are left out, and counted.
fn text(charts: &[Wire]) -> Printable {
    let mut text = Printable::default();
    for (index, chart) in charts.iter().enumerate() {
        let mut say = |line: String| text.push(&Printable::line(line));
        if index > 0 {
            say(String::new());
        }
        say(format!("{}  {}", chart.chart, chart.configuration.as_deref().unwrap_or("no configuration")));
        say(format!("  failOn: {}", chart.fail_on.as_deref().unwrap_or("never")));
        for WireSetting { key, value, from } in &chart.settings {
            say(format!("  {key}: {}  ({from})", veiled(&value.to_string())));
        }
        let mut plain = 0;
        for WireRule { rule, level, from, params } in &chart.rules {
            let set: Vec<_> = params.iter().filter(|param| param.from != "default").collect();
            if from == "default" && set.is_empty() {
                plain += 1;
                continue;
            }
            say(format!("  rules.{rule}: {level}  ({from})"));
            for WireSetting { key, value, from } in set {
                say(format!("  rules.{rule}.params.{key}: {}  ({from})", veiled(&value.to_string())));
            }
        }
        say(format!("  {plain} rules as they come; `--format json` lists them"));
    }
    text
}
