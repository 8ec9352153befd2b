//! Reads the source with `syn` and judges every `crate::` path outside tests by the table of layers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// The layers, bottom first; a module imports from lower layers, and within its own only from those left of it.
const LAYERS: [&[&str]; 13] = [
    &["budget", "helm", "text"],
    &["yaml", "finding", "json_schema"],
    &["source", "network"],
    &["chart", "template", "image", "kubernetes", "cel", "schema"],
    &["values", "artifacthub", "crd", "kustomize", "pipeline", "profile", "dependency"],
    &["render"],
    &["extract", "change", "gitops", "admission"],
    &["published"],
    &["rule"],
    &["checks", "config"],
    &["gate"],
    &["report", "fix", "docs", "baseline"],
    &["lsp", "cli"],
];

fn rank(module: &str) -> Option<(usize, usize)> {
    let at = |layer: &&[&str]| layer.iter().position(|name| *name == module);
    LAYERS.iter().enumerate().find_map(|(height, layer)| Some((height, at(layer)?)))
}

/// Modules that a file names through `crate::`, and through `super::` where that is the crate itself.
#[derive(Default)]
struct Imports {
    /// How many `super` lead from the file to the crate's root.
    depth: usize,
    found: BTreeSet<String>,
}

impl Imports {
    fn add(&mut self, segments: &[String]) {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        let is_crate = segments.first().is_some_and(|first| first == "crate");
        let start = if is_crate { 1 } else { supers };
        if is_crate || (supers > 0 && supers == self.depth) {
            self.found.extend(segments.get(start).cloned());
        }
    }

    fn add_use(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| before.iter().cloned().chain([ident.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.add_use(item, before)),
        }
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let is_test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    };
    attributes.iter().any(is_test)
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            self.depth += 1;
            syn::visit::visit_item_mod(self, item);
            self.depth -= 1;
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.add_use(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&segments);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let words = item.tokens.to_string();
        let parts: Vec<_> = words.split_whitespace().collect();
        for window in parts.windows(3).filter(|window| window[..2] == ["crate", "::"]) {
            let name = window[2].split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
            self.found.extend(name.map(str::to_owned));
        }
        syn::visit::visit_macro(self, item);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `src` but `lib.rs` and `main.rs`, as its path below `src`, with its text.
fn files() -> Vec<(PathBuf, String)> {
    let entries = walkdir::WalkDir::new(root()).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("src can be read").into_path());
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let below = rust.map(|path| path.strip_prefix(root()).expect("it lies in src").to_owned());
    let judged = below.filter(|path| path != Path::new("lib.rs") && path != Path::new("main.rs"));
    judged.map(|path| (path.clone(), std::fs::read_to_string(root().join(path)).expect("a source is text"))).collect()
}

