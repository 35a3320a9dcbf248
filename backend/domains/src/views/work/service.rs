//! Collects what waits for a person from the lists of the domains. Each kind of work is such a list, so the number shown
//! and the records behind it come from the same query. Most lists are read in one statement.

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::account_requests::AccountRequestQuery;
use contract::adoptions::{AdoptionQuery, DifficultyQuery, HelpKind, HelpQuery};
use contract::agreements::{AgreementQuery, AgreementState};
use contract::assistance::{AidKind, RecordQuery};
use contract::campaigns::{Campaign, Indicator, MilestoneKind, MilestoneStatus};
use contract::cases::{CaseQuery, CaseState};
use contract::enrolments::{EnrolmentQuery, EnrolmentState};
use contract::findings::{FindingDue, FindingQuery, FindingState};
use contract::households::{HouseholdQuery, MissingPart};
use contract::outcomes::OutcomeQuery;
use contract::pairings::{PairingKind, PairingQuery, PairingState};
use contract::plans::MeasureQuery;
use contract::projects::{ProjectQuery, ProjectState, ResponsibleSide, TaskQuery};
use contract::reports::{ReportMonthQuery, ReportQuery, ReportState, ReportSummary};
use contract::work::{WorkGroup, WorkItem, WorkKind, WorkList};
use contract::{CodedEnum, Lang, ListQuery, Month, ObjectKind, Page, Role, Sort};
use entities::households::file_number;
use entities::{
    adoptions, areas, assistance, cases, difficulties, enrolments, help_records, households, institutions, measures,
    organisations, outcomes, pairings, projects, tasks, users,
};
use platform::clock::local_date;
use platform::glance::{self, Line, Part};
use platform::object::Listed;
use platform::{Asker, Error, Result, list};
use sea_orm::sea_query::{Expr, IntoColumnRef, SimpleExpr};
use serde::Serialize;

use crate::account_requests;
use crate::adoptions::list::Adoptions;
use crate::agreements::list::Agreements;
use crate::assistance::list::AssistanceRecords;
use crate::campaigns;
use crate::cases::list::Cases;
use crate::catalogue;
use crate::difficulties::list::Difficulties;
use crate::enrolments::list::Enrolments;
use crate::help::list::HelpRecords;
use crate::households::service::part as of_households;
use crate::measures::list::Measures;
use crate::outcomes::list::Outcomes;
use crate::pairings::list::{Pairings, knows};
use crate::projects::list::Projects;
use crate::reports;
use crate::reports::list::Reports;
use crate::tasks::list::Tasks;

/// The most items of each kind that are shown.
const SHOWN: u32 = 5;
/// How many days ahead a deadline of the campaign is shown.
const DEADLINE_AHEAD: i64 = 30;

/// The title of an item, and the day that it is due.
type Title = (String, Option<NaiveDate>);

/// What waits for a caller, in the order of kinds, with overdue items first. The number of statements depends on the role
/// and on how many campaigns run, not on how much waits.
pub async fn list(asker: &Asker<'_>, lang: Lang, now: DateTime<Utc>) -> Result<WorkList> {
    let running = match asker.caller.role {
        Role::LeadingGroup => return Ok(WorkList { groups: Vec::new() }),
        Role::Auditor | Role::Admin | Role::SecurityAdmin => Vec::new(),
        _ => campaigns::service::running(asker).await?,
    };
    let mut desk = Desk { asker, lang, running: &running, wanted: Vec::new(), groups: Vec::new() };
    match asker.caller.role {
        Role::Bureau => desk.bureau().await?,
        Role::Town => {
            desk.both_sides().await?;
            desk.agreements().await?;
            desk.reports().await?;
            desk.orders_received().await?;
            desk.orders_issued().await?;
            desk.activations().await?;
            desk.measures().await?;
            desk.records().await?;
            desk.outcomes().await?;
            desk.households().await?;
            desk.cases(WorkKind::MendCases, CaseState::Returned).await?;
            desk.inspections().await?;
            let own = FindingQuery { responsible: Some(ResponsibleSide::Town), ..Default::default() };
            desk.findings(WorkKind::RectifyFindings, own).await?;
            desk.findings(WorkKind::VerifyFindings, FindingQuery { state: Some(FindingState::Submitted), ..Default::default() })
                .await?;
        }
        Role::Organisation => {
            desk.both_sides().await?;
            desk.cases(WorkKind::MendCases, CaseState::Returned).await?;
            desk.findings(WorkKind::RectifyFindings, FindingQuery::default()).await?;
            desk.agreements().await?;
            let query = ProjectQuery { ready: Some(true), ..Default::default() };
            desk.projects(WorkKind::AdvanceProjects, query).await?;
            desk.orders_received().await?;
            desk.measures().await?;
        }
        Role::Village => {
            desk.both_sides().await?;
            desk.findings(WorkKind::RectifyFindings, FindingQuery::default()).await?;
            desk.orders_received().await?;
            desk.measures().await?;
            desk.records().await?;
            desk.outcomes().await?;
            desk.households().await?;
        }
        Role::Auditor | Role::Admin | Role::SecurityAdmin => desk.accounts(now).await?,
        Role::Cadre => desk.cadre().await?,
        Role::Institution => {
            desk.adoptions(WorkKind::AnswerAdoptions, AdoptionQuery { waits_for_me: Some(true), ..Default::default() }, None)
                .await?;
            desk.help().await?;
        }
        Role::LeadingGroup => {}
    }
    let mut groups = desk.look().await?;
    groups.retain(|group| group.total > 0);
    groups.sort_by_key(|group| (!group.items.iter().any(|item| item.overdue), group.kind));
    Ok(WorkList { groups })
}

