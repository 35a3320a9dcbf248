//! Finds what to check in a form before it is sent: pure decisions.

use chrono::{Days, NaiveDate};
use contract::Month;
use contract::campaigns::CampaignSettings;
use contract::reports::{FindingKind, ReportFinding, ReportRow};
use uuid::Uuid;

use super::policy::{drafted, is_over};
use super::source::Source;

/// What the town should check before it sends the form, ordered by kind, and then by row.
pub fn findings(
    rows: &[ReportRow],
    sources: &[Source],
    left_out: &[Uuid],
    month: Month,
    settings: &CampaignSettings,
    today: NaiveDate,
) -> Vec<ReportFinding> {
    let about = |kind, row: &ReportRow| ReportFinding {
        kind,
        position: Some(row.position),
        pairing_id: row.pairing_id,
        village_name: Some(row.village_name.clone()),
        organisation_name: Some(row.organisation_name.clone()),
    };
    let of_source = |kind, source: &Source| ReportFinding {
        kind,
        position: rows.iter().find(|row| row.pairing_id == Some(source.pairing_id)).map(|row| row.position),
        pairing_id: Some(source.pairing_id),
        village_name: Some(source.village_name.clone()),
        organisation_name: Some(source.organisation_name.clone()),
    };
    let source_of = |row: &ReportRow| sources.iter().find(|source| Some(source.pairing_id) == row.pairing_id);
    let mut found = Vec::new();
    if !is_over(month, today) {
        found.push(ReportFinding {
            kind: FindingKind::MonthRunning,
            position: None,
            pairing_id: None,
            village_name: None,
            organisation_name: None,
        });
    }
    let missing = sources.iter().filter(|source| source.active && source.progress.is_none());
    found.extend(missing.map(|source| of_source(FindingKind::UpdateMissing, source)));
    found.extend(rows.iter().filter_map(|row| {
        let before = source_of(row)?.previous_progress.as_deref()?.trim();
        (!before.is_empty() && before == row.progress.trim()).then(|| about(FindingKind::ProgressStale, row))
    }));
    let empty = rows.iter().filter(|row| row.content.trim().is_empty() || row.progress_told().trim().is_empty());
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
        let outdated = row.is_none_or(|row| match row.edited {
            true => row.carried != source.aid.carried,
            false => ReportRow { position: row.position, ..drafted(source) } != *row,
        });
        outdated.then(|| of_source(FindingKind::Outdated, source))
    }));
    let out = sources.iter().filter(|source| left_out.contains(&source.pairing_id));
    found.extend(out.map(|source| of_source(FindingKind::LeftOut, source)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::reports::policy::redraft;
    use crate::reports::source::{example as source, id};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
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
}
