//! Packaged charts are read with Helm's care: what Helm refuses is a problem, and nothing can be smuggled out of the archive.

use std::io::Write as _;
use std::sync::Arc;

use chartgate::chart::{Chart, load};
use chartgate::source::{Archive, Dir, Error, Tree};
use chartgate::text::{Address, Sources};
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;

use crate::git_repo::Repo;

const CHART: &[u8] = b"apiVersion: v2\nname: a\nversion: 1.0.0\n";

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(data).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// An archive with names as they are given, which the tar crate would refuse to write.
fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = vec![];
    for (name, kind, data) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(data.len() as u64);
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(data);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn files(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = files.iter().map(|(name, data)| (*name, EntryType::Regular, *data)).collect();
    gzip(&tar(&entries))
}

fn refusal(bytes: &[u8]) -> String {
    Archive::from_bytes(bytes, "a-1.0.0.tgz").expect_err("Helm refuses it").to_string()
}

fn problems(chart: &Chart, sources: &Sources) -> Vec<String> {
    let all = chart.with_dependencies().into_iter().flat_map(|chart| &chart.problems);
    all.map(|problem| format!("{} {:?}: {}", sources.path(problem.location), problem.kind, problem.message)).collect()
}

#[test]
fn an_archive_is_a_tree_whose_root_is_the_chart() {
    let bytes =
        files(&[("a/Chart.yaml", CHART), ("a/.helmignore", b"values.yaml\n**\n"), ("a/values.yaml", b"a: 1\n")]);
    let tree: Arc<dyn Tree> = Arc::new(Archive::from_bytes(&bytes, "out/a-1.0.0.tgz").expect("sound"));
    let sources = Sources::new();
    let chart = load(&tree, "", &sources);
    // Helm does not look at a .helmignore in an archive.
    assert_eq!(problems(&chart, &sources), [""; 0]);
    let values = chart.values.as_ref().expect("packaged");
    let source = sources.get(values.source);
    assert_eq!(source.path, "out/a-1.0.0.tgz/values.yaml");
    assert_eq!(source.address, Address::Archived { archive: "out/a-1.0.0.tgz".into() });
    assert_eq!((chart.path.as_str(), chart.name()), ("out/a-1.0.0.tgz", Some("a")));
    assert!(matches!(tree.read("templates", 9), Err(Error::NotFound { .. })));
    assert!(matches!(tree.list("values.yaml"), Err(Error::WrongKind { .. })));
}

#[test]
fn what_helm_refuses_is_malformed() {
    let sound = files(&[("a/Chart.yaml", CHART)]);
    let random: Vec<u8> = (0..20_000_u32).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let long = files(&[("a/Chart.yaml", CHART), ("a/x", &random)]);
    let cases: &[(&[u8], &str)] = &[
        (b"", "it is not compressed with gzip"),
        (b"<html>", "it is not compressed with gzip"),
        (&sound[..sound.len() - 40], "it ends too early"),
        (&long[..long.len() / 2], "it ends too early"),
        (&gzip(&tar(&[])), "it holds no files"),
        (&files(&[("Chart.yaml", CHART)]), "`Chart.yaml` does not stand in the chart's folder"),
        (&files(&[("a/../../x", b"")]), "the path `a/../../x` leads out of the chart"),
        (&files(&[("a//etc/x", b"")]), "the path `a//etc/x` is absolute"),
        (&files(&[("a\\c:\\x", b"")]), "the path `a\\c:\\x` names a drive"),
    ];
    for (bytes, reason) in cases {
        assert_eq!(refusal(bytes), format!("`a-1.0.0.tgz` is not a chart archive: {reason}"));
    }
    let noise = refusal(&[b"\x1f\x8b\x08", &random[..]].concat());
    assert!(noise.starts_with("`a-1.0.0.tgz` is not a chart archive: "), "{noise}");
}

