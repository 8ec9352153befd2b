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
    if own(chart).map(|file| file.data.len()).sum::<usize>() < most / 3 * 2 || is_small(chart, most) {
        return;
    }
    let bytes = written(chart);
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

/// Whether packing some of the files, and that quickly, shows that all fit. Helm packs as well as it can, which takes long and makes no more of it.
fn is_small(chart: &Chart, most: usize) -> bool {
    /// Bytes between two looks at what came out, which take a few bytes each.
    const STRIDE: usize = 64 * 1024;
    let mut packer = packer(Compression::fast());
    // What was not packed yet takes as much as it is, a thirtieth more at most, and its name.
    let most_of = |file: &File| file.data.len() / 30 * 31 + file.path.len() + 128;
    let mut left: usize = own(chart).map(most_of).sum();
    let mut fresh = 0;
    for file in own(chart) {
        write(&mut packer, file);
        left -= most_of(file);
        fresh += file.data.len();
        if fresh > STRIDE {
            fresh = 0;
            packer.flush().expect(COUNTS);
            if encoded(packer.get_ref().0 + left) <= most {
                return true;
            }
        }
    }
    encoded(packer.finish().expect(COUNTS).0) <= most
}

/// Bytes that the files alone take in a release: JSON with bytes in base64, packed, in base64 again.
fn written(chart: &Chart) -> usize {
    let mut packer = packer(Compression::best());
    own(chart).for_each(|file| write(&mut packer, file));
    encoded(packer.finish().expect(COUNTS).0)
}

const COUNTS: &str = "counting bytes cannot fail";

fn packer(compression: Compression) -> GzEncoder<Counted> {
    GzEncoder::new(Counted(0), compression)
}

fn write(packer: &mut GzEncoder<Counted>, file: &File) {
    let entry = json!({ "name": file.path, "data": STANDARD.encode(&file.data) }).to_string();
    packer.write_all(entry.as_bytes()).expect(COUNTS);
}

/// Bytes of base64.
fn encoded(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
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
