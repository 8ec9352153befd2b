//! Pushes that look judged, or not like pushes.

use super::*;

/// Whether the push of a script counts as judged, not judged or not told.
fn of(script: &str, more: &[(&str, &str)]) -> Option<Kind> {
    verdict(&format!("steps:\n- run: |\n{}", indented(script)), more)
}

#[test]
fn what_only_looks_like_a_judgement_is_none() {
    for (script, expected) in [
        ("chartgate package charts/web", Some(Kind::Ungated)),
        ("chartgate check --at v0.0.1", Some(Kind::Ungated)),
        ("chartgate check --at=main", Some(Kind::Ungated)),
        ("chartgate check --at HEAD", None),
        ("chartgate check --at \"$GITHUB_SHA\"", None),
        ("chartgate check --at ${{ github.sha }}", None),
        ("chartgate check --at $REV", Some(Kind::Untold)),
        ("chartgate check --select icon-missing", Some(Kind::Ungated)),
        ("chartgate check --select=icon-missing && chartgate check", None),
        ("chartgate check --ignore icon-missing", Some(Kind::Untold)),
        ("chartgate check --profile a", Some(Kind::Untold)),
        ("chartgate check --fail-on $LEVEL", Some(Kind::Untold)),
        ("chartgate check --fail-on warning", None),
        ("tar xzf x.tgz -C chartgate check", Some(Kind::Ungated)),
        ("rm -rf chartgate check", Some(Kind::Ungated)),
        ("./wrap chartgate check", Some(Kind::Untold)),
        ("chartgate --color never check", None),
        ("chartgate --network-timeout 5 check web", None),
        ("sudo -u ci chartgate check", None),
        ("timeout 60 chartgate check", None),
        ("docker run --rm -v \"$PWD:/chartgate\" -w /chartgate ghcr.io/chartgate/chartgate:1 check", None),
        ("docker run --entrypoint chartgate ghcr.io/acme/ci:1 check", None),
        ("uvx chartgate==0.1.0 check", Some(Kind::Ungated)),
        ("pipx run chartgate check", None),
        ("\"${CHARTGATE_BIN}\" check", None),
        ("CG='docker run ghcr.io/chartgate/chartgate:1'\n$CG check", None),
        ("chartgate() { :; }\nchartgate check", Some(Kind::Ungated)),
        ("retry() { for i in 1 2; do \"$@\" && return; done; exit 1; }\nretry chartgate check", None),
        ("strict() { \"$@\"; }\nstrict chartgate check", None),
    ] {
        assert_eq!(of(&format!("{script}\nPUSH"), &[]), expected, "{script}");
    }
}

#[test]
fn the_action_judges_under_its_own_name_with_inputs_that_let_it() {
    let uses =
        |action: &str, with: &str| verdict(&format!("steps:\n- uses: {action}\n  with: {{{with}}}\n- run: PUSH"), &[]);
    for (action, with, expected) in [
        ("chartgate/chartgate@v1", "", None),
        ("Chartgate/chartgate@0123", "path: charts/a, base: main", None),
        ("chartgate/chartgate@v1", "setup-only: true", Some(Kind::Ungated)),
        ("chartgate/chartgate@v1", "setup-only: 'false'", None),
        ("chartgate/chartgate@v1", "setup-only: '${{ inputs.a }}'", Some(Kind::Untold)),
        ("chartgate/chartgate@v1", "fail-on: never", Some(Kind::Ungated)),
        ("chartgate/chartgate@v1", "fail-on: '${{ inputs.a }}'", Some(Kind::Untold)),
        ("chartgate/chartgate@v1", "select: icon-missing", Some(Kind::Ungated)),
        ("chartgate/chartgate@v1", "ignore: icon-missing", Some(Kind::Untold)),
        ("chartgate/chartgate@v1", "ignore: ''", None),
        ("acme/setup-chartgate@v1", "", Some(Kind::Ungated)),
        ("acme/chartgate@v1", "", Some(Kind::Untold)),
        ("acme/chartgate-of-mine@v1", "", Some(Kind::Untold)),
    ] {
        assert_eq!(uses(action, with), expected, "{action} {with}");
    }
    let action =
        |run: &str| format!("name: chartgate\nruns: {{using: composite, steps: [{{shell: bash, run: {run}}}]}}\n");
    let local = |with: &str, run: &str| {
        verdict(&format!("steps:\n- uses: ./\n  with: {{{with}}}\n- run: PUSH"), &[("action.yml", &action(run))])
    };
    assert_eq!(local("", "$P/scripts/action/check.sh"), None);
    assert_eq!(local("setup-only: true", "$P/scripts/action/check.sh"), Some(Kind::Ungated));
    assert_eq!(local("", "ls"), Some(Kind::Ungated), "a name judges nothing");
}

