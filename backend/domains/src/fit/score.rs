//! The terms of a score. They are integers, and add up to it.

use std::collections::HashMap;

use contract::CodedEnum;
use contract::campaigns::Goal;
use contract::catalogue::{SupplyKind, Urgency};
use contract::organisations::OrganisationKind;
use contract::recommendations::{MatchWeights, Recommendation, ScoreTerm, ScoreTermKind as Term};
use contract::villages::Industry;

use super::data::{Data, Organisation, Supply};

/// How many shared goals and industries count.
const GOALS: u32 = 3;
const INDUSTRIES: u32 = 2;
/// A place of a ranking is worth a tenth less than the one before it.
const RANKS: i64 = 10;

/// The points of each kind of term, in the order of [`Term::ALL`].
type Points = [i64; Term::ALL.len()];

/// What is asked of one side for each pair, computed once: sets of goals and industries as bits, and what can be measured.
#[derive(Debug, Default)]
struct Profile {
    goals: u8,
    industries: u8,
    /// Of an organisation, what it is good at; of a village, what is urgent.
    strong: u8,
    /// Of a village, what is needed soon.
    soon: u8,
    /// How much of which thing.
    amounts: Vec<(usize, i64)>,
}

/// Scores of all pairs of a campaign.
#[derive(Debug)]
pub struct Scores<'d> {
    data: &'d Data,
    weights: Points,
    organisations: Vec<Profile>,
    villages: Vec<Profile>,
    units: Vec<String>,
}

impl<'d> Scores<'d> {
    pub fn new(data: &'d Data, weights: &MatchWeights) -> Self {
        let mut things: HashMap<(Goal, SupplyKind, &str), usize> = HashMap::new();
        let mut units = Vec::new();
        let mut profile = |supplies: &'d [Supply]| {
            let mut profile = Profile::default();
            for supply in supplies {
                let next = things.len();
                let thing = *things.entry((supply.goal, supply.kind, supply.unit.as_str())).or_insert(next);
                if thing == units.len() {
                    units.push(supply.unit.clone());
                }
                profile.goals |= goal_bit(supply.goal);
                profile.industries |= supply.industry.map_or(0, industry_bit);
                match profile.amounts.iter_mut().find(|(known, _)| *known == thing) {
                    Some((_, amount)) => *amount = amount.saturating_add(supply.remaining),
                    None => profile.amounts.push((thing, supply.remaining)),
                }
            }
            profile
        };
        let organisations =
            data.organisations.iter().map(|side| Profile { strong: good_at(side), ..profile(&side.offers) }).collect();
        let of_urgency = |needs: &[Supply], urgency: Urgency| {
            needs.iter().filter(|need| need.urgency == urgency).fold(0, |bits, need| bits | goal_bit(need.goal))
        };
        let villages = data
            .villages
            .iter()
            .map(|side| Profile {
                industries: side.industries.iter().fold(0, |bits, industry| bits | industry_bit(*industry)),
                strong: of_urgency(&side.needs, Urgency::Urgent),
                soon: of_urgency(&side.needs, Urgency::Soon),
                ..profile(&side.needs)
            })
            .collect();
        Self { data, weights: points_of(weights), organisations, villages, units }
    }

    /// What a pair scores.
    pub fn score(&self, organisation: usize, village: usize) -> i64 {
        self.points(organisation, village).iter().sum()
    }

    /// The terms of a score, without those that are worth nothing.
    pub fn terms(&self, organisation: usize, village: usize) -> Vec<ScoreTerm> {
        let points = self.points(organisation, village);
        let terms = Term::ALL.iter().zip(points).filter(|(_, points)| *points > 0);
        terms.map(|(&kind, points)| self.told(ScoreTerm::plain(kind, points), organisation, village)).collect()
    }

    fn points(&self, organisation: usize, village: usize) -> Points {
        let (own, side) = (&self.organisations[organisation], &self.data.organisations[organisation]);
        let (needs, place) = (&self.villages[village], &self.data.villages[village]);
        let bond = self.data.bonds[organisation].get(&village).copied().unwrap_or_default();
        let shared = own.goals & needs.goals;
        let of_town = side.is_of(place);
        let takes_one = of_town && side.kind == OrganisationKind::Chamber;
        let mut points = [0; Term::ALL.len()];
        let mut add = |kind: Term, times: i64, of: i64| {
            points[kind as usize] = self.weights[kind as usize] * times / of;
        };
        add(Term::DirectedDonation, i64::from(bond.donated_fen > 0 && gives(side.kind)), 1);
        add(Term::ChamberOfTown, takes_one.into(), 1);
        add(Term::OldBase, i64::from(takes_one && place.old_base), 1);
        add(Term::Goal, shared.count_ones().min(GOALS).into(), 1);
        add(Term::Industry, (own.industries & needs.industries).count_ones().min(INDUSTRIES).into(), 1);
        add(Term::Strengths, i64::from(own.strong & needs.goals != 0), 1);
        add(Term::SameTown, of_town.into(), 1);
        if shared != 0
            && let Some((_, covered, needed)) = self.covered(organisation, village)
        {
            add(Term::Capacity, covered, needed);
        }
        let urgent = if shared & needs.strong != 0 { 2 } else { i64::from(shared & needs.soon != 0) };
        add(Term::Urgency, urgent, 2);
        let rank = |rank: Option<i32>| rank.map_or(0, |rank| RANKS + 1 - i64::from(rank));
        add(Term::OrganisationRanked, rank(bond.organisation_rank), RANKS);
        add(Term::VillageRanked, rank(bond.village_rank), RANKS);
        points
    }

    /// The need that is covered best: the thing, how much of it, and how much is needed.
    fn covered(&self, organisation: usize, village: usize) -> Option<(usize, i64, i64)> {
        let offers = &self.organisations[organisation].amounts;
        let needs = self.villages[village].amounts.iter().filter(|(_, needed)| *needed > 0);
        let covered = needs.filter_map(|&(thing, needed)| {
            let (_, offered) = offers.iter().find(|(known, _)| *known == thing)?;
            Some((thing, needed.min(*offered), needed))
        });
        // Quantities are limited, and so are their products.
        covered.fold(None, |best, (thing, covered, needed)| match best {
            Some((_, most, of)) if i128::from(most) * i128::from(needed) >= i128::from(covered) * i128::from(of) => best,
            _ => Some((thing, covered, needed)),
        })
    }

    /// A term with what it is about.
    fn told(&self, mut term: ScoreTerm, organisation: usize, village: usize) -> ScoreTerm {
        let (own, needs) = (&self.organisations[organisation], &self.villages[village]);
        let bond = self.data.bonds[organisation].get(&village).copied().unwrap_or_default();
        let goals = |bits: u8| Goal::ALL.iter().copied().filter(|goal| bits & goal_bit(*goal) != 0).collect();
        let shared = own.goals & needs.goals;
        match term.kind {
            Term::DirectedDonation => term.amount_fen = Some(bond.donated_fen),
            Term::Goal => term.goals = goals(shared),
            Term::Industry => {
                let both = own.industries & needs.industries;
                term.industries = Industry::ALL.iter().copied().filter(|one| both & industry_bit(*one) != 0).collect();
            }
            Term::Strengths => term.goals = goals(own.strong & needs.goals),
            Term::Capacity => {
                if let Some((thing, covered, needed)) = self.covered(organisation, village) {
                    (term.covered, term.needed) = (Some(covered), Some(needed));
                    term.quantity_unit = self.units.get(thing).cloned();
                }
            }
            Term::Urgency if shared & needs.strong != 0 => term.goals = goals(shared & needs.strong),
            Term::Urgency => term.goals = goals(shared & needs.soon),
            Term::OrganisationRanked => term.rank = bond.organisation_rank,
            Term::VillageRanked => term.rank = bond.village_rank,
            Term::ChamberOfTown | Term::OldBase | Term::SameTown => {}
        }
        term
    }

    /// A pair with its score and its reasons.
    pub fn recommendation(&self, organisation: usize, village: usize) -> Recommendation {
        let (side, place) = (&self.data.organisations[organisation], &self.data.villages[village]);
        Recommendation {
            organisation_id: side.id,
            organisation_name: side.name.clone(),
            organisation_kind: side.kind,
            village_code: place.code.clone(),
            village_name: place.name.clone(),
            town_name: place.town_name.clone(),
            old_base: place.old_base,
            score: self.score(organisation, village),
            terms: self.terms(organisation, village),
        }
    }
}

