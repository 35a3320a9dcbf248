//! Tells what was computed: the figures, the lines with their reasons, who stays without and why, and the proof.

use std::collections::HashSet;

use contract::assignments::{
    AssignedPair, AssignedPrice, AssignedSide, AssignmentCertificate, AssignmentFigures, AssignmentReasons, BetterSide,
    LeftReason, LeftSide, MatchWorth, UnmetWishes, WhyNot, WhyNotAnswer,
};
use contract::recommendations::ScoreTerm;
use matching::{Left, Pair, Problem, Reason, Solution, Unmet, Worth, verify};
use platform::{Error, Result};

use super::compute::{Prepared, solved};
use crate::fit::score::Scores;

/// A line before it is kept.
#[derive(Debug)]
pub struct Line {
    pub organisation_id: sea_orm::prelude::Uuid,
    pub village_code: String,
    pub pinned: bool,
    pub score: i64,
    pub terms: Vec<ScoreTerm>,
}

/// What is kept of an assignment.
#[derive(Debug)]
pub struct Computed {
    pub figures: AssignmentFigures,
    pub reasons: AssignmentReasons,
    pub certificate: AssignmentCertificate,
    pub lines: Vec<Line>,
}

impl Prepared {
    /// Finds the best assignment and tells why it is as it is. Nothing is told that is not proven.
    ///
    /// # Errors
    /// `validation_failed` where demands contradict each other, `assignment_too_long`.
    pub fn compute(&self, digest: &str) -> Result<Computed> {
        let scores = self.scores();
        let problem = self.problem(&scores)?;
        let solution = solved(&problem)?;
        let proof = solution.certificate();
        let pairs = &solution.assignment().pairs;
        let worth = verify(&problem, pairs, &proof).map_err(Error::internal)?;
        let teller = Teller { prepared: self, scores: &scores };
        let reasons = teller.reasons(&problem, &solution)?;
        let figures = teller.figures(&problem, &solution, &reasons);
        let prices = |sides: Vec<AssignedSide>, prices: Vec<Worth>| sides.into_iter().zip(prices);
        let organisations = (0..self.data.organisations.len()).map(|number| teller.organisation(number)).collect();
        let villages = (0..self.data.villages.len()).map(|number| teller.village(number)).collect();
        let certificate = AssignmentCertificate {
            digest: digest.to_owned(),
            worth: told(worth),
            organisations: prices(organisations, proof.organisations)
                .zip(proof.wished)
                .map(|((side, price), wished)| {
                    let wished = Some(told(wished)).filter(|wished| *wished != told(price));
                    AssignedPrice { side, price: told(price), wished }
                })
                .collect(),
            villages: prices(villages, proof.villages)
                .map(|(side, price)| AssignedPrice { side, price: told(price), wished: None })
                .collect(),
        };
        let lines = pairs.iter().map(|&pair| Line {
            organisation_id: self.data.organisations[pair.organisation].id,
            village_code: self.data.villages[pair.village].code.clone(),
            pinned: problem.pinned().binary_search(&pair).is_ok(),
            score: problem.score(pair),
            terms: scores.terms(pair.organisation, pair.village),
        });
        Ok(Computed { figures, reasons, certificate, lines: lines.collect() })
    }

    /// Why two are not paired, what it would cost, and who would give way.
    ///
    /// # Errors
    /// `validation_failed` where demands contradict each other, `assignment_too_long`.
    pub fn why_not(&self, pair: Pair) -> Result<WhyNot> {
        let scores = self.scores();
        let problem = self.problem(&scores)?;
        let solution = solved(&problem)?;
        let teller = Teller { prepared: self, scores: &scores };
        let mut told_of = WhyNot {
            pair: teller.pair(pair),
            answer: WhyNotAnswer::Paired,
            terms: scores.terms(pair.organisation, pair.village),
            organisation_full: false,
            village_full: false,
            organisation_price: None,
            village_price: None,
            excess: None,
            loss: None,
            dropped: Vec::new(),
            made: Vec::new(),
        };
        told_of.answer = match solution.why_not(pair) {
            matching::WhyNot::Paired => WhyNotAnswer::Paired,
            matching::WhyNot::Existing => WhyNotAnswer::Existing,
            matching::WhyNot::Forbidden => WhyNotAnswer::Forbidden,
            matching::WhyNot::Full { organisation, village } => {
                (told_of.organisation_full, told_of.village_full) = (organisation, village);
                WhyNotAnswer::Full
            }
            matching::WhyNot::Costs { organisation_price, village_price, excess, loss, dropped, made, .. } => {
                told_of.organisation_price = Some(told(organisation_price));
                told_of.village_price = Some(told(village_price));
                (told_of.excess, told_of.loss) = (Some(told(excess)), Some(told(loss)));
                told_of.dropped = teller.pairs(dropped);
                told_of.made = teller.pairs(made);
                WhyNotAnswer::Costs
            }
        };
        Ok(told_of)
    }
}

struct Teller<'p> {
    prepared: &'p Prepared,
    scores: &'p Scores<'p>,
}

