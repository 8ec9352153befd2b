//! Keys, certificates, passwords and encryption of sprig, all from the session's randomness and clock.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::any::Any;
use std::net::IpAddr;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::base;
use crate::template::go::crypto::certificate::{self, Issuer, Subject};
use crate::template::go::crypto::key::Key;
use crate::template::go::crypto::pem;
use crate::template::go::time::Time;
use crate::template::string::Str;
use crate::template::value::{List, Object, Value, View};

mod answers;
mod hashed;
mod password;

const TWO: &[Type] = &[Type::String, Type::String];
const CERTIFICATE: &str = "sprig.certificate";

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("bcrypt", &[Type::String], bcrypt_sum),
    Func::new("buildCustomCert", TWO, build_custom_cert),
    Func::new("decryptAES", TWO, decrypt_aes).slow(),
    Func::new("derivePassword", &[Type::Int, Type::String, Type::String, Type::String, Type::String], derive_password)
        .slow(),
    Func::new("encryptAES", TWO, encrypt_aes).slow(),
    Func::new("genCA", &[Type::String, Type::Int], gen_ca),
    Func::new("genCAWithKey", &[Type::String, Type::Int, Type::String], gen_ca),
    Func::new("genPrivateKey", &[Type::String], gen_private_key),
    Func::new("genSelfSignedCert", &[Type::String, Type::List, Type::List, Type::Int], gen_self_signed),
    Func::new(
        "genSelfSignedCertWithKey",
        &[Type::String, Type::List, Type::List, Type::Int, Type::String],
        gen_self_signed,
    ),
    Func::new(
        "genSignedCert",
        &[Type::String, Type::List, Type::List, Type::Int, Type::Named(CERTIFICATE)],
        gen_signed,
    ),
    Func::new(
        "genSignedCertWithKey",
        &[Type::String, Type::List, Type::List, Type::Int, Type::Named(CERTIFICATE), Type::String],
        gen_signed,
    ),
    Func::new("htpasswd", TWO, htpasswd),
];

/// A certificate with its key, both in PEM.
#[derive(Debug, Clone)]
struct Certificate {
    cert: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        CERTIFICATE
    }

    fn view(&self) -> View {
        View::Struct(vec![("Cert", self.cert.as_str().into()), ("Key", self.key.as_str().into())])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.cert.as_str().into()),
            "Key" => Some(self.key.as_str().into()),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn gen_private_key(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.budget().secret(1)?;
    let random = &mut |bytes: &mut [u8]| call.random(bytes);
    let key = match &*args[0].text() {
        "" | "rsa" => Key::rsa_4096(random),
        "dsa" => Key::dsa(random),
        "ecdsa" => Key::ecdsa(random),
        "ed25519" => Key::ed25519(random),
        other => return Ok(format!("Unknown type {other}").into()),
    };
    Ok(key.to_pem().into())
}

/// The key given in PEM, or a new one of RSA.
fn key(call: &mut Call<'_>, given: Option<&Value>) -> Result<Key, Fault> {
    call.budget().secret(1)?;
    match given {
        Some(text) => Ok(Key::from_pem(&text.text()).map_err(|error| format!("parsing private key: {error}"))?),
        None => Ok(Key::rsa_2048(&mut |bytes: &mut [u8]| call.random(bytes))),
    }
}

fn certified(
    call: &mut Call<'_>,
    subject: &Subject<'_>,
    key: &Key,
    signer: Option<(&Issuer, &Key)>,
) -> Result<Value, Fault> {
    let now = Time::from_nanos(call.now());
    let random = &mut |bytes: &mut [u8]| call.random(bytes);
    let cert = certificate::create(subject, key, signer, &now, random)
        .map_err(|error| format!("error creating certificate: {error}"))?;
    Ok(Value::object(Certificate { cert, key: key.to_pem() }))
}

fn gen_ca(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let key = key(call, args.get(2))?;
    let name = args[0].text();
    let days = args[1].integer();
    let subject = Subject { name: &name, addresses: vec![], hosts: vec![], days, is_authority: true };
    certified(call, &subject, &key, None)
}

fn gen_self_signed(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let key = key(call, args.get(4))?;
    let name = args[0].text();
    let subject = subject_of(call, &name, args)?;
    certified(call, &subject, &key, None)
}

fn gen_signed(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let key = key(call, args.get(5))?;
    let authority = args[4].as_object::<Certificate>().ok_or(super::show::NIL_POINTER)?;
    let issuer = Issuer::from_pem(&authority.cert).ok_or("unable to decode certificate")?;
    let issuer = issuer.map_err(|error| format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))?;
    let signing = Key::from_pem(&authority.key).map_err(|error| format!("error parsing private key: {error}"))?;
    let name = args[0].text();
    let subject = subject_of(call, &name, args)?;
    certified(call, &subject, &key, Some((&issuer, &signing)))
}

