//! Compiles `rules/` into the package: each rule file as JSON, since reading YAML was two fifths of a run over a small chart.
#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files itself")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // The folder: a file that comes into it counts.
    println!("cargo:rerun-if-changed=rules");
    let mut files =
        fs::read_dir("rules")?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut rules = files.iter().map(|path| rule(path)).collect::<Result<Vec<_>, _>>()?;
    rules.sort();
    let mut table = String::from("[\n");
    for (stem, json) in rules {
        writeln!(table, "({stem:?}, {json:?}),")?;
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("rules.rs"), table)?;
    Ok(())
}

/// A rule file's name without its ending, and what it says.
fn rule(path: &Path) -> Result<(String, String), Box<dyn Error>> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a rule file has a name in UTF-8")?;
    let read = serde_yaml::from_str::<serde_json::Value>(&fs::read_to_string(path)?);
    let value = read.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((stem.to_owned(), value.to_string()))
}
