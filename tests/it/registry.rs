//! Rule files load, and their mistakes have places.

use chartgate::checks;
use chartgate::rule::registry::embedded;

#[test]
fn every_built_in_rule_loads() {
    assert_eq!(checks::registry().iter().count(), embedded().len());
}
