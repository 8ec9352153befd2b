//! What is said of pipelines, each in the fewest lines that show it.

use std::sync::Arc;

use super::*;
use crate::source::Memory;

mod bounds;
mod silent;

/// What is said of a repository with these files, without the help.
fn said(files: &[(&str, &str)]) -> Vec<(Kind, String)> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes())));
    let tree = Memory::new("", files.collect());
    let found = notices(&(Arc::new(tree) as Arc<dyn Tree>), &Sources::new(), &[]).found;
    found.into_iter().map(|notice| (notice.kind, notice.message)).collect()
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}

/// What is said of the pushes of a workflow with this job.
fn of_job(job: &str, more: &[(&str, &str)]) -> Vec<(Kind, String)> {
    let indented = indented(job);
    let workflow = format!("on: push\npermissions: {{}}\njobs:\n  r:\n    runs-on: x\n{indented}");
    said(&[&[(".github/workflows/r.yml", workflow.as_str())], more].concat())
}

/// What is said of the pushes of a script that is a step.
fn of_script(script: &str) -> Vec<(Kind, String)> {
    of_job(&format!("steps:\n- run: |\n{}", indented(script)), &[])
}

const PUSH: &str = "helm push x.tgz oci://r.io/a";

#[test]
fn pushes_are_known_by_program_and_verb() {
    for (script, what) in [
        ("helm push web-1.0.0.tgz oci://r.io/a", "helm push"),
        ("helm package . && helm push *.tgz oci://r.io/a | tee log", "helm push"),
        ("sudo helm --debug push x.tgz oci://r.io/a", "helm push"),
        ("find . -name '*.tgz' -exec helm push {} oci://r.io/a \\;", "helm push"),
        ("docker run --rm alpine/helm:3.19 push x.tgz oci://r.io/a", "helm push"),
        ("if helm push x.tgz oci://r.io/a; then echo ok; fi", "helm push"),
        ("out=$(helm push x.tgz oci://r.io/a 2>&1)", "helm push"),
        ("if ! log=\"$(helm push x.tgz oci://r.io/a)\"; then\n  a\nfi", "helm push"),
        ("HELM_EXPERIMENTAL_OCI=1 helm \\\n  push x.tgz oci://r.io/a", "helm push"),
        ("$HELM push x.tgz oci://r.io/a", "helm push"),
        ("\"${HELM}\" push x.tgz oci://r.io/a", "helm push"),
        ("for chart in *.tgz; do helm push \"$chart\" \"oci://r.io/a\"; done", "helm push"),
        ("f() {\n  helm push x.tgz oci://r.io/a\n}\nf", "helm push"),
        ("bash -c 'helm push x.tgz oci://r.io/a'", "helm push"),
        ("bash <<EOF\nhelm push x.tgz oci://r.io/a\nEOF", "helm push"),
        ("f() { f $((1 + 1)); x=$(f); helm push x.tgz oci://r.io/a; }\nf", "helm push"),
        ("case $1 in push) helm push x.tgz oci://r.io/a;; esac", "helm push"),
        ("curl --data-binary \"@web-1.0.0.tgz\" https://charts.example.com/api/charts", "curl"),
        (
            "curl --fail --form 'chart=@web.tgz' --user u:p ${CI_API_V4_URL}/projects/1/packages/helm/api/x/charts",
            "curl",
        ),
        ("helm s3 push x.tgz mine", "helm s3 push"),
        ("cr upload -o acme", "cr upload"),
        ("oras push r.io/x:1 web-1.0.0.tgz:application/x", "oras push"),
    ] {
        let expected = format!("`{what}` pushes a chart that no `chartgate` step has judged before");
        assert_eq!(of_script(script), [(Kind::Ungated, expected)], "{script}");
    }
    for script in [
        "echo helm push",
        "# helm push x",
        "helm push --help",
        "helm pull x",
        "docker push x",
        "git push origin helm",
        "git commit -m 'helm push'",
        "cat <<EOF > note\nhelm push x.tgz oci://r.io/a\nEOF",
        "oras push r/x:artifacthub.io artifacthub-repo.yml",
        "curl https://charts.example.com/api/charts",
        "helm plugin install https://github.com/chartmuseum/helm-push",
        "f() { helm push x.tgz oci://r.io/a; }",
    ] {
        assert_eq!(of_script(script), [], "{script}");
    }
}

