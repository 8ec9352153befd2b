//! `object-name-invalid`: names that the API server refuses, each kind by its own rule.

use super::part::{Problem, deployed, report};
use crate::admission::labels::is_subdomain;
use crate::kubernetes;
use crate::render::{Object, Options};
use crate::rule::{Context, Findings, ProfileView};
use crate::schema::holds;
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in deployed(context) {
        let problems = rendered.objects().filter(|object| !object.kind().is_empty()).flat_map(|object| {
            [judged(object).filter(|_| !is_for_a_shorter(object, view)), placed(object), named_twice(object)]
        });
        report(context, view, problems.flatten().collect(), findings);
    }
}

fn judged(object: Object<'_>) -> Option<Problem<'_>> {
    let named = object.metadata("name").filter(|name| !name.is_null());
    let Some(name) = named else { return unnamed(object) };
    // What is no text, the rule on fields says.
    let text = name.as_str()?;
    let form = form(object.group(), object.kind());
    let reason = form.refuses(text)?;
    Some(Problem {
        object,
        at: name.location,
        name: "metadata.name".to_owned(),
        what: format!("`{text}` is no name that a {} can have: {reason}", object.kind()),
        kind: text.to_owned(),
        help: Some(form.help().to_owned()),
        other: None,
    })
}

/// An object with a name and with the beginning of one, which Helm refuses to install (`validateNameAndGenerateName` in `pkg/action/validate.go`).
fn named_twice(object: Object<'_>) -> Option<Problem<'_>> {
    let has = |node: &Node| node.as_str().is_some_and(|text| !text.is_empty());
    object.metadata("name").filter(|name| has(name))?;
    let generated = object.metadata("generateName").filter(|start| has(start))?;
    let what =
        "`metadata.generateName` stands beside `metadata.name`, and Helm installs no object with both".to_owned();
    Some(Problem {
        object,
        at: generated.location,
        name: "metadata.generateName".to_owned(),
        kind: what.clone(),
        what,
        help: Some("keep one of them".to_owned()),
        other: None,
    })
}

/// Whether nobody has named the release, and the name is right for one with a shorter name: `object-name-long` says that.
fn is_for_a_shorter(object: Object<'_>, view: &ProfileView) -> bool {
    let release = Options::default().release;
    let name = object.metadata("name").and_then(Node::as_str).unwrap_or_default();
    let form = form(object.group(), object.kind());
    view.profile.release.is_none()
        && longest(object.group(), object.kind()).is_some_and(|most| name.len() > most)
        && name.contains(&release)
        && form.refuses(&name.replacen(&release, "a", 1)).is_none()
}

/// An object in a namespace that cannot be; what belongs to no namespace is taken all the same.
fn placed(object: Object<'_>) -> Option<Problem<'_>> {
    let namespace =
        object.metadata("namespace").filter(|_| kubernetes::is_of_namespace(object.group(), object.kind()))?;
    let text = namespace.as_str().filter(|text| !text.is_empty())?;
    let reason = Form::Label.refuses(text)?;
    Some(Problem {
        object,
        at: namespace.location,
        name: "metadata.namespace".to_owned(),
        what: format!("`{text}` is no name that a namespace can have: {reason}"),
        kind: format!("namespace {text}"),
        help: Some("name a namespace by lower-case letters, digits and `-`".to_owned()),
        other: None,
    })
}

fn unnamed(object: Object<'_>) -> Option<Problem<'_>> {
    let is_generated = object.metadata("generateName").and_then(Node::as_str).is_some_and(|name| !name.is_empty());
    // Reviews are questions, and answered without being kept.
    if is_generated || object.kind().ends_with("Review") || object.api_version().is_empty() {
        return None;
    }
    let metadata = object.root.entry("metadata").or_else(|| object.root.entry("kind"))?;
    let what = "required field `metadata.name` is missing".to_owned();
    Some(Problem {
        object,
        at: metadata.key.location,
        name: "metadata.name".to_owned(),
        kind: what.clone(),
        what,
        help: Some("name the object: `metadata: {name: …}`".to_owned()),
        other: None,
    })
}

/// What names of a kind look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Labels of DNS with dots between them.
    Subdomain,
    /// A subdomain of 52 characters, so that the names of what it makes fit.
    Short,
    /// A subdomain that is the value of a label, too.
    Labelling,
    /// A label of DNS.
    Label,
    /// A label of DNS that begins with a letter.
    Letter,
    /// Anything that can be a part of a path.
    Segment,
    /// Not told.
    Any,
}

/// How long a name of a kind may be, where a release can make it longer; none for kinds whose names have room.
pub(super) fn longest(group: &str, kind: &str) -> Option<usize> {
    match (group, kind) {
        // The name of a job is a label of its pods.
        ("", "Service" | "Namespace") | ("apps", "StatefulSet") | ("batch", "Job") => Some(63),
        ("batch", "CronJob") => Some(52),
        _ => None,
    }
}

/// The form for a kind (`NameIs…` in `apimachinery/pkg/api/validation`, as the kinds in `pkg/apis/*/validation` use them).
fn form(group: &str, kind: &str) -> Form {
    match (group, kind) {
        ("rbac.authorization.k8s.io", _) | ("certificates.k8s.io", "CertificateSigningRequest") => Form::Segment,
        // The name of a set is the host name of its pods.
        ("", "Namespace") | ("apps", "StatefulSet") => Form::Label,
        ("", "Service") => Form::Letter,
        ("batch", "CronJob") => Form::Short,
        ("batch", "Job") => Form::Labelling,
        // Their names have colons, or are made of something else.
        (
            "certificates.k8s.io" | "internal.apiserver.k8s.io" | "networking.k8s.io",
            "ClusterTrustBundle" | "StorageVersion" | "IPAddress",
        ) => Form::Any,
        (group, _) if kubernetes::is_own_group(group) || group.contains('.') => Form::Subdomain,
        _ => Form::Any,
    }
}

impl Form {
    fn refuses(self, name: &str) -> Option<String> {
        let too_long = |most: usize| {
            (name.len() > most).then(|| format!("it is {} characters long, longer than {most}", name.len()))
        };
        let most = match self {
            Self::Subdomain => 253,
            Self::Short => 52,
            Self::Label | Self::Labelling | Self::Letter => 63,
            Self::Segment | Self::Any => usize::MAX,
        };
        let fits = match self {
            Self::Subdomain | Self::Short | Self::Labelling => is_subdomain(name),
            Self::Label => holds("dns-label", name),
            Self::Letter => holds("dns-label", name) && !name.starts_with(|letter: char| letter.is_ascii_digit()),
            Self::Segment => !name.is_empty() && ![".", ".."].contains(&name) && !name.contains(['/', '%']),
            Self::Any => true,
        };
        too_long(most).or_else(|| (!fits).then(|| self.words().to_owned()))
    }

    fn words(self) -> &'static str {
        match self {
            Self::Subdomain | Self::Short | Self::Labelling => {
                "it may only have lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit"
            }
            Self::Label => {
                "it may only have lower-case letters, digits and `-`, and begins and ends with a letter or digit"
            }
            Self::Letter => {
                "it may only have lower-case letters, digits and `-`, begins with a letter and ends with a letter or digit"
            }
            Self::Segment | Self::Any => "it cannot be empty, `.` or `..`, or have a `/` or `%`",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Segment | Self::Any => "choose another name",
            Self::Short => "make it lower case, with `-` between words, and shorter: `| trunc 52 | trimSuffix \"-\"`",
            Self::Label | Self::Labelling | Self::Letter => {
                "make it lower case, with `-` between words, and cut it: `| trunc 63 | trimSuffix \"-\"`"
            }
            Self::Subdomain => "make it lower case, with `-` between words",
        }
    }
}