fn points_of(weights: &MatchWeights) -> Points {
    let mut points = [0; Term::ALL.len()];
    for (kind, weight) in [
        (Term::DirectedDonation, weights.directed_donation),
        (Term::ChamberOfTown, weights.chamber_of_town),
        (Term::OldBase, weights.old_base),
        (Term::Goal, weights.goal),
        (Term::Industry, weights.industry),
        (Term::Strengths, weights.strengths),
        (Term::SameTown, weights.same_town),
        (Term::Capacity, weights.capacity),
        (Term::Urgency, weights.urgency),
        (Term::OrganisationRanked, weights.organisation_ranked),
        (Term::VillageRanked, weights.village_ranked),
    ] {
        points[kind as usize] = weight.into();
    }
    points
}

fn goal_bit(goal: Goal) -> u8 {
    1 << goal as u8
}

fn industry_bit(industry: Industry) -> u8 {
    1 << industry as u8
}

/// Whose directed donations make it a natural partner: 各镇（街道）慈善协会（基金会）、村（社区）慈善协会以及各镇（街道）教育发展促进会（基金会）.
pub fn gives(kind: OrganisationKind) -> bool {
    use OrganisationKind::{CharityAssociation, EducationPromotion, Foundation};
    matches!(kind, CharityAssociation | EducationPromotion | Foundation)
}

