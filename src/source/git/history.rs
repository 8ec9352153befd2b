//! Commits and how they follow one another; where a shallow clone cuts the history off, the answer is an error, never a guess.

use gix::ObjectId;
use gix::bstr::BStr;

use super::{Error, Repository, Revision, unreadable};

impl Repository {
    /// The commit that a name stands for: a branch, a tag, `HEAD~2`, an id or its beginning.
    ///
    /// # Errors
    /// [`Error::UnknownRevision`] where nothing has that name or it is no commit.
    pub fn commit(&self, name: &str) -> Result<Revision, Error> {
        let git = self.local();
        let unknown = || Error::UnknownRevision { name: name.to_owned(), shallow: git.is_shallow().unwrap_or(false) };
        let id = git.rev_parse_single(BStr::new(&format!("{name}^{{commit}}"))).map_err(|_| unknown())?.detach();
        let is_here = git.has_object(id);
        if is_here { self.revision(id) } else { Err(unknown()) }
    }

    /// The commit of a reference by its exact name, as `refs/remotes/origin/main`; none where it, or what it names, does not exist.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where it exists and leads nowhere.
    pub fn reference(&self, name: &str) -> Result<Option<Revision>, Error> {
        let git = self.local();
        let what = format!("the reference `{name}`");
        let found = git.try_find_reference(name).map_err(|error| unreadable(&what, &error))?;
        let Some(mut reference) = found else { return Ok(None) };
        match reference.peel_to_id() {
            Ok(id) => self.revision(id.detach()).map(Some),
            // A remote's HEAD goes on naming a branch that was renamed.
            Err(error) if error.is_not_found() && is_symbolic(&reference) => Ok(None),
            Err(error) => Err(unreadable(&what, &error)),
        }
    }

