//! The images that would run under each profile, each with the chain of values that makes it.

use std::fmt::Write as _;

use super::Escaped;
use crate::gate::Survey;
use crate::text::{Location, Sources};

/// Images by chart and profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Images(Vec<Profile>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Profile {
    chart: String,
    name: String,
    is_production: bool,
    images: Vec<Image>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Image {
    reference: String,
    owners: Vec<String>,
    /// The line to change first, then every other that takes part.
    set_by: Vec<String>,
}

impl Images {
    /// Those of a survey.
    pub fn of(survey: &Survey, sources: &Sources) -> Self {
        let shown = |at: Location| super::shown(sources, at);
        let mut profiles = vec![];
        for chart in &survey.charts {
            for view in &chart.views {
                let images = view.images.iter().map(|used| {
                    let mut set_by = vec![format!("{} {}", shown(used.at), used.value_path())];
                    set_by.extend(used.set_by.iter().filter(|at| **at != used.at).map(|at| shown(*at)));
                    set_by.extend(used.template.map(shown));
                    let owners = std::iter::once(&used.owner).chain(&used.also).map(|owner| owner.replace('`', ""));
                    Image { reference: used.image.to_string(), owners: owners.collect(), set_by }
                });
                profiles.push(Profile {
                    chart: chart.path.clone(),
                    name: view.profile.name.clone(),
                    is_production: view.profile.production,
                    images: images.collect(),
                });
            }
        }
        Self(profiles)
    }

    pub(super) fn write(&self, text: &mut String) {
        if self.0.iter().all(|profile| profile.images.is_empty()) {
            return;
        }
        text.push_str("<section><h2>Images</h2>\n");
        for profile in self.0.iter().filter(|profile| !profile.images.is_empty()) {
            profile.write(text);
        }
        text.push_str("</section>\n");
    }
}

impl Profile {
    fn write(&self, text: &mut String) {
        let production = if self.is_production { " <small>production</small>" } else { "" };
        let _ = writeln!(
            text,
            "<details><summary>{}: profile {}{production} <small>{}</small></summary><table><thead><tr><th>image</th>\
             <th>runs in</th><th>set by</th></tr></thead><tbody>",
            Escaped(&self.chart),
            Escaped(&self.name),
            self.images.len()
        );
        let lines =
            |lines: &[String]| lines.iter().map(|line| Escaped(line).to_string()).collect::<Vec<_>>().join("<br>");
        for image in &self.images {
            let _ = writeln!(
                text,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                Escaped(&image.reference),
                lines(&image.owners),
                lines(&image.set_by)
            );
        }
        text.push_str("</tbody></table></details>\n");
    }
}
