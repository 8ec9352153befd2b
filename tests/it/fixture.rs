//! Charts of `testdata/`, with the configuration that stands beside them in `fixture.yaml`, judged without the gate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use chartgate::change::{self, Pair, Step};
use chartgate::chart::values_file::production_word;
use chartgate::chart::{self, Chart};
use chartgate::checks;
use chartgate::config;
use chartgate::crd::Definitions;
use chartgate::finding::{Finding, Label, Safety, Severity};
use chartgate::gate::{self, Lens, PolicyChoice, Request, Session, Surroundings};
use chartgate::gitops::{self, Discovered, Search, Tool};
use chartgate::helm::Major;
use chartgate::image::ImageRef;
use chartgate::kustomize::{Build, Change, ImageOverride, Part, Step as Changed};
use chartgate::network::oci::image::Image;
use chartgate::pipeline;
use chartgate::profile::{Profile, TEST_WORDS};
use chartgate::published::{Bump, Comparison, Depth, Difference, History, Intent, ReleaseTag, compare};
use chartgate::render::{Cache, Options, Rendered};
use chartgate::rule::{
    self, ChartValue, Context, Fact, Files, Need, Params, ProfileView, Registered, Registry, Rule, Said, Since, Target,
    params,
};
use chartgate::source::{Archive, Dir, FILE_LIMIT, Overlay, Tree};
use chartgate::text::{Address, Date, Location, Source, Sources, Span};
use chartgate::yaml::{Document, Node};

static REGISTRY: LazyLock<Registry> = LazyLock::new(checks::registry);

/// `fixture.yaml` beside the cases of a rule, or `<case>.yaml` for one of them.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Profiles by name; none: one for each values file, production by its name.
    profiles: BTreeMap<String, ProfileSettings>,
    /// Parameters of the rule.
    params: serde_yaml::Value,
    /// Other rules that also find errors.
    also: Vec<String>,
    /// `published.oci`, `published.tags` and `published.bump` of the configuration.
    published: BTreeMap<String, String>,
    /// The git tag that the run is for.
    tag: Option<String>,
    /// What is out of charts that are elsewhere: digests by version, by chart.
    out: BTreeMap<String, BTreeMap<String, String>>,
    /// What registries have of images, by tag or by digest; null where they have nothing.
    registered: BTreeMap<String, Option<RegisteredImage>>,
    /// Files of the chart that are as large as this, in bytes, whatever they hold: none of them belongs into git.
    sizes: BTreeMap<String, usize>,
    /// The Kubernetes version.
    #[serde(rename = "kubeVersion")]
    kube_version: Option<String>,
}

/// An image as a registry has it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RegisteredImage {
    digest: String,
    platforms: Vec<String>,
}

