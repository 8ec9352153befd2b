//! The fuzz targets' bodies, which the suite runs over the committed seeds as well.

#[path = "../../tests/it/fuzz/targets.rs"]
mod targets;
#[path = "../../tests/it/fuzz/inputs.rs"]
mod inputs;
#[path = "../../tests/it/fuzz/repositories.rs"]
mod repositories;

/// Lexer and parser.
pub fn template(data: &[u8]) {
    targets::template(data);
}

/// Execution.
pub fn render(data: &[u8]) {
    targets::render(data);
}

/// Registries and chart repositories.
pub fn answers(data: &[u8]) {
    targets::answers(data);
}

/// The YAML reader.
pub fn yaml(data: &[u8]) {
    targets::yaml(data);
}

/// The YAML emitter.
pub fn emit(data: &[u8]) {
    targets::emit(data);
}

/// Packaged charts.
pub fn archive(data: &[u8]) {
    inputs::archive(data);
}

/// `.helmignore`.
pub fn helmignore(data: &[u8]) {
    inputs::helmignore(data);
}

/// JSON Schemas with values to judge.
pub fn schema(data: &[u8]) {
    inputs::schema(data);
}

/// Custom resource definitions with objects to judge.
pub fn crd(data: &[u8]) {
    inputs::crd(data);
}

/// Configurations.
pub fn config(data: &[u8]) {
    inputs::config(data);
}

/// Reports in every format.
pub fn report(data: &[u8]) {
    inputs::report(data);
}

/// GitOps files beside a chart.
pub fn gitops(data: &[u8]) {
    repositories::gitops(data);
}

/// Pipelines and what they run.
pub fn pipelines(data: &[u8]) {
    repositories::pipelines(data);
}

/// Fixes of a chart on disk.
pub fn fixes(data: &[u8]) {
    repositories::fixes(data);
}
