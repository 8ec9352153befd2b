//! What charts are no longer rendered and judged for: versions of Kubernetes, and the newer Helm.

use super::Pair;
use crate::config::Config;
use crate::helm::Major;
use crate::render::KubeVersion;
use crate::rule::Fact;

impl Pair<'_> {
    pub(super) fn rendering(&self) -> Vec<Fact> {
        let of_charts = self.older_helm(&["helm"], "charts are", |config| config.helm);
        // Where nobody says otherwise, deployments are rendered as charts are.
        let of_deployments = || self.older_helm(&["gitops", "helm"], "deployments are", |config| config.gitops_helm);
        let older_helm = of_charts.or_else(of_deployments);
        [older_helm, self.kube_version(), self.kube_versions()].into_iter().flatten().collect()
    }

    /// Versions that come as others go are how a list is kept up with Kubernetes. Both are sorted.
    fn kube_versions(&self) -> Option<Fact> {
        let (before, now) = (&self.before.kube_versions, &self.now.kube_versions);
        let gone = before.iter().filter(|version| !now.contains(version));
        let gone: Vec<String> = gone.map(|version| format!("`{version}`")).collect();
        let is_cut = now.first() > before.first() && now.last() <= before.last();
        let is_shorter = now.len() < before.len() || now.last() < before.last() || is_cut;
        let message = || format!("charts are no longer judged for Kubernetes {}", gone.join(", "));
        is_shorter.then(|| self.fact("kube-versions", &["kubeVersions"], message()))
    }

    fn kube_version(&self) -> Option<Fact> {
        let version = |config: &Config| {
            let own = config.kube_version.as_ref().and_then(|version| KubeVersion::parse(&version.value));
            own.unwrap_or_else(|| KubeVersion::of(config.helm.unwrap_or_default()))
        };
        let (before, now) = (version(self.before), version(self.now));
        let message = || format!("charts are rendered for Kubernetes `{now}`, and were for `{before}`");
        let is_named = [self.before, self.now].iter().any(|config| config.kube_version.is_some());
        let is_older = is_named && (now.major, now.minor) < (before.major, before.minor);
        is_older.then(|| self.fact("kube-versions", &["kubeVersion"], message()))
    }

    fn older_helm(&self, key: &[&str], what: &str, helm: impl Fn(&Config) -> Option<Major>) -> Option<Fact> {
        let [before, now] = [self.before, self.now].map(|config| helm(config).unwrap_or_default());
        let message = || format!("{what} rendered as Helm 3 does, and were as Helm 4 does");
        (now < before).then(|| self.fact("helm", key, message()))
    }
}