/// The query of a list for the desk: a few items, with those first that are due first or have waited longest.
pub(super) fn waiting<Q: ListQuery>(mut query: Q) -> Q {
    query.set_limit(Some(SHOWN));
    query.set_sort(Some(Sort { descending: false, ..Q::ORDER }));
    query
}

/// The name of the village of a row.
pub(super) fn village() -> SimpleExpr {
    shown((areas::Entity, areas::Column::Name))
}

/// The name of the organisation of a row.
pub(super) fn organisation() -> SimpleExpr {
    shown((organisations::Entity, organisations::Column::Name))
}

/// The name of the institution of a row.
fn institution() -> SimpleExpr {
    shown((institutions::Entity, institutions::Column::Name))
}

/// The code that the number of a household's file begins with.
fn numbered_in() -> SimpleExpr {
    shown((households::Entity, households::Column::NumberedIn))
}

/// The number of a household within the village where its file was opened.
fn sequence() -> SimpleExpr {
    shown((households::Entity, households::Column::Sequence))
}

pub(super) fn shown(column: impl IntoColumnRef) -> SimpleExpr {
    Expr::col(column)
}

/// The number of the file whose village and number within it are these texts.
fn file(line: &Line, village: usize, sequence: usize) -> Option<String> {
    Some(file_number(line.text(village), line.parsed(sequence)?))
}

pub(super) fn joined<const N: usize>(parts: [&str; N]) -> String {
    parts.join(" · ")
}

/// The title of a row.
type Describe<'a> = Box<dyn Fn(&Line) -> Result<Title> + 'a>;

/// A list that is looked at, and how its rows are called.
struct Wanted<'a> {
    kind: WorkKind,
    records: String,
    part: Part,
    title: Describe<'a>,
}

/// The work of one person, while it is collected.
pub(super) struct Desk<'a> {
    pub(super) asker: &'a Asker<'a>,
    pub(super) lang: Lang,
    running: &'a [Campaign],
    wanted: Vec<Wanted<'a>>,
    groups: Vec<WorkGroup>,
}

