//! Whether a chart is judged before something is reached, told by what would happen if every judgement failed.

/// Whether a chart is judged before it is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is: where the judgement fails, the push is not reached.
    Before,
    /// That depends on this, in words.
    Untold(String),
    /// It is not. A judgement that stops nothing is named by the reason.
    Never(Option<Void>),
}

/// Why the failure of a judgement stops nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Void {
    /// `&`
    Background,
    /// What is behind `&&` is left out, and the script goes on.
    Chained,
    /// It decides which branch of an `if` is run.
    Condition,
    /// A pipeline that is started and not waited for.
    Detached,
    /// `--at` of another revision.
    Elsewhere,
    /// `--explain-profiles` and its like.
    Idle,
    /// `--fail-on never`
    Lenient,
    /// `continue-on-error` and its like.
    MayFail,
    /// `!`
    Negated,
    /// `--select`
    Partial,
    /// What is behind `||` succeeds.
    PassedOver,
    /// The last command of a pipe decides.
    Piped,
    /// What needs it runs whatever became of it.
    Regardless,
    /// No `set -e`.
    Running,
    /// `$(…)`
    Substituted,
    /// `pre-commit run` without files
    Unstaged,
    /// `find -exec … \;`
    Visited,
    /// Another pipeline, which this one does not wait for.
    Apart,
    /// A workflow that starts once another is over, failed or not.
    Completed,
}

impl Void {
    /// The reason in words, and what to do.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Apart => {
                ("it runs for other events", "run `chartgate check` in the pipeline that pushes, in a job before it")
            }
            Self::Background => ("`&` leaves it to itself", "leave out the `&` behind `chartgate check`"),
            Self::Chained => (
                "where it fails, what is joined to it by `&&` is left out, and the script goes on",
                "give `chartgate check` a line of its own",
            ),
            Self::Completed => (
                "the workflow starts when the other is over, failed or not",
                "give the job `if: github.event.workflow_run.conclusion == 'success'`",
            ),
            Self::Condition => (
                "it only decides what a condition runs",
                "give `chartgate check` a line of its own, or write `exit 1` where it fails",
            ),
            Self::Detached => (
                "it runs in a pipeline that is started and not waited for",
                "give the `trigger` of the job that starts it `strategy: depend`",
            ),
            Self::Elsewhere => (
                "with `--at` it judges another state than the one that is pushed",
                "leave out `--at`, or name the commit that the pipeline runs for",
            ),
            Self::Idle => ("with this option it does not judge what is pushed", "run it once more without the option"),
            Self::Lenient => ("`--fail-on never` lets everything pass", "leave out `--fail-on never`"),
            Self::MayFail => {
                ("what runs it may fail", "leave out `continue-on-error`, `allow_failure` or `failure: ignore`")
            }
            Self::Negated => ("`!` makes a success of its failure", "leave out the `!`"),
            Self::Partial => (
                "where rules are selected, the others let everything pass",
                "leave out what selects rules, or judge once more without it",
            ),
            Self::PassedOver => ("what stands behind it passes its failure over", "leave out what follows `||`"),
            Self::Piped => (
                "a pipe has the exit code of its last command",
                "write `set -o pipefail` before it, or `shell: bash` in a step of GitHub",
            ),
            Self::Regardless => {
                ("what pushes runs whatever became of it", "let the push depend on the success of what is before it")
            }
            Self::Running => ("the script goes on when a command fails", "write `set -e` at the start of the script"),
            Self::Substituted => (
                "it runs where its output is put in, and its exit code is lost",
                "give `chartgate check` a line of its own",
            ),
            Self::Unstaged => (
                "`pre-commit run` judges what is staged alone, and a pipeline stages nothing",
                "add `--all-files` to `pre-commit run`",
            ),
            Self::Visited => (
                "`find` passes over what `-exec … \\;` ends with",
                "end it with `+` instead of `\\;`, or name the folder: `chartgate check charts`",
            ),
        }
    }
}

impl Judged {
    /// What is so where either stands before.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Before, _) | (_, Self::Before) => Self::Before,
            (Self::Untold(why), _) | (_, Self::Untold(why)) => Self::Untold(why),
            (Self::Never(own), Self::Never(other)) => Self::Never(own.or(other)),
        }
    }

    /// What is so where the one way or the other was gone, which depends on this.
    pub(super) fn either(self, other: Self, why: &str) -> Self {
        match (self, other) {
            (Self::Before, Self::Before) => Self::Before,
            (Self::Untold(why), _) | (_, Self::Untold(why)) => Self::Untold(why),
            (Self::Never(own), Self::Never(other)) => Self::Never(own.or(other)),
            (Self::Before, Self::Never(_)) | (Self::Never(_), Self::Before) => Self::Untold(why.to_owned()),
        }
    }

    /// What is so where any of two ways may have been gone.
    pub(super) fn least(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }

    /// More for what is judged rather.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Never(_) => 0,
            Self::Untold(_) => 1,
            Self::Before => 2,
        }
    }

    /// That which depends on a condition.
    pub(super) fn of_condition(condition: &str) -> Self {
        Self::Untold(format!("the condition `{}`", cut(condition.trim())))
    }

    /// What stays of a judgement whose failure stops nothing.
    pub(super) fn void(self, why: Void) -> Self {
        match self {
            Self::Before | Self::Untold(_) => Self::Never(Some(why)),
            Self::Never(reason) => Self::Never(reason),
        }
    }

    /// The same, with a judgement before that stops nothing.
    pub(super) fn beside(self, why: Void) -> Self {
        match self {
            Self::Never(None) => Self::Never(Some(why)),
            judged => judged,
        }
    }
}

/// The beginning of a text, as much of it as a message bears.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut letters = text.chars();
    let mut cut: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

impl Default for Judged {
    fn default() -> Self {
        Self::Never(None)
    }
}
