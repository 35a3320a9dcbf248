//! What is recommended to the caller: by the notice, and by how needs and offers fit.

use std::cmp::Reverse;
use std::collections::HashSet;

use contract::Role;
use contract::recommendations::{ChamberWithout, Recommendation, RecommendationQuery, Recommendations};
use entities::scope;
use platform::area::town_of;
use platform::{Asker, Error, Result, apart};

use crate::campaigns;
use crate::fit::data::{Data, Of};
use crate::fit::score::{Scores, gives};

/// The most of a list.
const MOST: usize = 200;
/// How many fit one organisation or village.
const OF_ONE: usize = 20;
/// How many villages a chamber is shown.
const OF_CHAMBER: usize = 5;

/// What is recommended to the caller: an organisation or a village for itself, a town or the bureau for the area.
///
/// # Errors
/// `validation_failed` where campaign, organisation or village do not take part, or are not the caller's.
pub async fn read(asker: &Asker<'_>, query: RecommendationQuery) -> Result<Recommendations> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let own = scope::organisation(asker.caller);
    if own.is_some_and(|own| query.organisation_id.is_some_and(|asked| asked != own)) {
        return Err(Error::field("/organisation_id", "unknown"));
    }
    let area = scope::area(asker.caller);
    let asked = query.village_code.as_deref();
    if asked.is_some_and(|asked| area.is_some_and(|area| !asked.starts_with(area))) {
        return Err(Error::field("/village_code", "unknown"));
    }
    let of = Of { organisation_id: own.or(query.organisation_id), within: asked.or(area), with_rankings: false };
    let data = Data::read(asker, &campaign, of).await?;
    if query.organisation_id.is_some() && data.organisations.is_empty() {
        return Err(Error::field("/organisation_id", "not_enrolled"));
    }
    if asked.is_some() && data.villages.is_empty() {
        return Err(Error::field("/village_code", "not_enrolled"));
    }
    let weights = campaign.details.settings.match_weights.clone();
    let is_of_one = of.organisation_id.is_some() || of.within.is_some_and(|code| code.len() == 12);
    // Pairs of others are nobody's business, so neither a side is told which chambers have none.
    let answers_for_area = area.is_some() && asker.caller.role != Role::Village;
    let own_towns = area.map(str::to_owned);
    apart(move || {
        let (organisations_full, villages_full) = data.full();
        let finder = Finder { scores: Scores::new(&data, &weights), data: &data, organisations_full, villages_full };
        Recommendations {
            campaign_id: campaign.id,
            notice: finder.of_notice(is_of_one),
            fit: if is_of_one { finder.fit_one() } else { finder.fit_all() },
            chambers_without: if answers_for_area { finder.chambers_without(own_towns.as_deref()) } else { Vec::new() },
        }
    })
    .await
}

struct Finder<'d> {
    data: &'d Data,
    scores: Scores<'d>,
    organisations_full: Vec<bool>,
    villages_full: Vec<bool>,
}

impl Finder<'_> {
    /// Whether two can be paired: they are not yet, none of them has declined or ended it (自愿), and both have a place left.
    fn is_open(&self, pair: (usize, usize)) -> bool {
        let full = self.organisations_full[pair.0] || self.villages_full[pair.1];
        !full && [&self.data.existing, &self.data.refused].iter().all(|pairs| pairs.binary_search(&pair).is_err())
    }

    /// Directed donations of the year, and chambers without a village with those of their town (原则上).
    fn of_notice(&self, is_of_one: bool) -> Vec<Recommendation> {
        let mut found = HashSet::new();
        let mut notice = Vec::new();
        for (organisation, bonds) in self.data.bonds.iter().enumerate() {
            let donated =
                bonds.iter().filter(|(_, bond)| bond.donated_fen > 0 && gives(self.data.organisations[organisation].kind));
            found.extend(donated.map(|(&village, _)| (organisation, village)));
        }
        for chamber in self.data.chambers_without() {
            let each = if is_of_one { OF_CHAMBER } else { 1 };
            found.extend(self.villages_of(chamber).into_iter().take(each).map(|village| (chamber, village)));
        }
        for pair in found.into_iter().filter(|pair| self.is_open(*pair)) {
            notice.push((pair, self.scores.score(pair.0, pair.1)));
        }
        self.best_first(notice, MOST)
    }

    /// The villages of a chamber's town that it has not got, old bases first (鼓励优先选择与老区村结对).
    fn villages_of(&self, chamber: usize) -> Vec<usize> {
        let side = &self.data.organisations[chamber];
        let all = self.data.villages.iter().enumerate().filter(|(_, village)| side.is_of(village));
        let mut villages: Vec<_> = all.map(|(number, _)| number).filter(|&village| self.is_open((chamber, village))).collect();
        villages.sort_by_key(|&village| {
            (Reverse(self.data.villages[village].old_base), Reverse(self.scores.score(chamber, village)), village)
        });
        villages
    }

    /// The best for one organisation or village.
    fn fit_one(&self) -> Vec<Recommendation> {
        let all = (0..self.data.organisations.len())
            .flat_map(|organisation| (0..self.data.villages.len()).map(move |village| (organisation, village)));
        let open = all.filter(|pair| self.is_open(*pair)).map(|pair| (pair, self.scores.score(pair.0, pair.1)));
        self.best_first(open.filter(|(_, score)| *score > 0).collect(), OF_ONE)
    }

    /// The best organisation of each village that has nobody yet.
    fn fit_all(&self) -> Vec<Recommendation> {
        let taken: HashSet<usize> = self.data.existing.iter().map(|(_, village)| *village).collect();
        let best = (0..self.data.villages.len()).filter(|village| !taken.contains(village)).filter_map(|village| {
            let open = (0..self.data.organisations.len()).filter(|side| self.is_open((*side, village)));
            let all = open.map(|side| (self.scores.score(side, village), Reverse(side)));
            let (score, Reverse(side)) = all.max().filter(|(score, _)| *score > 0)?;
            Some(((side, village), score))
        });
        self.best_first(best.collect(), MOST)
    }

    fn best_first(&self, mut pairs: Vec<((usize, usize), i64)>, most: usize) -> Vec<Recommendation> {
        pairs.sort_unstable_by_key(|&(pair, score)| (Reverse(score), pair));
        pairs.into_iter().take(most).map(|((side, village), _)| self.scores.recommendation(side, village)).collect()
    }

    /// The chambers of the area that have no village of their town.
    fn chambers_without(&self, area: Option<&str>) -> Vec<ChamberWithout> {
        let own = |code: &str| area.is_none_or(|area| code.starts_with(area));
        let without = self.data.chambers_without();
        let without = without.into_iter().filter(|&chamber| own(&self.data.organisations[chamber].area_code));
        let told = without.map(|chamber| {
            let side = &self.data.organisations[chamber];
            let villages = self.villages_of(chamber);
            let town_name = villages.first().map(|&village| self.data.villages[village].town_name.clone());
            ChamberWithout {
                organisation_id: side.id,
                organisation_name: side.name.clone(),
                town_code: town_of(&side.area_code).to_owned(),
                town_name: town_name.unwrap_or_default(),
                villages: villages
                    .into_iter()
                    .take(OF_CHAMBER)
                    .map(|village| self.scores.recommendation(chamber, village))
                    .collect(),
            }
        });
        told.take(MOST).collect()
    }
}