/// Name, addresses, hosts and days out of the arguments of the functions that make certificates for servers.
fn subject_of<'a>(call: &mut Call<'_>, name: &'a str, args: &[Value]) -> Result<Subject<'a>, Fault> {
    let items = |value: &Value| value.as_list().map(|list: &List| list.to_vec()).unwrap_or_default();
    let mut addresses = vec![];
    for item in items(&args[1]) {
        let Some(text) = item.as_string() else {
            let shown = call.print(&item)?;
            return Err(format!("error parsing ip: {} is not a string", shown.text()).into());
        };
        let address: Result<IpAddr, _> = text.as_str().parse();
        addresses.push(address.map_err(|_| format!("error parsing ip: {}", text.as_str()))?);
    }
    let mut hosts = vec![];
    for item in items(&args[2]) {
        let Some(text) = item.as_string() else {
            let shown = call.print(&item)?;
            return Err(format!("error processing alternate dns name: {} is not a string", shown.text()).into());
        };
        hosts.push(text.as_str().into_owned());
    }
    Ok(Subject { name, addresses, hosts, days: args[3].integer(), is_authority: false })
}

fn build_custom_cert(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let cert = base::decode64(args[0].bytes()).map_err(|_| "unable to decode base64 certificate")?;
    let key = base::decode64(args[1].bytes()).map_err(|_| "unable to decode base64 private key")?;
    let (cert, key) = (String::from_utf8_lossy(&cert).into_owned(), String::from_utf8_lossy(&key).into_owned());
    pem::decode(&cert).ok_or("unable to decode certificate")?;
    if let Some(Err(error)) = Issuer::from_pem(&cert) {
        return Err(format!("error parsing certificate: decodedCert.Bytes: {error}").into());
    }
    Key::from_pem(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    Ok(Value::object(Certificate { cert, key }))
}

fn bcrypt_text(call: &mut Call<'_>, password: &[u8]) -> Result<String, Fault> {
    if password.len() > 72 {
        let reason = "bcrypt: password length exceeds 72 bytes";
        return Ok(format!("failed to encrypt string with bcrypt: {reason}"));
    }
    call.budget().secret(5)?;
    let mut salt = [0; 16];
    call.random(&mut salt);
    hashed::text(password, salt)
}

fn bcrypt_sum(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(bcrypt_text(call, args[0].bytes())?.into())
}

fn htpasswd(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let user = args[0].text();
    if user.contains(':') {
        return Ok(format!("invalid username: {user}").into());
    }
    let hash = bcrypt_text(call, args[1].bytes())?;
    Ok(format!("{user}:{hash}").into())
}

/// The key of AES: 32 bytes of the password, zeros where it is shorter.
fn aes_key(password: &Value) -> [u8; 32] {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().zip(password.bytes()) {
        *place = *byte;
    }
    key
}

fn encrypt_aes(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let plain = args[1].bytes();
    if plain.is_empty() {
        return Ok("".into());
    }
    let padding = 16 - plain.len() % 16;
    let mut padded = plain.to_vec();
    padded.resize(plain.len() + padding, u8::try_from(padding).unwrap_or(16));
    let mut vector = [0; 16];
    call.random(&mut vector);
    let cipher = cbc::Encryptor::<aes::Aes256>::new(&aes_key(&args[0]).into(), &vector.into());
    let encrypted = cipher.encrypt_padded_vec_mut::<NoPadding>(&padded);
    Ok(base::encode64(&[vector.as_slice(), &encrypted].concat()).into())
}

fn decrypt_aes(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if args[1].bytes().is_empty() {
        return Ok("".into());
    }
    let bytes = base::decode64(args[1].bytes())?;
    let Some((vector, encrypted)) = bytes.split_first_chunk::<16>() else {
        return Err(format!("runtime error: slice bounds out of range [:16] with capacity {}", bytes.len()).into());
    };
    let cipher = cbc::Decryptor::<aes::Aes256>::new(&aes_key(&args[0]).into(), &(*vector).into());
    let mut plain =
        cipher.decrypt_padded_vec_mut::<NoPadding>(encrypted).map_err(|_| "crypto/cipher: input not full blocks")?;
    let padding = usize::from(*plain.last().ok_or("runtime error: index out of range [-1]")?);
    let length = plain.len().checked_sub(padding).ok_or("runtime error: slice bounds out of range")?;
    plain.truncate(length);
    Ok(Str::from_bytes(plain).into())
}

fn derive_password(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.budget().secret(8)?;
    let counter = u32::try_from(args[0].integer()).unwrap_or(0);
    let [kind, master, user, site] = [1, 2, 3, 4].map(|index| args[index].bytes());
    let Some(templates) = password::templates(kind) else {
        return Ok(format!("cannot find password template {}", args[1].text()).into());
    };
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let salt = [password::SEED, &length(user), user].concat();
    let master_key = password::master_key(master, salt)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&master_key).map_err(|error| error.to_string())?;
    mac.update(&[password::SEED, &length(site), site, &counter.to_be_bytes()].concat());
    Ok(password::spell(templates, &mac.finalize().into_bytes()).into())
}
