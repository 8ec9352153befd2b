//! The fuzz targets' bodies, which the suite runs over the committed seeds as well.

#[path = "../../tests/it/fuzz/targets.rs"]
mod targets;

/// Lexer and parser.
pub fn template(data: &[u8]) {
    targets::template(data);
}

/// Execution.
pub fn render(data: &[u8]) {
    targets::render(data);
}

/// The YAML reader.
pub fn yaml(data: &[u8]) {
    targets::yaml(data);
}

/// The YAML emitter.
pub fn emit(data: &[u8]) {
    targets::emit(data);
}
