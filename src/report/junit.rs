//! JUnit's XML, as Jenkins, GitLab and most CI systems read it: a suite for each chart, a case for each finding.

use std::collections::BTreeSet;

use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::group::{self, Group};
use super::{place_of, policy, shown, suppressed};
use crate::finding::{ChartReport, Failure, Report, Skipped, Status};
use crate::text::Sources;
use crate::text::printable::{Printable, plain, single_line};

/// The class of what is about no chart.
const CLASS: &str = "chartgate";

pub(super) fn render(report: &Report, sources: &Sources) -> Printable {
    let mut document = Document::new("chartgate");
    let groups = group::by_chart(report);
    let mut names = Names::default();
    for chart in &report.charts {
        document.add_test_suite(suite(chart, report, &groups, &mut names, sources));
    }
    let is_of_a_chart = |path: &Option<String>| report.charts.iter().any(|chart| path.as_ref() == Some(&chart.path));
    let mut rest = TestSuite::new("chartgate");
    for (name, words) in [("policy", policy(report)), ("suppressed", suppressed(report))] {
        for suite in &mut document.test_suites {
            suite.properties.extend(words.iter().map(|words| Property::new(name, single_line(words))));
        }
    }
    let others = groups.iter().filter(|group| !is_of_a_chart(&group.first().chart));
    rest.add_test_cases(others.map(|group| case(group, report, &mut names, sources)));
    let failures = report.failures.iter().filter(|failure| !is_of_a_chart(&failure.chart));
    rest.add_test_cases(failures.map(|failure| not_checked(failure, &mut names, sources)));
    rest.add_test_cases(report.skipped.iter().map(|each| skipped(each, &mut names)));
    if !rest.test_cases.is_empty() {
        document.add_test_suite(rest);
    }
    let text = document.to_string().expect("names and texts without control characters are XML");
    Printable::document(text + "\n")
}

/// The names of cases that are taken, each with its class: readers take two cases of one name for one.
#[derive(Default)]
struct Names(BTreeSet<(String, String)>);

impl Names {
    /// A case with a name of its own within its class: what it says is added where the name is taken, then a number.
    fn case(&mut self, class: &str, name: &str, said: &str, status: TestCaseStatus) -> TestCase {
        let class = single_line(class);
        let more = format!("{name}: {}", single_line(said));
        let mut own = name.to_owned();
        let mut number = 1;
        while !self.0.insert((class.clone(), own.clone())) {
            own = if number == 1 { more.clone() } else { format!("{more} ({number})") };
            number += 1;
        }
        let mut case = TestCase::new(own, status);
        case.set_classname(class);
        case
    }
}

fn suite(
    chart: &ChartReport,
    report: &Report,
    groups: &[Group<'_>],
    names: &mut Names,
    sources: &Sources,
) -> TestSuite {
    let mut suite = TestSuite::new(single_line(&chart.path));
    let compared = chart.compared_with.iter().map(|with| Property::new("comparedWith", single_line(&with.place)));
    suite.properties.extend(compared);
    let own = groups.iter().filter(|group| group.first().chart.as_ref() == Some(&chart.path));
    suite.add_test_cases(own.map(|group| case(group, report, names, sources)));
    let failures = report.failures.iter().filter(|failure| failure.chart.as_ref() == Some(&chart.path));
    suite.add_test_cases(failures.map(|failure| not_checked(failure, names, sources)));
    if suite.test_cases.is_empty() {
        suite.add_test_case(names.case(&chart.path, "no findings", "", TestCaseStatus::success()));
    }
    suite
}

/// What fails the run is a failed case; what does not is a case that says so; what is suppressed was skipped.
fn case(group: &Group<'_>, report: &Report, names: &mut Names, sources: &Sources) -> TestCase {
    let finding = group.first();
    let fails = report.fail_on.is_some_and(|threshold| finding.severity >= threshold);
    let place = single_line(&shown(sources, finding.primary.location));
    let message = single_line(&group.message());
    let help = group.advice().map(|help| format!("\nhelp: {}", plain(help))).unwrap_or_default();
    let said = format!("{place}: {} {}: {message}{help}", finding.severity, finding.rule);
    let status = match &finding.status {
        Status::Open if fails => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_type(finding.severity.to_string()).set_description(said.clone());
            status
        }
        Status::Open => TestCaseStatus::success(),
        Status::Suppressed { by, reason } => not_run(&format!("suppressed by {by}: {reason}")),
        Status::Baseline => not_run("in the baseline"),
    };
    let is_quiet = status == TestCaseStatus::success();
    let (class, name) = (finding.chart.as_deref().unwrap_or(CLASS), format!("{} {place}", single_line(&finding.rule)));
    let mut case = names.case(class, &name, &group.message(), status);
    if is_quiet {
        case.set_system_out(said);
    }
    case
}

fn not_run(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(single_line(reason));
    status
}

fn not_checked(failure: &Failure, names: &mut Names, sources: &Sources) -> TestCase {
    let place = place_of(failure, sources).map(|place| format!(" {}", single_line(&place))).unwrap_or_default();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let help = failure.help.as_deref().map(|help| format!("\nhelp: {}", plain(help))).unwrap_or_default();
    status.set_message(single_line(&failure.message)).set_type(format!("failure-{}", failure.kind));
    status.set_description(format!("{}{help}", plain(&failure.message)));
    let (class, name) = (failure.chart.as_deref().unwrap_or(CLASS), format!("failure {}{place}", failure.kind));
    names.case(class, &name, &failure.message, status)
}

fn skipped(skipped: &Skipped, names: &mut Names) -> TestCase {
    let name = if skipped.is_all() { "not judged" } else { &skipped.rule };
    names.case("skipped", name, &skipped.reason, not_run(&skipped.reason))
}
