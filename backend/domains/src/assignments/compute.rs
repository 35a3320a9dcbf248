//! Makes a problem of a campaign, and has it solved. Nothing here reads or writes; it runs outside of the threads that answer
//! requests.

use std::time::{Duration, Instant};

use contract::assignments::{AssignmentInput, AssignmentPair, MAX_ORGANISATIONS, MAX_SECONDS, MAX_VILLAGES};
use contract::recommendations::MatchWeights;
use contract::{ErrorCode, FieldError};
use matching::{Contradiction, Input, Invalid, Market, Pair, Problem, Rankings, Side, Solution, Wish};
use platform::{Error, Result};
use serde_json::{Map, Value};

use crate::fit::data::Data;
use crate::fit::score::Scores;

/// A campaign with the settings of an assignment, checked.
#[derive(Debug)]
pub struct Prepared {
    pub data: Data,
    pub details: AssignmentInput,
    pub weights: MatchWeights,
    pinned: Vec<Pair>,
    forbidden: Vec<Pair>,
}

impl Prepared {
    /// # Errors
    /// `validation_failed` where there is too much, or where a pair names who takes no part.
    pub fn new(data: Data, details: AssignmentInput, weights: MatchWeights) -> Result<Self> {
        if data.organisations.len() > MAX_ORGANISATIONS || data.villages.len() > MAX_VILLAGES {
            return Err(Error::field("/campaign_id", "too_many"));
        }
        let mut faults = details.faults();
        let mut pairs = |list: &str, pairs: &[AssignmentPair]| {
            let mut found = Vec::new();
            for (index, pair) in pairs.iter().enumerate() {
                let (organisation, village) = (data.organisation(pair.organisation_id), data.village(&pair.village_code));
                for (field, is_missing) in [("organisation_id", organisation.is_none()), ("village_code", village.is_none())] {
                    if is_missing {
                        faults.push(FieldError::at(format!("/{list}/{index}/{field}"), "not_enrolled"));
                    }
                }
                found.extend(organisation.zip(village).map(|(organisation, village)| Pair { organisation, village }));
            }
            found
        };
        let (pinned, forbidden) = (pairs("pinned", &details.pinned), pairs("forbidden", &details.forbidden));
        if faults.is_empty() { Ok(Self { data, details, weights, pinned, forbidden }) } else { Err(Error::fields(faults)) }
    }

