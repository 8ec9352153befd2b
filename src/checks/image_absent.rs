//! `image-absent`: a registry has not what would be pulled.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let is_absent = |image| context.registered.pulled(image) == Some(None);
        for used in view.images.iter().filter(|used| !used.is_test && is_absent(&used.image)) {
            let by_digest = !used.image.digest.is_empty();
            let (what, named) = if by_digest { ("digest", used.digest_at) } else { ("tag", used.tag_at) };
            let image = used.image.to_string();
            let args = [("image", image.as_str()), ("owner", &used.owner), ("what", what)];
            let subject = format!("{} {image}", used.subject());
            let place = named.unwrap_or(used.at);
            let mut reported = findings.report(Label::new(place, ""), subject, &args);
            for label in used.related().into_iter().filter(|label| label.location != place) {
                reported = reported.related(label);
            }
            let help = by_digest.then(|| match used.image.tag.as_str() {
                "" => "set a digest that the registry has".to_owned(),
                tag => format!("set the digest that `{tag}` names now: registries throw away what no tag names"),
            });
            match help {
                Some(help) => reported.help(help).profile(&view.profile.name),
                None => reported.profile(&view.profile.name),
            };
        }
    }
}