#[test]
fn a_judgement_whose_failure_stops_the_push_is_one() {
    for script in [
        "chartgate check charts/web\nPUSH",
        "chartgate check web && PUSH",
        "docker run ghcr.io/chartgate/chartgate:1 check\nPUSH",
        "chartgate check || exit 1\nPUSH",
        "chartgate check || { echo no; exit 1; }\nPUSH",
        "chartgate check || (echo no; exit 2)\nPUSH",
        "set +e\nchartgate check || exit $?\nPUSH",
        "if chartgate check; then PUSH; fi",
        "if ! chartgate check; then echo no >&2; exit 1; fi\nPUSH",
        "if chartgate check; then echo ok; else exit 1; fi\nPUSH",
        "set -o pipefail\nchartgate check | tee log\nPUSH",
        "set -euo pipefail; chartgate check |& tee log; PUSH",
        "for c in charts/*; do chartgate check $c; done\nPUSH",
        "for c in charts/*; do chartgate check $c || continue; PUSH; done",
        "ls charts | while read -r c; do chartgate check \"$c\"; done\nPUSH",
        "until chartgate check; do sleep 1; done\nPUSH",
        "(cd charts && chartgate check web)\nPUSH",
        "cd charts && chartgate check web && PUSH",
        "judge() { chartgate check \"$1\"; }\njudge web\nPUSH",
        "judge() { chartgate check \"$1\" || return 1; }\njudge web\nPUSH",
        "out=$(chartgate check --format json)\nPUSH",
        "bash -c 'chartgate check web'\nPUSH",
        "ls charts | xargs -n1 chartgate check\nPUSH",
        "find charts -name Chart.yaml -exec chartgate check {} +\nPUSH",
        "echo start; chartgate check web; echo end\nPUSH",
        "chartgate check 'web' --format github > log 2>&1\nPUSH",
    ] {
        assert_eq!(of_script(&script.replace("PUSH", PUSH)), [], "{script}");
    }
}

#[test]
fn a_judgement_whose_failure_stops_nothing_is_named_with_the_reason() {
    for (script, void) in [
        ("chartgate check | tee log\nPUSH", judged::Void::Piped),
        ("chartgate check &\nPUSH", judged::Void::Background),
        ("! chartgate check\nPUSH", judged::Void::Negated),
        ("if chartgate check; then echo ok; fi\nPUSH", judged::Void::Condition),
        ("if ! chartgate check; then echo no; fi\nPUSH", judged::Void::Condition),
        ("echo \"$(chartgate check)\"\nPUSH", judged::Void::Substituted),
        ("export out=$(chartgate check)\nPUSH", judged::Void::Substituted),
        ("f() { local out=$(chartgate check -q .); }; f\nPUSH", judged::Void::Substituted),
        ("chartgate check || :\nPUSH", judged::Void::PassedOver),
        ("chartgate check --explain-profiles\nPUSH", judged::Void::Idle),
        ("chartgate check --show-settings\nPUSH", judged::Void::Idle),
        ("chartgate check --update-baseline\nPUSH", judged::Void::Idle),
        ("chartgate check --fail-on never\nPUSH", judged::Void::Lenient),
        ("set +e\nchartgate check\nPUSH", judged::Void::Running),
        ("set +o errexit\nchartgate check; PUSH", judged::Void::Running),
        ("chartgate check || true\nPUSH", judged::Void::PassedOver),
        ("chartgate check || echo failed\nPUSH", judged::Void::PassedOver),
        ("chartgate check || { echo failed; }\nPUSH", judged::Void::PassedOver),
        ("chartgate check && echo ok\nPUSH", judged::Void::Chained),
        ("bash -c 'chartgate check; PUSH'", judged::Void::Running),
        ("bash -c 'chartgate check; echo done'\nPUSH", judged::Void::Running),
        ("find . -name Chart.yaml -exec chartgate check {} \\;\nPUSH", judged::Void::Visited),
        ("judge() { chartgate check; echo done; }\nset +e\njudge\nPUSH", judged::Void::Running),
    ] {
        let expected = format!("`helm push` pushes the chart though `chartgate` fails before it: {}", void.words().0);
        assert_eq!(of_script(&script.replace("PUSH", PUSH)), [(Kind::Ungated, expected)], "{script}");
    }
}

