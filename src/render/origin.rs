//! What a rendering remembers of itself once it is over: for every byte the template place that wrote it, the chain of
//! calls and decisions above that, and the values that were read. Plain data that threads can share.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use crate::template::origin::{Absent, Ledger, OriginId, Origins as Read};
use crate::template::trace::{self, ScopeKind, Trace};
use crate::text::{Location, Span};
use crate::values::Places;
use crate::yaml::{KeyPath, Step};

/// A set of origins in a [`Record`].
type SetId = u32;

/// Everything known about one rendering.
#[derive(Debug, Default)]
pub struct Record {
    /// The values' places.
    pub places: Places,
    /// That of the rendering which the templates kept what they printed from that were not executed.
    before: Option<Arc<Record>>,
    sets: Vec<Box<[OriginId]>>,
    scopes: Vec<Scope>,
    absents: Vec<Absent>,
    /// Paths of digests that templates read or looked for.
    digests: OnceLock<BTreeSet<String>>,
    /// Values by the places that they stand, or are missing, at.
    standing: OnceLock<HashMap<Location, Vec<OriginId>>>,
    /// The conditions that each value decides.
    deciding: OnceLock<HashMap<OriginId, BTreeSet<Location>>>,
}

#[derive(Debug)]
struct Scope {
    parent: Option<u32>,
    kind: ScopeKind,
    at: Location,
    read: SetId,
}

/// Pieces of one output, in order.
pub(super) type Pieces = Arc<[Piece]>;

/// A range of an output and what wrote it.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    start: u32,
    end: u32,
    set: SetId,
    at: Option<trace::At>,
}

/// What led to a part of a rendered document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    /// The template place that wrote it: an action where there is one, else template text.
    pub template: Option<Location>,
    /// The calls and decisions above it, innermost first, the executed file last.
    pub chain: Vec<Link>,
    /// The values it was printed from.
    pub printed: Vec<Origin>,
    /// The values that were read to decide that it is printed.
    pub decided: Vec<Origin>,
    /// Whether it was printed from, or decided by, what API versions the cluster serves.
    pub asks_served: bool,
}

/// One link of the chain above a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub kind: ScopeKind,
    /// The condition or the call in its template.
    pub at: Location,
    /// The values read for it.
    pub read: Vec<Origin>,
}

/// A value that was read, or looked for in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The value's place; of an absent key that of the mapping which lacks it.
    pub location: Location,
    /// Its path from the root of that file, the absent key included.
    pub path: KeyPath,
    /// Whether nothing is there.
    pub is_absent: bool,
    /// Places that this one took the place of: what other files set, the strongest first.
    pub shadowed: Vec<Location>,
}

impl Origins {
    /// The line of the executed file that led to it: what wrote it, or the call that it was written in.
    pub fn line(&self) -> Option<Location> {
        let own = self.chain.iter().find(|link| link.kind == ScopeKind::File)?.at.source;
        let mut places = self.template.into_iter().chain(self.chain.iter().map(|link| link.at));
        places.find(|place| place.source == own).or(self.template)
    }
}

/// Turns the engine's traces into a [`Record`].
#[derive(Default)]
pub(super) struct Freezer {
    record: Record,
    known: HashMap<Read, SetId>,
    /// The set asked for last: pieces that follow each other were mostly made of the same values.
    last: Option<(Read, SetId)>,
}

impl Freezer {
    pub(super) fn finish(self, places: Places, before: Option<Arc<Record>>) -> Record {
        Record { places, before, ..self.record }
    }

    fn set(&mut self, origins: &Read) -> SetId {
        if let Some((_, set)) = self.last.as_ref().filter(|(last, _)| last == origins) {
            return *set;
        }
        let sets = &mut self.record.sets;
        let set = *self.known.entry(origins.clone()).or_insert_with(|| {
            sets.push(origins.as_slice().into());
            SetId::try_from(sets.len() - 1).unwrap_or(SetId::MAX)
        });
        self.last = Some((origins.clone(), set));
        set
    }

    pub(super) fn scopes(&mut self, trace: Trace, ledger: Ledger) {
        for scope in trace.into_scopes() {
            let read = self.set(&scope.read);
            let parent = scope.parent.and_then(|parent| u32::try_from(parent.index()).ok());
            self.record.scopes.push(Scope { parent, kind: scope.kind, at: scope.at, read });
        }
        self.record.absents = ledger.into_absents();
    }

