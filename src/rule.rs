//! Rules: what is checked, why, and how it is said. One YAML file in `rules/` is one rule.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::artifacthub;
use crate::cel;
use crate::change::Step;
use crate::chart::Chart;
use crate::crd::Definitions;
use crate::finding::{ReportedRule, Severity};
use crate::published::{Difference, History, Intent};
use crate::render::Cache;
use crate::text::{Location, Sources};
use crate::yaml::KeyPath;

mod examples;
mod fact;
pub mod files;
mod findings;
pub mod load;
pub mod message;
mod need;
mod offer;
mod own;
pub mod params;
pub mod read;
mod registered;
pub mod registry;
mod run;
mod schema;
mod since;
mod stretches;
mod subject;
mod vendored;
mod view;

pub use examples::{Examples, Fault};
pub use fact::{Fact, judge_fact};
pub use files::Files;
pub use findings::{Findings, Reported, Said};
pub use message::Message;
pub use need::Need;
pub use registered::Registered;
pub use registry::Registry;
pub use run::run;
pub use since::{Pin, Reason, Since, pins, said};
pub use stretches::Stretches;
pub use subject::ChartValue;
pub use view::{Judged, ProfileView, Unfit};

/// What a check of a chart may look at. Everything was fetched before; a check reads, and does nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// The texts behind every location.
    pub sources: &'a Sources,
    /// The chart under each of its profiles.
    pub profiles: &'a [ProfileView],
    /// Definitions outside of the chart for the custom resources that it renders; empty where no rule asks.
    pub definitions: &'a Definitions,
    /// What was made ready for the chart before: its schema.
    pub cache: &'a Cache,
    /// The chart as conditions see it, for all rules.
    pub value: &'a ChartValue,
    /// Further files that parameters name, by their path below the chart's folder.
    pub files: &'a Files,
    /// What is known of the chart's earlier releases.
    pub history: &'a History,
    /// What registries have of the images; nothing where no rule asks.
    pub registered: &'a Registered,
    /// What the release is meant to be.
    pub intent: &'a Intent,
    /// What changed since the last release; none where nothing did, or no rule asks.
    pub since: Option<&'a Since>,
    /// What a packaged chart has otherwise than the folder it should be made from; none where nobody asked.
    pub source: Option<&'a [Difference]>,
    /// The rule's parameters: the user's over the rule's defaults, types checked.
    pub params: &'a Params,
    /// Whether the user asked for the rule, by its name or that of a set.
    pub is_named: bool,
}

impl Context<'_> {
    /// Whether the chart is to be judged as one for Artifact Hub: something of it says so, or the user asked what that would say.
    pub fn is_listed(&self) -> bool {
        self.is_named || artifacthub::is_listed(self.chart)
    }
}

/// Values of a rule's parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(pub serde_json::Map<String, serde_json::Value>);

impl Params {
    /// A parameter of type string; empty where the rule does not declare it.
    pub fn string(&self, name: &str) -> &str {
        self.0.get(name).and_then(serde_json::Value::as_str).unwrap_or("")
    }

    /// A parameter of type list of strings.
    pub fn strings(&self, name: &str) -> impl Iterator<Item = &str> {
        let items = self.0.get(name).and_then(serde_json::Value::as_array);
        items.into_iter().flatten().filter_map(serde_json::Value::as_str)
    }

    /// The paths that the rule's parameters of type files name.
    pub fn files<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a str> {
        let of_files = rule.params.iter().filter(|(_, spec)| spec.kind == ParamKind::Files);
        let entries = of_files.filter_map(|(name, _)| self.get(name)?.as_array()).flatten();
        entries.filter_map(|entry| entry.get("file")?.as_str())
    }

    /// A parameter of type files.
    pub fn references(&self, name: &str) -> Vec<files::Reference> {
        self.get(name).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
    }

    /// A parameter of any type.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
    }
}

/// A native check.
pub type NativeCheck = fn(&Context<'_>, &mut Findings<'_>);

