//! The checks that are functions, one line each, named as their rule.

use crate::chart::ProblemKind;
use crate::rule::{NativeCheck, Registry};
use crate::schema::Defect;

/// The rule that compares the files which say a chart's version; its fixes are what a new version writes to them.
pub const PARITY: &str = "package-version-mismatch";
/// The rule that a README says the chart's version by.
pub const README: &str = "readme-version-mismatch";

/// The rule on images that Artifact Hub is told of by a tag that can move; pinning gives them their digests.
pub const FLOATING_ANNOTATION: &str = "annotation-image-floating";

mod address;
mod admitted;
mod annotated_images;
mod annotation_changes_stale;
mod annotation_changes_step;
mod annotation_entry_lost;
mod annotation_image_floating;
mod annotation_image_missing;
mod annotation_image_stale;
mod annotation_image_unfound;
mod annotation_invalid;
mod annotation_unknown;
mod api;
mod api_deprecated;
mod api_removed;
mod app_version_changed_alone;
mod app_version_mismatch;
mod archive_differs;
mod archive_name_mismatch;
mod called_template;
mod certain;
mod change_text_cut;
mod changes;
mod chart_api_version_missing;
mod chart_api_version_old;
mod chart_key_unknown;
mod chart_name_invalid;
mod chart_schema_strict;
mod chart_text_unquoted;
mod chart_url_invalid;
mod correction;
mod crd_annotation_missing;
mod crd_annotation_orphan;
mod crd_example_invalid;
mod crd_example_missing;
mod crd_invalid;
mod crd_order;
mod custom_resource_invalid;
mod cuts;
mod dependency_constraint_invalid;
mod dependency_folder_missing;
mod dependency_import_void;
mod dependency_lock_outdated;
mod dependency_missing;
mod dependency_repository_invalid;
mod dependency_unlisted;
mod dependency_vendored_mismatch;
mod differing;
mod edits;
mod file_case_collision;
mod file_secret;
mod file_unwanted;
mod files_path_missing;
mod folder_is_file;
mod format_verb_mismatch;
mod helm_annotation_void;
mod helm_versions_differ;
mod helmignore_too_wide;
mod helmignore_void;
mod helper_name_shared;

mod hook;
mod hook_event_unknown;
mod hook_policy_unknown;
mod hook_weight_invalid;
mod icon_unusable;
mod image_absent;
mod image_digest_inherited;
mod image_digest_malformed;
mod image_digest_missing;
mod image_digest_shared;
mod image_digest_stale;
mod image_platform_missing;
mod image_reference_invalid;
mod image_tag_moved;
mod image_value_unused;
mod known_values;
mod label_invalid;
mod layered;
mod license_invalid;
mod maintainer_email_missing;
mod maintainer_invalid;
mod manifest_indented;
mod manifest_invalid;
mod manifest_key_duplicate;
mod manifest_nondeterministic;
mod manifest_separator_joined;
mod number_notation;
mod object_name_invalid;
mod object_name_long;
mod package;
mod package_app_version_mismatch;
mod package_license_mismatch;
mod package_metadata_invalid;
mod package_name_mismatch;
mod package_version_mismatch;
mod part;
mod printed;
mod problem;
mod push_target_invalid;
mod quoting;
mod readme_examples;
mod readme_version_mismatch;
mod reference_dangling;
mod release_namespace_created;
mod release_too_large;
mod render_failed;
mod render_needs_values;
mod repository_entry_hidden;
mod repository_metadata;
mod repository_metadata_invalid;
mod repository_metadata_unknown;
mod require_digest_unset;
mod requirements_misplaced;
mod resource_policy_void;
mod schema_refused;
mod schema_refuses_condition;
mod schema_refuses_global;
mod secrets;
mod security_update_unmarked;
mod selector_mismatch;
mod selector_unstable;
mod template_extension_unknown;
mod texts;
mod values_key_unknown;
mod values_key_unset;
mod values_null_refused;
mod values_null_void;
mod values_schema_invalid;
mod version_decreased;
mod version_invalid;
mod version_not_raised;
mod version_prerelease_unmarked;
mod version_reused;
mod version_step_skipped;
mod version_step_too_small;
mod version_tag_mismatch;