    pub fn scores(&self) -> Scores<'_> {
        Scores::new(&self.data, &self.weights)
    }

    /// The problem that is to be solved.
    ///
    /// # Errors
    /// `validation_failed` at the pins that contradict each other.
    pub fn problem(&self, scores: &Scores<'_>) -> Result<Problem> {
        // Who says how many it can take on is asked for no more and no less; the campaign's limit holds for all.
        let side = |code: &str, places: Option<i32>, wanted: i32, limit: Option<i32>| {
            let wanted = places.unwrap_or(wanted);
            Side { code: code.to_owned(), capacity: limit.map_or(wanted, |limit| limit.min(wanted)).unsigned_abs() }
        };
        let Data { organisations, villages, organisation_limit, village_limit, .. } = &self.data;
        let AssignmentInput { organisation_capacity, village_capacity, .. } = self.details;
        let pair = |&(organisation, village): &(usize, usize)| Pair { organisation, village };
        // Nobody is asked again who has declined, unless somebody says so (自愿原则).
        let refused = self.data.refused.iter().map(pair).filter(|pair| !self.pinned.contains(pair));
        let input = Input {
            organisations: organisations
                .iter()
                .map(|one| side(&one.code, one.places, organisation_capacity, *organisation_limit))
                .collect(),
            villages: villages.iter().map(|one| side(&one.code, one.places, village_capacity, *village_limit)).collect(),
            existing: self.data.existing.iter().map(pair).collect(),
            pinned: self.pinned.clone(),
            forbidden: self.forbidden.iter().copied().chain(refused).collect(),
            wishes: self.wishes(),
        };
        Problem::new(input, |organisation, village| scores.score(organisation, village)).map_err(|invalid| self.refusal(invalid))
    }

    /// 原则上各镇（街道）商会要挂钩一个村（社区）: each chamber wishes for one village of its town.
    fn wishes(&self) -> Vec<Wish> {
        let of_town = |organisation: usize| {
            let villages = self.data.villages.iter().enumerate();
            let own = villages.filter(|(_, village)| self.data.organisations[organisation].is_of(village));
            own.map(|(number, _)| number).collect::<Vec<_>>()
        };
        let wishes = self.data.chambers().map(|organisation| Wish { organisation, one_of: of_town(organisation) });
        wishes.filter(|wish| !wish.one_of.is_empty()).collect()
    }

    /// Names what contradicts itself at the fields where it was asked for.
    fn refusal(&self, invalid: Invalid) -> Error {
        let Invalid::Contradictions(all) = invalid else { return Error::internal(invalid) };
        let mut faults = Vec::new();
        for contradiction in all {
            let (capacity, existing, pinned) = match contradiction {
                Contradiction::PinnedAndForbidden(pair) => {
                    faults.extend(self.pins(|pin| pin == pair).map(|at| FieldError::at(at, "pinned_and_forbidden")));
                    continue;
                }
                Contradiction::OrganisationPinnedBeyondCapacity { organisation, capacity, existing, pinned } => {
                    let pins = pinned.iter().map(|&village| Pair { organisation, village }).collect();
                    (capacity, existing, pins)
                }
                Contradiction::VillagePinnedBeyondCapacity { village, capacity, existing, pinned } => {
                    let pins: Vec<_> = pinned.iter().map(|&organisation| Pair { organisation, village }).collect();
                    (capacity, existing, pins)
                }
            };
            let numbers =
                [("capacity", capacity), ("existing", existing), ("pinned", pinned.len().try_into().unwrap_or(u32::MAX))];
            let params: Map<String, Value> = numbers.into_iter().map(|(name, n)| (name.to_owned(), n.into())).collect();
            let at = self.pins(|pin| pinned.contains(&pin));
            faults.extend(at.map(|at| FieldError::new(at, "beyond_capacity", params.clone())));
        }
        Error::fields(faults)
    }

    fn pins(&self, is_meant: impl Fn(Pair) -> bool) -> impl Iterator<Item = String> {
        let pins = self.pinned.iter().enumerate().filter(move |(_, pin)| is_meant(**pin));
        pins.map(|(index, _)| format!("/pinned/{index}"))
    }

    /// What both sides ranked, the best first.
    pub fn market<'p>(&self, problem: &'p Problem) -> Result<Market<'p>> {
        let (mut by_organisation, mut by_village) =
            (vec![Vec::new(); self.data.organisations.len()], vec![Vec::new(); self.data.villages.len()]);
        for (organisation, bonds) in self.data.bonds.iter().enumerate() {
            for (&village, bond) in bonds {
                by_organisation[organisation].extend(bond.organisation_rank.map(|rank| (rank, village)));
                by_village[village].extend(bond.village_rank.map(|rank| (rank, organisation)));
            }
        }
        let sorted = |list: Vec<Vec<(i32, usize)>>| -> Vec<Vec<usize>> {
            let each = list.into_iter().map(|mut ranked| {
                ranked.sort_unstable();
                ranked.into_iter().map(|(_, side)| side).collect()
            });
            each.collect()
        };
        let rankings = Rankings { organisations: sorted(by_organisation), villages: sorted(by_village) };
        Market::new(problem, rankings).map_err(Error::internal)
    }
}