impl<'a> Desk<'a> {
    /// The bureau confirms, approves and accepts.
    async fn bureau(&mut self) -> Result<()> {
        let query = waiting(EnrolmentQuery { waits_for_me: Some(true), ..Default::default() });
        let part = Enrolments::part(self.asker, &query, vec![enrolments::name()]).await?;
        self.want(WorkKind::ConfirmEnrolments, ObjectKind::Enrolment, query, part, |line| Ok((line.text(0).to_owned(), None)))?;
        self.pairings(WorkKind::ConfirmPairings, PairingQuery { waits_for_me: Some(true), ..Default::default() }, None).await?;
        self.activations().await?;
        self.adoptions(WorkKind::ConfirmAdoptions, AdoptionQuery { waits_for_me: Some(true), ..Default::default() }, None)
            .await?;
        for (kind, state) in
            [(WorkKind::ApproveProjects, ProjectState::Submitted), (WorkKind::AcceptProjects, ProjectState::Completed)]
        {
            self.projects(kind, ProjectQuery { state: Some(state), ..Default::default() }).await?;
        }
        let sent = ReportQuery { waits_for_me: Some(true), ..Default::default() };
        self.reports_in(WorkKind::AcceptReports, sent, |_| None).await?;
        self.cases(WorkKind::SelectCases, CaseState::Nominated).await?;
        self.cases(WorkKind::PublishCases, CaseState::Selected).await?;
        self.cases(WorkKind::MendCases, CaseState::Returned).await?;
        self.inspections().await?;
        self.findings(WorkKind::VerifyFindings, FindingQuery { state: Some(FindingState::Submitted), ..Default::default() })
            .await?;
        self.findings(WorkKind::EscalatedFindings, FindingQuery { due: Some(FindingDue::Escalated), ..Default::default() })
            .await?;
        self.orders_issued().await?;
        self.orders_overdue().await?;
        for campaign in self.running {
            self.deadlines(campaign).await?;
        }
        Ok(())
    }

    /// A cadre answers, writes each month what was done, and solves what institutions cannot manage.
    async fn cadre(&mut self) -> Result<()> {
        self.adoptions(WorkKind::AnswerAdoptions, AdoptionQuery { waits_for_me: Some(true), ..Default::default() }, None).await?;
        for campaign in self.running {
            let (starts_on, ends_on) = (campaign.details.starts_on, campaign.details.ends_on);
            let due = |month| campaign.report_due(month);
            if let Some(month) = campaigns::policy::month_to_write(due, starts_on, ends_on, self.asker.today) {
                let query =
                    AdoptionQuery { campaign_id: Some(campaign.id), without_update_in: Some(month), ..Default::default() };
                self.adoptions(WorkKind::WriteAdoptionUpdates, query, Some(due(month))).await?;
            }
        }
        let query = waiting(DifficultyQuery { waits_for_me: Some(true), ..Default::default() });
        let title = shown((difficulties::Entity, difficulties::Column::Title));
        let part = Difficulties::part(self.asker, &query, vec![institution(), title]).await?;
        self.want(WorkKind::SolveDifficulties, ObjectKind::Difficulty, query, part, |line| {
            Ok((joined([line.text(0), line.text(1)]), None))
        })
    }

    /// Adoptions, due on a day or on the day to answer.
    async fn adoptions(&mut self, kind: WorkKind, query: AdoptionQuery, due_on: Option<NaiveDate>) -> Result<()> {
        let query = waiting(query);
        let answers = kind == WorkKind::AnswerAdoptions;
        let day = shown((adoptions::Entity, adoptions::Column::AnswerDueOn));
        let cadre = shown((users::Entity, users::Column::DisplayName));
        let part = Adoptions::part(self.asker, &query, vec![institution(), cadre, day]).await?;
        self.want(kind, ObjectKind::Adoption, query, part, move |line| {
            let due_on = if answers { line.parsed(2) } else { due_on };
            Ok((joined([line.text(0), line.text(1)]), due_on))
        })
    }

    /// The bureau selects and publishes cases, and whoever has nominated one mends it.
    async fn cases(&mut self, kind: WorkKind, state: CaseState) -> Result<()> {
        let query = waiting(CaseQuery { state: Some(state), waits_for_me: Some(true), ..Default::default() });
        let title = shown((cases::Entity, cases::Column::Title));
        let part = Cases::part(self.asker, &query, vec![title, village()]).await?;
        self.want(kind, ObjectKind::Case, query, part, |line| Ok((joined([line.text(0), line.text(1)]), None)))
    }

    /// An institution confirms what it received.
    async fn help(&mut self) -> Result<()> {
        let query = waiting(HelpQuery { waits_for_me: Some(true), ..Default::default() });
        let cadre = shown((users::Entity, users::Column::DisplayName));
        let kind = shown((help_records::Entity, help_records::Column::Kind));
        let (part, lang) = (HelpRecords::part(self.asker, &query, vec![cadre, kind]).await?, self.lang);
        self.want(WorkKind::ConfirmHelp, ObjectKind::HelpRecord, query, part, move |line| {
            Ok((joined([line.text(0), line.code::<HelpKind>(1)?.label(lang)]), None))
        })
    }

