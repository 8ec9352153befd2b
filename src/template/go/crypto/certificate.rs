//! X.509 certificates as sprig makes them with Go's `x509.CreateCertificate`.

use std::net::IpAddr;

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::key::Key;
use super::{RandomBytes, pem};
use crate::template::go::time::Time;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const SUBJECT_KEY: &[u8] = &[0x55, 0x1D, 0x0E];
const AUTHORITY_KEY: &[u8] = &[0x55, 0x1D, 0x23];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1D, 0x11];
const SERVER_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// What a certificate says.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The common name.
    pub name: &'a str,
    /// Addresses it is for.
    pub addresses: Vec<IpAddr>,
    /// Host names it is for.
    pub hosts: Vec<String>,
    /// Days that it is valid.
    pub days: i64,
    /// Whether it may sign others.
    pub is_authority: bool,
}

/// The certificate that signs another: its name and its key's identifier.
#[derive(Debug, Clone)]
pub struct Issuer {
    name: Vec<u8>,
    key_id: Vec<u8>,
}

impl Issuer {
    /// Reads a certificate in PEM; `None` if there is none in the text.
    ///
    /// # Errors
    /// A message like Go's for a certificate that cannot be read.
    pub fn from_pem(text: &str) -> Option<Result<Self, String>> {
        let block = pem::decode(text)?;
        Some(Self::from_der(&block.bytes).ok_or_else(|| "x509: malformed certificate".to_owned()))
    }

    fn from_der(bytes: &[u8]) -> Option<Self> {
        let mut body = Reader(bytes).sequence()?.sequence()?;
        let mut values = vec![];
        while let Some(value) = body.next() {
            values.push(value);
        }
        // The version is left out in the first version; then come serial number, algorithm, issuer, validity, subject.
        let first = usize::from(values.first()?.0 == 0xA0);
        let (tag, _, name) = *values.get(first + 4)?;
        let extensions = values.iter().find(|(tag, ..)| *tag == 0xA3);
        let key_id = extensions.and_then(|(_, content, _)| subject_key_id(content)).unwrap_or_default();
        if tag == der::SEQUENCE { Some(Self { name: name.to_vec(), key_id }) } else { None }
    }
}

fn subject_key_id(extensions: &[u8]) -> Option<Vec<u8>> {
    let mut all = Reader(extensions).sequence()?;
    while let Some(mut extension) = all.sequence() {
        if extension.expect(der::OBJECT)? == SUBJECT_KEY {
            return Reader(extension.expect(der::OCTET_STRING)?).expect(der::OCTET_STRING).map(<[u8]>::to_vec);
        }
    }
    None
}

/// A certificate in PEM for the public half of `key`. `signer` is the issuer and its key; without one the certificate signs itself.
///
/// # Errors
/// Go's messages for keys that cannot be certified or cannot sign.
pub fn create(
    subject: &Subject<'_>,
    key: &Key,
    signer: Option<(&Issuer, &Key)>,
    now: &Time,
    random: &mut RandomBytes<'_>,
) -> Result<String, String> {
    let mut serial = [0; 16];
    random(&mut serial);
    let name = common_name(subject.name);
    let (issuer, signing) = signer.map_or((&name, key), |(issuer, key)| (&issuer.name, key));
    let authority = signer.map(|(issuer, _)| issuer).filter(|issuer| issuer.name != name);
    let (public, bits) = key.public()?;
    let algorithm = signing.signature_algorithm();
    let end = now.plus(subject.days.saturating_mul(86_400_000_000_000));
    let body = der::sequence(&[
        der::value(0xA0, &der::integer(&BigUint::from(2_u32))),
        der::integer(&BigUint::from_bytes_be(&serial)),
        algorithm.clone(),
        issuer.clone(),
        der::sequence(&[moment(now), moment(&end)]),
        name.clone(),
        public,
        der::value(0xA3, &der::sequence(&extensions(subject, &bits, authority))),
    ]);
    let signature = der::bits(&signing.sign(&body)?);
    Ok(pem::encode("CERTIFICATE", &der::sequence(&[body, algorithm, signature])))
}

fn common_name(name: &str) -> Vec<u8> {
    if name.is_empty() {
        return der::sequence(&[]);
    }
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if name.bytes().all(printable) { 0x13 } else { 0x0C };
    let attribute = der::sequence(&[der::value(der::OBJECT, COMMON_NAME), der::value(tag, name.as_bytes())]);
    der::sequence(&[der::value(0x31, &attribute)])
}

