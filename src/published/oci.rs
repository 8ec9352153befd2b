//! Releases in an OCI registry.

use crate::finding::Failure;
use crate::published::{Head, Published, Release};

pub use crate::network::oci::Registry;

impl Published for Registry {
    fn place(&self) -> String {
        Registry::place(self)
    }

    fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        Registry::versions(self, chart)
    }

    fn head(&self, chart: &str, version: &str) -> Result<Option<Head>, Box<Failure>> {
        Registry::head(self, chart, version)
    }

    fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        Ok(Registry::open(self, chart, version)?.map(Release::from))
    }
}