/// Solves a problem, unless that takes too long.
///
/// # Errors
/// `assignment_too_long`.
pub fn solved(problem: &Problem) -> Result<Solution<'_>> {
    let until = Instant::now() + Duration::from_secs(MAX_SECONDS);
    problem.solve_while(|| Instant::now() < until).ok_or_else(|| ErrorCode::AssignmentTooLong.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use contract::CodedEnum;
    use contract::campaigns::Goal;
    use contract::catalogue::{SupplyKind, Urgency};
    use contract::organisations::OrganisationKind;
    use contract::villages::Industry;
    use sea_orm::prelude::Uuid;

    use super::*;
    use crate::fit::data::{Bond, Organisation, Supply, Village};

    /// Numbers that look random and are always the same.
    fn number(seed: usize, of: usize) -> usize {
        (seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) % of
    }

    fn one_of<T: CodedEnum>(seed: usize) -> T {
        T::ALL[number(seed, T::ALL.len())]
    }

    fn supply(seed: usize) -> Vec<Supply> {
        let one = |seed: usize| Supply {
            goal: one_of(seed),
            kind: one_of::<SupplyKind>(seed + 1),
            unit: "项".to_owned(),
            industry: Some(one_of(seed + 2)),
            urgency: one_of::<Urgency>(seed + 3),
            remaining: 1 + i64::try_from(number(seed + 4, 50)).unwrap(),
        };
        vec![one(seed * 7), one(seed * 11 + 5)]
    }

    /// A county of this size.
    fn county(organisations: usize, villages: usize) -> Data {
        let town = |number: usize| format!("350582{:03}", 100 + number % 19);
        Data {
            organisations: (0..organisations)
                .map(|seed| Organisation {
                    code: format!("51{seed:016}"),
                    id: Uuid::from_u128(seed as u128 + 1),
                    name: String::new(),
                    kind: if seed < 19 { OrganisationKind::Chamber } else { one_of(seed) },
                    area_code: town(seed),
                    strengths: None,
                    places: None,
                    offers: supply(seed),
                })
                .collect(),
            villages: (0..villages)
                .map(|seed| Village {
                    code: format!("{}{:03}", town(seed * 19 / villages), seed - (seed * 19 / villages * villages).div_ceil(19)),
                    name: String::new(),
                    town_name: String::new(),
                    industries: vec![one_of::<Industry>(seed)],
                    old_base: number(seed, 3) == 0,
                    places: None,
                    needs: supply(seed + 100_000),
                })
                .collect(),
            bonds: (0..organisations)
                .map(|seed| BTreeMap::from([(number(seed, villages), Bond { organisation_rank: Some(1), ..Bond::default() })]))
                .collect(),
            ..Data::default()
        }
    }

    fn details(pinned: Vec<AssignmentPair>) -> AssignmentInput {
        AssignmentInput {
            campaign_id: Uuid::nil(),
            title: String::new(),
            note: None,
            weights: None,
            organisation_capacity: 3,
            village_capacity: 1,
            uses_rankings: true,
            pinned,
            forbidden: Vec::new(),
        }
    }

    fn prepared(data: Data) -> Prepared {
        Prepared::new(data, details(Vec::new()), MatchWeights::default()).unwrap()
    }

    #[test]
    fn the_largest_campaign_is_assigned_and_a_larger_one_refused() {
        let campaign = prepared(county(MAX_ORGANISATIONS, MAX_VILLAGES));
        let began = Instant::now();
        let scores = campaign.scores();
        let problem = campaign.problem(&scores).unwrap();
        let scored = began.elapsed();
        let solution = solved(&problem).unwrap();
        println!("scored in {scored:?}, solved in {:?}", began.elapsed() - scored);
        assert_eq!(solution.assignment().pairs.len(), 3 * MAX_ORGANISATIONS);
        assert!(matching::verify(&problem, &solution.assignment().pairs, &solution.certificate()).is_ok());
        assert!(solution.greedy().worth <= solution.assignment().worth);
        for (organisations, villages) in [(MAX_ORGANISATIONS + 1, 1), (1, MAX_VILLAGES + 1)] {
            let larger = Prepared::new(county(organisations, villages), details(Vec::new()), MatchWeights::default());
            assert_eq!(larger.unwrap_err().errors[0].code, "too_many");
        }
    }

    #[test]
    fn what_is_told_is_the_same_each_time_and_names_pins_by_their_places() {
        let tell = || {
            let campaign = prepared(county(40, 25));
            let digest = campaign.data.digest().unwrap();
            let told = campaign.compute(&digest).unwrap();
            serde_json::to_string(&(told.figures, told.reasons, told.certificate)).unwrap()
        };
        assert_eq!(tell(), tell());
        let data = county(40, 25);
        let pin = |organisation: usize| AssignmentPair {
            organisation_id: data.organisations[organisation].id,
            village_code: data.villages[3].code.clone(),
        };
        let pins = details(vec![pin(7), pin(5)]);
        let campaign = Prepared::new(data.clone(), pins, MatchWeights::default()).unwrap();
        let error = campaign.compute("").unwrap_err();
        let pointers: Vec<_> = error.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/pinned/0", "/pinned/1"]);
    }

    #[test]
    fn goals_are_all_of_the_campaign() {
        // The sets of a score hold a bit for each goal.
        assert!(Goal::ALL.len() <= 8 && Industry::ALL.len() <= 8);
    }
}
