//! The states of a record, and the days on which help can have been given: pure decisions.

use chrono::NaiveDate;
use contract::assistance::{AidKind, Goods, RecordDetailsInput, RecordState as S};
use contract::{CodedEnum, Lang, Role};

use crate::pairings::policy::active_between;

/// Auditors see that something was given, but neither free text about the family nor its photos.
pub fn reads_in_full(role: Role) -> bool {
    role != Role::Auditor
}

/// The states in which a record waits for a role.
pub fn waiting_for(role: Role) -> &'static [S] {
    if matches!(role, Role::Village | Role::Town) { &[S::Recorded] } else { &[] }
}

/// The days on which help can be given.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    /// While a pairing is active.
    Pairing(Option<NaiveDate>, Option<NaiveDate>),
    /// From the day of the file until the household left, or moved to another village.
    File { since: NaiveDate, last: Option<NaiveDate>, moved: bool },
}

/// The fault of a day in the future or outside the span.
pub fn day_fault(span: Span, day: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    match span {
        _ if day > today => Some("future"),
        Span::Pairing(since, ended_on) if !active_between(since, ended_on, day, day) => Some("date_outside_pairing"),
        Span::File { since, .. } if day < since => Some("date_before_file"),
        Span::File { last: Some(last), moved, .. } if day > last => Some(if moved { "after_moving" } else { "after_leaving" }),
        _ => None,
    }
}

/// How many days apart two people may record the same gift: one enters when money was sent, the other when it arrived.
pub const NEAR_DAYS: u64 = 3;

/// Whether two records of a family, of the same kind and near each other in time, are likely the same: they give the same money,
/// or without money the same goods, or only words on the same day.
pub fn same_gift(
    (day, amount_fen, goods): (NaiveDate, Option<i64>, &[Goods]),
    (other_day, other_fen, others): (NaiveDate, Option<i64>, &[Goods]),
) -> bool {
    let has = |goods: &[Goods], one: &Goods| goods.iter().any(|other| other.name == one.name && other.quantity == one.quantity);
    match (amount_fen, other_fen) {
        (Some(fen), Some(other)) => fen == other,
        (None, None) if goods.is_empty() && others.is_empty() => day == other_day,
        (None, None) => goods.len() == others.len() && goods.iter().all(|one| has(others, one)),
        _ => false,
    }
}

/// Whether a changed record is about another gift, as far as duplicates are found by it.
pub fn is_other_gift(before: &RecordDetailsInput, after: &RecordDetailsInput) -> bool {
    let is_same = before.kind == after.kind && before.happened_on == after.happened_on;
    !is_same || before.amount_fen != after.amount_fen || before.goods != after.goods
}

/// What one organisation gave to the households of a village in a month, of one kind, or how that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub kind: AidKind,
    pub households: i64,
    pub amount_fen: i64,
}

