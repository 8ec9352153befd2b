//! A repository of charts, asked as Helm asks it.

use std::sync::Arc;

use super::wanted::Wanted;
use crate::finding::Failure;
use crate::network::index::Index;
use crate::network::oci::Registry;
use crate::network::{Network, Purpose};
use crate::template::go::semver::{Constraints, Version};

/// A package as a place has it.
pub(super) struct Package {
    pub(super) data: Vec<u8>,
    /// The file that Helm writes it to.
    pub(super) file_name: String,
}

/// A registry or a chart repository.
#[derive(Debug)]
pub(super) enum Place {
    Registry(Registry),
    Index(Index),
}

impl Place {
    /// The place at an address; nothing is asked yet.
    pub(super) fn new(address: &str, network: &Arc<Network>) -> Result<Self, Box<Failure>> {
        Ok(if address.starts_with("oci://") {
            Self::Registry(Registry::new(address, None, network)?.asked_for(Purpose::Dependency))
        } else {
            Self::Index(Index::new(address, None, network)?.asked_for(Purpose::Dependency))
        })
    }

    /// In words, without credentials.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Registry(registry) => registry.place(),
            Self::Index(index) => index.place(),
        }
    }

    /// Whether it is a chart repository.
    pub(super) fn is_index(&self) -> bool {
        matches!(self, Self::Index(_))
    }

    /// The bytes of a package in the folder of a chart repository; none where nothing is there.
    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Box<Failure>> {
        match self {
            Self::Registry(_) => Ok(None),
            Self::Index(index) => index.file(name),
        }
    }

    /// The greatest version that fits; a registry is not asked for one that is written out (`internal/resolver/resolver.go`).
    pub(super) fn greatest(&self, wanted: &Wanted) -> Result<Option<String>, Box<Failure>> {
        let versions = match self {
            Self::Registry(_) if Version::parse(&wanted.range).is_ok() => return Ok(Some(wanted.range.clone())),
            Self::Registry(registry) => registry.versions(&wanted.name)?,
            Self::Index(index) => index.versions(&wanted.name)?,
        };
        let Ok(range) = Constraints::parse(&wanted.range) else { return Ok(None) };
        let read = versions.into_iter().filter_map(|text| Some((Version::parse(&text).ok()?, text)));
        let fitting = read.filter(|(version, _)| range.admits(version));
        // Of versions that are equal, Helm takes the one that is listed first.
        let greatest = fitting.reduce(|best, next| if next.0.compare(&best.0).is_gt() { next } else { best });
        Ok(greatest.map(|(_, text)| text))
    }

    /// The digest of what a registry has under a tag; none where it has no such tag, or the place knows no digests.
    pub(super) fn digest(&self, chart: &str, tag: &str) -> Result<Option<String>, Box<Failure>> {
        match self {
            Self::Registry(registry) => registry.manifest(chart, tag),
            Self::Index(_) => Ok(None),
        }
    }

    /// A package; none where that version is not out.
    pub(super) fn package(&self, chart: &str, version: &str) -> Result<Option<Package>, Box<Failure>> {
        match self {
            Self::Registry(registry) => {
                let file_name = format!("{chart}-{version}.tgz");
                Ok(registry.bytes(chart, version)?.map(|data| Package { data, file_name }))
            }
            Self::Index(index) => Ok(index.bytes(chart, version)?.map(|(data, file_name)| Package { data, file_name })),
        }
    }
}