impl Teller<'_> {
    fn organisation(&self, number: usize) -> AssignedSide {
        let side = &self.prepared.data.organisations[number];
        AssignedSide { organisation_id: Some(side.id), village_code: None, name: side.name.clone() }
    }

    fn village(&self, number: usize) -> AssignedSide {
        let side = &self.prepared.data.villages[number];
        AssignedSide { organisation_id: None, village_code: Some(side.code.clone()), name: side.name.clone() }
    }

    fn pair(&self, pair: Pair) -> AssignedPair {
        let (side, village) = (&self.prepared.data.organisations[pair.organisation], &self.prepared.data.villages[pair.village]);
        AssignedPair {
            organisation_id: side.id,
            organisation_name: side.name.clone(),
            village_code: village.code.clone(),
            village_name: village.name.clone(),
            score: self.scores.score(pair.organisation, pair.village),
        }
    }

    fn pairs(&self, pairs: impl IntoIterator<Item = Pair>) -> Vec<AssignedPair> {
        pairs.into_iter().map(|pair| self.pair(pair)).collect()
    }

    fn reasons(&self, problem: &Problem, solution: &Solution<'_>) -> Result<AssignmentReasons> {
        let data = &self.prepared.data;
        let pairs = &solution.assignment().pairs;
        let has_any = |side: fn(&Pair) -> usize| -> HashSet<usize> {
            let existing = data.existing.iter().map(|&(organisation, village)| Pair { organisation, village });
            existing.chain(pairs.iter().copied()).map(|pair| side(&pair)).collect()
        };
        let (organisations, villages) = (has_any(|pair| pair.organisation), has_any(|pair| pair.village));
        let of_organisation = |number| self.organisation(number);
        let of_village = |number| self.village(number);
        let mut reasons = AssignmentReasons {
            existing: self.pairs(data.existing.iter().map(|&(organisation, village)| Pair { organisation, village })),
            organisations_left: left(solution.organisations_left(), &organisations, of_organisation, of_village),
            villages_left: left(solution.villages_left(), &villages, of_village, of_organisation),
            unmet: solution.unmet().into_iter().map(|unmet| self.unmet(unmet)).collect(),
            blocking: Vec::new(),
            best_for_organisations: Vec::new(),
            best_for_villages: Vec::new(),
        };
        if data.organisation_rankings > 0 && data.village_rankings > 0 {
            let market = self.prepared.market(problem)?;
            reasons.blocking = self.pairs(market.blocking(pairs));
            reasons.best_for_organisations = self.pairs(market.best_for_organisations());
            reasons.best_for_villages = self.pairs(market.best_for_villages());
        }
        Ok(reasons)
    }

    fn unmet(&self, unmet: Unmet) -> UnmetWishes {
        let organisations = |numbers: Vec<usize>| numbers.into_iter().map(|number| self.organisation(number)).collect();
        match unmet {
            Unmet::Full { organisation } => UnmetWishes {
                full: true,
                organisations: vec![self.organisation(organisation)],
                without: vec![self.organisation(organisation)],
                villages: Vec::new(),
                places: 0,
            },
            Unmet::Short(shortage) => UnmetWishes {
                full: false,
                organisations: organisations(shortage.organisations),
                without: organisations(shortage.without),
                villages: shortage.villages.into_iter().map(|number| self.village(number)).collect(),
                places: shortage.places.into(),
            },
        }
    }

    fn figures(&self, problem: &Problem, solution: &Solution<'_>, reasons: &AssignmentReasons) -> AssignmentFigures {
        let data = &self.prepared.data;
        let (best, greedy) = (solution.assignment(), solution.greedy());
        let without = |left: &[LeftSide]| count(left.iter().filter(|left| left.without).count());
        AssignmentFigures {
            organisations: count(data.organisations.len()),
            villages: count(data.villages.len()),
            existing: count(data.existing.len()),
            lines: count(best.pairs.len()),
            total: best.worth.points,
            chambers: count(problem.wishes().len()),
            chambers_met: best.worth.wishes,
            greedy_total: greedy.worth.points,
            greedy_lines: count(greedy.pairs.len()),
            greedy_chambers_met: greedy.worth.wishes,
            organisations_without: without(&reasons.organisations_left),
            villages_without: without(&reasons.villages_left),
            organisation_rankings: data.organisation_rankings,
            village_rankings: data.village_rankings,
            blocking: count(reasons.blocking.len()),
        }
    }
}

/// Those with free places.
fn left(
    left: Vec<Left>,
    has_any: &HashSet<usize>,
    own: impl Fn(usize) -> AssignedSide,
    other: impl Fn(usize) -> AssignedSide,
) -> Vec<LeftSide> {
    let told_of = |left: Left| {
        let (reason, forbidden, better) = match left.reason {
            Reason::NothingFits { forbidden } => (LeftReason::NothingFits, count(forbidden), Vec::new()),
            Reason::Outbid(better) => (LeftReason::Outbid, 0, better),
        };
        let better =
            better.into_iter().map(|one| BetterSide { side: other(one.side), score: one.score, price: one.price.map(told) });
        LeftSide {
            side: own(left.side),
            places: left.places.into(),
            without: !has_any.contains(&left.side),
            reason,
            forbidden,
            better: better.collect(),
        }
    };
    left.into_iter().map(told_of).collect()
}

fn told(worth: Worth) -> MatchWorth {
    MatchWorth { wishes: worth.wishes, points: worth.points }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