/// What rules are told of registries.
fn registered(images: &BTreeMap<String, Option<RegisteredImage>>) -> Registered {
    let mut registered = Registered::default();
    for (name, image) in images {
        let image = image.as_ref().map(|image| Image {
            digest: image.digest.clone(),
            platforms: image.platforms.clone(),
            created: None,
        });
        registered.add(ImageRef::split(name), image);
    }
    registered
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProfileSettings {
    production: bool,
    values: Vec<String>,
    namespace: Option<String>,
    /// The kustomization that deploys it, below the fixture: its `images` count, and it is rendered without a cluster.
    kustomization: Option<String>,
}

/// A chart, loaded, with everything that a rule may look at.
pub(crate) struct Fixture {
    pub(crate) root: PathBuf,
    pub(crate) sources: Sources,
    chart: Chart,
    profiles: Vec<ProfileView>,
    comparison: Comparison,
    /// What the chart has otherwise than the one in `source`.
    source: Option<Vec<Difference>>,
    release: Option<gate::Release>,
    params: serde_yaml::Value,
    also: Vec<String>,
    intent: Intent,
    published: Vec<String>,
    out: BTreeMap<String, BTreeMap<String, String>>,
    registered: Registered,
}

/// Every file below a folder, sorted.
fn files_below(root: &Path) -> Vec<String> {
    let entries = tree(root).list("").expect("a fixture is readable");
    let mut paths: Vec<String> = entries.into_iter().map(|entry| entry.path).collect();
    paths.sort();
    paths
}

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn tree(folder: &Path) -> Arc<dyn Tree> {
    Arc::new(Dir::folder(folder).expect("a fixture is a folder"))
}

/// A tree some of whose files are made of so many line breaks.
fn grown(tree: Arc<dyn Tree>, sizes: &BTreeMap<String, usize>) -> Arc<dyn Tree> {
    let grow = |(path, size): (&String, &usize)| (path.clone(), vec![b'\n'; *size].into());
    if sizes.is_empty() { tree } else { Arc::new(Overlay::new(tree, sizes.iter().map(grow).collect())) }
}

/// The packaged chart in a folder.
fn archive(folder: &Path) -> Option<Arc<dyn Tree>> {
    let mut files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let path = files.find(|path| path.extension().is_some_and(|extension| extension == "tgz"))?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(Arc::new(Archive::open(&path, &name).expect("a fixture is sound")))
}

impl Fixture {
    /// The chart of a folder: in `new` where it has `old` and `new`, in `chart` where files around it matter.
    pub(crate) fn load(folder: &Path, settings: Option<&Path>) -> Self {
        let settings = settings.and_then(|path| std::fs::read_to_string(path).ok());
        let settings: Settings = settings.map_or_else(Settings::default, |text| {
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("settings of {}: {error}", folder.display()))
        });
        let (old, new) = (folder.join("old"), folder.join("new"));
        let root = if new.is_dir() { new } else { folder.to_owned() };
        let sources = Sources::new();
        let below = |root: &Path| if root.join("chart").is_dir() { "chart" } else { "" };
        let chart = match archive(&root) {
            Some(archive) => chart::load(&archive, "", &sources),
            None => chart::load(&grown(tree(&root), &settings.sizes), below(&root), &sources),
        };
        let source = folder.join("source");
        let source = source.is_dir().then(|| chart::load(&tree(&source), "", &sources));
        let source = source.map(|source| compare::differences(&chart, &source));
        let comparison = if old.is_dir() {
            compared(&chart, &tree(&old), below(&old))
        } else {
            Comparison::Inapplicable { reason: "the fixture has no `old`".to_owned() }
        };
        let profiles = profiles(&chart, &settings, &sources);
        let intent = intent(&settings, &sources);
        let release = released(&chart, &comparison, &sources);
        Self {
            root,
            sources,
            chart,
            profiles,
            comparison,
            source,
            release,
            params: settings.params,
            also: settings.also,
            intent,
            published: settings.published.get("oci").cloned().into_iter().collect(),
            out: settings.out,
            registered: registered(&settings.registered),
        }
    }

    /// What it renders to under each profile.
    pub(crate) fn renderings(&self) -> impl Iterator<Item = Arc<Rendered>> {
        let judged = self.profiles.iter().flat_map(|view| &view.versions);
        judged.map(|judged| Arc::clone(&judged.rendered))
    }

    /// The same chart compared with itself.
    pub(crate) fn unchanged(mut self) -> Self {
        self.comparison = compared(&self.chart, &self.chart.tree, &self.chart.folder);
        // The gate compares no further where no file differs; here the comparison itself has to find nothing.
        let old = chart::load(&self.chart.tree, &self.chart.folder, &self.sources);
        let options = Options::default();
        let pair =
            Pair { old: &old, new: &self.chart, options: &options, sources: &self.sources, cache: &Cache::default() };
        let changes = change::compare(pair);
        self.release = Some(gate::Release { baseline: "the earlier state".to_owned(), chart: old, changes });
        self
    }

    fn params(&self, rule: &Rule, is_own: bool) -> Params {
        let text = serde_yaml::to_string(&self.params).expect("parameters are YAML");
        let source = self.sources.add(Source::new("fixture.yaml", Address::Rendered, text.as_str()));
        let given = Document::parse(source, &text).expect("it was parsed before").root;
        params::resolve(rule, Some(&given).filter(|_| is_own))
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", rule.id))
    }

    /// Runs a rule over what it says that it needs; `is_own` where the fixture's parameters are for it. A rule that is off counts as a warning.
    pub(crate) fn run(&self, rule: &Rule, is_own: bool) -> Said {
        match rule.target {
            Target::Suppression => return self.run_whole(rule),
            Target::Policy => return self.run_policy(rule),
            Target::Deployment => return self.run_deployment(rule),
            Target::Pipeline => return self.run_pipeline(rule),
            _ => {}
        }
        let params = self.params(rule, is_own);
        let (files, mut failures) = Files::read(&self.chart, &self.sources, params.files(rule));
        let needs = |need: Need| rule.needs.contains(&need);
        let step = |id: &str| step(id, rule);
        let since = self.release.as_ref().filter(|_| needs(Need::Last));
        let since = since.and_then(|release| Since::new(&release.baseline, &release.chart, &release.changes, &step));
        let tag = self.intent.tag.clone().filter(|_| needs(Need::Tag));
        let value = ChartValue::default();
        let context = Context {
            value: &value,
            chart: &self.chart,
            sources: &self.sources,
            profiles: if needs(Need::Profiles) { &self.profiles } else { &[] },
            history: &self.history(rule),
            registered: &self.registered,
            intent: &Intent { tag, ..self.intent.clone() },
            source: self.source.as_deref().filter(|_| needs(Need::Source)),
            since: since.as_ref(),
            definitions: &Definitions::default(),
            cache: &Cache::default(),
            files: &files,
            params: &params,
            is_named: false,
        };
        let Said { mut findings, failures: more, .. } =
            rule::run(rule, rule.severity.unwrap_or(Severity::Warning), &context);
        failures.extend(more);
        findings.sort_by_key(|finding| (self.at(&finding.primary), finding.profile.clone(), finding.message.clone()));
        Said { findings, failures, skipped: vec![] }
    }

    /// As much of the past as a rule says that it needs.
    fn history(&self, rule: &Rule) -> History {
        match rule.needs.iter().map(|need| need.depth()).max().unwrap_or_default() {
            Depth::Nothing => History::of(Comparison::Inapplicable { reason: "no rule asked".to_owned() }),
            _ => History::of(self.comparison.clone()),
        }
    }

    /// What the gate says by a rule that judges what all others said; those that need a git base are left out.
    fn run_whole(&self, rule: &Rule) -> Said {
        let today = Date::new(2026, 1, 1).expect("a day");
        let needs_base = |rule: &&Rule| rule.target == Target::Change;
        let ignore = REGISTRY.iter().filter(needs_base).map(|rule| rule.id.clone()).collect();
        let policy = PolicyChoice { ignore, ..PolicyChoice::default() };
        let session = Session::new(Surroundings::new(self.root.clone(), today));
        let report = session.check(&Request { policy, ..Request::default() }, &self.sources);
        let report = report.expect("the fixture's configuration is right");
        let findings = report.findings.into_iter().filter(|finding| finding.rule == rule.id).collect();
        Said { findings, failures: report.failures, skipped: report.skipped }
    }

    /// What a rule says of the configuration beside the chart, against that beside its earlier state.
    fn run_policy(&self, rule: &Rule) -> Said {
        let params = params::resolve(rule, None).expect("defaults are right");
        let names = REGISTRY.iter().collect();
        let read = |folder: &Path, shown: &str| {
            let text = std::fs::read_to_string(folder.join(".chartgate.yaml")).ok()?;
            let source = self.sources.add(Source::new(shown, Address::Rendered, text.as_str()));
            Some(config::read(source, &text, "", &names).expect("the fixture's configuration is right"))
        };
        let earlier = self.root.parent().map(|folder| folder.join("old")).filter(|folder| folder.is_dir());
        let before = earlier.and_then(|folder| read(&folder, "old/.chartgate.yaml")).unwrap_or_default();
        let now = read(&self.root, ".chartgate.yaml").unwrap_or_default();
        let facts = config::loosened(&before, &now, &REGISTRY, &|_, _, _| false, &self.sources);
        let severity = rule.severity.unwrap_or(Severity::Warning);
        let mut all = Said::default();
        for fact in &facts {
            let said = rule::judge_fact(rule, severity, &params, "web", Target::Policy, fact);
            all.findings.extend(said.findings);
            all.failures.extend(said.failures);
        }
        all
    }

    /// What a rule says of the pipelines among the files of the fixture.
    fn run_pipeline(&self, rule: &Rule) -> Said {
        let notices = pipeline::notices(&tree(&self.root), &self.sources, &[]).found;
        let facts: Vec<Fact> = notices.into_iter().filter_map(gate::of_pipeline).collect();
        Self::judge(rule, Target::Pipeline, &facts)
    }

    /// What a rule says of facts.
    fn judge(rule: &Rule, target: Target, facts: &[Fact]) -> Said {
        let params = params::resolve(rule, None).expect("defaults are right");
        let severity = rule.severity.unwrap_or(Severity::Warning);
        let mut all = Said::default();
        for fact in facts {
            let said = rule::judge_fact(rule, severity, &params, "web", target, fact);
            all.findings.extend(said.findings);
            all.failures.extend(said.failures);
        }
        all
    }

    /// What a rule says of the deployments that the files of the fixture declare.
    fn run_deployment(&self, rule: &Rule) -> Said {
        let found = self.declared(&self.root, &self.sources);
        let of_chart =
            |deployment| gate::of_deployment(deployment, self.chart.name().unwrap_or_default(), self.chart.version());
        let mut facts: Vec<Fact> = found.deployments.iter().flat_map(of_chart).collect();
        for release in &found.releases {
            facts.extend(gate::of_deployment(&release.deployment, &release.chart.name, None));
            let Some(pin) = &release.deployment.pin else { continue };
            let Some(out) = self.out.get(&release.chart.name) else { continue };
            match out.get(&pin.version) {
                None => facts.push(gate::absent(release, pin.at)),
                Some(digest) if !pin.digest.is_empty() && *digest != pin.digest => {
                    facts.push(gate::mismatch(release, pin, digest));
                }
                Some(_) => {}
            }
        }
        facts.extend(self.departed(&found));
        Self::judge(rule, Target::Deployment, &facts)
    }

    /// What the files beside its earlier state declared and `now` does not.
    fn departed(&self, now: &Discovered) -> Vec<Fact> {
        let old = self.root.parent().map(|folder| folder.join("old")).filter(|folder| folder.is_dir());
        let Some(old) = old else { return vec![] };
        let texts = Sources::new();
        let earlier = self.declared(&old, &texts);
        let chart = (&*tree(&self.root), self.chart.folder.as_str());
        gate::of_departed((&earlier, &texts), now, chart, &self.sources).expect("a fixture can be read")
    }

    /// What the files of a folder declare.
    fn declared(&self, root: &Path, sources: &Sources) -> Discovered {
        let paths = files_below(root);
        let charts = self.chart.name().map(|name| (self.chart.folder.clone(), name.to_owned())).into_iter().collect();
        let search = Search {
            tree: &tree(root),
            paths: &paths,
            charts: &charts,
            published: &self.published,
            test_words: &TEST_WORDS.map(str::to_owned),
            sources,
            tools: &Tool::ALL,
            by_name: false,
            helm: None,
            own: &chartgate::gitops::Own::default(),
            configured: &[],
        };
        gitops::discover(&search)
    }

    /// The ids of other rules that call the chart broken.
    pub(crate) fn other_errors(&self, rule: &Rule, registry: &Registry) -> Vec<String> {
        let others = registry.iter().filter(|other| {
            other.id != rule.id && other.severity == Some(Severity::Error) && !self.also.contains(&other.id)
        });
        let findings = others.flat_map(|other| self.run(other, false).findings);
        findings
            .map(|finding| format!("{}: {}: {}", self.shown(&finding.primary), finding.rule, finding.message))
            .collect()
    }

    fn at(&self, label: &Label) -> (String, chartgate::text::Position) {
        (self.sources.path(label.location), self.sources.start(label.location))
    }

    fn shown(&self, label: &Label) -> String {
        let (path, start) = self.at(label);
        let end = self.sources.end(label.location);
        if start == end { format!("{path}:{start}") } else { format!("{path}:{start}-{end}") }
    }

    /// A finding as lines: where, what, and what belongs to it.
    pub(crate) fn describe(&self, finding: &Finding) -> String {
        let Finding { severity, rule, message, .. } = finding;
        let mut text = format!("{}: {severity} {rule}: {message}\n", self.shown(&finding.primary));
        let mut line = |name: &str, value: &str| {
            text.push_str(format!("    {name}: {value}").trim_end_matches([':', ' ']));
            text.push('\n');
        };
        if !finding.primary.message.is_empty() {
            line("label", &finding.primary.message);
        }
        if let Some(profile) = &finding.profile {
            line("profile", profile);
        }
        for label in &finding.related {
            line("related", &format!("{}: {}", self.shown(label), label.message));
        }
        if let Some(help) = &finding.help {
            line("help", help);
        }
        if let Some(fix) = &finding.fix {
            let safety = match fix.safety {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
                Safety::DisplayOnly => "shown only",
            };
            line("fix", &format!("{} ({safety})", fix.title));
        }
        text
    }
}