/// A time with two digits of the year up to 2049, with four after.
fn moment(time: &Time) -> Vec<u8> {
    let time = time.in_utc();
    let (tag, layout) =
        if (1950..2050).contains(&time.civil().year) { (0x17, "060102150405Z") } else { (0x18, "20060102150405Z") };
    der::value(tag, time.format(layout).as_bytes())
}

fn extension(id: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let critical = if critical { der::value(0x01, &[0xFF]) } else { vec![] };
    der::sequence(&[der::value(der::OBJECT, id), critical, der::value(der::OCTET_STRING, content)])
}

fn extensions(subject: &Subject<'_>, bits: &[u8], authority: Option<&Issuer>) -> Vec<Vec<u8>> {
    // Digital signature and key encipherment; for authorities certificate signing too.
    let usage: &[u8] = if subject.is_authority { &[2, 0xA4] } else { &[5, 0xA0] };
    let purposes = [SERVER_AUTH, CLIENT_AUTH].map(|purpose| der::value(der::OBJECT, purpose));
    let constraints = if subject.is_authority { der::value(0x01, &[0xFF]) } else { vec![] };
    let mut all = vec![
        extension(KEY_USAGE, true, &der::value(der::BIT_STRING, usage)),
        extension(EXTENDED_KEY_USAGE, false, &der::sequence(&purposes)),
        extension(BASIC_CONSTRAINTS, true, &der::sequence(&[constraints])),
    ];
    if subject.is_authority {
        // The first 20 bytes of SHA-256, as RFC 7093 has it.
        let id = Sha256::digest(bits);
        all.push(extension(SUBJECT_KEY, false, &der::value(der::OCTET_STRING, &id[..20])));
    }
    if let Some(issuer) = authority.filter(|issuer| !issuer.key_id.is_empty()) {
        all.push(extension(AUTHORITY_KEY, false, &der::sequence(&[der::value(0x80, &issuer.key_id)])));
    }
    let hosts = subject.hosts.iter().map(|host| der::value(0x82, host.as_bytes()));
    let addresses = subject.addresses.iter().map(|address| match address {
        IpAddr::V4(address) => der::value(0x87, &address.octets()),
        IpAddr::V6(address) => der::value(0x87, &address.octets()),
    });
    let names: Vec<Vec<u8>> = hosts.chain(addresses).collect();
    if !names.is_empty() {
        all.push(extension(ALTERNATIVE_NAMES, subject.name.is_empty(), &der::sequence(&names)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 7_u8;
        move |bytes: &mut [u8]| {
            for byte in bytes {
                next = next.wrapping_mul(5).wrapping_add(113);
                *byte = next;
            }
        }
    }

    fn subject(name: &str, is_authority: bool) -> Subject<'_> {
        Subject { name, addresses: vec![[10, 0, 0, 1].into()], hosts: vec!["a.b".to_owned()], days: 365, is_authority }
    }

    #[test]
    fn keys_survive_being_written_and_read() {
        let mut random = counting();
        let keys = [Key::rsa_2048(&mut random), Key::ecdsa(&mut random), Key::ed25519(&mut random)];
        for key in keys {
            let text = key.to_pem();
            let read = Key::from_pem(&text).expect("it was just written");
            assert_eq!(read.to_pem(), text);
            assert_eq!(read.sign(b"x"), key.sign(b"x"));
        }
        assert!(Key::from_pem("x").is_err());
    }

    #[test]
    fn a_signed_certificate_names_its_issuer() {
        let mut random = counting();
        let (authority_key, key) = (Key::rsa_2048(&mut random), Key::ecdsa(&mut random));
        let now = Time::utc(1_700_000_000, 0);
        let authority =
            create(&subject("ca", true), &authority_key, None, &now, &mut random).expect("an RSA key can sign");
        let issuer = Issuer::from_pem(&authority).expect("a block").expect("a certificate");
        assert_eq!(issuer.name, common_name("ca"));
        assert_eq!(issuer.key_id.len(), 20);
        let signed = create(&subject("x", false), &key, Some((&issuer, &authority_key)), &now, &mut random);
        let signed = Issuer::from_pem(&signed.expect("an RSA key can sign")).expect("a block");
        assert_eq!(signed.expect("a certificate").name, common_name("x"));
    }
}
