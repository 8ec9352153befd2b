//! The tags of a repository.

use super::{Error, Repository, unreadable};

impl Repository {
    /// The names of all tags, without `refs/tags/`, sorted; those that are not UTF-8 are left out.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn tags(&self) -> Result<Vec<String>, Error> {
        const WHAT: &str = "the tags";
        let git = self.local();
        let references = git.references().map_err(|error| unreadable(WHAT, &error))?;
        let mut names = vec![];
        for reference in references.tags().map_err(|error| unreadable(WHAT, &error))? {
            let reference = reference.map_err(|error| unreadable(WHAT, &error))?;
            names.extend(std::str::from_utf8(reference.name().shorten()).map(str::to_owned).ok());
        }
        names.sort();
        Ok(names)
    }

    /// Whether tags may be missing here that the remote has: a shallow clone fetches few of them, `git clone --no-tags` none.
    pub fn may_lack_tags(&self) -> bool {
        let git = self.local();
        let config = git.config_snapshot();
        let leaves_out = |name: &gix::bstr::BStr| {
            let option = config.string(format!("remote.{name}.tagOpt").as_str());
            option.is_some_and(|option| option == "--no-tags")
        };
        self.is_shallow() || git.remote_names().iter().any(|name| leaves_out(name.as_ref()))
    }
}