/// A chart against an earlier state of it.
fn compared(chart: &Chart, tree: &Arc<dyn Tree>, folder: &str) -> Comparison {
    compare::with_earlier(chart, tree, folder, "the earlier state").expect("an earlier state loads")
}

/// What changed since the earlier state.
fn released(chart: &Chart, comparison: &Comparison, sources: &Sources) -> Option<gate::Release> {
    let lens = Lens {
        sources,
        cache: &Cache::default(),
        helm: Major::default(),
        kube_version: None,
        kube_versions: &[],
        again: gate::Again::Never,
        compares_helms: false,
        admitted: &Arc::default(),
        timings: None,
    };
    gate::since(chart, comparison, lens, |_| {})
}

/// The step of a kind of change that counts by default, or that the rule itself names.
fn step(id: &str, rule: &Rule) -> Option<Step> {
    REGISTRY.get(id).filter(|named| named.severity.is_some() || named.id == rule.id)?.step
}

/// What a configuration beside the chart would say of its publication.
fn intent(settings: &Settings, sources: &Sources) -> Intent {
    let written = |key: &str| {
        let text = settings.published.get(key)?;
        let file = format!("published:\n  {key}: {text}\n");
        let start = file.find(text.as_str()).expect("it was just written");
        let source = sources.add(Source::new(".chartgate.yaml", Address::Rendered, file));
        Some((text.clone(), Location::new(source, Span::new(start, start + text.len()))))
    };
    let tag = settings.tag.clone().map(|name| ReleaseTag { name, is_named: true });
    let bump = if settings.published.get("bump").is_some_and(|bump| bump == "at-release") {
        Bump::AtRelease
    } else {
        Bump::EveryChange
    };
    Intent { oci: written("oci"), tags: written("tags"), tag, bump }
}

