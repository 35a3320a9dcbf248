//! Collects what waits for a person from the lists of the domains. Each kind of work is such a list, so the displayed number and
//! the records behind it come from the same query.

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::account_requests::AccountRequestQuery;
use contract::agreements::{AgreementQuery, AgreementState};
use contract::assistance::RecordQuery;
use contract::campaigns::{Campaign, MilestoneStatus};
use contract::enrolments::EnrolmentQuery;
use contract::households::HouseholdQuery;
use contract::outcomes::OutcomeQuery;
use contract::pairings::{Pairing, PairingKind, PairingQuery, PairingState};
use contract::plans::MeasureQuery;
use contract::projects::{ProjectQuery, ProjectState, ProjectSummary, Task, TaskQuery};
use contract::reports::{ReportMonthQuery, ReportQuery, ReportState, ReportSummary};
use contract::work::{WorkGroup, WorkItem, WorkKind, WorkList};
use contract::{CodedEnum, Lang, ListQuery, ObjectKind, Page, Role, Sort};
use platform::clock::local_date;
use platform::object::Listed;
use platform::{Asker, Result, list};
use serde::Serialize;

use crate::account_requests;
use crate::agreements::list::Agreements;
use crate::assistance::list::AssistanceRecords;
use crate::campaigns;
use crate::enrolments::list::Enrolments;
use crate::households;
use crate::measures::list::Measures;
use crate::outcomes::list::Outcomes;
use crate::pairings::list::Pairings;
use crate::projects::list::Projects;
use crate::reports;
use crate::reports::list::Reports;
use crate::tasks::list::Tasks;

/// The most items of each kind that are shown.
const SHOWN: u32 = 5;
/// How many days ahead a deadline of the campaign is shown.
const DEADLINE_AHEAD: i64 = 30;

/// What waits for a caller, in the order of kinds, with overdue items first. The number of statements depends on the role
/// and on how many campaigns run, not on how much waits.
pub async fn list(asker: &Asker<'_>, lang: Lang, now: DateTime<Utc>) -> Result<WorkList> {
    let running = match asker.caller.role {
        Role::LeadingGroup | Role::Cadre => return Ok(WorkList { groups: Vec::new() }),
        Role::Auditor | Role::Admin | Role::SecurityAdmin => Vec::new(),
        _ => campaigns::service::running(asker).await?,
    };
    let mut desk = Desk { asker, lang, running: &running, groups: Vec::new() };
    match asker.caller.role {
        Role::Bureau => desk.bureau().await?,
        Role::Town => {
            desk.both_sides().await?;
            desk.agreements().await?;
            desk.reports().await?;
            desk.activations().await?;
            desk.measures().await?;
            desk.records().await?;
            desk.outcomes().await?;
            desk.households().await?;
        }
        Role::Organisation => {
            desk.both_sides().await?;
            desk.agreements().await?;
            let query = ProjectQuery { ready: Some(true), ..Default::default() };
            desk.projects(WorkKind::AdvanceProjects, query).await?;
            desk.measures().await?;
        }
        Role::Village => {
            desk.both_sides().await?;
            desk.measures().await?;
            desk.records().await?;
            desk.outcomes().await?;
            desk.households().await?;
        }
        Role::Auditor | Role::Admin | Role::SecurityAdmin => desk.accounts(now).await?,
        Role::LeadingGroup | Role::Cadre => {}
    }
    let mut groups = desk.groups;
    groups.retain(|group| group.total > 0);
    groups.sort_by_key(|group| (!group.items.iter().any(|item| item.overdue), group.kind));
    Ok(WorkList { groups })
}

/// The query of a list for the desk: a few items, with those first that are due first or have waited longest.
fn waiting<Q: ListQuery>(mut query: Q) -> Q {
    query.set_limit(Some(SHOWN));
    query.set_sort(Some(Sort { descending: false, ..Q::ORDER }));
    query
}

