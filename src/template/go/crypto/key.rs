//! Private keys: RSA, DSA, ECDSA on P-256 and Ed25519.
//!
//! RSA keys are products of two primes out of a stock, because finding primes of 1024 bits takes longer than rendering a chart may. Templates
//! cannot tell the difference: a key parses, signs, and fits its certificate; two calls give two keys, most of the time.

use super::der::{self, Reader};
use super::primes::{DSA, PRIMES_1024, PRIMES_2048};
use super::rsa::EXPONENT;
pub use super::rsa::Rsa;
use super::{RandomBytes, pem};
use num_bigint::BigUint;
use p256::ecdsa::signature::Signer;
use p256::elliptic_curve::sec1::ToEncodedPoint;

const RSA_OID: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const SHA256_RSA_OID: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const EC_OID: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const P256_OID: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const SHA256_ECDSA_OID: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const ED25519_OID: &[u8] = &[0x2B, 0x65, 0x70];
/// A private key.
#[derive(Debug, Clone)]
pub enum Key {
    /// Its primes and what follows from them.
    Rsa(Rsa),
    /// Only ever printed: Go signs no certificates with it.
    Dsa(Vec<u8>),
    /// The scalar.
    Ecdsa(p256::SecretKey),
    /// The seed.
    Ed25519([u8; 32]),
}

/// A number below `bound`, near enough evenly.
fn below(random: &mut RandomBytes<'_>, bound: &BigUint) -> BigUint {
    let mut bytes = vec![0; bound.to_bytes_be().len() + 8];
    random(&mut bytes);
    BigUint::from_bytes_be(&bytes) % bound
}

fn hex(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).expect("the stock is hexadecimal")
}

impl Key {
    /// An RSA key of 2048 bits.
    pub fn rsa_2048(random: &mut RandomBytes<'_>) -> Self {
        Self::rsa(random, &PRIMES_1024)
    }

    /// An RSA key of 4096 bits.
    pub fn rsa_4096(random: &mut RandomBytes<'_>) -> Self {
        Self::rsa(random, &PRIMES_2048)
    }

    fn rsa(random: &mut RandomBytes<'_>, stock: &[&str]) -> Self {
        let mut bytes = [0; 2];
        random(&mut bytes);
        let first = usize::from(bytes[0]) % stock.len();
        let second = (first + 1 + usize::from(bytes[1]) % (stock.len() - 1)) % stock.len();
        let (one, other) = (hex(stock[first]), hex(stock[second]));
        Self::Rsa(Rsa::of_stock(one.clone().max(other.clone()), one.min(other)))
    }

    /// A DSA key of 2048 and 256 bits.
    pub fn dsa(random: &mut RandomBytes<'_>) -> Self {
        let [modulus, order, generator] = DSA.map(hex);
        let secret = below(random, &(&order - 1_u32)) + 1_u32;
        let public = generator.modpow(&secret, &modulus);
        let parts = [BigUint::ZERO, modulus, order, generator, public, secret];
        Self::Dsa(der::sequence(&parts.each_ref().map(der::integer)))
    }

