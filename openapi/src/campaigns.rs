//! Campaigns (活动): one year's 百社解千难 with its phases, deadlines, settings and targets.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::calendar::WorkCalendar;
use crate::recommendations::MatchWeights;
use crate::{FieldError, Month, answer, coded_enum, input, list_query};

coded_enum! {
    /// The three phases of the notice (四、组织实施).
    pub enum Phase {
        Preparation = "preparation" / "准备阶段" / "Preparation",
        Implementation = "implementation" / "实施阶段" / "Implementation",
        Summary = "summary" / "总结阶段" / "Summary",
    }
}

coded_enum! {
    /// What a deadline is for.
    pub enum MilestoneKind {
        Survey = "survey" / "调研摸底，形成供需目录" / "Survey done, catalogue formed",
        Pairing = "pairing" / "双向选择结成对子" / "Pairs made",
        KickOff = "kick_off" / "动员部署会" / "Kick-off meeting",
        Signing = "signing" / "签订结对协议" / "Agreements signed",
        MidYearInspection = "mid_year_inspection" / "年中检查" / "Mid-year inspection",
        HalfYearBulletin = "half_year_bulletin" / "半年通报" / "Half-year bulletin",
        Acceptance = "acceptance" / "年终验收" / "Year-end acceptance",
        Evaluation = "evaluation" / "年终评估" / "Year-end evaluation",
    }
}

coded_enum! {
    /// Whether a deadline was kept.
    pub enum MilestoneStatus {
        Upcoming = "upcoming" / "未到期" / "Upcoming",
        Met = "met" / "已完成" / "Met",
        Missed = "missed" / "逾期未完成" / "Missed",
    }
}

coded_enum! {
    /// The six goals of the notice (三、主要目标).
    pub enum Goal {
        PairingModel = "pairing_model" / "结对合作模式" / "Pairing models",
        Infrastructure = "infrastructure" / "基础设施" / "Infrastructure",
        Employment = "employment" / "就业" / "Employment",
        Entrepreneurship = "entrepreneurship" / "创业" / "Entrepreneurship",
        CollectiveEconomy = "collective_economy" / "村集体经济" / "Collective economy",
        LowIncomeAid = "low_income_aid" / "资助低收入户" / "Aid to low-income households",
    }
}

coded_enum! {
    /// What outcomes count, each under one goal.
    pub enum Indicator {
        ModelCases = "model_cases" / "结对典型（个）" / "Model cases",
        FacilitiesBuilt = "facilities_built" / "援建设施（处）" / "Facilities built",
        MoneyDonatedFen = "money_donated_fen" / "捐赠资金（元）" / "Money donated (yuan)",
        FundsSetUp = "funds_set_up" / "设立扶贫公益基金（个）" / "Funds set up",
        GovernmentMoneyFen = "government_money_fen" / "争取政府资金（元）" / "Government money won (yuan)",
        JobsOffered = "jobs_offered" / "提供就业岗位（个）" / "Jobs offered",
        PeopleEmployed = "people_employed" / "安置就业（人）" / "People employed",
        TrainingSessions = "training_sessions" / "创业培训（场）" / "Training sessions",
        PeopleTrained = "people_trained" / "培训（人次）" / "People trained",
        BusinessesStarted = "businesses_started" / "自主创业（户）" / "Businesses started",
        EconomyProjects = "economy_projects" / "集体经济项目（个）" / "Collective-economy projects",
        CollectiveIncomeAddedFen = "collective_income_added_fen" / "村集体年增收（元）" / "Yearly collective income added (yuan)",
        SpecialtyProducts = "specialty_products" / "“一村一品”（个）" / "Specialty products",
        StudentsAided = "students_aided" / "助学（人次）" / "Students aided",
        ElderlyAided = "elderly_aided" / "助老（人次）" / "Elderly aided",
        DisabledAided = "disabled_aided" / "助残（人次）" / "Disabled people aided",
        IllAided = "ill_aided" / "助医（人次）" / "Ill people aided",
        LeftBehindChildren = "left_behind_children" / "留守儿童（人次）" / "Left-behind children served",
        EmptyNestElderly = "empty_nest_elderly" / "空巢老人（人次）" / "Empty-nest elderly served",
        WomenServed = "women_served" / "妇女（人次）" / "Women served",
        YouthServed = "youth_served" / "青年（人次）" / "Youth served",
        HouseholdAidFen = "household_aid_fen" / "资助低收入户资金（元）" / "Money given to low-income households (yuan)",
        VolunteerHours = "volunteer_hours" / "志愿服务（小时）" / "Volunteer hours",
        SocialWorkSessions = "social_work_sessions" / "社工专业服务（次）" / "Social-work sessions",
    }
}

