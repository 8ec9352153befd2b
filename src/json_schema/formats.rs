//! What Helm's library (santhosh-tekuri/jsonschema) checks of texts, whatever the draft: more formats than `jsonschema`, and no content.

use std::sync::LazyLock;

use jsonschema::{ValidationOptions, Validator};
use regex::Regex;
use serde_json::json;

/// The options with Helm's formats, and without what Helm passes over.
pub(super) fn of_helm(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    options
        .with_format("uuid", is_uuid)
        .with_format("duration", is_duration)
        .with_format("period", is_period)
        .with_format("semver", |text: &str| semver::Version::parse(text).is_ok())
        .without_content_encoding_support("base64")
        .without_content_media_type_support("application/json")
}

/// RFC 4122.
fn is_uuid(text: &str) -> bool {
    static UUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$").expect("the pattern is fixed")
    });
    UUID.is_match(text)
}

/// RFC 3339, appendix A.
fn is_duration(text: &str) -> bool {
    static DURATION: LazyLock<Regex> = LazyLock::new(|| {
        let parts = "(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?";
        Regex::new(&format!("^P(?:[0-9]+W|{parts})$")).expect("the pattern is fixed")
    });
    DURATION.is_match(text) && !text.ends_with(['P', 'T'])
}

/// RFC 3339, appendix A: two times, or a time and a duration.
fn is_period(text: &str) -> bool {
    static TIME: LazyLock<Validator> = LazyLock::new(|| {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&json!({"format": "date-time"})).expect("the schema is fixed")
    });
    let is_time = |text: &str| TIME.is_valid(&json!(text));
    let Some((start, end)) = text.split_once('/') else { return false };
    match (start.starts_with('P'), end.starts_with('P')) {
        (true, _) => is_duration(start) && is_time(end),
        (false, true) => is_time(start) && is_duration(end),
        (false, false) => is_time(start) && is_time(end),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_duration, is_period, is_uuid};

    #[test]
    fn texts_have_the_forms_that_helm_takes() {
        for text in ["P1Y2M3D", "PT5M", "P4W", "P1DT12H"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["P", "PT", "P1YT", "5m", "P1M1Y", "P1W1D", "PT1D", "p1d"] {
            assert!(!is_duration(text), "{text}");
        }
        let time = "2026-01-02T03:04:05Z";
        for text in [format!("{time}/{time}"), format!("{time}/P1D"), format!("P1D/{time}")] {
            assert!(is_period(&text), "{text}");
        }
        for text in ["P1D/P1D", "P1D", "a/b"] {
            assert!(!is_period(text), "{text}");
        }
        assert!(is_uuid("0f8fad5b-d9cb-469f-a165-70867728950E") && !is_uuid("0f8fad5bd9cb469fa16570867728950e"));
    }
}
