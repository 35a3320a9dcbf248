//! Assembles the forecast: estimates, the late tasks behind them, and the draft of a reminder.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contract::campaigns::{Campaign, Indicator};
use contract::dashboard::Figure;
use contract::forecast::{Forecast, ForecastQuery, LateTask, TargetForecast, Verdict};
use contract::projects::{Task, TaskQuery, TaskState};
use contract::tallies::TallyFigure;
use contract::{CodedEnum, Lang, Month, ObjectKind, amounts};
use entities::scope;
use platform::{Asker, Result, list};

use super::estimate::{Course, Tasks, middle, months_between};
use crate::tallies::service::Tally;
use crate::{assistance, campaigns, official, outcomes, tallies, tasks};

/// How many earlier campaigns are looked at.
const EARLIER: u64 = 2;
/// How many late tasks are read for all targets, and told of one.
const LATE: u64 = 100;
const LATE_EACH: usize = 5;

/// The results of a campaign by indicator and month.
type Results = BTreeMap<Indicator, BTreeMap<Month, i64>>;

/// What is expected of a campaign's targets. Whoever sees a part of the campaign only is told no targets. Takes at most nine
/// statements.
///
/// # Errors
/// A fault at `/campaign_id`.
pub async fn read(asker: &Asker<'_>, query: &ForecastQuery) -> Result<Forecast> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let whole = scope::sees_all_of(asker.caller, &campaign.details.area_code, None);
    let late = TaskQuery { campaign_id: Some(campaign.id), overdue: Some(true), ..Default::default() };
    let Some(counted) = tallies::service::read(asker, campaign.id, None).await?.filter(|_| whole) else {
        return forecast(asker, &campaign, whole, Tasks::default(), &late, Vec::new());
    };
    let (tasks, own) = (counted_tasks(&counted, asker.today)?, results(asker, &campaign, &counted).await?);
    let mut earlier = Vec::new();
    for before in campaigns::service::before(asker, &campaign, EARLIER).await? {
        let counted = tallies::service::read(asker, before.id, None).await?.unwrap_or_default();
        earlier.push((results(asker, &before, &counted).await?, before));
    }
    let targets = campaign.details.targets.iter().map(|target| {
        let months: Vec<_> = own.get(&target.indicator).into_iter().flatten().map(|(&month, &sum)| (month, sum)).collect();
        let earlier: Vec<_> = earlier.iter().map(|(results, before)| by_month(results, before, target.indicator)).collect();
        let course = Course {
            starts_on: campaign.details.starts_on,
            ends_on: campaign.details.ends_on,
            today: asker.today,
            target: target.target,
            actual: months.iter().map(|(_, sum)| sum).sum(),
            months: &months,
            tasks,
            earlier: &earlier,
        };
        let estimates = course.estimates();
        TargetForecast {
            goal: target.indicator.goal(),
            indicator: target.indicator,
            target: target.target,
            actual: course.actual,
            expected: middle(estimates.iter().map(|estimate| estimate.value).collect()),
            verdict: course.verdict(&estimates),
            estimates,
            late_tasks: Vec::new(),
            reminder: None,
        }
    });
    let mut targets: Vec<_> = targets.collect();
    let goals: Vec<_> = targets.iter().filter(|target| may_be_missed(target)).map(|target| target.goal).collect();
    let behind = if goals.is_empty() { Vec::new() } else { tasks::behind::behind(asker, &late, &goals, LATE).await? };
    for target in targets.iter_mut().filter(|target| may_be_missed(target)) {
        let own = behind.iter().filter(|(goal, _)| *goal == target.goal).map(|(_, task)| told(task));
        target.late_tasks = own.take(LATE_EACH).collect();
        target.reminder = Some(reminder(&campaign, target, asker.today));
    }
    forecast(asker, &campaign, whole, tasks, &late, targets)
}

