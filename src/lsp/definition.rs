//! Where a value is set, and where a key is read.

use lsp_types::Location as At;

use super::documents::uri_of;
use super::model::Charts;
use super::readers::readers;
use super::settings::{Path, merge};
use super::target::Target;
use super::utf16;
use crate::text::Location;

/// Of an expression the lines that set its value under any profile, those that count before those they took the place of; of a key the places
/// of templates that read it.
pub(super) fn places(charts: &Charts, targets: &[Target<'_>]) -> Vec<At> {
    let mut found: Vec<Location> = vec![];
    for target in targets {
        for path in target.paths.iter().filter(|path| !path.is_empty()) {
            if target.is_key {
                found.extend(readers(charts, target.outlined, path));
            } else {
                found.extend(set(charts, target, path));
            }
        }
    }
    let mut places: Vec<At> = vec![];
    for at in found {
        let uri = charts.path_of(at.source).and_then(|path| uri_of(&path));
        let range = utf16::range(&charts.sources.get(at.source), at.span);
        let place = uri.map(|uri| At { uri, range }).filter(|place| !places.contains(place));
        places.extend(place);
    }
    places
}

/// The lines that set a value; where nothing does, those of the nearest mapping that could hold it.
fn set(charts: &Charts, target: &Target<'_>, path: &Path) -> Vec<Location> {
    let (mut winners, mut shadowed) = (vec![], vec![]);
    for length in (1..=path.len()).rev() {
        for profile in &target.outlined.profiles {
            let Ok(merged) = merge(target.outlined, profile, charts) else { continue };
            let setting = merged.setting(&path[..length], profile, target.outlined);
            winners.extend(setting.at);
            shadowed.extend(setting.over);
        }
        if !winners.is_empty() {
            break;
        }
    }
    winners.extend(shadowed);
    winners
}
