//! `release-too-large`: what Helm keeps of a release does not fit into a Secret.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};

use crate::chart::{Chart, File};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let most = context.params.get("kib").and_then(Json::as_u64).and_then(|kib| usize::try_from(kib * 1024).ok());
    let Some(most) = most else { return };
    // Bytes that cannot be packed become a third more, and a little for gzip.
    if own(chart).map(|file| file.data.len()).sum::<usize>() < most / 3 * 2 {
        return;
    }
    // Helm packs as well as it can, which takes long and makes no more of it.
    let is_small = written(chart, Compression::fast()).is_some_and(|bytes| bytes <= most);
    let Some(bytes) = (!is_small).then(|| written(chart, Compression::best())).flatten() else { return };
    if bytes > most {
        let place = chart.metadata.as_ref().map(|metadata| metadata.place("name"));
        let place = place.unwrap_or_else(|| Location::new(context.start_of("Chart.yaml").source, Span::default()));
        let largest = chart.files.iter().max_by_key(|file| file.data.len()).map_or("", |file| file.path.as_str());
        let (size, limit) = ((bytes / 1024).to_string(), (most / 1024).to_string());
        findings
            .report(Label::new(place, ""), "", &[("size", &size), ("limit", &limit)])
            .help(format!("hide in `.helmignore` what no template needs; the largest file is `{largest}`"));
    }
}

/// The files that Helm keeps: those of sub-charts are not among them.
fn own(chart: &Chart) -> impl Iterator<Item = &File> {
    chart.files.iter().filter(|file| !file.path.starts_with("charts/"))
}

/// Bytes that the files alone take in a release: JSON with bytes in base64, packed, in base64 again.
fn written(chart: &Chart, compression: Compression) -> Option<usize> {
    let mut encoder = GzEncoder::new(Counted(0), compression);
    for file in own(chart) {
        let entry = json!({ "name": file.path, "data": STANDARD.encode(&file.data) }).to_string();
        encoder.write_all(entry.as_bytes()).ok()?;
    }
    let packed = encoder.finish().ok()?.0;
    Some(packed.div_ceil(3) * 4)
}

/// Counts what is written.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
