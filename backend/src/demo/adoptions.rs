//! A cadre stands by the care home of the accounts for visitors (挂钩帮扶), from spring on, and is asked by another institution.

use contract::Month;
use contract::adoptions::{
    AdoptionAction, AdoptionInput, AdoptionUpdateInput, DifficultyAction, DifficultyInput, DifficultyStepInput, HelpAction,
    HelpInput, HelpKind as K,
};
use contract::assistance::Goods;
use contract::workflow::StepInput;
use domains::{adoption_updates, adoptions, difficulties, help};
use platform::{Caller, Result};
use uuid::Uuid;

use super::institutions::Surveyed;
use super::people::People;
use super::{Story, day};

/// What was done from May to October.
const UPDATES: &[&str] = &[
    "走访机构，了解护理人员和消防改造情况，商定全年帮扶清单。",
    "协调市总医院护理部，为 6 名护理员开展失能照护培训。",
    "联系爱心企业捐赠护理床 4 张，协助办理捐赠手续。",
    "高温天气走访慰问，送防暑物资；核对夜班排班。",
    "对接社工站，组织志愿者为老人理发、检查用电安全。",
    "协助申报消防改造补助，材料已报市消防救援大队。",
];

/// Kind, month, day, amount in fen, goods, hours, description, whether the institution has confirmed it.
type Given = (K, u32, u32, Option<i64>, Option<(&'static str, i64, &'static str)>, Option<i32>, &'static str, bool);

const HELP: &[Given] = &[
    (K::Guidance, 6, 12, None, None, Some(16), "失能照护培训两期", true),
    (K::Goods, 7, 8, None, Some(("护理床", 4, "张")), None, "爱心企业捐赠", true),
    (K::Visit, 8, 5, Some(200_000), Some(("绿豆", 10, "袋")), None, "高温慰问", true),
    (K::Labour, 9, 19, None, None, Some(24), "志愿者理发、检查用电", true),
    (K::Coordination, 10, 28, None, None, Some(6), "协助申报消防改造补助", false),
];

/// Lets the year go by.
pub async fn live(story: &mut Story, people: &People, campaign_id: Uuid, surveyed: &Surveyed) -> Result<()> {
    let Some((institution, staff)) = &surveyed.shown else { return Ok(()) };
    let two = |institution_id: Uuid, note: &str| AdoptionInput {
        campaign_id,
        cadre_id: people.cadre.user_id,
        institution_id,
        note: Some(note.to_owned()),
    };
    let adoption = two(*institution, "机构护理力量薄弱，愿意挂钩帮扶");
    let adoption = adoptions::service::create(story.act(&people.cadre, day(4, 20)), adoption).await?.id;
    for (who, on, action) in [(staff, day(4, 22), AdoptionAction::Accept), (&people.bureau, day(4, 24), AdoptionAction::Confirm)]
    {
        adoptions::service::step(story.act(who, on), adoption, action, StepInput::default()).await?;
    }
    for (number, content) in (5..).zip(UPDATES) {
        let month = Month::of(day(number, 1));
        let input = AdoptionUpdateInput { adoption_id: adoption, month, content: (*content).to_owned() };
        adoption_updates::service::create(story.act(&people.cadre, day(number, 28)), input).await?;
    }
    for given in HELP {
        record(story, people, staff, adoption, given).await?;
    }
    let raise = |title: &str, month: u32| DifficultyInput {
        campaign_id,
        institution_id: *institution,
        title: title.to_owned(),
        description: None,
        raised_on: day(month, 6),
    };
    let beds = difficulties::service::create(story.act(staff, day(5, 6)), raise("护理床不足", 5)).await?;
    difficulties::service::create(story.act(staff, day(9, 6)), raise("消防改造资金不足", 9)).await?;
    let solved = DifficultyStepInput {
        note: Some("爱心企业捐赠护理床 4 张，已安装使用".to_owned()),
        solved_on: Some(day(7, 10)),
        adoption_id: Some(adoption),
    };
    difficulties::service::step(story.act(&people.cadre, day(7, 10)), beds.id, DifficultyAction::Solve, solved).await?;
    if let Some(other) = surveyed.others.first() {
        let asked = two(*other, "特殊教育教师缺口两名，请求挂钩帮扶");
        adoptions::service::create(story.act(&people.bureau, day(11, 1)), asked).await?;
    }
    Ok(())
}

async fn record(story: &mut Story, people: &People, staff: &Caller, adoption_id: Uuid, given: &Given) -> Result<()> {
    let &(kind, month, on, amount_fen, goods, hours, description, confirmed) = given;
    let input = HelpInput {
        adoption_id,
        kind,
        happened_on: day(month, on),
        amount_fen,
        goods: goods
            .map(|(name, quantity, unit)| Goods { name: name.to_owned(), quantity, unit: unit.to_owned() })
            .into_iter()
            .collect(),
        hours,
        description: Some(description.to_owned()),
    };
    let made = help::service::create(story.act(&people.cadre, day(month, on)), input).await?;
    if confirmed {
        help::service::step(story.act(staff, day(month, on + 2)), made.id, HelpAction::Confirm, StepInput::default()).await?;
    }
    Ok(())
}
