//! Assembles the figures, each with the query of the list behind it.

use chrono::{Days, NaiveDate};
use contract::adoptions::AdoptionFigures;
use contract::assistance::{RecordQuery, RecordState};
use contract::campaigns::{Campaign, Indicator};
use contract::dashboard::{
    Concern, ConcernFigure, Dashboard, DashboardQuery, EnrolmentFigure, Figure, IndicatorFigure, LateUnit, MonthFigure,
    ProjectFigure, StandingFigure, StateFigure, TownFigure, TrendFigure,
};
use contract::enrolments::{EnrolmentKind, EnrolmentQuery, EnrolmentState};
use contract::outcomes::{OutcomeQuery, OutcomeState};
use contract::pairings::{PairingKind, PairingQuery, PairingState};
use contract::progress::ProgressQuery;
use contract::projects::{ProjectQuery, ProjectState, TaskQuery};
use contract::reports::{ReportMonthQuery, ReportStanding};
use contract::{CodedEnum, Month, ObjectKind, Permission};
use entities::scope;
use platform::{Asker, Result, list};
use serde::Serialize;

use super::figures::{Numbers, numbers};
use crate::assistance;
use crate::campaigns;
use crate::help;
use crate::outcomes::figures::MonthSum;
use crate::pairings::service::TownCount;
use crate::projects::figures::StateSum;
use crate::reports;

/// The state of a campaign, as far as the caller may see it. The number of statements does not depend on the number of rows.
///
/// # Errors
/// A fault at `/campaign_id`.
pub async fn read(asker: &Asker<'_>, query: &DashboardQuery) -> Result<Dashboard> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let part = Part { asker, campaign: &campaign, within: query.within.as_deref() };
    let numbers = numbers(&part).await?;
    Ok(Dashboard {
        campaign_id: campaign.id,
        whole: part.is_whole(),
        today: asker.today,
        indicators: part.indicators(&numbers)?,
        enrolments: part.enrolled(&numbers)?,
        pairings_by_state: part.by_state(&numbers.pairings)?,
        pairings_by_town: numbers
            .pairings
            .chunk_by(|a, b| a.town_code == b.town_code)
            .map(|counts| part.town(counts))
            .collect::<Result<_>>()?,
        projects_by_state: part.projects(&numbers.projects)?,
        trend: part.trend(&numbers)?,
        concerns: part.concerns(&numbers)?,
        reports: part.month().await?,
        adoptions: part.adoptions().await?,
    })
}

fn figure(value: i64, path: &str, query: &impl Serialize) -> Result<Figure> {
    Ok(Figure { value, records: list::address(path, query)? })
}

/// The part of a campaign on a dashboard.
pub struct Part<'a> {
    pub asker: &'a Asker<'a>,
    pub campaign: &'a Campaign,
    pub within: Option<&'a str>,
}

