//! The catalogue of needs and offers, as the survey of April formed it.

use std::collections::HashMap;

use contract::Month;
use contract::campaigns::Goal;
use contract::catalogue::{CatalogueEntryAction as A, CatalogueEntryInput, Commitment, SupplyKind as K, Urgency};
use contract::households::Group;
use contract::workflow::StepInput;
use domains::catalogue::{ending, service};
use platform::{Caller, Result};
use uuid::Uuid;

use super::catalogue::Catalogue;
use super::people::People;
use super::{Story, day};

/// What villages need: goal, kind, title, words, quantity with its unit, yuan, whom it is for.
type Thing = (Goal, K, &'static str, &'static str, i64, &'static str, i64, Option<Group>);

const NEEDS: &[Thing] = &[
    (
        Goal::Infrastructure,
        K::Construction,
        "村民活动中心修缮",
        "屋面渗漏，需修缮后供老人和儿童活动使用。",
        6,
        "处",
        120_000,
        None,
    ),
    (
        Goal::LowIncomeAid,
        K::Money,
        "困难学生助学金",
        "低收入家庭在校学生开学前缺学费和生活费。",
        24,
        "人",
        48_000,
        Some(Group::Student),
    ),
    (Goal::Employment, K::Jobs, "家门口就业岗位", "有劳动能力的低收入户希望就近就业，可做包装、保洁等工作。", 40, "个", 0, None),
    (
        Goal::CollectiveEconomy,
        K::Sales,
        "农产品销售渠道",
        "胡萝卜、紫菜等农产品缺少稳定的收购和网上销售渠道。",
        30,
        "吨",
        90_000,
        None,
    ),
    (
        Goal::Entrepreneurship,
        K::Training,
        "电商创业培训",
        "青年和妇女希望学习开设网店，需要老师和实操设备。",
        8,
        "场",
        16_000,
        Some(Group::Youth),
    ),
];
const OFFERS: &[Thing] = &[
    (
        Goal::LowIncomeAid,
        K::Money,
        "资助困难学生",
        "会员企业捐资，可按学期资助低收入家庭学生。",
        3,
        "批",
        60_000,
        Some(Group::Student),
    ),
    (
        Goal::Infrastructure,
        K::Construction,
        "援建公共设施",
        "可出资并组织施工，援建活动场所、路灯和小型水利设施。",
        3,
        "处",
        150_000,
        None,
    ),
    (Goal::Employment, K::Jobs, "企业用工岗位", "会员企业提供包装、缝纫、保洁等岗位，可送工到村。", 3, "批", 0, None),
    (Goal::CollectiveEconomy, K::Sales, "订单收购", "会员企业按订单收购农产品，并提供电商销售渠道。", 3, "批", 80_000, None),
    (
        Goal::LowIncomeAid,
        K::Service,
        "社工入户服务",
        "专业社工入户，提供心理疏导和能力提升。",
        3,
        "批",
        0,
        Some(Group::EmptyNestElderly),
    ),
    (
        Goal::Entrepreneurship,
        K::Training,
        "创业讲师团",
        "讲师到村授课，带一名学员开一家网店。",
        3,
        "场",
        12_000,
        Some(Group::Woman),
    ),
];

/// The published entries, from which projects and help take.
#[derive(Default)]
pub struct Supply {
    needs: HashMap<(String, Goal), Uuid>,
    offers: HashMap<Uuid, Uuid>,
}

impl Supply {
    /// What a village needs for a goal.
    pub fn needed(&self, village: &str, goal: Goal) -> Option<Uuid> {
        self.needs.get(&(village.to_owned(), goal)).copied()
    }

    /// What a project takes: some of what its village needs for this goal, and some of what its organisation offers.
    pub fn taken(&self, village: &str, goal: Goal, organisation: Option<Uuid>) -> Vec<Commitment> {
        let offer = organisation.and_then(|organisation| self.offers.get(&organisation)).copied();
        let taken = self.needed(village, goal).into_iter().chain(offer);
        taken.map(|entry_id| Commitment { entry_id, quantity: 1 }).collect()
    }
}

/// Enters what villages need and organisations offer.
pub async fn enter(story: &mut Story, people: &People, catalogue: &Catalogue, campaign_id: Uuid) -> Result<Supply> {
    let mut supply = Supply::default();
    for (index, village) in catalogue.villages.iter().enumerate() {
        for (number, shift) in [0, 2].into_iter().enumerate() {
            let thing = &NEEDS[(index + shift) % NEEDS.len()];
            let input = CatalogueEntryInput {
                village_code: Some(village.clone()),
                urgency: [Urgency::Urgent, Urgency::Soon, Urgency::Normal][index % 3],
                // What nobody took up until September expires.
                to_month: (index % 9 == 4 && number == 1).then(|| Month::of(day(9, 1))),
                ..entry(campaign_id, thing)
            };
            let keeper = if index % 3 == 1 { people.town_of(village) } else { people.of_village(village) };
            let made = service::create(story.act(keeper, day(4, 26)), input).await?.id;
            match (number, index % 11) {
                (1, 5) => {}
                (1, 8) => withdraw(story, keeper, made).await?,
                _ => {
                    publish(story, keeper, made).await?;
                    supply.needs.insert((village.clone(), thing.0), made);
                }
            }
        }
    }
    for (index, organisation) in catalogue.organisations.iter().enumerate() {
        let thing = &OFFERS[index % OFFERS.len()];
        let mut input = CatalogueEntryInput { organisation_id: Some(*organisation), ..entry(campaign_id, thing) };
        if index % 4 == 0 {
            input.quantity = 1;
        }
        let staff = people.of_organisation(*organisation);
        let made = service::create(story.act(staff, day(4, 27)), input).await?.id;
        if index % 23 != 11 {
            publish(story, staff, made).await?;
            supply.offers.insert(*organisation, made);
        }
    }
    Ok(supply)
}

/// Lets what is over expire.
pub async fn expire(story: &mut Story, people: &People) -> Result<()> {
    story.act(&people.bureau, day(10, 1));
    story.tx.caller = None;
    ending::expire(&story.tx).await?;
    Ok(())
}

async fn publish(story: &mut Story, keeper: &Caller, id: Uuid) -> Result<()> {
    service::step(story.act(keeper, day(4, 28)), id, A::Publish, StepInput::default()).await.map(drop)
}

async fn withdraw(story: &mut Story, keeper: &Caller, id: Uuid) -> Result<()> {
    let why = StepInput { note: Some("已由其他渠道解决".to_owned()), on_behalf_reason: None };
    service::step(story.act(keeper, day(4, 29)), id, A::Withdraw, why).await.map(drop)
}

fn entry(campaign_id: Uuid, &(goal, kind, title, words, quantity, unit, yuan, for_group): &Thing) -> CatalogueEntryInput {
    CatalogueEntryInput {
        campaign_id,
        village_code: None,
        organisation_id: None,
        title: title.to_owned(),
        goal,
        industry: None,
        kind,
        for_group,
        description: words.to_owned(),
        quantity,
        quantity_unit: unit.to_owned(),
        amount_fen: (yuan > 0).then_some(yuan * 100),
        from_month: Some(Month::of(day(6, 1))),
        to_month: None,
        urgency: Urgency::Normal,
        place: None,
        contact_name: None,
        contact_phone: None,
        not_a_double: false,
    }
}
