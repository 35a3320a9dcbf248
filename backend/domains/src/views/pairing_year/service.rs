//! Puts the year of a pair together, in no more statements than its lists have, whatever their length.

use chrono::NaiveDate;
use contract::agreements::{AgreementQuery, AgreementSort, AgreementSummary};
use contract::assistance::{RecordQuery, RecordState};
use contract::attachments::AttachmentObject;
use contract::campaigns::{DueDay, Indicator};
use contract::outcomes::{Outcome, OutcomeQuery, OutcomeSort, OutcomeState};
use contract::pairing_year::{LeftOut, OwedUpdate, PairingYear, YearAid, YearIndicator, YearMonth, YearPhoto, YearProject};
use contract::pairings::{Pairing, PairingKind};
use contract::plans::{Measure, MeasureQuery, MeasureSort};
use contract::progress::{ProgressQuery, ProgressSort, ProgressUpdate};
use contract::projects::{ProjectQuery, ProjectState, Task, TaskQuery, TaskSort};
use contract::{CodedEnum, ErrorCode, Month, ObjectKind, Page, Permission, Sort};
use entities::attachments::Model as Picture;
use entities::pairings::{Column as PairingColumn, InCampaign};
use entities::projects::{Column as ProjectColumn, Whole};
use platform::clock::local_date;
use platform::coded::Code;
use platform::object::{Line, Listed, Object};
use platform::{Asker, Result, list};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use serde::Serialize;

use super::policy::{self, Facts};
use crate::agreements::list::Agreements;
use crate::assistance;
use crate::assistance::figures::GivenInMonth;
use crate::measures::list::Measures;
use crate::outcomes;
use crate::outcomes::list::Outcomes;
use crate::pairings::list::Pairings;
use crate::pairings::policy::active_between;
use crate::progress::list::ProgressUpdates;
use crate::projects::list::Projects;
use crate::tasks::list::Tasks;

/// As many of a kind as one page holds.
const MOST: u32 = 200;
/// As many agreements, projects and steps.
const FEW: u32 = 20;

/// The year of a pair, as far as the caller may see it: nothing of what they read no list of.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn read(asker: &Asker<'_>, id: Uuid) -> Result<PairingYear> {
    let mut read = Read::of(asker, id).await?;
    read.pictures().await?;
    read.year()
}

/// What is read of a pair.
pub(super) struct Read<'a> {
    asker: &'a Asker<'a>,
    pub pairing: Pairing,
    campaign: InCampaign,
    pub agreements: Vec<AgreementSummary>,
    pub projects: Vec<YearProject>,
    pub tasks: Vec<Task>,
    updates: Vec<ProgressUpdate>,
    outcomes: Vec<Outcome>,
    sums: Vec<(Indicator, OutcomeState, i64)>,
    measures: Vec<Measure>,
    given: Option<Vec<GivenInMonth>>,
    pictures: Vec<(Month, Picture)>,
    pub left_out: Vec<LeftOut>,
}

impl<'a> Read<'a> {
    async fn of(asker: &'a Asker<'a>, id: Uuid) -> Result<Self> {
        let mut read = Self::plan(asker, id).await?;
        let (village, pairing_id) = (read.pairing.kind == PairingKind::Village, Some(id));
        if village && read.may(Permission::ReadProgress) {
            let all = ProgressQuery { pairing_id, ..Default::default() };
            let sort = in_order(ProgressSort::Month, false);
            let page =
                ProgressUpdates::list(asker, &ProgressQuery { sort, limit: Some(MOST), total: Some(false), ..all.clone() })
                    .await?;
            read.updates = read.kept(ObjectKind::ProgressUpdate, &all, page)?;
            let all = OutcomeQuery { pairing_id, ..Default::default() };
            let sort = in_order(OutcomeSort::HappenedOn, false);
            let page =
                Outcomes::list(asker, &OutcomeQuery { sort, limit: Some(MOST), total: Some(false), ..all.clone() }).await?;
            read.outcomes = read.kept(ObjectKind::Outcome, &all, page)?;
            read.outcomes.retain(|one| matches!(one.state, OutcomeState::Confirmed | OutcomeState::Recorded));
            read.sums = outcomes::figures::of_pairing(asker, id).await?;
        }
        if !village && read.may(Permission::ReadPlans) {
            let all = MeasureQuery { pairing_id, ..Default::default() };
            let sort = in_order(MeasureSort::Month, false);
            let page =
                Measures::list(asker, &MeasureQuery { sort, limit: Some(MOST), total: Some(false), ..all.clone() }).await?;
            read.measures = read.kept(ObjectKind::Measure, &all, page)?;
        }
        if read.may(Permission::ReadAssistance) {
            read.given = Some(assistance::figures::under(asker, read.families()).await?);
        }
        Ok(read)
    }

