//! What nobody names on the command line is what real Helm takes for it.

use std::process::Command;

use crate::cli::Sample;
use crate::helm_lint::helm;

#[test]
fn capabilities_that_nobody_names_are_helms() {
    let Some(helm) = helm() else { return };
    let sample = Sample::new();
    sample.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    sample.write(
        "web/templates/all.yaml",
        "kube: {{ .Capabilities.KubeVersion | toJson }}\nhelm: {{ .Capabilities.HelmVersion | toJson }}\napis: {{ .Capabilities.APIVersions | toJson }}\n",
    );
    let output = Command::new(helm).current_dir(sample.path()).args(["template", "web", "web"]).output();
    let expected = String::from_utf8(output.expect("Helm starts").stdout).expect("UTF-8");
    let (code, rendered, errors) = sample.run(&["render", "web", "--name", "web"]);
    assert_eq!((code, rendered), (0, expected), "{errors}");
}