#[test]
fn sizes_are_helms_and_a_bomb_is_not_unpacked() {
    const FILE: usize = 5 * 1024 * 1024;
    let zeros = vec![0; FILE + 1];
    Archive::from_bytes(&files(&[("a/x", &zeros[..FILE])]), "a.tgz").expect("as large as may be");
    assert_eq!(refusal(&files(&[("a/x", &zeros)])), "`a-1.0.0.tgz/x` is larger than 5242880 bytes");
    let names: Vec<_> = (0..21).map(|number| format!("a/{number}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &zeros[..FILE])).collect();
    assert_eq!(refusal(&files(&many)), "`a-1.0.0.tgz` is larger than 104857600 bytes");
    // A long name of 200 MB, which counts to no file.
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(200 * 1024 * 1024);
    header.set_cksum();
    encoder.write_all(header.as_bytes()).expect("memory takes it");
    (0..40).for_each(|_| encoder.write_all(&zeros[..FILE]).expect("memory takes it"));
    assert_eq!(refusal(&encoder.finish().expect("memory takes it")), "`a-1.0.0.tgz` is larger than 104857600 bytes");
}

#[test]
fn links_in_an_archive_are_told_and_lead_nowhere() {
    let entries = [
        ("a/Chart.yaml", EntryType::Regular, CHART),
        ("a/passwd", EntryType::Symlink, b""),
        ("a/hard", EntryType::Link, b""),
        ("a/folder/", EntryType::Directory, b""),
    ];
    let tree: Arc<dyn Tree> = Arc::new(Archive::from_bytes(&gzip(&tar(&entries)), "a.tgz").expect("sound"));
    let sources = Sources::new();
    let expected = ["hard", "passwd"].map(|name| {
        format!("a.tgz/{name} SymlinkBroken: the link `{name}` stands in an archive, where Helm takes a link for an empty file")
    });
    assert_eq!(problems(&load(&tree, "", &sources), &sources), expected);
    assert_eq!(tree.read("passwd", 9).expect("an empty file"), b"");
}

#[test]
fn of_two_files_with_one_path_the_later_counts() {
    let tree = Archive::from_bytes(&files(&[("a/x", b"1"), ("b/x", b"2")]), "a.tgz").expect("Helm takes it");
    assert_eq!(tree.read("x", 9).expect("there"), b"2");
}

/// PAX records as `archive/tar` reads them.
fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let lengths = rest.len()..rest.len() + 9;
        let length = lengths.into_iter().find(|length| length.to_string().len() + rest.len() == *length);
        format!("{}{rest}", length.expect("short"))
    };
    records.iter().map(record).collect::<String>().into_bytes()
}

#[test]
fn what_readers_of_tar_take_in_different_ways_is_refused() {
    let records: [(&[(&str, &str)], &str); 5] = [
        (&[("path", "a/values.yaml"), ("path", "a/templates/evil.yaml")], "it has the PAX record `path` twice"),
        (&[("path", "")], "it has the PAX record `path` empty"),
        (&[("GNU.sparse.name", "a/templates/evil.yaml")], "it has the PAX record `GNU.sparse.name`"),
        (&[("comment", "a\n21 path=a/evil.yaml")], "its PAX records cannot be read"),
        (&[("path", "a/x\0y")], "its name is no text"),
    ];
    for (records, expected) in records {
        let records = pax(records);
        let entries: [(&str, EntryType, &[u8]); 3] = [
            ("a/Chart.yaml", EntryType::Regular, CHART),
            ("x", EntryType::XHeader, &records),
            ("a/values.yaml", EntryType::Regular, b"{}"),
        ];
        let said = refusal(&gzip(&tar(&entries)));
        assert!(said.contains("readers of tar differ on its entry") && said.contains(expected), "{said}");
    }
    let entries: [(&str, EntryType, &[u8]); 3] = [
        ("a/Chart.yaml", EntryType::Regular, CHART),
        ("x", EntryType::XHeader, &pax(&[("path", "a/long.yaml"), ("mtime", "1.5")])),
        ("a/l", EntryType::Regular, b"{}"),
    ];
    let sound = Archive::from_bytes(&gzip(&tar(&entries)), "a.tgz").expect("as others package");
    assert!(sound.read("long.yaml", 9).is_ok());
}

