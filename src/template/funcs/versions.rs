//! Semantic versions: `semverCompare`, `semver` and the methods of what it returns.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::any::Any;

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::semver::{Constraints, Version};
use crate::template::value::{Data, Object, Value};

const POINTER: &str = "*semver.Version";
const OTHER: &[Type] = &[Type::Named(POINTER)];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("semver", &[Type::String], semver),
    Func::new("semverCompare", &[Type::String, Type::String], semver_compare),
];

const METHODS: &[Func] = &[
    Func::new("Compare", OTHER, compare),
    Func::new("Equal", OTHER, equal),
    Func::new("GreaterThan", OTHER, greater),
    Func::new("GreaterThanEqual", OTHER, greater_equal),
    Func::new("LessThan", OTHER, less),
    Func::new("LessThanEqual", OTHER, less_equal),
    Func::new("Original", &[], original),
];

const VALUE_METHODS: &[Func] = &[
    Func::new("IncMajor", &[], inc_major),
    Func::new("IncMinor", &[], inc_minor),
    Func::new("IncPatch", &[], inc_patch),
    Func::new("Major", &[], major),
    Func::new("Metadata", &[], metadata),
    Func::new("Minor", &[], minor),
    Func::new("Patch", &[], patch),
    Func::new("Prerelease", &[], prerelease),
    Func::new("SetMetadata", &[Type::String], set_metadata),
    Func::new("SetPrerelease", &[Type::String], set_prerelease),
    Func::new("String", &[], string),
];

/// A `*semver.Version`, or a `semver.Version` as the `Inc…` methods return it.
#[derive(Debug)]
struct Boxed {
    version: Version,
    pointer: bool,
}

impl Object for Boxed {
    fn type_name(&self) -> &'static str {
        if self.pointer { POINTER } else { "semver.Version" }
    }

    fn kind(&self) -> &'static str {
        if self.pointer { "ptr" } else { "struct" }
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        // A version that is no pointer only has the methods of values.
        let methods = if self.pointer { METHODS } else { VALUE_METHODS };
        methods.iter().chain(VALUE_METHODS).find(|method| method.name == name)
    }

    fn string(&self) -> Option<String> {
        Some(self.version.to_string())
    }

    fn json(&self) -> Option<Value> {
        Some(self.version.to_string().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn made(version: Version, pointer: bool) -> Result<Value, Fault> {
    Ok(Value::object(Boxed { version, pointer }))
}

fn version(value: &Value) -> Result<&Version, Fault> {
    value.as_object::<Boxed>().map(|boxed| &boxed.version).ok_or_else(|| super::show::NIL_POINTER.into())
}

/// Steps that reading a version or a range of versions is worth, however short it is.
const READING: u64 = 20;
/// Bytes of one that are read in the time of a step.
const READ_PER_STEP: u64 = 4;

/// Takes the steps of reading versions and ranges.
fn read(call: &mut Call<'_>, args: &[Value]) -> Result<(), Fault> {
    args.iter().try_for_each(|text| Ok(call.step(READING + text.bytes().len() as u64 / READ_PER_STEP)?))
}

fn semver(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    read(call, args)?;
    made(Version::parse(&args[0].text())?, true)
}

fn semver_compare(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    read(call, args)?;
    let range = Constraints::parse(&args[0].text())?;
    let version = Version::parse(&args[1].text())?;
    Ok(range.admits(&version).into())
}

fn major(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Uint64(version(&args[0])?.major).into())
}

fn minor(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Uint64(version(&args[0])?.minor).into())
}

fn patch(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Uint64(version(&args[0])?.patch).into())
}

fn prerelease(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(version(&args[0])?.pre.as_str().into())
}

fn metadata(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(version(&args[0])?.metadata.as_str().into())
}

fn original(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(version(&args[0])?.original.as_str().into())
}

fn string(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(version(&args[0])?.to_string().into())
}

fn inc_major(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(version(&args[0])?.next_major(), false)
}

fn inc_minor(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(version(&args[0])?.next_minor(), false)
}

fn inc_patch(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(version(&args[0])?.next_patch(), false)
}

fn set_prerelease(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(version(&args[0])?.with_pre(&args[1].text())?, false)
}

fn set_metadata(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(version(&args[0])?.with_metadata(&args[1].text())?, false)
}

fn ordering(args: &[Value]) -> Result<std::cmp::Ordering, Fault> {
    Ok(version(&args[0])?.compare(version(&args[1])?))
}

fn compare(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Int(ordering(args)? as i64).into())
}

fn equal(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(ordering(args)?.is_eq().into())
}

fn greater(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(ordering(args)?.is_gt().into())
}

fn greater_equal(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(ordering(args)?.is_ge().into())
}

fn less(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(ordering(args)?.is_lt().into())
}

fn less_equal(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(ordering(args)?.is_le().into())
}
