//! Charts that render otherwise for other Kubernetes versions: each rule looks at what each version gets.

use chartgate::gate::{PolicyChoice, Request, Session, Surroundings};
use chartgate::text::{Date, Sources};

use crate::git_repo::Repo;

/// What is found in a chart with one template: rules and messages, in order.
fn found(versions: &str, chart: &str, template: &str) -> Vec<String> {
    let repo = Repo::nowhere();
    repo.write(".chartgate.yaml", format!("kubeVersions: {versions}\n"));
    repo.write("web/Chart.yaml", format!("apiVersion: v2\nname: web\nversion: 1.0.0\n{chart}"));
    repo.write("web/values.yaml", "{}\n");
    repo.write("web/templates/all.yaml", template);
    let rules = [
        "image-tag-floating",
        "manifest-field-invalid",
        "manifest-field-unknown",
        "object-name-invalid",
        "render-failed",
    ];
    let policy = PolicyChoice { select: rules.map(str::to_owned).into(), ..PolicyChoice::default() };
    let session = Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")));
    let request = Request { policy, ..Request::default() };
    let report = session.check(&request, &Sources::new()).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(report.failures, []);
    let mut said: Vec<String> =
        report.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    said.sort();
    said
}

const NEWER: &str = "{{- if semverCompare \">=1.30-0\" .Capabilities.KubeVersion.Version }}";

fn named(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

fn said(name: &str, versions: &str) -> String {
    format!(
        "object-name-invalid: `ConfigMap/{name}`: `{name}` is no name that a ConfigMap can have: it may only have lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit{versions}"
    )
}

#[test]
fn each_rule_looks_at_what_each_version_gets() {
    let both = named("Both_B");
    let template = format!("{NEWER}\n{}{{{{- else }}}}\n{}{{{{- end }}}}\n---\n{both}", named("New_B"), named("Old_B"));
    let wanted = [
        said("Both_B", ""),
        said("New_B", " (in Kubernetes 1.30 to 1.36)"),
        said("Old_B", " (in Kubernetes 1.25 to 1.29)"),
    ];
    assert_eq!(found("['1.25', '1.36']", "", &template), wanted);
    assert_eq!(found("['1.25', '1.27']", "", &template), [said("Both_B", ""), said("Old_B", "")]);
}

#[test]
fn images_of_every_version_are_judged() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'a:";
    let template = format!("{NEWER}\n{pod}1.0.0'}}]}}\n{{{{- else }}}}\n{pod}latest'}}]}}\n{{{{- end }}}}\n");
    let found = found("['1.29', '1.36']", "", &template);
    assert_eq!(
        found,
        [
            "image-tag-floating: `a:latest` of container `web` of `Pod/web` can change without a new chart version (in Kubernetes 1.29)"
        ]
    );
}

#[test]
fn branches_for_versions_in_the_middle_are_rendered_however_the_version_is_asked_for() {
    let minor = "(int .Capabilities.KubeVersion.Minor)";
    let conditions = [
        format!("and (ge {minor} 29) (lt {minor} 32)"),
        format!("has {minor} (list 29 30 31)"),
        "hasPrefix \"v1.30.\" .Capabilities.KubeVersion.Version".to_owned(),
    ];
    for condition in conditions {
        let template = format!("{{{{- if {condition} }}}}\n{}{{{{- end }}}}\n", named("A_b"));
        assert_eq!(found("['1.25', '1.37']", "", &template).len(), 1, "{condition}");
    }
    let kept = format!(
        "{{{{- $minor := int .Capabilities.KubeVersion.Minor }}}}\n{{{{- if eq $minor 31 }}}}\n{}{{{{- end }}}}\n",
        named("A_b")
    );
    assert_eq!(found("['1.25', '1.37']", "", &kept), [said("A_b", " (in Kubernetes 1.31)")]);
}

#[test]
fn versions_that_a_chart_refuses_are_said_and_the_others_judged() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}], trafficDistribution: PreferClose}\n";
    let found = found("['1.25', '1.37']", "kubeVersion: '>=1.28.0-0'\n", service);
    assert_eq!(
        found,
        [
            "manifest-field-unknown: `Service/web`: unknown field `spec.trafficDistribution` (in Kubernetes 1.28 to 1.29)",
            "render-failed: the chart does not render: for Kubernetes 1.25, which `kubeVersions` in the configuration asks for: chart requires kubeVersion: >=1.28.0-0 which is incompatible with Kubernetes v1.25.0",
        ]
    );
}

