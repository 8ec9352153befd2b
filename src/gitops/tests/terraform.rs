//! Releases of Terraform: what is constant is followed, and what is not is said.

use super::found;

fn release(attributes: &str) -> Vec<String> {
    let text = format!("resource \"helm_release\" \"web\" {{\n{attributes}}}\n");
    let files = [
        ("tf/main.tf", text.as_str()),
        ("tf/live.yaml", "a: 1\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/other/Chart.yaml", "name: other\n"),
    ];
    found(&files)
}

const CHART: &str = "  chart = \"${path.module}/../charts/web\"\n";

#[test]
fn constants_files_and_encoded_values_are_followed() {
    let attributes = format!(
        "{CHART}  name = \"shop\"\n  namespace = \"live\"\n  version = null\n  values = [file(\"${{path.module}}/live.yaml\"), <<-EOT\n    b: 2\n    c:\n      d: x\n  EOT\n  , yamlencode({{ e = {{ f = [true, 1.5] }}, \"g/h\" = \"i\" }}), \"j: 3\"]\n  set {{\n    name  = \"image.tag\"\n    value = \"1\"\n    type  = \"string\"\n  }}\n  set_list {{\n    name  = \"hosts\"\n    value = [\"a\", \"b\"]\n  }}\n"
    );
    let expected = r#"tf production live/shop values {"a":1} {"b":2,"c":{"d":"x"}} {"e":{"f":[true,1.5]},"g/h":"i"} {"j":3} set ["image.tag=1", "hosts={a,b}"] images [] manifests 0"#;
    assert_eq!(release(&attributes), [expected]);
    let list =
        format!("{CHART}  name = \"web\"\n  set = [{{ name = \"a\", value = true }}, {{ name = \"b\", value = 2 }}]\n");
    let expected = r#"tf production -/web values  set ["a=true", "b=2"] images [] manifests 0"#;
    assert_eq!(release(&list), [expected]);
    assert_eq!(release("  chart = \"../charts/web\"\n"), ["tf production -/web values  set [] images [] manifests 0"]);
    assert!(release(&format!("{CHART}  count = 0\n")).is_empty());
}

#[test]
fn expressions_that_decide_are_said() {
    let alone = |place: &str, what: &str| {
        vec![format!("{place}: {what} of `helm_release.web` is an expression, which Terraform alone knows")]
    };
    let of = |line: &str| release(&format!("{CHART}  {line}\n"));
    assert_eq!(of("values = var.values"), alone("3:12", "what of the values"));
    assert_eq!(of("values = [templatefile(\"a.tpl\", {})]"), alone("3:13", "what of the values"));
    assert_eq!(of("values = [\"a: ${var.a}\"]"), alone("3:13", "what of the values"));
    assert_eq!(of("values = [<<EOT\na: ${var.a}\nEOT\n]"), alone("3:13", "what of the values"));
    assert_eq!(of("values = [yamlencode({ a = var.a })]"), alone("3:13", "what of the values"));
    assert_eq!(of("values = [file(var.a)]"), alone("3:13", "a file"));
    assert_eq!(of("values = [file(\"gone.yaml\")]"), ["3:13: `tf/gone.yaml` does not exist"]);
    assert_eq!(
        of("values = [file(\"../../etc/x\")]"),
        ["3:13: `../../etc/x` of `helm_release.web` leads out of the repository"]
    );
    assert_eq!(of("namespace = var.namespace"), alone("3:15", "`namespace`"));
    assert_eq!(of("set {\n    name = \"a\"\n    value = var.a\n  }"), alone("5:13", "what is set"));
    assert_eq!(
        of("dynamic \"set\" {\n    for_each = {}\n    content {}\n  }"),
        alone("3:3", "what a `dynamic` block makes")
    );
    assert_eq!(
        of("postrender {\n    binary_path = \"x\"\n  }"),
        ["3:3: `postrender` is not followed: what a program makes of manifests is not known"]
    );
    assert_eq!(of("mystery = 1"), ["3:3: `mystery: 1` is not followed: chartgate does not know this field"]);
}

