//! Who holds a report, its rows and its punctuality: pure decisions.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use contract::campaigns::CampaignSettings;
use contract::reports::{Finding, FindingKind, MOST_ROWS, ReportAction as A, ReportRow, ReportRowInput, ReportState as S};
use contract::{Month, Role};
use platform::{Error, Result};
use uuid::Uuid;

use super::source::Source;

/// Whether a role may edit a form in this state.
pub fn editable(state: S, role: Role) -> bool {
    role == Role::Town && S::EDITABLE.contains(&state)
}

/// The steps that a role may take of the form of a month. Accepting closes the month, which has to be over.
pub fn allowed(state: S, role: Role, month: Month, today: NaiveDate) -> Vec<A> {
    let mut actions = S::STEPS.allowed(state, role);
    actions.retain(|&action| action != A::Accept || is_over(month, today));
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
        Role::Bureau => &[S::Submitted],
        _ => &[],
    }
}

/// Gives the rows their numbers.
fn numbered(mut rows: Vec<ReportRow>) -> Vec<ReportRow> {
    (1..).zip(&mut rows).for_each(|(position, row)| row.position = position);
    rows
}

fn drafted(source: &Source) -> ReportRow {
    ReportRow {
        position: 0,
        pairing_id: Some(source.pairing_id),
        village_name: source.village_name.clone(),
        organisation_name: source.organisation_name.clone(),
        content: source.content.clone().unwrap_or_default(),
        // Nothing that the system knows is typed again: what was given to households follows the words of the pairing.
        progress: [&source.progress, &source.given].into_iter().flatten().cloned().collect::<Vec<_>>().join("\n"),
        edited: false,
    }
}

