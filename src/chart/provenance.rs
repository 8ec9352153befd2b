//! Provenance files (`.prov`) beside packages: whether the digest that is signed is that of the package (`pkg/provenance/sign.go`).

use sha2::{Digest as _, Sha256};

use crate::text::{Span, hex};

/// `sha256:…` of a package.
pub(super) fn digest(data: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(data)))
}

/// What is wrong with the provenance of a package, in words that follow the file's path, and where; whose signature it has is not looked at.
pub(super) fn fault(provenance: &str, package: &str, digest: &str) -> Option<(Span, String)> {
    let entries = entries(provenance);
    if let Some((span, _, found)) = entries.iter().find(|(_, name, _)| name == package) {
        let same = found.eq_ignore_ascii_case(digest);
        if !same {
            return Some((*span, format!("says that `{package}` has `{found}`, and it has `{digest}`")));
        }
        let unsigned =
            || (Span::default(), "is not signed: it is no message with a PGP signature behind it".to_owned());
        return (!is_signed(provenance)).then(unsigned);
    }
    let message = match entries.first() {
        Some((span, name, _)) => (*span, format!("is the provenance of `{name}`, not of `{package}`")),
        None => (Span::default(), format!("has no digest of `{package}`")),
    };
    Some(message)
}

/// Whether a text is a message in clear with a signature behind it, whatever that says.
fn is_signed(provenance: &str) -> bool {
    let mut lines = provenance.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    let is_message = lines.next() == Some("-----BEGIN PGP SIGNED MESSAGE-----");
    let mut signature = lines.skip_while(|line| *line != "-----BEGIN PGP SIGNATURE-----").skip(1);
    let has_body = signature.by_ref().take_while(|line| !line.starts_with("-----END")).any(|line| !line.is_empty());
    is_message && has_body && provenance.contains("\n-----END PGP SIGNATURE-----")
}

/// The entries of `files`, which stand behind the chart's metadata: where, name, and digest.
fn entries(provenance: &str) -> Vec<(Span, String, String)> {
    let mut found = vec![];
    let (mut is_in, mut at) = (false, 0);
    for line in provenance.split_inclusive('\n') {
        let text = line.trim_end();
        if is_in && !text.starts_with(' ') {
            is_in = false;
        }
        if is_in {
            let entry = text.trim_start();
            let start = at + text.len() - entry.len();
            if let Some((name, digest)) = entry.split_once(": ") {
                let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
                found.push((Span::new(start, start + entry.len()), bare(name), bare(digest)));
            }
        }
        is_in |= text == "files:";
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: sha256:aa\n-----BEGIN PGP SIGNATURE-----\n\nwsBc\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn the_digest_of_the_package_is_compared() {
        assert_eq!(fault(SIGNED, "web-1.0.0.tgz", "sha256:AA"), None);
        let (span, message) = fault(SIGNED, "web-1.0.0.tgz", "sha256:bb").expect("it is another's");
        assert_eq!(message, "says that `web-1.0.0.tgz` has `sha256:aa`, and it has `sha256:bb`");
        assert_eq!(&SIGNED[span.start as usize..span.end as usize], "web-1.0.0.tgz: sha256:aa");
        let (_, message) = fault(SIGNED, "web-1.0.1.tgz", "sha256:aa").expect("it is another's");
        assert_eq!(message, "is the provenance of `web-1.0.0.tgz`, not of `web-1.0.1.tgz`");
        assert!(fault("nothing", "web-1.0.0.tgz", "sha256:aa").is_some());
        for part in ["-----BEGIN PGP SIGNED MESSAGE-----\n", "wsBc\n", "-----END PGP SIGNATURE-----\n"] {
            assert!(fault(&SIGNED.replace(part, ""), "web-1.0.0.tgz", "sha256:aa").is_some(), "{part}");
        }
        assert_eq!(digest(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
