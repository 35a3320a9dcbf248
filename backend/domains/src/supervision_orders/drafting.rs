//! Looks up what is behind at an addressee: each kind from the list that the work list and the dashboard count by.

use chrono::{Days, NaiveDate};
use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingQuery};
use contract::projects::{ProjectState, ResponsibleSide, Task, TaskQuery, TaskState};
use contract::reports::{ReportMonthQuery, ReportStanding, ReportState};
use contract::supervision_orders::{OrderLine, OrderLineKind};
use contract::{Lang, Month, ObjectKind};
use platform::object::Listed;
use platform::{Asker, Result, list};
use uuid::Uuid;

use super::policy;
use crate::campaigns;
use crate::pairings::list::Pairings;
use crate::reports;
use crate::tasks::list::Tasks;

/// How many days ahead something is due soon.
const SOON: Days = Days::new(7);
/// The most of one kind that an order names: those first that are behind for longest, as far as their list is in that order.
const MOST: u32 = 100;
/// The most months whose forms are looked at, the latest first.
const MONTHS: usize = 12;

/// Whom an order is addressed to.
#[derive(Clone, Copy, Debug)]
pub enum Addressee<'a> {
    Town(&'a str),
    Village(&'a str),
    Organisation(Uuid),
}

impl Addressee<'_> {
    /// The area that it is responsible for.
    fn within(self) -> Option<String> {
        match self {
            Self::Town(code) | Self::Village(code) => Some(code.to_owned()),
            Self::Organisation(_) => None,
        }
    }

    fn organisation(self) -> Option<Uuid> {
        if let Self::Organisation(id) = self { Some(id) } else { None }
    }
}

/// What is behind or due soon on this day, the furthest behind first. Takes a statement or two for each kind, and one for each month
/// of a town.
pub async fn matters(asker: &Asker<'_>, campaign: &Campaign, of: Addressee<'_>) -> Result<Vec<OrderLine>> {
    let mut matters = tasks(asker, campaign, of).await?;
    if let Addressee::Town(code) = of {
        matters.extend(forms(asker, campaign, code).await?);
    }
    matters.extend(progress(asker, campaign, of).await?);
    matters.extend(plans(asker, campaign, of).await?);
    matters.sort_by_key(|line| (std::cmp::Reverse(line.colour), line.due_on));
    Ok(matters)
}

fn line(asker: &Asker<'_>, kind: OrderLineKind, subject: String, due_on: NaiveDate, record: String) -> OrderLine {
    OrderLine {
        kind,
        colour: policy::colour(kind, due_on, asker.today),
        subject: subject.chars().take(300).collect(),
        due_on,
        days_late: (asker.today - due_on).num_days(),
        record,
    }
}

/// Tasks that are overdue, and those that are due soon. A village and an organisation answer for their own, a town for all.
async fn tasks(asker: &Asker<'_>, campaign: &Campaign, of: Addressee<'_>) -> Result<Vec<OrderLine>> {
    let responsible = match of {
        Addressee::Town(_) => None,
        Addressee::Village(_) => Some(ResponsibleSide::Village),
        Addressee::Organisation(_) => Some(ResponsibleSide::Organisation),
    };
    let all = TaskQuery {
        campaign_id: Some(campaign.id),
        organisation_id: of.organisation(),
        responsible,
        within: of.within(),
        limit: Some(MOST),
        total: Some(false),
        ..Default::default()
    };
    let overdue = TaskQuery { overdue: Some(true), ..all.clone() };
    let next = asker.today + SOON + Days::new(1);
    let soon = TaskQuery { overdue: Some(false), due_before: Some(next), state: Some(TaskState::Open), ..all };
    let mut found = Tasks::list(asker, &overdue).await?.items;
    found.extend(Tasks::list(asker, &soon).await?.items);
    let running = found.into_iter().filter(|task| ProjectState::RUNNING.contains(&task.project_state));
    let told = |task: Task| {
        let subject = format!("{} · {} · {}", task.village_name, task.organisation_name, task.details.title);
        line(asker, OrderLineKind::Task, subject, task.details.due_on, ObjectKind::Task.location(task.id))
    };
    Ok(running.map(told).collect())
}

