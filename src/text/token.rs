//! Tokens and private keys in texts: shapes that nothing else has, so that finding one is certain.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A token in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is, in words.
    pub what: &'static str,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
}

/// Shapes that nothing else has, by what they are.
static SHAPES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let shapes = [
        (
            "a private key",
            r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*(?:(?:[A-Za-z0-9+/=]{40,}(?:\s|\\n)*){2}|MC4CAQAwBQYDK2V[A-Za-z0-9+/=]{45,})",
        ),
        ("a token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
        ("a token of GitLab", r"\bglpat-[A-Za-z0-9_-]{20}\b"),
        ("an access key of AWS", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        ("a token of Slack", r"\bxox[abprs]-[0-9]{10,13}-[0-9A-Za-z-]{20,}\b"),
        ("an API key of Google", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a secret key of Stripe", r"\b[rs]k_live_[0-9A-Za-z]{24,}\b"),
        ("a token of npm", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a token of PyPI", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}\b"),
        ("a token of Docker Hub", r"\bdckr_pat_[A-Za-z0-9_-]{27}\b"),
        ("a runner's token of GitLab", r"\bglrt-[A-Za-z0-9_-]{20}\b"),
        ("a token of a Slack app", r"\bxapp-1-[A-Z0-9]{8,}-[0-9]{10,}-[a-f0-9]{60,}\b"),
        (
            "a webhook of Slack",
            r"\bhooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{8,}/[AB][A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
        ),
        ("a token of Vault", r"\bhv[sb]\.[A-Za-z0-9_-]{90,}"),
        ("a token of DigitalOcean", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
        ("a token of Terraform Cloud", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"),
        ("an API key of SendGrid", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
        ("an API key of Anthropic", r"\bsk-ant-(?:api|admin)[0-9]{2}-[A-Za-z0-9_-]{93}AA\b"),
        ("an API key of OpenAI", r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,74}T3BlbkFJ[A-Za-z0-9_-]{20,74}"),
        ("a token of Hugging Face", r"\bhf_[A-Za-z]{34}\b"),
        ("a token of Grafana", r"\bglsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}\b"),
        ("a token of Shopify", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
        ("an access key of Azure storage", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
        ("a key of age", r"\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b"),
        ("a token of PlanetScale", r"\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9=._-]{32,64}"),
        ("an API key of New Relic", r"\bNRAK-[A-Z0-9]{27}\b"),
        ("an API key of Postman", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
        ("a token of Databricks", r"\bdapi[a-f0-9]{32}(?:-[0-9])?\b"),
        ("a token of RubyGems", r"\brubygems_[a-f0-9]{48}\b"),
    ];
    shapes.into_iter().map(|(what, shape)| (what, Regex::new(shape).expect("the pattern is fixed"))).collect()
});
/// What the shapes begin with, in one pass: most files have none of it, and are read no further.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    let own = "PRIVATE KEY|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|AIza|k_live_|npm_|pypi-|dckr_pat_";
    let others = r"glrt-|xapp-1-|hooks\.slack|hv[sb]\.|_v1_|\.atlasv1\.|SG\.|sk-ant-|T3BlbkFJ|hf_|glsa_|shp(?:at|ca|pa|ss)_|AccountKey=";
    let last = "AGE-SECRET|pscale_|NRAK-|PMAK-|dapi[a-f0-9]|rubygems_";
    Regex::new(&format!("{own}|{others}|{last}")).expect("the pattern is fixed")
});

/// Every token of a text but those that are plainly made up, by kind.
pub fn find(text: &str) -> Vec<Token> {
    if !BEGINNING.is_match(text) {
        return vec![];
    }
    let of_shape = |(what, shape): &'static (&'static str, Regex)| {
        let found = shape.find_iter(text).filter(|found| !is_example(found.as_str()));
        found.map(|found| Token { what, range: found.range() }).collect::<Vec<_>>()
    };
    SHAPES.iter().flat_map(of_shape).collect()
}

/// The beginning of the key that the emulator of Azure storage has everywhere, in lower case.
const AZURITE: &str = "eby8vdm02xnocqfl";

/// Whether a text is made up: few letters, or one that says so.
fn is_example(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let body = lower.rsplit(['_', '-']).next().unwrap_or(&lower);
    let distinct: std::collections::BTreeSet<char> = body.chars().collect();
    ["example", "placeholder", "redacted", "dummy", "xxxx", "1234567890", AZURITE]
        .iter()
        .any(|word| lower.contains(word))
        || (!text.starts_with("-----") && distinct.len() < 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters without a pattern; small ones and digits alone where only those fit.
    fn noise(length: usize, alphabet: &str) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let step = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let states = std::iter::successors(Some(step(7)), |state| Some(step(*state))).take(length);
        states.map(|state| letters[(state >> 33) as usize % letters.len()]).collect()
    }

    #[test]
    fn every_shape_is_found_and_what_is_made_up_is_not() {
        let (any, hex, upper) = ("aB3dE5gH7jK9mN0pQ2", "0a1b2c3d4e5f6789", "QPZRY9X8GF2TVDW0S3");
        let shapes = [
            format!("ghp_{}", noise(36, any)),
            format!("{} KEY-----\nMC4CAQAwBQYDK2VwBCIEI{}", "-----BEGIN PRIVATE", noise(43, any)),
            format!("glpat-{}", noise(20, any)),
            format!("glrt-{}", noise(20, any)),
            format!("AKIA{}", noise(16, "QWERTZ234567")),
            format!("xapp-1-{}-1234567898-{}", noise(11, "A1B2C3"), noise(64, hex)),
            format!("https://hooks.slack.com/services/T{0}/B{0}/{1}", noise(9, "A1B2C3"), noise(24, any)),
            format!("hvs.{}", noise(95, any)),
            format!("dop_v1_{}", noise(64, hex)),
            format!("{}.atlasv1.{}", noise(14, any), noise(64, any)),
            format!("SG.{}.{}", noise(22, any), noise(43, any)),
            format!("sk-ant-api03-{}AA", noise(93, any)),
            format!("sk-proj-{0}T3BlbkFJ{0}", noise(40, any)),
            format!("hf_{}", noise(34, "abCDefGHij")),
            format!("glsa_{}_{}", noise(32, any), noise(8, hex)),
            format!("shpat_{}", noise(32, hex)),
            format!("AccountKey={}==", noise(86, any)),
            format!("AGE-SECRET-KEY-1{}", noise(58, upper)),
            format!("pscale_tkn_{}", noise(43, any)),
            format!("NRAK-{}", noise(27, "A1B2C3D4")),
            format!("PMAK-{}-{}", noise(24, hex), noise(34, hex)),
            format!("dapi{}", noise(32, hex)),
            format!("rubygems_{}", noise(48, hex)),
        ];
        for shape in &shapes {
            assert_eq!(find(&format!("key: {shape}\n")).len(), 1, "{shape}");
        }
        for made_up in [
            format!("glpat-{}", "x".repeat(20)),
            format!("hooks.slack.com/services/T00000000/B00000000/{}", "X".repeat(24)),
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
                .to_owned(),
            format!("mydapi{}", noise(32, hex)),
        ] {
            assert_eq!(find(&made_up), [], "{made_up}");
        }
    }
}
