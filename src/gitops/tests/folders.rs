//! Folders of Applications that Applications deploy file by file.

use super::found;

const CHART: (&str, &str) = ("charts/web/Chart.yaml", "name: web\n");

fn application(name: &str, namespace: &str, source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  destination: {{namespace: {namespace}}}\n  source: {{{source}}}\n"
    )
}

/// What the Applications of a repository deploy: profile, production or test, namespace and release.
fn deployed(files: &[(&str, String)]) -> Vec<String> {
    let files: Vec<(&str, &str)> =
        std::iter::once(CHART).chain(files.iter().map(|(path, text)| (*path, text.as_str()))).collect();
    found(&files).iter().map(|line| line.split(" values").next().unwrap_or_default().to_owned()).collect()
}

fn web() -> String {
    application("web", "shop", "path: charts/web")
}

/// What the Application `apps/web.yaml` is for beside others.
fn of(others: &[(&str, String)]) -> String {
    let all: Vec<(&str, String)> = std::iter::once(("apps/web.yaml", web())).chain(others.iter().cloned()).collect();
    let lines = deployed(&all);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines[0].split(' ').nth(1).unwrap_or_default().to_owned()
}

fn root(name: &str, source: &str) -> (&'static str, String) {
    (if name == "root" { "root.yaml" } else { "other.yaml" }, application(name, "argocd", source))
}

#[test]
fn what_only_tests_deploy_is_for_testing() {
    let (dev, live) = (root("root-dev", "path: apps"), root("root", "path: apps"));
    assert_eq!(of(&[]), "production");
    assert_eq!(of(std::slice::from_ref(&dev)), "test");
    assert_eq!(of(&[dev.clone(), live]), "production");
    assert_eq!(of(&[root("root-dev", "path: apps, repoURL: 'https://github.com/other/thing'")]), "production");
    // Folders below count only where it looks into them.
    let deep = ("more/apps.yaml", web());
    let below = |source: &str| deployed(&[deep.clone(), root("root-dev", source)]);
    assert_eq!(below("path: ."), ["more production shop/web"]);
    assert_eq!(below("path: ., directory: {recurse: true}"), ["more test shop/web"]);
    // What is called production stays that.
    let called = [("apps/prod.yaml", web()), dev.clone()];
    assert_eq!(deployed(&called), ["apps production shop/web"]);
    assert_eq!(deployed(&[("apps/web.yaml", application("web", "prod", "path: charts/web")), dev]).len(), 1);
}

#[test]
fn tests_are_followed_through_folders() {
    let middle = ("roots/all.yaml", application("all", "argocd", "path: apps"));
    assert_eq!(of(std::slice::from_ref(&middle)), "production");
    assert_eq!(of(&[middle.clone(), root("root-dev", "path: roots")]), "test");
    assert_eq!(of(&[middle.clone(), root("root-dev", "path: roots"), root("root", "path: roots")]), "production");
    // Two that deploy each other are what they say.
    let circle = ("apps/all.yaml", application("all", "argocd", "path: apps"));
    assert_eq!(of(&[circle]), "production");
}

#[test]
fn what_an_application_leaves_out_is_no_production() {
    let of = |options: &str| of(&[root("root", &format!("path: apps, directory: {{{options}}}"))]);
    for options in [
        "exclude: web.yaml",
        "exclude: '{a,w*}.yaml'",
        "include: '*.yml'",
        "include: '[a-cx].yaml'",
        "include: a, exclude: b",
    ] {
        assert_eq!(of(options), "test", "{options}");
    }
    for options in
        ["exclude: 'x*'", "include: 'w?b.*'", "exclude: '[a-cw]*'", "recurse: true", "include: '', exclude: ''"]
    {
        assert_eq!(of(options), "production", "{options}");
    }
}

#[test]
fn what_tests_leave_out_and_others_deploy_stays_production() {
    let left_out = root("root-dev", "path: apps, directory: {exclude: web.yaml}");
    assert_eq!(of(std::slice::from_ref(&left_out)), "production");
    assert_eq!(of(&[left_out, root("root", "path: apps")]), "production");
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  generators: [{list: {elements: [{dir: apps}]}}]\n  template: {metadata: {name: '{{dir}}'}, spec: {source: {path: '{{dir}}'}}}\n";
    assert_eq!(of(&[root("root-dev", "path: apps"), ("set.yaml", set.to_owned())]), "production");
}

#[test]
fn what_a_chart_makes_is_for_what_deploys_the_chart() {
    let parent = |root: &str| {
        deployed(&[
            ("boot/Chart.yaml", "apiVersion: v2\nname: boot\nversion: 1.0.0\n".to_owned()),
            ("boot/templates/a.yaml", web()),
            ("apps/boot.yaml", application("boot", "argocd", "path: boot")),
            ("root.yaml", application(root, "argocd", "path: apps")),
        ])
    };
    let beside = deployed(&[
        ("boot/Chart.yaml", "apiVersion: v2\nname: boot\nversion: 1.0.0\n".to_owned()),
        ("boot/templates/a.yaml", web()),
        ("live/boot.yaml", application("boot", "argocd", "path: boot")),
        ("root.yaml", application("root-dev", "argocd", "path: ., directory: {recurse: true, exclude: 'live/*'}")),
    ]);
    assert_eq!(beside, ["boot production shop/web"]);
    assert_eq!(parent("root"), ["boot production shop/web"]);
    assert_eq!(parent("root-dev"), ["boot test shop/web"]);
}
