//! `icon-unusable`: an icon that Artifact Hub cannot fetch as an image, or cannot read (`internal/img`: SVG, and what the Go library `imaging`
//! decodes).

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::base64;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(icon) = metadata.text("icon").filter(|icon| !icon.is_empty()) else { return };
    let Some(problem) = problem(icon) else { return };
    let help = match page(icon) {
        Some(part) => format!("write `{}`", icon.replacen(part, "/raw/", 1)),
        None => "write the `https:` address of an image: PNG, JPEG or SVG".to_owned(),
    };
    findings.report(Label::new(metadata.place("icon"), ""), "icon", &[("problem", &problem)]).help(help);
}

/// Endings of pictures that cannot be read, and of what is no picture.
const UNREAD: [&str; 16] = [
    "ai", "avif", "eps", "heic", "heif", "htm", "html", "ico", "jxl", "json", "md", "pdf", "psd", "txt", "webp", "yaml",
];

fn problem(icon: &str) -> Option<String> {
    let address = icon.to_ascii_lowercase();
    if address.starts_with("data:") {
        let Some(data) = icon.strip_prefix("data:") else { return Some("`data:` has to be in lower case".to_owned()) };
        return (!holds_image(data)).then(|| "it holds no image".to_owned());
    }
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else {
        return Some("only `https:`, `http:` and `data:` can be read".to_owned());
    };
    if rest.is_empty() || rest.starts_with(['/', '?', '#', ':']) {
        return Some("the address has no host".to_owned());
    }
    if page(&address).is_some() {
        return Some("the address is that of a page about the file".to_owned());
    }
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('/').and_then(|(_, name)| name.rsplit_once('.')).map(|(_, ending)| ending);
    let ending = ending.filter(|ending| UNREAD.contains(ending))?;
    Some(format!("no picture of the kind `.{ending}` is shown"))
}

/// The part of an address that makes it that of GitHub's or GitLab's page about a file.
fn page(address: &str) -> Option<&'static str> {
    let path = ["https://github.com/", "https://gitlab.com/"].iter().find_map(|host| address.strip_prefix(host))?;
    let (_, of_file) = path.match_indices('/').nth(1).map(|(behind, _)| path.split_at(behind))?;
    // GitLab's groups lie in groups, and `-` ends them.
    let of_file = path.find("/-/").map_or(of_file, |behind| &path[behind + 2..]);
    let parts = ["/blob/", "/tree/", "/edit/"].into_iter();
    parts.filter(|_| !address.contains("raw=true")).find(|part| of_file.starts_with(part))
}

/// How the pictures that can be read begin: PNG, JPEG, GIF, BMP, TIFF.
const BEGINNINGS: [&[u8]; 6] = [b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*"];

/// Whether the data of an address are a picture; what is written out in `%xx` is text, and SVG alone is.
fn holds_image(address: &str) -> bool {
    let Some((head, data)) = address.split_once(',') else { return false };
    if !head.ends_with(";base64") {
        let text = data.to_ascii_lowercase();
        return text.contains("<svg") || text.contains("%3csvg");
    }
    let written = data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let Some(bytes) = base64::decoded(&written) else { return false };
    BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning)) || String::from_utf8_lossy(&bytes).contains("<svg")
}
