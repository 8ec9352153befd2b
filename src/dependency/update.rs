//! What `helm dependency update` would write (`pkg/downloader/manager.go`): packages in `charts/`, and a lock.

use serde_json::{Map, Value};

use super::resolve::Resolver;
use super::wanted::Wanted;
use super::{fits, is_range, lock};
use crate::chart::{Chart, Declared, package};
use crate::finding::{Failure, FailureKind};

/// What is to be written into a chart's folder.
#[derive(Debug, Default)]
pub struct Update {
    /// The lock's name and text, where it is another than before.
    pub lock: Option<(&'static str, String)>,
    /// Packages for `charts/`, by the names of their files.
    pub packages: Vec<(String, Vec<u8>)>,
    /// Names of dependencies that are kept in `charts/` and stay there.
    pub kept: Vec<String>,
}

/// Resolves every declared dependency anew. `generated` is the time that the lock says (RFC 3339), `time` the date of the files in
/// packages that are made, in seconds since 1970.
///
/// # Errors
/// Everything that cannot be had. Nothing is to be written then.
pub fn update(chart: &Chart, resolver: &Resolver, generated: &str, time: u64) -> Result<Update, Vec<Failure>> {
    let mut update = Update::default();
    let (mut locked, mut failures) = (vec![], vec![]);
    for declared in chart.declared() {
        match one(chart, &declared, resolver, time, &mut update) {
            Ok(entry) => locked.push(entry),
            Err(failure) => failures.push(*failure),
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    let mut declared = package::declared(chart);
    for item in declared.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(repository) = item.get("repository").and_then(Value::as_str).map(|text| resolver.written(text)) {
            item.insert("repository".into(), repository.into());
        }
    }
    let locked = Value::Array(locked);
    let digest = lock::digest(&declared, &locked);
    let known = chart.lock.as_ref().and_then(|file| file.root()?.get("digest")?.scalar_text());
    // Helm leaves a lock alone that says the same.
    if known != Some(digest.as_str()) && !declared.is_null() {
        let is_v2 = chart.metadata.as_ref().and_then(|metadata| metadata.text("apiVersion")) == Some("v2");
        let name = if is_v2 { "Chart.lock" } else { "requirements.lock" };
        update.lock = package::lock_text(locked, &digest, generated).map(|text| (name, text));
    }
    Ok(update)
}

/// One dependency's entry in the lock.
fn one(
    chart: &Chart,
    declared: &Declared<'_>,
    resolver: &Resolver,
    time: u64,
    update: &mut Update,
) -> Result<Value, Box<Failure>> {
    let (name, range) = (declared.name.unwrap_or_default(), declared.version.unwrap_or_default());
    let failure = |message: String| Box::new(Failure::new(FailureKind::Read, message).at(declared.place("version")));
    if !is_range(range) {
        return Err(failure(format!("the version `{range}` of the dependency `{name}` is not a range of versions")));
    }
    let Some(repository) = declared.repository else {
        let there = chart.dependencies.iter().find(|part| part.name() == Some(name) && fits(declared, part));
        there.ok_or_else(|| failure(format!("`charts/` has no `{name}` with a version in `{range}`")))?;
        update.kept.push(name.to_owned());
        return Ok(entry(name, "", range));
    };
    if declared.folder().is_some() {
        let beside = chart.beside.iter().find(|part| part.name() == Some(name) && fits(declared, part));
        let part = beside
            .ok_or_else(|| failure(format!("no chart `{name}` with a version in `{range}` lies in `{repository}`")))?;
        let packed = package::package(part, time).map_err(|problems| {
            let why = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            failure(format!("the dependency `{name}` cannot be packaged: {why}"))
        })?;
        add(update, packed.file_name, packed.data);
        return Ok(entry(name, repository, part.version().unwrap_or_default()));
    }
    let wanted = Wanted::new(chart, declared, None).ok_or_else(|| failure("a dependency has no name".to_owned()))?;
    let found = resolver.newest(&wanted)?;
    add(update, found.file_name, found.data.to_vec());
    Ok(entry(name, &resolver.written(repository), &found.version))
}

fn add(update: &mut Update, file_name: String, data: Vec<u8>) {
    if update.packages.iter().all(|(known, _)| *known != file_name) {
        update.packages.push((file_name, data));
    }
}

fn entry(name: &str, repository: &str, version: &str) -> Value {
    let fields = [("name", name), ("repository", repository), ("version", version)];
    Value::Object(fields.map(|(key, value)| (key.to_owned(), value.into())).into_iter().collect::<Map<_, _>>())
}
