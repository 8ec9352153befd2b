//! Decides which findings do not count, and speaks up where such a decision is void.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::comment::Ignore;
use super::{Config, RuleNames, SuppressionConfig};
use crate::chart::Chart;
use crate::finding::{Finding, Severity, Status};
use crate::rule::Fact;
use crate::source::below;
use crate::text::{Address, Date, Location, SourceId, Sources};

/// The kind of suppressions that nothing needs any more.
const UNUSED: &str = "unused";

/// Most comments of one file that are said to be void.
const VOID_LIMIT: usize = 200;

/// What ran: the severity of a rule for the chart at a path, none where it is off, was not selected or did not apply.
pub type Levels<'a> = &'a dyn Fn(&str, &str) -> Option<Severity>;

/// Every suppression that a run knows.
#[derive(Debug)]
pub struct Suppressions<'a> {
    sources: &'a Sources,
    names: &'a RuleNames,
    today: Date,
    /// Whether only some profiles are judged, so that an entry for others may be needed all the same.
    is_narrow: bool,
    /// Configurations of which every chart is judged, by their own texts: nothing is left that one of their entries could be for.
    whole: BTreeSet<SourceId>,
    configs: BTreeMap<String, &'a Config>,
    comments: BTreeMap<SourceId, Commented>,
    /// Entries that the change adds, by their places: they do not answer what is said of the change's policy.
    added: BTreeSet<Location>,
    /// Entries that suppressed something, by the place of the entry.
    used: BTreeSet<Location>,
}

/// The comments of one text.
#[derive(Debug)]
struct Commented {
    charts: BTreeSet<String>,
    ignores: Vec<Ignore>,
    /// The first comment that suppresses a rule on a line, by line and rule: its index and the name that it uses.
    by_line: HashMap<(usize, String), (usize, String)>,
    /// Index of the comment and name of the rule, for each that suppressed something.
    used: BTreeSet<(usize, String)>,
}

impl<'a> Suppressions<'a> {
    /// None yet; `today` decides which have expired.
    pub fn new(sources: &'a Sources, names: &'a RuleNames, today: Date) -> Self {
        let (configs, comments, used, whole, added) = Default::default();
        Self { sources, names, today, is_narrow: false, whole, configs, comments, added, used }
    }

    /// The same where only some profiles are judged.
    pub fn of_some_profiles(self, is_narrow: bool) -> Self {
        Self { is_narrow, ..self }
    }

    /// The same where a change adds entries, which stand at these places.
    pub fn of_change(self, added: BTreeSet<Location>) -> Self {
        Self { added, ..self }
    }

    /// The same where every chart under some configurations is judged.
    pub fn of_whole(self, whole: BTreeSet<SourceId>) -> Self {
        Self { whole, ..self }
    }

    /// Adds the configuration that counts for the chart at a path.
    pub fn add_chart(&mut self, chart: &str, config: &'a Config) {
        self.configs.insert(chart.to_owned(), config);
    }

    /// Adds a text that a chart is judged by with its [`ignores`](super::comment::ignores): one of the chart's own ([`texts`]), or a
    /// values file outside it.
    pub fn add_text(&mut self, id: SourceId, ignores: &[Ignore], chart: &str) {
        let names = self.names;
        let read = || Commented::new(ignores, names);
        self.comments.entry(id).or_insert_with(read).charts.insert(chart.to_owned());
    }

    /// Marks the findings that do not count; comments first, as they stand nearest. What is about the policy, no comment in a chart answers, and
    /// no entry that the change itself adds.
    pub fn apply(&mut self, findings: &mut [Finding], is_about_policy: &dyn Fn(&str) -> bool) {
        for finding in findings.iter_mut().filter(|finding| finding.status == Status::Open) {
            let is_about_policy = is_about_policy(&finding.rule);
            let by_comment = if is_about_policy { None } else { self.comment(finding) };
            if let Some(status) = by_comment.or_else(|| self.entry(finding, is_about_policy)) {
                finding.status = status;
            }
        }
    }

    fn comment(&mut self, finding: &Finding) -> Option<Status> {
        let place = finding.primary.location;
        let commented = self.comments.get_mut(&place.source)?;
        let line = self.sources.start(place).line;
        let used = commented.by_line.get(&(line, finding.rule.clone()))?;
        let reason = commented.ignores[used.0].reason.clone();
        commented.used.insert(used.clone());
        Some(Status::Suppressed { by: "comment".to_owned(), reason })
    }

