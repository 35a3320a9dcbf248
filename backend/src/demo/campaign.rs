//! The campaign, as the notice 晋政民〔2020〕28号 announces it.

use contract::campaigns::{
    Campaign, CampaignInput, CampaignSettings, Indicator, LeadingGroupMember, LeadingGroupPost, MilestoneInput, MilestoneKind,
    Phase, PhaseDates, Target,
};
use domains::campaigns;
use platform::{Patch, Result};

use super::people::People;
use super::{Story, day};

/// Opens the campaign at the end of April, and enters the milestones that were reached by August.
pub async fn open(story: &mut Story, people: &People) -> Result<Campaign> {
    let phase =
        |phase, from: (u32, u32), to: (u32, u32)| PhaseDates { phase, starts_on: day(from.0, from.1), ends_on: day(to.0, to.1) };
    let due = |kind, month, date| MilestoneInput { kind, due_on: day(month, date), done_on: None };
    let member = |name: &str, post, unit: &str| LeadingGroupMember { name: name.to_owned(), post, unit: Some(unit.to_owned()) };
    let target = |indicator, target| Target { indicator, target };
    let mut input = CampaignInput {
        title: "“百社解千难”社会组织助力脱贫攻坚活动".to_owned(),
        document_number: "晋政民〔2020〕28号".to_owned(),
        agreement_prefix: "百社协".to_owned(),
        area_code: "350582".to_owned(),
        starts_on: day(4, 1),
        ends_on: day(12, 31),
        phases: vec![
            phase(Phase::Preparation, (4, 1), (5, 15)),
            phase(Phase::Implementation, (5, 16), (11, 30)),
            phase(Phase::Summary, (12, 1), (12, 31)),
        ],
        milestones: vec![
            due(MilestoneKind::Survey, 4, 30),
            due(MilestoneKind::Pairing, 5, 15),
            due(MilestoneKind::KickOff, 5, 20),
            due(MilestoneKind::Signing, 5, 31),
            due(MilestoneKind::MidYearInspection, 7, 15),
            due(MilestoneKind::HalfYearBulletin, 7, 31),
            due(MilestoneKind::Acceptance, 12, 20),
            due(MilestoneKind::Evaluation, 12, 31),
        ],
        settings: CampaignSettings::default(),
        targets: vec![
            target(Indicator::ModelCases, 10),
            target(Indicator::FacilitiesBuilt, 30),
            target(Indicator::MoneyDonatedFen, 300_000_000),
            target(Indicator::JobsOffered, 400),
            target(Indicator::PeopleEmployed, 150),
            target(Indicator::TrainingSessions, 40),
            target(Indicator::PeopleTrained, 1_200),
            target(Indicator::EconomyProjects, 20),
            target(Indicator::StudentsAided, 500),
            target(Indicator::ElderlyAided, 800),
            target(Indicator::DisabledAided, 150),
            target(Indicator::VolunteerHours, 6_000),
        ],
        leading_group: vec![
            member("吴丽婷", LeadingGroupPost::Leader, "市民政局局长"),
            member("张连侨", LeadingGroupPost::DeputyLeader, "市民政局副局长"),
            member("张连侨", LeadingGroupPost::OfficeDirector, "社会组织管理和慈善事业促进科"),
        ],
    };
    let campaign = campaigns::service::create(story.act(&people.bureau, day(4, 28)), input.clone()).await?;
    for milestone in &mut input.milestones {
        milestone.done_on = match milestone.kind {
            MilestoneKind::Survey => Some(day(4, 30)),
            MilestoneKind::MidYearInspection => Some(day(7, 14)),
            MilestoneKind::HalfYearBulletin => Some(day(8, 6)),
            _ => None,
        };
    }
    campaigns::service::update(story.act(&people.bureau, day(8, 6)), campaign.id, Patch::to(&input)?).await
}