#[test]
fn a_judgement_that_depends_on_something_is_said_to() {
    for (script, why) in [
        ("if [ -n \"$X\" ]; then chartgate check; fi\nPUSH", "the condition `[ -n $X ]`"),
        ("[ -f web ] && chartgate check\nPUSH", "the condition `[ -f web ]`"),
        ("chartgate check || failed=1\nPUSH", "what becomes of `failed`"),
        ("chartgate check || die no\nPUSH", "`die no` behind `||`"),
        ("set +e\nchartgate check\nrc=$?\nset -e\nPUSH", "what becomes of its exit code"),
        ("chartgate check | tee log\n[ ${PIPESTATUS[0]} = 0 ]\nPUSH", "what becomes of its exit code"),
        ("chartgate check & \nwait $!\nPUSH", "what `wait` waits for"),
        ("case $1 in a) chartgate check;; esac\nPUSH", "a `case`"),
    ] {
        let expected =
            format!("whether `chartgate` judges the chart before `helm push` depends on {why}, which is not followed");
        assert_eq!(of_script(&script.replace("PUSH", PUSH)), [(Kind::Untold, expected)], "{script}");
    }
}

/// Whether the push of a job counts as judged, not judged or not told.
fn verdict(job: &str, more: &[(&str, &str)]) -> Option<Kind> {
    of_job(&job.replace("PUSH", PUSH), more).first().map(|(kind, _)| *kind)
}

#[test]
fn a_shell_of_github_decides_what_a_failure_does() {
    for (job, expected) in [
        ("steps:\n- { run: chartgate check | tee log }\n- { run: PUSH }", Some(Kind::Ungated)),
        ("steps:\n- { run: chartgate check | tee log, shell: bash }\n- { run: PUSH }", None),
        ("defaults: { run: { shell: bash } }\nsteps:\n- { run: chartgate check | tee log }\n- { run: PUSH }", None),
        ("steps:\n- { run: chartgate check | tee log, shell: 'bash -euo pipefail {0}' }\n- { run: PUSH }", None),
        ("steps:\n- run: |\n    chartgate check\n    PUSH\n  shell: bash {0}", Some(Kind::Ungated)),
        ("steps:\n- run: |\n    chartgate check\n    echo\n  shell: pwsh\n- run: PUSH", Some(Kind::Ungated)),
        ("steps:\n- run: chartgate check\n  shell: pwsh\n- run: PUSH", None),
        (
            "steps:\n- run: |\n    chartgate check\n    if ($LASTEXITCODE -ne 0) { exit 1 }\n    PUSH\n  shell: pwsh",
            Some(Kind::Untold),
        ),
        ("steps:\n- run: chartgate check && echo ok\n- run: PUSH", None),
        (
            "steps:\n- run: |\n    if [ -z \"$X\" ]; then exit 0; fi\n    chartgate check\n- run: PUSH",
            Some(Kind::Untold),
        ),
        ("steps:\n- run: |\n    if [ -z \"$X\" ]; then exit 1; fi\n    chartgate check\n- run: PUSH", None),
        ("steps:\n- run: chartgate check\n- run: PUSH\n  if: always()", Some(Kind::Ungated)),
        (
            "steps:\n- run: chartgate check\n- run: PUSH\n  if: always() && steps.a.outcome == 'success'",
            Some(Kind::Untold),
        ),
        ("steps:\n- run: chartgate check\n  if: always()\n- run: PUSH", None),
        ("steps:\n- run: chartgate check\n  continue-on-error: true\n- run: PUSH", Some(Kind::Ungated)),
        ("steps:\n- run: chartgate check\n  continue-on-error: ${{ inputs.a }}\n- run: PUSH", Some(Kind::Untold)),
        ("continue-on-error: ${{ inputs.a }}\nsteps:\n- run: chartgate check\n- run: PUSH", Some(Kind::Untold)),
        (
            "steps:\n- run: chartgate check\n  id: c\n  continue-on-error: true\n- run: PUSH\n  if: steps.c.outcome == 'success'",
            None,
        ),
        (
            "steps:\n- run: chartgate check\n  id: c\n  continue-on-error: true\n- run: PUSH\n  if: steps.c.outcome != 'failure'",
            Some(Kind::Untold),
        ),
    ] {
        assert_eq!(verdict(job, &[]), expected, "{job}");
    }
}

