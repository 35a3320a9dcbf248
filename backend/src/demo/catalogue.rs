//! 44 villages and 111 organisations, as many as in 2020, and their enrolment in the campaign.

use contract::CodedEnum;
use contract::areas::{AreaLevel, AreaQuery};
use contract::codes::{credit_code_check, organisation_code_check};
use contract::enrolments::{EnrolmentAction, EnrolmentInput};
use contract::organisations::{
    DirectedDonation, OrganisationAction, OrganisationInput, OrganisationKind as K, OrganisationStepInput, Rating,
};
use contract::villages::{Industry, VillageInput};
use contract::workflow::StepInput;
use domains::areas;
use domains::enrolments;
use domains::organisations;
use domains::villages;
use domains::workflows;
use platform::{Patch, Result};
use rand::Rng;
use rand::seq::IndexedRandom;
use uuid::Uuid;

use super::people::People;
use super::{Story, day};

const VILLAGES: usize = 44;
const ORGANISATIONS: usize = 111;

/// Invented names. An ending that names the kind of organisation is added to each.
const NAMES: &[&str] = &[
    "同心", "暖阳", "启明", "致远", "和风", "海丝", "蓝海", "百川", "青禾", "春晖", "晨光", "惠民", "众志", "远帆", "向阳",
    "明德", "善行", "厚德", "星火", "映山", "清源", "嘉禾", "瑞泉", "鸿雁", "榕荫", "潮声", "金穗", "银帆", "紫云", "丹霞",
    "松涛", "竹韵", "梅溪", "兰亭", "锦绣", "朝晖", "云帆",
];
const KINDS: &[(K, &str, &str)] = &[
    (K::Association, "行业协会", "51"),
    (K::Volunteer, "志愿服务队", "52"),
    (K::SocialWork, "社会工作服务中心", "52"),
    (K::ServiceInstitution, "养老服务中心", "52"),
    (K::Foundation, "公益基金会", "53"),
];
const RESOURCES: &[&str] = &[
    "沿海滩涂和渔港，适合水产加工与滨海休闲。",
    "连片耕地和大棚蔬菜，有胡萝卜种植传统。",
    "侨乡古厝群保存较好，可发展乡村旅游。",
    "鞋服配套小厂较多，劳动力充足。",
    "丘陵山地，有龙眼、林果资源。",
    "临近集镇，商铺和物流条件较好。",
];
const STRENGTHS: &[&str] = &[
    "会员企业多，可提供就业岗位和订单。",
    "有专业社工和心理咨询师，长期开展个案服务。",
    "志愿者队伍稳定，擅长助老、助学活动。",
    "熟悉农产品加工和电商销售渠道。",
    "具备公益项目募款和管理经验。",
];

/// The villages and organisations that take part.
pub struct Catalogue {
    /// Codes of the villages.
    pub villages: Vec<String>,
    /// Ids of the organisations.
    pub organisations: Vec<Uuid>,
}

/// Enters and enrols villages and organisations, as the survey of April did.
pub async fn enter(story: &mut Story, people: &mut People, campaign_id: Uuid) -> Result<Catalogue> {
    let query = AreaQuery { level: Some(AreaLevel::Town), limit: Some(200), ..Default::default() };
    let towns: Vec<_> =
        areas::service::list(&story.tx.connection, &query).await?.items.into_iter().filter(|town| town.takes_part).collect();
    let mut catalogue = Catalogue { villages: Vec::new(), organisations: Vec::new() };
    for (index, town) in towns.iter().enumerate() {
        let office = people.town(story, &town.code, &town.name).await?;
        let query = AreaQuery { parent_code: Some(town.code.clone()), limit: Some(200), ..Default::default() };
        let mut all = areas::service::list(&story.tx.connection, &query).await?.items;
        all.retain(|area| area.takes_part);
        // 44 villages over 19 towns: two in each town, and a third in the first six.
        let wanted = VILLAGES / towns.len() + usize::from(index < VILLAGES % towns.len());
        for area in all.iter().step_by((all.len() / wanted).clamp(1, 3)).take(wanted) {
            let profile = profile(story);
            villages::service::update(story.act(&office, day(4, 10)), &area.code, Patch::to(&profile)?).await?;
            let committee = people.village(story, &area.code, &area.name).await?;
            // Half of the villages apply themselves, their town nominates the other half.
            let who = if catalogue.villages.len().is_multiple_of(2) { &committee } else { &office };
            let input = EnrolmentInput {
                campaign_id,
                village_code: Some(area.code.clone()),
                organisation_id: None,
                note: profile.resources.clone(),
                // Every fifth village has people enough for two organisations.
                places: catalogue.villages.len().is_multiple_of(5).then_some(2),
            };
            enrol(story, people, who, input).await?;
            catalogue.villages.push(area.code.clone());
        }
    }
    for index in 0..ORGANISATIONS {
        let town = &towns[index % towns.len()];
        let input = organisation(story, index, &town.code, &town.name, &catalogue.villages);
        let office = people.town(story, &town.code, &town.name).await?;
        // The town enters an organisation. If it has a rating, the bureau does, because only the bureau rates.
        let enters = if input.rating.is_some() { &people.bureau } else { &office };
        let made = organisations::service::create(story.act(enters, day(4, 12)), input).await?;
        let staff = people.organisation(story, made.id, &made.details.name, &town.code).await?;
        let entry = EnrolmentInput {
            campaign_id,
            village_code: None,
            organisation_id: Some(made.id),
            note: made.details.strengths.clone(),
            places: index.is_multiple_of(7).then_some(3),
        };
        let who = if index % 3 == 0 { &office } else { &staff };
        enrol(story, people, who, entry).await?;
        catalogue.organisations.push(made.id);
    }
    Ok(catalogue)
}

