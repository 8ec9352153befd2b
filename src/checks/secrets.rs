//! Files that are made to hold secrets, by their names, and by what stands in them where the name alone does not tell.

use crate::chart::File;
use crate::text::token;

/// Names of files that hold nothing else.
const NAMES: [&str; 29] = [
    ".bash_history",
    ".boto",
    ".env",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".mylogin.cnf",
    ".netrc",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    ".sh_history",
    ".terraformrc",
    ".vault-password",
    ".vault-token",
    ".vault_pass",
    ".vault_pass.txt",
    ".vault_password",
    ".zsh_history",
    "_netrc",
    "credentials.tfrc.json",
    "id_dsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_rsa",
    "secring.gpg",
    "terraform.rc",
];
/// Ends of names of files that hold nothing else.
const ENDS: [&str; 10] =
    [".agekey", ".jks", ".kdbx", ".keystore", ".keytab", ".ovpn", ".p12", ".pfx", ".ppk", ".tfstate"];
/// Ends of paths of files that hold nothing else.
const PATHS: [&str; 3] = [".aws/credentials", ".azure/accessTokens.json", ".config/gcloud/credentials.db"];

/// What files may hold besides secrets: ends of paths, and words with which they hold one.
const MAY: [(&[&str], &[&str]); 6] = [
    (&[".npmrc", ".yarnrc"], &["_authToken=", "_auth=", "_password="]),
    (&[".yarnrc.yml"], &["npmAuthToken:", "npmAuthIdent:"]),
    (
        &[".dockerconfigjson", ".dockercfg", ".docker/config.json", "containers/auth.json"],
        &["\"auth\"", "\"identitytoken\"", "\"password\""],
    ),
    (&["kubeconfig", ".kubeconfig", ".kube/config"], &["client-key-data:", "token:", "password:"]),
    (&["kubeconfig.yaml", "kubeconfig.yml"], &["client-key-data:", "token:", "password:"]),
    (&["pip.conf", ".condarc"], &["://__token__:", "://token:"]),
];

/// Whether a file is made to hold secrets. One that is a template has none yet, one with a token in it is said by that, and an empty one holds nothing.
pub(super) fn is_one(file: &File) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let is_named = NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || PATHS.iter().any(|path| is_path(&file.path, path));
    let words =
        MAY.iter().find(|(paths, _)| paths.iter().any(|path| is_path(&file.path, path))).map(|(_, words)| *words);
    if !is_named && words.is_none() || file.data.iter().all(u8::is_ascii_whitespace) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(&file.data) else { return is_named };
    if text.contains("{{") || !token::find(text).is_empty() {
        return false;
    }
    is_named || words.is_some_and(|words| words.iter().any(|word| holds(text, word)))
}

/// Whether a path ends with that of a file; one that begins with a dot may be the end of a name.
fn is_path(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/') || end.starts_with('.'))
}

/// Whether a word stands before a value that is written out, and is no variable.
fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let line = text[at + word.len()..].lines().next().unwrap_or_default();
        let value = line.trim_matches([' ', '\t', ':', '"', '\'', ',', '}']);
        !value.is_empty() && !value.starts_with(['$', '<', '%'])
    })
}