#[test]
fn a_job_that_asks_for_the_result_of_another_waits_for_it() {
    let pushed = |gate: &str, condition: &str| {
        let text = format!(
            "on: push\npermissions: {{}}\njobs:\n  gate: {{ runs-on: x, {gate}steps: [{{ run: chartgate check }}] }}\n  \
             push: {{ needs: gate, if: \"{condition}\", runs-on: x, steps: [{{ run: \"{PUSH}\" }}] }}\n"
        );
        said(&[(".github/workflows/r.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    assert_eq!(pushed("", "always() && needs.gate.result == 'success'"), None);
    assert_eq!(pushed("", "always() && (needs.gate.result == 'success' || inputs.a)"), Some(Kind::Untold));
    assert_eq!(pushed("", "always() && needs.other.result == 'success'"), Some(Kind::Untold));
    assert_eq!(pushed("", "!cancelled()"), Some(Kind::Ungated));
    assert_eq!(pushed("continue-on-error: true, ", "needs.gate.result == 'success'"), Some(Kind::Untold));
    assert_eq!(pushed("continue-on-error: true, ", "github.ref == 'refs/heads/main'"), Some(Kind::Ungated));
}

#[test]
fn a_script_that_is_run_by_its_name_has_a_shell_of_its_own() {
    let script = |head: &str| format!("{head}\nchartgate check web\n{PUSH}\n");
    for (run, text, expected) in [
        ("./r.sh a", script("#!/bin/sh"), Some(Kind::Ungated)),
        ("./r.sh", script("#!/bin/bash -e"), None),
        ("./r.sh", script("#!/usr/bin/env bash\nset -euo pipefail"), None),
        ("bash r.sh", script("#!/bin/bash"), Some(Kind::Ungated)),
        ("bash -e r.sh", script("#!/bin/bash"), None),
        ("source ./r.sh\njudge\nPUSH", "judge() { chartgate check; }".to_owned(), None),
        (". ./r.sh\nPUSH", "set +e\nchartgate check\nx=1".to_owned(), Some(Kind::Ungated)),
        (". ./r.sh", script(""), None),
        ("source ./r.sh", script(""), None),
        ("make r", format!("x:\n\ty\nr: x\n\t@chartgate check\n\t{PUSH}\n"), None),
        ("make check\nPUSH", "check:\n\tchartgate check\n".to_owned(), None),
        ("make -C ../tools check\nPUSH", "check:\n\tchartgate check\n".to_owned(), Some(Kind::Ungated)),
        ("make r", format!("r:\n\t-chartgate check\n\t{PUSH}\n"), Some(Kind::Ungated)),
        ("make r", format!("r:\n\tchartgate check; \\\n\t{PUSH}\n"), Some(Kind::Ungated)),
        ("make r", format!("r:\n\tchartgate check | tee log\n\t{PUSH}\n"), Some(Kind::Ungated)),
        (
            "make r",
            format!("SHELL := bash\n.SHELLFLAGS := -euo pipefail -c\nr:\n\tchartgate check | tee log\n\t{PUSH}\n"),
            None,
        ),
        ("just r", format!("r:\n    chartgate check\n    {PUSH}\n"), None),
        ("just r", format!("r:\n    #!/bin/bash\n    chartgate check\n    {PUSH}\n"), Some(Kind::Ungated)),
        ("just r", format!("r: && check\n    {PUSH}\ncheck:\n    chartgate check\n"), Some(Kind::Ungated)),
        ("task r", format!("tasks:\n  r:\n    cmds: [chartgate check, '{PUSH}']\n"), None),
        (
            "task r",
            format!("tasks:\n  r:\n    cmds: [{{ cmd: chartgate check, ignore_error: true }}, '{PUSH}']\n"),
            Some(Kind::Ungated),
        ),
        ("npm run r", format!("{{ \"scripts\": {{ \"prer\": \"chartgate check\", \"r\": \"{PUSH}\" }} }}"), None),
        ("npm run r", format!("{{ \"scripts\": {{ \"r\": \"chartgate check; {PUSH}\" }} }}"), Some(Kind::Ungated)),
    ] {
        let file = match run.split(' ').next() {
            Some("make") => "Makefile",
            Some("just") => "justfile",
            Some("task") => "Taskfile.yml",
            Some("npm") => "package.json",
            _ => "r.sh",
        };
        let job = format!("steps:\n- run: |\n{}", indented(run));
        assert_eq!(verdict(&job, &[(file, &text)]), expected, "{run}: {text}");
    }
    for path in ["hack/lib.sh", "$(dirname \"$0\")/lib.sh", "${BASH_SOURCE%/*}/lib.sh", "\"$HERE/lib.sh\""] {
        let release = format!("set -e\nsource {path}\njudge\n{PUSH}\n");
        let files = [("hack/release.sh", release.as_str()), ("hack/lib.sh", "judge() { chartgate check web; }\n")];
        assert_eq!(verdict("steps:\n- run: hack/release.sh", &files), None, "{path}");
    }
}

#[test]
fn a_workflow_that_starts_after_another_asks_how_that_ended() {
    let gate = (
        ".github/workflows/gate.yml",
        "name: gate\non: push\njobs: {g: {runs-on: x, steps: [{run: chartgate check}]}}\n",
    );
    let release = |job: &str| {
        let text = format!(
            "on: {{workflow_run: {{workflows: [gate], types: [completed]}}}}\npermissions: {{}}\n\
             jobs: {{r: {{runs-on: x, {job}steps: [{{run: \"{PUSH}\"}}]}}}}\n"
        );
        said(&[gate, (".github/workflows/release.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    assert_eq!(release(""), Some(Kind::Ungated));
    assert_eq!(release("if: github.event.workflow_run.conclusion == 'success', "), None);
    assert_eq!(release("if: github.event.workflow_run.conclusion != 'failure', "), Some(Kind::Untold));
}

#[test]
fn jobs_of_gitlab_judge_for_those_of_the_same_pipeline() {
    let both = |gate: &str, push: &str| {
        let text = format!(
            "stages: [check, release]\ngate: {{stage: check, script: [chartgate check]{gate}}}\n\
             push: {{stage: release, script: [\"{PUSH}\"]{push}}}\n"
        );
        said(&[(".gitlab-ci.yml", &text)])
            .into_iter()
            .find(|(kind, _)| *kind != Kind::PullRequest)
            .map(|(kind, _)| kind)
    };
    let mr = "rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]";
    let tag = "rules: [{if: $CI_COMMIT_TAG}]";
    for (gate, push, expected) in [
        ("", "", None),
        ("", ", only: [tags]", None),
        ("", &format!(", {tag}"), None),
        (", only: [merge_requests]", ", only: [tags]", Some(Kind::Ungated)),
        (&format!(", {mr}"), &format!(", {tag}"), Some(Kind::Ungated)),
        (&format!(", {mr}"), "", Some(Kind::Ungated)),
        (&format!(", {tag}"), &format!(", {tag}"), None),
        (", rules: [{if: '$CI_COMMIT_BRANCH == \"main\"'}]", "", Some(Kind::Untold)),
        (", rules: [{changes: [charts/**]}]", &format!(", {tag}"), Some(Kind::Untold)),
        (", rules: [{if: $CI_COMMIT_TAG}, {when: never}]", ", only: [tags]", None),
        ("", ", when: always", Some(Kind::Ungated)),
        ("", ", rules: [{when: always}]", Some(Kind::Ungated)),
        (", allow_failure: true", "", Some(Kind::Ungated)),
        ("", ", needs: []", Some(Kind::Ungated)),
        ("", ", needs: [gate]", None),
    ] {
        assert_eq!(both(gate, push), expected, "{gate} {push}");
    }
    let piped = format!("r: {{script: [chartgate check | tee log, \"{PUSH}\"]}}\n");
    assert_eq!(said(&[(".gitlab-ci.yml", &piped)]), [], "the runner sets pipefail");
    let off = format!("r: {{before_script: [set +e], script: [chartgate check, \"{PUSH}\"]}}\n");
    assert_eq!(said(&[(".gitlab-ci.yml", &off)]).len(), 1, "one shell runs all of it");
}

#[test]
fn steps_of_woodpecker_that_name_what_they_depend_on_wait_for_nothing_else() {
    let both = |gate: &str, push: &str| {
        let text = format!(
            "steps:\n- {{name: gate, image: a, commands: [chartgate check]{gate}}}\n\
             - {{name: other, image: a, commands: [ls]}}\n\
             - {{name: push, image: a, commands: [\"{PUSH}\"]{push}}}\n"
        );
        said(&[(".woodpecker.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    for (gate, push, expected) in [
        ("", "", None),
        ("", ", depends_on: []", Some(Kind::Ungated)),
        ("", ", depends_on: [other]", Some(Kind::Ungated)),
        ("", ", depends_on: [other, gate]", None),
        ("", ", when: {status: [success, failure]}", Some(Kind::Ungated)),
        (", failure: ignore", "", Some(Kind::Ungated)),
        (", detach: true", "", Some(Kind::Ungated)),
    ] {
        assert_eq!(both(gate, push), expected, "{gate} {push}");
    }
    let gate = (".woodpecker/gate.yml", "steps: [{name: a, image: a, commands: [chartgate check]}]\n");
    let push = |head: &str| {
        let text = format!("{head}steps: [{{name: a, image: a, commands: [\"{PUSH}\"]}}]\n");
        said(&[gate, (".woodpecker/push.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    assert_eq!(push("depends_on: [gate]\n"), None);
    assert_eq!(push("depends_on: [gate]\nruns_on: [success, failure]\n"), Some(Kind::Ungated));
}

#[test]
fn variables_that_grow_each_time_are_not_filled_in() {
    let script = format!("a=xxxxxxxx\n{}helm push x.tgz oci://r.io/$a", "a=$a$a\n".repeat(60));
    assert_eq!(of_script(&script).len(), 1, "nobody judges the push");
    let (long, many) = ("x".repeat(100_000), "$A".repeat(20_000));
    let nested = (10..60).map(|at| format!("  A{at}: $A{0}$A{0}\n", at + 1)).collect::<Vec<_>>().concat();
    for job in [
        format!("env:\n  A: {long}\nsteps:\n- run: helm push x.tgz oci://r.io/{many}\n"),
        format!("env:\n{nested}steps:\n- run: helm push x.tgz oci://r.io/$A10\n"),
    ] {
        assert_eq!(of_job(&job, &[]).len(), 1, "nobody judges the push");
    }
}

#[test]
fn a_pipeline_that_is_too_large_to_be_read_is_no_pass() {
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let text = format!(".x: {deep}\npush:\n  script: [helm push x.tgz oci://r.io/a]\n");
    let tree = Memory::new("", [(".gitlab-ci.yml".to_owned(), Arc::from(text.as_bytes()))].into());
    let unread = notices(&(Arc::new(tree) as Arc<dyn Tree>), &Sources::new(), &[]).unread;
    assert!(unread.iter().any(|reason| reason.starts_with("cannot read `.gitlab-ci.yml`: ")), "{unread:?}");
}

#[test]
fn a_condition_clears_a_push_where_it_cannot_hold_for_a_pull_request() {
    let said_of = |on: &str, head: &str, more: &str| {
        let text = format!(
            "on: {on}\npermissions: {{}}\njobs:\n  r: {{runs-on: x, {head}steps: [{{run: chartgate check}}, {{run: \"{PUSH}\"}}]}}\n{more}"
        );
        let found = said(&[(".github/workflows/r.yml", &text)]);
        found.into_iter().map(|(kind, _)| kind).find(|kind| matches!(kind, Kind::PullRequest | Kind::Undecided))
    };
    let both = "[push, pull_request]";
    for (head, expected) in [
        ("if: \"github.repository == 'acme/web'\", ", Some(Kind::PullRequest)),
        ("if: \"contains(github.event.pull_request.labels.*.name, 'preview')\", ", Some(Kind::PullRequest)),
        ("if: \"${{ vars.PUBLISH == 'yes' }}\", ", Some(Kind::PullRequest)),
        ("if: \"steps.a.outputs.push == 'true'\", ", Some(Kind::Undecided)),
        ("if: \"github.repository == 'acme/web' && github.event_name == 'push'\", ", None),
        ("if: \"startsWith(github.ref, 'refs/tags/')\", ", None),
    ] {
        assert_eq!(said_of(both, head, ""), expected, "{head}");
    }
    let main = "if: \"github.ref == 'refs/heads/main'\", ";
    assert_eq!(said_of("[push, pull_request_target]", main, ""), Some(Kind::PullRequest), "it runs on that branch");
    assert_eq!(said_of("{pull_request: {types: [opened, closed]}}", "", ""), Some(Kind::PullRequest));
    assert_eq!(
        said_of("{pull_request: {types: [opened, closed]}}", "if: github.event.pull_request.merged, ", ""),
        None
    );
    assert_eq!(said_of("{pull_request: {types: [closed]}}", "", ""), None);
    let meta = "  meta: {runs-on: x, if: \"github.event_name == 'push'\", steps: [{run: a}]}\n";
    assert_eq!(said_of(both, "needs: meta, ", meta), None, "a job is left out with one that it needs");
    assert_eq!(said_of(both, "needs: meta, if: always(), ", meta), Some(Kind::PullRequest), "unless it says otherwise");
}

#[test]
fn an_action_runs_the_script_that_it_is_given() {
    let step = |uses: &str, key: &str, script: &str| {
        let kinds =
            of_job(&format!("steps:\n- uses: {uses}\n  with:\n    {key}: |\n{}", indented(&indented(script))), &[]);
        kinds.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    for (uses, key) in [
        ("nick-fields/retry@v3", "command"),
        ("Wandalen/wretry.action@v3", "command"),
        ("addnab/docker-run-action@v3", "run"),
    ] {
        assert_eq!(step(uses, key, PUSH), [Kind::Ungated], "{uses}");
        assert_eq!(step(uses, key, &format!("chartgate check && {PUSH}")), [], "{uses}");
    }
    let gated = |more: &str| {
        let job = format!(
            "steps:\n- uses: nick-fields/retry@v3\n  with: {{command: chartgate check{more}}}\n- run: {PUSH}\n"
        );
        of_job(&job, &[]).len()
    };
    assert_eq!((gated(""), gated(", continue_on_error: true")), (0, 1));
}

#[test]
fn the_values_of_a_matrix_are_put_into_scripts() {
    let of = |matrix: &str, run: &str| {
        let kinds = of_job(&format!("strategy: {{matrix: {matrix}}}\nsteps:\n- run: {run}\n"), &[]);
        kinds.into_iter().map(|(_, message)| message).collect::<Vec<_>>()
    };
    let pushed = ["`helm push` pushes a chart that no `chartgate` step has judged before"];
    assert_eq!(of("{cmd: [ls, helm push x.tgz oci://r.io/a]}", "${{ matrix.cmd }}"), pushed);
    assert_eq!(of("{include: [{task: {cmd: helm push x.tgz oci://r.io/a}}]}", "${{ matrix.task.cmd }}"), pushed);
    assert_eq!(of("{verb: [push, pull]}", "helm ${{ matrix.verb }} x.tgz oci://r.io/a"), pushed);
    assert_eq!(of("{cmd: [ls]}", "${{ matrix.cmd }}"), [""; 0]);
    assert_eq!(of("\"${{ fromJSON(inputs.a) }}\"", "${{ matrix.cmd }}"), [""; 0]);
    let gate = |cmd: &str| {
        let job =
            format!("strategy: {{matrix: {{cmd: [{cmd}]}}}}\nsteps:\n- run: ${{{{ matrix.cmd }}}}\n- run: {PUSH}\n");
        of_job(&job, &[]).len()
    };
    assert_eq!((gate("chartgate check"), gate("chartgate check, ls")), (0, 1), "each value has to judge");
}

#[test]
fn packages_are_sent_to_repositories_of_other_makers() {
    for script in [
        "curl -u u:p -T web-1.0.0.tgz https://nexus.example.com/repository/helm-hosted/",
        "curl -u $U --upload-file web-1.0.0.tgz $NEXUS_HELM_URL/web-1.0.0.tgz",
        "curl -Tweb-1.0.0.tgz https://acme.jfrog.io/artifactory/charts/",
        "curl -F 'chart=@web-1.0.0.tgz' https://harbor.example.com/api/chartrepo/library/charts",
        "curl --data-binary @web-1.0.0.tgz $CHARTMUSEUM",
        "jf rt upload 'web-*.tgz' helm-local",
        "jfrog rt u web-1.0.0.tgz helm-local/ --url x",
        "az acr helm push web-1.0.0.tgz -n acme",
        "cloudsmith push helm acme/charts web-1.0.0.tgz",
    ] {
        assert_eq!(of_script(script).len(), 1, "{script}");
    }
    for script in [
        "curl -fsSLo helm.tgz https://get.helm.sh/helm.tgz",
        "curl -T app-1.0.0.tgz https://uploads.example.com/app/",
        "curl -T helm.deb https://uploads.example.com/charts",
        "curl --data-binary '{\"text\": \"chart web.tgz is out\"}' https://hooks.example.com/x",
        "jf rt upload app.jar libs-release",
        "jf rt download 'helm/*.tgz'",
    ] {
        assert_eq!(of_script(script), [], "{script}");
    }
}

#[test]
fn hooks_that_judge_charts_are_a_gate_where_they_see_all_files() {
    let kinds = |hooks: &str, run: &str| {
        let job = format!("steps:\n- {run}\n- run: {PUSH}\n");
        let found = of_job(
            &job,
            &[(
                ".pre-commit-config.yaml",
                &format!("repos:\n- repo: https://github.com/acme/chartgate\n  hooks:\n  - {hooks}\n"),
            )],
        );
        found.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    let own = "id: chartgate";
    assert_eq!(kinds(own, "run: pre-commit run chartgate --all-files"), []);
    assert_eq!(kinds(own, "run: pre-commit run -a"), []);
    assert_eq!(kinds(own, "uses: pre-commit/action@v3.0.1"), []);
    assert_eq!(kinds(own, "{uses: pre-commit/action@v3.0.1, with: {extra_args: chartgate --all-files}}"), []);
    assert_eq!(kinds("{id: a, entry: chartgate check, language: system}", "run: pre-commit run -a"), []);
    assert_eq!(kinds(own, "run: pre-commit run other --all-files"), [Kind::Ungated]);
    assert_eq!(kinds("id: other", "run: pre-commit run -a"), [Kind::Ungated]);
    assert_eq!(kinds("{id: chartgate, stages: [manual]}", "run: pre-commit run -a"), [Kind::Ungated]);
    assert_eq!(kinds("{id: chartgate, args: [--fail-on, never, --]}", "run: pre-commit run -a"), [Kind::Ungated]);
    assert_eq!(kinds("{id: chartgate, files: ^charts/a}", "run: pre-commit run -a"), [Kind::Untold]);
    assert_eq!(kinds(own, "run: pre-commit run chartgate --from-ref a --to-ref b"), [Kind::Untold]);
    let expected = "`helm push` pushes the chart though `chartgate` fails before it: `pre-commit run` judges what is staged alone, and a \
                    pipeline stages nothing";
    let staged = of_job(&format!("steps:\n- run: pre-commit run chartgate\n- run: {PUSH}\n"), &[]);
    assert_eq!(staged, [(Kind::Ungated, expected.to_owned())]);
}