    /// The pairing with its agreements, projects and tasks.
    pub async fn plan(asker: &'a Asker<'a>, id: Uuid) -> Result<Self> {
        let select = Pairings::named(Pairings::scope(asker.caller)).filter(PairingColumn::Id.eq(id));
        let campaign = select.into_partial_model::<InCampaign>().one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
        let mut read = Self {
            asker,
            pairing: <Pairings as Object>::shown(asker, campaign.row.clone()),
            campaign,
            agreements: Vec::new(),
            projects: Vec::new(),
            tasks: Vec::new(),
            updates: Vec::new(),
            outcomes: Vec::new(),
            sums: Vec::new(),
            measures: Vec::new(),
            given: None,
            pictures: Vec::new(),
            left_out: Vec::new(),
        };
        let pairing_id = Some(id);
        if read.pairing.kind == PairingKind::Village && read.may(Permission::ReadAgreements) {
            let all = AgreementQuery { pairing_id, ..Default::default() };
            let sort = in_order(AgreementSort::EndsOn, true);
            let page =
                Agreements::list(asker, &AgreementQuery { sort, limit: Some(FEW), total: Some(false), ..all.clone() }).await?;
            read.agreements = read.kept(ObjectKind::Agreement, &all, page)?;
        }
        if read.pairing.kind == PairingKind::Village && read.may(Permission::ReadProjects) {
            read.read_projects(id).await?;
            let all = TaskQuery { pairing_id, ..Default::default() };
            let sort = in_order(TaskSort::Month, false);
            let page = Tasks::list(asker, &TaskQuery { sort, limit: Some(MOST), total: Some(false), ..all.clone() }).await?;
            read.tasks = read.kept(ObjectKind::Task, &all, page)?;
        }
        Ok(read)
    }

    fn may(&self, permission: Permission) -> bool {
        self.asker.caller.may(permission)
    }

    /// The items of a page, and where the rest of them is.
    fn kept<Q: Serialize, T>(&mut self, object: ObjectKind, query: &Q, page: Page<T>) -> Result<Vec<T>> {
        if page.next_cursor.is_some() {
            self.left_out.push(LeftOut { object, records: list::address(object.path(), query)? });
        }
        Ok(page.items)
    }

    async fn read_projects(&mut self, pairing_id: Uuid) -> Result<()> {
        let asker = self.asker;
        let rows = Projects::named(Projects::scope(asker.caller))
            .filter(ProjectColumn::PairingId.eq(pairing_id))
            .order_by_asc(ProjectColumn::Id)
            .limit(u64::from(FEW) + 1)
            .into_partial_model::<Whole>()
            .all(&asker.db)
            .await?;
        if rows.len() > FEW as usize {
            let query = ProjectQuery { pairing_id: Some(pairing_id), ..Default::default() };
            self.left_out
                .push(LeftOut { object: ObjectKind::Project, records: list::address(ObjectKind::Project.path(), &query)? });
        }
        let shown = rows.into_iter().take(FEW as usize).map(|whole| YearProject {
            project: Line::<Projects>::shown(whole.row, asker),
            cooperation_form: whole.cooperation_form,
            expected_outcomes: whole.expected_outcomes.0,
        });
        self.projects = shown.collect();
        Ok(())
    }

    /// The pairings with families whose help belongs to the year: those of the same organisation in the village, or itself.
    fn families(&self) -> Condition {
        let pairing = &self.pairing;
        match pairing.kind {
            PairingKind::Household => Condition::all().add(PairingColumn::Id.eq(pairing.id)),
            PairingKind::Village => Condition::all()
                .add(PairingColumn::CampaignId.eq(pairing.campaign_id))
                .add(PairingColumn::OrganisationId.eq(pairing.organisation_id))
                .add(PairingColumn::VillageCode.eq(pairing.village_code.clone()))
                .add(PairingColumn::Kind.eq(Code(PairingKind::Household))),
        }
    }

