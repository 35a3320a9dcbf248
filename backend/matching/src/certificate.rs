//! The proof that an assignment is the best one.

use std::error::Error;
use std::fmt;

use crate::problem::{Mark, Pair, Problem};
use crate::worth::Worth;

/// A price for a place of each organisation and of each village.
///
/// A pair needs a place of both sides. So whatever prices are set, an assignment is worth no more than all places at their prices
/// and, for each pair that scores more than its two prices, what it scores more. [`verify`] adds that up. If an assignment is
/// worth just as much, then no other one is worth more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The price of a place of each organisation.
    pub organisations: Vec<Worth>,
    /// The price of a place of each organisation for the villages of its wish. It may be lower by what a wish is worth.
    pub wished: Vec<Worth>,
    /// The price of a place of each village.
    pub villages: Vec<Worth>,
}

/// Why a certificate proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The pairs are not in ascending order, or the same two are paired twice.
    Order,
    NoSuchPair(Pair),
    /// The pair is forbidden or exists already.
    NotOpen(Pair),
    /// A pinned pair is missing.
    NotPaired(Pair),
    OrganisationBeyondCapacity(usize),
    VillageBeyondCapacity(usize),
    /// There is not one price for each place.
    Length,
    /// A price is below zero, beyond all that could be earned, or higher for the villages of a wish than for others.
    Price,
    /// There may be an assignment that is worth more: with these prices, all that is certain is this bound.
    Bound(Worth),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate proves nothing: {self:?}")
    }
}

impl Error for Flaw {}

/// No price of a problem within the limits comes near this one.
const HIGHEST: u64 = 1 << 50;
const ONE_WISH: Worth = Worth { wishes: 1, points: 0 };

/// Checks that pairs are an assignment of the problem, and that the certificate proves it to be the best one. It shares nothing
/// with the solver.
///
/// # Errors
/// Says what is wrong with the pairs, or with the proof.
pub fn verify(problem: &Problem, pairs: &[Pair], certificate: &Certificate) -> Result<Worth, Flaw> {
    check_pairs(problem, pairs)?;
    let worth = problem.worth(pairs);
    let bound = bound(problem, certificate)?;
    if bound == worth { Ok(worth) } else { Err(Flaw::Bound(bound)) }
}

fn check_pairs(problem: &Problem, pairs: &[Pair]) -> Result<(), Flaw> {
    let (organisations, villages) = (problem.organisations().len(), problem.villages().len());
    if pairs.windows(2).any(|two| two[0] >= two[1]) {
        return Err(Flaw::Order);
    }
    if let Some(&pair) = pairs.iter().find(|pair| pair.organisation >= organisations || pair.village >= villages) {
        return Err(Flaw::NoSuchPair(pair));
    }
    if let Some(&pair) = problem.pinned().iter().find(|pair| pairs.binary_search(pair).is_err()) {
        return Err(Flaw::NotPaired(pair));
    }
    let mut taken = (vec![0; organisations], vec![0; villages]);
    for &pair in pairs {
        match problem.mark(pair) {
            Mark::Open => {
                taken.0[pair.organisation] += 1;
                taken.1[pair.village] += 1;
            }
            // Places are what pinned pairs leave.
            Mark::Pinned => {}
            Mark::Forbidden | Mark::Existing => return Err(Flaw::NotOpen(pair)),
        }
    }
    if let Some(number) = (0..organisations).find(|&number| taken.0[number] > problem.organisation_places(number)) {
        return Err(Flaw::OrganisationBeyondCapacity(number));
    }
    if let Some(number) = (0..villages).find(|&number| taken.1[number] > problem.village_places(number)) {
        return Err(Flaw::VillageBeyondCapacity(number));
    }
    Ok(())
}

/// What no assignment is worth more than.
fn bound(problem: &Problem, certificate: &Certificate) -> Result<Worth, Flaw> {
    let Certificate { organisations, wished, villages } = certificate;
    let (rows, columns) = (problem.organisations().len(), problem.villages().len());
    if (organisations.len(), wished.len(), villages.len()) != (rows, rows, columns) {
        return Err(Flaw::Length);
    }
    let is_possible = |price: &Worth| price.wishes.unsigned_abs() <= HIGHEST && price.points.unsigned_abs() <= HIGHEST;
    let is_price = |price: &Worth| is_possible(price) && *price >= Worth::ZERO;
    let is_lower = |(wished, price): (&Worth, &Worth)| is_possible(wished) && wished <= price;
    if !organisations.iter().chain(villages).all(is_price) || !wished.iter().zip(organisations).all(is_lower) {
        return Err(Flaw::Price);
    }

    let mut sum = Sum::default();
    // What is settled is part of every assignment.
    sum.add(1, Worth { wishes: problem.met().try_into().expect("a list has a limit"), points: 0 });
    problem.pinned().iter().for_each(|&pair| sum.add(1, Worth::of_points(problem.score(pair))));
    for (village, &price) in villages.iter().enumerate() {
        sum.add(problem.village_places(village), price);
    }
    for organisation in 0..rows {
        sum.add(problem.organisation_places(organisation), organisations[organisation]);
        if problem.has_open_wish(organisation) {
            // Any number of wished villages earns this at most, beyond their prices.
            sum.add(1, (ONE_WISH + wished[organisation] - organisations[organisation]).max(Worth::ZERO));
        }
        if problem.organisation_places(organisation) == 0 {
            continue;
        }
        for (village, (score, mark)) in problem.row(organisation).enumerate() {
            if mark != Mark::Open {
                continue;
            }
            let is_wished = problem.is_wished(Pair { organisation, village });
            let price = if is_wished { wished[organisation] } else { organisations[organisation] };
            let more = Worth::of_points(i64::from(score)) - price - villages[village];
            if more > Worth::ZERO && problem.village_places(village) > 0 {
                sum.add(1, more);
            }
        }
    }
    sum.worth().ok_or(Flaw::Price)
}

/// A sum of prices that may have been tampered with: it does not overflow.
#[derive(Default)]
struct Sum {
    wishes: i128,
    points: i128,
}

impl Sum {
    fn add(&mut self, times: u32, worth: Worth) {
        self.wishes += i128::from(times) * i128::from(worth.wishes);
        self.points += i128::from(times) * i128::from(worth.points);
    }

    fn worth(&self) -> Option<Worth> {
        Some(Worth { wishes: self.wishes.try_into().ok()?, points: self.points.try_into().ok()? })
    }
}
