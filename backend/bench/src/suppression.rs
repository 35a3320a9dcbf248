//! The suppression of published figures, for a county with many towns and months. It needs no database.

use std::time::Instant;

use domains::publications::suppression::{Sum, Suppression};

use crate::table::Line;

/// What `--only` calls it.
pub const NAME: &str = "suppression";

/// Towns, columns and publications.
const TOWNS: usize = 100;
const COLUMNS: usize = 12;
const PUBLICATIONS: usize = 15;

/// The one line.
pub fn lines() -> Vec<Line> {
    let mut suppression = Suppression::default();
    let cells: Vec<Vec<usize>> = (0..TOWNS * COLUMNS)
        .map(|cell| (0..PUBLICATIONS).map(|publication| suppression.number(count(cell, publication))).collect())
        .collect();
    let begun = Instant::now();
    let mut shown = 0;
    for publication in 0..PUBLICATIONS {
        let sum = |of: &mut dyn Iterator<Item = usize>| -> Sum {
            of.flat_map(|cell| cells[cell][..=publication].iter().copied()).collect()
        };
        let mut sums = vec![sum(&mut (0..TOWNS * COLUMNS))];
        sums.extend((0..COLUMNS).map(|column| sum(&mut (0..TOWNS).map(|town| town * COLUMNS + column))));
        sums.extend((0..TOWNS).map(|town| sum(&mut (town * COLUMNS..(town + 1) * COLUMNS))));
        sums.extend((0..TOWNS * COLUMNS).map(|cell| sum(&mut std::iter::once(cell))));
        let small: Vec<bool> = sums.iter().map(|sum| suppression.value(sum) < 5).collect();
        for (sum, _) in sums.iter().zip(&small).filter(|(_, small)| **small) {
            suppression.hide(sum.clone(), Some(0));
        }
        shown += sums.iter().zip(&small).filter(|(sum, small)| !**small && suppression.offer(sum)).count();
    }
    vec![Line::told("suppression, 19,695 sums", format!("{} ms, {shown} are shown", begun.elapsed().as_millis()))]
}

/// How many families a town helps in a way in a month: mostly few, the same each time.
fn count(cell: usize, publication: usize) -> i64 {
    let mut mixed = (cell as u64) << 8 | publication as u64;
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    let drawn = (mixed >> 33) % 10;
    (drawn * drawn / 8) as i64
}
