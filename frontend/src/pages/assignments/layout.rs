//! Where the board draws what: both sides in rows of one height, ordered so that few lines cross.

use std::collections::BTreeMap;

/// A row of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Which organisation or village, by its position in the list.
    pub who: usize,
    /// Whether it is the first row of this one, which bears the name.
    pub first: bool,
    /// Which pair ends here; none where somebody stays without.
    pub pair: Option<usize>,
}

/// The rows of both sides, and for each pair the rows that its line joins.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub organisations: Vec<Slot>,
    pub villages: Vec<Slot>,
    pub lines: Vec<(usize, usize)>,
}

/// Lays out pairs of organisations and villages, both by their positions. Villages keep their order, which is that of the towns.
/// An organisation stands where its villages are on average, and last without any.
pub fn of(organisations: usize, villages: usize, pairs: &[(usize, usize)]) -> Layout {
    let mut of_village = by(villages, pairs, |pair| pair.1);
    let mut of_organisation = by(organisations, pairs, |pair| pair.0);
    // The middle of each village's rows, doubled.
    let mut middle = Vec::with_capacity(villages);
    let mut top = 0;
    for pairs in &of_village {
        middle.push(2 * top + pairs.len().max(1));
        top += pairs.len().max(1);
    }
    let mut order: Vec<_> = (0..organisations).collect();
    order.sort_by_key(|&who| {
        let own = &of_organisation[who];
        let sum: usize = own.iter().map(|&pair| middle[pairs[pair].1]).sum();
        (own.is_empty(), sum.checked_div(own.len()), who)
    });
    for own in &mut of_organisation {
        own.sort_by_key(|&pair| (middle[pairs[pair].1], pair));
    }
    let left = slots(&order, &of_organisation);
    let place = places(&left);
    for own in &mut of_village {
        own.sort_by_key(|pair| place[pair]);
    }
    let right = slots(&(0..villages).collect::<Vec<_>>(), &of_village);
    let other = places(&right);
    let lines = (0..pairs.len()).map(|pair| (place[&pair], other[&pair])).collect();
    Layout { organisations: left, villages: right, lines }
}

fn by(count: usize, pairs: &[(usize, usize)], side: fn(&(usize, usize)) -> usize) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); count];
    for (number, pair) in pairs.iter().enumerate() {
        found[side(pair)].push(number);
    }
    found
}

fn slots(order: &[usize], pairs: &[Vec<usize>]) -> Vec<Slot> {
    let rows = order.iter().flat_map(|&who| {
        let own = &pairs[who];
        (0..own.len().max(1)).map(move |row| Slot { who, first: row == 0, pair: own.get(row).copied() })
    });
    rows.collect()
}

/// The row in which each pair ends.
fn places(slots: &[Slot]) -> BTreeMap<usize, usize> {
    slots.iter().enumerate().filter_map(|(row, slot)| Some((slot.pair?, row))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_has_a_row_on_both_sides_and_nobody_is_left_out() {
        let pairs = [(0, 2), (1, 0), (2, 0), (2, 2)];
        let found = of(4, 3, &pairs);
        for (pair, &(left, right)) in found.lines.iter().enumerate() {
            assert_eq!((found.organisations[left].who, found.villages[right].who), pairs[pair]);
            assert_eq!((found.organisations[left].pair, found.villages[right].pair), (Some(pair), Some(pair)));
        }
        let named = |slots: &[Slot]| slots.iter().filter(|slot| slot.first).map(|slot| slot.who).collect::<Vec<_>>();
        // Organisation 3 has none and stands last, village 1 has none and keeps its place.
        assert_eq!(named(&found.organisations), [1, 2, 0, 3]);
        assert_eq!(named(&found.villages), [0, 1, 2]);
        assert_eq!(found.organisations.last().unwrap().pair, None);
    }

    #[test]
    fn lines_of_those_with_one_partner_do_not_cross() {
        let pairs: Vec<_> = (0..40).map(|organisation| (organisation, (organisation * 7) % 11)).collect();
        let mut lines = of(40, 11, &pairs).lines;
        lines.sort_unstable();
        assert!(lines.windows(2).all(|two| two[0].1 < two[1].1));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(of(0, 0, &[]), Layout::default());
    }
}
