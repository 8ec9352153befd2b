//! What differs between two states of a chart, as far as the package does.

use std::sync::Arc;

use super::{Comparison, Earlier};
use crate::chart::{self, Chart};
use crate::finding::{Failure, FailureKind};
use crate::source::{BlobId, Entry, EntryKind, FILE_LIMIT, Tree};
use crate::text::Sources;

mod checkout;
mod differences;

pub use differences::{differences, is_in_submodules};

/// A chart against the chart in a folder of an earlier tree.
///
/// # Errors
/// A failure of kind git where the earlier chart cannot be read whole.
pub fn with_earlier(
    chart: &Chart,
    tree: &Arc<dyn Tree>,
    folder: &str,
    baseline: &str,
) -> Result<Comparison, Box<Failure>> {
    let existing = |earlier: &Chart, differences| Comparison::Existing {
        baseline: baseline.to_owned(),
        version: earlier.version().map(str::to_owned),
        app_version: app_version(earlier),
        differences,
        earlier: Earlier { tree: Arc::clone(tree), folder: folder.to_owned() },
    };
    if is_untouched(chart, tree.as_ref(), folder) && are_untouched_beside(chart, tree.as_ref(), folder) {
        return Ok(existing(chart, vec![]));
    }
    // The texts of the earlier state are nobody's to point into.
    let earlier = chart::load_files(tree, folder, &Sources::new());
    match earlier.failures.first() {
        None => Ok(existing(&earlier, differences(chart, &earlier))),
        Some(failure) => Err(Box::new(unread(failure, baseline).of_chart(&chart.path))),
    }
}

/// Whether files of a chart, or of one that it is made with, could not be read, so that nothing can be said of what differs.
pub fn is_unread(chart: &Chart) -> bool {
    !chart.failures.is_empty() || chart.dependencies.iter().chain(&chart.beside).any(is_unread)
}

/// `appVersion` as Helm reads it: a number in its shortest form.
pub fn app_version(chart: &Chart) -> Option<String> {
    let node = chart.metadata.as_ref()?.root().get("appVersion")?;
    node.helm_text().map(std::borrow::Cow::into_owned)
}

/// Gives an earlier state the charts in submodules, of which it has no more than their commits; what is returned lies in other commits now.
pub fn lend_submodules<'a>(earlier: &mut Chart, chart: &'a Chart) -> Vec<&'a Chart> {
    let tree = Arc::clone(&earlier.tree);
    let is_lent = |part: &&Chart| is_in_submodules(part, &*tree);
    let mut others = vec![];
    for part in chart.beside.iter().filter(is_lent) {
        if earlier.beside.iter().all(|each| each.name() != part.name()) {
            earlier.beside.push(part.clone());
        }
        if part.tree.submodule(&part.folder) != tree.submodule(&part.folder) {
            others.push(part);
        }
    }
    others
}

fn unread(failure: &Failure, baseline: &str) -> Failure {
    let message = format!("the chart at {baseline} cannot be read: {}", failure.message);
    Failure { kind: FailureKind::Git, message, location: None, ..failure.clone() }
}

/// Whether the folders hold the same files, byte by byte; said without parsing anything.
fn is_untouched(chart: &Chart, earlier: &dyn Tree, folder: &str) -> bool {
    let (Ok(new), Ok(old)) = (chart.tree.list(&chart.folder), earlier.list(folder)) else { return false };
    let below = |entry: &Entry, folder: &str| entry.path[folder.len()..].trim_start_matches('/').to_owned();
    let is_same = |(new, old): (&Entry, &Entry)| {
        below(new, &chart.folder) == below(old, folder)
            && is_file(&new.kind)
            && earlier.blob_id(&old.path).is_some_and(|id| Some(id) == blob_id(chart.tree.as_ref(), &new.path))
    };
    new.len() == old.len() && new.iter().zip(&old).all(is_same)
}

/// The same of what the chart takes by `file://`, however far down.
fn are_untouched_beside(chart: &Chart, earlier: &dyn Tree, folder: &str) -> bool {
    let is_same = |part: &Chart| {
        chart.folder == folder
            && is_untouched(part, earlier, &part.folder)
            && are_untouched_beside(part, earlier, &part.folder)
    };
    chart.beside.iter().all(is_same)
        && chart.dependencies.iter().all(|part| are_untouched_beside(part, earlier, &part.folder))
}

fn is_file(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::File { .. } | EntryKind::Linked { .. })
}

fn blob_id(tree: &dyn Tree, path: &str) -> Option<BlobId> {
    tree.blob_id(path).or_else(|| BlobId::of(&tree.read(path, FILE_LIMIT).ok()?))
}
