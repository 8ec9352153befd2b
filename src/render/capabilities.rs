//! What `.Capabilities` says: the Kubernetes version, the API versions it serves, and Helm's own version.

use std::any::Any;
use std::fmt;

use super::Options;
use super::looks::Lookout;
use crate::helm::Major;
use crate::template::call::Call;
use crate::template::funcs::{Fault, Func, Type};
use crate::template::origin::{OriginId, Origins};
use crate::template::value::{List, Map, Object, Value, View, Watch};

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

/// A field of `version.BuildInfo`: its name, its name in JSON, and its value.
type BuildField = (&'static str, &'static str, &'static str);

/// `version.BuildInfo` of the command lines that are followed.
const fn build_info(helm: Major) -> &'static [BuildField] {
    match helm {
        Major::Three => &[
            ("Version", "version", "v3.19.0"),
            ("GitCommit", "git_commit", "3d8990f0836691f0229297773f3524598f46bda6"),
            ("GitTreeState", "git_tree_state", "clean"),
            ("GoVersion", "go_version", "go1.24.7"),
        ],
        Major::Four => &[
            ("Version", "version", "v4.3.1"),
            ("GitCommit", "git_commit", "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff"),
            ("GitTreeState", "git_tree_state", "clean"),
            ("GoVersion", "go_version", "go1.27.2"),
            ("KubeClientVersion", "kube_client_version", "v1.37"),
        ],
    }
}

impl Default for KubeVersion {
    fn default() -> Self {
        Self::of(Major::default())
    }
}

impl KubeVersion {
    /// What a Helm takes where nobody names one.
    pub fn of(helm: Major) -> Self {
        Self::parse(helm.kube_version()).expect("it is a version")
    }

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

/// `.Capabilities`: the Kubernetes version, and the API versions that are asked for behind the default ones. Who looks at the version, or at Helm's, tells
/// `lookout`.
pub(super) fn capabilities(options: &Options, lookout: &Lookout) -> Value {
    let helm = options.helm;
    let own = options.served_to.pick(API_VERSIONS_3, API_VERSIONS_4);
    let more = options.api_versions.iter().map(String::as_str);
    let versions = own.split_whitespace().chain(more).map(Value::from).collect();
    let mut version = options.kube_version.clone();
    if helm.cuts_kube_version() {
        version.version.clone_from(&version.normalized);
    }
    Value::object(Capabilities {
        of: helm,
        kube: Value::object(Kube { helm, version }),
        versions: Value::object(VersionSet { helm, versions }).with_origins(Origins::one(OriginId::SERVED)),
        helm: Value::object(BuildInfo(helm)),
        version: lookout.version.clone(),
        of_helm: lookout.helm.clone(),
    })
}

#[derive(Debug)]
struct Capabilities {
    of: Major,
    kube: Value,
    versions: Value,
    helm: Value,
    /// Told when somebody looks at the Kubernetes version.
    version: Watch,
    /// Told when somebody looks at Helm's.
    of_helm: Watch,
}

/// The fields of an object as a map.
fn fields(object: &dyn Object, names: &[&'static str]) -> Value {
    names.iter().map(|name| (*name, object.field(name).unwrap_or_default())).collect::<Map>().into()
}

impl Object for Capabilities {
    fn type_name(&self) -> &'static str {
        self.of.pick("*chartutil.Capabilities", "*common.Capabilities")
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => {
                self.version.see();
                Some(self.kube.clone())
            }
            "APIVersions" => Some(self.versions.clone()),
            "HelmVersion" => {
                self.of_helm.see();
                Some(self.helm.clone())
            }
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
    let kube = args.first().and_then(Value::as_object::<Kube>);
    kube.map(|kube| text(&kube.version).into()).ok_or_else(|| "not a Kubernetes version".into())
}

/// A Kubernetes version as templates see it.
#[derive(Debug)]
struct Kube {
    helm: Major,
    version: KubeVersion,
}

impl Object for Kube {
    fn type_name(&self) -> &'static str {
        self.helm.pick("chartutil.KubeVersion", "common.KubeVersion")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(self.version.version.as_str().into()),
            "Major" => Some(self.version.major.to_string().into()),
            "Minor" => Some(self.version.minor.to_string().into()),
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
        Some(self.version.normalized.clone())
    }

    fn view(&self) -> View {
        let KubeVersion { version, normalized, major, minor } = &self.version;
        let mut fields = vec![
            ("Version", version.as_str().into()),
            ("normalizedVersion", normalized.as_str().into()),
            ("Major", major.to_string().into()),
            ("Minor", minor.to_string().into()),
        ];
        if self.helm.cuts_kube_version() {
            fields.remove(1);
        }
        View::Struct(fields)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct VersionSet {
    helm: Major,
    versions: Vec<Value>,
}

static HAS: Func = Func::new("Has", &[Type::String], has);

#[expect(clippy::unnecessary_wraps, reason = "every method has a function's signature")]
fn has(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let set = args.first().and_then(Value::as_object::<VersionSet>);
    let wanted = args.get(1).map(Value::text).unwrap_or_default();
    Ok(set.is_some_and(|set| set.versions.iter().any(|version| version.text() == wanted)).into())
}

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        self.helm.pick("chartutil.VersionSet", "common.VersionSet")
    }

    fn view(&self) -> View {
        View::List(self.versions.clone())
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        (name == "Has").then_some(&HAS)
    }

    fn json(&self) -> Option<Value> {
        Some(List::strings(self.versions.iter().cloned()).into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct BuildInfo(Major);

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn view(&self) -> View {
        View::Struct(build_info(self.0).iter().map(|(field, _, value)| (*field, Value::from(*value))).collect())
    }

    fn keyed(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(build_info(self.0).iter().map(|(_, key, value)| (*key, Value::from(*value))).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What Kubernetes 1.37's client knows, in its order (`DefaultVersionSet` of Helm 4.3.1).
const API_VERSIONS_4: &str =
    "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1
    internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1
    authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1
    authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1 certificates.k8s.io/v1
    certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2
    coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1
    events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1
    flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 lifecycle.k8s.io/v1alpha1
    networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1
    policy/v1beta1 rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1
    resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3
    scheduling.k8s.io/v1alpha3 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1beta1
    storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1 storagemigration.k8s.io/v1beta1
    apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";

/// The same of Kubernetes 1.34's client (Helm 3.19.0).
const API_VERSIONS_3: &str =
    "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1
    internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1
    authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1
    authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 autoscaling/v2beta1 autoscaling/v2beta2 batch/v1
    batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1
    coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1
    discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1
    flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2
    flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1
    node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1
    rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 resource.k8s.io/v1beta2
    resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1
    scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1
    storagemigration.k8s.io/v1alpha1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";