    /// The commit that is checked out; none before the first commit.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn head(&self) -> Result<Option<Revision>, Error> {
        let git = self.local();
        let head = git.head().map_err(|error| unreadable("`HEAD`", &error))?;
        if head.is_unborn() {
            return Ok(None);
        }
        let id = git.head_id().map_err(|error| unreadable("`HEAD`", &error))?.detach();
        self.revision(id).map(Some)
    }

    /// Whether the history is cut off somewhere, as `git clone --depth` does it.
    pub fn is_shallow(&self) -> bool {
        self.local().is_shallow().unwrap_or(false)
    }

    /// The first parent of a commit; none for a root commit.
    ///
    /// # Errors
    /// [`Error::Shallow`] where the history is cut off right there, so that the commit only looks like a root.
    pub fn first_parent(&self, commit: &Revision) -> Result<Option<Revision>, Error> {
        if let Some(parent) = self.known.first_parent(commit.id()) {
            return self.revision(parent).map(Some);
        }
        let git = self.local();
        let what = || format!("the commit `{}`", commit.short());
        let object = Self::object(&git, commit.id(), &what)?.try_into_commit();
        let object = object.map_err(|error| unreadable(&what(), &error))?;
        let Some(parent) = object.parent_ids().next().map(gix::Id::detach) else { return Ok(None) };
        if is_cut_off(&git, &[commit.id()])? || !git.has_object(parent) && is_shallow(&git)? {
            return Err(Error::Shallow { what: format!("the parent of `{}`", commit.short()) });
        }
        let parent = self.revision(parent)?;
        self.known.keep_first_parent(commit.id(), parent.id());
        Ok(Some(parent))
    }

    /// The first parent of a merge; none where the commit is no merge, or the parent is not here.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the commit cannot be read.
    pub fn merged_into(&self, commit: &Revision) -> Result<Option<Revision>, Error> {
        let git = self.local();
        let what = || format!("the commit `{}`", commit.short());
        let object = Self::object(&git, commit.id(), &what)?.try_into_commit();
        let object = object.map_err(|error| unreadable(&what(), &error))?;
        let parents: Vec<ObjectId> = object.parent_ids().map(gix::Id::detach).collect();
        match parents.as_slice() {
            [first, _, ..] if git.has_object(*first) => self.revision(*first).map(Some),
            _ => Ok(None),
        }
    }

    /// The names of all remotes, sorted.
    pub fn remotes(&self) -> Vec<String> {
        self.local().remote_names().iter().map(ToString::to_string).collect()
    }

    /// The addresses of all remotes, as they are configured.
    pub fn addresses(&self) -> Vec<String> {
        let git = self.local();
        let names = self.remotes();
        let remotes = names.iter().filter_map(|name| git.find_remote(BStr::new(name)).ok());
        let address =
            |remote: gix::Remote<'_>| Some(remote.url(gix::remote::Direction::Fetch)?.to_bstring().to_string());
        remotes.filter_map(address).collect()
    }

    /// The branches that the remotes call their own `HEAD`.
    pub fn default_branches(&self) -> Vec<String> {
        let git = self.local();
        let branch = |name: String| {
            let head = git.try_find_reference(&format!("refs/remotes/{name}/HEAD")).ok()??;
            let target = head.target().try_name()?.as_bstr().to_string();
            target.strip_prefix(&format!("refs/remotes/{name}/")).map(str::to_owned)
        };
        self.remotes().into_iter().filter_map(branch).collect()
    }

    /// The branch that is checked out, be there a commit or not.
    pub fn branch(&self) -> Option<String> {
        let name = self.local().head_name().ok()??;
        Some(name.shorten().to_string())
    }

    /// The best common ancestor of two commits, as `git merge-base`; none where they share no history.
    ///
    /// # Errors
    /// [`Error::Shallow`] where commits beyond the cut could change the answer.
    pub fn merge_base(&self, one: &Revision, two: &Revision) -> Result<Option<Revision>, Error> {
        if one.id() == two.id() {
            return Ok(Some(one.clone()));
        }
        let git = self.local();
        // What a fetch brings can change the answer only where the history was cut off.
        let is_shallow = is_shallow(&git)?;
        let commits = [one.id(), two.id()];
        if let Some(base) = self.known.base(commits).filter(|_| !is_shallow) {
            return self.revision(base).map(Some);
        }
        let what = || format!("the merge-base of `{}` and `{}`", one.short(), two.short());
        let found = git.merge_base(one.id(), two.id()).map_err(|error| unreadable(&what(), &error))?;
        let found = found.map(gix::Id::detach);
        if let Some(base) = found.filter(|_| !is_shallow) {
            self.known.keep_base(commits, base);
        }
        // Where one comes after the other, no commit beyond the cut can be a better answer.
        if let Some(base) = found.filter(|base| commits.contains(base)) {
            return self.revision(base).map(Some);
        }
        if is_shallow && self.leaves_history(&git, commits, found)? {
            return Err(Error::Shallow { what: what() });
        }
        found.map(|id| self.revision(id)).transpose()
    }

    /// Whether a commit below `tips` that is no ancestor of `base` has lost its parents to the cut: a better base could lie there.
    fn leaves_history(
        &self,
        git: &gix::Repository,
        tips: [ObjectId; 2],
        base: Option<ObjectId>,
    ) -> Result<bool, Error> {
        let walk = git.rev_walk(tips).with_hidden(base).all();
        let walk = walk.map_err(|error| unreadable(&format!("the history of {self:?}"), &error))?;
        let ids: Result<Vec<ObjectId>, _> = walk.map(|commit| commit.map(|commit| commit.id)).collect();
        is_cut_off(git, &ids.map_err(|error| unreadable("the history", &error))?)
    }
}

fn is_shallow(git: &gix::Repository) -> Result<bool, Error> {
    git.is_shallow().map_err(|error| unreadable("the list of shallow commits", &error))
}

fn is_symbolic(reference: &gix::Reference<'_>) -> bool {
    reference.target().try_name().is_some()
}

/// Whether the history ends at one of the commits because the clone is shallow.
fn is_cut_off(git: &gix::Repository, commits: &[ObjectId]) -> Result<bool, Error> {
    let boundary = git.shallow_commits().map_err(|error| unreadable("the list of shallow commits", &error))?;
    Ok(boundary.is_some_and(|boundary| commits.iter().any(|commit| boundary.contains(commit))))
}