    fn entry(&mut self, finding: &Finding, is_about_policy: bool) -> Option<Status> {
        let config = *self.configs.get(finding.chart.as_deref()?)?;
        let path = self.sources.path(finding.primary.location);
        let today = self.today;
        let counts = |entry: &&SuppressionConfig| {
            entry.rule == finding.rule
                && !(is_about_policy && self.added.contains(&entry.at))
                && !is_expired(entry, today)
                && entry.path.covers(&path)
                && entry.is_of(finding.profile.as_deref())
        };
        let entry = config.suppress.iter().find(counts)?;
        self.used.insert(entry.at);
        Some(Status::Suppressed { by: "configuration".to_owned(), reason: entry.reason.clone() })
    }

    /// Suppressions that are unused, expired or written wrongly, each with the path of a chart that it is about.
    pub fn void(&self, levels: Levels<'_>) -> Vec<(String, Fact)> {
        let needed = self.needed();
        let comments = self.comments.values().flat_map(|commented| self.void_comments(commented, &needed, levels));
        comments.chain(self.void_entries(levels)).collect()
    }

    /// Comments that suppressed something, by file, line and rule: a file that several charts are judged by is read for each of them.
    fn needed(&self) -> BTreeSet<(String, usize, &str)> {
        let mut needed = BTreeSet::new();
        for (id, commented) in &self.comments {
            let path = self.sources.path_of(*id);
            let used = commented.used.iter();
            needed.extend(used.map(|(index, name)| (path.clone(), commented.ignores[*index].line, name.as_str())));
        }
        needed
    }

    fn void_comments(
        &self,
        commented: &Commented,
        needed: &BTreeSet<(String, usize, &str)>,
        levels: Levels<'_>,
    ) -> Vec<(String, Fact)> {
        let Some(chart) = commented.charts.first() else { return vec![] };
        let ignores = commented.ignores.iter().enumerate();
        let faults = ignores.flat_map(|(index, ignore)| {
            if let Some(fault) = self.invalid(ignore) {
                return vec![fault];
            }
            let path = self.sources.path(ignore.at);
            let is_needed = |name: &&String| needed.contains(&(path.clone(), ignore.line, name.as_str()));
            let open = ignore.rules.iter().filter(|name| !is_needed(name));
            open.filter_map(|name| self.unused(commented, index, name, levels)).collect()
        });
        let mut void: Vec<Fact> = faults.take(VOID_LIMIT + 1).collect();
        if let Some(last) = void.get_mut(VOID_LIMIT) {
            last.message =
                format!("more than {VOID_LIMIT} comments in this file suppress nothing; the others are not shown");
        }
        void.into_iter().map(|fact| (chart.clone(), fact)).collect()
    }

    fn unused(&self, commented: &Commented, index: usize, name: &str, levels: Levels<'_>) -> Option<Fact> {
        let ignore = &commented.ignores[index];
        let id = self.names.id(name)?;
        // A profile that is not judged may need it.
        let ran = !self.is_narrow && commented.charts.iter().any(|chart| levels(id, chart).is_some());
        (ran && !commented.used.contains(&(index, name.to_owned()))).then(|| Fact {
            kind: UNUSED,
            at: ignore.at,
            related: vec![],
            subject: self.subject(ignore, id),
            message: format!("`{id}` finds nothing on line {} to suppress", ignore.line),
            help: format!("remove `{name}` from the comment"),
        })
    }

    fn invalid(&self, ignore: &Ignore) -> Option<Fact> {
        let unknown = ignore.rules.iter().find(|name| self.names.id(name).is_none());
        let (message, help) = if ignore.rules.is_empty() {
            (
                "the comment names no rule, so it suppresses nothing".into(),
                "write `chartgate: ignore[rule-id] reason`".into(),
            )
        } else if let Some(name) = unknown {
            (format!("there is no rule `{name}`"), self.names.help(name))
        } else if ignore.reason.is_empty() {
            (
                "the comment gives no reason, so it suppresses nothing".into(),
                "write the reason after the bracket".into(),
            )
        } else {
            return None;
        };
        let subject = self.subject(ignore, &ignore.rules.join(","));
        Some(Fact { kind: "invalid", at: ignore.at, related: vec![], subject, message, help })
    }

    fn subject(&self, ignore: &Ignore, rules: &str) -> String {
        format!("{} {rules} {}", self.sources.path(ignore.at), ignore.reason)
    }

