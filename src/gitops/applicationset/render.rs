//! Placeholders filled in: `{{name}}` as fasttemplate does it, or Go templates with sprig.

use std::sync::{Arc, LazyLock};

use super::parameters::Parameters;
use super::placed;
use crate::gitops::files::Files;
use crate::gitops::steps::Steps;
use crate::gitops::{Problem, within};
use crate::kustomize::edit;
use crate::template::call::{Call, Random};
use crate::template::exec::{Session, Set};
use crate::template::funcs::{Fault, Func, Table, Type, data};
use crate::template::limits::Limits;
use crate::template::parser::Input;
use crate::template::value::{self, Value as Data};
use crate::text::{Location, Sources};
use crate::values::Places;
use crate::yaml::{Entry, Mapping, Node, Value};

/// What a template may use of the stack of any thread.
const STACK: usize = 1 << 20;
/// Steps that one text may take.
const STEPS: u64 = 100_000;
/// Bytes of a text that are read in the time of a step.
const READ: usize = 8;

/// How the texts of a set are filled in.
pub(super) struct Renderer<'s> {
    pub(super) is_go: bool,
    is_strict: bool,
    steps: &'s Steps,
    pub(super) sources: &'s Sources,
}

/// What Helm alone adds to sprig, and what Argo CD takes from it.
const LACKING: [&str; 11] = [
    "fromJsonArray",
    "fromToml",
    "getHostByName",
    "include",
    "lookup",
    "mustToToml",
    "mustToYaml",
    "required",
    "toToml",
    "toYamlPretty",
    "tpl",
];

/// What Argo CD adds to sprig (`applicationset/utils/utils.go`).
const OWN: &[Func] = &[
    Func::new("normalize", &[Type::String], normalize),
    Func::new("slugify", &[Type::Any], slugify).variadic(Type::Any),
];

static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
    let families: Vec<_> = Table::families().iter().copied().chain([data::STRICT, OWN]).collect();
    Arc::new(Table::new(&families).without(&LACKING))
});

impl<'s> Renderer<'s> {
    pub(super) fn of(files: &'s Files<'_>, spec: &Node) -> Self {
        let is_go = spec.get("goTemplate").and_then(Node::as_bool) == Some(true);
        let options = spec.items("goTemplateOptions");
        let is_strict = options.iter().any(|option| option.scalar_text() == Some("missingkey=error"));
        Self { is_go, is_strict, steps: &files.steps, sources: files.search.sources }
    }

    /// A copy of a node with every text in it filled in, and the first text that cannot be. Such texts stay as they are.
    pub(super) fn node(&self, node: &Node, parameters: &Parameters) -> (Node, Option<Problem>) {
        let mut failed = None;
        let filled = self.filled(node, parameters, &mut failed);
        (filled, failed)
    }

    fn filled(&self, node: &Node, parameters: &Parameters, failed: &mut Option<Problem>) -> Node {
        let value = match &node.value {
            Value::String(text) if text.contains("{{") => {
                let filled = self.kept(text, node, parameters, failed);
                let location = self.origin(text, parameters).unwrap_or(node.location);
                return Node { location, ..edit::with_value(node, Value::String(filled.into())) };
            }
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.filled(item, parameters, failed)).collect()),
            Value::Map(mapping) => {
                let entry = |entry: &Entry| {
                    let value = self.filled(&entry.value, parameters, failed);
                    let is_helm = entry.key.key_text() == "helm";
                    let origin = |text: &str| self.origin(text, parameters);
                    let placed = is_helm.then(|| placed::values(self.sources, &entry.value, &value, &origin)).flatten();
                    Entry {
                        key: self.filled(&entry.key, parameters, failed),
                        value: placed.unwrap_or(value),
                        merged: entry.merged,
                    }
                };
                Value::Map(Arc::new(mapping.entries().iter().map(entry).collect::<Mapping>()))
            }
            value => value.clone(),
        };
        edit::with_value(node, value)
    }

    /// Where a parameter is written that is all of a text.
    pub(super) fn origin(&self, text: &str, parameters: &Parameters) -> Option<Location> {
        let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
        let name = inner.split('|').next()?.trim_matches(['-', ' ']);
        let node = if self.is_go {
            name.strip_prefix('.')?.split('.').try_fold(&parameters.values, |node, key| node.get(key))?
        } else {
            parameters.values.get(name)?
        };
        let value = node.scalar_text().filter(|value| !value.is_empty())?;
        // What a generator makes up is written nowhere.
        let written = self.sources.get(node.location.source).text.get(node.location.span.range())?.to_owned();
        (written.trim_matches(['"', '\'']) == value).then_some(node.location)
    }

    /// The text filled in, or as it is where that fails.
    fn kept(&self, text: &str, node: &Node, parameters: &Parameters, failed: &mut Option<Problem>) -> String {
        self.text(text, parameters).unwrap_or_else(|message| {
            failed.get_or_insert_with(|| Problem::new(node.location, message));
            text.to_owned()
        })
    }

    /// A text with its placeholders filled in.
    ///
    /// # Errors
    /// What Go says of its template.
    pub(super) fn text(&self, text: &str, parameters: &Parameters) -> Result<String, String> {
        self.steps.spend((text.len() / READ) as u64)?;
        if !self.is_go {
            let filled = plain(text, parameters)?;
            self.steps.spend((filled.len() / READ) as u64)?;
            return Ok(filled);
        }
        if parameters.unknown.is_some() && reads_all(text) {
            return Err(format!("`{text}` reads parameters that are not known"));
        }
        let limits = Limits { steps: STEPS.min(self.steps.left()), ..Limits::on_thread_of(STACK) };
        let mut set = Set::new();
        let input = Input { name: Arc::from("base"), source: None, text: Arc::from(text) };
        set.parse(&input, &TABLE, &limits).map_err(|error| error.message)?;
        let session = Session::new(Arc::clone(&TABLE), limits, Box::new(Fixed), 0);
        // What is not known has to be an error: else it would be nothing.
        let mut session = if self.is_strict || parameters.unknown.is_some() { session.strict() } else { session };
        let data = Places::default().root(&parameters.values).map_err(|error| error.message)?;
        let printed = session.execute_plainly(&set, "base", Data::from(data));
        self.steps.spend(session.state.budget.spent().0)?;
        let printed = printed.map_err(|error| error.message)?;
        let printed = printed.as_str().into_owned();
        if printed.contains("<no value>") {
            let text = text.lines().next().unwrap_or_default();
            return Err(format!(
                "`{text}` names a parameter that is not supplied, for which Argo CD writes `<no value>`"
            ));
        }
        Ok(printed)
    }
}

