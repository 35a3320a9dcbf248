//! The assignment of a campaign, beside what a person would do: always take the best pair that is left. It needs no database.

use std::time::{Duration, Instant};

use matching::{Input, Problem, Side, Wish, verify};

use crate::load::BoxError;
use crate::table::Line;

/// What `--only` calls it.
pub const NAME: &str = "assignment";

/// The sizes that the product promises: the largest campaign, and that of 2020.
const SIZES: [(&str, usize, usize); 2] = [("assignment, 1,000 × 5,000", 1_000, 5_000), ("assignment, 111 × 44", 111, 44)];

/// A line for each size.
pub fn lines() -> Result<Vec<Line>, BoxError> {
    SIZES.into_iter().map(|(name, organisations, villages)| Ok(Line::told(name, measured(organisations, villages)?))).collect()
}

fn measured(organisations: usize, villages: usize) -> Result<String, BoxError> {
    // From here on the system remembers the most memory that this process has had.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = memory("VmRSS");
    let problem = problem(organisations, villages)?;
    let (solution, exact_time) = timed(|| problem.solve());
    let (greedy, greedy_time) = timed(|| solution.greedy());
    let pairs = &solution.assignment().pairs;
    let (proven, proof_time) = timed(|| verify(&problem, pairs, &solution.certificate()));
    let (best, by_hand) = (proven.map_err(|flaw| format!("the proof is flawed: {flaw:?}"))?, greedy.worth);
    let most = memory("VmHWM") - before;
    Ok(format!(
        "greedy {} ms, exact {} ms, certificate {} ms; {} wishes and {} points more than greedy; {most:.0} MB",
        milliseconds(greedy_time),
        milliseconds(exact_time),
        milliseconds(proof_time),
        best.wishes - by_hand.wishes,
        best.points - by_hand.points,
    ))
}

/// A campaign in which few suit each other well, and every sixth organisation is a chamber that wishes for a village of its town.
fn problem(organisations: usize, villages: usize) -> Result<Problem, BoxError> {
    const TOWNS: usize = 19;
    let sides = |count: usize, capacity: u32| (0..count).map(|number| Side { code: format!("{number:05}"), capacity }).collect();
    let of_town = |town: usize| (town % TOWNS..villages).step_by(TOWNS).collect();
    let wishes = (0..organisations).step_by(6).map(|organisation| Wish { organisation, one_of: of_town(organisation / 6) });
    let input = Input {
        organisations: sides(organisations, 3),
        villages: sides(villages, 1),
        wishes: wishes.collect(),
        ..Input::default()
    };
    Problem::new(input, score).map_err(|invalid| format!("{invalid:?}").into())
}

/// The same for the same two each time: up to a thousand points, of which most have few.
fn score(organisation: usize, village: usize) -> i64 {
    let mut mixed = (organisation as u64) << 32 | village as u64;
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    let drawn = (mixed >> 33) % 1_000;
    (drawn * drawn / 1_000) as i64
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// Memory of this process in MB.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.trim_matches([' ', ':', '\t', 'k', 'B']).parse::<f64>().unwrap_or_default() / 1024.0
}