#[test]
fn a_chart_is_a_path_a_name_or_an_expression() {
    let said = ["2:11: the chart `charts/gone` of `helm_release.web` is not in this repository"];
    assert_eq!(release("  chart = \"../charts/gone\"\n"), said);
    let said = ["2:11: `../../../x` of `helm_release.web` leads out of the repository"];
    assert_eq!(release("  chart = \"../../../x\"\n"), said);
    // A chart that is here and is not judged.
    assert!(release("  chart = \"../charts/other\"\n").is_empty());
    let said = ["2:11: the chart of `helm_release.web` is an expression, which Terraform alone knows"];
    assert_eq!(release("  chart = var.chart\n"), said);
    let published = "  chart = \"redis\"\n  repository = \"https://charts.example.org\"\n  version = \"1.2.3\"\n";
    assert_eq!(release(published), ["elsewhere tf/main.tf https://charts.example.org redis 1.2.3"]);
}

#[test]
fn what_is_no_hcl_is_said_where_it_speaks_of_a_release() {
    let lines = found(&[("main.tf", "a = 1\nresource \"helm_release\" \"web\" {\n  chart = [\n")]);
    assert!(lines.len() == 1 && lines[0].contains("`main.tf` is not HCL"), "{lines:?}");
    assert!(found(&[("main.tf", "resource \"other\" {\n")]).is_empty());
    let deep = format!("resource \"helm_release\" \"web\" {{\n  chart = {}\n}}\n", "[".repeat(100_000));
    assert_eq!(found(&[("main.tf", &deep)]).len(), 1);
    let lines = found(&[("main.tf.json", "{\"resource\": {\"helm_release\": {}}}\n")]);
    assert_eq!(lines, ["1:1: `main.tf.json` is Terraform written as JSON, which is not followed"]);
}

#[test]
fn locals_of_the_module_are_followed_where_they_are_constant() {
    let locals = "locals {\n  folder = \"../charts\"\n  chart  = \"${local.folder}/web\"\n  names  = { space = \"live\" }\n  text   = \"a: 1\"\n  open   = var.open\n}\n";
    let of = |attributes: &str| {
        let text = format!("resource \"helm_release\" \"web\" {{\n{attributes}}}\n");
        found(&[("tf/main.tf", &text), ("tf/locals.tf", locals), ("charts/web/Chart.yaml", "name: web\n")])
    };
    let attributes = "  name = \"${local.names.space}-web\"\n  chart = local.chart\n  namespace = local.names.space\n  values = [local.text, yamlencode({ b = local.names.space })]\n  set {\n    name = \"c\"\n    value = local.folder\n  }\n";
    let expected =
        r#"tf production live/live-web values {"a":1} {"b":"live"} set ["c=../charts"] images [] manifests 0"#;
    assert_eq!(of(attributes), [expected]);
    let alone = "of `helm_release.web` is an expression, which Terraform alone knows";
    assert_eq!(of("  chart = local.open\n"), [format!("2:11: the chart {alone}")]);
    assert_eq!(of("  chart = local.chart\n  namespace = local.gone\n"), [format!("3:15: `namespace` {alone}")]);
}

#[test]
fn locals_that_multiply_end_within_a_bound() {
    let many = |name: &str| vec![format!("local.{name}"); 20_000].join(", ");
    let joined = |name: &str| format!("${{local.{name}}}").repeat(20_000);
    let locals = format!(
        "locals {{\n  a = \"0123456789\"\n  b = [{}]\n  c = [{}]\n  d = [{}]\n  e = \"{}\"\n  f = \"{}\"\n}}\n",
        many("a"),
        many("b"),
        many("c"),
        joined("a"),
        joined("e")
    );
    let release = "resource \"helm_release\" \"web\" {\n  chart = \"../charts/web\"\n  name = local.f\n}\n";
    let lines = found(&[("tf/main.tf", release), ("tf/l.tf", &locals), ("charts/web/Chart.yaml", "name: web\n")]);
    assert_eq!(lines, ["3:10: `name` of `helm_release.web` is an expression, which Terraform alone knows"]);
}

