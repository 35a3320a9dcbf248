//! The calendar of a campaign: pure decisions on dates.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contract::Month;
use contract::calendar::WorkCalendar;
use contract::campaigns::{
    Campaign, CampaignInput, CampaignSettings, DueDay, MilestoneInput, MilestoneKind, MilestoneState, MilestoneStatus, Phase,
    PhaseDates,
};

/// The phase of a day; `None` before the first and after the last.
pub fn phase_on(phases: &[PhaseDates], day: NaiveDate) -> Option<Phase> {
    phases.iter().rev().find(|phase| (phase.starts_on..=phase.ends_on).contains(&day)).map(|phase| phase.phase)
}

/// Why nothing can be written about a month: it does not belong to the campaign, or has not begun.
pub fn month_fault(starts_on: NaiveDate, ends_on: NaiveDate, today: NaiveDate, month: Month) -> Option<&'static str> {
    if month.last_day() < starts_on || month.first_day() > ends_on {
        Some("date_outside_campaign")
    } else if month.first_day() > today {
        Some("future")
    } else {
        None
    }
}

/// The counts that decide whether a countable milestone is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Confirmed enrolments of villages.
    pub villages: i64,
    /// Confirmed enrolments of organisations.
    pub organisations: i64,
    /// Those of both that have published what they need or offer.
    pub surveyed: i64,
    /// Kick-off meetings that were held.
    pub kick_offs: i64,
    /// Pairings that both sides have accepted, and those that have gone further.
    pub pairings: i64,
    /// Pairings with a signed agreement.
    pub signed: i64,
    /// Inspections of the bureau's mid-year rounds and of its rounds of acceptance: how many were held, of how many.
    pub mid_year: (i64, i64),
    pub acceptance: (i64, i64),
}

/// Judges the deadlines of a campaign on a day, the earliest first.
pub fn milestone_states(campaign: &CampaignInput, counts: Counts, today: NaiveDate) -> Vec<MilestoneState> {
    let states = campaign.milestones.iter().map(|milestone| milestone_state(milestone, &campaign.settings, counts, today));
    let mut states: Vec<_> = states.collect();
    states.sort_by_key(|state| state.due_on);
    states
}

/// Judges a milestone on a day. A countable one is met when the count is reached, any other when it was reported as done.
pub fn milestone_state(
    milestone: &MilestoneInput,
    settings: &CampaignSettings,
    counts: Counts,
    today: NaiveDate,
) -> MilestoneState {
    let (done, wanted) = match milestone.kind {
        // 若干个的村（社区）和不少于100个自愿参加活动的社会组织，形成供需目录
        MilestoneKind::Survey => {
            (Some(counts.surveyed), Some(counts.villages + counts.organisations.max(settings.min_organisations.into())))
        }
        MilestoneKind::Pairing => (Some(counts.pairings), Some(i64::from(settings.min_organisations))),
        // 召开动员部署会议，明确各级责任
        MilestoneKind::KickOff => (Some(counts.kick_offs.min(1)), Some(1)),
        MilestoneKind::Signing => (Some(counts.signed), Some(counts.pairings)),
        // 年中检查、年终验收: before a round is opened there is nothing to count.
        MilestoneKind::MidYearInspection => inspected(counts.mid_year),
        MilestoneKind::Acceptance => inspected(counts.acceptance),
        _ => (None, None),
    };
    let counted = done.zip(wanted).is_some_and(|(done, wanted)| wanted > 0 && done >= wanted);
    let status = if counted || milestone.done_on.is_some() {
        MilestoneStatus::Met
    } else if today > milestone.due_on {
        MilestoneStatus::Missed
    } else {
        MilestoneStatus::Upcoming
    };
    MilestoneState {
        kind: milestone.kind,
        due_on: milestone.due_on,
        status,
        days_left: (milestone.due_on - today).num_days(),
        done,
        wanted,
        missing: None,
    }
}

/// How many inspections were held, of how many; nothing where there are none.
fn inspected((held, all): (i64, i64)) -> (Option<i64>, Option<i64>) {
    if all > 0 { (Some(held), Some(all)) } else { (None, None) }
}

