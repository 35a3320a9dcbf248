//! Three plain estimates of what a target will come to. Simple methods together do better than one that is clever, and a clerk can
//! repeat each of them.

use chrono::NaiveDate;
use contract::Month;
use contract::forecast::{Estimate, Method, Verdict};

/// How many months the pace is taken from.
const PACE: usize = 3;
/// Shares are in thousandths.
const WHOLE: i64 = 1_000;

/// What is known of a target.
#[derive(Debug)]
pub struct Course<'a> {
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub today: NaiveDate,
    pub target: i64,
    /// What is confirmed.
    pub actual: i64,
    /// What was confirmed of months, in any order.
    pub months: &'a [(Month, i64)],
    pub tasks: Tasks,
    /// What was confirmed in earlier campaigns, for each of them month by month from its first on.
    pub earlier: &'a [Vec<i64>],
}

/// The tasks of running projects.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tasks {
    pub done: i64,
    pub open: i64,
    /// Those of the open ones whose day is over.
    pub overdue: i64,
}

impl Course<'_> {
    /// The estimates that can be made. None is below what is there already.
    pub fn estimates(&self) -> Vec<Estimate> {
        if self.actual >= self.target || self.today > self.ends_on {
            return Vec::new();
        }
        let made = [(Method::Pace, self.pace()), (Method::Tasks, self.by_tasks()), (Method::Earlier, self.by_earlier())];
        let made = made.into_iter().filter_map(|(method, value)| Some((method, value?)));
        made.map(|(method, value)| Estimate { method, value: value.max(self.actual) }).collect()
    }

    /// What the estimates say together.
    pub fn verdict(&self, estimates: &[Estimate]) -> Verdict {
        let values = || estimates.iter().map(|estimate| estimate.value);
        match (values().min(), values().max()) {
            _ if self.actual >= self.target => Verdict::Reached,
            _ if self.today > self.ends_on => Verdict::Missed,
            (Some(least), _) if least >= self.target => Verdict::OnCourse,
            (_, Some(most)) if most < self.target => Verdict::Missed,
            (Some(_), Some(_)) => Verdict::AtRisk,
            _ => Verdict::Unknown,
        }
    }

    /// The months of the campaign that are over, in their order.
    fn over(&self) -> Vec<Month> {
        let months = Month::of(self.starts_on).onwards();
        months.take_while(|month| month.last_day() < self.today && *month <= Month::of(self.ends_on)).collect()
    }

    fn confirmed(&self, months: &[Month]) -> i64 {
        self.months.iter().filter(|(month, _)| months.contains(month)).map(|(_, number)| number).sum()
    }

    fn pace(&self) -> Option<i64> {
        let over = self.over();
        let last = &over[over.len().saturating_sub(PACE)..];
        let days: i64 = last.iter().map(|month| (month.last_day() - month.first_day()).num_days() + 1).sum();
        let left = (self.ends_on - self.today).num_days();
        self.actual.checked_add(times(self.confirmed(last), left, days)?)
    }

    fn by_tasks(&self) -> Option<i64> {
        let Tasks { done, open, overdue } = self.tasks;
        let share = times(WHOLE, done, done + overdue)?;
        times(self.actual, done * WHOLE + open * share, done * WHOLE)
    }

    fn by_earlier(&self) -> Option<i64> {
        let (over, all) = (self.over(), months_between(self.starts_on, self.ends_on));
        let until_now = self.confirmed(&over);
        let estimates = self.earlier.iter().filter_map(|months| {
            // As far into the campaign as this one is, to the nearest month.
            let here = (over.len() * months.len() + all / 2) / all;
            let (until_then, whole) = (months[..here].iter().sum(), months.iter().sum());
            times(until_now, whole, until_then)
        });
        middle(estimates.collect())
    }
}

/// The value in the middle; between the two in the middle their mean.
pub fn middle(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(lower + (upper - lower) / 2)
}

/// How many months two days and what lies between them touch.
pub fn months_between(first: NaiveDate, last: NaiveDate) -> usize {
    Month::of(first).onwards().take_while(|month| *month <= Month::of(last)).count()
}