#[test]
fn of_pushes_in_one_script_each_is_looked_at() {
    for script in [
        "chartgate check && helm push a.tgz oci://r.io/a\nhelm push b.tgz oci://r.io/a",
        "if chartgate check; then helm push a.tgz oci://r.io/a; else helm push b.tgz oci://r.io/a; fi",
        "if chartgate check; then PUSH; else PUSH; fi",
        "push() { PUSH; }\nchartgate check && push\npush",
    ] {
        assert_eq!(of(script, &[]), Some(Kind::Ungated), "{script}");
    }
    let text = "on: push\njobs:\n  r:\n    runs-on: x\n    steps:\n    - run: |\n        chartgate check && helm push a.tgz oci://r.io/a\n        \
                helm push b.tgz oci://r.io/a\n";
    let files = std::iter::once((".github/workflows/r.yml".to_owned(), Arc::from(text.as_bytes())));
    let (tree, sources) = (Arc::new(Memory::new("", files.collect())) as Arc<dyn Tree>, Sources::new());
    let found = notices(&tree, &sources, &[]).found;
    assert_eq!(
        found.iter().map(|notice| sources.start(notice.at).line).collect::<Vec<_>>(),
        [8],
        "the place is its own"
    );
}

#[test]
fn a_push_is_found_where_it_is_run() {
    let push = format!("{PUSH}\n");
    let made = format!("lint:\n\tls\npush:\n\t{PUSH}\n");
    let just = format!("lint:\n    ls\npush:\n    {PUSH}\n");
    let task = format!("tasks:\n  lint: ls\n  push: '{PUSH}'\n");
    for (script, path, text) in [
        ("make lint push", "Makefile", made.as_str()),
        ("make", "Makefile", &format!("push:\n\t{PUSH}\n")),
        ("make -j 4 push", "Makefile", &made),
        ("make -f x.mk push", "x.mk", &made),
        ("make --makefile=x.mk push", "x.mk", &made),
        ("make -C hack V=1 push", "hack/Makefile", &made),
        ("make push", "Makefile", "push:\n\t$(HELM) push x.tgz oci://r.io/a\n"),
        ("make push", "Makefile", "push:\n\t@$(Q)helm push x.tgz oci://r.io/a\n"),
        ("make all", "Makefile", &format!("all:\n\t$(MAKE) push\n{made}")),
        ("make push-web", "Makefile", &format!("push-%:\n\t{PUSH}\n")),
        ("just lint push", "justfile", &just),
        ("just -f x.just push", "x.just", &just),
        ("just --set a b push 1.0", "justfile", &just),
        ("task lint push", "Taskfile.yml", &task),
        ("task -d hack push", "hack/Taskfile.yml", &task),
        ("npm --prefix web run push", "web/package.json", &format!("{{\"scripts\": {{\"push\": \"{PUSH}\"}}}}")),
        ("run-s lint push", "package.json", &format!("{{\"scripts\": {{\"lint\": \"ls\", \"push\": \"{PUSH}\"}}}}")),
        ("run-p lint push", "package.json", &format!("{{\"scripts\": {{\"lint\": \"ls\", \"push\": \"{PUSH}\"}}}}")),
        ("cd hack && ./push.sh", "hack/push.sh", &push),
        ("cd hack\nmake push", "hack/Makefile", &made),
        ("(cd hack; ls); ./push.sh", "push.sh", &push),
        ("pushd hack; popd; ./push.sh", "push.sh", &push),
        ("cd \"$GITHUB_WORKSPACE/hack\"; ./push.sh", "hack/push.sh", &push),
        ("\"$GITHUB_WORKSPACE/hack/push.sh\"", "hack/push.sh", &push),
        ("helm --registry-config a.json push x.tgz oci://r.io/a", "none", ""),
        ("helm -n a push x.tgz oci://r.io/a", "none", ""),
        ("H=helm; $H push x.tgz oci://r.io/a", "none", ""),
        ("trap 'PUSH' EXIT", "none", ""),
        ("retry() { \"$@\"; }\nretry 3 helm push x.tgz oci://r.io/a", "none", ""),
        ("v=$(sed -e \"s/)//\" Chart.yaml)\nPUSH", "none", ""),
        ("v=\"$(sed -e \"s/(//\" \"$(ls)\" 'a)')\"\nPUSH", "none", ""),
    ] {
        assert_eq!(of(script, &[(path, text)]), Some(Kind::Ungated), "{script}");
    }
    for (script, path, text) in [
        ("make lint push", "Makefile", made.replace("ls", "$(CHARTGATE) check")),
        ("just lint push", "justfile", just.replace("ls", "chartgate check")),
        ("task lint push", "Taskfile.yml", task.replace("ls", "chartgate check")),
        (
            "run-s lint push",
            "package.json",
            format!("{{\"scripts\": {{\"lint\": \"chartgate check\", \"push\": \"{PUSH}\"}}}}"),
        ),
        ("cd hack; ./check.sh\nPUSH", "hack/check.sh", "chartgate check\n".to_owned()),
    ] {
        assert_eq!(of(script, &[(path, &text)]), None, "{script}");
    }
}