fn forecast(
    asker: &Asker<'_>,
    campaign: &Campaign,
    whole: bool,
    tasks: Tasks,
    late: &TaskQuery,
    targets: Vec<TargetForecast>,
) -> Result<Forecast> {
    let overdue_tasks = Figure { value: tasks.overdue, records: list::address(ObjectKind::Task.path(), late)? };
    let ends_on = campaign.details.ends_on;
    Ok(Forecast { campaign_id: campaign.id, whole, today: asker.today, ends_on, overdue_tasks, targets })
}

fn may_be_missed(target: &TargetForecast) -> bool {
    matches!(target.verdict, Verdict::Missed | Verdict::AtRisk)
}

/// Tasks of all projects: no tally tells them apart by goal.
fn counted_tasks(counted: &[Tally], today: NaiveDate) -> Result<Tasks> {
    let mut tasks = Tasks::default();
    for tally in tallies::service::of(counted, TallyFigure::Tasks) {
        if tally.code::<TaskState>(&tally.key)? == TaskState::Done {
            tasks.done += tally.n;
        }
    }
    for tally in tallies::service::of(counted, TallyFigure::Due) {
        tasks.open += tally.n;
        // Days sort as text.
        tasks.overdue += if tally.key < today.to_string() { tally.n } else { 0 };
    }
    Ok(tasks)
}

/// What counts for the indicators of a campaign, as the dashboard adds it up.
async fn results(asker: &Asker<'_>, campaign: &Campaign, counted: &[Tally]) -> Result<Results> {
    let mut results = Results::new();
    for sum in outcomes::figures::tallied(counted)? {
        *results.entry(sum.indicator).or_default().entry(sum.month).or_default() += sum.sum;
    }
    let given = assistance::figures::tallied(counted)?;
    for sum in assistance::figures::published(asker, campaign, None, given).await? {
        for &indicator in Indicator::ALL {
            let (_, number) = assistance::figures::counted(std::slice::from_ref(&sum), indicator);
            if number > 0 {
                *results.entry(indicator).or_default().entry(sum.month).or_default() += number;
            }
        }
    }
    Ok(results)
}

/// What an earlier campaign reached, month by month.
fn by_month(results: &Results, campaign: &Campaign, indicator: Indicator) -> Vec<i64> {
    let (first, last) = (campaign.details.starts_on, campaign.details.ends_on);
    let months = Month::of(first).onwards().take(months_between(first, last));
    let of = results.get(&indicator);
    months.map(|month| of.and_then(|of| of.get(&month)).copied().unwrap_or_default()).collect()
}

fn told(task: &Task) -> LateTask {
    LateTask {
        id: task.id,
        title: task.details.title.clone(),
        organisation_name: task.organisation_name.clone(),
        village_name: task.village_name.clone(),
        due_on: task.details.due_on,
        weight: task.details.weight,
    }
}

/// 及时发现问题，开展督查调度.
fn reminder(campaign: &Campaign, target: &TargetForecast, today: NaiveDate) -> String {
    let amount = |number| if target.indicator.is_money() { format!("{}元", amounts::yuan(number)) } else { format!("{number}") };
    let indicator = target.indicator.label(Lang::ZhCn);
    let mut text = format!(
        "截至{}，“{}”活动目标“{indicator}”为{}，已完成{}",
        official::day(today),
        campaign.details.title,
        amount(target.target),
        amount(target.actual)
    );
    if let Some(expected) = target.expected {
        text += &format!("，按目前进度预计到{}完成{}", official::day(campaign.details.ends_on), amount(expected));
    }
    text += "。";
    let mut whose: Vec<_> =
        target.late_tasks.iter().map(|task| format!("{}（{}）", task.organisation_name, task.village_name)).collect();
    whose.dedup();
    if !whose.is_empty() {
        text += &format!("以下结对有任务逾期：{}。", whose.join("、"));
    }
    text + "请抓紧推进，于收到本提醒后5日内反馈进展。"
}
