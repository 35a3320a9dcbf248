//! Whose turn a report is, its rows, and whether it is late: pure decisions.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use contract::reports::{MOST_ROWS, ReportAction as A, ReportRow, ReportRowInput, ReportState as S};
use contract::{Month, Role};
use platform::{Error, Result};
use uuid::Uuid;

use super::source::Source;

/// Whether a role may edit a form in this state.
pub fn editable(state: S, role: Role) -> bool {
    role == Role::Town && S::EDITABLE.contains(&state)
}

/// What decides which steps a form takes.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    /// Whether it has a row.
    pub filled: bool,
    /// Whether a pairing of the town was active in the month.
    pub paired: bool,
    pub month: Month,
}

/// The steps that a role may take with a form. Accepting closes the month, which must be over. What has rows is sent with them, and
/// a nil return is only for a town that was not paired.
pub fn allowed(facts: Facts, role: Role, today: NaiveDate) -> Vec<A> {
    let mut actions = S::STEPS.allowed(facts.state, role);
    actions.retain(|action| match action {
        A::Accept => is_over(facts.month, today),
        A::Submit => facts.filled,
        A::Nil => !facts.filled && !facts.paired,
        A::Redraft | A::Return | A::Reopen => true,
    });
    actions
}

/// Whether a month is over on a day.
pub fn is_over(month: Month, today: NaiveDate) -> bool {
    today > month.last_day()
}

/// The states in which a form waits for a role.
pub fn waiting_for(role: Role) -> &'static [S] {
    match role {
        Role::Town => S::EDITABLE,
        Role::Bureau => S::SENT,
        _ => &[],
    }
}

/// Numbers the rows.
fn numbered(mut rows: Vec<ReportRow>) -> Vec<ReportRow> {
    (1..).zip(&mut rows).for_each(|(position, row)| row.position = position);
    rows
}

/// The 具体帮扶内容 of a row that exists only for what it carries over.
const CARRIED_ALONE: &str = "补报以前月份的帮扶";

/// The row of a pairing before anybody edits it.
pub fn drafted(source: &Source) -> ReportRow {
    let content = source.content.clone().or_else(|| (!source.active).then(|| CARRIED_ALONE.to_owned()));
    ReportRow {
        position: 0,
        pairing_id: Some(source.pairing_id),
        village_name: source.village_name.clone(),
        organisation_name: source.organisation_name.clone(),
        content: content.unwrap_or_default(),
        // Nobody types what the system knows: the help for households follows the pairing's own text.
        progress: [&source.progress, &source.aid.given].into_iter().flatten().cloned().collect::<Vec<_>>().join("\n"),
        carried: source.aid.carried.clone(),
        edited: false,
    }
}

/// Renews the rows from the sources. Rows edited by hand keep their text, and rows that were taken out stay out. Carried text is
/// nobody's own, so it follows its source in every row, and a row that existed only for that goes with it.
/// The order stays. A new row follows the one that precedes it by village and organisation; `sources` must be in that order. Rows
/// beyond the limit stay outside, and [`findings`](super::findings::findings) names them.
pub fn redraft(rows: Vec<ReportRow>, sources: &[Source], left_out: &[Uuid]) -> Vec<ReportRow> {
    let mut rows = rows;
    rows.retain_mut(|row| {
        if row.pairing_id.is_none() || sources.iter().any(|source| Some(source.pairing_id) == row.pairing_id) {
            return true;
        }
        let carried = row.carried.take();
        carried.is_none() || row.edited || !row.progress.is_empty()
    });
    let mut place = 0;
    for source in sources.iter().filter(|source| !left_out.contains(&source.pairing_id)) {
        match rows.iter().position(|row| row.pairing_id == Some(source.pairing_id)) {
            Some(index) => {
                if rows[index].edited {
                    rows[index].carried.clone_from(&source.aid.carried);
                } else {
                    rows[index] = drafted(source);
                }
                place = index + 1;
            }
            None if rows.len() < MOST_ROWS => {
                rows.insert(place, drafted(source));
                place += 1;
            }
            None => {}
        }
    }
    numbered(rows)
}

