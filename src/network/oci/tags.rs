//! The tags of a repository, page by page (OCI distribution spec 1.1, "Listing Tags").

use std::collections::BTreeSet;

use reqwest::Url;
use reqwest::header::LINK;
use serde::Deserialize;

use super::manifest::is_unknown;
use super::{API, Registry};
use crate::network::fault::Fault;
use crate::network::http::{Answer, Ask};

/// Tags asked for at once; registries may give fewer, or all.
const PAGE: u32 = 1000;

/// Bytes of one page.
const LIMIT: u64 = 32 * 1024 * 1024;

#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<String>>,
}

impl Registry {
    /// Every tag of a repository; none where the registry does not know it.
    pub(super) fn tags(&self, repository: &str) -> Result<BTreeSet<String>, Fault> {
        let mut tags = BTreeSet::new();
        let mut next = Some(self.target.url(&format!("{repository}/tags/list?n={PAGE}")));
        while let Some(url) = next {
            let answer = self.ask(repository, &Ask::get(&url, "application/json", LIMIT))?;
            let Some(page) = self.page(&answer)? else { break };
            let known = tags.len();
            tags.extend(page.tags.unwrap_or_default());
            next = self.next(&answer, &url)?;
            if next.is_some() && tags.len() == known {
                return Err(self.malformed("its pages name no new tags and never end"));
            }
        }
        Ok(tags)
    }

    /// The tags of one page; none where the registry does not know the repository.
    fn page(&self, answer: &Answer) -> Result<Option<Page>, Fault> {
        match answer.status.as_u16() {
            200 if answer.is_page() => Err(Fault::Page { host: self.target.host.clone(), expected: "a list of tags" }),
            200 => {
                let page = serde_json::from_slice(&answer.body);
                page.map(Some).map_err(|error| self.malformed(&error.to_string()))
            }
            404 if answer.is_page() => Err(self.not_registry()),
            404 if is_unknown(&answer.body) => Ok(None),
            404 if answer.body.is_empty() && answer.headers.contains_key(API) => Ok(None),
            404 => Err(self.not_registry()),
            _ => Err(self.refusal(answer)),
        }
    }

    /// The address of the page after this one, which must be the registry's own: credentials go there.
    fn next(&self, answer: &Answer, page: &Url) -> Result<Option<Url>, Fault> {
        let links = answer.headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
        let Some(link) = links.flat_map(|links| links.split(',')).find_map(next_in) else { return Ok(None) };
        let url = page.join(link).map_err(|error| self.malformed(&format!("its next page is no URL: {error}")))?;
        if url.origin() == page.origin() {
            Ok(Some(url))
        } else {
            Err(self.malformed("its next page is at another server"))
        }
    }

    fn malformed(&self, reason: &str) -> Fault {
        Fault::Malformed { host: self.target.host.clone(), expected: "a list of tags", reason: reason.to_owned() }
    }
}

/// The address in `<address>; rel="next"`.
fn next_in(link: &str) -> Option<&str> {
    let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
    });
    is_next.then_some(address)
}
