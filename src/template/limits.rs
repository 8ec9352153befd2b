//! Bounds on what a template may cost, so that hostile input ends as an error at its position and never as a hang or a crash.

use thiserror::Error;

/// What one session may spend. The defaults let every known public chart through with room to spare.
#[derive(Debug, Clone)]
pub struct Limits {
    /// What execution costs: nodes evaluated, rounds of loops, elements that functions visit, text that they scan, parse or make.
    /// A step is a fifth of a microsecond or so, whatever it is spent on.
    pub steps: u64,
    /// Bytes of stack that execution and parsing may use, measured from where they start. Threads have to be larger: leave a
    /// megabyte for what functions need; see [`Limits::on_thread_of`].
    pub stack: usize,
    /// Bytes of one string, the output of a template included.
    pub string: usize,
    /// Bytes of all strings made by functions and templates together.
    pub total: usize,
    /// Elements of one list.
    pub list: usize,
    /// Depth of nested lists and maps that functions walk.
    pub nesting: usize,
    /// What keys, signatures and hashed passwords cost, of which one takes as long as the rest of a chart: a signature is 1.
    pub secrets: u64,
    /// Nested `include` calls of one name, as Helm bounds them; also nested `tpl` calls, which Helm lets overflow its stack.
    pub includes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            stack: 1 << 20,
            string: 64 << 20,
            total: 400 << 20,
            list: 500_000,
            nesting: 1_000,
            secrets: 40,
            includes: 1_000,
        }
    }
}

impl Limits {
    /// The bounds for a thread with `stack` bytes of stack. Helm's own bound on `include`, a thousand levels, needs 16 MiB (unoptimised).
    pub fn on_thread_of(stack: usize) -> Self {
        Self { stack: (stack / 2).max(stack.saturating_sub(1 << 20)), ..Self::default() }
    }
}

/// Bytes that are copied or compared in the time of a step.
const BYTES_PER_STEP: u64 = 1024;

/// Which bound was passed. A fault of the limits, not of the template: the verdict on it stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Exceeded {
    /// [`Limits::steps`] or [`Limits::secrets`].
    #[error("the template takes too many steps")]
    Steps,
    /// [`Limits::stack`].
    #[error("the template is nested too deeply")]
    Depth,
    /// [`Limits::string`] or [`Limits::total`].
    #[error("the template makes too much text")]
    Text,
    /// [`Limits::list`].
    #[error("the template makes too long a list")]
    List,
    /// [`Limits::nesting`].
    #[error("the value is nested too deeply")]
    Nesting,
}

/// What a session has spent so far.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    steps: u64,
    secrets: u64,
    bytes: usize,
    base: usize,
}

impl Budget {
    /// A full budget; stack is measured from here.
    pub fn new(limits: Limits) -> Self {
        let (steps, secrets, bytes) = (limits.steps, limits.secrets, limits.total);
        let mut budget = Self { steps, secrets, bytes, limits, base: 0 };
        budget.rebase();
        budget
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The bounds with the stack that is left, for a budget that begins here.
    pub(super) fn limits_here(&self) -> Limits {
        let used = self.base.abs_diff(address());
        Limits { stack: self.limits.stack.saturating_sub(used), ..self.limits.clone() }
    }

    /// What was spent: steps, bytes, secrets.
    pub fn spent(&self) -> (u64, usize, u64) {
        (self.limits.steps - self.steps, self.limits.total - self.bytes, self.limits.secrets - self.secrets)
    }

    /// Measures stack from the caller's frame on.
    pub(super) fn rebase(&mut self) {
        self.base = address();
    }

    /// Takes `count` steps.
    pub fn step(&mut self, count: u64) -> Result<(), Exceeded> {
        self.steps = self.steps.checked_sub(count).ok_or(Exceeded::Steps)?;
        Ok(())
    }

    /// Takes room for a string of `bytes`. To be asked before the string is made.
    pub fn text(&mut self, bytes: usize) -> Result<(), Exceeded> {
        if bytes > self.limits.string {
            return Err(Exceeded::Text);
        }
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Exceeded::Text)?;
        self.scan(bytes)
    }

    /// Takes `count` of [`Limits::secrets`].
    pub fn secret(&mut self, count: u64) -> Result<(), Exceeded> {
        self.secrets = self.secrets.checked_sub(count).ok_or(Exceeded::Steps)?;
        Ok(())
    }

    /// Takes the steps of looking once at every byte of a text.
    pub fn scan(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.step(bytes as u64 / BYTES_PER_STEP)
    }

    /// Takes room for a list of `count` elements. To be asked before the list is made.
    pub fn list(&mut self, count: usize) -> Result<(), Exceeded> {
        if count > self.limits.list {
            return Err(Exceeded::List);
        }
        self.step(count as u64)
    }

    /// Checks that there is stack left for another level of recursion.
    pub fn descend(&self) -> Result<(), Exceeded> {
        if self.base.abs_diff(address()) > self.limits.stack { Err(Exceeded::Depth) } else { Ok(()) }
    }
}

/// The address of the current frame, near enough.
#[inline(never)]
fn address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sink(budget: &Budget, level: usize) -> usize {
        let room = [0_u8; 1_000];
        if budget.descend().is_err() {
            return level + usize::from(std::hint::black_box(room)[0]);
        }
        sink(budget, level + 1)
    }

    #[test]
    fn recursion_ends_where_the_stack_budget_ends() {
        let budget = Budget::new(Limits { stack: 100_000, ..Limits::default() });
        let levels = sink(&budget, 0);
        assert!((5..=100).contains(&levels), "{levels} levels of a kilobyte and more in 100 kB");
    }

    #[test]
    fn text_is_refused_before_it_is_made() {
        let mut budget = Budget::new(Limits { string: 10, total: 15, ..Limits::default() });
        assert_eq!(budget.text(11), Err(Exceeded::Text));
        assert_eq!(budget.text(10), Ok(()));
        assert_eq!(budget.text(6), Err(Exceeded::Text));
    }
}