#[test]
fn an_entry_is_a_folder_where_helm_takes_it_for_one() {
    let mut bytes = tar(&[
        ("a/Chart.yaml", EntryType::Regular, CHART),
        ("a/values.yaml", EntryType::Regular, b"{}"),
        ("a/values.yaml/", EntryType::Regular, b""),
    ]);
    let archive = |bytes: &[u8]| Archive::from_bytes(&gzip(bytes), "a.tgz").expect("Helm reads it");
    let extras = |archive: &Archive| archive.extras().iter().map(|extra| extra.what).collect::<Vec<_>>();
    let emptied = archive(&bytes);
    assert_eq!(emptied.read("values.yaml", 9).expect("there"), b"");
    assert!(extras(&emptied).contains(&"is a file that is called like a folder"), "{:?}", extras(&emptied));
    // The mode of the second file, and its checksum.
    let mut header = tar::Header::from_byte_slice(&bytes[1024..1536]).clone();
    header.set_mode(0o040_644);
    header.set_cksum();
    bytes[1024..1536].copy_from_slice(header.as_bytes());
    let hidden = archive(&bytes[..2048]);
    assert!(matches!(hidden.read("values.yaml", 9), Err(Error::NotFound { .. })));
    assert!(extras(&hidden).contains(&"is a folder that is written as a file"), "{:?}", extras(&hidden));
}

#[test]
fn packaged_sub_charts_are_unpacked_where_helm_packages_them() {
    let inner = files(&[("d/Chart.yaml", b"name: d\nversion: 1.0.0\n"), ("d/values.yaml", b"a: 1\na: 2\n")]);
    let outer = files(&[("b/Chart.yaml", b"name: b\nversion: 1.0.0\n"), ("b/charts/d-1.tgz", &inner)]);
    let repo = Repo::nowhere();
    repo.write("c/Chart.yaml", CHART).write("c/charts/b-1.0.0.tgz", outer).write("c/charts/e-1.0.0.tgz", "x");
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(repo.root()).expect("a folder"));
    let sources = Sources::new();
    let chart = load(&tree, "c", &sources);
    let paths: Vec<_> = chart.files.iter().map(|file| file.path.as_str()).collect();
    let expected =
        ["Chart.yaml", "charts/b/Chart.yaml", "charts/b/charts/d/Chart.yaml", "charts/b/charts/d/values.yaml"];
    assert_eq!(paths, expected);
    let deep = "c/charts/b-1.0.0.tgz/charts/d-1.tgz/values.yaml";
    assert_eq!(chart.files[3].shown, deep);
    let expected = [
        "c/charts/e-1.0.0.tgz ArchiveInvalid: `c/charts/e-1.0.0.tgz` is not a chart archive: it is not compressed with gzip",
        &format!("{deep} YamlKeyDuplicate: `a` is set again on line 2, so this value is void"),
    ];
    assert_eq!(problems(&chart, &sources), expected);
}

#[test]
fn charts_inside_each_other_and_their_bulk_have_a_limit() {
    let mut bytes = files(&[("a/Chart.yaml", CHART)]);
    for _ in 0..40 {
        bytes = files(&[("a/Chart.yaml", CHART), ("a/charts/a.tgz", &bytes)]);
    }
    let failures = |bytes: &[u8]| -> Vec<String> {
        let tree: Arc<dyn Tree> = Arc::new(Archive::from_bytes(bytes, "a.tgz").expect("sound"));
        let chart = load(&tree, "", &Sources::new());
        let all = chart.with_dependencies().into_iter().flat_map(|chart| &chart.failures);
        all.map(|failure| failure.message.clone()).collect()
    };
    assert_eq!(failures(&bytes), ["more than 32 charts stand inside each other"]);
    let zeros = vec![0; 5 * 1024 * 1024];
    let names: Vec<_> = (0..19).map(|number| format!("a/{number}")).collect();
    let mut large: Vec<_> = names.iter().map(|name| (name.as_str(), &zeros[..])).collect();
    large.push(("a/Chart.yaml", CHART));
    let large = files(&large);
    let outer = ["1", "2", "3"].map(|name| format!("a/charts/{name}.tgz"));
    let mut outer: Vec<_> = outer.iter().map(|name| (name.as_str(), &large[..])).collect();
    outer.push(("a/Chart.yaml", CHART));
    assert_eq!(failures(&files(&outer)), ["the packaged sub-charts unpack to more than 52428800 bytes"]);
}

#[test]
fn a_provenance_file_that_cannot_be_read_is_no_absent_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a-1.0.0.tgz");
    std::fs::write(&path, crate::fault_server::package()).expect("writable");
    assert!(Archive::open(&path, "a-1.0.0.tgz").is_ok());
    std::fs::create_dir(folder.path().join("a-1.0.0.tgz.prov")).expect("writable");
    let error = Archive::open(&path, "a-1.0.0.tgz").expect_err("nobody knows what is signed");
    assert_eq!(error.to_string(), "`a-1.0.0.tgz.prov` is not a regular file");
}
