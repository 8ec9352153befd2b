//! `helm_release` of Terraform, and objects that it makes: followed where all that decides is constant, else said.

use std::borrow::Cow;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::declared::Declared;
use super::files::Files;
use super::path::{folder, join};
use super::{Deployment, Discovered, Pin, Problem, Release, Remote, fields, text};
use crate::profile::{Helm, Profile, Setting};
use crate::text::{Location, Span};
use crate::values::set::Form;
use crate::yaml::{Node, Value, embedded};
use hcl::{Text, argument, is_constant};
use locals::Locals;
use modules::{Modules, Roots};
use overrides::Overrides;

mod hcl;
mod locals;
mod made;
mod modules;
mod overrides;
mod template;

pub(super) use template::all as templates;

/// Adds the deployments of every `helm_release`, and gives the objects of Argo CD and Flux that Terraform makes.
pub(super) fn discover(files: &Files<'_>, found: &mut Discovered) -> Vec<Declared> {
    let is_terraform =
        |path: &&String| (is_hcl(path) || path.strip_suffix(".json").is_some_and(is_hcl)) && !is_override(path);
    let mut modules = Modules::default();
    let mut declared = vec![];
    for path in files.search.paths.iter().filter(is_terraform) {
        files.deploying(found, |found| declared.extend(in_file(files, path, &mut modules, found)));
    }
    declared
}

/// Whether a file is HCL of Terraform or OpenTofu.
fn is_hcl(path: &str) -> bool {
    [".tf", ".tofu"].iter().any(|ending| path.ends_with(ending))
}

/// Whether Terraform lays a file over the others of its module.
fn is_override(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let stem = [".tf", ".tofu"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// A text with blanks in the place of a byte order mark, which HCL has none of.
fn unmarked(text: &str) -> Cow<'_, str> {
    text.strip_prefix('\u{feff}').map_or(Cow::Borrowed(text), |rest| format!("   {rest}").into())
}

fn in_file(files: &Files<'_>, path: &str, modules: &mut Modules, found: &mut Discovered) -> Vec<Declared> {
    let (source, read) = match files.text(path) {
        Ok(read) => read,
        Err(message) => {
            found.unresolved.push(Problem::new(files.beginning(path), message).into());
            return vec![];
        }
    };
    let has_releases = read.text.contains("helm_release");
    if !has_releases && !made::speaks(&read.text) {
        return vec![];
    }
    let say = |found: &mut Discovered, at: usize, message: String| {
        let problem = Problem::new(Location::new(source, Span::new(at, at)), message);
        let is_certain = has_releases || made::deploys(&read.text);
        found.unresolved.extend(is_certain.then(|| problem.into()));
        vec![]
    };
    if path.ends_with(".json") {
        return say(found, 0, format!("`{path}` is Terraform written as JSON, which is not followed"));
    }
    let written = unmarked(&read.text);
    let body = match hcl_edit::parser::parse_body(&written) {
        Ok(body) => body,
        Err(error) => {
            let lines = read.text.split_inclusive('\n').take(error.location().line().saturating_sub(1));
            let at = lines.map(str::len).sum();
            return say(found, at, format!("`{path}` is not HCL: {}", error.message().replace('\n', "; ")));
        }
    };
    let text = Text { source, text: &written };
    let Modules { locals: known, overrides, calls } = modules;
    let none = Locals::default();
    let locals = if read.text.contains("local.") {
        let module = || files.recorded(|| Locals::of(files, folder(path)));
        let (locals, read) = known.entry(folder(path).to_owned()).or_insert_with(module);
        files.reads_all(read.iter().cloned());
        locals
    } else {
        &none
    };
    let roots = || calls.get_or_init(|| modules::Calls::of(files)).roots(folder(path));
    let roots = if has_releases || made::asks(&read.text) { roots() } else { Roots::One(folder(path).to_owned()) };
    let made = made::File { files, path, text, locals, roots: &roots };
    let declared = body.blocks().flat_map(|block| made.of(block, found)).collect();
    for block in body.get_blocks("resource") {
        let at = text.place(block.ident.span());
        match block.labels.as_slice() {
            [kind, name] if kind.as_str() == "helm_release" => {
                let root = locals.filled(&text.block(&block.body, at));
                let roots = roots.clone();
                let beside = || files.recorded(|| Overrides::of(files, folder(path)));
                let (overrides, read) = overrides.entry(folder(path).to_owned()).or_insert_with(beside);
                files.reads_all(read.iter().cloned());
                Resource { files, path, text, locals, block, root, roots, overrides, name: name.as_str() }.add(found);
            }
            [kind, ..] if kind.as_str() == "helm_release" => {
                let message = "Terraform refuses a `helm_release` without exactly one name".to_owned();
                found.unresolved.push(Problem::new(at, message).into());
            }
            _ => {}
        }
    }
    declared
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// The folder of the module that it is written in.
    Module,
    /// The folder that Terraform is run in.
    Root,
}

/// A constant path.
#[derive(Debug, Clone, Copy)]
struct Reference<'a> {
    base: Base,
    path: &'a str,
    /// Whether it says where it starts.
    is_named: bool,
}