/// Villages that apply only in October and still wait for the bureau.
pub async fn latecomers(story: &mut Story, people: &People, catalogue: &Catalogue, campaign_id: Uuid) -> Result<()> {
    for (town, office) in people.towns_in_order().into_iter().step_by(6) {
        let query = AreaQuery { parent_code: Some(town.to_owned()), limit: Some(200), ..Default::default() };
        let areas = areas::service::list(&story.tx.connection, &query).await?.items;
        let Some(area) = areas.iter().rev().find(|area| area.takes_part && !catalogue.villages.contains(&area.code)) else {
            continue;
        };
        let input = EnrolmentInput {
            campaign_id,
            village_code: Some(area.code.clone()),
            organisation_id: None,
            note: Some("看到邻村成效，申请加入活动".to_owned()),
            places: None,
        };
        enrolments::service::create(story.act(office, day(10, 29)), input).await?;
    }
    Ok(())
}

/// An organisation that was renamed in summer, and one without a pairing that was merged into another one.
pub async fn renamed_and_merged(story: &mut Story, people: &People, catalogue: &Catalogue) -> Result<()> {
    let [.., successor, renamed] = catalogue.organisations[..] else { return Ok(()) };
    let name = Patch::to(&serde_json::json!({ "name": "晋江市云帆产业促进会" }))?;
    organisations::service::update(story.act(&people.bureau, day(7, 6)), renamed, name).await?;
    let towns = people.towns_in_order();
    let town = towns.first().map_or("350582", |(code, _)| *code);
    let input = organisation(story, ORGANISATIONS, town, "", &catalogue.villages);
    let merged = organisations::service::create(story.act(&people.bureau, day(4, 12)), input).await?;
    let why = OrganisationStepInput {
        note: Some("经会员大会决议合并，已办理注销登记".to_owned()),
        ended_on: Some(day(7, 15)),
        successor_id: Some(successor),
    };
    workflows::organisation::step(story.act(&people.bureau, day(7, 20)), merged.id, OrganisationAction::MergeInto, why).await?;
    Ok(())
}

async fn enrol(story: &mut Story, people: &People, who: &platform::Caller, input: EnrolmentInput) -> Result<()> {
    let date = story.random.random_range(15..=24);
    let entered = enrolments::service::create(story.act(who, day(4, date)), input).await?;
    let step = StepInput::default();
    enrolments::service::step(story.act(&people.bureau, day(4, date + 4)), entered.id, EnrolmentAction::Confirm, step).await?;
    Ok(())
}

fn profile(story: &mut Story) -> VillageInput {
    let random = &mut story.random;
    let first = random.random_range(0..Industry::ALL.len());
    VillageInput {
        resources: RESOURCES.choose(random).map(|text| (*text).to_owned()),
        industries: vec![Industry::ALL[first], Industry::ALL[(first + 1) % Industry::ALL.len()]],
        old_base: random.random_bool(0.3),
        population: Some(random.random_range(1_200..6_500)),
        low_income_households: random.random_range(6..60),
        collective_income_fen: Some(random.random_range(10..300) * 1_000_000),
        contact_name: None,
        contact_phone: None,
    }
}

fn organisation(story: &mut Story, index: usize, town: &str, town_name: &str, villages: &[String]) -> OrganisationInput {
    let word = NAMES[index % NAMES.len()];
    let round = index / 19;
    // Each town has a chamber, a charity association and an education association. The others follow.
    let (kind, name, prefix) = match round {
        0 => (K::Chamber, format!("{town_name}{word}商会"), "51"),
        1 => (K::CharityAssociation, format!("{town_name}{word}慈善协会"), "51"),
        2 => (K::EducationPromotion, format!("{town_name}{word}教育发展促进会"), "51"),
        _ => {
            let (kind, ending, prefix) = KINDS[index % KINDS.len()];
            (kind, format!("晋江市{word}{ending}"), prefix)
        }
    };
    let random = &mut story.random;
    let donates = matches!(kind, K::CharityAssociation | K::EducationPromotion | K::Foundation);
    let directed_donations = villages
        .iter()
        .filter(|village| donates && village.starts_with(town))
        .take(1)
        .map(|village| DirectedDonation {
            village_code: village.clone(),
            donated_on: day(1, 15),
            amount_fen: random.random_range(1..30) * 1_000_000,
            purpose: Some("春节慰问与助学".to_owned()),
            confirmed: true,
        })
        .collect();
    OrganisationInput {
        name,
        credit_code: credit_code(prefix, index),
        kind,
        rating: [None, Some(Rating::A3), Some(Rating::A4), Some(Rating::A5)][random.random_range(0..4)],
        area_code: town.to_owned(),
        strengths: STRENGTHS.choose(random).map(|text| (*text).to_owned()),
        member_count: Some(random.random_range(15..400)),
        contact_name: None,
        contact_phone: None,
        directed_donations,
    }
}

/// A valid code that belongs to nobody: its organisation part begins with letters that are not assigned in Jinjiang.
fn credit_code(prefix: &str, index: usize) -> String {
    let inner = format!("YY{index:06}");
    let check = organisation_code_check(&inner).unwrap_or('0');
    let body = format!("{prefix}350582{inner}{check}");
    let last = credit_code_check(&body).unwrap_or('0');
    format!("{body}{last}")
}
