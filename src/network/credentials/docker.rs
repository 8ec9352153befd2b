//! Docker's `config.json` (docker/cli `cli/config/configfile/file.go`): passwords in base64, and the names of programs that hold them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use serde::Deserialize;

use super::secret::Secret;

/// Base64 with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a file says of a host.
pub(super) enum Stored {
    Nothing,
    Secret(Secret),
    /// Ask `docker-credential-…`.
    Helper(String),
}

/// What is wrong with a file.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    NoJson,
    NoBase64,
    Contradiction,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DockerConfig {
    auths: Option<BTreeMap<String, Login>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Login {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// What a file says of the host under a key: the host itself, but for Docker Hub.
pub(super) fn find(content: &[u8], key: &str) -> Result<Stored, Reason> {
    let config: DockerConfig = serde_json::from_slice(content).map_err(|_| Reason::NoJson)?;
    let helper = config.cred_helpers.as_ref().and_then(|helpers| helpers.get(key)).filter(|name| !name.is_empty());
    if let Some(helper) = helper {
        return Ok(Stored::Helper(helper.clone()));
    }
    let entry = config.auths.as_ref().and_then(|entries| entry(entries, key));
    if let Some(secret) = entry.map(Login::secret).transpose()?.flatten() {
        return Ok(Stored::Secret(secret));
    }
    Ok(config.creds_store.filter(|name| !name.is_empty()).map_or(Stored::Nothing, Stored::Helper))
}

/// The entry under a key, or under one of the ways to write its host that old clients had: `https://HOST/v1/`.
fn entry<'a>(entries: &'a BTreeMap<String, Login>, key: &str) -> Option<&'a Login> {
    let same = |(name, _): &(&String, &Login)| host(name) == host(key);
    entries.get(key).or_else(|| entries.iter().find(same).map(|(_, entry)| entry))
}

fn host(key: &str) -> &str {
    let stripped = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    let host = stripped.map_or(key, |rest| rest.split('/').next().unwrap_or(rest));
    if matches!(host, "registry-1.docker.io" | "docker.io") { "index.docker.io" } else { host }
}

impl Login {
    fn secret(&self) -> Result<Option<Secret>, Reason> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Secret::Identity(token)));
        }
        let plain = filled(&self.username).zip(filled(&self.password));
        let plain = plain.map(|(user, password)| Secret::Password(user, password));
        let Some(encoded) = filled(&self.auth) else { return Ok(plain) };
        let decoded = BASE64.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let (user, password) = decoded.as_ref().and_then(|decoded| decoded.split_once(':')).ok_or(Reason::NoBase64)?;
        // Docker ends passwords with zero bytes that are none of theirs.
        let secret = Secret::Password(user.to_owned(), password.trim_end_matches('\0').to_owned());
        if plain.is_some_and(|plain| plain != secret) { Err(Reason::Contradiction) } else { Ok(Some(secret)) }
    }
}

impl Reason {
    /// The reason for a host in words, without what the file holds.
    pub(super) fn words(self, host: &str) -> String {
        match self {
            Self::NoJson => "it is not JSON as Docker writes it".into(),
            Self::NoBase64 => format!("its `auth` for `{host}` is not `user:password` in base64"),
            Self::Contradiction => format!("its `auth` for `{host}` belies `username` and `password`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is stored, in a word.
    fn said(content: &str, key: &str) -> String {
        match find(content.as_bytes(), key) {
            Ok(Stored::Nothing) => "nothing".into(),
            Ok(Stored::Helper(name)) => format!("helper {name}"),
            Ok(Stored::Secret(Secret::Password(user, password))) => format!("{user}:{password}"),
            Ok(Stored::Secret(Secret::Identity(token))) => format!("token {token}"),
            Err(reason) => reason.words(key),
        }
    }

    #[test]
    fn a_file_is_read_as_docker_reads_it() {
        let hub = "https://index.docker.io/v1/";
        let cases = [
            ("{}", "a", "nothing"),
            (r#"{"auths": {"a": {}}}"#, "a", "nothing"),
            (r#"{"auths": {"a": {}}, "credsStore": "keychain"}"#, "a", "helper keychain"),
            (r#"{"auths": {"a": {"auth": "dTpw"}}, "credHelpers": {"a": "x"}}"#, "a", "helper x"),
            (r#"{"auths": {"a": {"auth": "dTpw"}}, "credHelpers": {"b": "x"}, "credsStore": ""}"#, "a", "u:p"),
            (r#"{"auths": {"a": {"auth": "dTpwOnE="}}}"#, "a", "u:p:q"),
            (r#"{"auths": {"a": {"auth": "dTpwOnE"}}}"#, "a", "u:p:q"),
            (r#"{"auths": {"https://a/v1/": {"username": "u", "password": "p"}}}"#, "a", "u:p"),
            (r#"{"auths": {"docker.io": {"auth": "dTpw"}}}"#, hub, "u:p"),
            (r#"{"auths": {"a": {"identitytoken": "t", "auth": "dTpw"}}}"#, "a", "token t"),
            (r#"{"auths": {"a.evil": {"auth": "dTpw"}, "evil/a": {"auth": "dTpw"}}}"#, "a", "nothing"),
            (r#"{"auths": {"a": {"auth": "?"}}}"#, "a", "its `auth` for `a` is not `user:password` in base64"),
            (
                r#"{"auths": {"a": {"auth": "dTpw", "username": "u", "password": "q"}}}"#,
                "a",
                "its `auth` for `a` belies `username` and `password`",
            ),
            (r#"{"auths": 1}"#, "a", "it is not JSON as Docker writes it"),
        ];
        for (content, key, expected) in cases {
            assert_eq!(said(content, key), expected, "{content}");
        }
    }
}