impl<'a> Reference<'a> {
    fn read(written: &'a str) -> Option<Self> {
        const BASES: [(&str, Base); 3] =
            [("${path.module}", Base::Module), ("${path.root}", Base::Root), ("${path.cwd}", Base::Root)];
        let named = BASES.iter().find_map(|(name, base)| Some((*base, written.strip_prefix(name)?)));
        let (base, path, is_named) = match named {
            Some((base, "")) => (base, ".", true),
            Some((base, rest)) => (base, rest.strip_prefix('/')?, true),
            None => (Base::Root, written, false),
        };
        let is_constant = !path.contains("${") && !path.contains("%{") && !path.contains("://");
        is_constant.then_some(Self { base, path, is_named })
    }

    /// The path of the repository that it leads to from a module; none where that is not known, or leads out.
    fn located(self, module: &str, roots: &Roots) -> Option<String> {
        let base = match (self.base, roots) {
            (Base::Module, _) => module,
            (Base::Root, Roots::One(root)) => root,
            (Base::Root, Roots::Many(_) | Roots::Unread(_)) => return None,
        };
        join(base, self.path).filter(|_| !self.path.starts_with('/'))
    }
}

/// A `helm_release`.
struct Resource<'a, 's> {
    files: &'a Files<'s>,
    path: &'a str,
    text: Text<'a>,
    locals: &'a Locals,
    block: &'a Block,
    /// The block as a node.
    root: Node,
    /// The modules that Terraform is run in and that come to this one.
    roots: Roots,
    /// What is laid over the files of its module.
    overrides: &'a Overrides,
    name: &'a str,
}

impl Resource<'_, '_> {
    fn add(&self, found: &mut Discovered) {
        if let Some(problem) = self.overrides.change(self.name) {
            return found.unresolved.push(problem.into());
        }
        if self.is_left_out() {
            return;
        }
        let repository = text(&self.root, "repository").filter(|repository| !repository.is_empty());
        let Some(chart) = self.root.get("chart").filter(|chart| !chart.is_null()) else {
            let message = format!("`helm_release.{}` names no `chart`", self.name);
            return found.unresolved.push(Problem::new(self.root.location, message).into());
        };
        let at = chart.location;
        let beside = self.root.get("repository").filter(|_| repository.is_some()).and_then(Self::path_of);
        let here = match beside {
            // What is no address is the folder that the chart lies in.
            Some(above) => Some(self.below(above, chart)),
            None => Self::path_of(chart).filter(|_| repository.is_none()).map(|reference| self.folder(reference)),
        };
        let local = match here {
            Some(Err(problem)) => return found.unresolved.push(problem.into()),
            Some(Ok(folder)) => folder.map(|folder| self.files.place(&folder)),
            None => None,
        };
        if let Some(folder) = local {
            if self.files.counts(&folder) {
                found.deployments.push(self.deployment(&folder, None));
            } else if !self.files.charts().any(|known| known == folder) {
                let message = format!("the chart `{folder}` of `helm_release.{}` is not in this repository", self.name);
                found.unresolved.push(Problem::new(at, message).into());
            }
            return;
        }
        if !is_constant(chart) && repository.is_none() {
            return found.unresolved.push(self.unknown("the chart", at).into());
        }
        let written = chart.scalar_text().unwrap_or("");
        let pin = Pin::of(&self.root, "version", false);
        let (remote, pin) = match (Remote::packaged(written), repository) {
            (Some((remote, version)), None) => (remote, Pin { version, ..pin }),
            (None, None) if written.contains("://") => (Remote::at(written), pin),
            (_, repository) => (Remote::new(repository.unwrap_or(""), written), pin),
        };
        let here = self.files.search.published_chart(&remote.repository, &remote.name);
        let deployment = self.deployment(here.unwrap_or_default(), Some(pin));
        if here.is_some() {
            found.deployments.push(deployment);
        } else {
            found.releases.push(Release::new(self.path, remote, deployment));
        }
    }