/// The rows as a person has edited them. A row counts as edited if it differs from before, or was already edited.
///
/// # Errors
/// A fault at a row whose pairing is repeated, or did not belong to the town in that month.
pub fn edit(before: &[ReportRow], written: Vec<ReportRowInput>, sources: &[Source]) -> Result<Vec<ReportRow>> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::with_capacity(written.len());
    for (index, row) in written.into_iter().enumerate() {
        let old = row.pairing_id.and_then(|id| before.iter().find(|old| old.pairing_id == Some(id)));
        let source = sources.iter().find(|source| Some(source.pairing_id) == row.pairing_id);
        if let Some(id) = row.pairing_id {
            let pointer = || format!("/rows/{index}/pairing_id");
            if !seen.insert(id) {
                return Err(Error::field(pointer(), "duplicate"));
            }
            if old.is_none() && source.is_none() {
                return Err(Error::field(pointer(), "unknown"));
            }
        }
        let same = old.is_some_and(|old| {
            (&old.village_name, &old.organisation_name, &old.content, &old.progress)
                == (&row.village_name, &row.organisation_name, &row.content, &row.progress)
        });
        let edited = !same || row.edited.unwrap_or(old.is_some_and(|old| old.edited));
        rows.push(ReportRow {
            position: 0,
            pairing_id: row.pairing_id,
            village_name: row.village_name,
            organisation_name: row.organisation_name,
            content: row.content,
            progress: row.progress,
            carried: old.map_or_else(|| source.and_then(|source| source.aid.carried.clone()), |old| old.carried.clone()),
            edited,
        });
    }
    Ok(numbered(rows))
}