    /// Reads the photos of what is shown. Those of families are read for a purpose, one by one, and stay where they are.
    async fn pictures(&mut self) -> Result<()> {
        if !self.may(Permission::ReadAttachments) {
            return Ok(());
        }
        let of = [
            (AttachmentObject::ProgressUpdate, self.updates.iter().map(|update| update.id.to_string()).collect()),
            (AttachmentObject::Outcome, self.outcomes.iter().map(|outcome| outcome.id.to_string()).collect()),
            (AttachmentObject::Project, self.projects.iter().map(|project| project.project.head.id.to_string()).collect()),
        ];
        let mut pictures = entities::attachments::pictures(&self.asker.db, &of, u64::from(MOST) + 1).await?;
        if pictures.len() > MOST as usize {
            pictures.truncate(MOST as usize);
            let query = ProgressQuery { pairing_id: Some(self.pairing.id), ..Default::default() };
            let records = list::address(ObjectKind::ProgressUpdate.path(), &query)?;
            self.left_out.push(LeftOut { object: ObjectKind::ProgressUpdate, records });
        }
        self.pictures = pictures.into_iter().map(|picture| (self.month_of(&picture), picture)).collect();
        Ok(())
    }

    /// The month of what a photo shows; of a project, when it was added.
    fn month_of(&self, picture: &Picture) -> Month {
        let is_it = |id: Uuid| id.to_string() == picture.object_id;
        let update = self.updates.iter().find(|update| is_it(update.id)).map(|update| update.month);
        let outcome = || self.outcomes.iter().find(|outcome| is_it(outcome.id)).map(|outcome| Month::of(outcome.happened_on));
        update.or_else(outcome).unwrap_or_else(|| Month::of(local_date(picture.created_at)))
    }

    /// The months of which nobody has told, each with the day that its form is due.
    fn owed(&self) -> Vec<(Month, NaiveDate)> {
        let (pairing, campaign, today) = (&self.pairing, &self.campaign, self.asker.today);
        if pairing.kind != PairingKind::Village || !self.may(Permission::ReadProgress) {
            return Vec::new();
        }
        let months = policy::months([Month::of(campaign.starts_on), Month::of(campaign.ends_on)]);
        let begun = months.into_iter().filter(|month| month.first_day() <= today);
        let active = |month: &Month| active_between(pairing.active_since, pairing.ended_on, month.first_day(), month.last_day());
        let told = |month: &Month| self.updates.iter().any(|update| update.month == *month);
        let owed = begun.filter(|month| active(month) && !told(month));
        owed.map(|month| (month, DueDay::of(&campaign.due_days.0, &campaign.settings.0, month))).collect()
    }

    fn year(mut self) -> Result<PairingYear> {
        let today = self.asker.today;
        let owed = self.owed();
        let summaries: Vec<_> = self.projects.iter().map(|project| project.project.clone()).collect();
        let mut steps = policy::steps(&Facts {
            today,
            pairing: &self.pairing,
            grace_days: self.campaign.settings.0.project_grace_days.unsigned_abs().into(),
            agreements: &self.agreements,
            projects: &summaries,
            tasks: &self.tasks,
            owed: &owed,
            outcomes: &self.outcomes,
            measures: &self.measures,
        });
        let late = steps.iter().filter(|step| step.days_late > 0).count().try_into().unwrap_or(u32::MAX);
        steps.truncate(FEW as usize);
        let indicators = self.indicators()?;
        Ok(PairingYear {
            today,
            steps,
            late,
            indicators,
            months: self.months(&owed)?,
            pairing: self.pairing,
            agreements: self.agreements,
            projects: self.projects,
            left_out: self.left_out,
        })
    }

    /// What the projects shall reach, beside what was reached.
    fn indicators(&self) -> Result<Vec<YearIndicator>> {
        let live = self.projects.iter().filter(|project| project.project.head.state != ProjectState::Cancelled);
        let targets: Vec<_> = live.flat_map(|project| &project.expected_outcomes).collect();
        let mut indicators = Vec::new();
        for &indicator in Indicator::ALL {
            let own = targets.iter().filter(|target| target.indicator == indicator).map(|target| target.target);
            let target = own.reduce(|sum, target| sum.saturating_add(target));
            let sum = |state| self.sums.iter().find(|(of, is, _)| (*of, *is) == (indicator, state)).map_or(0, |sum| sum.2);
            let (confirmed, recorded) = (sum(OutcomeState::Confirmed), sum(OutcomeState::Recorded));
            if target.is_some() || confirmed > 0 || recorded > 0 {
                let query = OutcomeQuery { pairing_id: Some(self.pairing.id), indicator: Some(indicator), ..Default::default() };
                let records = list::address(ObjectKind::Outcome.path(), &query)?;
                indicators.push(YearIndicator { indicator, target, confirmed, recorded, records });
            }
        }
        Ok(indicators)
    }