#[test]
fn a_script_finds_what_lies_beside_it() {
    for head in [
        "cd \"$(dirname \"$0\")\"\n./push.sh",
        "cd ${0%/*}; ./push.sh",
        "\"$(dirname \"$0\")/push.sh\"",
        "cd hack; ./push.sh",
    ] {
        let files = [("hack/all.sh", head), ("hack/push.sh", PUSH)];
        assert_eq!(of("hack/all.sh", &files), Some(Kind::Ungated), "{head}");
    }
    assert_eq!(of("cd $X; ./check.sh\nPUSH", &[]), Some(Kind::Untold), "it may be anywhere");
    assert_eq!(of("cd $X; ./gradlew\nPUSH", &[]), Some(Kind::Ungated));
    assert_eq!(of("cd hack; ./check.sh\nPUSH", &[("check.sh", "chartgate check")]), Some(Kind::Ungated));
}

#[test]
fn what_a_makefile_includes_is_followed_or_said() {
    let push = format!("push:\n\t{PUSH}\n");
    assert_eq!(
        of("make push", &[("Makefile", "include hack/release.mk\n"), ("hack/release.mk", &push)]),
        Some(Kind::Ungated)
    );
    assert_eq!(of("make check\nPUSH", &[("Makefile", "include build/common.mk\n")]), Some(Kind::Untold));
    assert_eq!(of("make check\nPUSH", &[("Makefile", "-include .env\n")]), Some(Kind::Ungated));
    assert_eq!(
        of("make check\nPUSH", &[("Makefile", "include $(DIR)/a.mk\n")]),
        Some(Kind::Ungated),
        "no file names chartgate"
    );
    let gate = [("Makefile", "include $(DIR)/a.mk\n"), ("hack/a.mk", "check:\n\tchartgate check\n")];
    assert_eq!(of("make check\nPUSH", &gate), Some(Kind::Untold));
}

#[test]
fn scripts_of_other_languages_are_said_where_they_name_pushes() {
    let python = "import subprocess\nsubprocess.run(['helm', 'push', 'x.tgz', 'oci://r.io/a'])\n";
    for (script, path, text, expected) in [
        ("python3 hack/push.py", "hack/push.py", python, Some(Kind::Untold)),
        ("./push", "push", &format!("#!/usr/bin/env python3\n{python}"), Some(Kind::Untold)),
        ("python3 hack/docs.py", "hack/docs.py", "run(['helm', 'template'])", None),
        ("chartgate check\npython3 hack/push.py", "hack/push.py", python, None),
        ("python3 a.py\nPUSH", "a.py", "run(['ls'])", Some(Kind::Ungated)),
        ("python3 a.py\nPUSH", "a.py", "run(['chartgate', 'check'])", Some(Kind::Untold)),
    ] {
        assert_eq!(of(script, &[(path, text)]), expected, "{script}");
    }
    let action = ("a/action.yml", "runs: {using: node20, main: dist/index.js}\n");
    let index = |text: &'static str| ("a/dist/index.js", text);
    assert_eq!(verdict("steps:\n- uses: ./a", &[action, index("exec('helm push')")]), Some(Kind::Untold));
    assert_eq!(verdict("steps:\n- uses: ./a", &[action, index("exec('helm template')")]), None);
    assert_eq!(verdict(&format!("steps:\n- shell: python\n  run: |\n{}", indented(python)), &[]), Some(Kind::Untold));
}