/// What was given, in the words of the monthly form and in aggregate: `走访慰问3户、助学2户，发放资金6000元`. A reduction says so:
/// `走访慰问核减1户，核减资金200元`.
pub fn summary(given: &[Given]) -> Option<String> {
    let mut parts: Vec<_> = given.iter().filter(|given| given.households != 0).collect();
    parts.sort_by_key(|given| given.kind);
    let counts: Vec<_> = parts
        .iter()
        .map(|given| {
            let what = if given.kind == AidKind::Visit { "走访慰问" } else { given.kind.label(Lang::ZhCn) };
            let less = if given.households < 0 { "核减" } else { "" };
            format!("{what}{less}{}户", given.households.unsigned_abs())
        })
        .collect();
    let fen: i64 = given.iter().map(|given| given.amount_fen).sum();
    let verb = if fen < 0 { "核减" } else { "发放" };
    let money = match (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100) {
        (0, 0) => None,
        (yuan, 0) => Some(format!("{verb}资金{yuan}元")),
        (yuan, rest) => Some(format!("{verb}资金{yuan}.{rest:02}元")),
    };
    let told: Vec<_> = (!counts.is_empty()).then(|| counts.join("、")).into_iter().chain(money).collect();
    (!told.is_empty()).then(|| told.join("，"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::assistance::RecordAction as A;
    use contract::workflow::StepInput;
    use platform::workflow;
    use proptest::prelude::*;
    use proptest::sample::select;

    #[test]
    fn the_form_is_told_how_many_and_how_much_and_of_nobody() {
        let given = |kind, households, amount_fen| Given { kind, households, amount_fen };
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[given(AidKind::Visit, 3, 600_000)]).as_deref(), Some("走访慰问3户，发放资金6000元"));
        let two = [given(AidKind::Visit, 3, 600_050), given(AidKind::Schooling, 2, 0)];
        assert_eq!(summary(&two).as_deref(), Some("助学2户、走访慰问3户，发放资金6000.50元"));
        assert_eq!(summary(&[given(AidKind::Counselling, 1, 0)]).as_deref(), Some("心理疏导1户"));
        // Kinds with nothing given are left out.
        assert_eq!(summary(&[given(AidKind::Visit, 0, 0)]), None);
        let one = [given(AidKind::Visit, 0, 0), given(AidKind::Schooling, 1, 0)];
        assert_eq!(summary(&one).as_deref(), Some("助学1户"));
        // A reduction, and money alone.
        let less = [given(AidKind::Visit, -1, -20_000), given(AidKind::Schooling, 1, 5)];
        assert_eq!(summary(&less).as_deref(), Some("助学1户、走访慰问核减1户，核减资金199.95元"));
        assert_eq!(summary(&[given(AidKind::Visit, 0, 100)]).as_deref(), Some("发放资金1元"));
    }

    #[test]
    fn a_day_lies_in_the_pairing_or_after_the_file_was_opened() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2020-06-15");
        let pairing = Span::Pairing(Some(day("2020-05-01")), Some(day("2020-06-01")));
        assert_eq!(day_fault(pairing, day("2020-05-01"), today), None);
        assert_eq!(day_fault(pairing, day("2020-06-01"), today), None);
        assert_eq!(day_fault(pairing, day("2020-04-30"), today), Some("date_outside_pairing"));
        assert_eq!(day_fault(pairing, day("2020-06-02"), today), Some("date_outside_pairing"));
        assert_eq!(day_fault(pairing, day("2020-06-16"), today), Some("future"));
        assert_eq!(day_fault(Span::Pairing(None, None), today, today), Some("date_outside_pairing"));
        let since = day("2020-05-01");
        let file = |text| day_fault(Span::File { since, last: None, moved: false }, day(text), today);
        assert_eq!((file("2020-04-30"), file("2020-05-01"), file("2020-05-02")), (Some("date_before_file"), None, None));
        let gone = |moved, text| day_fault(Span::File { since, last: Some(day("2020-06-01")), moved }, day(text), today);
        for (moved, fault) in [(false, "after_leaving"), (true, "after_moving")] {
            assert_eq!((gone(moved, "2020-06-01"), gone(moved, "2020-06-02")), (None, Some(fault)));
        }
        assert_eq!((file("2020-06-15"), file("2020-06-16")), (None, Some("future")));
    }

    #[test]
    fn the_same_money_or_the_same_goods_or_words_on_one_day_are_likely_the_same_gift() {
        let rice = |quantity| vec![Goods { name: "大米".into(), quantity, unit: "袋".into() }];
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (first, later) = (day("2020-06-01"), day("2020-06-03"));
        let same = |one: (_, _, &[Goods]), other: (_, _, &[Goods])| {
            assert_eq!(same_gift(one, other), same_gift(other, one));
            same_gift(one, other)
        };
        assert!(same((first, Some(100_000), &[]), (later, Some(100_000), &rice(1))));
        assert!(!same((first, Some(100_000), &[]), (first, Some(100_001), &[])));
        assert!(!same((first, Some(100_000), &rice(1)), (first, None, &rice(1))));
        assert!(same((first, None, &rice(1)), (later, None, &rice(1))));
        assert!(!same((first, None, &rice(1)), (later, None, &rice(2))));
        assert!(!same((first, None, &rice(1)), (first, None, &[])));
        assert!(same((first, None, &[]), (first, None, &[])));
        assert!(!same((first, None, &[]), (later, None, &[])));
    }

    #[test]
    fn village_and_town_have_records_to_confirm_and_the_auditor_alone_reads_in_part() {
        for role in Role::ALL {
            let waits = matches!(role, Role::Village | Role::Town);
            assert_eq!(waiting_for(*role), if waits { &[S::Recorded][..] } else { &[] }, "{role:?}");
            assert_eq!(reads_in_full(*role), *role != Role::Auditor, "{role:?}");
        }
        let confirm = |role, on_behalf: Option<&str>| {
            let remarks = StepInput { note: None, on_behalf_reason: on_behalf.map(str::to_owned) };
            workflow::step(S::STEPS, S::Recorded, A::Confirm, role, &remarks)
                .map(|step| step.to)
                .map_err(|error| error.to_string())
        };
        assert_eq!(confirm(Role::Village, None), Ok(S::Confirmed));
        assert_eq!(confirm(Role::Town, Some("村委会暂无账号")), Ok(S::Confirmed));
        assert_eq!(confirm(Role::Town, None), Err("ValidationFailed /on_behalf_reason=required".to_owned()));
    }

    proptest! {
        #[test]
        fn what_counts_was_confirmed_by_village_or_town_and_what_is_over_stays_over(
            state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL)
        ) {
            let step = S::STEPS.find(state, action, role);
            prop_assert_eq!(S::STEPS.allowed(state, role).contains(&action), step.is_ok());
            if let Ok(step) = step {
                prop_assert_eq!(state, S::Recorded);
                prop_assert!(step.to != S::Confirmed || matches!(role, Role::Village | Role::Town));
            }
            prop_assert_eq!(waiting_for(role).contains(&state), !S::STEPS.allowed(state, role).is_empty());
        }
    }
}
