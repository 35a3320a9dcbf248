//! What an assignment is worth.

use std::ops::{Add, AddAssign, Neg, Sub};

/// What something is worth: wishes that it meets come first, points second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Worth {
    /// The number of [wishes](crate::Wish) met.
    pub wishes: i64,
    /// The sum of scores.
    pub points: i64,
}

/// What a wish is worth to the solver, in points. It outweighs whatever else can change: the scores of
/// [`MAX_PLACES`](crate::MAX_PLACES) pairs, all lost and all won at [`MAX_SCORE`](crate::MAX_SCORE), make 2 · 10^14. As many
/// wishes as organisations stay far below the largest `i64`.
pub(crate) const WISH: i64 = 1 << 48;

impl Worth {
    pub const ZERO: Self = Self { wishes: 0, points: 0 };

    pub(crate) const fn of_points(points: i64) -> Self {
        Self { wishes: 0, points }
    }

    /// Takes apart what the solver counts as one number.
    pub(crate) const fn of_weighted(value: i64) -> Self {
        let wishes = (value + WISH / 2).div_euclid(WISH);
        Self { wishes, points: value - wishes * WISH }
    }
}

impl Add for Worth {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wishes: self.wishes + other.wishes, points: self.points + other.points }
    }
}

impl AddAssign for Worth {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Neg for Worth {
    type Output = Self;

    fn neg(self) -> Self {
        Self { wishes: -self.wishes, points: -self.points }
    }
}

impl Sub for Worth {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}
