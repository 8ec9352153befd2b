//! Inputs that grow beyond all measure where each part is small: looking at them ends, with the bound that it reached.

use super::*;

/// Which bound looking at one file reaches.
fn over(path: &str, text: &str) -> Option<Exceeded> {
    let files = std::iter::once((path.to_owned(), Arc::from(text.as_bytes())));
    let tree = Arc::new(Memory::new("", files.collect())) as Arc<dyn Tree>;
    let found = notices(&tree, &Sources::new(), &[]);
    assert!(found.over.is_none() || found.found.is_empty(), "what was not followed to its end is not said");
    found.over
}

fn workflow(env: &str, script: &str) -> String {
    format!(
        "on: push\nenv: {{{env}}}\njobs:\n  r:\n    runs-on: x\n    steps:\n    - run: |\n{}",
        indented(&indented(script))
    )
}

const FILE: &str = ".github/workflows/r.yml";

#[test]
fn variables_that_name_each_other_are_put_in_as_far_as_a_bound() {
    let twice = |n: usize| format!("A{n:02}: $A{:02}$A{:02}, ", n + 1, n + 1);
    let doubled = |count: usize| (0..count).map(twice).collect::<String>();
    let push = "helm push a.tgz oci://$A00/x";
    assert!(over(FILE, &workflow(&doubled(40), push)).is_none(), "what is no address any more stays as it is written");
    assert!(
        over(FILE, &workflow(&format!("{}A30: ''", doubled(30)), push)).is_some(),
        "nothing comes out, for much work"
    );
    let long = "x".repeat(500_000);
    assert!(over(FILE, &workflow(&format!("A: '{long}'"), &push.replace("$A00", &"$A".repeat(40)))).is_none());
}

#[test]
fn variables_of_a_script_stay_as_short_as_an_address() {
    let next = |name: &str, of: &str| format!("{name}={}\n", format!("${of}").repeat(200));
    let lines = ["A=xxxxxxxx\n", &next("B", "A"), &next("C", "B"), &next("D", "C"), "helm push a.tgz oci://$D/x\n"];
    assert_eq!(over(FILE, &workflow("", &lines.concat())), None);
}

#[test]
fn words_that_a_function_passes_on_many_times_reach_a_bound() {
    let function = |n: usize| format!("f{n}() {{ f{} \"$@\" \"$@\"; }}\n", n + 1);
    let functions: String = (0..30).map(function).collect();
    assert!(over(FILE, &workflow("", &format!("{functions}f0 a\n"))).is_some());
}

#[test]
fn steps_that_wait_for_each_other_are_walked_from_a_push() {
    let chain = |length: usize, last: &str| {
        let step = |n: usize| {
            let before = if n > 0 { format!(", depends_on: [s{}]", n - 1) } else { String::new() };
            let command = if n + 1 == length { last } else { "ls" };
            format!("- {{name: s{n}, image: a, commands: ['{command}']{before}}}\n")
        };
        format!("steps:\n{}", (0..length).map(step).collect::<String>())
    };
    assert_eq!(over(".woodpecker.yml", &chain(2500, "helm push a.tgz oci://r.io/x")), None);
}

#[test]
fn texts_behind_one_line_are_looked_for_in_one_pass() {
    assert_eq!(
        over(FILE, &workflow("", &format!("cat {}\nhelm push a.tgz oci://r.io/x\n", "<<''".repeat(100_000)))),
        None
    );
}

#[test]
fn long_conditions_and_names_are_cut_where_they_are_said() {
    let long = "a".repeat(100_000);
    let job = format!("steps:\n- {{run: chartgate check, if: {long}}}\n- {{run: helm push a.tgz oci://r.io/x}}");
    let said = of_job(&job, &[]);
    assert!(said.len() == 1 && said[0].1.len() < 1000, "{}", said.len());
}
