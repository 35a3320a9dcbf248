//! Draws pairings: all of them, or some by lot. The same seed draws the same from the same set, on either database, whoever draws.

use contract::inspections::{Draw, DrawLine, Selection, SelectionMethod};
use platform::crypto::hex;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Chooses from these pairings, in whatever order they come.
pub fn draw(round_id: Uuid, selection: &Selection, mut lines: Vec<DrawLine>) -> Draw {
    lines.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut digest = Sha256::new();
    for part in [format!("{:?}", selection.method), format!("{:?} {:?}", selection.seed, selection.count)] {
        digest.update(part);
    }
    for line in &lines {
        digest.update(format!("\n{} {}", line.village_code, line.credit_code));
    }
    let seed = selection.seed.filter(|_| selection.method == SelectionMethod::Lot);
    let most = selection.count.filter(|_| seed.is_some()).and_then(|count| usize::try_from(count).ok());
    if let Some(seed) = seed {
        lines.iter_mut().for_each(|line| line.ticket = Some(ticket(seed, line)));
        lines.sort_by(|a, b| (&a.ticket, key(a)).cmp(&(&b.ticket, key(b))));
    }
    let chosen = most.unwrap_or(lines.len()).min(lines.len());
    lines.iter_mut().take(chosen).for_each(|line| line.chosen = true);
    Draw {
        round_id,
        method: selection.method,
        seed,
        digest: hex(&digest.finalize()),
        chosen: i64::try_from(chosen).unwrap_or(i64::MAX),
        lines,
    }
}

/// What a pairing is called on both databases.
fn key(line: &DrawLine) -> (&str, &str) {
    (&line.village_code, &line.credit_code)
}

/// The ticket depends on nothing but the seed and the pairing, so another pairing in the set moves nobody else's.
fn ticket(seed: i32, line: &DrawLine) -> String {
    hex(&Sha256::digest(format!("{seed}\n{}\n{}", line.village_code, line.credit_code)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn line(number: u32) -> DrawLine {
        DrawLine {
            pairing_id: Uuid::now_v7(),
            village_code: format!("350582104{:03}", number / 3),
            village_name: String::new(),
            credit_code: format!("5135058200000{number:05}"),
            organisation_name: String::new(),
            ticket: None,
            chosen: false,
        }
    }

    fn lot(seed: i32, count: i32) -> Selection {
        let (towns, goal) = (Vec::new(), None);
        Selection {
            method: SelectionMethod::Lot,
            towns,
            goal,
            overdue_tasks: false,
            never_inspected: false,
            count: Some(count),
            seed: Some(seed),
        }
    }

    fn chosen(draw: &Draw) -> BTreeSet<String> {
        draw.lines.iter().filter(|line| line.chosen).map(|line| line.credit_code.clone()).collect()
    }

    proptest! {
        #[test]
        fn the_same_seed_draws_the_same_from_the_same_set(
            numbers in prop::collection::btree_set(0u32..200, 0..60), seed in 0..999_999_999i32, count in 1..80i32
        ) {
            let forwards = draw(Uuid::nil(), &lot(seed, count), numbers.iter().map(|&number| line(number)).collect());
            let backwards = draw(Uuid::nil(), &lot(seed, count), numbers.iter().rev().map(|&number| line(number)).collect());
            prop_assert_eq!(&forwards.digest, &backwards.digest);
            prop_assert_eq!(chosen(&forwards), chosen(&backwards));
            prop_assert_eq!(chosen(&forwards).len(), numbers.len().min(usize::try_from(count).unwrap()));
            prop_assert_eq!(forwards.lines.len(), numbers.len());
        }

        #[test]
        fn one_more_in_the_set_displaces_one_at_most_and_is_told(
            numbers in prop::collection::btree_set(0u32..200, 1..60), seed in 0..999_999_999i32, count in 1..80i32
        ) {
            let before = draw(Uuid::nil(), &lot(seed, count), numbers.iter().map(|&number| line(number)).collect());
            let after = draw(Uuid::nil(), &lot(seed, count), numbers.iter().chain(&[500]).map(|&number| line(number)).collect());
            prop_assert!(chosen(&before).difference(&chosen(&after)).count() <= 1);
            prop_assert_ne!(before.digest, after.digest);
        }
    }

    #[test]
    fn another_seed_draws_others_and_everybody_can_be_drawn() {
        let lines = || (0..20).map(line).collect::<Vec<_>>();
        let drawn: BTreeSet<_> = (0..200).flat_map(|seed| chosen(&draw(Uuid::nil(), &lot(seed, 3), lines()))).collect();
        assert_eq!(drawn.len(), 20);
        let all = Selection { method: SelectionMethod::All, count: None, seed: None, ..lot(1, 1) };
        let all = draw(Uuid::nil(), &all, lines());
        assert_eq!((all.chosen, all.lines[0].ticket.as_ref()), (20, None));
    }
}
