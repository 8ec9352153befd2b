//! The password templates of the Master Password algorithm, which `derivePassword` follows.

use super::answers::Answers;
use crate::template::funcs::Fault;

/// What every derivation begins with.
pub(super) const SEED: &[u8] = b"com.lyndir.masterpassword";

/// A password and a salt.
type Master = (Box<[u8]>, Vec<u8>);

/// The keys that were derived last.
static LAST: Answers<Master, [u8; 64]> = Answers::new();

/// The key that scrypt derives from a password.
pub(super) fn master_key(master: &[u8], salt: Vec<u8>) -> Result<[u8; 64], Fault> {
    LAST.get((master.into(), salt), |(master, salt)| {
        let mut key = [0; 64];
        let cost = scrypt::Params::new(15, 8, 2, 64).map_err(|error| error.to_string())?;
        scrypt::scrypt(master, salt, &cost, &mut key).map_err(|error| error.to_string())?;
        Ok(key)
    })
}

/// The templates of a kind of password; each letter stands for a class of characters.
pub(super) fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn class(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The password that a hash chooses: its first byte the template, each further one a character.
pub(super) fn spell(templates: &[&str], hash: &[u8]) -> String {
    let Some((first, rest)) = hash.split_first() else { return String::new() };
    let template = templates[usize::from(*first) % templates.len()];
    let chosen = template.bytes().zip(rest).map(|(letter, byte)| {
        let class = class(letter);
        char::from(class[usize::from(*byte) % class.len()])
    });
    chosen.collect()
}