    /// The year by month. What lies outside of its months is left out, and said to be.
    fn months(&mut self, owed: &[(Month, NaiveDate)]) -> Result<Vec<YearMonth>> {
        let given = self.given.take().unwrap_or_default();
        let mut all = vec![Month::of(local_date(self.pairing.created_at)), Month::of(self.campaign.ends_on)];
        all.extend(self.tasks.iter().map(|task| task.details.month));
        all.extend(self.updates.iter().map(|update| update.month));
        all.extend(self.outcomes.iter().map(|outcome| Month::of(outcome.happened_on)));
        all.extend(self.measures.iter().map(|measure| measure.month));
        all.extend(given.iter().map(|given| given.month));
        all.extend(owed.iter().map(|(month, _)| *month));
        let months = policy::months(all.iter().copied());
        let last = months.last().copied();
        let later = |month: Month| last.is_some_and(|last| month > last);
        let pairing_id = Some(self.pairing.id);
        if self.tasks.iter().any(|task| later(task.details.month)) {
            self.say_left_out(ObjectKind::Task, &TaskQuery { pairing_id, ..Default::default() })?;
        }
        if self.updates.iter().any(|update| later(update.month)) {
            self.say_left_out(ObjectKind::ProgressUpdate, &ProgressQuery { pairing_id, ..Default::default() })?;
        }
        if self.outcomes.iter().any(|outcome| later(Month::of(outcome.happened_on))) {
            self.say_left_out(ObjectKind::Outcome, &OutcomeQuery { pairing_id, ..Default::default() })?;
        }
        if self.measures.iter().any(|measure| later(measure.month)) {
            self.say_left_out(ObjectKind::Measure, &MeasureQuery { pairing_id, ..Default::default() })?;
        }
        if given.iter().any(|given| later(given.month)) {
            self.say_left_out(ObjectKind::AssistanceRecord, &self.records_of(None))?;
        }
        months.into_iter().map(|month| self.month(month, owed, &given)).collect()
    }

    fn say_left_out(&mut self, object: ObjectKind, query: &impl Serialize) -> Result<()> {
        if !self.left_out.iter().any(|left| left.object == object) {
            self.left_out.push(LeftOut { object, records: list::address(object.path(), query)? });
        }
        Ok(())
    }

    fn month(&self, month: Month, owed: &[(Month, NaiveDate)], given: &[GivenInMonth]) -> Result<YearMonth> {
        let today = self.asker.today;
        let photo = |picture: &Picture| YearPhoto {
            id: picture.id,
            object_type: picture.object_type.0,
            object_id: picture.object_id.clone(),
            file_name: picture.file_name.clone(),
            content: format!("/attachments/{}", picture.id),
            created_at: picture.created_at,
        };
        Ok(YearMonth {
            month,
            tasks: self.tasks.iter().filter(|task| task.details.month == month).cloned().collect(),
            update: self.updates.iter().find(|update| update.month == month).cloned(),
            owed_update: owed
                .iter()
                .find(|(of, _)| *of == month)
                .map(|&(_, due_on)| OwedUpdate { due_on, overdue: due_on < today }),
            outcomes: self.outcomes.iter().filter(|one| Month::of(one.happened_on) == month).cloned().collect(),
            measures: self.measures.iter().filter(|measure| measure.month == month).cloned().collect(),
            aid: self.aid(month, given)?,
            photos: self.pictures.iter().filter(|(of, _)| *of == month).map(|(_, picture)| photo(picture)).collect(),
        })
    }

    fn aid(&self, month: Month, given: &[GivenInMonth]) -> Result<Option<YearAid>> {
        let of = |state| given.iter().find(|given| given.month == month && given.state == state);
        let (confirmed, recorded) = (of(RecordState::Confirmed), of(RecordState::Recorded));
        if confirmed.is_none() && recorded.is_none() {
            return Ok(None);
        }
        Ok(Some(YearAid {
            households: confirmed.map_or(0, |given| given.households),
            confirmed: confirmed.map_or(0, |given| given.records),
            amount_fen: confirmed.map_or(0, |given| given.amount_fen),
            recorded: recorded.map_or(0, |given| given.records),
            records: list::address(ObjectKind::AssistanceRecord.path(), &self.records_of(Some(month)))?,
        }))
    }

    /// The query of the records that the sums are of.
    fn records_of(&self, month: Option<Month>) -> RecordQuery {
        let pairing = &self.pairing;
        match pairing.kind {
            PairingKind::Household => RecordQuery { pairing_id: Some(pairing.id), month, ..Default::default() },
            PairingKind::Village => RecordQuery {
                campaign_id: Some(pairing.campaign_id),
                organisation_id: Some(pairing.organisation_id),
                within: Some(pairing.village_code.clone()),
                month,
                ..Default::default()
            },
        }
    }
}

fn in_order<S>(by: S, descending: bool) -> Option<Sort<S>> {
    Some(Sort { by, descending })
}