/// The pairings that the town has taken out: those that were in or out before, and are not in now.
pub fn left_out(left_out: &[Uuid], before: &[ReportRow], after: &[ReportRow]) -> Vec<Uuid> {
    let ids = |rows: &[ReportRow]| rows.iter().filter_map(|row| row.pairing_id).collect::<BTreeSet<_>>();
    let out: BTreeSet<_> = left_out.iter().copied().chain(ids(before)).collect();
    out.difference(&ids(after)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::CodedEnum;
    use contract::assistance::AidKind;
    use contract::campaigns::CampaignSettings;
    use contract::reports::{FindingKind, ReportFinding, ReportFormInput};
    use contract::validation;
    use proptest::prelude::*;
    use proptest::sample::select;

    use crate::assistance::policy::{Given, summary};
    use crate::reports::aid::Aid;
    use crate::reports::findings::findings;
    use crate::reports::source::{example as source, id};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn written(row: &ReportRow) -> ReportRowInput {
        ReportRowInput {
            pairing_id: row.pairing_id,
            village_name: row.village_name.clone(),
            organisation_name: row.organisation_name.clone(),
            content: row.content.clone(),
            progress: row.progress.clone(),
            edited: None,
        }
    }

    fn sources() -> impl Strategy<Value = Vec<Source>> {
        prop::collection::btree_set(0u8..12, 0..8)
            .prop_map(|numbers| numbers.into_iter().map(|number| source(number, Some("进行中"))).collect())
    }

    #[test]
    fn a_form_is_accepted_when_its_month_is_over_and_reopened_at_any_time() {
        let on = |state, today| {
            let facts = Facts { state, filled: state != S::Nil, paired: true, month: "2020-06".parse().unwrap() };
            allowed(facts, Role::Bureau, day(today))
        };
        for state in S::SENT {
            assert_eq!(on(*state, "2020-06-30"), [A::Return]);
            assert_eq!(on(*state, "2020-07-01"), [A::Accept, A::Return]);
        }
        assert_eq!(on(S::Accepted, "2020-07-01"), [A::Reopen]);
    }

    #[test]
    fn rows_are_sent_with_them_and_a_town_that_was_not_paired_sends_a_nil_return() {
        let on = |filled, paired| {
            let facts = Facts { state: S::Draft, filled, paired, month: "2020-06".parse().unwrap() };
            allowed(facts, Role::Town, day("2020-07-01"))
        };
        assert_eq!(on(false, false), [A::Nil, A::Redraft]);
        assert_eq!(on(false, true), [A::Redraft]);
        assert_eq!((on(true, true), on(true, false)), (vec![A::Submit, A::Redraft], vec![A::Submit, A::Redraft]));
    }

    #[test]
    fn what_is_drafted_can_be_sent_back_as_it_is() {
        let given: Vec<_> =
            AidKind::ALL.iter().map(|&kind| Given { kind, households: i64::MAX, amount_fen: i64::MAX / 12 }).collect();
        let text = || Some("字".repeat(2000));
        let longest = Source {
            aid: Aid { given: summary(&given), ..Aid::default() },
            content: text(),
            progress: text(),
            ..source(1, None)
        };
        let many = (0..600).map(|number| Source { pairing_id: Uuid::from_u128(number), ..longest.clone() }).collect::<Vec<_>>();
        let rows = redraft(Vec::new(), &many, &[]);
        let form = ReportFormInput { unit: "东石镇".into(), filled_on: None, rows: rows.iter().map(written).collect() };
        assert_eq!((form.rows.len(), validation::faults(&form)), (500, vec![]));
        // A row that did not fit is named, and gets in once there is space.
        let settings = CampaignSettings::default();
        let month = "2020-04".parse().unwrap();
        let found = findings(&rows, &many, &[], month, &settings, day("2020-05-31"));
        let outside = |found: &[ReportFinding]| found.iter().filter(|finding| finding.kind == FindingKind::Outdated).count();
        assert_eq!(outside(&found), 100);
        let again = redraft(rows[..499].to_vec(), &many, &[]);
        assert_eq!(again.len(), 500);
    }

    #[test]
    fn a_row_is_of_a_pairing_of_the_month_and_of_each_once_and_is_edited_where_its_words_are() {
        let sources = [source(1, Some("进行中")), source(2, Some("进行中"))];
        let rows = redraft(Vec::new(), &sources[..1], &[]);
        let said =
            |written, sources: &[Source]| edit(&rows, written, sources).map(|rows| rows.len()).map_err(|error| error.to_string());
        let other = || ReportRowInput { pairing_id: Some(id(2)), ..written(&rows[0]) };
        assert_eq!(said(vec![written(&rows[0]), other()], &sources), Ok(2));
        let fault = |code| Err(format!("ValidationFailed /rows/1/pairing_id={code}"));
        assert_eq!(said(vec![written(&rows[0]), other()], &sources[..1]), fault("unknown"));
        assert_eq!(said(vec![written(&rows[0]), written(&rows[0])], &sources), fault("duplicate"));
        // A row in the form stays, whatever became of its pairing.
        assert_eq!(said(vec![written(&rows[0])], &[]), Ok(1));
        let edited = |was: bool, says: Option<bool>, progress: &str| {
            let before = [ReportRow { edited: was, ..rows[0].clone() }];
            let row = ReportRowInput { edited: says, progress: progress.into(), ..written(&rows[0]) };
            edit(&before, vec![row], &sources).unwrap()[0].edited
        };
        assert!(!edited(false, None, "进行中") && edited(true, None, "进行中"));
        assert!(!edited(true, Some(false), "进行中") && edited(false, Some(true), "进行中"));
        assert!(edited(false, None, "完工") && edited(false, Some(false), "完工"));
    }

    #[test]
    fn a_new_pairing_comes_behind_the_one_it_follows_and_what_nobody_edited_is_renewed() {
        let (first, third) = (source(1, Some("进行中")), source(3, Some("进行中")));
        let form = redraft(Vec::new(), &[first.clone(), third.clone()], &[]);
        let ids = |rows: &[ReportRow]| rows.iter().map(|row| row.pairing_id.unwrap()).collect::<Vec<_>>();
        let after = redraft(form.clone(), &[first.clone(), source(2, Some("新")), third.clone(), source(4, Some("新"))], &[]);
        assert_eq!(ids(&after), [1, 2, 3, 4].map(id));
        // The town has moved its rows: a new row follows its neighbour, and no existing row moves.
        let turned = vec![form[1].clone(), form[0].clone()];
        let after = redraft(turned, &[first.clone(), source(2, Some("新")), third.clone()], &[]);
        assert_eq!(ids(&after), [3, 1, 2].map(id));
        let later = Source { progress: Some("完工".to_owned()), ..first };
        let edited = ReportRow { edited: true, ..form[1].clone() };
        let renewed =
            redraft(vec![form[0].clone(), edited], &[later, Source { progress: Some("完工".to_owned()), ..third }], &[]);
        let said: Vec<_> = renewed.iter().map(|row| (row.progress.as_str(), row.edited)).collect();
        assert_eq!(said, [("完工", false), ("进行中", true)]);
    }

    #[test]
    fn what_is_carried_over_follows_its_source_whoever_has_edited_the_row() {
        let carries =
            |source: Source, words: &str| Source { aid: Aid { carried: Some(words.to_owned()), ..Aid::default() }, ..source };
        let rows = redraft(Vec::new(), &[source(1, Some("进行中")), source(2, Some("进行中"))], &[]);
        let by_hand = vec![ReportRow { edited: true, progress: "完工".into(), ..rows[0].clone() }, rows[1].clone()];
        // This includes a pairing that has ended, which has no text for the month.
        let ended = Source { active: false, content: None, ..source(3, None) };
        let sources = [carries(source(1, Some("进行中")), "补报一"), source(2, Some("进行中")), carries(ended, "补报三")];
        let month = "2020-04".parse().unwrap();
        let found = |rows: &[ReportRow]| -> Vec<_> {
            let found = findings(rows, &sources, &[], month, &CampaignSettings::default(), day("2020-05-31"));
            found.into_iter().map(|finding| (finding.kind, finding.pairing_id)).collect()
        };
        assert_eq!(found(&by_hand), [(FindingKind::Outdated, Some(id(1))), (FindingKind::Outdated, Some(id(3)))]);
        let after = redraft(by_hand, &sources, &[]);
        let told: Vec<_> = after.iter().map(|row| (row.content.as_str(), row.progress_told())).collect();
        let told: Vec<_> = told.iter().map(|(content, progress)| (*content, progress.as_str())).collect();
        assert_eq!(told, [("修路", "完工\n补报一"), ("修路", "进行中"), (CARRIED_ALONE, "补报三")]);
        assert_eq!(found(&after), vec![]);
        // Carried text is no part of what is edited, and returns with its row.
        let words = |rows: &[ReportRow]| rows.iter().map(|row| row.carried.clone()).collect::<Vec<_>>();
        let same = edit(&after, after.iter().map(written).collect(), &sources).unwrap();
        assert_eq!(words(&same), words(&after));
        assert_eq!(words(&edit(&[], vec![written(&after[0])], &sources).unwrap()), [Some("补报一".to_owned())]);
    }

    #[test]
    fn what_the_town_takes_out_stays_out_until_it_brings_it_back() {
        let rows = redraft(Vec::new(), &[source(1, Some("进行中")), source(2, Some("进行中"))], &[]);
        assert_eq!(left_out(&[], &rows, &rows[..1]), [id(2)]);
        assert_eq!(left_out(&[id(3)], &rows, &rows[..1]), [id(2), id(3)]);
        assert_eq!(left_out(&[id(2), id(3)], &rows[..1], &rows), [id(3)]);
    }

    #[test]
    fn a_row_of_no_pairing_and_one_that_comes_back_are_the_town_s_own_words() {
        let sources = [source(1, Some("进行中"))];
        let row = written(&redraft(Vec::new(), &sources, &[])[0]);
        for row in
            [row.clone(), ReportRowInput { pairing_id: None, ..row.clone() }, ReportRowInput { edited: Some(false), ..row }]
        {
            assert!(edit(&[], vec![row], &sources).unwrap()[0].edited);
        }
    }

    proptest! {
        #[test]
        fn only_towns_write_and_only_what_the_bureau_does_not_hold(
            state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL)
        ) {
            let allowed = S::STEPS.allowed(state, role);
            let step = S::STEPS.find(state, action, role);
            prop_assert_eq!(allowed.contains(&action), step.is_ok());
            prop_assert_eq!(editable(state, role), allowed.contains(&A::Submit));
            prop_assert!(allowed.is_empty() || matches!(role, Role::Town | Role::Bureau));
            // 已通过 is final, unless the bureau reopens it.
            prop_assert!(state != S::Accepted || allowed.iter().all(|&action| action == A::Reopen));
            prop_assert_eq!(waiting_for(role).contains(&state), state != S::Accepted && !allowed.is_empty());
            if let Ok(step) = step && action == A::Redraft {
                prop_assert_eq!(step.to, state);
            }
        }

        #[test]
        fn redrafting_loses_no_edit_and_brings_each_pairing_once(
            old in sources(), new in sources(), edits in prop::collection::vec((0usize..12, any::<bool>()), 0..6)
        ) {
            let first = redraft(Vec::new(), &old, &[]);
            let mut form: Vec<_> = first.iter().map(written).collect();
            for (place, remove) in edits {
                if place >= form.len() {
                    form.push(ReportRowInput { pairing_id: None, ..written(&drafted(&source(99, Some("自行填写")))) });
                } else if remove {
                    form.remove(place);
                } else {
                    form[place].progress = "手工修改".to_owned();
                }
            }
            let rows = edit(&first, form, &old).unwrap();
            let out = left_out(&[], &first, &rows);
            let after = redraft(rows.clone(), &new, &out);
            // Edited rows keep their exact text and their order.
            let edited = |rows: &[ReportRow]| {
                rows.iter().filter(|row| row.edited).map(|row| ReportRow { position: 0, ..row.clone() }).collect::<Vec<_>>()
            };
            prop_assert_eq!(edited(&rows), edited(&after));
            // Every pairing occurs once, except those that were taken out. Existing rows stay.
            for source in &new {
                let times = after.iter().filter(|row| row.pairing_id == Some(source.pairing_id)).count();
                prop_assert_eq!(times, usize::from(!out.contains(&source.pairing_id)));
            }
            for row in &rows {
                prop_assert!(after.iter().any(|new| new.pairing_id == row.pairing_id));
            }
            prop_assert!(after.iter().map(|row| row.position).eq(1..=after.len() as u32));
            // Repeating it changes nothing.
            prop_assert_eq!(redraft(after.clone(), &new, &out), after);
        }

        #[test]
        fn what_is_sent_back_as_it_came_is_not_edited(sources in sources()) {
            let rows = redraft(Vec::new(), &sources, &[]);
            let again = edit(&rows, rows.iter().map(written).collect(), &sources).unwrap();
            prop_assert_eq!(&again, &rows);
            prop_assert!(left_out(&[], &rows, &again).is_empty());
        }
    }
}