/// A number times a fraction; `None` where nothing is known by which to divide.
fn times(number: i64, by: i64, of: i64) -> Option<i64> {
    if of <= 0 {
        return None;
    }
    i64::try_from(i128::from(number) * i128::from(by) / i128::from(of)).ok()
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn course<'a>(months: &'a [(Month, i64)], tasks: Tasks, earlier: &'a [Vec<i64>]) -> Course<'a> {
        let actual = months.iter().map(|(_, number)| number).sum();
        Course {
            starts_on: day("2020-04-28"),
            ends_on: day("2020-12-31"),
            today: day("2020-09-01"),
            target: 100,
            actual,
            months,
            tasks,
            earlier,
        }
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn each_estimate_is_what_a_clerk_would_compute() {
        let months =
            [("2020-05", 10), ("2020-06", 6), ("2020-07", 12), ("2020-08", 5)].map(|(text, number)| (month(text), number));
        let earlier = [vec![0, 10, 10, 10, 20, 20, 20, 10, 0]];
        let course = course(&months, Tasks { done: 30, open: 20, overdue: 10 }, &earlier);
        let made: Vec<_> = course.estimates().iter().map(|one| (one.method, one.value)).collect();
        // 23 in 92 days are 30 in the 121 that are left; 20 tasks will be done to three quarters; half was there at this time.
        assert_eq!(made, [(Method::Pace, 33 + 30), (Method::Tasks, 33 * 45 / 30), (Method::Earlier, 66)]);
        assert_eq!((middle(vec![63, 49, 66]), course.verdict(&course.estimates())), (Some(63), Verdict::Missed));
    }

    #[test]
    fn nothing_is_said_of_what_nobody_can_know() {
        let none = course(&[], Tasks::default(), &[]);
        let early = Course { today: day("2020-04-29"), ..none };
        assert_eq!((early.estimates(), early.verdict(&[])), (vec![], Verdict::Unknown));
        let over = Course { today: day("2021-01-01"), ..early };
        assert_eq!((over.estimates(), over.verdict(&[])), (vec![], Verdict::Missed));
    }

    proptest! {
        #[test]
        fn no_estimate_is_below_what_is_there(
            numbers in prop::collection::vec(0..1_000_000_000_000i64, 8),
            (done, open, late) in (0..1_000_000i64, 0..1_000_000i64, 0..1_000_000i64),
            target in 1..1_000_000_000_000i64,
            after in 0..300u64,
            earlier in prop::collection::vec(prop::collection::vec(0..1_000_000_000_000i64, 0..13), 0..4),
        ) {
            let months: Vec<_> = (4..).zip(numbers).map(|(number, sum)| (Month::new(2020, number).unwrap(), sum)).collect();
            let tasks = Tasks { done, open: open + late, overdue: late };
            let today = day("2020-04-28") + Days::new(after);
            let course = Course { today, target, ..course(&months, tasks, &earlier) };
            let estimates = course.estimates();
            prop_assert!(estimates.iter().all(|estimate| estimate.value >= course.actual));
            let verdict = course.verdict(&estimates);
            prop_assert_eq!(verdict == Verdict::Reached, course.actual >= target);
        }
    }

    /// Numbers that look as if they came by chance, the same each time.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: u64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) % most) as i64
        }
    }

    /// Calendars of eight months: each delivers at a rate of its own, that wanders, with a rush at the end or none; tasks stand
    /// behind what is delivered. 60 days before the end it is said what will be missed.
    #[test]
    fn of_what_is_called_missed_60_days_ahead_nine_in_ten_are() {
        let mut chance = Chance(2_020);
        let (mut called, mut right, mut missed) = (0, 0, 0);
        for _ in 0..10_000 {
            let (rate, rush) = (20 + chance.below(80), chance.below(60));
            let delivers = |chance: &mut Chance| {
                let month = |number: i64| {
                    let wandering = 50 + chance.below(100);
                    rate * wandering * (100 + rush * number / 7) / 10_000
                };
                (0..8).map(month).collect::<Vec<_>>()
            };
            let (own, before) = (delivers(&mut chance), delivers(&mut chance));
            let whole: i64 = own.iter().sum();
            let target = whole * (60 + chance.below(90)) / 100 + 1;
            let months: Vec<_> = (5..).zip(&own[..6]).map(|(number, &sum)| (Month::new(2020, number).unwrap(), sum)).collect();
            let actual = own[..6].iter().sum::<i64>();
            let planned = 40 + chance.below(40);
            let done = planned * actual / whole.max(1);
            let overdue = chance.below(8).min(planned - done);
            let earlier = [before];
            let course = Course {
                starts_on: day("2020-05-01"),
                ends_on: day("2020-12-31"),
                today: day("2020-11-01"),
                target,
                actual,
                months: &months,
                tasks: Tasks { done, open: planned - done, overdue },
                earlier: &earlier,
            };
            let is_missed = whole < target;
            missed += i32::from(is_missed && actual < target);
            if course.verdict(&course.estimates()) == Verdict::Missed {
                called += 1;
                right += i32::from(is_missed);
            }
        }
        assert!(called > 1_000, "{called} called of {missed}");
        assert!(right * 10 >= called * 9, "{right} of {called} are missed");
        assert!(called * 2 >= missed, "{called} are called of {missed}");
    }
}