impl Indicator {
    /// The goal it measures.
    pub fn goal(self) -> Goal {
        use Indicator::*;
        match self {
            ModelCases => Goal::PairingModel,
            FacilitiesBuilt | MoneyDonatedFen | FundsSetUp | GovernmentMoneyFen => Goal::Infrastructure,
            JobsOffered | PeopleEmployed => Goal::Employment,
            TrainingSessions | PeopleTrained | BusinessesStarted => Goal::Entrepreneurship,
            EconomyProjects | CollectiveIncomeAddedFen | SpecialtyProducts => Goal::CollectiveEconomy,
            StudentsAided | ElderlyAided | DisabledAided | IllAided | LeftBehindChildren | EmptyNestElderly | WomenServed
            | YouthServed | HouseholdAidFen | VolunteerHours | SocialWorkSessions => Goal::LowIncomeAid,
        }
    }

    /// True where it is money: kept in fen, shown in yuan.
    pub fn is_money(self) -> bool {
        matches!(self, Self::MoneyDonatedFen | Self::GovernmentMoneyFen | Self::CollectiveIncomeAddedFen | Self::HouseholdAidFen)
    }
}

coded_enum! {
    /// What becomes of the day on which forms are due, where nobody works on it.
    pub enum ReportDayRule {
        CalendarDay = "calendar_day" / "不顺延" / "It stays",
        NextWeekday = "next_weekday" / "遇周末顺延至周一" / "From a weekend to Monday",
        NextWorkday = "next_workday" / "遇周末、节假日顺延至下一个工作日" / "To the next working day",
    }
}

coded_enum! {
    /// Place in the leading group (领导小组).
    pub enum LeadingGroupPost {
        Leader = "leader" / "组长" / "Leader",
        DeputyLeader = "deputy_leader" / "副组长" / "Deputy leader",
        OfficeDirector = "office_director" / "办公室主任" / "Office director",
        Member = "member" / "成员" / "Member",
    }
}

coded_enum! {
    /// Orders of the list of campaigns.
    pub enum CampaignSort {
        StartsOn = "starts_on" / "开始日期" / "Start",
        Title = "title" / "标题" / "Title",
    }
}

list_query! {
    /// Filters of the list of campaigns.
    pub struct CampaignQuery sorted by CampaignSort, latest first, searched by q {
        #[limit(1900..=2199)]
        pub year: Option<i32>,
        /// Only those that are not over on this day.
        pub open_on: Option<NaiveDate>,
    }
}

/// What is written of a campaign. The defaults are those of the notice.
#[input]
#[validate(schema(function = between_fields))]
pub struct CampaignInput {
    #[limit(2..=100, line)]
    pub title: String,
    /// Number of the document it was called by.
    #[limit(2..=60, line, example = "晋政民〔2020〕28号")]
    pub document_number: String,
    /// Prefix of agreement numbers.
    #[limit(1..=20, line, example = "百社协")]
    pub agreement_prefix: String,
    /// The area it runs in, usually a county.
    #[limit(area_code)]
    pub area_code: String,
    #[limit(date)]
    pub starts_on: NaiveDate,
    #[limit(date)]
    pub ends_on: NaiveDate,
    /// The three phases in their order.
    #[limit(1..=3, nested)]
    pub phases: Vec<PhaseDates>,
    #[limit(..=20, nested)]
    pub milestones: Vec<MilestoneInput>,
    #[validate(nested)]
    pub settings: CampaignSettings,
    #[serde(default)]
    #[limit(..=50, nested)]
    pub targets: Vec<Target>,
    #[serde(default)]
    #[limit(..=100, nested)]
    pub leading_group: Vec<LeadingGroupMember>,
}

/// A phase with its days, both included.
#[input]
pub struct PhaseDates {
    pub phase: Phase,
    #[limit(date)]
    pub starts_on: NaiveDate,
    #[limit(date)]
    pub ends_on: NaiveDate,
}

/// A deadline.
#[input]
pub struct MilestoneInput {
    pub kind: MilestoneKind,
    #[limit(date)]
    pub due_on: NaiveDate,
    /// The day it was reported done, for those the system cannot see by itself.
    #[serde(default)]
    #[limit(date)]
    pub done_on: Option<NaiveDate>,
}