/// What an organisation is good at: what the notice expects of its kind (三、主要目标), and what it says of itself.
fn good_at(side: &Organisation) -> u8 {
    use OrganisationKind as K;
    let of_kind: &[Goal] = match side.kind {
        K::Chamber => &[Goal::CollectiveEconomy, Goal::Employment],
        K::CharityAssociation | K::Foundation => &[Goal::Infrastructure, Goal::LowIncomeAid],
        K::EducationPromotion | K::Volunteer | K::SocialWork | K::ServiceInstitution => &[Goal::LowIncomeAid],
        K::Association => &[],
    };
    let said = side.strengths.as_deref().unwrap_or_default();
    let in_words = WORDS.iter().filter(|(_, words)| words.iter().any(|word| said.contains(word))).map(|(goal, _)| goal);
    of_kind.iter().chain(in_words).fold(0, |bits, goal| bits | goal_bit(*goal))
}

/// Words by which organisations tell what they are good at.
const WORDS: &[(Goal, &[&str])] = &[
    (Goal::Infrastructure, &["基础设施", "道路", "水利", "修缮", "建设"]),
    (Goal::Employment, &["就业", "岗位", "用工"]),
    (Goal::Entrepreneurship, &["创业", "培训", "技能"]),
    (Goal::CollectiveEconomy, &["产业", "电商", "销售", "农产品", "订单", "加工"]),
    (Goal::LowIncomeAid, &["助学", "助老", "助残", "助医", "社工", "心理", "志愿", "慈善", "公益"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::data::{Bond, Village};
    use super::*;

    fn any_of<T: CodedEnum>() -> impl Strategy<Value = T> {
        proptest::sample::select(T::ALL)
    }

    fn supplies() -> impl Strategy<Value = Vec<Supply>> {
        let one = (any_of(), any_of(), proptest::option::of(any_of()), any_of(), 1..1_000_000_000_i64, 0..2_usize);
        let one = one.prop_map(|(goal, kind, industry, urgency, remaining, unit)| Supply {
            goal,
            kind,
            unit: ["盏", "人"][unit].to_owned(),
            industry,
            urgency,
            remaining,
        });
        proptest::collection::vec(one, 0..5)
    }

    fn campaigns() -> impl Strategy<Value = Data> {
        let ranks = || proptest::option::of(1..=10_i32);
        let bond = (0..3_i64, ranks(), ranks());
        let strengths = proptest::option::of(proptest::sample::select(vec!["熟悉电商销售", "可提供就业岗位", "其他"]));
        let organisation = (any_of(), 0..3_usize, strengths, supplies());
        let village = (0..2_usize, proptest::collection::vec(any_of(), 0..3), any::<bool>(), supplies());
        (organisation, village, bond).prop_map(|((kind, area, said, offers), (town, industries, old_base, needs), bond)| Data {
            organisations: vec![Organisation {
                code: "51".to_owned(),
                id: Uuid::nil(),
                name: String::new(),
                kind,
                area_code: ["350582", "350582104", "350582105"][area].to_owned(),
                strengths: said.map(str::to_owned),
                places: None,
                offers,
            }],
            villages: vec![Village {
                code: ["350582104201", "350582105201"][town].to_owned(),
                name: String::new(),
                town_name: String::new(),
                industries,
                old_base,
                places: None,
                needs,
            }],
            bonds: vec![BTreeMap::from([(0, Bond { donated_fen: bond.0, organisation_rank: bond.1, village_rank: bond.2 })])],
            ..Data::default()
        })
    }

    proptest! {
        #[test]
        fn the_terms_add_up_to_the_score_and_each_says_what_it_is_about(data in campaigns(), weight in 0..=1000_i32) {
            let weights = MatchWeights { goal: weight, ..MatchWeights::default() };
            let scores = Scores::new(&data, &weights);
            let (score, terms) = (scores.score(0, 0), scores.terms(0, 0));
            prop_assert_eq!(terms.iter().map(|term| term.points).sum::<i64>(), score);
            prop_assert!((0..=1_000_000).contains(&score));
            for term in &terms {
                prop_assert!(term.points > 0);
                match term.kind {
                    Term::Goal | Term::Strengths | Term::Urgency => prop_assert!(!term.goals.is_empty()),
                    Term::Industry => prop_assert!(!term.industries.is_empty()),
                    Term::DirectedDonation => prop_assert!(term.amount_fen.is_some_and(|fen| fen > 0)),
                    Term::Capacity => prop_assert!(term.covered <= term.needed && term.quantity_unit.is_some()),
                    Term::OrganisationRanked | Term::VillageRanked => prop_assert!(term.rank.is_some()),
                    Term::ChamberOfTown | Term::OldBase | Term::SameTown => {}
                }
                for lang in [contract::Lang::ZhCn, contract::Lang::En] {
                    prop_assert!(!term.words(lang).is_empty());
                }
            }
        }

        #[test]
        fn what_is_worth_nothing_leaves_no_term(data in campaigns()) {
            let nothing = serde_json::from_value(serde_json::json!({
                "directed_donation": 0, "chamber_of_town": 0, "old_base": 0, "goal": 0, "industry": 0, "strengths": 0, "same_town": 0,
                "capacity": 0, "urgency": 0, "organisation_ranked": 0, "village_ranked": 0,
            }));
            let scores = Scores::new(&data, &nothing.unwrap());
            prop_assert_eq!((scores.score(0, 0), scores.terms(0, 0)), (0, Vec::new()));
        }
    }
}
