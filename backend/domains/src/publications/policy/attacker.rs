//! Somebody who wants to know what is held back: an independent program with exact elimination and with bounds, who has all
//! publications, knows that counts are not negative and only rise, and knows the rules.

use contract::CodedEnum;
use contract::assistance::AidKind;

use super::*;

const WHOLE: &str = "350582";
/// How many publications are attacked, two of each campaign.
const PUBLICATIONS: usize = 10_000;

/// Numbers by chance, the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn pick(&mut self, of: &[i64]) -> i64 {
        of[self.roll(of.len())]
    }
}

/// The cells of a campaign in each publication, town by town.
struct Campaign {
    table: PublicTable,
    towns: usize,
    columns: usize,
    cells: Vec<Vec<i64>>,
}

impl Campaign {
    fn random(dice: &mut Dice) -> Self {
        let table = [PublicTable::Households, PublicTable::Projects][dice.roll(2)];
        let (towns, columns) = (2 + dice.roll(3), 2 + dice.roll(2));
        let first: Vec<i64> = (0..towns * columns).map(|_| dice.pick(&[0, 0, 1, 2, 3, 4, 5, 6, 8, 12, 30])).collect();
        let mut more = |before: &i64| (before + dice.pick(&[-3, 0, 0, 0, 0, 1, 2, 4, 5, 9])).max(0);
        let second = first.iter().map(&mut more).collect();
        Self { table, towns, columns, cells: vec![first, second] }
    }

    /// The cells that each figure of a publication is the sum of.
    fn figures(&self) -> Vec<Vec<usize>> {
        let cell = |town: usize, column: usize| town * self.columns + column;
        let mut figures = vec![(0..self.towns * self.columns).collect()];
        figures.extend((0..self.columns).map(|column| (0..self.towns).map(|town| cell(town, column)).collect::<Vec<_>>()));
        for town in 0..self.towns {
            figures.push((0..self.columns).map(|column| cell(town, column)).collect());
            figures.extend((0..self.columns).map(|column| vec![cell(town, column)]));
        }
        figures
    }

    fn counts(&self, publication: usize) -> Vec<Count> {
        let areas = std::iter::once(WHOLE.to_owned()).chain((0..self.towns).map(|town| format!("{WHOLE}{town:03}")));
        let columns = || std::iter::once(None).chain(AidKind::ALL.iter().take(self.columns).map(|kind| Some(kind.code())));
        let keys = areas.flat_map(|area| columns().map(move |column| (area.clone(), column)));
        let count = |((area_code, column), cells): ((String, Option<&str>), Vec<usize>)| {
            let values = cells.iter().map(|&cell| self.cells[publication][cell]);
            let value = values.clone().sum();
            // Families may be in several columns of their town.
            let several = column.is_none() && area_code != WHOLE && self.table.counts_families();
            let behind = if several { values.max().unwrap_or_default() } else { value };
            Count { table: self.table, area_code, column: column.map(str::to_owned), value, behind }
        };
        keys.zip(self.figures()).map(count).collect()
    }

    /// What is shown of each publication.
    fn published(&self) -> Vec<Vec<bool>> {
        let mut past = Vec::new();
        for publication in 0..self.cells.len() {
            let counts = self.counts(publication);
            let decisions = decide(&past, &counts, WHOLE);
            past.push(Past { counts, shown: decisions.iter().map(|decision| *decision == FigureDecision::Shown).collect() });
        }
        past.into_iter().map(|past| past.shown).collect()
    }

    /// What is shown if only small numbers are held back.
    fn carelessly_published(&self) -> Vec<Vec<bool>> {
        let shown = |publication| self.counts(publication).iter().map(|count| count.value.min(count.behind) >= FEWEST).collect();
        (0..self.cells.len()).map(shown).collect()
    }
}

/// An equation over the attacker's unknowns: factors, and what they sum up to.
#[derive(Clone)]
struct Equation {
    factors: Vec<i128>,
    sum: i128,
}

impl Equation {
    /// Takes out an unknown, by another equation that has it.
    fn without(&self, unknown: usize, other: &Self) -> Self {
        let (a, b) = (other.factors[unknown], self.factors[unknown]);
        let combine = |(mine, theirs): (&i128, &i128)| a * mine - b * theirs;
        let factors: Vec<i128> = self.factors.iter().zip(&other.factors).map(combine).collect();
        let sum = combine((&self.sum, &other.sum));
        let common = factors.iter().chain([&sum]).fold(0, |common, &factor| divisor(common, factor.abs())).max(1);
        Self { factors: factors.into_iter().map(|factor| factor / common).collect(), sum: sum / common }
    }
}

