//! How the rules on the policy itself count: as the earlier configuration has them, so that no change silences what tells of it.

use super::read;
use crate::config::Config;
use crate::gate::before::log;
use crate::gate::plan::{Plan, Planned};
use crate::gate::policy::Policy;
use crate::gate::trust;
use crate::rule::Target;
use crate::text::Sources;

/// Gives the rules on the policy the standing that they had before, where a configuration of the change says anything of them. That git knows
/// of nothing before is said where the configurations are compared.
pub(in crate::gate) fn settle(plan: &mut Plan<'_>, sources: &Sources) {
    if plan.request.policy.from.revision.is_some() {
        return;
    }
    for index in 0..plan.configs.len() {
        let planned = plan.charts.iter().find(|planned| planned.config == index && planned.release.is_none());
        let Some(planned) = planned.filter(|planned| !plan.seat(planned).is_outside()) else { continue };
        if !speaks_of_policy(plan, &plan.configs[index]) {
            continue;
        }
        if let Some(standing) = earlier(plan, planned, sources) {
            let kept = standing.on.into_iter().filter(|on| on.rule.target == Target::Policy);
            let policy = &mut plan.policies[index];
            policy.on.retain(|on| on.rule.target != Target::Policy);
            policy.on.extend(kept);
            policy.is_settled = true;
        }
    }
}

/// Whether a configuration says how rules on the policy count.
fn speaks_of_policy(plan: &Plan<'_>, config: &Config) -> bool {
    let mut rules = plan.registry.shared().filter(|rule| rule.target == Target::Policy);
    rules.any(|rule| {
        config.rules.contains_key(&rule.id) || config.overrides.iter().any(|entry| entry.levels.contains_key(&rule.id))
    })
}

/// The policy that counted for a chart before the change; none where there was no configuration, since the first is nobody's loosening, and where
/// git does not tell. In the place of one that cannot be read is that of no configuration: the rules are on, and say what cannot be compared.
fn earlier(plan: &Plan<'_>, planned: &Planned, sources: &Sources) -> Option<Policy> {
    let log = log(plan, planned).ok()?;
    let tree = log.tree()?;
    let place = plan.ground(planned);
    let seat = plan.seat(planned);
    let trust = || trust::trusted(plan.session, &**tree, &seat);
    let of = |config: &Config| Policy::of(&plan.request.policy, config, &plan.registry, &plan.names);
    let before = read(tree, &seat, place, plan, &trust, sources);
    let standing = match before {
        Ok((before, _)) if before.source.is_none() => return None,
        Ok((before, _)) => of(&before).or_else(|_| of(&Config::default())),
        Err(_) => of(&Config::default()),
    };
    standing.ok()
}
