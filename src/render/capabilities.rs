//! What `.Capabilities` says: the Kubernetes version, the API versions it serves, and Helm's own version.

use std::any::Any;
use std::fmt;

use crate::template::call::Call;
use crate::template::funcs::{Fault, Func, Type};
use crate::template::value::{List, Map, Object, Value, View};

/// A Kubernetes version as Helm keeps it (`common.KubeVersion`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// With a leading `v`, suffixes included: `v1.36.0-gke.1`.
    pub version: String,
    /// Without suffixes, which is what constraints look at.
    pub normalized: String,
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
}

/// The version whose client Helm 4.2.3 is built with.
const DEFAULT_VERSION: &str = "v1.36.0";

/// `version.BuildInfo`: its fields with their names in JSON, where empty ones are left out.
const BUILD_INFO: [(&str, &str, &str); 5] = [
    ("Version", "version", "v4.2"),
    ("GitCommit", "git_commit", ""),
    ("GitTreeState", "git_tree_state", ""),
    ("GoVersion", "go_version", "go1.26.6"),
    ("KubeClientVersion", "kube_client_version", "v1.36"),
];

impl Default for KubeVersion {
    fn default() -> Self {
        Self { version: DEFAULT_VERSION.into(), normalized: DEFAULT_VERSION.into(), major: 1, minor: 36 }
    }
}

impl KubeVersion {
    /// Reads a version (`ParseKubeVersion`); none where there are no two numbers.
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim_start();
        let digits = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = digits.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(digits.len());
        let parts = digits[..end].split('.').take_while(|part| !part.is_empty());
        let numbers: Vec<u64> = parts.map(str::parse).collect::<Result<_, _>>().ok()?;
        let (major, minor) = (*numbers.first()?, *numbers.get(1)?);
        let is_padded = digits.starts_with('0') && major > 0;
        let shown: Vec<_> = numbers.iter().map(u64::to_string).collect();
        let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
        (!is_padded).then(|| Self { version, normalized: format!("v{}", shown.join(".")), major, minor })
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.normalized)
    }
}

/// `.Capabilities` for a Kubernetes version, with `more` API versions behind the default ones.
pub(super) fn capabilities(version: &KubeVersion, more: &[String]) -> Value {
    let versions = API_VERSIONS.split_whitespace().chain(more.iter().map(String::as_str)).map(Value::from).collect();
    Value::object(Capabilities {
        kube: Value::object(version.clone()),
        versions: Value::object(VersionSet(versions)),
        helm: Value::object(BuildInfo),
    })
}

#[derive(Debug)]
struct Capabilities {
    kube: Value,
    versions: Value,
    helm: Value,
}

/// The fields of an object as a map.
fn fields(object: &dyn Object, names: &[&'static str]) -> Value {
    names.iter().map(|name| (*name, object.field(name).unwrap_or_default())).collect::<Map>().into()
}

impl Object for Capabilities {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kube.clone()),
            "APIVersions" => Some(self.versions.clone()),
            "HelmVersion" => Some(self.helm.clone()),
            _ => None,
        }
    }

    fn json(&self) -> Option<Value> {
        Some(fields(self, &["KubeVersion", "APIVersions", "HelmVersion"]))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

static GIT_VERSION: Func = Func::new("GitVersion", &[], |_, args| kube_text(args, |kube| &kube.version));
static STRING: Func = Func::new("String", &[], |_, args| kube_text(args, |kube| &kube.normalized));

fn kube_text(args: &[Value], text: fn(&KubeVersion) -> &str) -> Result<Value, Fault> {
    let kube = args.first().and_then(Value::as_object::<KubeVersion>);
    kube.map(|kube| text(kube).into()).ok_or_else(|| "not a Kubernetes version".into())
}

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(self.version.as_str().into()),
            "Major" => Some(self.major.to_string().into()),
            "Minor" => Some(self.minor.to_string().into()),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        match name {
            "GitVersion" => Some(&GIT_VERSION),
            "String" => Some(&STRING),
            _ => None,
        }
    }

    /// `String()` has a pointer receiver: an action finds it, `printf` does not.
    fn shown(&self) -> Option<String> {
        Some(self.normalized.clone())
    }

    fn view(&self) -> View {
        let (major, minor) = (self.major.to_string().into(), self.minor.to_string().into());
        let (version, normalized) = (self.version.as_str().into(), self.normalized.as_str().into());
        View::Struct(vec![("Version", version), ("normalizedVersion", normalized), ("Major", major), ("Minor", minor)])
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct VersionSet(Vec<Value>);

static HAS: Func = Func::new("Has", &[Type::String], has);

#[expect(clippy::unnecessary_wraps, reason = "every method has a function's signature")]
fn has(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let set = args.first().and_then(Value::as_object::<VersionSet>);
    let wanted = args.get(1).map(Value::text).unwrap_or_default();
    Ok(set.is_some_and(|set| set.0.iter().any(|version| version.text() == wanted)).into())
}

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn view(&self) -> View {
        View::List(self.0.clone())
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        (name == "Has").then_some(&HAS)
    }

    fn json(&self) -> Option<Value> {
        Some(List::strings(self.0.iter().cloned()).into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct BuildInfo;

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn view(&self) -> View {
        View::Struct(BUILD_INFO.iter().map(|(field, _, value)| (*field, Value::from(*value))).collect())
    }

    fn json(&self) -> Option<Value> {
        let set = BUILD_INFO.iter().filter(|(.., value)| !value.is_empty());
        Some(set.map(|(_, key, value)| (*key, Value::from(*value))).collect::<Map>().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What Kubernetes 1.36's client knows, in its order (`DefaultVersionSet` of Helm 4.2.3).
const API_VERSIONS: &str = "v1
    admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1
    internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1
    authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1
    autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1
    certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1
    discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1
    flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2
    flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1
    node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1
    rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 resource.k8s.io/v1beta2
    resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha2 scheduling.k8s.io/v1beta1
    scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1
    storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";