/// The work of one person while it is collected.
struct Desk<'a> {
    asker: &'a Asker<'a>,
    lang: Lang,
    running: &'a [Campaign],
    groups: Vec<WorkGroup>,
}

impl Desk<'_> {
    /// The bureau confirms, approves and accepts.
    async fn bureau(&mut self) -> Result<()> {
        let query = waiting(EnrolmentQuery { waits_for_me: Some(true), ..Default::default() });
        let page = Enrolments::list(self.asker, &query).await?;
        self.add(WorkKind::ConfirmEnrolments, ObjectKind::Enrolment.path(), query, page, |item| {
            (item.id.to_string(), item.name, None)
        })?;
        self.pairings(WorkKind::ConfirmPairings, PairingQuery { waits_for_me: Some(true), ..Default::default() }, |_| None)
            .await?;
        self.activations().await?;
        for (kind, state) in
            [(WorkKind::ApproveProjects, ProjectState::Submitted), (WorkKind::AcceptProjects, ProjectState::Completed)]
        {
            self.projects(kind, ProjectQuery { state: Some(state), ..Default::default() }).await?;
        }
        self.reports_in(WorkKind::AcceptReports, ReportState::Submitted, |_| None).await?;
        for campaign in self.running {
            let campaign = campaigns::service::read(self.asker, campaign.id).await?;
            self.deadlines(&campaign)?;
        }
        Ok(())
    }

    /// Both sides, and their town, answer, plan, work and report.
    async fn both_sides(&mut self) -> Result<()> {
        let query = PairingQuery { waits_for_me: Some(true), ..Default::default() };
        self.pairings(WorkKind::AnswerPairings, query, |pairing| Some(pairing.answer_due_on)).await?;
        for campaign in self.running {
            let settings = &campaign.details.settings;
            let grace = Days::new(settings.project_grace_days.unsigned_abs().into());
            let query = PairingQuery {
                campaign_id: Some(campaign.id),
                without_project_since: Some(self.asker.today - grace),
                ..Default::default()
            };
            self.pairings(WorkKind::PlanProjects, query, |pairing| pairing.active_since.map(|since| since + grace)).await?;
            let (starts_on, ends_on) = (campaign.details.starts_on, campaign.details.ends_on);
            let due = |month| campaign.report_due(month);
            if let Some(month) = campaigns::policy::month_to_write(due, starts_on, ends_on, self.asker.today) {
                let due_on = due(month);
                let query = PairingQuery { campaign_id: Some(campaign.id), without_update_in: Some(month), ..Default::default() };
                self.pairings(WorkKind::WriteProgress, query, |_| Some(due_on)).await?;
            }
        }
        self.projects(WorkKind::ConsentProjects, ProjectQuery { waits_for_me: Some(true), ..Default::default() }).await?;
        for (kind, overdue) in [(WorkKind::OverdueTasks, true), (WorkKind::DueTasks, false)] {
            let query = waiting(TaskQuery { waits_for_me: Some(true), overdue: Some(overdue), ..Default::default() });
            let page = Tasks::list(self.asker, &query).await?;
            self.add(kind, ObjectKind::Task.path(), query, page, |task: Task| {
                let title = format!("{} · {} · {}", task.details.title, task.village_name, task.organisation_name);
                (task.id.to_string(), title, Some(task.details.due_on))
            })?;
        }
        Ok(())
    }

    /// 组织双方签订结对协议书: organisations draft and sign with their towns.
    async fn agreements(&mut self) -> Result<()> {
        let query = PairingQuery { without_agreement: Some(true), ..Default::default() };
        self.pairings(WorkKind::DraftAgreements, query, |_| None).await?;
        let query = waiting(AgreementQuery { state: Some(AgreementState::Draft), ..Default::default() });
        let page = Agreements::list(self.asker, &query).await?;
        self.add(WorkKind::SignAgreements, ObjectKind::Agreement.path(), query, page, |agreement| {
            let head = agreement.head;
            (head.id.to_string(), format!("{} · {}", head.village_name, head.organisation_name), None)
        })
    }

    /// 每月5日前汇总填写: a town begins, sends and corrects its forms.
    async fn reports(&mut self) -> Result<()> {
        // A form with nothing to report is neither due nor late.
        let today = self.asker.today;
        let due = |report: &ReportSummary| Some(report.due_on).filter(|&day| report.overdue || day >= today);
        self.reports_in(WorkKind::SendReports, ReportState::Draft, due).await?;
        self.reports_in(WorkKind::MendReports, ReportState::Returned, due).await?;
        for campaign in self.running {
            let details = &campaign.details;
            let Some(month) = campaigns::policy::last_month(details.starts_on, details.ends_on, self.asker.today) else {
                continue;
            };
            let query = ReportMonthQuery { campaign_id: campaign.id, month, standing: None, begun: Some(false), within: None };
            let view = reports::month::month_of(self.asker, campaign, &query).await?;
            let due_on = Some(view.due_on);
            let items = view
                .towns
                .into_iter()
                .map(|town| (town.town_code, format!("{} · {}", town.town_name, month.words(self.lang)), due_on));
            self.put(WorkKind::BeginReports, list::address("/report-months", &query)?, None, items.collect());
        }
        Ok(())
    }

    /// A confirmed pairing with a household has no agreement to sign, so somebody has to activate it.
    async fn activations(&mut self) -> Result<()> {
        let query =
            PairingQuery { kind: Some(PairingKind::Household), state: Some(PairingState::Confirmed), ..Default::default() };
        self.pairings(WorkKind::ActivatePairings, query, |_| None).await
    }

    /// 一户一策: measures agreed with a family for this month or earlier that no record fulfils.
    async fn measures(&mut self) -> Result<()> {
        let query = waiting(MeasureQuery { waits_for_me: Some(true), ..Default::default() });
        let lang = self.lang;
        let page = Measures::list(self.asker, &query).await?;
        self.add(WorkKind::CarryOutMeasures, ObjectKind::Measure.path(), query, page, |item| {
            let title = format!("{} · {} · {}", item.village_name, item.file_number, item.kind.label(lang));
            (item.id.to_string(), title, Some(item.month.last_day()))
        })
    }

    /// Requests of administrators, for those who may confirm them.
    async fn accounts(&mut self, now: DateTime<Utc>) -> Result<()> {
        let query = waiting(AccountRequestQuery { waits_for_me: Some(true), ..Default::default() });
        let lang = self.lang;
        let page = account_requests::service::list(&self.asker.db, Some(self.asker.caller), now, &query).await?;
        self.add(WorkKind::ConfirmAccounts, ObjectKind::AccountRequest.path(), query, page, |item| {
            let title = format!("{} · {} · {}", item.kind.label(lang), item.display_name, item.role.label(lang));
            (item.id.to_string(), title, Some(local_date(item.expires_at)))
        })
    }

    /// A village committee confirms what was received.
    async fn records(&mut self) -> Result<()> {
        let query = waiting(RecordQuery { waits_for_me: Some(true), ..Default::default() });
        let lang = self.lang;
        let page = AssistanceRecords::list(self.asker, &query).await?;
        self.add(WorkKind::ConfirmRecords, ObjectKind::AssistanceRecord.path(), query, page, |item| {
            let title = format!("{} · {} · {}", item.village_name, item.file_number, item.kind.label(lang));
            (item.id.to_string(), title, None)
        })
    }

    async fn outcomes(&mut self) -> Result<()> {
        let query = waiting(OutcomeQuery { waits_for_me: Some(true), ..Default::default() });
        let lang = self.lang;
        let page = Outcomes::list(self.asker, &query).await?;
        self.add(WorkKind::ConfirmOutcomes, ObjectKind::Outcome.path(), query, page, |item| {
            let title = format!("{} · {} · {}", item.village_name, item.organisation_name, item.indicator.label(lang));
            (item.id.to_string(), title, None)
        })
    }

    /// 摸清每个贫困户贫困状况及原因: the missing parts of files.
    async fn households(&mut self) -> Result<()> {
        let query = waiting(HouseholdQuery { incomplete: Some(true), ..Default::default() });
        let lang = self.lang;
        let page = households::service::list(self.asker, &query).await?;
        self.add(WorkKind::CompleteHouseholds, ObjectKind::Household.path(), query, page, |item| {
            let missing: Vec<_> = item.head.missing.iter().map(|part| part.label(lang)).collect();
            let title =
                format!("{} · {} · {}", item.head.village_name, item.head.file_number, missing.join(lang.pick("、", ", ")));
            (item.head.id.to_string(), title, None)
        })
    }

    fn deadlines(&mut self, campaign: &Campaign) -> Result<()> {
        let lang = self.lang;
        let near = campaign
            .milestone_states
            .iter()
            .filter(|milestone| milestone.status != MilestoneStatus::Met && milestone.days_left <= DEADLINE_AHEAD);
        let items: Vec<_> = near
            .map(|milestone| (campaign.id.to_string(), milestone.kind.label(lang).to_owned(), Some(milestone.due_on)))
            .collect();
        self.put(WorkKind::MeetDeadlines, ObjectKind::Campaign.location(campaign.id), None, items);
        Ok(())
    }

    async fn pairings(&mut self, kind: WorkKind, query: PairingQuery, due: impl Fn(&Pairing) -> Option<NaiveDate>) -> Result<()> {
        let query = waiting(query);
        let page = Pairings::list(self.asker, &query).await?;
        self.add(kind, ObjectKind::Pairing.path(), query, page, |item| {
            let due = due(&item);
            let file = item.household.map(|household| format!(" · {}", household.file_number)).unwrap_or_default();
            (item.id.to_string(), format!("{} · {}{file}", item.village_name, item.organisation_name), due)
        })
    }

    async fn projects(&mut self, kind: WorkKind, query: ProjectQuery) -> Result<()> {
        let query = waiting(query);
        let page = Projects::list(self.asker, &query).await?;
        self.add(kind, ObjectKind::Project.path(), query, page, |item: ProjectSummary| {
            (item.head.id.to_string(), format!("{} · {}", item.title, item.head.organisation_name), None)
        })
    }

    async fn reports_in(
        &mut self,
        kind: WorkKind,
        state: ReportState,
        due: impl Fn(&ReportSummary) -> Option<NaiveDate>,
    ) -> Result<()> {
        let query = waiting(ReportQuery { state: Some(state), ..Default::default() });
        let page = Reports::list(self.asker, &query).await?;
        let lang = self.lang;
        self.add(kind, ObjectKind::Report.path(), query, page, |item| {
            let due = due(&item);
            (item.id.to_string(), format!("{} · {}", item.town_name, item.month.words(lang)), due)
        })
    }

    /// Adds the first page of a list.
    fn add<Q: ListQuery + Serialize, T>(
        &mut self,
        kind: WorkKind,
        path: &str,
        mut query: Q,
        page: Page<T>,
        describe: impl Fn(T) -> (String, String, Option<NaiveDate>),
    ) -> Result<()> {
        query.set_limit(None);
        let items = page.items.into_iter().map(describe).collect();
        self.put(kind, list::address(path, &query)?, page.total, items);
        Ok(())
    }

    fn put(&mut self, kind: WorkKind, records: String, total: Option<u32>, items: Vec<(String, String, Option<NaiveDate>)>) {
        let total = total.unwrap_or(items.len().try_into().unwrap_or(u32::MAX));
        let item = |(id, title, due_on): (String, String, Option<NaiveDate>)| WorkItem {
            id,
            title,
            due_on,
            overdue: due_on.is_some_and(|due| due < self.asker.today),
        };
        let items = items.into_iter().take(SHOWN as usize).map(item).collect();
        self.groups.push(WorkGroup { kind, total, records, items });
    }
}
