//! Keys and certificates as Go's `crypto/x509` writes them, for templates that make their own.
//!
//! All randomness is handed in. RSA keys are put together from a small stock of primes ([`key`] says why), so nothing made here is secret.

pub mod certificate;
mod der;
pub mod key;
pub mod pem;
mod power;
mod primes;
mod rsa;

/// A source of random bytes.
pub type RandomBytes<'a> = dyn FnMut(&mut [u8]) + 'a;