fn module(path: &Path) -> String {
    let first = path.components().next().expect("a path has a component");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn every_module_imports_only_from_layers_below_it() {
    let mut faults = vec![];
    let is_for_tests = |path: &Path| path.file_stem().is_some_and(|stem| stem == "tests");
    for (path, text) in files().into_iter().filter(|(path, _)| !is_for_tests(path)) {
        let mut imports = Imports { depth: path.components().count(), ..Imports::default() };
        imports.visit_file(&syn::parse_file(&text).expect("a source parses"));
        let own = module(&path);
        let Some(own_rank) = rank(&own) else {
            faults.push(format!("src/{}: `{own}` has no layer; give it one in tests/it/layers.rs", path.display()));
            continue;
        };
        // What is no module is an item of the crate's root, which has none.
        let too_high = |name: &&String| **name != own && rank(name).is_none_or(|rank| rank >= own_rank);
        let names = imports.found.iter().filter(too_high);
        faults.extend(names.map(|name| format!("src/{}: `{own}` must not import `{name}`", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Modules whose files import each other in one direction only, children with their parents included.
const STRAIGHT: [&str; 4] = ["config", "gate", "network", "published"];

/// The file that a path through `crate::` or `super::` names, as a path below `src` without its ending; the longest that there is.
fn named_file(from: &Path, segments: &[String], known: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    let (base, rest) = match segments.first().map(String::as_str) {
        Some("crate") => (PathBuf::new(), &segments[1..]),
        Some("super") => (from.ancestors().nth(supers)?.to_path_buf(), &segments[supers..]),
        Some(first) if known.contains(&from.join(first)) => (from.to_path_buf(), segments),
        _ => return None,
    };
    let paths = rest.iter().scan(base.clone(), |path, segment| {
        *path = path.join(segment);
        Some(path.clone())
    });
    std::iter::once(base).chain(paths).filter(|path| known.contains(path)).last()
}

/// Collects every path that a file names, but for what it only passes on (`pub use`).
#[derive(Default)]
struct Names(Vec<Vec<String>>);

impl Names {
    fn add_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| before.iter().cloned().chain([ident.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.0.push(with(&name.ident)),
            syn::UseTree::Rename(rename) => self.0.push(with(&rename.ident)),
            syn::UseTree::Glob(_) => self.0.push(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(item, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    // `pub(super)` names nobody.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_none() || !is_for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if matches!(item.vis, syn::Visibility::Inherited) {
            self.add_tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

/// What each file names of the others, all as paths below `src` without their endings.
fn imports() -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let files: Vec<_> = files().into_iter().map(|(path, text)| (path.with_extension(""), text)).collect();
    let known: BTreeSet<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    let named = |(from, text): (PathBuf, String)| {
        let mut visitor = Names::default();
        visitor.visit_file(&syn::parse_file(&text).expect("a source parses"));
        let named = visitor.0.iter().filter_map(|segments| named_file(&from, segments, &known));
        (from.clone(), named.filter(|named| *named != from).collect())
    };
    files.into_iter().map(named).collect()
}

/// What lies on a circle or leads to one.
fn tied(mut imports: BTreeMap<PathBuf, BTreeSet<PathBuf>>) -> Vec<String> {
    let is_end = |imports: &BTreeMap<PathBuf, BTreeSet<PathBuf>>, named: &BTreeSet<PathBuf>| {
        named.iter().all(|named| !imports.contains_key(named))
    };
    while let Some(end) = imports.iter().find_map(|(path, named)| is_end(&imports, named).then(|| path.clone())) {
        imports.remove(&end);
    }
    imports.into_keys().map(|path| path.display().to_string()).collect()
}

#[test]
fn files_of_a_straight_module_import_each_other_in_one_direction() {
    for module in STRAIGHT {
        let own = imports().into_iter().filter(|(path, _)| path.starts_with(module)).collect();
        let circle = tied(own);
        assert!(circle.is_empty(), "these files of `{module}` lead to a circle of imports: {circle:?}");
    }
}

/// Values have methods, and methods are functions over values: what Go has as well.
const KNOT: (&str, &str) = ("template/value/object", "template/funcs");

#[test]
fn files_import_each_other_in_one_direction_but_for_what_stands_around_them() {
    let past = |(path, mut named): (PathBuf, BTreeSet<PathBuf>)| {
        let is_knot = |named: &PathBuf| (path.as_path(), named.as_path()) == (Path::new(KNOT.0), Path::new(KNOT.1));
        named.retain(|named| !path.starts_with(named) && !is_knot(named));
        (path, named)
    };
    let circle = tied(imports().into_iter().map(past).collect());
    assert!(circle.is_empty(), "these files lead to a circle of imports: {circle:?}");
}

/// The names of the types that a file defines outside of tests.
#[derive(Default)]
struct Types(Vec<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, name) = match item {
            syn::Item::Struct(item) => (&item.attrs, &item.ident),
            syn::Item::Enum(item) => (&item.attrs, &item.ident),
            syn::Item::Trait(item) => (&item.attrs, &item.ident),
            syn::Item::Type(item) => (&item.attrs, &item.ident),
            syn::Item::Mod(item) if !is_for_tests(&item.attrs) => return syn::visit::visit_item_mod(self, item),
            _ => return,
        };
        if !is_for_tests(attributes) {
            self.0.push(name.to_string());
        }
    }
}

#[test]
fn a_type_shares_its_name_with_no_other_of_its_module() {
    let mut known: BTreeMap<(String, String), Vec<PathBuf>> = BTreeMap::new();
    for (path, text) in files().into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let mut types = Types::default();
        types.visit_file(&syn::parse_file(&text).expect("a source parses"));
        // Each part of a module may have an `Error` of its own, as the standard library has.
        for name in types.0.into_iter().filter(|name| name != "Error") {
            known.entry((module(&path), name)).or_default().push(path.clone());
        }
    }
    let twice: Vec<_> = known.into_iter().filter(|(_, paths)| paths.len() > 1).collect();
    assert!(twice.is_empty(), "name these apart: {twice:#?}");
}

#[test]
fn the_library_lists_its_modules_bottom_layer_first() {
    let text = std::fs::read_to_string(root().join("lib.rs")).expect("a source is text");
    let modules: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let heights: Vec<_> = modules.iter().map(|module| rank(module).map(|(height, _)| height)).collect();
    assert!(heights.is_sorted(), "sort the modules of src/lib.rs by layer: {modules:?}");
}

#[test]
fn no_file_is_a_mod_rs_or_a_drawer_for_odds_and_ends() {
    let is_bad = |(path, _): &(PathBuf, String)| {
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        ["mod", "utils", "util", "common", "helpers", "prelude", "misc"].contains(&stem.as_str())
    };
    let bad: Vec<_> = files().into_iter().filter(is_bad).map(|(path, _)| path).collect();
    assert!(bad.is_empty(), "name these after what they hold: {bad:?}");
}

#[test]
fn every_file_opens_with_a_sentence_on_what_it_is() {
    let bad: Vec<_> = files().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(bad.is_empty(), "begin these with `//! `: {bad:?}");
}

#[test]
fn an_import_through_any_spelling_is_seen() {
    let mut imports = Imports { depth: 1, ..Imports::default() };
    let text = "use crate::{a::B, c}; use super::d::E; fn f() { crate::e::g(); print!(\"{}\", crate::h::I); } \
                mod inner { use super::super::j; use super::own; } #[cfg(test)] mod tests { use crate::never; }";
    imports.visit_file(&syn::parse_file(text).expect("it parses"));
    let found: Vec<_> = imports.found.iter().map(String::as_str).collect();
    assert_eq!(found, ["a", "c", "d", "e", "h", "j"]);
}