fn divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// What the attacker knows.
struct Attacker {
    reduced: Vec<(usize, Equation)>,
    bounds: Vec<(i128, Option<i128>)>,
}

impl Attacker {
    fn of(unknowns: usize, equations: &[Equation]) -> Self {
        let mut reduced: Vec<(usize, Equation)> = Vec::new();
        for equation in equations {
            let rest = reduced.iter().fold(equation.clone(), |rest, (unknown, known)| rest.without(*unknown, known));
            let Some(pivot) = rest.factors.iter().position(|factor| *factor != 0) else { continue };
            reduced.iter_mut().for_each(|(_, known)| *known = known.without(pivot, &rest));
            reduced.push((pivot, rest));
        }
        let mut attacker = Self { reduced, bounds: vec![(0, None); unknowns] };
        let all: Vec<Equation> =
            equations.iter().cloned().chain(attacker.reduced.iter().map(|(_, known)| known.clone())).collect();
        while all.iter().filter(|equation| attacker.narrow(equation)).count() > 0 {}
        attacker
    }

    /// Narrows the bounds of the unknowns of an equation by those of the others. Returns whether any has become narrower.
    fn narrow(&mut self, equation: &Equation) -> bool {
        let mut narrowed = false;
        for sign in [1, -1] {
            // The least that each part of the equation can be.
            let least = |unknown: usize, factor: i128, bounds: &[(i128, Option<i128>)]| {
                let (low, high) = bounds[unknown];
                if factor >= 0 { Some(factor * low) } else { high.map(|high| factor * high) }
            };
            let parts: Vec<(usize, i128)> = equation
                .factors
                .iter()
                .enumerate()
                .map(|(unknown, factor)| (unknown, sign * factor))
                .filter(|part| part.1 != 0)
                .collect();
            for &(unknown, factor) in &parts {
                let others = parts.iter().filter(|(other, _)| *other != unknown);
                let Some(others) = others.map(|&(other, factor)| least(other, factor, &self.bounds)).sum::<Option<i128>>() else {
                    continue;
                };
                let most = sign * equation.sum - others;
                let (low, high) = &mut self.bounds[unknown];
                if factor > 0 {
                    let limit = most.div_euclid(factor);
                    if high.is_none_or(|high| limit < high) {
                        (*high, narrowed) = (Some(limit), true);
                    }
                } else {
                    let limit = -most.div_euclid(-factor);
                    if limit > *low {
                        (*low, narrowed) = (limit, true);
                    }
                }
            }
        }
        narrowed
    }

    /// The least and the most that a sum can be.
    fn range(&self, factors: &[i128]) -> (i128, Option<i128>) {
        let wanted = Equation { factors: factors.to_vec(), sum: 0 };
        let rest = self.reduced.iter().fold((wanted, 1), |(rest, scale), (unknown, known)| {
            // Follows by how much the sum itself is multiplied, to say its value in the end.
            let by = known.factors[*unknown];
            let of = rest.factors[*unknown];
            let combine = |(mine, theirs): (&i128, &i128)| by * mine - of * theirs;
            let factors: Vec<i128> = rest.factors.iter().zip(&known.factors).map(combine).collect();
            (Equation { factors, sum: by * rest.sum - of * known.sum }, scale * by)
        });
        if rest.0.factors.iter().all(|factor| *factor == 0) {
            let value = -rest.0.sum / rest.1;
            return (value, Some(value));
        }
        let parts = || factors.iter().zip(&self.bounds).filter(|(factor, _)| **factor != 0);
        let low = parts().map(|(factor, (low, _))| factor * low).sum();
        (low, parts().map(|(factor, (_, high))| high.map(|high| factor * high)).sum())
    }
}

/// The figures that somebody learns although they are held back, or of which they learn that they are small.
fn found(campaign: &Campaign, published: &[Vec<bool>]) -> Vec<(usize, usize)> {
    let size = campaign.towns * campaign.columns;
    let rises = campaign.cells[0].iter().zip(&campaign.cells[1]).all(|(first, second)| first <= second);
    let factors = |publication: usize, cells: &[usize]| {
        let mut factors = vec![0; 2 * size];
        for &cell in cells {
            factors[publication * size + cell] = 1;
            if publication == 1 && rises {
                // The second count is the first, and what came since.
                factors[cell] = 1;
            }
        }
        factors
    };
    let figures = campaign.figures();
    let value = |publication: usize, cells: &[usize]| cells.iter().map(|&cell| campaign.cells[publication][cell]).sum::<i64>();
    let all = |shown: bool| {
        let of = move |publication: usize| (0..published[publication].len()).map(move |figure| (publication, figure));
        (0..2).flat_map(of).filter(move |&(publication, figure)| published[publication][figure] == shown)
    };
    let equation = |(publication, figure): (usize, usize)| Equation {
        factors: factors(publication, &figures[figure]),
        sum: value(publication, &figures[figure]).into(),
    };
    let attacker = Attacker::of(2 * size, &all(true).map(equation).collect::<Vec<_>>());
    let learnt = |&(publication, figure): &(usize, usize)| {
        let value = i128::from(value(publication, &figures[figure]));
        let (low, high) = attacker.range(&factors(publication, &figures[figure]));
        assert!(low <= value && high.is_none_or(|high| value <= high), "the attacker reckons wrongly");
        high == Some(low) || high.is_some_and(|high| high < FEWEST.into())
    };
    all(false).filter(learnt).collect()
}