/// The numbers of the notice, as settings.
#[input]
#[serde(default)]
pub struct CampaignSettings {
    /// 不少于100个自愿参加活动的社会组织.
    #[limit(0..=100_000, default = 100)]
    pub min_organisations: i32,
    /// 每月5日前: the day of the following month the form is due.
    #[limit(1..=28, default = 5)]
    pub report_day: i32,
    /// Whether the day itself still counts as on time.
    #[cfg_attr(feature = "schema", schema(default = true))]
    pub report_day_inclusive: bool,
    /// Whether the day moves on where nobody works; the notice says nothing of that. `calendar_day` unless given.
    pub report_day_rule: ReportDayRule,
    /// 研究选定1-2个合作项目.
    #[limit(1..=20, default = 2)]
    pub max_projects: i32,
    /// Days after signing from which a pairing without a project is flagged.
    #[limit(1..=366, default = 30)]
    pub project_grace_days: i32,
    /// 为期一年的合作帮扶.
    #[limit(1..=120, default = 12)]
    pub agreement_months: i32,
    /// Days the other side has to answer a proposal before it expires.
    #[limit(1..=366, default = 15)]
    pub answer_days: i32,
    /// Most live pairings of one organisation; none is no limit.
    #[limit(1..=1000)]
    pub max_pairings_per_organisation: Option<i32>,
    /// Most live pairings of one village; none is no limit.
    #[limit(1..=1000)]
    pub max_pairings_per_village: Option<i32>,
    /// The last day on which both sides rank each other (双向选择); none is seven days before pairs are to be made.
    #[limit(date)]
    pub rankings_due_on: Option<NaiveDate>,
    /// What the terms of a score are worth, by which pairs are recommended and assigned.
    #[validate(nested)]
    pub match_weights: MatchWeights,
}

impl CampaignSettings {
    /// The last day on which a month's form is on time by these settings and a calendar: 每月5日前 of the month after.
    ///
    /// The notice does not say whether the day itself counts, nor what a weekend or a holiday does to it: both are settings. Of a
    /// year that the calendar does not know, weekends count alone.
    pub fn report_due(&self, month: Month, calendar: &WorkCalendar) -> NaiveDate {
        let next = month.next();
        let day = u32::try_from(self.report_day).ok().and_then(|day| next.first_day().with_day(day));
        // The settings allow only days that every month has.
        let day = day.unwrap_or(next.last_day());
        let day = match self.report_day_rule {
            ReportDayRule::CalendarDay => day,
            ReportDayRule::NextWeekday => WorkCalendar::default().workday_from(day),
            ReportDayRule::NextWorkday => calendar.workday_from(day),
        };
        if self.report_day_inclusive { day } else { day - Days::new(1) }
    }
}

impl Default for CampaignSettings {
    fn default() -> Self {
        Self {
            min_organisations: 100,
            report_day: 5,
            report_day_inclusive: true,
            report_day_rule: ReportDayRule::CalendarDay,
            max_projects: 2,
            project_grace_days: 30,
            agreement_months: 12,
            answer_days: 15,
            max_pairings_per_organisation: None,
            max_pairings_per_village: None,
            rankings_due_on: None,
            match_weights: MatchWeights::default(),
        }
    }
}

/// What a campaign wants of an indicator.
#[input]
#[validate(schema(function = wanted))]
pub struct Target {
    pub indicator: Indicator,
    /// The number wanted; fen for money.
    #[limit(minimum = 1, maximum = 1_000_000_000_000i64)]
    pub target: i64,
}

fn wanted(target: &Target) -> Result<(), ValidationError> {
    crate::validation::quantity("/target", target.indicator, target.target)
}

/// A member of the leading group.
#[input]
pub struct LeadingGroupMember {
    #[limit(1..=60, line)]
    pub name: String,
    pub post: LeadingGroupPost,
    /// Office the person holds, or the unit.
    #[serde(default)]
    #[limit(..=100, line)]
    pub unit: Option<String>,
}

fn between_fields(input: &CampaignInput) -> Result<(), ValidationError> {
    crate::validation::between(&input.faults())
}

/// How long before pairs are to be made the rankings end, so that there is time to propose and to answer.
const RANKED_BEFORE: Days = Days::new(7);

/// The last day on which both sides rank each other: the one that is set, or else some days before pairs are to be made (5月15日前),
/// or the campaign's last day where no day is set for that.
pub fn rankings_due(settings: &CampaignSettings, milestones: &[MilestoneInput], ends_on: NaiveDate) -> NaiveDate {
    let paired = milestones.iter().find(|milestone| milestone.kind == MilestoneKind::Pairing);
    settings.rankings_due_on.or_else(|| Some(paired?.due_on - RANKED_BEFORE)).unwrap_or(ends_on)
}