/// The last completed month of a campaign, whose forms are or were due.
pub fn last_month(starts_on: NaiveDate, ends_on: NaiveDate, today: NaiveDate) -> Option<Month> {
    let last = Month::of(today).previous().min(Month::of(ends_on));
    (last >= Month::of(starts_on)).then_some(last)
}

/// The month whose progress is to be written: the previous one until its form is due, and then the current one.
pub fn month_to_write(
    report_due: impl Fn(Month) -> NaiveDate,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    today: NaiveDate,
) -> Option<Month> {
    let last = last_month(starts_on, ends_on, today);
    let open = last.filter(|last| today <= report_due(*last));
    open.or_else(|| (starts_on..=ends_on).contains(&today).then(|| Month::of(today)))
}

/// The due days that a campaign keeps beside its settings: those that the calendar moves, and those of months that were due before
/// today, which no change moves. `before` is the campaign before the change, none if it is new.
pub fn due_days(before: Option<&Campaign>, details: &CampaignInput, calendar: &WorkCalendar, today: NaiveDate) -> Vec<DueDay> {
    let due = |campaign: &Campaign, month| DueDay { month, due_on: campaign.report_due(month) };
    let were = before.into_iter().flat_map(|before| months(&before.details).map(|month| due(before, month)));
    let past: BTreeMap<Month, DueDay> = were.take_while(|day| day.due_on < today).map(|day| (day.month, day)).collect();
    let to_come = months(details).filter(|month| !past.contains_key(month));
    let to_come: Vec<_> = to_come.map(|month| DueDay { month, due_on: details.settings.report_due(month, calendar) }).collect();
    let kept = |day: &DueDay| before.is_some_and(|before| before.due_days.contains(day));
    let plain = |day: &DueDay| details.settings.report_due(day.month, &WorkCalendar::default()) == day.due_on;
    let mut days: Vec<_> = past.into_values().chain(to_come).filter(|day| kept(day) || !plain(day)).collect();
    days.sort_by_key(|day| day.month);
    days
}

