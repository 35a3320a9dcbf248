//! Who ranks, and until when.

use chrono::NaiveDate;
use contract::Role;
use contract::enrolments::EnrolmentKind;

/// Whether a role ranks for a side, for itself or on behalf of a committee. A town office may act for a village; nobody acts for an
/// organisation (自愿原则).
pub fn ranks(role: Role, kind: EnrolmentKind) -> bool {
    match kind {
        EnrolmentKind::Organisation => role == Role::Organisation,
        EnrolmentKind::Village => matches!(role, Role::Village | Role::Town),
    }
}

/// Whether rankings can be written on a day. The last day counts.
pub fn is_open(due_on: NaiveDate, today: NaiveDate) -> bool {
    today <= due_on
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;

    use super::*;

    #[test]
    fn each_side_ranks_for_itself_and_a_town_for_villages_only() {
        for role in Role::ALL {
            assert_eq!(ranks(*role, EnrolmentKind::Organisation), *role == Role::Organisation, "{role:?}");
            assert_eq!(ranks(*role, EnrolmentKind::Village), [Role::Village, Role::Town].contains(role), "{role:?}");
        }
    }

    #[test]
    fn the_last_day_counts() {
        let due: NaiveDate = "2020-05-08".parse().unwrap();
        assert!(is_open(due, due) && is_open(due, due.pred_opt().unwrap()) && !is_open(due, due.succ_opt().unwrap()));
    }
}
