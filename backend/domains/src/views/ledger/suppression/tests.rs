use std::collections::HashSet;

use contract::CodedEnum;
use contract::ledger::LedgerFigure;
use platform::coded::Written;
use proptest::prelude::*;

use super::recovery::{Reckoning, ledger};
use super::*;
use crate::views::ledger::policy::sums;

const MONTHS: u32 = 3;

fn month(number: u32) -> Month {
    Month::new(2020, number).unwrap()
}

/// Codes of areas, arrivals and departures, and for each village and month how many households nobody helps, and how many several
/// do.
#[derive(Clone, Debug)]
struct World {
    codes: Vec<String>,
    moved: Vec<Moved>,
    closing: Vec<(Month, String, [i64; 2])>,
}

/// Few or many, and often none.
fn some() -> impl Strategy<Value = i64> {
    prop_oneof![3 => Just(0), 3 => 1i64..5, 2 => 5i64..9, 1 => 9i64..40]
}

fn village() -> impl Strategy<Value = Vec<[i64; 7]>> {
    prop::collection::vec(prop::array::uniform7(some()), MONTHS as usize)
}

/// Arrivals to a village and households lifted out there in a month.
fn came(code: &str, month: Month, [registered, relapsed, lifted_out]: [i64; 3]) -> Moved {
    let (area_code, month) = (code.to_owned(), Written(month));
    Moved { area_code, month, registered, moved_in: 0, relapsed, lifted_out, moved_out: 0, left: 0 }
}

fn world() -> impl Strategy<Value = World> {
    prop::collection::vec(prop::collection::vec(village(), 1..5), 1..4).prop_map(|towns| {
        let mut world = World { codes: vec!["350582".into()], moved: Vec::new(), closing: Vec::new() };
        let mut villages = Vec::new();
        for (town, of_town) in towns.into_iter().enumerate() {
            let town = format!("350582{town:03}");
            villages.extend(of_town.into_iter().enumerate().map(|(village, months)| (format!("{town}{village:03}"), months)));
            world.codes.push(town);
        }
        world.codes.extend(villages.iter().map(|(code, _)| code.clone()));
        let mut there = vec![0; villages.len()];
        for number in 1..=MONTHS {
            // Moves go to the next village.
            let (mut moved_in, mut of_month) = (vec![0; villages.len()], Vec::new());
            for (place, (code, months)) in villages.iter().enumerate() {
                let [registered, relapsed, gone, left, moving, ..] = months[number as usize - 1];
                let mut rest = there[place] + registered + relapsed;
                let mut go = |wanted: i64| {
                    let went = wanted.min(rest);
                    rest -= went;
                    went
                };
                let (lifted_out, left, moved_out) = (go(gone), go(left), go(moving));
                there[place] = rest;
                moved_in[(place + 1) % villages.len()] += moved_out;
                of_month.push(Moved { moved_out, left, ..came(code, month(number), [registered, relapsed, lifted_out]) });
            }
            for (place, moved) in of_month.into_iter().enumerate() {
                let (code, months) = &villages[place];
                let [.., unhelped, doubly] = months[number as usize - 1];
                there[place] += moved_in[place];
                let unhelped = unhelped.min(there[place]);
                world.closing.push((month(number), code.clone(), [unhelped, doubly.min(there[place] - unhelped)]));
                world.moved.push(Moved { moved_in: moved_in[place], ..moved });
            }
        }
        world
    })
}

/// Every number of a world, and whether it is published in the ledger of this month.
fn answer(world: &World, last: u32) -> Vec<(String, i64, bool)> {
    let months: Vec<Month> = (1..=last).map(month).collect();
    let of = |figure: usize| {
        let counts = world.closing.iter().filter(|(at, _, _)| *at == month(last));
        counts.map(|(_, code, counts)| (code.clone(), counts[figure])).collect::<Vec<_>>()
    };
    let counts = [of(0), of(1)];
    let suppression = Suppression::new(world.codes.iter().map(String::as_str), &world.moved, [&counts[0], &counts[1]], &months);
    let mut cells = Vec::new();
    for code in &world.codes {
        for &at in &months {
            let mut values = sums(world.moved.iter().filter(|moved| moved.area_code.starts_with(&**code)), at).to_vec();
            if at == month(last) {
                let here = |counts: &[(String, i64)]| {
                    counts.iter().filter(|(part, _)| part.starts_with(&**code)).map(|one| one.1).sum::<i64>()
                };
                values.extend(counts.each_ref().map(|counts| here(counts)));
            }
            let published = suppression.published(code, at);
            for ((value, published), figure) in values.into_iter().zip(published).zip(LedgerFigure::ALL) {
                cells.push((format!("{code} {at} {}", figure.code()), value, published));
            }
        }
    }
    cells
}

