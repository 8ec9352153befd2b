//! `docs/profiles.md` says of every field what is done with it.

use std::path::Path;

use chartgate::gitops::fields;

const MARK: &str = "<!-- What follows is written by `CHARTGATE_BLESS=1 cargo test --test it profiles`. -->\n";

#[test]
fn the_page_on_profiles_lists_every_field_as_it_is_classified() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profiles.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (written, generated) = page.split_once(MARK).expect("the page has the mark");
    let wanted = format!("\n{}", fields::markdown());
    if std::env::var_os("CHARTGATE_BLESS").is_some() {
        std::fs::write(&path, format!("{written}{MARK}{wanted}")).expect("the page is writable");
        return;
    }
    assert_eq!(generated, wanted, "run `CHARTGATE_BLESS=1 cargo test --test it profiles`");
}
