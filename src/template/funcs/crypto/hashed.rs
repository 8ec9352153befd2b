//! Passwords as bcrypt hashes them.

use super::answers::Answers;
use crate::template::funcs::Fault;

/// The cost that Go's `bcrypt.DefaultCost` is.
const COST: u32 = 10;

/// The hashes that were made last, by password and salt.
static LAST: Answers<(Box<[u8]>, [u8; 16]), String> = Answers::new();

/// What bcrypt makes of a password of up to 72 bytes.
pub(super) fn text(password: &[u8], salt: [u8; 16]) -> Result<String, Fault> {
    LAST.get((password.into(), salt), |(password, salt)| {
        let hash = bcrypt::hash_with_salt(password, COST, *salt).map_err(|error| error.to_string())?;
        Ok(hash.format_for_version(bcrypt::Version::TwoA))
    })
}