impl CampaignInput {
    /// The last day on which both sides rank each other.
    pub fn rankings_due(&self) -> NaiveDate {
        rankings_due(&self.settings, &self.milestones, self.ends_on)
    }

    /// The faults that lie between fields: days that do not follow each other or lie outside, and what is given twice.
    pub fn faults(&self) -> Vec<FieldError> {
        if self.ends_on < self.starts_on {
            return vec![FieldError::at("/ends_on", "end_before_start")];
        }
        let mut faults = Vec::new();
        let outside = |day: NaiveDate| !(self.starts_on..=self.ends_on).contains(&day);
        for (index, phase) in self.phases.iter().enumerate() {
            for (field, day) in [("starts_on", phase.starts_on), ("ends_on", phase.ends_on)] {
                if outside(day) {
                    faults.push(FieldError::at(format!("/phases/{index}/{field}"), "date_outside_campaign"));
                }
            }
            if phase.ends_on < phase.starts_on {
                faults.push(FieldError::at(format!("/phases/{index}/ends_on"), "end_before_start"));
            }
        }
        if self.settings.rankings_due_on.is_some_and(outside) {
            faults.push(FieldError::at("/settings/rankings_due_on", "date_outside_campaign"));
        }
        for (index, _) in self.milestones.iter().enumerate().filter(|(_, milestone)| outside(milestone.due_on)) {
            faults.push(FieldError::at(format!("/milestones/{index}/due_on"), "date_outside_campaign"));
        }
        twice(&self.phases, |phase| phase.phase, "phases", "phase", &mut faults);
        twice(&self.milestones, |milestone| milestone.kind, "milestones", "kind", &mut faults);
        twice(&self.targets, |target| target.indicator, "targets", "indicator", &mut faults);
        faults
    }
}

/// The items whose key one before them has already.
fn twice<T, K: PartialEq>(items: &[T], key: impl Fn(&T) -> K, list: &str, field: &str, faults: &mut Vec<FieldError>) {
    for (index, item) in items.iter().enumerate() {
        if items[..index].iter().any(|other| key(other) == key(item)) {
            faults.push(FieldError::at(format!("/{list}/{index}/{field}"), "duplicate"));
        }
    }
}

/// A deadline and how it stands today.
#[answer]
pub struct MilestoneState {
    pub kind: MilestoneKind,
    pub due_on: NaiveDate,
    pub status: MilestoneStatus,
    /// Days from today to the deadline; negative when it has passed.
    pub days_left: i64,
    /// How far it is, where it can be counted: participants with something in the catalogue, kick-off meetings held, pairs agreed, agreements signed.
    pub done: Option<i64>,
    /// What `done` should reach.
    pub wanted: Option<i64>,
    /// Path and query, below `/api/v1`, of the list of the participants that are missing, by town.
    #[limit(..=300, example = "/enrolments?state=confirmed&without_entry=true")]
    pub missing: Option<String>,
}

/// The day that the forms of a month are due, where the settings alone say another one: public holidays move it, or the month is
/// past and the settings said so then.
#[answer]
pub struct DueDay {
    pub month: Month,
    pub due_on: NaiveDate,
}

impl DueDay {
    /// The last day on which a month's form is on time: the one that its campaign keeps, or else that of the settings. Everything
    /// that is due with the forms, and whatever is late, asks here.
    pub fn of(kept: &[Self], settings: &CampaignSettings, month: Month) -> NaiveDate {
        let plain = || settings.report_due(month, &WorkCalendar::default());
        kept.iter().find(|day| day.month == month).map_or_else(plain, |day| day.due_on)
    }
}

/// A campaign.
#[answer]
pub struct Campaign {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: CampaignInput,
    #[limit(..=60)]
    pub area_name: String,
    /// Today's phase; none before the first and after the last.
    pub current_phase: Option<Phase>,
    /// The deadlines in the order of their dates, judged against today.
    #[limit(..=20)]
    pub milestone_states: Vec<MilestoneState>,
    /// Due days that the settings alone do not say: those that public holidays move, and those of past months, which nothing moves.
    #[limit(..=4000)]
    pub due_days: Vec<DueDay>,
    /// True where the caller may change it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

impl Campaign {
    /// The last day on which a month's form is on time.
    pub fn report_due(&self, month: Month) -> NaiveDate {
        DueDay::of(&self.due_days, &self.details.settings, month)
    }
}

/// A campaign in a list.
#[answer]
pub struct CampaignSummary {
    pub id: Uuid,
    #[limit(..=100)]
    pub title: String,
    #[limit(..=60)]
    pub document_number: String,
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}