/// Forms of past months that a town has not sent, or has to mend (每月5日前汇总填写).
async fn forms(asker: &Asker<'_>, campaign: &Campaign, town_code: &str) -> Result<Vec<OrderLine>> {
    let details = &campaign.details;
    let last = campaigns::policy::last_month(details.starts_on, details.ends_on, asker.today);
    let first = Month::of(details.starts_on);
    let months = std::iter::successors(last, |month| Some(month.previous())).take_while(|month| *month >= first).take(MONTHS);
    let mut lines = Vec::new();
    for month in months {
        let within = Some(town_code.to_owned());
        let query = ReportMonthQuery { campaign_id: campaign.id, month, standing: None, begun: None, within };
        let view = reports::month::month_of(asker, campaign, &query).await?;
        for town in view.towns.into_iter().filter(|town| town.town_code == town_code) {
            let unsent = matches!(town.standing, ReportStanding::NotDue | ReportStanding::Missing)
                && town.state.is_none_or(|state| ReportState::EDITABLE.contains(&state));
            let soon = (asker.today..=asker.today + SOON).contains(&view.due_on);
            if !(town.overdue || unsent && soon) {
                continue;
            }
            let subject = format!("{}合作村社帮扶工作开展情况统计表", month.words(Lang::ZhCn));
            let record = match town.report_id {
                Some(id) => ObjectKind::Report.location(id),
                None => list::address("/report-months", &query)?,
            };
            lines.push(line(asker, OrderLineKind::Report, subject, view.due_on, record));
        }
    }
    Ok(lines)
}

/// Pairings of which nothing is written for the last month.
async fn progress(asker: &Asker<'_>, campaign: &Campaign, of: Addressee<'_>) -> Result<Vec<OrderLine>> {
    let details = &campaign.details;
    let Some(month) = campaigns::policy::last_month(details.starts_on, details.ends_on, asker.today) else {
        return Ok(Vec::new());
    };
    let due_on = campaign.report_due(month);
    if due_on > asker.today + SOON {
        return Ok(Vec::new());
    }
    let query = PairingQuery { without_update_in: Some(month), ..pairings(campaign, of) };
    let told = |pairing: Pairing| {
        let subject = format!("{} · {} · {}进展情况", pairing.village_name, pairing.organisation_name, month.words(Lang::ZhCn));
        line(asker, OrderLineKind::Progress, subject, due_on, ObjectKind::Pairing.location(pairing.id))
    };
    Ok(Pairings::list(asker, &query).await?.items.into_iter().map(told).collect())
}

/// Pairings without a project, though their days of grace are over (研究选定1-2个合作项目).
async fn plans(asker: &Asker<'_>, campaign: &Campaign, of: Addressee<'_>) -> Result<Vec<OrderLine>> {
    let grace = Days::new(campaign.details.settings.project_grace_days.unsigned_abs().into());
    let query = PairingQuery { without_project_since: Some(asker.today - grace), ..pairings(campaign, of) };
    let told = |pairing: Pairing| {
        let due_on = pairing.active_since.unwrap_or(asker.today) + grace;
        let subject = format!("{} · {}", pairing.village_name, pairing.organisation_name);
        line(asker, OrderLineKind::Plan, subject, due_on, ObjectKind::Pairing.location(pairing.id))
    };
    Ok(Pairings::list(asker, &query).await?.items.into_iter().map(told).collect())
}

fn pairings(campaign: &Campaign, of: Addressee<'_>) -> PairingQuery {
    PairingQuery {
        campaign_id: Some(campaign.id),
        organisation_id: of.organisation(),
        within: of.within(),
        limit: Some(MOST),
        total: Some(false),
        ..Default::default()
    }
}
