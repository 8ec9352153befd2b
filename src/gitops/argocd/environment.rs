//! The build environment: variables that Argo CD puts into parameters and paths (`$ARGOCD_APP_NAME`).

use crate::gitops::declared::Declared;
use crate::gitops::{text, within};
use crate::yaml::Node;

/// What is known of the environment that an Application is built in.
pub(super) struct Environment<'a> {
    declared: &'a Declared,
    source: &'a Node,
}

impl<'a> Environment<'a> {
    pub(super) fn of(declared: &'a Declared, source: &'a Node) -> Self {
        Self { declared, source }
    }

    /// A text with its variables filled in, as Go's `os.Expand` does it; `$$` is `$`, and what is no variable of Argo CD is empty.
    ///
    /// # Errors
    /// The variable whose value only Argo CD knows.
    pub(super) fn filled(&self, template: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), template);
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let (name, length) = name(&rest[at + 1..]);
            if length == 0 {
                out.push('$');
            } else if !name.is_empty() {
                out.push_str(&self.value(name)?);
            }
            within(out.len())?;
            rest = &rest[at + 1 + length..];
        }
        Ok(out + rest)
    }

    /// The name by which Argo CD knows the Application: outside of its own namespace both names of it.
    fn instance(&self) -> Result<String, String> {
        const USUAL: [&str; 4] = ["argocd", "argo-cd", "argo", "openshift-gitops"];
        let name = self.declared.name();
        match self.declared.namespace().filter(|namespace| !USUAL.contains(namespace)) {
            Some(namespace) => Err(format!(
                "`ARGOCD_APP_NAME` is `{name}` where Argo CD itself runs in the namespace `{namespace}`, and `{namespace}_{name}` elsewhere"
            )),
            None => Ok(name.to_owned()),
        }
    }

    fn value(&self, name: &str) -> Result<String, String> {
        let spec = self.declared.root.get("spec");
        let of_source = |field: &str| Ok(text(self.source, field).unwrap_or("").to_owned());
        match name {
            "$" => Ok("$".to_owned()),
            "ARGOCD_APP_NAME" => self.instance(),
            "ARGOCD_APP_NAMESPACE" => {
                let destination = spec.and_then(|spec| spec.get("destination"));
                Ok(destination.and_then(|destination| text(destination, "namespace")).unwrap_or("").to_owned())
            }
            "ARGOCD_APP_PROJECT_NAME" => Ok(spec.and_then(|spec| text(spec, "project")).unwrap_or("").to_owned()),
            "ARGOCD_APP_SOURCE_REPO_URL" => of_source("repoURL"),
            "ARGOCD_APP_SOURCE_PATH" => of_source("path"),
            "ARGOCD_APP_SOURCE_TARGET_REVISION" => of_source("targetRevision"),
            // A commit is not known before there is one: it is a valid tag, whatever it is.
            "ARGOCD_APP_REVISION" => Ok("0".repeat(40)),
            "ARGOCD_APP_REVISION_SHORT" => Ok("0".repeat(7)),
            "ARGOCD_APP_REVISION_SHORT_8" => Ok("0".repeat(8)),
            name if name.starts_with("ARGOCD_") => Err(format!("the value of `{name}` is known to Argo CD alone")),
            _ => Ok(String::new()),
        }
    }
}

/// The name at the beginning of a text behind `$`, and how long it is with its braces. Empty and longer than nothing where braces are
/// wrong, which Go leaves out.
fn name(text: &str) -> (&str, usize) {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'{') => match text.find('}') {
            Some(1) => ("", 2),
            Some(end) => (&text[1..end], end + 1),
            None => ("", 1),
        },
        Some(letter) if b"*#$@!?-0123456789".contains(letter) => (&text[..1], 1),
        _ => {
            let end =
                bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(bytes.len());
            (&text[..end], end)
        }
    }
}