    /// An ECDSA key on P-256.
    pub fn ecdsa(random: &mut RandomBytes<'_>) -> Self {
        loop {
            let mut bytes = [0; 32];
            random(&mut bytes);
            if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                return Self::Ecdsa(key);
            }
        }
    }

    /// An Ed25519 key.
    pub fn ed25519(random: &mut RandomBytes<'_>) -> Self {
        let mut seed = [0; 32];
        random(&mut seed);
        Self::Ed25519(seed)
    }

    /// The key as sprig prints it.
    pub fn to_pem(&self) -> String {
        match self {
            Self::Rsa(rsa) => pem::encode("RSA PRIVATE KEY", &rsa.to_der()),
            Self::Dsa(der) => pem::encode("DSA PRIVATE KEY", der),
            Self::Ecdsa(key) => pem::encode("EC PRIVATE KEY", &ec_der(key)),
            Self::Ed25519(seed) => {
                let algorithm = der::sequence(&[der::value(der::OBJECT, ED25519_OID)]);
                let seed = der::value(der::OCTET_STRING, &der::value(der::OCTET_STRING, seed));
                let parts = [der::integer(&BigUint::ZERO), algorithm, seed];
                pem::encode("PRIVATE KEY", &der::sequence(&parts))
            }
        }
    }

    /// Reads what [`Key::to_pem`] writes, and RSA and EC keys in PKCS #8.
    ///
    /// # Errors
    /// sprig's messages.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        let failed = |what: &str| format!("{what}: asn1: structure error: malformed key");
        match block.label.as_str() {
            "PRIVATE KEY" => pkcs8(&block.bytes).ok_or_else(|| failed("decoding PEM as PKCS#8")),
            "RSA PRIVATE KEY" => {
                Rsa::from_der(&block.bytes).map(Self::Rsa).ok_or_else(|| failed("parsing RSA private key from PEM"))
            }
            "EC PRIVATE KEY" => ec_key(&block.bytes).ok_or_else(|| failed("parsing EC private key from PEM")),
            "DSA PRIVATE KEY" => Ok(Self::Dsa(block.bytes)),
            label => Err(match label.strip_suffix(" PRIVATE KEY") {
                Some(kind) => format!("invalid private key type {kind}"),
                None => format!("no private key data in PEM block of type {label}"),
            }),
        }
    }

    /// The SubjectPublicKeyInfo, and the bits in it.
    ///
    /// # Errors
    /// Go's message for keys that certificates cannot hold.
    pub(super) fn public(&self) -> Result<(Vec<u8>, Vec<u8>), String> {
        let (algorithm, bits) = match self {
            Self::Rsa(rsa) => {
                let algorithm = vec![der::value(der::OBJECT, RSA_OID), der::value(0x05, &[])];
                (algorithm, der::sequence(&[der::integer(&rsa.modulus()), der::integer(&BigUint::from(EXPONENT))]))
            }
            Self::Ecdsa(key) => {
                let algorithm = vec![der::value(der::OBJECT, EC_OID), der::value(der::OBJECT, P256_OID)];
                (algorithm, public_point(key))
            }
            Self::Ed25519(seed) => {
                let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(*seed));
                (vec![der::value(der::OBJECT, ED25519_OID)], pair.pk.to_vec())
            }
            Self::Dsa(_) => {
                return Err(
                    "x509: only RSA, ECDSA, Ed25519, and ML-DSA keys supported, but got *dsa.PublicKey".to_owned()
                );
            }
        };
        Ok((der::sequence(&[der::sequence(&algorithm), der::bits(&bits)]), bits))
    }

    /// The identifier of the signatures it makes.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) | Self::Dsa(_) => {
                der::sequence(&[der::value(der::OBJECT, SHA256_RSA_OID), der::value(0x05, &[])])
            }
            Self::Ecdsa(_) => der::sequence(&[der::value(der::OBJECT, SHA256_ECDSA_OID)]),
            Self::Ed25519(_) => der::sequence(&[der::value(der::OBJECT, ED25519_OID)]),
        }
    }

    /// Signs bytes, always with the same result.
    ///
    /// # Errors
    /// Go's message for keys that cannot sign certificates.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(rsa) => Ok(rsa.sign(message)),
            Self::Ecdsa(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(key).sign(message);
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::Ed25519(seed) => {
                let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(*seed));
                Ok(pair.sk.sign(message, None).to_vec())
            }
            Self::Dsa(_) => Err("x509: certificate private key does not implement crypto.Signer".to_owned()),
        }
    }
}

/// The public key, uncompressed.
fn public_point(key: &p256::SecretKey) -> Vec<u8> {
    key.public_key().to_encoded_point(false).as_bytes().to_vec()
}

fn ec_der(key: &p256::SecretKey) -> Vec<u8> {
    let public = der::bits(&public_point(key));
    der::sequence(&[
        der::integer(&BigUint::from(1_u32)),
        der::value(der::OCTET_STRING, &key.to_bytes()),
        der::value(0xA0, &der::value(der::OBJECT, P256_OID)),
        der::value(0xA1, &public),
    ])
}

fn ec_key(bytes: &[u8]) -> Option<Key> {
    let mut parts = Reader(bytes).sequence()?;
    let _version = parts.integer()?;
    p256::SecretKey::from_slice(parts.expect(der::OCTET_STRING)?).ok().map(Key::Ecdsa)
}

fn pkcs8(bytes: &[u8]) -> Option<Key> {
    let mut parts = Reader(bytes).sequence()?;
    let _version = parts.integer()?;
    let algorithm = parts.sequence()?.expect(der::OBJECT)?;
    let content = parts.expect(der::OCTET_STRING)?;
    match algorithm {
        RSA_OID => Rsa::from_der(content).map(Key::Rsa),
        EC_OID => ec_key(content),
        ED25519_OID => Reader(content).expect(der::OCTET_STRING)?.try_into().ok().map(Key::Ed25519),
        _ => None,
    }
}