    fn void_entries(&self, levels: Levels<'_>) -> Vec<(String, Fact)> {
        let mut void = BTreeMap::new();
        for (chart, config) in &self.configs {
            for entry in &config.suppress {
                if let Some(fact) = self.void_entry(entry, chart, config, levels) {
                    void.entry(entry.at).or_insert((chart.clone(), fact));
                }
            }
        }
        void.into_values().collect()
    }

    fn void_entry(&self, entry: &SuppressionConfig, chart: &str, config: &Config, levels: Levels<'_>) -> Option<Fact> {
        let id = &entry.rule;
        let subject = format!("{id} {}", entry.path.as_str());
        if let Some(until) = entry.until.as_ref().filter(|_| is_expired(entry, self.today)) {
            let message = format!("the suppression of `{id}` ended on {}", until.value);
            let help = "resolve what it covered and remove it, or give it a new day".to_owned();
            return Some(Fact { kind: "expired", at: until.at, related: vec![], subject, message, help });
        }
        let is_open = self.is_narrow && !entry.profiles.is_empty() || !self.is_own(entry, config);
        let is_whole = self.whole.contains(&entry.at.source);
        let is_needless = !is_open
            && levels(id, chart).is_some()
            && (is_whole || self.concerns(entry, chart))
            && !self.used.contains(&entry.at);
        is_needless.then(|| Fact {
            kind: UNUSED,
            at: entry.at,
            related: vec![],
            subject,
            message: format!("`{id}` finds nothing that this entry would suppress"),
            help: self.elsewhere(entry).unwrap_or_else(|| "remove the entry".to_owned()),
        })
    }

    /// What to type where a path is meant to count from the root.
    fn elsewhere(&self, entry: &SuppressionConfig) -> Option<String> {
        let (from_root, written) = entry.path.from_root()?;
        let is_there = self.comments.keys().any(|id| from_root.covers(&self.sources.path_of(*id)));
        let folder = entry.path.folder();
        is_there.then(|| format!("paths count from `{folder}`, the configuration's folder: write `{written}`"))
    }

    /// Whether an entry stands in a file of the repository's: what a policy from elsewhere says is for others too.
    fn is_own(&self, entry: &SuppressionConfig, config: &Config) -> bool {
        let is_published = matches!(self.sources.get(entry.at.source).address, Address::Archived { .. });
        config.source == Some(entry.at.source) || !is_published
    }

    /// Whether an entry is about this chart and no other: what else it may cover, a run of one chart cannot judge.
    fn concerns(&self, entry: &SuppressionConfig, chart: &str) -> bool {
        let fixed = entry.path.fixed();
        let chart_folder = if chart == "." { "" } else { chart };
        let is_below = chart_folder.is_empty() || fixed == chart_folder || below(&fixed, chart_folder).is_some();
        let mut texts = self.comments.iter().filter(|(_, commented)| commented.charts.contains(chart));
        is_below || texts.any(|(id, _)| self.sources.path_of(*id) == fixed)
    }
}

fn is_expired(entry: &SuppressionConfig, today: Date) -> bool {
    entry.until.as_ref().is_some_and(|until| until.value < today)
}

impl SuppressionConfig {
    /// Whether it is for findings under a profile, or of none.
    fn is_of(&self, profile: Option<&str>) -> bool {
        let named = |profile| self.profiles.iter().any(|pattern| pattern.matches(profile));
        self.profiles.is_empty() || profile.is_some_and(named)
    }
}

impl Commented {
    fn new(ignores: &[Ignore], names: &RuleNames) -> Self {
        let mut by_line = HashMap::new();
        for (index, ignore) in ignores.iter().enumerate().filter(|(_, ignore)| !ignore.reason.is_empty()) {
            for name in &ignore.rules {
                if let Some(id) = names.id(name) {
                    by_line.entry((ignore.line, id.to_owned())).or_insert_with(|| (index, name.clone()));
                }
            }
        }
        Self { charts: BTreeSet::new(), ignores: ignores.to_vec(), by_line, used: BTreeSet::new() }
    }
}

/// The texts of a chart's own files, those of sub-charts left out.
pub fn texts(chart: &Chart) -> Vec<SourceId> {
    let files = [&chart.values, &chart.lock, &chart.package, &chart.repository].into_iter().flatten();
    let files = files.chain(&chart.values_files).chain(&chart.crds).chain(&chart.examples).map(|file| file.source);
    let metadata = chart.metadata.iter().map(|metadata| metadata.source);
    metadata.chain(files).chain(chart.templates.iter().map(|template| template.source)).collect()
}