/// The months of a campaign.
fn months(details: &CampaignInput) -> impl Iterator<Item = Month> + use<> {
    let last = Month::of(details.ends_on);
    Month::of(details.starts_on).onwards().take_while(move |month| *month <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, Days, Weekday};
    use contract::CodedEnum;
    use contract::calendar::CalendarDayKind;
    use contract::campaigns::ReportDayRule;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_form_of_june_2020_is_due_on_the_fifth_of_july_a_sunday() {
        let due = |settings: &CampaignSettings, month: &str| settings.report_due(month.parse().unwrap(), &known());
        let settings = CampaignSettings::default();
        assert_eq!(due(&settings, "2020-06"), day("2020-07-05"));
        let moved = CampaignSettings { report_day_rule: ReportDayRule::NextWeekday, ..settings.clone() };
        assert_eq!(due(&moved, "2020-06"), day("2020-07-06"));
        let before = CampaignSettings { report_day_inclusive: false, ..settings };
        assert_eq!(due(&before, "2020-12"), day("2021-01-04"));
    }

    /// The known holidays of 2019 and 2020 around the fifths that are asked for.
    fn known() -> WorkCalendar {
        let off =
            ["2020-05-01", "2020-05-04", "2020-05-05", "2020-10-01", "2020-10-02", "2020-10-05", "2020-10-06", "2020-10-07"];
        let off = off.into_iter().chain(["2020-10-08", "2019-05-01", "2019-05-02", "2019-05-03"]);
        let worked = ["2019-04-28", "2019-05-05", "2020-05-09", "2020-10-10"];
        let kinds = [CalendarDayKind::DayOff, CalendarDayKind::Workday];
        off.map(|text| (day(text), kinds[0])).chain(worked.map(|text| (day(text), kinds[1]))).collect()
    }

    #[test]
    fn a_fifth_on_a_holiday_moves_to_the_next_day_that_is_worked() {
        let settings = CampaignSettings { report_day_rule: ReportDayRule::NextWorkday, ..Default::default() };
        let due = |month: &str| settings.report_due(month.parse().unwrap(), &known()).to_string();
        // 劳动节 and 国庆节 of 2020; a Sunday of 2019 that was worked; a Saturday and a Sunday like any other.
        assert_eq!((due("2020-04"), due("2020-09")), ("2020-05-06".to_owned(), "2020-10-09".to_owned()));
        assert_eq!(
            (due("2019-04"), due("2020-08"), due("2020-06")),
            ("2019-05-05".into(), "2020-09-07".into(), "2020-07-06".into())
        );
        // Of a year that nobody has entered, weekends count alone.
        let none = WorkCalendar::default();
        assert_eq!(settings.report_due(month("2020-04"), &none), day("2020-05-05"));
        assert_eq!(settings.report_due(month("2019-04"), &none), day("2019-05-06"));
    }

    fn year_2020() -> CampaignInput {
        CampaignInput {
            title: "活动".to_owned(),
            document_number: "1号".to_owned(),
            agreement_prefix: "百社协".to_owned(),
            area_code: "350582".to_owned(),
            starts_on: day("2020-01-01"),
            ends_on: day("2020-12-31"),
            phases: Vec::new(),
            milestones: Vec::new(),
            settings: CampaignSettings::default(),
            targets: Vec::new(),
            leading_group: Vec::new(),
        }
    }

    fn held(details: CampaignInput, due_days: Vec<DueDay>) -> Campaign {
        Campaign {
            id: uuid::Uuid::nil(),
            details,
            area_name: String::new(),
            current_phase: None,
            milestone_states: Vec::new(),
            due_days,
            editable: true,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn a_phase_lasts_from_its_first_day_through_its_last() {
        let phases = [
            PhaseDates { phase: Phase::Preparation, starts_on: day("2020-04-15"), ends_on: day("2020-05-31") },
            PhaseDates { phase: Phase::Summary, starts_on: day("2020-12-01"), ends_on: day("2020-12-31") },
        ];
        let on = |today| phase_on(&phases, day(today));
        assert_eq!(
            (on("2020-04-14"), on("2020-04-15"), on("2020-04-16")),
            (None, Some(Phase::Preparation), Some(Phase::Preparation))
        );
        assert_eq!(
            (on("2020-05-30"), on("2020-05-31"), on("2020-06-01")),
            (Some(Phase::Preparation), Some(Phase::Preparation), None)
        );
        assert_eq!((on("2020-11-30"), on("2020-12-01"), on("2020-12-31")), (None, Some(Phase::Summary), Some(Phase::Summary)));
        assert_eq!(on("2021-01-01"), None);
    }

    #[test]
    fn a_milestone_is_missed_on_the_day_after_the_last() {
        let state = |kind, done_on: Option<&str>, counts, today| {
            let milestone = MilestoneInput { kind, due_on: day("2020-05-15"), done_on: done_on.map(day) };
            let state = milestone_state(&milestone, &CampaignSettings::default(), counts, day(today));
            (state.status, state.days_left)
        };
        use MilestoneStatus::{Met, Missed, Upcoming};
        let none = Counts::default();
        assert_eq!(state(MilestoneKind::Pairing, None, none, "2020-05-14"), (Upcoming, 1));
        assert_eq!(state(MilestoneKind::Pairing, None, none, "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Pairing, None, none, "2020-05-16"), (Missed, -1));
        assert_eq!(state(MilestoneKind::KickOff, Some("2020-05-15"), none, "2020-05-16"), (Met, -1));
        // A hundred organisations, and one less.
        let counts = |pairings, signed| Counts { organisations: pairings, surveyed: pairings, pairings, signed, ..none };
        assert_eq!(state(MilestoneKind::Survey, None, counts(99, 0), "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Survey, None, counts(100, 0), "2020-05-15"), (Met, 0));
        assert_eq!(state(MilestoneKind::Pairing, None, counts(99, 0), "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Pairing, None, counts(100, 0), "2020-05-15"), (Met, 0));
        // 形成供需目录: of villages all who take part, and of organisations no fewer than are wanted.
        let published = |surveyed| Counts { villages: 3, organisations: 101, surveyed, ..none };
        assert_eq!(state(MilestoneKind::Survey, None, published(103), "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Survey, None, published(104), "2020-05-15"), (Met, 0));
        // All pairings must be signed, and there must be one.
        assert_eq!(state(MilestoneKind::Signing, None, none, "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Signing, None, counts(1, 1), "2020-05-15"), (Met, 0));
        // A kick-off that was held, or that was reported as done.
        let held = Counts { kick_offs: 1, ..none };
        assert_eq!(state(MilestoneKind::KickOff, None, held, "2020-05-16"), (Met, -1));
        assert_eq!(state(MilestoneKind::KickOff, None, counts(100, 100), "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Signing, None, counts(2, 1), "2020-05-15"), (Upcoming, 0));
        assert_eq!(state(MilestoneKind::Signing, None, counts(2, 2), "2020-05-15"), (Met, 0));
        // A round is held when all of its inspections are; until there is one, somebody may report it as done.
        let held = |held| Counts { mid_year: (held, 3), ..none };
        assert_eq!(state(MilestoneKind::MidYearInspection, None, held(2), "2020-05-16"), (Missed, -1));
        assert_eq!(state(MilestoneKind::MidYearInspection, None, held(3), "2020-05-16"), (Met, -1));
        assert_eq!(state(MilestoneKind::Acceptance, None, held(3), "2020-05-16"), (Missed, -1));
        assert_eq!(state(MilestoneKind::Acceptance, Some("2020-05-15"), none, "2020-05-16"), (Met, -1));
    }

    #[test]
    fn a_month_is_written_of_from_its_first_day_on_where_it_shares_a_day_with_the_campaign() {
        let fault = |month: &str, today| month_fault(day("2020-04-30"), day("2020-12-01"), day(today), month.parse().unwrap());
        assert_eq!(fault("2020-06", "2020-05-31"), Some("future"));
        assert_eq!(fault("2020-06", "2020-06-01"), None);
        assert_eq!(fault("2020-03", "2020-06-01"), Some("date_outside_campaign"));
        assert_eq!(fault("2020-04", "2020-06-01"), None);
        assert_eq!(fault("2020-12", "2021-02-01"), None);
        assert_eq!(fault("2021-01", "2021-02-01"), Some("date_outside_campaign"));
    }

    #[test]
    fn a_weekend_moves_the_day_to_monday_and_no_other_day_is_moved() {
        let settings = CampaignSettings { report_day_rule: ReportDayRule::NextWeekday, ..Default::default() };
        let due = |number| settings.report_due(Month::new(2020, number).unwrap(), &known()).to_string();
        // 4 September is a Friday, 5 September a Saturday, 5 July a Sunday, 5 October a Monday.
        assert_eq!(due(8), "2020-09-07");
        assert_eq!(due(6), "2020-07-06");
        assert_eq!(due(9), "2020-10-05");
        let friday = CampaignSettings { report_day: 4, ..settings.clone() };
        assert_eq!(friday.report_due(month("2020-08"), &known()), day("2020-09-04"));
        assert_eq!(settings.report_due(month("2020-12"), &known()), day("2021-01-05"));
    }

    #[test]
    fn it_looks_back_on_the_month_before_and_at_the_end_on_the_last() {
        let on = |today| last_month(day("2020-04-28"), day("2020-12-31"), day(today)).map(|month| month.to_string());
        assert_eq!(on("2020-04-30"), None);
        assert_eq!(on("2020-05-01").as_deref(), Some("2020-04"));
        assert_eq!(on("2020-11-03").as_deref(), Some("2020-10"));
        assert_eq!(on("2021-06-01").as_deref(), Some("2020-12"));
    }

    #[test]
    fn progress_is_written_of_the_last_month_until_its_form_is_due() {
        let settings = CampaignSettings::default();
        let on = |today| {
            let due = |month| settings.report_due(month, &known());
            month_to_write(due, day("2020-04-28"), day("2020-12-31"), day(today)).map(|month| month.to_string())
        };
        assert_eq!((on("2020-04-01"), on("2020-04-27")), (None, None));
        assert_eq!(on("2020-04-28").as_deref(), Some("2020-04"));
        assert_eq!(on("2020-04-30").as_deref(), Some("2020-04"));
        assert_eq!(on("2020-11-05").as_deref(), Some("2020-10"));
        assert_eq!(on("2020-11-06").as_deref(), Some("2020-11"));
        assert_eq!(on("2020-12-31").as_deref(), Some("2020-12"));
        assert_eq!(on("2021-01-05").as_deref(), Some("2020-12"));
        assert_eq!(on("2021-01-06"), None);
    }

    proptest! {
        #[test]
        fn the_month_is_over_and_one_of_the_campaign_s(start in 0i64..900, length in 0i64..900, today in 0i64..1800) {
            let at = |offset: i64| day("2020-01-01") + chrono::TimeDelta::days(offset);
            if let Some(month) = last_month(at(start), at(start + length), at(today)) {
                prop_assert!(month.last_day() < at(today));
                prop_assert!(month.last_day() >= at(start) && month.first_day() <= at(start + length));
            }
        }

        #[test]
        fn a_due_day_is_the_first_that_its_rule_allows(
            year in 1950i32..2150, month in 1u32..=12, report_day in 1i32..=28, rule in select(ReportDayRule::ALL),
            odd in prop::collection::btree_map(-3i64..60, select(CalendarDayKind::ALL), 0..40)
        ) {
            let month = Month::new(year, month).unwrap();
            let at = |offset: i64| month.next().first_day() + chrono::TimeDelta::days(offset);
            let calendar: WorkCalendar = odd.iter().map(|(&offset, &kind)| (at(offset), kind)).collect();
            let settings = CampaignSettings { report_day, report_day_rule: rule, ..Default::default() };
            let (due, unmoved) = (settings.report_due(month, &calendar), at(i64::from(report_day) - 1));
            // What a person would say of a day, from the two lists alone.
            let weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let kind = |day: NaiveDate| odd.iter().find(|(offset, _)| at(**offset) == day).map(|(_, kind)| *kind);
            let works = |day: NaiveDate| match rule {
                ReportDayRule::CalendarDay => true,
                ReportDayRule::NextWeekday => !weekend(day),
                ReportDayRule::NextWorkday => match kind(day) {
                    Some(kind) => kind == CalendarDayKind::Workday,
                    None => !weekend(day),
                },
            };
            prop_assert!(due >= unmoved && works(due));
            prop_assert!(unmoved.iter_days().take_while(|day| *day < due).all(|day| !works(day)));
            let before = CampaignSettings { report_day_inclusive: false, ..settings };
            prop_assert_eq!(before.report_due(month, &calendar), due - Days::new(1));
        }

        #[test]
        fn whatever_changes_a_month_keeps_the_day_that_it_was_due(
            rules in prop::collection::vec((select(ReportDayRule::ALL), 1i32..=28, any::<bool>()), 1..5), gaps in prop::collection::vec(0i64..90, 4)
        ) {
            let mut today = day("2020-01-01");
            let mut campaign: Option<Campaign> = None;
            for ((rule, report_day, knows), gap) in rules.into_iter().zip(gaps) {
                let details = CampaignInput {
                    settings: CampaignSettings { report_day, report_day_rule: rule, ..Default::default() }, ..year_2020()
                };
                let calendar = if knows { known() } else { WorkCalendar::default() };
                let due_days = due_days(campaign.as_ref(), &details, &calendar, today);
                let after = held(details, due_days);
                for month in months(&after.details) {
                    let due = after.report_due(month);
                    let was = campaign.as_ref().map(|before| before.report_due(month));
                    // The first of the months that are not over yet ends what is past.
                    let kept = campaign.as_ref().is_some_and(|before| {
                        months(&before.details).take_while(|one| *one <= month).all(|one| before.report_due(one) < today)
                    });
                    prop_assert_eq!(due, if kept { was.unwrap() } else { after.details.settings.report_due(month, &calendar) });
                }
                campaign = Some(after);
                today += chrono::TimeDelta::days(gap);
            }
        }
    }
}
