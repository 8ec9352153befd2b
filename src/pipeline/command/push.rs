//! Commands that push charts.

use super::{Delivery, base, behind};

/// A command that pushes charts.
struct Form {
    program: &'static str,
    /// The words behind it.
    verbs: &'static [&'static str],
    /// Whether it pushes other things too, so that a package has to be named.
    is_general: bool,
}

const fn form(program: &'static str, verbs: &'static [&'static str]) -> Form {
    Form { program, verbs, is_general: false }
}

/// All of them; the page of `publish-not-gated` names each.
const FORMS: [Form; 15] = [
    form("helm", &["push"]),
    form("helm", &["cm-push"]),
    form("helm", &["nexus-push"]),
    form("helm", &["push-artifactory"]),
    form("helm", &["s3", "push"]),
    form("helm", &["gcs", "push"]),
    form("cr", &["upload"]),
    form("chart-releaser", &["upload"]),
    form("az", &["acr", "helm", "push"]),
    Form { program: "oras", verbs: &["push"], is_general: true },
    Form { program: "jf", verbs: &["rt", "upload"], is_general: true },
    Form { program: "jf", verbs: &["rt", "u"], is_general: true },
    Form { program: "jfrog", verbs: &["rt", "upload"], is_general: true },
    Form { program: "jfrog", verbs: &["rt", "u"], is_general: true },
    Form { program: "cloudsmith", verbs: &["push", "helm"], is_general: false },
];
/// Ways of curl to send a file.
const SENDS: [&str; 5] = ["-T", "--upload-file", "-F", "--form", "--data-binary"];

/// The push of a command.
pub(super) fn pushes(words: &[&str]) -> Option<Delivery> {
    let is_chart = || words.iter().any(|word| word.contains(".tgz") || word.contains("cncf.helm"));
    let found = FORMS.iter().find_map(|form| Some((form, behind(words, form.program, form.verbs)?)));
    match found {
        Some((form, given)) => (!form.is_general || is_chart()).then(|| delivery(name(form), &given)),
        None => uploads(words).then(|| delivery("curl".to_owned(), &[])),
    }
}

fn name(form: &Form) -> String {
    let words: Vec<&str> = std::iter::once(form.program).chain(form.verbs.iter().copied()).collect();
    words.join(" ")
}

/// Whether curl sends a package to a repository of charts: to ChartMuseum (`/api/charts`), to GitLab (`/packages/helm/api/CHANNEL/charts`), or to
/// another place by a command that names packages and says that they are charts, as for Nexus and Artifactory.
fn uploads(words: &[&str]) -> bool {
    let is_place = |word: &&str| word.contains("/api/charts") || word.contains("/packages/helm/api/");
    // `-Tweb.tgz` is one word.
    let sends = |word: &&str| SENDS.iter().any(|way| word.split('=').next() == Some(way)) || word.starts_with("-T");
    let names_charts = |word: &&str| {
        let word = word.to_ascii_lowercase();
        word.contains("helm") || word.contains("chart")
    };
    // What has blanks in it is a message.
    let is_package = |word: &&str| word.contains(".tgz") && !word.contains(char::is_whitespace);
    let is_of_charts = words.iter().any(is_package) && words.iter().any(names_charts);
    words.first().is_some_and(|program| base(program) == "curl")
        && (words.iter().any(is_place) || is_of_charts)
        && words.iter().any(sends)
}

/// A push of `helm push CHART ADDRESS`, of `oras push ADDRESS FILE` or by something else; `given` are its words without options.
fn delivery(what: String, given: &[&str]) -> Delivery {
    let mut rest = given.iter().copied();
    let (package, target) = match what.as_str() {
        "oras push" => {
            let is_host = |word: &str| word.split('/').next().is_some_and(|host| host.contains(['.', ':', '$']));
            let is_address = |word: &&str| word.contains('/') && !word.contains(".tgz") && !word.starts_with('.');
            (None, rest.find(|word| is_address(word) && is_host(word)))
        }
        "helm push" => {
            // The chart may be a path, and comes first.
            let package = rest.next().filter(|package| package.ends_with(".tgz"));
            let is_address = |word: &&str| word.starts_with('$') || word.contains('/') && !word.contains(".tgz");
            let target = rest.clone().find(|word| word.contains("://")).or_else(|| rest.next().filter(is_address));
            // The plugin that is called `cm-push` now was called `push`, and took folders and `https://`.
            (package, target.filter(|target| package.is_some() || !target.starts_with("http")))
        }
        _ => (None, None),
    };
    let words = given.iter().map(|word| (*word).to_owned()).collect();
    Delivery { package: package.map(str::to_owned), target: target.map(str::to_owned), what, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_rule_names_each() {
        let page = include_str!("../../../rules/publish-not-gated.yaml");
        for form in &FORMS {
            let name = name(form);
            assert!(page.contains(&format!("`{name}`")), "rules/publish-not-gated.yaml does not name `{name}`");
        }
    }
}