    /// Both sides, and their town, answer, plan, work and report.
    async fn both_sides(&mut self) -> Result<()> {
        let query = PairingQuery { waits_for_me: Some(true), ..Default::default() };
        self.pairings(WorkKind::AnswerPairings, query, Some((pairings::Column::AnswerDueOn, Days::new(0)))).await?;
        for campaign in self.running {
            self.entries(campaign).await?;
            let settings = &campaign.details.settings;
            let grace = Days::new(settings.project_grace_days.unsigned_abs().into());
            let query = PairingQuery {
                campaign_id: Some(campaign.id),
                without_project_since: Some(self.asker.today - grace),
                ..Default::default()
            };
            self.pairings(WorkKind::PlanProjects, query, Some((pairings::Column::ActiveSince, grace))).await?;
            let (starts_on, ends_on) = (campaign.details.starts_on, campaign.details.ends_on);
            let due = |month| campaign.report_due(month);
            if let Some(month) = campaigns::policy::month_to_write(due, starts_on, ends_on, self.asker.today) {
                let due_on = due(month);
                let query = PairingQuery { campaign_id: Some(campaign.id), without_update_in: Some(month), ..Default::default() };
                self.pairings_due(WorkKind::WriteProgress, query, None, move |_| Some(due_on)).await?;
            }
        }
        self.projects(WorkKind::ConsentProjects, ProjectQuery { waits_for_me: Some(true), ..Default::default() }).await?;
        for (kind, overdue) in [(WorkKind::OverdueTasks, true), (WorkKind::DueTasks, false)] {
            let query = waiting(TaskQuery { waits_for_me: Some(true), overdue: Some(overdue), ..Default::default() });
            let title = shown((tasks::Entity, tasks::Column::Title));
            let due_on = shown((tasks::Entity, tasks::Column::DueOn));
            let part = Tasks::part(self.asker, &query, vec![title, village(), organisation(), due_on]).await?;
            self.want(kind, ObjectKind::Task, query, part, |line| {
                Ok((joined([line.text(0), line.text(1), line.text(2)]), line.parsed(3)))
            })?;
        }
        Ok(())
    }

    /// 组织双方签订结对协议书: organisations draft and sign with their towns.
    async fn agreements(&mut self) -> Result<()> {
        let query = PairingQuery { without_agreement: Some(true), ..Default::default() };
        self.pairings(WorkKind::DraftAgreements, query, None).await?;
        let query = waiting(AgreementQuery { state: Some(AgreementState::Draft), ..Default::default() });
        let part = Agreements::part(self.asker, &query, vec![village(), organisation()]).await?;
        self.want(WorkKind::SignAgreements, ObjectKind::Agreement, query, part, |line| {
            Ok((joined([line.text(0), line.text(1)]), None))
        })
    }

    /// 每月5日前汇总填写: a town begins, sends and corrects its forms.
    async fn reports(&mut self) -> Result<()> {
        // A form with nothing to report is neither due nor late.
        let today = self.asker.today;
        let due = |report: &ReportSummary| Some(report.due_on).filter(|&day| report.overdue || day >= today);
        let in_state = |state| ReportQuery { state: Some(state), ..Default::default() };
        self.reports_in(WorkKind::SendReports, in_state(ReportState::Draft), due).await?;
        self.reports_in(WorkKind::MendReports, in_state(ReportState::Returned), due).await?;
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
        self.pairings(WorkKind::ActivatePairings, query, None).await
    }