impl Part<'_> {
    /// What cadres do for institutions.
    async fn adoptions(&self) -> Result<Option<AdoptionFigures>> {
        if !self.asker.caller.may(Permission::ReadAdoptions) {
            return Ok(None);
        }
        help::figures::of(self.asker, self.campaign.id, None, self.within).await.map(Some)
    }

    fn area(&self) -> Option<String> {
        self.within.map(str::to_owned)
    }

    /// Whether it covers the whole area of the campaign.
    fn is_whole(&self) -> bool {
        scope::sees_all_of(self.asker.caller, &self.campaign.details.area_code, self.within)
    }

    /// The last completed month of the campaign.
    pub fn last_month(&self) -> Option<Month> {
        let details = &self.campaign.details;
        campaigns::policy::last_month(details.starts_on, details.ends_on, self.asker.today)
    }

    /// The query of this part's pairings.
    fn pairings(&self) -> PairingQuery {
        PairingQuery {
            campaign_id: Some(self.campaign.id),
            kind: Some(PairingKind::Village),
            within: self.area(),
            ..Default::default()
        }
    }

    /// The query of the outcomes that count.
    fn outcomes(&self) -> OutcomeQuery {
        OutcomeQuery {
            campaign_id: Some(self.campaign.id),
            state: Some(OutcomeState::Confirmed),
            within: self.area(),
            ..Default::default()
        }
    }

    fn indicators(&self, numbers: &Numbers) -> Result<Vec<IndicatorFigure>> {
        let mut figures = Vec::new();
        for &indicator in Indicator::ALL {
            let targets = &self.campaign.details.targets;
            let target = targets.iter().find(|target| target.indicator == indicator).map(|target| target.target);
            let (outcomes, typed) = added(numbers.outcomes.iter().filter(|sum| sum.indicator == indicator));
            let (records, derived) = assistance::figures::counted(&numbers.assistance, indicator);
            if target.is_none() && outcomes + records == 0 {
                continue;
            }
            let given = RecordQuery {
                campaign_id: Some(self.campaign.id),
                indicator: Some(indicator),
                state: Some(RecordState::Confirmed),
                within: self.area(),
                ..Default::default()
            };
            let may_read = self.asker.caller.may(Permission::ReadAssistance);
            let given = may_read.then(|| figure(records, ObjectKind::AssistanceRecord.path(), &given)).transpose()?;
            let records = OutcomeQuery { indicator: Some(indicator), ..self.outcomes() };
            let outcomes = figure(outcomes, ObjectKind::Outcome.path(), &records)?;
            figures.push(IndicatorFigure {
                goal: indicator.goal(),
                indicator,
                target,
                actual: typed + derived,
                outcomes,
                records: given,
            });
        }
        Ok(figures)
    }

    /// The query of the participants of a kind.
    pub fn enrolments(&self, kind: EnrolmentKind) -> EnrolmentQuery {
        EnrolmentQuery {
            campaign_id: Some(self.campaign.id),
            kind: Some(kind),
            state: Some(EnrolmentState::Confirmed),
            within: self.area(),
            ..Default::default()
        }
    }

    /// The query of the overdue tasks.
    pub fn overdue_tasks(&self) -> TaskQuery {
        TaskQuery { campaign_id: Some(self.campaign.id), overdue: Some(true), within: self.area(), ..Default::default() }
    }

    /// The day before which pairings became active that have used up their days of grace.
    pub fn planned_before(&self) -> NaiveDate {
        self.asker.today - Days::new(self.campaign.details.settings.project_grace_days.unsigned_abs().into())
    }

    /// The query of the pairings that should have a project.
    pub fn without_project(&self) -> PairingQuery {
        PairingQuery { without_project_since: Some(self.planned_before()), ..self.pairings() }
    }

    /// 研究选定1-2个合作项目.
    pub fn max_projects(&self) -> u32 {
        self.campaign.details.settings.max_projects.unsigned_abs()
    }

    /// The query of the pairings that have more projects than that.
    pub fn too_many_projects(&self) -> PairingQuery {
        PairingQuery { projects_over: Some(self.max_projects()), ..self.pairings() }
    }

    /// The query of the pairings without an update in the last month.
    pub fn without_update(&self) -> Option<PairingQuery> {
        self.last_month().map(|month| PairingQuery { without_update_in: Some(month), ..self.pairings() })
    }

    fn enrolled(&self, numbers: &Numbers) -> Result<EnrolmentFigure> {
        let enrolled = |kind, count| figure(count, ObjectKind::Enrolment.path(), &self.enrolments(kind));
        Ok(EnrolmentFigure {
            organisations: enrolled(EnrolmentKind::Organisation, numbers.organisations)?,
            wanted: self.campaign.details.settings.min_organisations,
            villages: enrolled(EnrolmentKind::Village, numbers.villages)?,
        })
    }

    fn by_state(&self, counts: &[TownCount]) -> Result<Vec<StateFigure>> {
        let figures = PairingState::ALL.iter().map(|&state| {
            let count = counts.iter().filter(|count| count.state.0 == state).map(|count| count.pairings).sum();
            let query = PairingQuery { state: Some(state), ..self.pairings() };
            Ok(StateFigure { state, pairings: figure(count, ObjectKind::Pairing.path(), &query)? })
        });
        figures.collect()
    }

    /// The counts of one town.
    fn town(&self, counts: &[TownCount]) -> Result<TownFigure> {
        let town = &counts[0];
        // A caller who views a single village opens only its records.
        let area = self.within.filter(|area| area.starts_with(&town.town_code)).unwrap_or(&town.town_code);
        let query = PairingQuery { within: Some(area.to_owned()), ..self.pairings() };
        let active = counts.iter().filter(|count| count.state.0 == PairingState::Active).map(|count| count.pairings).sum();
        Ok(TownFigure {
            town_code: town.town_code.clone(),
            town_name: town.town_name.clone(),
            pairings: figure(counts.iter().map(|count| count.pairings).sum(), ObjectKind::Pairing.path(), &query)?,
            active: figure(active, ObjectKind::Pairing.path(), &PairingQuery { state: Some(PairingState::Active), ..query })?,
        })
    }

    fn projects(&self, sums: &[StateSum]) -> Result<Vec<ProjectFigure>> {
        let figures = ProjectState::ALL.iter().map(|&state| {
            let sum = sums.iter().find(|sum| sum.state.0 == state);
            let query = ProjectQuery {
                campaign_id: Some(self.campaign.id),
                state: Some(state),
                within: self.area(),
                ..Default::default()
            };
            Ok(ProjectFigure {
                state,
                projects: figure(sum.map_or(0, |sum| sum.projects), ObjectKind::Project.path(), &query)?,
                budget_fen: sum.map_or(0, |sum| sum.budget_fen),
                spent_fen: sum.map_or(0, |sum| sum.spent_fen),
            })
        });
        figures.collect()
    }

    fn trend(&self, numbers: &Numbers) -> Result<Vec<TrendFigure>> {
        let details = &self.campaign.details;
        let last = Month::of(details.ends_on).min(Month::of(self.asker.today));
        let months = Month::of(details.starts_on).onwards();
        let figures = months.take_while(|month| *month <= last).map(|month| {
            let written = numbers.updates.iter().find(|(counted, _)| *counted == month).map_or(0, |(_, count)| *count);
            let updates = ProgressQuery {
                campaign_id: Some(self.campaign.id),
                month: Some(month),
                within: self.area(),
                ..Default::default()
            };
            let here = || numbers.outcomes.iter().filter(move |sum| sum.month == month);
            let (outcomes, _) = added(here());
            let (donations, donated_fen) = added(here().filter(|sum| sum.indicator == Indicator::MoneyDonatedFen));
            let reached = OutcomeQuery { month: Some(month), ..self.outcomes() };
            let donated = OutcomeQuery { indicator: Some(Indicator::MoneyDonatedFen), ..reached.clone() };
            Ok(TrendFigure {
                month,
                updates: figure(written, ObjectKind::ProgressUpdate.path(), &updates)?,
                outcomes: figure(outcomes, ObjectKind::Outcome.path(), &reached)?,
                donated_fen,
                donations: figure(donations, ObjectKind::Outcome.path(), &donated)?,
            })
        });
        figures.collect()
    }

    fn concerns(&self, numbers: &Numbers) -> Result<Vec<ConcernFigure>> {
        let spent = ProjectQuery {
            campaign_id: Some(self.campaign.id),
            over_budget: Some(true),
            within: self.area(),
            ..Default::default()
        };
        let over_budget = numbers.projects.iter().map(|sum| sum.over_budget).sum();
        let mut concerns = vec![
            (Concern::OverdueTasks, figure(numbers.overdue_tasks, ObjectKind::Task.path(), &self.overdue_tasks())?),
            (Concern::WithoutProject, figure(numbers.without_project, ObjectKind::Pairing.path(), &self.without_project())?),
            (Concern::TooManyProjects, figure(numbers.too_many_projects, ObjectKind::Pairing.path(), &self.too_many_projects())?),
            (Concern::OverBudget, figure(over_budget, ObjectKind::Project.path(), &spent)?),
        ];
        if let Some(query) = self.without_update() {
            concerns.push((Concern::WithoutUpdate, figure(numbers.without_update, ObjectKind::Pairing.path(), &query)?));
        }
        Ok(concerns.into_iter().map(|(concern, records)| ConcernFigure { concern, records }).collect())
    }

    async fn month(&self) -> Result<Option<MonthFigure>> {
        let Some(month) = self.last_month().filter(|_| self.asker.caller.may(Permission::ReadReports)) else { return Ok(None) };
        let query = ReportMonthQuery { campaign_id: self.campaign.id, month, standing: None, begun: None, within: self.area() };
        let view = reports::month::month_of(self.asker, self.campaign, &query).await?;
        let standings = ReportStanding::ALL.iter().map(|&standing| {
            let towns = view.towns.iter().filter(|town| town.standing == standing).count();
            let query = ReportMonthQuery { standing: Some(standing), ..query.clone() };
            Ok(StandingFigure { standing, towns: figure(towns.try_into().unwrap_or(i64::MAX), "/report-months", &query)? })
        });
        let standings = standings.collect::<Result<_>>()?;
        let late = view.towns.into_iter().filter(|town| matches!(town.standing, ReportStanding::Late | ReportStanding::Missing));
        let late_units = late.map(|town| LateUnit {
            town_code: town.town_code,
            town_name: town.town_name,
            standing: town.standing,
            report_id: town.report_id,
        });
        Ok(Some(MonthFigure { month, due_on: view.due_on, standings, late_units: late_units.collect() }))
    }
}

/// The number of outcomes, and their sum.
fn added<'a>(sums: impl Iterator<Item = &'a MonthSum>) -> (i64, i64) {
    sums.fold((0, 0), |(outcomes, total), sum| (outcomes + sum.outcomes, total + sum.sum))
}
