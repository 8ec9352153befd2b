//! How long a run took, stage by stage and rule by rule.

use std::time::Duration;

use crate::gate::Timings;
use crate::text::printable::Printable;

/// Rules that are shown one by one.
const SHOWN: usize = 40;

/// The times of all stages, and of the rules that took longest.
pub fn timings(timings: &Timings) -> Printable {
    let (stages, rules) = (timings.stages(), timings.rules());
    let whole: Duration = stages.iter().map(|(_, took)| *took).sum();
    let of_whole = |took: Duration| 100.0 * took.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
    let line = |words: &str, took: Duration| {
        Printable::line(format!("{:9.1} ms {:5.1} %  {words}", 1000.0 * took.as_secs_f64(), of_whole(took)))
    };
    let mut said = Printable::line("time by stage, on all threads together:");
    for (stage, took) in &stages {
        said.push(&line(stage.words(), *took));
    }
    if !rules.is_empty() {
        said.push(&Printable::line("time by rule:"));
    }
    for (rule, took) in rules.iter().take(SHOWN) {
        said.push(&line(rule, *took));
    }
    if let Some(rest) = rules.get(SHOWN..).filter(|rest| !rest.is_empty()) {
        said.push(&line(&format!("{} other rules", rest.len()), rest.iter().map(|(_, took)| *took).sum()));
    }
    said
}
