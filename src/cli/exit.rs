//! Exit codes: what a pipeline can tell apart.

use crate::finding::{Report, Verdict};

/// Nothing was found that fails the run.
pub(super) const PASS: u8 = 0;
/// A finding reached the threshold.
pub(super) const FAIL: u8 = 1;
/// The command line or the configuration is wrong; nothing was judged.
pub(super) const USAGE: u8 = 2;
/// Something could not be checked.
pub(super) const UNDECIDED: u8 = 3;

/// The exit code of a report, all of which was written or not.
pub(super) fn code(report: &Report, is_whole: bool) -> u8 {
    match report.verdict {
        Verdict::Fail => FAIL,
        Verdict::Pass if is_whole => PASS,
        Verdict::Pass | Verdict::Undecided => UNDECIDED,
    }
}