/// A rule as its YAML file has it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `<thing>-<defect>`, kebab-case, stable for ever.
    pub id: String,
    /// One line.
    pub summary: String,
    /// Why it matters, Markdown.
    pub why: String,
    /// What to do, Markdown.
    pub remedy: String,
    /// The default; none is `off`.
    pub severity: Option<Severity>,
    /// The heading it stands under in the documentation.
    pub category: String,
    /// Version of chartgate that brought it.
    pub since: String,
    /// Names it had before.
    pub aliases: Vec<String>,
    /// What it looks at.
    pub target: Target,
    /// The step of the version that what it finds calls for; such a rule is a reason for `version-step-too-small`.
    pub step: Option<Step>,
    /// What it wants known before it looks.
    pub needs: BTreeSet<Need>,
    /// The place that its findings point at, below what it looks at.
    pub at: Option<At>,
    /// Its parameters by name, in the order of the file.
    pub params: IndexMap<String, ParamSpec>,
    /// How it looks.
    pub check: Check,
    /// What it says.
    pub message: Message,
    /// What its fixes promise at least.
    pub fix: FixKind,
    /// Further reading.
    pub references: Vec<String>,
    /// Checks of other tools that it stands for, by the tool; such a tool is a set of rules to select.
    pub peers: IndexMap<String, Vec<String>>,
    /// The kinds of faults that a native rule finds.
    pub faults: Vec<Fault>,
    /// What it denies and what it does not.
    pub examples: Option<Examples>,
    /// Its condition or schema in its own file; none for native rules.
    pub condition: Option<Location>,
    /// Where a rule of the user's counts; nowhere for chartgate's own, which count everywhere.
    pub homes: Vec<Home>,
}

/// Where a rule of the user's counts. Folders are named as reports name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Under every configuration in a folder or below it, `""` for all.
    Below(String),
    /// Under the configuration of a folder, which extends it.
    Extended(String),
}

impl From<&str> for Home {
    fn from(folder: &str) -> Self {
        Self::Below(folder.to_owned())
    }
}

impl Rule {
    /// Whether it counts under a configuration in `folder`.
    pub fn counts_in(&self, folder: &str) -> bool {
        let is_around = |home: &Home| match home {
            Home::Extended(home) => home == folder,
            Home::Below(home) => {
                home.is_empty()
                    || folder.strip_prefix(home.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        };
        self.homes.is_empty() || self.homes.iter().any(is_around)
    }

    /// What to do, as one line: the first paragraph of the remedy.
    pub fn help(&self) -> String {
        let first = self.remedy.split("\n\n").next().unwrap_or("");
        let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut letters = line.trim_end_matches('.').chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), letters.as_str()))
    }

    /// What a report says of the rule, where it is on with a level.
    pub fn reported(&self, level: Severity) -> ReportedRule {
        let (id, summary, remedy) = (self.id.clone(), self.summary.clone(), self.remedy.clone());
        let is_of_change = self.target == Target::Change;
        ReportedRule { page: registry::page(&id), id, summary, remedy, level, is_of_change }
    }
}

/// Where findings point, below what a rule looks at.
#[derive(Debug, Clone)]
pub enum At {
    /// A key path, or the nearest of its parents that is there.
    Path(KeyPath),
    /// The first part of a text that fits.
    Pattern(regex::Regex),
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The chart as a whole.
    Chart,
    /// Chart.yaml.
    Metadata,
    /// The merged values of each profile.
    Values,
    /// Each template, as text.
    Template,
    /// Each rendered object of each profile.
    Manifest,
    /// Each image of each profile.
    Image,
    /// Each custom resource definition.
    Crd,
    /// The difference from the earlier state.
    Change,
    /// Each suppression that is void; judged once all others have spoken.
    Suppression,
    /// Each way in which the policy asks for less than that of the earlier state.
    Policy,
    /// Each thing that is so of the version that a deployment asks for.
    Deployment,
    /// Each thing that is so of a pipeline that pushes a chart.
    Pipeline,
}

/// How a rule looks.
#[derive(Debug, Clone)]
pub enum Check {
    /// `deny:`, an expression that is true where something is wrong.
    Cel(cel::Expression),
    /// `schema:`, a JSON Schema that the target must meet.
    Schema(Arc<crate::json_schema::Schema>),
    /// `native: true`, a function.
    Native(NativeCheck),
}

/// What a rule's fixes promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// It has none.
    None,
    /// See [`Safety::Safe`](crate::finding::Safety).
    Safe,
    /// See [`Safety::Unsafe`](crate::finding::Safety).
    Unsafe,
    /// See [`Safety::DisplayOnly`](crate::finding::Safety).
    DisplayOnly,
}

/// A parameter's declaration.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamSpec {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ParamKind,
    /// Its value where the user sets none.
    pub default: serde_json::Value,
    /// One line.
    pub help: String,
    /// The only values it may have; empty where any will do.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// A parameter's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A list of any values; the check says of what.
    List,
    /// A mapping.
    Map,
    /// Places in further files, a list of [`files::Reference`]; the files are read before the rule looks.
    Files,
}