    /// 一户一策: measures agreed with a family for this month or earlier that no record fulfils.
    async fn measures(&mut self) -> Result<()> {
        let query = waiting(MeasureQuery { waits_for_me: Some(true), ..Default::default() });
        let own = |column: measures::Column| shown((measures::Entity, column));
        let texts = vec![village(), numbered_in(), sequence(), own(measures::Column::Kind), own(measures::Column::Month)];
        let (part, lang) = (Measures::part(self.asker, &query, texts).await?, self.lang);
        self.want(WorkKind::CarryOutMeasures, ObjectKind::Measure, query, part, move |line| {
            let file = file(line, 1, 2).unwrap_or_default();
            let title = joined([line.text(0), &file, line.code::<AidKind>(3)?.label(lang)]);
            Ok((title, line.parsed(4).map(Month::last_day)))
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
        let own = |column: assistance::Column| shown((assistance::Entity, column));
        let texts = vec![village(), numbered_in(), sequence(), own(assistance::Column::Kind)];
        let (part, lang) = (AssistanceRecords::part(self.asker, &query, texts).await?, self.lang);
        self.want(WorkKind::ConfirmRecords, ObjectKind::AssistanceRecord, query, part, move |line| {
            let file = file(line, 1, 2).unwrap_or_default();
            Ok((joined([line.text(0), &file, line.code::<AidKind>(3)?.label(lang)]), None))
        })
    }

    async fn outcomes(&mut self) -> Result<()> {
        let query = waiting(OutcomeQuery { waits_for_me: Some(true), ..Default::default() });
        let indicator = shown((outcomes::Entity, outcomes::Column::Indicator));
        let part = Outcomes::part(self.asker, &query, vec![village(), organisation(), indicator]).await?;
        let lang = self.lang;
        self.want(WorkKind::ConfirmOutcomes, ObjectKind::Outcome, query, part, move |line| {
            Ok((joined([line.text(0), line.text(1), line.code::<Indicator>(2)?.label(lang)]), None))
        })
    }

    /// 摸清每个贫困户贫困状况及原因: the missing parts of files.
    async fn households(&mut self) -> Result<()> {
        let query = waiting(HouseholdQuery { incomplete: Some(true), ..Default::default() });
        let own = |column: households::Column| shown((households::Entity, column));
        let texts = vec![village(), numbered_in(), sequence(), own(households::Column::Missing)];
        let (part, lang) = (of_households(self.asker, &query, texts).await?, self.lang);
        self.want(WorkKind::CompleteHouseholds, ObjectKind::Household, query, part, move |line| {
            let missing: Vec<MissingPart> = serde_json::from_str(line.text(3)).map_err(Error::internal)?;
            let missing: Vec<_> = missing.iter().map(|part| part.label(lang)).collect();
            let file = file(line, 1, 2).unwrap_or_default();
            Ok((joined([line.text(0), &file, &missing.join(lang.pick("、", ", "))]), None))
        })
    }

    /// 4月30日前…形成供需目录: participants that have published nothing are reminded until the survey is done.
    async fn entries(&mut self, campaign: &Campaign) -> Result<()> {
        let milestones = &campaign.details.milestones;
        let open = milestones.iter().find(|milestone| milestone.kind == MilestoneKind::Survey && milestone.done_on.is_none());
        let Some(due_on) = open.map(|milestone| milestone.due_on).filter(|_| catalogue::service::is_open(campaign.current_phase))
        else {
            return Ok(());
        };
        let caller = self.asker.caller;
        let query = waiting(EnrolmentQuery {
            campaign_id: Some(campaign.id),
            state: Some(EnrolmentState::Confirmed),
            organisation_id: caller.organisation_id,
            within: caller.organisation_id.is_none().then(|| caller.area_code.clone()),
            without_entry: Some(true),
            ..Default::default()
        });
        let part = Enrolments::part(self.asker, &query, vec![enrolments::name()]).await?;
        self.want(WorkKind::PublishEntries, ObjectKind::Enrolment, query, part, move |line| {
            Ok((line.text(0).to_owned(), Some(due_on)))
        })
    }

    async fn deadlines(&mut self, campaign: &Campaign) -> Result<()> {
        let lang = self.lang;
        let deadlines = campaigns::service::deadlines(self.asker, campaign).await?;
        let near = deadlines
            .iter()
            .filter(|milestone| milestone.status != MilestoneStatus::Met && milestone.days_left <= DEADLINE_AHEAD);
        let items: Vec<_> = near
            .map(|milestone| (campaign.id.to_string(), milestone.kind.label(lang).to_owned(), Some(milestone.due_on)))
            .collect();
        self.put(WorkKind::MeetDeadlines, ObjectKind::Campaign.location(campaign.id), None, items);
        Ok(())
    }

    /// Pairings, due so many days after a day of theirs.
    async fn pairings(&mut self, kind: WorkKind, query: PairingQuery, due: Option<(pairings::Column, Days)>) -> Result<()> {
        let day = due.map(|(column, _)| column);
        self.pairings_due(kind, query, day, move |line| Some(line.parsed::<NaiveDate>(5)? + due?.1)).await
    }

    async fn pairings_due(
        &mut self,
        kind: WorkKind,
        query: PairingQuery,
        day: Option<pairings::Column>,
        due: impl Fn(&Line) -> Option<NaiveDate> + 'a,
    ) -> Result<()> {
        let query = waiting(query);
        let own = |column: pairings::Column| shown((pairings::Entity, column));
        let consented = Expr::case(households::consents((pairings::Entity, pairings::Column::HouseholdId)), "yes");
        let mut texts = vec![village(), organisation(), numbered_in(), sequence(), SimpleExpr::Case(Box::new(consented))];
        texts.extend(day.map(own));
        let (part, caller) = (Pairings::part(self.asker, &query, texts).await?, self.asker.caller);
        self.want(kind, ObjectKind::Pairing, query, part, move |line| {
            let known = knows(caller, line.text(4) == "yes");
            let file = file(line, 2, 3).filter(|_| known).map(|file| format!(" · {file}")).unwrap_or_default();
            Ok((format!("{}{file}", joined([line.text(0), line.text(1)])), due(line)))
        })
    }

    async fn projects(&mut self, kind: WorkKind, query: ProjectQuery) -> Result<()> {
        let query = waiting(query);
        let title = shown((projects::Entity, projects::Column::Title));
        let part = Projects::part(self.asker, &query, vec![title, organisation()]).await?;
        self.want(kind, ObjectKind::Project, query, part, |line| Ok((joined([line.text(0), line.text(1)]), None)))
    }

    async fn reports_in(
        &mut self,
        kind: WorkKind,
        query: ReportQuery,
        due: impl Fn(&ReportSummary) -> Option<NaiveDate>,
    ) -> Result<()> {
        let query = waiting(query);
        let page = Reports::list(self.asker, &query).await?;
        let lang = self.lang;
        self.add(kind, ObjectKind::Report.path(), query, page, |item| {
            let due = due(&item);
            (item.id.to_string(), format!("{} · {}", item.town_name, item.month.words(lang)), due)
        })
    }

    /// Looks at a list, with those of other kinds.
    pub(super) fn want<Q: ListQuery + Serialize>(
        &mut self,
        kind: WorkKind,
        object: ObjectKind,
        mut query: Q,
        part: Part,
        title: impl Fn(&Line) -> Result<Title> + 'a,
    ) -> Result<()> {
        query.set_limit(None);
        let records = list::address(object.path(), &query)?;
        self.wanted.push(Wanted { kind, records, part, title: Box::new(title) });
        Ok(())
    }

    /// All groups, once everything that is wanted was looked at.
    async fn look(mut self) -> Result<Vec<WorkGroup>> {
        let mut parts = Vec::new();
        let mut shown = Vec::new();
        for Wanted { kind, records, part, title } in std::mem::take(&mut self.wanted) {
            parts.push(part);
            shown.push((kind, records, title));
        }
        let glances = glance::read(&self.asker.db, parts).await?;
        for ((kind, records, title), glance) in shown.into_iter().zip(glances) {
            let items = glance.rows.iter().map(|line| title(line).map(|(title, due_on)| (line.id.to_string(), title, due_on)));
            let items = items.collect::<Result<Vec<_>>>()?;
            self.put(kind, records, Some((glance.total, glance.total_capped)), items);
        }
        Ok(self.groups)
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
        let total = page.total.map(|total| (total, page.total_capped));
        self.put(kind, list::address(path, &query)?, total, items);
        Ok(())
    }

    /// Adds a group: how many there are and whether there are more, unless these are all of them.
    fn put(
        &mut self,
        kind: WorkKind,
        records: String,
        total: Option<(u32, bool)>,
        items: Vec<(String, String, Option<NaiveDate>)>,
    ) {
        let (total, total_capped) = total.unwrap_or((items.len().try_into().unwrap_or(u32::MAX), false));
        let item = |(id, title, due_on): (String, String, Option<NaiveDate>)| WorkItem {
            id,
            title,
            due_on,
            overdue: due_on.is_some_and(|due| due < self.asker.today),
        };
        let items = items.into_iter().take(SHOWN as usize).map(item).collect();
        self.groups.push(WorkGroup { kind, total, total_capped, records, items });
    }
}