proptest! {
    #[test]
    fn no_small_number_is_published_or_follows_from_all_that_is_published_in_all_months(world in world()) {
        let codes: Vec<&str> = world.codes.iter().map(String::as_str).collect();
        let months: Vec<String> = (1..=MONTHS).map(|number| month(number).to_string()).collect();
        let mut reckoning = Reckoning::default();
        ledger(&mut reckoning, &codes, &months);
        let mut small = HashSet::new();
        for last in 1..=MONTHS {
            for (name, value, published) in answer(&world, last) {
                prop_assert!(!published || value >= FEWEST, "{} is {}", name, value);
                if published {
                    reckoning.know(&name, value);
                }
                if value < FEWEST {
                    small.insert(name);
                }
            }
        }
        let follows: Vec<_> = reckoning.follows().into_iter().filter(|name| small.contains(*name)).collect();
        prop_assert!(follows.is_empty(), "{:?}", follows);
    }

    #[test]
    fn what_is_published_of_a_month_stays_published_in_the_months_after_it(world in world()) {
        let before = answer(&world, MONTHS - 1);
        let after = answer(&world, MONTHS).into_iter();
        let after: HashMap<_, _> = after.map(|(name, value, published)| (name, (value, published))).collect();
        for (name, value, published) in before {
            if let Some(now) = after.get(&name) {
                prop_assert_eq!(*now, (value, published), "{}", name);
            }
        }
    }
}

proptest! {
    /// Whoever knows the whole and all parts but one can derive that one.
    #[test]
    fn a_part_is_never_suppressed_alone(counts in prop::collection::vec(some(), 2..7), may in prop::collection::vec(any::<bool>(), 8)) {
        let villages: Vec<String> = (0..counts.len()).map(|number| format!("350582104{number:03}")).collect();
        let county = County::new(["350582", "350582104"].into_iter().chain(villages.iter().map(String::as_str)), []);
        let figure = county.add_up(counts.iter().enumerate().map(|(number, count)| (number + 2, *count)));
        let published = county.publish(&[&figure], |place| place < 2 || may[place]);
        let suppressed = published[2..].iter().filter(|published| !**published).count();
        prop_assert!(!published[1] || suppressed != 1, "{:?} of {:?}", published, figure);
    }

    /// Opening plus arrivals minus departures is closing: whoever knows all but one of them can derive it.
    #[test]
    fn what_went_is_published_only_where_everything_else_is(world in world()) {
        let county = County::new(world.codes.iter().map(String::as_str), &world.moved);
        for number in 1..=MONTHS {
            for [opening, registered, moved_in, relapsed, lifted_out, moved_out, left, closing] in county.published(month(number)) {
                prop_assert!(!lifted_out || opening && closing && (registered || relapsed));
                prop_assert!(!moved_in && !moved_out && !left);
            }
        }
    }
}

/// A county with one town of these villages and another of 40 households, all registered in January.
fn county_of(villages: &[i64]) -> (World, Vec<(String, i64, bool)>) {
    let mut world =
        World { codes: vec!["350582".into(), "350582104".into(), "350582110".into()], moved: Vec::new(), closing: Vec::new() };
    let villages = villages.iter().enumerate().map(|(place, count)| (format!("350582104{place:03}"), *count));
    for (code, registered) in villages.chain([("350582110201".into(), 20), ("350582110202".into(), 20)]) {
        world.moved.push(came(&code, month(1), [registered, 0, 0]));
        world.codes.push(code);
    }
    let published = answer(&world, 2);
    (world, published)
}

#[test]
fn a_small_village_is_suppressed_with_enough_others_and_with_nobody_else() {
    let published = |villages: &[i64]| -> Vec<String> {
        let cells =
            county_of(villages).1.into_iter().filter(|(name, _, published)| *published && name.ends_with("2020-01 closing"));
        let mut names: Vec<_> = cells.filter_map(|(name, _, _)| name.split(' ').next().map(str::to_owned)).collect();
        names.sort();
        names
    };
    let all = ["350582", "350582104", "350582104000", "350582104001", "350582104002", "350582104003", "350582104004"];
    let others = ["350582110", "350582110201", "350582110202"];
    let but = |suppressed: &[&str]| -> Vec<String> {
        all.iter().chain(&others).filter(|code| !suppressed.contains(code)).map(|code| (*code).to_owned()).collect()
    };
    assert_eq!(published(&[6, 7, 5, 7, 5]), but(&[]));
    // 27 − 6 − 7 − 7 is the sum of two villages, and seven.
    assert_eq!(published(&[6, 7, 5, 7, 2]), but(&["350582104002", "350582104004"]));
    // Two are suppressed, but neither has any household.
    assert_eq!(published(&[6, 7, 6, 0, 0]), but(&["350582104000", "350582104003", "350582104004"]));
    // A small town causes the next to be suppressed.
    assert_eq!(published(&[1, 1, 1, 1, 0]), ["350582"]);
}