/// Whether a template reads its parameters as a whole and not by name.
fn reads_all(text: &str) -> bool {
    let actions = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(action, _)| action));
    actions.into_iter().any(|action| action.split([' ', '(', ')', '|']).any(|word| matches!(word, "." | "$")))
}

/// `{{ name }}` with the text of a parameter; an unknown name stays.
fn plain(text: &str, parameters: &Parameters) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        out.push_str(before);
        match parameters.text(name.trim()) {
            Some(value) => out.push_str(value),
            None => out.extend(["{{", name, "}}"]),
        }
        within(out.len())?;
        rest = behind;
    }
    Ok(out + rest)
}

/// Templates of names have no use for chance.
struct Fixed;

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]
fn normalize(_: &mut Call<'_>, arguments: &[Data]) -> Result<Data, Fault> {
    Ok(Data::from(normalized(&arguments[0].text()).as_str()))
}

/// `slugify [MOST] [WHOLE-WORDS] TEXT`.
fn slugify(_: &mut Call<'_>, arguments: &[Data]) -> Result<Data, Fault> {
    let wrong = || Fault::from("`slugify` takes a length, whether to keep words whole, and a text");
    let Some((name, options)) = arguments.split_last() else { return Err(wrong()) };
    let most = match options.first().map(|option| &option.data) {
        Some(value::Data::Int(most)) => usize::try_from(*most).map_err(|_| wrong())?,
        Some(_) => return Err(wrong()),
        None => 50,
    };
    let keeps_words = match options.get(1).map(|option| &option.data) {
        Some(value::Data::Bool(keeps)) => *keeps,
        Some(_) => return Err(wrong()),
        None => true,
    };
    let value::Data::String(_) = &name.data else { return Err(wrong()) };
    Ok(Data::from(slug(&name.text(), most, keeps_words).as_str()))
}

/// A text as a part of an address, at most so long (`gosimple/slug`).
fn slug(text: &str, most: usize, keeps_words: bool) -> String {
    let name = normalized(text).replace('.', "-");
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    let whole = words.join("-");
    let Some(cut) = whole.get(..most).filter(|_| whole.len() > most) else { return whole };
    let is_word_end = whole.as_bytes()[most] == b'-';
    let end = if !keeps_words || is_word_end { most } else { cut.rfind('-').unwrap_or(most) };
    cut[..end].trim_matches('-').to_owned()
}

/// A text as the name of an object: what does not belong there is a dash.
pub(super) fn normalized(text: &str) -> String {
    let is_kept = |letter: &char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '.');
    let name: String =
        text.to_lowercase().chars().map(|letter| if is_kept(&letter) { letter } else { '-' }).take(253).collect();
    name.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_cut_as_argo_cd_cuts_them() {
        let long = "feat/a_really+long_pull_request_name_to_test_argo_slugification_and_branch_name_shortening_feature";
        let single = "feat/areallylongpullrequestnametotestargoslugificationandbranchnameshorteningfeature";
        for (text, most, keeps_words, expected) in [
            (long, 50, false, "feat-a-really-long-pull-request-name-to-test-argo"),
            (long, 53, true, "feat-a-really-long-pull-request-name-to-test-argo"),
            (single, 50, true, "feat"),
            (single, 50, false, "feat-areallylongpullrequestnametotestargoslugifica"),
            ("Release 1.2", 50, true, "release-1-2"),
        ] {
            assert_eq!(slug(text, most, keeps_words), expected, "{text}");
        }
    }
}