#[test]
fn an_attacker_finds_nothing_that_is_held_back_in_ten_thousand_publications() {
    let mut dice = Dice(2020_0028);
    let (mut shown, mut all, mut careless) = (0, 0, 0);
    for _ in 0..PUBLICATIONS / 2 {
        let campaign = Campaign::random(&mut dice);
        let published = campaign.published();
        assert_eq!(found(&campaign, &published), [], "{:?} {:?} {published:?}", campaign.table, campaign.cells);
        shown += published.iter().flatten().filter(|shown| **shown).count();
        all += published.iter().flatten().count();
        careless += usize::from(!found(&campaign, &campaign.carelessly_published()).is_empty());
    }
    // An attacker who finds nothing anywhere, and tables that show nothing, would prove nothing.
    assert!(careless > PUBLICATIONS / 4, "only {careless}");
    assert!(shown * 5 > all, "only {shown} of {all}");
}

#[test]
fn what_was_told_stays_known_and_the_same_is_told_again() {
    let cells = vec![vec![30, 12, 3, 8, 20, 6], vec![30, 12, 3, 8, 20, 6]];
    let campaign = Campaign { table: PublicTable::Households, towns: 3, columns: 2, cells };
    let published = campaign.published();
    assert_eq!(published[0], published[1], "where nothing has changed, the same is held back");
    // Two more families in a town that was told.
    let cells = vec![vec![30, 12, 9, 8, 20, 6], vec![32, 12, 9, 8, 20, 6]];
    let campaign = Campaign { table: PublicTable::Households, towns: 3, columns: 2, cells };
    assert!(campaign.published()[0].iter().all(|shown| *shown));
    let counts = campaign.counts(1);
    let past = Past { counts: campaign.counts(0), shown: vec![true; counts.len()] };
    let decisions = decide(&[past], &counts, WHOLE);
    assert_eq!(decisions[0], FigureDecision::SmallChange, "the sum of all");
    assert_eq!(decisions[4], FigureDecision::SmallChange, "the cell");
    // Pairings and projects are of organisations and villages: a change of theirs is news.
    let campaign = Campaign { table: PublicTable::Projects, ..campaign };
    let past = Past { counts: campaign.counts(0), shown: vec![true; 12] };
    assert!(decide(&[past], &campaign.counts(1), WHOLE).iter().all(|decision| *decision == FigureDecision::Shown));
}

#[test]
fn a_few_families_with_much_help_are_few() {
    let cells = vec![vec![4, 4, 30, 40], vec![4, 4, 30, 40]];
    let campaign = Campaign { table: PublicTable::Households, towns: 2, columns: 2, cells };
    let decisions = decide(&[], &campaign.counts(0), WHOLE);
    // Eight times help, for four families.
    assert_eq!(decisions[3], FigureDecision::Small);
    assert_eq!(decisions.iter().filter(|decision| **decision == FigureDecision::Small).count(), 3);
}

#[test]
fn a_count_is_made_of_what_came_and_what_was_taken_back() {
    assert_eq!(spells(&[5, 7]), [(5, 0, None), (2, 1, None)]);
    assert_eq!(spells(&[5, 3, 4]), [(3, 0, None), (0, 1, None), (1, 2, None), (2, 0, Some(0))]);
    let mut dice = Dice(1);
    for _ in 0..1000 {
        let values: Vec<i64> = (0..1 + dice.roll(6)).map(|_| dice.pick(&[0, 1, 3, 7, 20])).collect();
        let spells = spells(&values);
        assert!(spells.iter().all(|&(number, _, _)| number >= 0));
        for (publication, &value) in values.iter().enumerate() {
            let counted =
                spells.iter().filter(|&&(_, from, until)| from <= publication && until.is_none_or(|until| publication <= until));
            assert_eq!(counted.map(|&(number, _, _)| number).sum::<i64>(), value, "{values:?}");
        }
    }
}