#[test]
fn what_only_an_upgrade_renders_is_judged() {
    let template =
        format!("{{{{- if .Release.IsUpgrade }}}}\n{}{{{{- end }}}}\n---\n{}", named("Up_B"), named("Both_B"));
    assert_eq!(found("['1.36']", "", &template), [said("Both_B", ""), said("Up_B", " (on an upgrade)")]);
    let revision = format!("{{{{- if gt (int .Release.Revision) 1 }}}}\n{}{{{{- end }}}}\n", named("Up_B"));
    assert_eq!(found("['1.36']", "", &revision), [said("Up_B", " (on an upgrade)")]);
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData:\n  {{- if .Release.IsInstall }}\n  key: abc\n  {{- else }}\n  key: {{ (lookup \"v1\" \"Secret\" .Release.Namespace \"web\").data.key | b64dec | quote }}\n  {{- end }}\n";
    assert_eq!(found("['1.36']", "", secret), [""; 0]);
}

#[test]
fn a_chart_that_renders_for_none_of_its_versions_does_not_pass() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";
    let found = found("['1.25', '1.27']", "kubeVersion: '>=1.30.0-0'\n", map);
    assert!(
        found.len() == 1 && found[0].starts_with("render-failed: the chart does not render: for Kubernetes 1.2"),
        "{found:?}"
    );
}

#[test]
fn every_version_that_does_not_render_is_said() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";
    let minor = "int .Capabilities.KubeVersion.Minor";
    let template = format!("{{{{- if eq ({minor}) 31 }}}}{{{{ fail \"not this one\" }}}}{{{{ end }}}}\n{map}");
    let middle = found("['1.25', '1.36']", "", &template);
    assert!(middle.len() == 1 && middle[0].contains("for Kubernetes 1.31, "), "{middle:?}");
    let ends = found("['1.25', '1.36']", "kubeVersion: '>=1.28.0-0 <1.34.0-0'\n", map);
    let is_said = |minor: &str| ends.iter().any(|said| said.contains(&format!("for Kubernetes {minor}, ")));
    assert!(ends.len() == 2 && is_said("1.25") && is_said("1.36"), "{ends:?}");
}

#[test]
fn stretches_that_do_not_touch_are_said_apart() {
    let minor = "int .Capabilities.KubeVersion.Minor";
    let template = format!("{{{{- if or (lt ({minor}) 29) (gt ({minor}) 31) }}}}\n{}{{{{- end }}}}\n", named("A_b"));
    assert_eq!(
        found("['1.25', '1.36']", "", &template),
        [said("A_b", " (in Kubernetes 1.25 to 1.28 and 1.32 to 1.36)")]
    );
}

#[test]
fn a_version_is_asked_for_by_a_patch_that_the_chart_admits() {
    let patch =
        "{{- if semverCompare \"<1.25.3-0\" .Capabilities.KubeVersion.Version }}{{ fail \"too old\" }}{{ end }}\n";
    let map = format!("{patch}apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\n");
    assert_eq!(found("[]", "kubeVersion: '>=1.25.3-0'\n", &map), [""; 0]);
}

#[test]
fn an_upgrade_that_does_not_render_is_said() {
    let template = "{{- if .Release.IsUpgrade }}{{ .Values.none.there }}{{ end }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";
    let found = found("['1.36']", "", template);
    assert!(found.len() == 1 && found[0].contains("on an upgrade: ") && found[0].contains("nil pointer"), "{found:?}");
}

#[test]
fn images_of_other_versions_and_of_upgrades_are_listed() {
    let repo = Repo::nowhere();
    let image = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: '{image}'}}]}}\n"
        )
    };
    let template = format!(
        "{NEWER}\n{}{{{{- else }}}}\n{}{{{{- end }}}}\n{{{{- if .Release.IsUpgrade }}}}\n---\n{}{{{{- end }}}}\n",
        image("new:1.0.0"),
        image("old:1.0.0"),
        image("up:1.0.0").replace("name: web}\nspec", "name: up}\nspec")
    );
    repo.write(".chartgate.yaml", "kubeVersions: ['1.25', '1.36']\n").write("web/templates/all.yaml", template);
    repo.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let output = crate::cli::program().current_dir(repo.root()).args(["images", "web"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(["new:1.0.0", "old:1.0.0", "up:1.0.0"].iter().all(|image| said.contains(image)), "{said}");
}
