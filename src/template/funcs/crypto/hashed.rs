//! Passwords as bcrypt hashes them. One takes as long as the rest of a chart, and each rendering of a chart asks for the same.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::template::funcs::Fault;

/// The cost that Go's `bcrypt.DefaultCost` is.
const COST: u32 = 10;
/// Hashes that are kept.
const KEPT: usize = 64;

struct Hashed {
    salt: [u8; 16],
    password: Box<[u8]>,
    text: String,
}

/// What bcrypt makes of a password of up to 72 bytes.
pub(super) fn text(password: &[u8], salt: [u8; 16]) -> Result<String, Fault> {
    let is_it = |hashed: &&Hashed| hashed.salt == salt && *hashed.password == *password;
    let known = kept().iter().find(is_it).map(|hashed| hashed.text.clone());
    if let Some(text) = known {
        return Ok(text);
    }
    let hash = bcrypt::hash_with_salt(password, COST, salt).map_err(|error| error.to_string())?;
    let text = hash.format_for_version(bcrypt::Version::TwoA);
    let mut kept = kept();
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(Hashed { salt, password: password.into(), text: text.clone() });
    Ok(text)
}

/// The hashes that were made last, for the whole process.
fn kept() -> MutexGuard<'static, VecDeque<Hashed>> {
    static LAST: Mutex<VecDeque<Hashed>> = Mutex::new(VecDeque::new());
    // A panic elsewhere leaves the list whole.
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}
