//! `chartgate check --show-settings`: what counts for each chart, and from which line it comes.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::gate::{By, Request, RuleSetting, Session, Settings};
use crate::report::{Look, human};
use crate::text::printable::Printable;
use crate::text::veil::veiled;
use crate::text::{Location, Sources};
use crate::yaml::{Document, Node, Value as Yaml};

/// A chart; the wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsWire {
    chart: String,
    /// The configuration file; null where there is none.
    configuration: Option<String>,
    /// What it extends, in the order in which it counts.
    extends: Vec<String>,
    /// Whether it says that it takes the place of configurations further up.
    replaces: bool,
    /// Null where nothing fails a run.
    fail_on: Option<String>,
    fail_on_from: String,
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

pub(super) fn run(
    session: &Session,
    request: &Request,
    (is_json, look): (bool, Look),
    sources: &Sources,
    output: &mut Output,
) -> u8 {
    match session.settings(request, sources) {
        Ok((settings, unseen)) => {
            let charts: Vec<SettingsWire> = settings.iter().map(|settings| wire(settings, sources)).collect();
            output.print(&if is_json { Printable::json(&charts) } else { text(&charts) });
            for failure in &unseen {
                output.complain(&human::failure(failure, sources, look));
            }
            if unseen.is_empty() { exit::PASS } else { exit::UNDECIDED }
        }
        Err(error) => refused(&error, sources, look, output),
    }
}

fn wire(settings: &Settings, sources: &Sources) -> SettingsWire {
    let mut said = IndexMap::new();
    let mut fail_on_from = "default".to_owned();
    for file in &settings.texts {
        let source = sources.get(*file);
        let Ok(document) = Document::parse(*file, &source.text) else { continue };
        let keys = document.root.as_map().map(|mapping| mapping.effective()).unwrap_or_default();
        for (key, entry) in keys.into_iter().filter(|(key, _)| key != "rules" && key != "extends") {
            if key == "failOn" {
                fail_on_from = place(entry.value.location, sources);
            } else if ADDED.contains(&&*key) {
                let items = entry.value.as_seq().unwrap_or_default().iter();
                said.extend(
                    items.map(|item| setting(format!("{key}[{}]", place(item.location, sources)), item, sources)),
                );
            } else {
                leaves(&key, &entry.value, sources, &mut said);
            }
        }
    }
    let extended = settings.texts.iter().filter(|text| Some(**text) != settings.file);
    SettingsWire {
        chart: if settings.chart.is_empty() { ".".to_owned() } else { settings.chart.clone() },
        configuration: settings.file.map(|file| sources.path_of(file)),
        extends: extended.map(|text| sources.path_of(*text)).collect(),
        replaces: settings.replaces,
        fail_on: settings.fail_on.map(|severity| severity.to_string()),
        fail_on_from: if settings.is_fail_on_asked { "command line".to_owned() } else { fail_on_from },
        settings: said.into_values().collect(),
        rules: settings.rules.iter().map(|setting| rule(setting, sources)).collect(),
    }
}

/// Lists to which each file adds.
const ADDED: [&str; 3] = ["schemas", "suppress", "overrides"];

/// A setting under the name that it is known by; what a later file says of it takes its place.
fn setting(name: String, node: &Node, sources: &Sources) -> (String, WireSetting) {
    let key = name.split('[').next().unwrap_or(&name).to_owned();
    (name, WireSetting { key, value: node.to_json(), from: place(node.location, sources) })
}

fn leaves(key: &str, node: &Node, sources: &Sources, said: &mut IndexMap<String, WireSetting>) {
    match &node.value {
        Yaml::Map(mapping) if !mapping.entries().is_empty() => {
            for (name, entry) in mapping.effective() {
                leaves(&format!("{key}.{name}"), &entry.value, sources, said);
            }
        }
        _ => said.extend([setting(key.to_owned(), node, sources)]),
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
    format!("{}:{}", sources.seen_path(at.source), sources.start(at).line)
}

/// For people: rules that count as they come and have no parameter set are left out, and counted.
fn text(charts: &[SettingsWire]) -> Printable {
    let mut text = Printable::default();
    for (index, chart) in charts.iter().enumerate() {
        let mut say = |line: String| text.push(&Printable::line(line));
        if index > 0 {
            say(String::new());
        }
        say(format!("{}  {}", chart.chart, chart.configuration.as_deref().unwrap_or("no configuration")));
        for extended in &chart.extends {
            say(format!("  extends {extended}"));
        }
        let fail_on = chart.fail_on.as_deref().unwrap_or("never");
        say(format!("  failOn: {fail_on}  ({})", chart.fail_on_from));
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
