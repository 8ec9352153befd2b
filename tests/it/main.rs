//! The integration tests, one binary: each module tests one promise from the outside.
#![expect(clippy::disallowed_methods, reason = "tests make real files and start the real program")]

/// The steps of the GitHub Action do what they say.
mod action;
/// A baseline lets what was there before pass.
mod baseline;
/// What compares much with much comes to an end.
mod bounds;
/// A disk that breaks loses no finding.
mod broken_disk;
mod broken_network;
/// A version is raised wherever it stands.
mod bump;
/// Packaged charts are read with Helm's care.
mod chart_archive;
/// Charts in folders are loaded as Helm would package them.
mod chart_dir;
mod checkouts;
/// The program as a user starts it.
mod cli;
/// Custom resource definitions, their examples and Artifact Hub's annotations.
mod custom_resources;
/// Dependencies, wherever they lie.
mod definitions;
mod departed;
mod dependencies;
/// The table of dependencies is what a check says.
mod dependency_matrix;
/// A repository without charts is judged by what it deploys.
mod deployments;
/// What changed in a chart, and the version that calls for.
mod diff;
/// What is shipped fits together.
mod distribution;
/// What the documents say to type can be typed.
mod documented;
/// Template functions against recorded Helm.
mod expressions;
/// A configuration is laid over others.
mod extends;
/// A server on loopback that answers as it is told.
mod fault_server;
/// No error on the way to a verdict is swallowed.
mod faults;
/// Fixes change what they are for and nothing else.
mod fix;
/// The charts of `testdata/`, judged without the gate.
mod fixture;
/// Every format says the same of one report.
mod formats;
/// The fuzz targets over their seeds.
mod fuzz;
/// What a chart is compared with.
mod git_base;
/// Real repositories to test on, built by git.
mod git_repo;
/// Repositories are found as git finds them, and their revisions are trees.
mod git_source;
/// Whatever the real `helm lint` reports is reported.
mod helm_defaults;
mod helm_lint;
mod helm_majors;
/// `.helmignore` by Helm's rules.
mod helmignore;
/// Nothing in a checkout is executed, and nothing outside it printed.
mod hostile_checkout;
/// No text of a chart is obeyed by who reads the output.
mod hostile_text;
/// The container image starts.
mod image;
/// Releases that an index lists.
mod index_faults;
/// What a session keeps of one run for the next is never old.
mod kept;
/// The embedded definitions of Kubernetes' kinds.
mod kubernetes;
mod kubernetes_cases;
mod kubernetes_targets;
mod kubernetes_validate;
/// Overlays run the images that kustomize gives them.
mod kustomize;
/// Modules import only from the layers below them.
mod layers;
/// An editor is served while it types.
mod lsp;
/// An editor that speaks with the language server.
mod lsp_client;
/// Formats that machines read meet their schemas.
mod machine_formats;
/// The rule files, their documentation and their schema agree.
mod meta;
/// Whatever a server or a helper does, it ends soon.
mod network_limits;
/// Who may learn who asks, and which addresses are asked at all.
mod network_trust;
/// Whatever goes wrong at a registry is a failure.
mod oci_faults;
/// Releases in a real registry, put there by the real Helm.
mod oci_registry;
/// Packages are Helm's, and always the same.
mod package;
/// Digests are asked of registries and written to the values that templates read.
mod pin;
/// Pipelines are followed as far as they go.
mod pipelines;
/// The policy cannot be bent in silence by what it judges.
mod policy;
/// The hook works with the real pre-commit.
mod pre_commit;
/// The page on profiles says of every field what is done with it.
mod profiles;
/// Tags and folders of packages say what is out.
mod published;
/// What a schema refuses hides nothing else.
mod refused_values;
/// Rule files load, and their mistakes have places.
mod registry;
/// A release from the first check to the pull.
mod release;
/// Archives, verdict files and what changed.
mod release_files;
/// Charts render to what Helm renders them to.
mod render;
mod render_again;
/// Registries are asked for images where somebody wants it.
mod resolve;
/// What deployments rest on.
mod rests;
/// What rule files show of faults is what the rules find.
mod rule_faults;
/// Every rule says what its fixtures record.
mod rules;
/// One session judges many requests.
mod session;
/// What counts for a chart, and who says so.
mod settings;
/// Something in the place of sockets.
mod stand_in;
/// What suppresses a finding.
mod suppressed;
/// Templates do what Helm's do, and know what they read.
mod template;
/// Which rules of the user's count for which chart.
mod user_rules;
/// What a check says wherever HEAD may stand.
mod values_documents;
/// What lies in `charts/` is what its repository has.
mod vendored;
mod verdicts;
/// Which changes call for a new version.
mod version_rules;
