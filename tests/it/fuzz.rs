//! The fuzz targets over their committed seeds, so that neither can rot.

mod inputs;
mod repositories;
mod targets;

/// Runs a target over every file of its seeds.
fn over_seeds(target: &str, run: fn(&[u8])) {
    let folder = format!("{}/testdata/fuzz/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the target has seeds") {
        let path = entry.expect("the folder can be read").path();
        run(&std::fs::read(&path).expect("a seed can be read"));
        count += 1;
    }
    assert!(count > 0, "{folder} is empty");
}

#[test]
fn every_target_has_seeds_and_is_described() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("the folder is there");
        let stem = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("it can be listed").path().file_stem().expect("it has a name").to_string_lossy().into_owned()
        };
        entries.map(stem).collect::<std::collections::BTreeSet<String>>()
    };
    let targets = names("fuzz/fuzz_targets");
    assert_eq!(targets, names("testdata/fuzz"));
    let page = std::fs::read_to_string(root.join("docs/fuzzing.md")).expect("the page is there");
    let described = page.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()));
    assert_eq!(targets, described.collect());
}

#[test]
fn templates_parse_or_fail_at_a_place() {
    over_seeds("template", targets::template);
}

#[test]
fn templates_end_within_their_bounds_whatever_the_values() {
    over_seeds("render", targets::render);
}

#[test]
fn answers_of_servers_lead_nowhere_and_are_not_quoted() {
    over_seeds("answers", targets::answers);
}

#[test]
fn yaml_that_is_read_can_be_written_and_read_again() {
    over_seeds("yaml", targets::yaml);
}

#[test]
fn every_value_is_written_so_that_it_reads_back_the_same() {
    over_seeds("emit", targets::emit);
}

#[test]
fn packaged_charts_are_read_or_refused() {
    over_seeds("archive", inputs::archive);
}

#[test]
fn patterns_of_helmignore_decide_or_are_refused() {
    over_seeds("helmignore", inputs::helmignore);
}

#[test]
fn schemas_judge_or_reach_a_bound() {
    over_seeds("schema", inputs::schema);
}

#[test]
fn definitions_judge_or_reach_a_bound() {
    over_seeds("crd", inputs::crd);
}

#[test]
fn configurations_are_read_or_refused_at_a_place() {
    over_seeds("config", inputs::config);
}

#[test]
fn no_report_holds_control_characters() {
    over_seeds("report", inputs::report);
}

#[test]
fn deployments_are_found_or_said_at_a_place() {
    over_seeds("gitops", repositories::gitops);
}

#[test]
fn pipelines_are_followed_or_reach_a_bound() {
    over_seeds("pipelines", repositories::pipelines);
}

#[test]
fn fixes_come_to_an_end_and_leave_yaml_yaml() {
    over_seeds("fixes", repositories::fixes);
}