    pub(super) fn pieces(&mut self, pieces: &[trace::Piece]) -> Pieces {
        let frozen = pieces.iter().map(|piece| Piece {
            start: piece.start,
            end: piece.end,
            set: self.set(&piece.origins),
            at: piece.at,
        });
        frozen.collect()
    }
}

impl Record {
    /// Whether every template of the rendering was executed for it.
    pub(super) fn is_whole(&self) -> bool {
        self.before.is_none()
    }

    /// The records of all templates of the rendering: this one, and that of those that were executed before.
    pub(super) fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.before.as_deref())
    }

    /// Bytes that it takes, near enough.
    pub(super) fn size(&self) -> usize {
        let ids = self.sets.iter().map(|set| size_of_val(&**set) + size_of::<Box<[OriginId]>>()).sum::<usize>();
        let lists = size_of_val(&*self.scopes) + size_of_val(&*self.absents);
        self.places.size() + ids + lists
    }

    /// What led to `span` of an output.
    pub(super) fn origins(&self, pieces: &[Piece], span: Span) -> Origins {
        let first = pieces.partition_point(|piece| piece.end <= span.start);
        let touched = pieces[first..].iter().take_while(|piece| piece.start < span.end.max(span.start + 1));
        let touched: Vec<&Piece> = touched.collect();
        let printed = self.resolve(touched.iter().flat_map(|piece| self.ids(piece.set)));
        let is_action = |piece: &&&Piece| piece.at.is_some_and(|at| !at.verbatim);
        let main = touched.iter().find(is_action).or(touched.first());
        let at = main.and_then(|piece| Some((piece, piece.at?)));
        let chain = at.map(|(_, at)| self.chain(at.scope.index())).unwrap_or_default();
        let mut decided: Vec<Origin> = vec![];
        for origin in chain.iter().flat_map(|link| &link.read) {
            if !decided.contains(origin) {
                decided.push(origin.clone());
            }
        }
        let scopes = at.into_iter().flat_map(|(_, at)| self.scopes_from(at.scope.index()));
        let mut sets = scopes.map(|scope| scope.read).chain(touched.iter().map(|piece| piece.set));
        let asks_served = sets.any(|set| self.ids(set).any(|id| id == OriginId::SERVED));
        Origins { template: at.map(|(piece, at)| clipped(piece, at, span)), chain, printed, decided, asks_served }
    }

    /// Whether a template read or looked for a digest at a path, be it to print it or to decide.
    pub(super) fn reads_digest(&self, path: &KeyPath) -> bool {
        let path = path.to_string();
        self.all().any(|record| record.digests().contains(&path))
    }

    fn digests(&self) -> &BTreeSet<String> {
        let found = || {
            let is_digest =
                |path: &KeyPath| matches!(path.0.last(), Some(Step::Key(key)) if key == "digest" || key == "sha");
            let ids: BTreeSet<OriginId> = self.sets.iter().flat_map(|set| set.iter().copied()).collect();
            let read = ids.into_iter().filter(|id| !id.is_absent()).map(|id| self.places.path(id));
            let absent = self.absents.iter().filter(|absent| matches!(&*absent.key, "digest" | "sha"));
            let absent = absent.map(|absent| self.places.path(absent.map).key(&absent.key));
            read.chain(absent).filter(is_digest).map(|path| path.to_string()).collect()
        };
        self.digests.get_or_init(found)
    }

    /// The places of the values that pieces of an output were printed from.
    pub(super) fn printed<'r>(&'r self, pieces: &'r [Piece]) -> impl Iterator<Item = Location> + 'r {
        let ids: BTreeSet<OriginId> = pieces.iter().flat_map(|piece| self.ids(piece.set)).collect();
        ids.into_iter().filter_map(|id| Some(self.places.get(id)?.location))
    }

    /// The values that a part of an output was printed from.
    pub(super) fn printed_to(&self, pieces: &[Piece], span: Span) -> Vec<OriginId> {
        let first = pieces.partition_point(|piece| piece.end <= span.start);
        let touched = pieces[first..].iter().take_while(|piece| piece.start < span.end);
        let mut ids: Vec<OriginId> = touched.flat_map(|piece| self.ids(piece.set)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The conditions that the value of a path at a place decides.
    pub fn decided_by(&self, place: Location, path: &KeyPath) -> BTreeSet<Location> {
        self.all().flat_map(|record| record.decided_here(place, path)).collect()
    }

    fn decided_here(&self, place: Location, path: &KeyPath) -> BTreeSet<Location> {
        let deciding = self.deciding.get_or_init(|| {
            let mut deciding: HashMap<OriginId, BTreeSet<Location>> = HashMap::new();
            for scope in &self.scopes {
                self.ids(scope.read).for_each(|id| _ = deciding.entry(id).or_default().insert(scope.at));
            }
            deciding
        });
        self.ids_of(place, path).iter().filter_map(|id| deciding.get(id)).flatten().copied().collect()
    }

    /// What the value of a path is known as that stands, or is missing, at a place.
    pub(super) fn ids_of(&self, place: Location, path: &KeyPath) -> Vec<OriginId> {
        let standing = self.standing.get_or_init(|| {
            let ids: BTreeSet<OriginId> = self.sets.iter().flat_map(|set| set.iter().copied()).collect();
            let mut standing: HashMap<Location, Vec<OriginId>> = HashMap::new();
            for id in ids {
                let at = if id.is_absent() { self.absent(id).map(|absent| absent.map) } else { Some(id) };
                let Some(place) = at.and_then(|at| self.places.get(at)) else { continue };
                standing.entry(place.location).or_default().push(id);
            }
            standing
        });
        let is_it = |id: &OriginId| self.origin(*id).is_some_and(|origin| origin.path == *path);
        standing.get(&place).into_iter().flatten().copied().filter(is_it).collect()
    }

    fn absent(&self, id: OriginId) -> Option<&Absent> {
        self.absents.get((id.0 - OriginId::ABSENT) as usize)
    }

    /// The places in the executed file that wrote a part of an output and the letters at its sides, in order.
    pub(super) fn written(&self, pieces: &[Piece], span: Span) -> Option<Vec<Location>> {
        let around = Span { start: span.start.saturating_sub(1), end: span.end + 1 };
        let first = pieces.partition_point(|piece| piece.end <= around.start);
        let touched = pieces[first..].iter().take_while(|piece| piece.start < around.end);
        let place = |piece: &Piece| {
            let at = piece.at?;
            let chain = self.chain(at.scope.index());
            let file = chain.iter().find(|link| link.kind == ScopeKind::File)?.at.source;
            let mut places = std::iter::once(clipped(piece, at, around)).chain(chain.iter().map(|link| link.at));
            places.find(|place| place.source == file)
        };
        touched.map(place).collect()
    }

    fn ids(&self, set: SetId) -> impl Iterator<Item = OriginId> {
        self.sets.get(set as usize).into_iter().flat_map(|ids| ids.iter().copied())
    }

    fn scopes_from(&self, innermost: usize) -> impl Iterator<Item = &Scope> {
        std::iter::successors(self.scopes.get(innermost), |scope| self.scopes.get(scope.parent? as usize))
    }

    fn chain(&self, innermost: usize) -> Vec<Link> {
        self.scopes_from(innermost)
            .map(|scope| Link { kind: scope.kind.clone(), at: scope.at, read: self.resolve(self.ids(scope.read)) })
            .collect()
    }

    fn resolve(&self, ids: impl Iterator<Item = OriginId>) -> Vec<Origin> {
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.origin(id)).collect()
    }

    fn origin(&self, id: OriginId) -> Option<Origin> {
        if !id.is_absent() {
            let location = self.places.get(id)?.location;
            let shadowed = self.places.shadowed(id).into_iter().filter_map(|id| Some(self.places.get(id)?.location));
            return Some(Origin {
                location,
                path: self.places.path(id),
                is_absent: false,
                shadowed: shadowed.collect(),
            });
        }
        let absent = self.absent(id)?;
        let location = self.places.get(absent.map)?.location;
        let path = self.places.path(absent.map).key(&absent.key);
        let shadowed =
            self.places.shadowed(absent.map).into_iter().filter_map(|id| Some(self.places.get(id)?.location));
        Some(Origin { location, path, is_absent: true, shadowed: shadowed.collect() })
    }
}

/// The place of a piece; of template text only the part that is asked for.
fn clipped(piece: &Piece, at: trace::At, span: Span) -> Location {
    if !at.verbatim {
        return at.location;
    }
    let start = at.location.span.start + span.start.saturating_sub(piece.start);
    let end = at.location.span.start + span.end.clamp(piece.start, piece.end) - piece.start;
    Location::new(at.location.source, Span { start, end: end.max(start) })
}