#[test]
fn what_is_larger_than_a_county_publishes_only_what_each_county_publishes() {
    let (world, _) = county_of(&[6, 7, 5, 7, 2]);
    let small = came("350583100201", month(1), [3, 0, 0]);
    let moved: Vec<_> = world.moved.iter().cloned().chain([small]).collect();
    let mut codes: Vec<_> = world.codes.iter().map(String::as_str).chain(["3505"]).collect();
    let alone = Suppression::new(codes.clone(), &moved, [&[], &[]], &[month(1)]);
    assert_eq!(alone.published("3505", month(1)), alone.published("350582", month(1)));
    assert!(alone.published("3505", month(1))[7]);
    codes.extend(["350583", "350583100", "350583100201"]);
    let both = Suppression::new(codes, &moved, [&[], &[]], &[month(1)]);
    assert_eq!((both.published("3505", month(1)), both.published("350583", month(1))), ([false; 10], [false; 10]));
    assert_eq!(both.published("350582", month(1)), alone.published("350582", month(1)));
}

/// Two towns of two villages, with fifty households in each village since January; the arrivals and departures of February in
/// each, and how many at its end nobody helped, and several did.
fn february(villages: [[i64; 3]; 4], [unhelped, doubly]: [i64; 2]) -> World {
    let mut world =
        World { codes: vec!["350582".into(), "350582104".into(), "350582110".into()], moved: Vec::new(), closing: Vec::new() };
    let codes = ["350582104201", "350582104202", "350582110201", "350582110202"];
    for (code, figures) in codes.map(str::to_owned).into_iter().zip(villages) {
        world.moved.extend([came(&code, month(1), [50, 0, 0]), came(&code, month(2), figures)]);
        world.closing.push((month(2), code.clone(), [unhelped, doubly]));
        world.codes.push(code);
    }
    world
}

/// Which figures of an area are published for February.
fn published_in_february(world: &World, code: &str) -> Vec<String> {
    let place = format!("{code} 2020-02 ");
    let published = answer(world, 2).into_iter().filter(|(_, _, published)| *published);
    published.filter_map(|(name, _, _)| name.strip_prefix(&place).map(str::to_owned)).collect()
}

#[test]
fn of_those_who_come_the_larger_is_published_and_the_rest_where_enough_come_and_go_in_one_village() {
    let published = |villages| published_in_february(&february(villages, [0, 0]), "350582");
    assert_eq!(published([[10, 1, 3]; 4]), ["opening", "registered", "closing"]);
    assert_eq!(published([[1, 10, 3]; 4]), ["opening", "relapsed", "closing"]);
    assert_eq!(published([[10, 0, 49]; 4]), ["opening", "registered", "closing"]);
    assert_eq!(published([[0, 0, 48]; 4]), ["opening", "closing"]);
    // For the whole county, the relapsed would disclose that nobody left.
    assert_eq!(published([[10, 6, 7]; 4]), ["opening", "registered", "lifted_out", "closing"]);
    // As many come as go, but none of these villages has had both.
    assert_eq!(published([[10, 12, 0], [10, 0, 14], [10, 12, 0], [10, 0, 14]]), ["opening", "registered", "closing"]);
}

#[test]
fn the_smaller_number_of_those_who_come_is_published_where_enough_leave() {
    for (left, is_published) in [(4, false), (5, true)] {
        let mut world = february([[10, 6, 7]; 4], [0, 0]);
        world.moved.push(Moved { left, ..came("350582110202", month(2), [0; 3]) });
        let published = published_in_february(&world, "350582");
        assert_eq!(published.contains(&"relapsed".to_owned()), is_published, "{left}");
        assert!(!published.contains(&"left".to_owned()));
    }
}

#[test]
fn how_many_are_helped_by_nobody_is_published_where_these_and_the_others_are_enough() {
    let published = |counts| {
        let world = february([[0, 0, 0], [6, 0, 0], [0, 4, 0], [0, 0, 5]], counts);
        ["350582", "350582110", "350582110202"].map(|code| {
            let published = published_in_february(&world, code);
            (published.contains(&"unhelped".to_owned()), published.contains(&"doubly_helped".to_owned()))
        })
    };
    assert_eq!(published([20, 5]), [(true, true); 3]);
    // All but four or five of forty-five at the end.
    assert_eq!(published([4, 40]), [(true, true), (true, true), (false, true)]);
    assert_eq!(published([4, 41]), [(true, true), (true, true), (false, false)]);
}

#[test]
fn who_relapses_is_there_and_who_is_lifted_out_is_not() {
    for (lifted_out, is_published) in [(0, true), (2, true), (3, false)] {
        let mut world = february([[3, 4, lifted_out]; 4], [0, 0]);
        world.moved.retain(|moved| moved.month.0 == month(2));
        let published = |code| published_in_february(&world, code).contains(&"closing".to_owned());
        assert_eq!((published("350582104"), published("350582104201")), (true, is_published), "{lifted_out}");
    }
}
