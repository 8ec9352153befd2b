//! What the configuration of an earlier state names, read without judging it: nobody reports what is wrong there.

use std::path::Path;

use super::Session;
use super::place::parent;
use super::seat::Seat;
use crate::config::discover::{self, Search};
use crate::config::extends::{self, Entry};
use crate::source::{Tree, normal};

/// Files of a configuration that are looked at.
const FILES: usize = 64;

/// What the configuration of a tree names, then what the files name that it extends; nothing where they cannot be read.
pub(super) fn named(
    session: &Session,
    search: &mut Search,
    tree: &dyn Tree,
    seat: &Seat,
    read: &dyn Fn(&str) -> Vec<String>,
) -> Vec<String> {
    let Some(found) = seat.find(tree, search).ok().flatten() else { return vec![] };
    let mut naming = Naming { session, read, left: FILES, names: vec![] };
    naming.add(tree, &found.folder, found.data);
    naming.names
}

/// Collects what a configuration and what it extends name.
struct Naming<'a> {
    session: &'a Session,
    read: &'a dyn Fn(&str) -> Vec<String>,
    /// Files that may still be looked at.
    left: usize,
    names: Vec<String>,
}

impl Naming<'_> {
    fn add(&mut self, tree: &dyn Tree, folder: &str, data: Vec<u8>) {
        let (Some(left), Ok(text)) = (self.left.checked_sub(1), String::from_utf8(data)) else { return };
        self.left = left;
        self.names.extend((self.read)(&text));
        for entry in extends::named(&text) {
            match entry {
                Entry::Set(_) => {}
                Entry::Path(path) => {
                    let Some(path) = normal(folder, Path::new(&path)) else { continue };
                    if let Ok(data) = tree.read(&path, discover::LIMIT) {
                        self.add(tree, parent(&path), data);
                    }
                }
                // What the digest names is what whoever wrote the digest agreed to.
                Entry::Policy(reference) => {
                    let Some(policy) = self.session.known_policy(&reference) else { continue };
                    if let Ok(Some(found)) = discover::of_folder(&*policy, "") {
                        self.add(&*policy, "", found.data);
                    }
                }
            }
        }
    }
}
