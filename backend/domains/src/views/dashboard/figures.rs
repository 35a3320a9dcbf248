//! The numbers behind the figures. For a town or a larger area they come from tallies, for a smaller area from counting rows.

use chrono::NaiveDate;
use contract::enrolments::EnrolmentKind;
use contract::tallies::TallyFigure;
use contract::{CodedEnum, Month};
use platform::coded::Code;
use platform::object::Listed;
use platform::{Result, list};

use super::service::Part;
use crate::areas;
use crate::assistance;
use crate::enrolments::list::Enrolments;
use crate::outcomes;
use crate::outcomes::figures::MonthSum;
use crate::pairings;
use crate::pairings::list::Pairings;
use crate::pairings::service::TownCount;
use crate::progress;
use crate::projects;
use crate::projects::figures::StateSum;
use crate::tallies;
use crate::tallies::service::Tally;
use crate::tasks::list::Tasks;

/// The numbers of a dashboard.
#[derive(Debug, Default)]
pub struct Numbers {
    pub outcomes: Vec<MonthSum>,
    /// The help for households.
    pub assistance: Vec<assistance::figures::MonthSum>,
    /// The pairings, ordered by town.
    pub pairings: Vec<TownCount>,
    pub projects: Vec<StateSum>,
    pub updates: Vec<(Month, i64)>,
    pub organisations: i64,
    pub villages: i64,
    pub overdue_tasks: i64,
    pub without_project: i64,
    pub too_many_projects: i64,
    pub without_update: i64,
}

/// The numbers for part of a campaign. The number of statements does not depend on the number of rows.
pub async fn numbers(part: &Part<'_>) -> Result<Numbers> {
    let numbers = counted(part).await?;
    let assistance = assistance::figures::published(part.asker, part.campaign, part.within, numbers.assistance).await?;
    Ok(Numbers { assistance, ..numbers })
}

async fn counted(part: &Part<'_>) -> Result<Numbers> {
    match tallies::service::read(part.asker, part.campaign.id, part.within).await? {
        Some(tallies) if tallies::service::counts_for(part.asker.caller) => add_up(part, &tallies).await,
        Some(tallies) => Ok(Numbers {
            organisations: enrolled(&tallies, EnrolmentKind::Organisation),
            villages: enrolled(&tallies, EnrolmentKind::Village),
            ..count(part, false).await?
        }),
        None => count(part, true).await,
    }
}

/// Counts the rows themselves, those of enrolments only where it is told to.
async fn count(part: &Part<'_>, enrolments: bool) -> Result<Numbers> {
    let Part { asker, campaign, within } = *part;
    let mut lists = vec![
        Tasks::counted(asker, &part.overdue_tasks()).await?,
        Pairings::counted(asker, &part.without_project()).await?,
        Pairings::counted(asker, &part.too_many_projects()).await?,
    ];
    let update = part.without_update();
    if let Some(query) = &update {
        lists.push(Pairings::counted(asker, query).await?);
    }
    if enrolments {
        for kind in [EnrolmentKind::Organisation, EnrolmentKind::Village] {
            lists.push(Enrolments::counted(asker, &part.enrolments(kind)).await?);
        }
    }
    let mut counts = list::counts(&asker.db, lists).await?.into_iter();
    let mut next = |counted: bool| if counted { counts.next().unwrap_or_default() } else { 0 };
    Ok(Numbers {
        overdue_tasks: next(true),
        without_project: next(true),
        too_many_projects: next(true),
        without_update: next(update.is_some()),
        organisations: next(enrolments),
        villages: next(enrolments),
        outcomes: outcomes::figures::by_month(asker, campaign.id, within).await?,
        assistance: assistance::figures::by_month(asker, campaign.id, within).await?,
        pairings: pairings::service::count_by_town(asker, campaign.id, within).await?,
        projects: projects::figures::by_state(asker, campaign.id, within).await?,
        updates: progress::service::count_by_month(asker, campaign.id, within).await?,
    })
}

fn enrolled(tallies: &[Tally], kind: EnrolmentKind) -> i64 {
    tallies::service::of(tallies, TallyFigure::Enrolments).filter(|tally| tally.key == kind.code()).map(|tally| tally.n).sum()
}

async fn add_up(part: &Part<'_>, tallies: &[Tally]) -> Result<Numbers> {
    let of = |figure| tallies::service::of(tallies, figure);
    let mut towns: Vec<&Tally> = of(TallyFigure::Pairings).collect();
    towns.sort_by(|a, b| a.area_code.cmp(&b.area_code));
    let names = areas::service::names(&part.asker.db, towns.iter().map(|tally| tally.area_code.as_str()).collect()).await?;
    let mut numbers = Numbers {
        outcomes: outcomes::figures::tallied(tallies)?,
        assistance: assistance::figures::tallied(tallies)?,
        ..Default::default()
    };
    for tally in towns {
        numbers.pairings.push(TownCount {
            town_code: tally.area_code.clone(),
            town_name: names.get(&tally.area_code).cloned().unwrap_or_default(),
            state: Code(tally.code(&tally.key)?),
            pairings: tally.n,
        });
    }
    for tally in of(TallyFigure::Projects) {
        let spent = of(TallyFigure::Spent).find(|spent| spent.key == tally.key);
        numbers.projects.push(StateSum {
            state: Code(tally.code(&tally.key)?),
            projects: tally.n,
            budget_fen: tally.total,
            spent_fen: spent.map_or(0, |spent| spent.total),
            over_budget: spent.map_or(0, |spent| spent.n),
        });
    }
    for tally in of(TallyFigure::Updates) {
        numbers.updates.push((tally.parsed(&tally.key)?, tally.n));
    }
    numbers.organisations = enrolled(tallies, EnrolmentKind::Organisation);
    numbers.villages = enrolled(tallies, EnrolmentKind::Village);
    // Days and months sort as text.
    let before = |figure, day: NaiveDate| of(figure).filter(|tally| tally.key < day.to_string()).map(|tally| tally.n).sum();
    numbers.overdue_tasks = before(TallyFigure::Due, part.asker.today);
    numbers.without_project = before(TallyFigure::WithoutProject, part.planned_before());
    for tally in of(TallyFigure::LiveProjects) {
        if tally.parsed::<u32>(&tally.key)? > part.max_projects() {
            numbers.too_many_projects += tally.n;
        }
    }
    if let Some(month) = part.last_month() {
        let month = month.to_string();
        let active = of(TallyFigure::Active).filter(|tally| {
            tally
                .key
                .split_once('/')
                .is_some_and(|(since, until)| since <= month.as_str() && (until.is_empty() || until >= month.as_str()))
        });
        let reported = of(TallyFigure::Reported).filter(|tally| tally.key == month);
        numbers.without_update = active.map(|tally| tally.n).sum::<i64>() - reported.map(|tally| tally.n).sum::<i64>();
    }
    Ok(numbers)
}