/// Every native check by the id of its rule.
const CHECKS: &[(&str, NativeCheck)] = &[
    ("annotation-changes-stale", annotation_changes_stale::check),
    ("annotation-changes-step", annotation_changes_step::check),
    ("annotation-entry-lost", annotation_entry_lost::check),
    ("annotation-image-floating", annotation_image_floating::check),
    ("annotation-image-missing", annotation_image_missing::check),
    ("annotation-image-stale", annotation_image_stale::check),
    ("annotation-image-unfound", annotation_image_unfound::check),
    ("annotation-invalid", annotation_invalid::check),
    ("annotation-unknown", annotation_unknown::check),
    ("api-deprecated", api_deprecated::check),
    ("api-removed", api_removed::check),
    ("app-version-changed-alone", app_version_changed_alone::check),
    ("app-version-mismatch", app_version_mismatch::check),
    ("archive-differs", archive_differs::check),
    ("archive-invalid", |context, findings| problem::report(ProblemKind::ArchiveInvalid, context, findings)),
    ("archive-name-mismatch", archive_name_mismatch::check),
    ("change-app-version-major", changes::check),
    ("change-app-version-minor", changes::check),
    ("change-crd-added", changes::check),
    ("change-crd-field-added", changes::check),
    ("change-crd-field-removed", changes::check),
    ("change-crd-field-required", changes::check),
    ("change-crd-field-tightened", changes::check),
    ("change-crd-removed", changes::check),
    ("change-crd-version-added", changes::check),
    ("change-crd-version-removed", changes::check),
    ("change-dependency-added", changes::check),
    ("change-dependency-major", changes::check),
    ("change-dependency-removed", changes::check),
    ("change-immutable-field-changed", changes::check),
    ("change-kube-version-raised", changes::check),
    ("change-resource-added", changes::check),
    ("change-resource-removed", changes::check),
    ("change-schema-tightened", changes::check),
    ("change-text-cut", change_text_cut::check),
    ("change-value-required", changes::check),
    ("change-values-default-identity", changes::check),
    ("change-values-key-added", changes::check),
    ("change-values-key-removed", changes::check),
    ("change-values-type-changed", changes::check),
    ("chart-api-version-missing", chart_api_version_missing::check),
    ("chart-api-version-old", chart_api_version_old::check),
    ("chart-invalid", |context, findings| problem::report(ProblemKind::ChartInvalid, context, findings)),
    ("chart-key-unknown", chart_key_unknown::check),
    ("chart-name-invalid", chart_name_invalid::check),
    ("chart-schema-strict", chart_schema_strict::check),
    ("chart-text-unquoted", chart_text_unquoted::check),
    ("chart-url-invalid", chart_url_invalid::check),
    ("crd-annotation-missing", crd_annotation_missing::check),
    ("crd-annotation-orphan", crd_annotation_orphan::check),
    ("crd-example-invalid", crd_example_invalid::check),
    ("crd-example-missing", crd_example_missing::check),
    ("crd-invalid", crd_invalid::check),
    ("crd-order", crd_order::check),
    ("custom-resource-invalid", custom_resource_invalid::check),
    ("dependency-constraint-invalid", dependency_constraint_invalid::check),
    ("dependency-folder-missing", dependency_folder_missing::check),
    ("dependency-import-void", dependency_import_void::check),
    ("dependency-lock-outdated", dependency_lock_outdated::check),
    ("dependency-missing", dependency_missing::check),
    ("dependency-repository-invalid", dependency_repository_invalid::check),
    ("dependency-unlisted", dependency_unlisted::check),
    ("dependency-vendored-mismatch", dependency_vendored_mismatch::check),
    ("file-case-collision", file_case_collision::check),
    ("file-secret", file_secret::check),
    ("file-too-large", |context, findings| problem::report(ProblemKind::FileTooLarge, context, findings)),
    ("file-unwanted", file_unwanted::check),
    ("files-path-missing", files_path_missing::check),
    ("folder-is-file", folder_is_file::check),
    ("format-value-missing", format_verb_mismatch::missing),
    ("format-verb-mismatch", format_verb_mismatch::check),
    ("helm-annotation-void", helm_annotation_void::check),
    ("helm-versions-differ", helm_versions_differ::check),
    ("helmignore-invalid", |context, findings| problem::report(ProblemKind::HelmignoreInvalid, context, findings)),
    ("helmignore-too-wide", helmignore_too_wide::check),
    ("helmignore-void", helmignore_void::check),
    ("helper-name-shared", helper_name_shared::check),
    ("hook-event-unknown", hook_event_unknown::check),
    ("hook-policy-unknown", hook_policy_unknown::check),
    ("hook-weight-invalid", hook_weight_invalid::check),
    ("icon-unusable", icon_unusable::check),
    ("image-absent", image_absent::check),
    ("image-digest-inherited", image_digest_inherited::check),
    ("image-digest-malformed", image_digest_malformed::check),
    ("image-digest-missing", image_digest_missing::check),
    ("image-digest-shared", image_digest_shared::check),
    ("image-digest-stale", image_digest_stale::check),
    ("image-platform-missing", image_platform_missing::check),
    ("image-reference-invalid", image_reference_invalid::check),
    ("image-tag-moved", image_tag_moved::check),
    ("image-value-unused", image_value_unused::check),
    ("label-invalid", label_invalid::check),
    ("license-invalid", license_invalid::check),
    ("maintainer-email-missing", maintainer_email_missing::check),
    ("maintainer-invalid", maintainer_invalid::check),
    ("manifest-field-invalid", |context, findings| admitted::check(Defect::Value, context, findings)),
    ("manifest-field-unknown", |context, findings| admitted::check(Defect::Unknown, context, findings)),
    ("manifest-indented", manifest_indented::check),
    ("manifest-invalid", manifest_invalid::check),
    ("manifest-key-duplicate", manifest_key_duplicate::check),
    ("manifest-list-duplicate", |context, findings| admitted::check(Defect::Repeated, context, findings)),
    ("manifest-nondeterministic", manifest_nondeterministic::check),
    ("manifest-separator-joined", manifest_separator_joined::check),
    ("number-notation", number_notation::check),
    ("object-name-invalid", object_name_invalid::check),
    ("object-name-long", object_name_long::check),
    ("package-app-version-mismatch", package_app_version_mismatch::check),
    ("package-license-mismatch", package_license_mismatch::check),
    ("package-metadata-invalid", package_metadata_invalid::check),
    ("package-name-mismatch", package_name_mismatch::check),
    ("package-version-mismatch", package_version_mismatch::check),
    ("provenance-invalid", |context, findings| problem::report(ProblemKind::ProvenanceInvalid, context, findings)),
    ("push-target-invalid", push_target_invalid::check),
    ("readme-version-mismatch", readme_version_mismatch::check),
    ("reference-dangling", reference_dangling::check),
    ("release-namespace-created", release_namespace_created::check),
    ("release-too-large", release_too_large::check),
    ("render-failed", render_failed::check),
    ("render-needs-values", render_needs_values::check),
    ("repository-entry-hidden", repository_entry_hidden::check),
    ("repository-metadata-invalid", repository_metadata_invalid::check),
    ("repository-metadata-unknown", repository_metadata_unknown::check),
    ("require-digest-unset", require_digest_unset::check),
    ("requirements-misplaced", requirements_misplaced::check),
    ("resource-policy-void", resource_policy_void::check),
    ("schema-refuses-condition", schema_refuses_condition::check),
    ("schema-refuses-global", schema_refuses_global::check),
    ("security-update-unmarked", security_update_unmarked::check),
    ("selector-mismatch", selector_mismatch::check),
    ("selector-unstable", selector_unstable::check),
    ("symlink-broken", |context, findings| problem::report(ProblemKind::SymlinkBroken, context, findings)),
    ("symlink-outside", |context, findings| problem::report(ProblemKind::SymlinkOutside, context, findings)),
    ("template-extension-unknown", template_extension_unknown::check),
    ("values-key-unknown", values_key_unknown::check),
    ("values-key-unset", values_key_unset::check),
    ("values-null-refused", values_null_refused::check),
    ("values-null-void", values_null_void::check),
    ("values-schema-invalid", values_schema_invalid::check),
    ("version-decreased", version_decreased::check),
    ("version-invalid", version_invalid::check),
    ("version-not-raised", version_not_raised::check),
    ("version-prerelease-unmarked", version_prerelease_unmarked::check),
    ("version-reused", version_reused::check),
    ("version-step-skipped", version_step_skipped::check),
    ("version-step-too-small", version_step_too_small::check),
    ("version-tag-mismatch", version_tag_mismatch::check),
    ("yaml-invalid", |context, findings| problem::report(ProblemKind::YamlInvalid, context, findings)),
    ("yaml-key-duplicate", |context, findings| problem::report(ProblemKind::YamlKeyDuplicate, context, findings)),
];

/// The check of a native rule.
pub fn find(id: &str) -> Option<NativeCheck> {
    CHECKS.iter().find(|(name, _)| *name == id).map(|(_, check)| *check)
}

/// The ids of all native checks, in the order of the list.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, _)| *id)
}

/// Every built-in rule.
pub fn registry() -> Registry {
    Registry::built_in(find)
}
