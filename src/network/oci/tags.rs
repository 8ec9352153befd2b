//! The tags of a repository, page by page (OCI distribution spec 1.1, "Listing Tags").

use std::collections::BTreeSet;

use reqwest::Url;
use reqwest::header::LINK;
use serde::Deserialize;

use super::answer::{Absence, absence};
use super::connection::Connection;
use crate::network::fault::Fault;
use crate::network::http::{Answer, Ask};

/// Tags asked for at once; registries may give fewer, or all.
const PAGE: u32 = 1000;

/// Pages of one list.
const PAGES: u64 = 1000;

/// Bytes of all pages of one list: a quarter of a million tags of usual length.
const LIMIT: u64 = 8 * 1024 * 1024;

#[derive(Deserialize)]
struct Page {
    // Null where there are none, and never left out.
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<String>>,
}

/// Every tag of a repository; none where the registry does not know it.
pub(super) fn list(connection: &Connection, repository: &str) -> Result<BTreeSet<String>, Fault> {
    let too_many = |limit, unit| Fault::TooLarge { server: connection.server(), limit, unit };
    let mut tags = BTreeSet::new();
    let mut left = LIMIT;
    let mut next = connection.url(&format!("{repository}/tags/list?n={PAGE}"));
    for _ in 0..PAGES {
        let answer =
            connection.ask(repository, &Ask::get(&next, "application/json", left)).map_err(|fault| match fault {
                Fault::TooLarge { .. } => too_many(LIMIT, "bytes of tags"),
                fault => fault,
            })?;
        left = left.saturating_sub(answer.body.len() as u64);
        let Some(page) = page(connection, &answer)? else { return Ok(tags) };
        let known = tags.len();
        tags.extend(page.tags.unwrap_or_default());
        next = match following(connection, &answer, &next)? {
            None => return Ok(tags),
            Some(_) if tags.len() == known => {
                return Err(malformed(connection, "its pages name no new tags and never end"));
            }
            Some(next) => next,
        };
    }
    Err(too_many(PAGES, "pages of tags"))
}

/// The tags of one page; none where the registry does not know the repository.
fn page(connection: &Connection, answer: &Answer) -> Result<Option<Page>, Fault> {
    match answer.status.as_u16() {
        200 if answer.is_page() => Err(Fault::Page { server: connection.server(), expected: "a list of tags" }),
        200 => {
            // What the parser would say quotes the answer.
            let page = serde_json::from_slice(&answer.body);
            page.map(Some).map_err(|_| malformed(connection, "it is not the JSON of one"))
        }
        404 => match absence(answer) {
            Absence::Said => Ok(None),
            Absence::Denied => Err(Fault::Forbidden { server: connection.server(), origin: connection.origin() }),
            Absence::Unsaid => Err(connection.not_registry()),
        },
        _ => Err(connection.refusal(answer)),
    }
}

/// The address of the page after this one, which must be the registry's own: credentials go there.
fn following(connection: &Connection, answer: &Answer, page: &Url) -> Result<Option<Url>, Fault> {
    let links = answer.headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    let Some(link) = links.flat_map(|links| links.split(',')).find_map(next_in) else { return Ok(None) };
    let url = page.join(link).map_err(|_| malformed(connection, "its next page is no URL"))?;
    if url.origin() == page.origin() {
        Ok(Some(url))
    } else {
        Err(malformed(connection, "its next page is at another server"))
    }
}

fn malformed(connection: &Connection, reason: &str) -> Fault {
    Fault::Malformed { server: connection.server(), expected: "a list of tags", reason: reason.to_owned() }
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