fn profiles(chart: &Chart, settings: &Settings, sources: &Sources) -> Vec<ProfileView> {
    let mut profiles = vec![Profile::defaults()];
    if settings.profiles.is_empty() {
        for file in &chart.values_files {
            let stem = file.path.trim_end_matches(".yaml").trim_end_matches(".yml");
            let values = file.root().cloned().into_iter().collect();
            profiles.push(profile(stem, production_word(stem).is_some(), values, None));
        }
    }
    for (name, wanted) in &settings.profiles {
        let values = wanted.values.iter().map(|path| values_file(chart, path, sources)).collect();
        let plain = profile(name, wanted.production, values, wanted.namespace.clone());
        let overlay = wanted.kustomization.as_ref().map(|path| document(chart, path, sources));
        let images = overlay.iter().flat_map(|root| root.get("images").and_then(Node::as_seq).unwrap_or_default());
        let images = images.filter_map(|node| ImageOverride::read(node, vec![]));
        let steps = images.map(|over| Changed { at: over.at, change: Change::Image(over) }).collect();
        let build = overlay.as_ref().map(|root| Build { parts: vec![Part::Chart(root.location)], steps });
        profiles.push(Profile { is_templated: overlay.is_some(), build, ..plain });
    }
    let lens = Lens {
        sources,
        cache: &Cache::default(),
        helm: Major::default(),
        kube_version: settings.kube_version.as_deref(),
        kube_versions: &[],
        again: gate::Again::Always,
        compares_helms: true,
        admitted: &Arc::default(),
        timings: None,
    };
    profiles.iter().map(|profile| gate::view(chart, profile, lens)).collect()
}

fn profile(name: &str, production: bool, values: Vec<Node>, namespace: Option<String>) -> Profile {
    Profile { name: name.to_owned(), production, values, namespace, ..Profile::defaults() }
}

fn values_file(chart: &Chart, path: &str, sources: &Sources) -> Node {
    let whole = format!("{}/{path}", chart.folder);
    document(chart, whole.trim_start_matches('/'), sources)
}

/// A file of the fixture by its path below it.
fn document(chart: &Chart, whole: &str, sources: &Sources) -> Node {
    let bytes = chart.tree.read(whole, FILE_LIMIT).expect("a fixture has its values files");
    let text = String::from_utf8(bytes).expect("a fixture is text");
    let source = sources.add(Source::new(whole, chart.tree.address(whole), text.as_str()));
    Document::parse(source, &text).expect("a fixture's values are YAML").root
}