    /// Whether it is for nothing.
    fn is_left_out(&self) -> bool {
        let each = self.root.get("for_each");
        let is_empty = each.is_some_and(|each| match &each.value {
            Value::Seq(items) => items.is_empty(),
            Value::Map(mapping) => mapping.entries().is_empty(),
            Value::String(text) => text.replace(' ', "") == "${toset([])}",
            _ => false,
        });
        is_empty || text(&self.root, "count") == Some("0")
    }

    /// The folder of a chart below another one.
    fn below(&self, above: Reference<'_>, chart: &Node) -> Result<Option<String>, Problem> {
        let name = chart.as_str().filter(|_| is_constant(chart));
        let name = name.ok_or_else(|| self.unknown("the chart", chart.location))?;
        let folder = self.placed(above, chart.location)?;
        let below = join(&folder, name).filter(|_| !name.starts_with('/'));
        below.map(Some).ok_or_else(|| Problem::new(chart.location, format!("`{name}` leads out of the repository")))
    }

    /// The folder that a path of a chart leads to; none where it is a name of a published one.
    fn folder(&self, reference: Reference<'_>) -> Result<Option<String>, Problem> {
        let at = self.root.get("chart").map_or(self.root.location, |chart| chart.location);
        let is_path = reference.base == Base::Module || reference.path.starts_with(['.', '/']) || reference.is_named;
        match self.placed(reference, at) {
            Ok(here) if is_path || self.files.charts().any(|chart| chart == here) => Ok(Some(here)),
            Err(problem) if is_path => Err(problem),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// A constant path; what names no module is seen from where Terraform is run.
    fn path_of(node: &Node) -> Option<Reference<'_>> {
        Reference::read(node.as_str()?)
    }

    /// That a path starts where Terraform is run, of which this is known.
    fn untold_root(&self, reference: Reference<'_>, known: &str) -> String {
        let Reference { path, .. } = reference;
        format!("`{path}` of `helm_release.{}` is a path from where Terraform is run, which {known}", self.name)
    }

    /// The path of the repository that a reference leads to.
    fn placed(&self, reference: Reference<'_>, at: Location) -> Result<String, Problem> {
        let wrong = |message: String| Problem::new(at, message);
        let base = match (reference.base, &self.roots) {
            (Base::Module, _) => folder(self.path),
            (Base::Root, Roots::One(root)) => root,
            (Base::Root, Roots::Many(count)) => {
                return Err(wrong(self.untold_root(reference, &format!("may be any of {count} modules"))));
            }
            (Base::Root, Roots::Unread(path)) => {
                return Err(wrong(
                    self.untold_root(reference, &format!("`{path}` may say, and that file cannot be read")),
                ));
            }
        };
        let path = join(base, reference.path).filter(|_| !reference.path.starts_with('/'));
        path.ok_or_else(|| {
            wrong(format!("`{}` of `helm_release.{}` leads out of the repository", reference.path, self.name))
        })
    }

    fn unknown(&self, what: &str, at: Location) -> Problem {
        Problem::new(
            at,
            format!("{what} of `helm_release.{}` is an expression, which Terraform alone knows", self.name),
        )
    }

    fn deployment(&self, chart: &str, pin: Option<Pin>) -> Deployment {
        let mut problems = fields::of("Terraform").problems(&self.root);
        let own = |field: &str| text(&self.root, field).filter(|value| !value.is_empty());
        let known = ["name", "namespace", "version", "repository", "chart", "disable_webhooks"];
        for node in known.into_iter().filter_map(|field| Some((field, self.root.get(field)?))) {
            let is_path = matches!(node.0, "chart" | "repository") && pin.is_none();
            if !is_path && !is_constant(node.1) {
                problems.push(self.unknown(&format!("`{}`", node.0), node.1.location));
            }
        }
        let release = own("name").unwrap_or(self.name);
        let namespace = own("namespace");
        let (production, decided_by) = self.files.search.is_production(&[self.path], release, namespace);
        let profile = Profile {
            name: folder(self.path).to_owned(),
            production,
            decided_by,
            values: self.values(&mut problems),
            set: self.settings(&mut problems),
            namespace: namespace.map(str::to_owned),
            release: Some(release.to_owned()),
            found_at: Some(self.root.location),
            helm: Helm { skips_hooks: own("disable_webhooks") == Some("true"), ..Helm::default() },
            ..Profile::default()
        };
        Deployment::new(chart, profile, pin, problems)
    }

    /// `values`: texts of YAML, files, and what is encoded on the spot.
    fn values(&self, problems: &mut Vec<Problem>) -> Vec<Node> {
        let Some(attribute) = self.block.body.get_attribute("values") else { return vec![] };
        let expressions: Vec<&Expression> = match &attribute.value {
            Expression::Null(_) => vec![],
            Expression::Array(items) => items.iter().collect(),
            other if hcl::is_text(other) => {
                let message = "Terraform refuses `values` that are a text and no list".to_owned();
                problems.push(Problem::new(self.text.place(other.span()), message));
                return vec![];
            }
            other => vec![other],
        };
        let mut values = vec![];
        for expression in expressions {
            match self.value(expression) {
                Ok(roots) => values.extend(roots),
                Err(problem) => problems.push(problem),
            }
        }
        values
    }

    fn node(&self, expression: &Expression) -> Node {
        self.locals.filled(&self.text.node(expression))
    }

    fn value(&self, expression: &Expression) -> Result<Vec<Node>, Problem> {
        let expression = hcl::unwrapped(expression);
        let node = self.node(expression);
        let at = node.location;
        if let Expression::FuncCall(call) = expression {
            if let Some(path) = argument(call, "file") {
                let written = self.node(path);
                let reference = Self::path_of(&written).ok_or_else(|| self.unknown("a file", at))?;
                let path = self.placed(reference, at)?;
                // The provider reads the first document.
                let root = self.files.values(&path).map_err(|message| Problem::new(at, message))?;
                return Ok(if root.is_null() { vec![] } else { vec![root] });
            }
            let encoded = argument(call, "yamlencode").or_else(|| argument(call, "jsonencode"));
            let encoded = encoded.map(|encoded| self.node(encoded)).filter(is_constant);
            return encoded.map(|encoded| vec![encoded]).ok_or_else(|| self.unknown("what of the values", at));
        }
        if node.as_str().is_none() || !is_constant(&node) {
            return Err(self.unknown("what of the values", at));
        }
        let file = self.files.search.sources.get(at.source);
        let documents = embedded::documents(&node, &file.text);
        let documents =
            documents.map_err(|error| Problem::new(error.location, format!("`values` is not YAML: {error}")))?;
        Ok(documents.into_iter().take(1).map(|document| document.root).collect())
    }

    /// `set`, `set_list` and `set_sensitive`, as blocks or as lists.
    fn settings(&self, problems: &mut Vec<Problem>) -> Vec<Setting> {
        let mut settings = vec![];
        let dynamic = self.root.items("dynamic").iter();
        problems.extend(dynamic.map(|block| self.unknown("what a `dynamic` block makes", block.location)));
        for field in ["set", "set_list", "set_sensitive"] {
            if let Some(node) = self.root.get(field).filter(|node| node.as_str().is_some() && !is_constant(node)) {
                problems.push(self.unknown(&format!("`{field}`"), node.location));
            }
            for item in self.root.items(field) {
                match self.setting(item) {
                    Ok(setting) => settings.push(setting),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        settings
    }

    fn setting(&self, item: &Node) -> Result<Setting, Problem> {
        let value = item.get("value").unwrap_or(item);
        if !is_constant(item) || item.as_map().is_none() {
            return Err(self.unknown("what is set", value.location));
        }
        let form = match text(item, "type").unwrap_or("") {
            "" | "auto" => Form::Typed,
            "string" => Form::Text,
            other => {
                let message = format!("`type: {other}` of what is set is not followed");
                return Err(Problem::new(item.location, message));
            }
        };
        let list = value.as_seq().map(|items| {
            let texts: Vec<_> = items.iter().filter_map(Node::helm_text).collect();
            format!("{{{}}}", texts.join(","))
        });
        let written = list.unwrap_or_else(|| value.helm_text().unwrap_or_default().into_owned());
        let name = text(item, "name").unwrap_or("");
        Ok(Setting { expression: format!("{name}={written}"), form, at: Some(value.location) })
    }
}
