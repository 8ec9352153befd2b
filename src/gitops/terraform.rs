//! `helm_release` of Terraform: found and said, as what its expressions come to is known to Terraform alone.

use super::files::{Files, Read};
use super::path::{folder, join};
use super::{Deployment, Discovered, Pin, Problem, Release, Remote};
use crate::profile::Profile;
use crate::text::{Location, Span};

/// Says of every `helm_release` of a chart of the repository that it is not followed.
pub(super) fn discover(files: &Files<'_>, found: &mut Discovered) {
    for path in files.search.paths.iter().filter(|path| path.ends_with(".tf")) {
        let (id, source) = match files.text(path) {
            Ok(read) => read,
            Err(message) => {
                found.unresolved.push(Problem::new(files.beginning(path), message).into());
                continue;
            }
        };
        for block in blocks(&source.text) {
            let place = |at: usize| Location::new(id, Span::new(block.start + at, block.start + at));
            say(files, path, &block, &place, found);
        }
    }
}

/// The text of a resource.
struct Block<'a> {
    start: usize,
    text: &'a str,
}

/// Every `resource "helm_release"` up to the brace that closes it.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let starts = text.match_indices("\"helm_release\"").filter(|(at, _)| {
        let line = text[..*at].rsplit('\n').next().unwrap_or("");
        line.trim() == "resource"
    });
    starts.map(|(start, _)| Block { start, text: &text[start..start + length(&text[start..])] }).collect()
}

/// How long a block is from its beginning on.
fn length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn say(files: &Files<'_>, path: &str, block: &Block<'_>, place: &dyn Fn(usize) -> Location, found: &mut Discovered) {
    let name = block.text.split('"').nth(3).unwrap_or("");
    let repository = attribute(block.text, "repository");
    let (at, written) = match attribute(block.text, "chart") {
        Some(Attribute::Text(at, written)) => (at, written),
        _ if repository.is_some() => return,
        _ => {
            let message = format!("the chart of `helm_release.{name}` is an expression, which Terraform alone knows");
            found.unresolved.push(Problem::new(place(0), message).into());
            return;
        }
    };
    let unknown = format!("what the values of `helm_release.{name}` come to is known to Terraform alone");
    let prefixes = ["${path.module}/", "${path.root}/", "${path.cwd}/"];
    let relative = prefixes.iter().find_map(|prefix| written.strip_prefix(prefix));
    if relative.is_none() && !written.starts_with('.') {
        let url = if let Some(Attribute::Text(_, url)) = repository { url } else { "" };
        let chart = if written.contains("://") { Remote::at(written) } else { Remote::new(url, written) };
        let (version, at) = match attribute(block.text, "version") {
            Some(Attribute::Text(at, version)) => (version, at),
            _ => ("", at),
        };
        let pin = Pin { version: version.to_owned(), digest: String::new(), is_git: false, at: place(at) };
        let (production, decided_by) = files.search.is_production(&[path], name, None);
        let profile = Profile {
            name: folder(path).to_owned(),
            production,
            decided_by,
            release: Some(name.to_owned()),
            found_at: Some(place(0)),
            ..Profile::default()
        };
        let problems = vec![Problem::new(place(0), unknown)];
        let deployment = Deployment { chart: String::new(), profile, pin: Some(pin), problems, read: Read::new() };
        found.releases.push(Release { file: path.to_owned(), chart, deployment });
        return;
    }
    match join(folder(path), relative.unwrap_or(written)) {
        Some(chart) if files.search.charts.contains_key(&chart) => {
            found.unresolved(Some(&chart), "", Problem::new(place(at), unknown));
        }
        None => {
            let message = format!("`chart = \"{written}\"` of `helm_release.{name}` leads out of the repository");
            found.unresolved.push(Problem::new(place(at), message).into());
        }
        Some(_) => {}
    }
}

/// What stands behind the name of an attribute.
enum Attribute<'a> {
    /// A text, and where it begins.
    Text(usize, &'a str),
    /// An expression.
    Other,
}

/// An attribute of a resource; none where it is not there.
fn attribute<'a>(text: &'a str, name: &str) -> Option<Attribute<'a>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let value = line.trim_start().strip_prefix(name).map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
        if let Some(value) = value {
            let quoted = value.trim().strip_prefix('"').and_then(|quoted| quoted.split('"').next());
            let at = line.find('"').map(|at| start + at + 1);
            return Some(at.zip(quoted).map_or(Attribute::Other, |(at, written)| Attribute::Text(at, written)));
        }
        start += line.len();
    }
    None
}
