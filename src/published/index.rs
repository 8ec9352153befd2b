//! Releases in a chart repository.

use crate::finding::Failure;
use crate::published::{Head, Published, Release};

pub use crate::network::index::Index;

impl Published for Index {
    fn place(&self) -> String {
        Index::place(self)
    }

    fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        Index::versions(self, chart)
    }

    fn head(&self, chart: &str, version: &str) -> Result<Option<Head>, Box<Failure>> {
        Index::head(self, chart, version)
    }

    fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        Ok(Index::open(self, chart, version)?.map(Release::from))
    }
}
