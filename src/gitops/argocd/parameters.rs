//! `parameters` and `fileParameters`: what Argo CD gives to Helm with `--set`, `--set-string` and `--set-file`.

use std::collections::BTreeSet;

use super::Source;
use super::values::{self, ValuesPlace};
use crate::gitops::files::Files;
use crate::gitops::{Problem, text};
use crate::profile::Setting;
use crate::values::set::{self, Form};
use crate::yaml::Node;

/// The expressions in the order in which Helm takes them: typed ones, then text, then files.
pub(super) fn read(files: &Files<'_>, source: &mut Source<'_>, helm: &Node, chart: Option<&str>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = vec![];
    for parameter in helm.items("parameters") {
        match setting(source, parameter) {
            Ok(setting) => settings.extend(setting),
            Err(problem) => source.problems.push(problem),
        }
    }
    let mut settings = last_of_each_name(settings);
    settings.sort_by_key(|setting| setting.form == Form::Text);
    for parameter in helm.items("fileParameters") {
        match file(files, source, parameter, chart) {
            Ok(setting) => settings.extend(setting),
            Err(problem) => source.problems.push(problem),
        }
    }
    settings
}

/// Argo CD keeps parameters by name: the last of a name counts.
fn last_of_each_name(settings: Vec<Setting>) -> Vec<Setting> {
    let name = |setting: &Setting| setting.expression.split('=').next().map(str::to_owned);
    let mut known = BTreeSet::new();
    let is_last = |setting: &Setting| known.insert((setting.form == Form::Text, name(setting)));
    let mut kept: Vec<Setting> = settings.into_iter().rev().filter(is_last).collect();
    kept.reverse();
    kept
}

fn setting(source: &Source<'_>, parameter: &Node) -> Result<Option<Setting>, Problem> {
    let Some(name) = text(parameter, "name") else { return Ok(None) };
    let value = text(parameter, "value").unwrap_or("");
    let value = source.environment.filled(value).map_err(|message| Problem::new(parameter.location, message))?;
    let form =
        if parameter.get("forceString").and_then(Node::as_bool) == Some(true) { Form::Text } else { Form::Typed };
    let at = parameter.get("value").map_or(parameter.location, |value| value.location);
    Ok(Some(Setting { expression: format!("{name}={}", escaped(&value)), form, at: Some(at) }))
}

/// Commas escaped as Argo CD does it: not in lists, and not where they are escaped already.
fn escaped(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut out = String::new();
    let mut before = ' ';
    for letter in value.chars() {
        if letter == ',' && before != '\\' {
            out.push('\\');
        }
        out.push(letter);
        before = letter;
    }
    out
}

fn file(
    files: &Files<'_>,
    source: &Source<'_>,
    parameter: &Node,
    chart: Option<&str>,
) -> Result<Option<Setting>, Problem> {
    let (Some(name), Some(path)) = (text(parameter, "name"), text(parameter, "path")) else { return Ok(None) };
    let wrong = |message: String| Problem::new(parameter.location, message);
    let ValuesPlace::Here(path) = values::path(source, path, chart).map_err(wrong)? else {
        return Err(wrong(format!("`{path}` lies in the chart, which is not in this repository")));
    };
    let read = |path: &str| files.text(path).map(|(_, text)| text.text.to_string());
    let expression = set::inlined(&format!("{name}={}", escaped(&path)), read).map_err(wrong)?;
    Ok(Some(Setting { expression, form: Form::File, at: Some(parameter.location) }))
}