#[test]
fn what_lies_over_a_release_is_said_and_texts_are_what_terraform_makes_of_them() {
    let release = "locals { tag = \"2\" }\nresource \"helm_release\" \"web\" {\n  chart = \"./charts/web\"\n  name = \"web\"\n  values = [\"image:\\n  tag: ${local.tag}\\n\"]\n}\n";
    let files = [("main.tf", release), ("charts/web/Chart.yaml", "name: web\n")];
    let said = found(&files).join("\n");
    assert!(said.contains(r#"values {"image":{"tag":2}}"#), "{said}");
    let over = "resource \"helm_release\" \"web\" {\n  values = []\n}\n";
    for name in ["override.tf", "web_override.tf"] {
        let said = found(&[files[0], files[1], (name, over)]);
        assert_eq!(said, [format!("1:11: `helm_release.web` is changed by `{name}`, which is not followed")]);
    }
}

#[test]
fn paths_start_where_terraform_is_run_or_in_the_module() {
    let release =
        |chart: &str| format!("resource \"helm_release\" \"web\" {{\n  name  = \"web\"\n  chart = \"{chart}\"\n}}\n");
    let call = "module \"web\" {\n  source = \"../modules/web\"\n}\n";
    let of = |chart: &str, callers: &[&str]| {
        let (release, callers) =
            (release(chart), callers.iter().map(|folder| format!("{folder}/main.tf")).collect::<Vec<_>>());
        let mut files = vec![("modules/web/main.tf", release.as_str())];
        files.extend(callers.iter().map(|path| (path.as_str(), call)));
        found(&files)
    };
    for chart in
        ["${path.module}/../../charts/web", "${path.root}/../charts/web", "${path.cwd}/../charts/web", "../charts/web"]
    {
        let said = of(chart, &["live"]);
        assert!(said.len() == 1 && said[0].starts_with("modules/web production"), "{chart}: {said:?}");
    }
    let said = of("${path.root}/../charts/web", &["live", "other"]);
    assert_eq!(
        said,
        [
            "3:11: `../charts/web` of `helm_release.web` is a path from where Terraform is run, which may be any of 2 modules"
        ]
    );
    assert!(of("${path.module}/../../charts/web", &["live", "other"])[0].starts_with("modules/web production"));
    assert_eq!(
        of("${path.root}/../charts/web", &[]),
        ["3:11: the chart `modules/charts/web` of `helm_release.web` is not in this repository"]
    );
    let (inner, broken) = (release("${path.root}/../charts/web"), "module \"web\" {\n  source = \n");
    assert_eq!(
        found(&[("modules/web/main.tf", &inner), ("live/main.tf", broken)]),
        [
            "3:11: `../charts/web` of `helm_release.web` is a path from where Terraform is run, which `live/main.tf` may say, and that file cannot be read"
        ]
    );
    let package = release("https://example.org/charts/web-1.2.0.tgz");
    assert_eq!(found(&[("main.tf", &package)]), ["elsewhere main.tf https://example.org/charts web 1.2.0"]);
}

#[test]
fn numbers_and_escapes_are_what_terraform_makes_of_them() {
    let set = |value: &str| release(&format!("{CHART}  set {{\n    name = \"a\"\n    value = {value}\n  }}\n"));
    for (value, set_to) in
        [("1.10", "1.1"), ("1e3", "1000"), ("\"1.10\"", "1.10"), ("\"$${x}\"", "${x}"), ("true", "true")]
    {
        let expected = format!(r#"tf production -/web values  set ["a={set_to}"] images [] manifests 0"#);
        assert_eq!(set(value), [expected], "{value}");
    }
    let values = |value: &str| release(&format!("{CHART}  values = [{value}]\n"));
    let expected = r#"tf production -/web values {"a":"${x}"} set [] images [] manifests 0"#;
    assert_eq!(values("yamlencode({ a = \"$${x}\" })"), [expected]);
    assert_eq!(values("<<EOT\na: $${x}\nEOT\n"), [expected]);
    let file = r#"tf production -/web values {"a":1} set [] images [] manifests 0"#;
    assert_eq!(values("\"${file(\"${path.module}/live.yaml\")}\""), [file]);
}

#[test]
fn the_provider_reads_the_first_document_of_values() {
    let text = format!(
        "resource \"helm_release\" \"web\" {{\n{CHART}  values = [file(\"${{path.module}}/v.yaml\"), \"b: 1\\n---\\nb: 2\"]\n}}\n"
    );
    let files =
        [("tf/main.tf", text.as_str()), ("tf/v.yaml", "a: 1\n---\na: 2\n"), ("charts/web/Chart.yaml", "name: web\n")];
    assert_eq!(found(&files), [r#"tf production -/web values {"a":1} {"b":1} set [] images [] manifests 0"#]);
}

#[test]
fn what_is_for_nothing_deploys_nothing() {
    for nothing in ["{}", "[]", "toset([])"] {
        assert_eq!(release(&format!("{CHART}  for_each = {nothing}\n")), [""; 0], "{nothing}");
    }
    assert_eq!(release(&format!("{CHART}  for_each = toset([\"a\"])\n")).len(), 1);
}

#[test]
fn a_repository_that_is_a_folder_holds_the_chart() {
    let plain = ["tf production -/web values  set [] images [] manifests 0"];
    for repository in ["${path.module}/../charts", "../charts"] {
        assert_eq!(release(&format!("  repository = \"{repository}\"\n  chart = \"web\"\n")), plain, "{repository}");
    }
    let published = "  repository = \"oci://ghcr.io/example/charts\"\n  chart = \"web\"\n  version = \"1.0.0\"\n";
    assert_eq!(release(published), plain);
    assert_eq!(release("  chart = \"oci://ghcr.io/example/charts/web\"\n"), plain);
}

#[test]
fn files_of_opentofu_and_marks_are_read() {
    let text = format!("\u{feff}resource \"helm_release\" \"web\" {{\n{CHART}  name = local.name\n}}\n");
    let files = [
        ("tf/main.tofu", text.as_str()),
        ("tf/z.tf", "locals { name = \"one\" }\n"),
        ("tf/a_override.tf", "locals { name = \"two\" }\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    assert_eq!(found(&files), ["tf production -/two values  set [] images [] manifests 0"]);
}

#[test]
fn objects_that_terraform_makes_are_followed_where_they_are_constant() {
    let spec = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec: {destination: {namespace: live}, source: {path: charts/web}}\n";
    let hcl = r#"{
    apiVersion = "argoproj.io/v1alpha1"
    kind = "Application"
    metadata = { name = "shop" }
    spec = { destination = { namespace = "live" }, source = { path = "charts/web" } }
  }"#;
    let texts = [
        format!("resource \"kubectl_manifest\" \"app\" {{\n  yaml_body = <<YAML\n{spec}YAML\n}}\n"),
        format!("resource \"kubernetes_manifest\" \"app\" {{\n  manifest = {hcl}\n}}\n"),
        format!("resource \"kubectl_manifest\" \"app\" {{\n  yaml_body = yamlencode({hcl})\n}}\n"),
    ];
    for text in &texts {
        let said = found(&[("tf/main.tf", text), ("charts/web/Chart.yaml", "name: web\n")]);
        assert_eq!(said, ["tf production live/shop values  set [] images [] manifests 0"], "{text}");
    }
    let open = texts[1].replace("\"live\"", "var.namespace");
    let said = found(&[("tf/main.tf", &open), ("charts/web/Chart.yaml", "name: web\n")]);
    assert_eq!(said, ["1:1: `kubernetes_manifest.app` speaks of the chart `charts/web`, which is not followed"]);
    let open = texts[1].replace("\"charts/web\"", "var.path");
    let said = found(&[("tf/main.tf", &open), ("charts/web/Chart.yaml", "name: web\n")]);
    assert_eq!(said, ["1:1: `kubernetes_manifest.app` may deploy a chart of this repository, which is not followed"]);
}

#[test]
fn what_leads_to_a_chart_otherwise_is_said() {
    let of = |text: &str| found(&[("tf/main.tf", text), ("charts/web/Chart.yaml", "name: web\n")]);
    let said = |name: &str| [format!("1:1: `{name}` speaks of the chart `charts/web`, which is not followed")];
    let application = "resource \"argocd_application\" \"web\" {\n  spec {\n    source {\n      path = \"charts/web\"\n    }\n  }\n}\n";
    assert_eq!(of(application), said("argocd_application.web"));
    let module = "module \"addons\" {\n  source = \"aws-ia/eks-blueprints-addons/aws\"\n  helm_releases = { web = { chart = \"../charts/web\" } }\n}\n";
    assert_eq!(of(module), said("module.addons"));
    let data = "data \"helm_template\" \"web\" {\n  chart = \"${path.module}/../charts/web\"\n}\n";
    assert_eq!(of(data), said("data.helm_template.web"));
    for other in [
        "module \"own\" {\n  source = \"./own\"\n  chart = \"../charts/web\"\n}\n",
        "module \"other\" {\n  source = \"x/y/z\"\n  name = \"web\"\n  path = \"../deploy/web\"\n}\n",
        "resource \"argocd_application\" \"web\" {\n  spec {\n    source {\n      path = \"deploy/web\"\n    }\n  }\n}\n",
    ] {
        assert_eq!(of(other), [""; 0], "{other}");
    }
}

const SPEC: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  destination: {namespace: live}\n  source: {repoURL: r, path: charts/web, helm: {valuesObject: {tag: '1'}}}\n";

/// What is found of a manifest that Terraform makes of an expression, with files beside it.
fn made(expression: &str, more: &[(&str, &str)]) -> Vec<String> {
    let text = format!(
        "locals {{\n  tag = \"1\"\n}}\nresource \"kubectl_manifest\" \"app\" {{\n  yaml_body = {expression}\n}}\n"
    );
    found(&[&[("tf/main.tf", text.as_str()), ("charts/web/Chart.yaml", "name: web\n")], more].concat())
}

const MADE: [&str; 1] = [r#"tf production live/shop values {"tag":"1"} set [] images [] manifests 0"#];
const SPEAKS: [&str; 1] = ["4:1: `kubectl_manifest.app` speaks of the chart `charts/web`, which is not followed"];
const MAY: [&str; 1] = ["4:1: `kubectl_manifest.app` may deploy a chart of this repository, which is not followed"];

#[test]
fn heredocs_are_filled_with_locals_and_said_with_variables() {
    let of = |text: &str| made(&format!("<<YAML\n{text}YAML\n"), &[]);
    assert_eq!(of(SPEC), MADE);
    assert_eq!(of(&SPEC.replace("'1'", "'${local.tag}'")), MADE);
    assert_eq!(of(&SPEC.replace("repoURL: r", "repoURL: \"${local.tag}\"")), MADE);
    assert_eq!(of(&SPEC.replace("'1'", "'${var.tag}'")), SPEAKS);
    // In braces this is no YAML before it is filled in.
    assert_eq!(of(&SPEC.replace("repoURL: r", "repoURL: ${var.repo}")), MAY);
    assert_eq!(of(&SPEC.replace("'1'", "'%{ if true }a%{ endif }'")), SPEAKS);
}

#[test]
fn files_that_terraform_takes_manifests_from_are_followed_or_said() {
    let here = |name: &str| format!("\"${{path.module}}/{name}\"");
    let template = SPEC.replace("'1'", "'${tag}'");
    let files = [("tf/app.tpl", SPEC)];
    assert_eq!(made(&format!("file({})", here("app.tpl")), &files), MADE);
    assert_eq!(made(&format!("yamldecode(file({}))", here("app.tpl")), &files), MADE);
    // A manifest is read by itself, once.
    assert_eq!(made(&format!("file({})", here("app.yaml")), &[("tf/app.yaml", SPEC)]), MADE);
    for name in ["app.tpl", "app.yaml"] {
        let path = format!("tf/{name}");
        let files = [(path.as_str(), template.as_str())];
        let filled = |value: &str| made(&format!("templatefile({}, {{ tag = {value} }})", here(name)), &files);
        assert_eq!(filled("\"1\""), MADE, "{name}");
        assert_eq!(filled("local.tag"), MADE, "{name}");
        assert_eq!(filled("var.tag"), SPEAKS, "{name}");
    }
    // What has nothing to fill in is a manifest, whoever names it.
    for call in ["file(\"a\")", &format!("templatefile({}, {{}})", here("app.yaml"))] {
        let files = [
            ("tf/app.yaml", SPEC),
            ("tf/other.tf", "output \"x\" {\n  value = templatefile(\"${path.module}/app.yaml\", {})\n}\n"),
        ];
        let said = made(call, &files);
        assert!(said.contains(&MADE[0].to_owned()), "{call}: {said:?}");
        assert_eq!(said.iter().filter(|each| **each == MADE[0]).count(), 1, "{call}: {said:?}");
    }
}
