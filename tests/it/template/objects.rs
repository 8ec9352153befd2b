//! Objects like those that Helm hands to templates.

use std::any::Any;

use chartgate::template::call::Call;
use chartgate::template::funcs::{Fault, Func, Type};
use chartgate::template::value::{List, Object, Value, View};

/// `.Capabilities` at Kubernetes 1.36.
pub(super) fn capabilities() -> Value {
    Value::object(Capabilities)
}

#[derive(Debug)]
struct Capabilities;

impl Object for Capabilities {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(Value::object(KubeVersion)),
            "APIVersions" => Some(Value::object(VersionSet)),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct KubeVersion;

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn view(&self) -> View {
        let fields = [("Version", "v1.36.0"), ("normalizedVersion", "v1.36.0"), ("Major", "1"), ("Minor", "36")];
        View::Struct(fields.map(|(name, text)| (name, Value::from(text))).into())
    }

    fn shown(&self) -> Option<String> {
        Some("v1.36.0".to_owned())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A slice of strings with a method.
#[derive(Debug)]
struct VersionSet;

static HAS: Func = Func::new("Has", &[Type::String], has);

#[expect(clippy::unnecessary_wraps, reason = "the signature of all functions")]
fn has(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((args[1].text() == "v1" || args[1].text() == "apps/v1").into())
}

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn view(&self) -> View {
        View::List(List::strings(["v1", "apps/v1"]).to_vec())
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        (name == "Has").then_some(&HAS)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
