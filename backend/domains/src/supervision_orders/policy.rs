//! What colour something has, when an order is due, whose turn it is, and its numbers: pure decisions.

use chrono::NaiveDate;
use contract::Role;
use contract::supervision_orders::{OrderColour, OrderLineKind, SupervisionOrderAction as A, SupervisionOrderState as S};

/// The colour of something on a day (三色督办). What the notice gives a last day for is overdue when that is over; anything else is
/// behind.
pub fn colour(kind: OrderLineKind, due_on: NaiveDate, today: NaiveDate) -> OrderColour {
    match kind {
        _ if today <= due_on => OrderColour::Blue,
        OrderLineKind::Task | OrderLineKind::Report => OrderColour::Red,
        OrderLineKind::Progress | OrderLineKind::Plan => OrderColour::Yellow,
    }
}

/// The days that the addressee has left on a day, negative after the last one; `None` where nothing is owed. List, count, work list
/// and page all say this.
pub fn due(state: S, due_on: NaiveDate, today: NaiveDate) -> Option<i64> {
    S::OWED.contains(&state).then(|| (due_on - today).num_days())
}

/// The part that a caller has in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Issuer,
    Addressee,
    Reader,
}

impl Part {
    /// Whether a step is this part's.
    pub fn takes(self, action: A) -> bool {
        match self {
            Self::Issuer => action.is_issuers(),
            Self::Addressee => !action.is_issuers(),
            Self::Reader => false,
        }
    }
}

/// The steps that a role may take in its part. An order whose day is over is not issued.
pub fn allowed(state: S, role: Role, part: Part, due_on: NaiveDate, today: NaiveDate) -> Vec<A> {
    let mut actions = S::STEPS.allowed(state, role);
    actions.retain(|&action| part.takes(action) && (action != A::Issue || today <= due_on));
    actions
}

/// The states in which an order waits for a part.
pub fn waiting_for(part: Part) -> &'static [S] {
    match part {
        Part::Issuer => &[S::Draft, S::Answered],
        Part::Addressee => S::OWED,
        Part::Reader => &[],
    }
}

/// The word that the numbers of an office begin with: 晋政民督 of the bureau, by the number of the campaign's own document; the town's
/// name otherwise.
pub fn prefix(document_number: &str, town: Option<&str>) -> String {
    let word = town.unwrap_or_else(|| document_number.split(['〔', '[', '（', '(']).next().unwrap_or(document_number).trim());
    format!("{word}督")
}

/// A number: 晋政民督〔2020〕3号, and 晋政民督销〔2020〕3号 where an order is closed.
pub fn number(prefix: &str, action: A, year: i32, sequence: i32) -> String {
    let closing = if action == A::Close { "销" } else { "" };
    format!("{prefix}{closing}〔{year}〕{sequence}号")
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn colours_only_deepen(kind in select(OrderLineKind::ALL), after in -400_i64..400, later in 0_u64..400) {
            let due_on = day("2020-07-05");
            let today = due_on + chrono::TimeDelta::days(after);
            prop_assert!(colour(kind, due_on, today) <= colour(kind, due_on, today + Days::new(later)));
            prop_assert_eq!(colour(kind, due_on, today) == OrderColour::Blue, after <= 0);
        }

        #[test]
        fn nobody_closes_or_returns_what_they_were_told_to_mend(
            state in select(S::ALL),
            role in select(Role::ALL),
            late in any::<bool>(),
        ) {
            let (due_on, today) = (day("2020-07-05"), if late { day("2020-07-06") } else { day("2020-07-05") });
            for action in allowed(state, role, Part::Addressee, due_on, today) {
                prop_assert!(matches!(action, A::Receive | A::Answer));
            }
            for action in allowed(state, role, Part::Issuer, due_on, today) {
                prop_assert!(!(matches!(action, A::Receive | A::Answer) || action == A::Issue && late));
            }
            prop_assert_eq!(allowed(state, role, Part::Reader, due_on, today), vec![]);
        }

        #[test]
        fn what_is_owed_stays_owed_when_its_day_is_over(state in select(S::ALL), after in 1_i64..4000) {
            let due_on = day("2020-07-05");
            let left = due(state, due_on, due_on + chrono::TimeDelta::days(after));
            prop_assert_eq!(left, S::OWED.contains(&state).then_some(-after));
            prop_assert_eq!(due(state, due_on, due_on), S::OWED.contains(&state).then_some(0));
        }

        #[test]
        fn every_order_that_is_neither_closed_nor_withdrawn_waits_for_one_part(state in select(S::ALL)) {
            let waits = [Part::Issuer, Part::Addressee].iter().filter(|part| waiting_for(**part).contains(&state)).count();
            prop_assert_eq!(waits, usize::from(!matches!(state, S::Closed | S::Withdrawn)));
        }
    }

    #[test]
    fn numbers_are_written_as_offices_write_them() {
        let bureau = prefix("晋政民〔2020〕28号", None);
        assert_eq!(number(&bureau, A::Issue, 2020, 3), "晋政民督〔2020〕3号");
        assert_eq!(number(&bureau, A::Close, 2020, 1), "晋政民督销〔2020〕1号");
        assert_eq!(number(&prefix("晋政民〔2020〕28号", Some("安海镇")), A::Issue, 2021, 10), "安海镇督〔2021〕10号");
    }
}