/// Renews the rows from the sources. Rows that were edited by hand stay as they are, and rows that were taken out stay out.
/// The order stays; a new row goes behind the one it follows by village and organisation. `sources` must be in that order.
/// What does not fit into a form stays outside: [`findings`] names it.
pub fn redraft(rows: Vec<ReportRow>, sources: &[Source], left_out: &[Uuid]) -> Vec<ReportRow> {
    let mut rows = rows;
    let mut place = 0;
    for source in sources.iter().filter(|source| !left_out.contains(&source.pairing_id)) {
        match rows.iter().position(|row| row.pairing_id == Some(source.pairing_id)) {
            Some(index) => {
                if !rows[index].edited {
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

/// The rows as a person has written them. A row counts as edited where it differs from before, or was edited already.
///
/// # Errors
/// A fault at a row whose pairing is repeated, or did not belong to the town in that month.
pub fn edit(before: &[ReportRow], written: Vec<ReportRowInput>, sources: &[Source]) -> Result<Vec<ReportRow>> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::with_capacity(written.len());
    for (index, row) in written.into_iter().enumerate() {
        let old = row.pairing_id.and_then(|id| before.iter().find(|old| old.pairing_id == Some(id)));
        if let Some(id) = row.pairing_id {
            let pointer = || format!("/rows/{index}/pairing_id");
            if !seen.insert(id) {
                return Err(Error::field(pointer(), "duplicate"));
            }
            if old.is_none() && !sources.iter().any(|source| source.pairing_id == id) {
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

/// What the town should check before it sends the form, in the order of kinds, and within a kind in the order of rows.
pub fn findings(
    rows: &[ReportRow],
    sources: &[Source],
    left_out: &[Uuid],
    month: Month,
    settings: &CampaignSettings,
    today: NaiveDate,
) -> Vec<Finding> {
    let about = |kind, row: &ReportRow| Finding {
        kind,
        position: Some(row.position),
        pairing_id: row.pairing_id,
        village_name: Some(row.village_name.clone()),
        organisation_name: Some(row.organisation_name.clone()),
    };
    let of_source = |kind, source: &Source| Finding {
        kind,
        position: rows.iter().find(|row| row.pairing_id == Some(source.pairing_id)).map(|row| row.position),
        pairing_id: Some(source.pairing_id),
        village_name: Some(source.village_name.clone()),
        organisation_name: Some(source.organisation_name.clone()),
    };
    let source_of = |row: &ReportRow| sources.iter().find(|source| Some(source.pairing_id) == row.pairing_id);
    let mut found = Vec::new();
    if !is_over(month, today) {
        found.push(Finding {
            kind: FindingKind::MonthRunning,
            position: None,
            pairing_id: None,
            village_name: None,
            organisation_name: None,
        });
    }
    let missing = sources.iter().filter(|source| source.progress.is_none());
    found.extend(missing.map(|source| of_source(FindingKind::UpdateMissing, source)));
    found.extend(rows.iter().filter_map(|row| {
        let before = source_of(row)?.previous_progress.as_deref()?.trim();
        (!before.is_empty() && before == row.progress.trim()).then(|| about(FindingKind::ProgressStale, row))
    }));
    let empty = rows.iter().filter(|row| row.content.trim().is_empty() || row.progress.trim().is_empty());
    found.extend(empty.map(|row| about(FindingKind::TextEmpty, row)));
    let over = sources.iter().filter(|source| source.live_projects > settings.max_projects.into());
    found.extend(over.map(|source| of_source(FindingKind::TooManyProjects, source)));
    let grace = today - Days::new(settings.project_grace_days.unsigned_abs().into());
    let overdue = |since: Option<NaiveDate>| since.is_some_and(|since| since < grace);
    let without =
        sources.iter().filter(|source| source.live_projects == 0 && source.ended_on.is_none() && overdue(source.active_since));
    found.extend(without.map(|source| of_source(FindingKind::ProjectMissing, source)));
    found.extend(sources.iter().filter(|source| !left_out.contains(&source.pairing_id)).filter_map(|source| {
        let row = rows.iter().find(|row| row.pairing_id == Some(source.pairing_id));
        let outdated = row.is_none_or(|row| !row.edited && ReportRow { position: row.position, ..drafted(source) } != *row);
        outdated.then(|| of_source(FindingKind::Outdated, source))
    }));
    let out = sources.iter().filter(|source| left_out.contains(&source.pairing_id));
    found.extend(out.map(|source| of_source(FindingKind::LeftOut, source)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::CodedEnum;
    use contract::assistance::AidKind;
    use contract::reports::ReportFormInput;
    use contract::validation;
    use proptest::prelude::*;
    use proptest::sample::select;

    use crate::assistance::policy::{Given, summary};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn id(number: u8) -> Uuid {
        Uuid::from_u128(number.into())
    }

    fn source(number: u8, progress: Option<&str>) -> Source {
        Source {
            pairing_id: id(number),
            village_code: format!("350582104{number:03}"),
            village_name: format!("第{number}村"),
            organisation_name: "商会".to_owned(),
            content: progress.map(|_| "修路".to_owned()),
            progress: progress.map(str::to_owned),
            previous_progress: None,
            organisation_id: id(200),
            given: None,
            active_since: "2020-05-31".parse().ok(),
            ended_on: None,
            live_projects: 1,
        }
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
        let on = |state, today| allowed(state, Role::Bureau, "2020-06".parse().unwrap(), day(today));
        assert_eq!(on(S::Submitted, "2020-06-30"), [A::Return]);
        assert_eq!(on(S::Submitted, "2020-07-01"), [A::Accept, A::Return]);
        assert_eq!(on(S::Accepted, "2020-07-01"), [A::Reopen]);
    }

    #[test]
    fn what_is_drafted_can_be_sent_back_as_it_is() {
        let given: Vec<_> =
            AidKind::ALL.iter().map(|&kind| Given { kind, households: i64::MAX, amount_fen: i64::MAX / 12 }).collect();
        let text = || Some("字".repeat(2000));
        let longest = Source { given: summary(&given), content: text(), progress: text(), ..source(1, None) };
        let many = (0..600).map(|number| Source { pairing_id: Uuid::from_u128(number), ..longest.clone() }).collect::<Vec<_>>();
        let rows = redraft(Vec::new(), &many, &[]);
        let form = ReportFormInput { unit: "东石镇".into(), filled_on: None, rows: rows.iter().map(written).collect() };
        assert_eq!((form.rows.len(), validation::faults(&form)), (500, vec![]));
        // What found no place is named, and follows where there is one.
        let settings = CampaignSettings::default();
        let month = "2020-04".parse().unwrap();
        let found = findings(&rows, &many, &[], month, &settings, day("2020-05-31"));
        let outside = |found: &[Finding]| found.iter().filter(|finding| finding.kind == FindingKind::Outdated).count();
        assert_eq!(outside(&found), 100);
        let again = redraft(rows[..499].to_vec(), &many, &[]);
        assert_eq!(again.len(), 500);
    }

    #[test]
    fn a_project_is_missed_after_thirty_days_and_three_are_too_many() {
        let found = |live_projects, today: &str| -> Vec<_> {
            let source = Source { live_projects, active_since: Some(day("2020-05-01")), ..source(1, Some("进行中")) };
            let rows = redraft(Vec::new(), std::slice::from_ref(&source), &[]);
            let month = "2020-04".parse().unwrap();
            let found = findings(&rows, &[source], &[], month, &CampaignSettings::default(), day(today));
            found.into_iter().map(|finding| finding.kind).collect()
        };
        assert_eq!((found(0, "2020-05-30"), found(0, "2020-05-31")), (vec![], vec![]));
        assert_eq!(found(0, "2020-06-01"), [FindingKind::ProjectMissing]);
        assert_eq!((found(1, "2020-06-01"), found(2, "2020-06-01")), (vec![], vec![]));
        assert_eq!(found(3, "2020-06-01"), [FindingKind::TooManyProjects]);
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

    #[test]
    fn a_pairing_that_has_ended_or_was_never_active_lacks_no_project() {
        let lacks = |active_since: Option<&str>, ended_on: Option<&str>| {
            let source = Source {
                live_projects: 0,
                active_since: active_since.map(day),
                ended_on: ended_on.map(day),
                ..source(1, Some("进行中"))
            };
            let rows = redraft(Vec::new(), std::slice::from_ref(&source), &[]);
            let month = "2020-04".parse().unwrap();
            !findings(&rows, &[source], &[], month, &CampaignSettings::default(), day("2020-09-01")).is_empty()
        };
        assert!(lacks(Some("2020-05-01"), None));
        assert!(!lacks(Some("2020-05-01"), Some("2020-08-01")) && !lacks(None, None));
    }

    #[test]
    fn a_form_is_outdated_where_it_lacks_a_pairing_or_a_row_that_nobody_edited_says_less() {
        let outdated = |rows: &[ReportRow], source: Source| {
            let month = "2020-04".parse().unwrap();
            let found = findings(rows, &[source], &[], month, &CampaignSettings::default(), day("2020-05-31"));
            found.iter().any(|finding| finding.kind == FindingKind::Outdated)
        };
        let rows = redraft(Vec::new(), &[source(1, Some("进行中"))], &[]);
        assert!(outdated(&[], source(1, Some("进行中"))) && outdated(&rows, source(1, Some("完工"))));
        assert!(!outdated(&rows, source(1, Some("进行中"))));
        let edited = [ReportRow { edited: true, ..rows[0].clone() }];
        assert!(!outdated(&edited, source(1, Some("完工"))));
    }

    #[test]
    fn a_row_lacks_text_where_either_is_blank_and_is_stale_where_it_says_what_it_said() {
        let found = |content: &str, progress: &str, previous: Option<&str>| -> Vec<_> {
            let source = Source { previous_progress: previous.map(str::to_owned), ..source(1, Some("进行中")) };
            let mut rows = redraft(Vec::new(), std::slice::from_ref(&source), &[]);
            rows[0] = ReportRow { content: content.into(), progress: progress.into(), edited: true, ..rows[0].clone() };
            let month = "2020-04".parse().unwrap();
            let found = findings(&rows, &[source], &[], month, &CampaignSettings::default(), day("2020-06-01"));
            found.into_iter().map(|finding| finding.kind).collect()
        };
        assert_eq!((found("修路", "完工", None), found("修路", "完工", Some("进行中"))), (vec![], vec![]));
        assert_eq!(found("修路", "完工", Some(" 完工 ")), [FindingKind::ProgressStale]);
        assert_eq!(found(" ", "完工", Some("")), [FindingKind::TextEmpty]);
        assert_eq!(found("修路", " ", Some("")), [FindingKind::TextEmpty]);
    }

    #[test]
    fn findings_say_what_to_look_at() {
        let mut sources = vec![source(1, Some("同上")), source(2, None), source(3, Some("完工")), source(4, Some("新"))];
        sources[0].previous_progress = Some(" 同上 ".to_owned());
        let mut rows = redraft(Vec::new(), &sources, &[id(3)]);
        sources[3].progress = Some("更新".to_owned());
        rows.retain(|row| row.pairing_id.is_some());
        sources[0].live_projects = 3;
        sources[1].live_projects = 0;
        let settings = CampaignSettings { project_grace_days: 29, ..Default::default() };
        let month = "2020-06".parse().unwrap();
        let found = findings(&rows, &sources, &[id(3)], month, &settings, day("2020-06-30"));
        let found: Vec<_> = found.iter().map(|finding| (finding.kind, finding.position, finding.pairing_id)).collect();
        assert_eq!(
            found,
            [
                (FindingKind::MonthRunning, None, None),
                (FindingKind::UpdateMissing, Some(2), Some(id(2))),
                (FindingKind::ProgressStale, Some(1), Some(id(1))),
                (FindingKind::TextEmpty, Some(2), Some(id(2))),
                (FindingKind::TooManyProjects, Some(1), Some(id(1))),
                (FindingKind::ProjectMissing, Some(2), Some(id(2))),
                (FindingKind::Outdated, Some(3), Some(id(4))),
                (FindingKind::LeftOut, None, Some(id(3))),
            ]
        );
        assert!(findings(&[], &[], &[], month, &settings, day("2020-07-01")).is_empty());
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
            // 已通过 is over, unless the bureau reopens it.
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
            // Edited rows are there word for word and in their order.
            let edited = |rows: &[ReportRow]| {
                rows.iter().filter(|row| row.edited).map(|row| ReportRow { position: 0, ..row.clone() }).collect::<Vec<_>>()
            };
            prop_assert_eq!(edited(&rows), edited(&after));
            // Every pairing once, except those that were taken out. Existing rows stay.
            for source in &new {
                let times = after.iter().filter(|row| row.pairing_id == Some(source.pairing_id)).count();
                prop_assert_eq!(times, usize::from(!out.contains(&source.pairing_id)));
            }
            for row in &rows {
                prop_assert!(after.iter().any(|new| new.pairing_id == row.pairing_id));
            }
            prop_assert!(after.iter().map(|row| row.position).eq(1..=after.len() as u32));
            // A second time changes nothing.
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
