//! The functions of a Helm's templates.

use std::sync::{Arc, LazyLock};

use crate::helm::Major;
use crate::template::funcs::Table;

/// Every function of a Helm's templates.
pub(super) fn table(helm: Major) -> &'static Arc<Table> {
    static THREE: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all().without(Major::Three.lacks())));
    static FOUR: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all().without(Major::Four.lacks())));
    helm.pick(&THREE, &FOUR)
}