/// The kinds of what is said of workflows of GitHub.
fn of_workflows(files: &[(&str, &str)]) -> Vec<Kind> {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(name, text)| {
            (format!(".github/workflows/{name}.yml"), format!("permissions: {{}}\n{}", text.replace("PUSH", PUSH)))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    said(&files).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn a_workflow_behind_several_is_judged_by_each_of_them() {
    let gate = "name: gate\non: push\njobs: {g: {runs-on: x, steps: [{run: chartgate check}]}}\n";
    let docs = "name: docs\non: push\njobs: {g: {runs-on: x, steps: [{run: ls}]}}\n";
    let release = |names: &str| {
        format!(
            "on: {{workflow_run: {{workflows: [{names}], types: [completed]}}}}\njobs: {{r: {{runs-on: x, \
             if: github.event.workflow_run.conclusion == 'success', steps: [{{run: \"PUSH\"}}]}}}}\n"
        )
    };
    let of = |names: &str, gate: &str| of_workflows(&[("gate", gate), ("docs", docs), ("release", &release(names))]);
    assert_eq!(of("gate", gate), []);
    assert_eq!(of("gate, docs", gate), [Kind::Ungated]);
    assert_eq!(of("gate, other", gate), [Kind::Untold]);
    // A job that is left out fails nothing.
    let scheduled = "name: gate\non: [push, schedule]\njobs: {g: {if: github.event_name == 'schedule', runs-on: x, \
                     steps: [{run: chartgate check}]}OTHER}\n";
    assert_eq!(of("gate", &scheduled.replace("OTHER", "")), []);
    assert_eq!(of("gate", &scheduled.replace("OTHER", ", o: {runs-on: x, steps: [{run: ls}]}")), [Kind::Untold]);
    assert_eq!(of("gate", &scheduled.replace("OTHER", ", o: {needs: g, runs-on: x, steps: [{run: ls}]}")), []);
}

#[test]
fn a_called_workflow_judges_unless_its_gate_is_left_out() {
    let calls = "on: push\njobs:\n  gate: {uses: ./.github/workflows/gate.yml}\n  push: {needs: gate, runs-on: x, steps: [{run: \"PUSH\"}]}\n";
    let gate = |condition: &str| {
        format!(
            "on: workflow_call\njobs:\n  g: {{runs-on: x, {condition}steps: [{{run: chartgate check}}]}}\n  \
             o: {{runs-on: x, steps: [{{run: ls}}]}}\n"
        )
    };
    assert_eq!(of_workflows(&[("gate", &gate("")), ("r", calls)]), []);
    assert_eq!(of_workflows(&[("gate", &gate("if: github.event_name == 'schedule', ")), ("r", calls)]), [Kind::Untold]);
}

#[test]
fn a_workflow_that_is_started_by_hand_as_well_has_its_own_judgement() {
    let calls = "on: push\njobs:\n  g: {runs-on: x, steps: [{run: chartgate check}]}\n  r: {needs: g, uses: ./.github/workflows/r.yml}\n";
    let called =
        |triggers: &str| format!("on: [{triggers}]\njobs: {{r: {{runs-on: x, steps: [{{run: \"PUSH\"}}]}}}}\n");
    assert_eq!(of_workflows(&[("c", calls), ("r", &called("workflow_call"))]), []);
    assert_eq!(of_workflows(&[("c", calls), ("r", &called("workflow_call, workflow_dispatch"))]), [Kind::Ungated]);
}

#[test]
fn outside_of_github_a_job_asks_those_alone_that_it_needs() {
    let gitlab = |mid: &str| {
        let text = format!(
            "gate: {{script: [chartgate check]}}\nmid: {{needs: [gate]{mid}, script: [ls]}}\npush: {{needs: [mid], script: [\"{PUSH}\"]}}\n"
        );
        said(&[(".gitlab-ci.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    assert_eq!(gitlab(""), None);
    assert_eq!(gitlab(", when: always"), Some(Kind::Ungated));
    assert_eq!(gitlab(", rules: [{if: $A, when: always}, {when: on_success}]"), Some(Kind::Untold));
    let github = "on: push\njobs:\n  gate: {runs-on: x, steps: [{run: chartgate check}]}\n  mid: {needs: gate, if: always(), runs-on: x, \
                  steps: [{run: ls}]}\n  push: {needs: mid, runs-on: x, steps: [{run: \"PUSH\"}]}\n";
    assert_eq!(of_workflows(&[("r", github)]), [], "a condition of GitHub asks all jobs before");
    let woodpecker = |mid: &str| {
        let push = format!("depends_on: [mid]\nsteps: [{{name: a, image: a, commands: [\"{PUSH}\"]}}]\n");
        let mid = format!("depends_on: [gate]\n{mid}steps: [{{name: a, image: a, commands: [ls]}}]\n");
        let gate = "steps: [{name: a, image: a, commands: [chartgate check]}]\n";
        said(&[(".woodpecker/gate.yml", gate), (".woodpecker/mid.yml", &mid), (".woodpecker/push.yml", &push)])
            .first()
            .map(|(kind, _)| *kind)
    };
    assert_eq!(woodpecker(""), None);
    assert_eq!(woodpecker("runs_on: [success, failure]\n"), Some(Kind::Ungated));
}

#[test]
fn each_file_of_woodpecker_is_a_workflow_of_its_own() {
    let steps = |command: &str| format!("steps: [{{name: a, image: a, commands: [\"{command}\"]}}]\n");
    let both = [
        (".woodpecker/push.yaml", steps(PUSH)),
        (".woodpecker/push.yml", steps(&format!("chartgate check && {PUSH}"))),
    ];
    let both: Vec<(&str, &str)> = both.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(said(&both).first().map(|(kind, _)| *kind), Some(Kind::Ungated));
    let image = |more: &str| {
        let text = format!(
            "steps:\n- {{name: a, image: ghcr.io/chartgate/chartgate:1{more}}}\n- {{name: b, image: a, commands: [\"{PUSH}\"]}}\n"
        );
        said(&[(".woodpecker.yml", &text)]).first().map(|(kind, _)| *kind)
    };
    assert_eq!(image(", entrypoint: [/chartgate, check]"), None);
    assert_eq!(image(""), Some(Kind::Untold));
    // One whose events are others is left out with the gate.
    let gate = format!("when: {{event: pull_request}}\n{}", steps("chartgate check"));
    let push = format!("when: {{event: tag}}\ndepends_on: [gate]\n{}", steps(PUSH));
    assert_eq!(said(&[(".woodpecker/gate.yml", &gate), (".woodpecker/push.yml", &push)]), []);
}

#[test]
fn what_a_file_of_gitlab_includes_counts_less_than_what_it_says() {
    let of = |main: &str, included: &str| {
        let push = |gate: &str| format!("push: {{script: [{gate}\"{PUSH}\"]}}\n");
        let main = format!("include: i.yml\n{}", if main == "none" { String::new() } else { push(main) });
        let found = said(&[(".gitlab-ci.yml", &main), ("i.yml", &push(included))]);
        found.first().map(|(kind, _)| *kind)
    };
    assert_eq!(of("", "chartgate check, "), Some(Kind::Ungated));
    assert_eq!(of("chartgate check, ", ""), None);
    assert_eq!(of("none", ""), Some(Kind::Ungated));
    // Jobs are laid over each other key by key.
    let main = "include: i.yml\npush: {before_script: [chartgate check]}\n";
    let files = [(".gitlab-ci.yml", main), ("i.yml", &format!("push: {{script: [\"{PUSH}\"]}}\n"))];
    assert_eq!(said(&files), []);
}

#[test]
fn pipelines_that_jobs_of_gitlab_start_are_followed_or_said() {
    let of = |parent: &str, child: &str| {
        let found =
            said(&[(".gitlab-ci.yml", &parent.replace("PUSH", PUSH)), ("child.yml", &child.replace("PUSH", PUSH))]);
        found.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    let push = "push: {script: [\"PUSH\"]}\n";
    let gate = "stages: [a, b]\ngate: {stage: a, script: [chartgate check]}\n";
    let start = "start: {stage: b, trigger: {include: child.yml}}\n";
    assert_eq!(of(&format!("stages: [a, b]\n{start}"), push), [Kind::Ungated]);
    assert_eq!(of(&format!("{gate}{start}"), push), []);
    assert_eq!(
        of(&format!("stages: [a, b]\n{}", start.replace("child.yml", "[{local: /child.yml}]")), push),
        [Kind::Ungated]
    );
    // The child judges for the parent where that waits for it.
    let waits = "stages: [a, b]\ngate: {stage: a, trigger: {include: child.yml, strategy: depend}}\npush: {stage: b, script: [\"PUSH\"]}\n";
    assert_eq!(of(waits, "gate: {script: [chartgate check]}\n"), []);
    assert_eq!(of(&waits.replace(", strategy: depend", ""), "gate: {script: [chartgate check]}\n"), [Kind::Ungated]);
    let sometimes = "gate: {script: [chartgate check], rules: [{changes: [charts/**]}]}\n";
    assert_eq!(of(waits, sometimes), [Kind::Untold]);
    let made = "start: {trigger: {include: [{artifact: made.yml, job: make}]}}\n";
    assert_eq!(of(made, ""), [Kind::Untold]);
    assert_eq!(of("start: {trigger: acme/deploy}\n", ""), []);
    let circle = "start: {trigger: {include: child.yml, strategy: depend}}\n";
    assert_eq!(of(circle, circle), []);
}
