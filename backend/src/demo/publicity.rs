//! What became known of the year: cases that others learn from (典型案例), and what television, newspapers, WeChat and the web told.

use contract::Month;
use contract::campaigns::Goal;
use contract::cases::{CaseAction, CaseInput, CaseKind, CaseStepInput, PeopleShown, UptakeInput};
use contract::pairings::Pairing;
use contract::publications::PublicationInput;
use contract::publicity::{Channel, PublicityInput};
use contract::villages::Industry;
use domains::{cases, publications, publicity, uptakes};
use platform::Result;
use uuid::Uuid;

use super::people::People;
use super::{Story, day};

/// Title, goal, industry, summary, background, practice, effect, why it works, what it needs.
type Told = (&'static str, Goal, Option<Industry>, [&'static str; 6]);

const CASES: &[Told] = &[
    (
        "三十盏路灯照亮回家路",
        Goal::Infrastructure,
        None,
        [
            "协会发动会员企业认捐，村里出工出地，一个夏天给两公里主村道装上了太阳能路灯。",
            "主村道两公里没有路灯，老人晚上不敢出门，学生下晚自习要家长接送。",
            "会员企业按盏认捐并挂牌；村两委逐户征求点位；镇里协调用地；协会请专业施工队统一安装，约定三年免费维护。",
            "安装路灯三十盏，夜间出行安全，村民自发组织了夜间健步队。",
            "按盏认捐，一家企业拿得出；谁维护写进协议，灯坏了有人修。",
            "一家会做工程的会员企业；村里先把点位定下来。",
        ],
    ),
    (
        "一张用工表，家门口就上班",
        Goal::Employment,
        Some(Industry::Manufacturing),
        [
            "协会每月把会员企业的空岗列成一张表贴到村部，由村里逐户问，企业上门招。",
            "村里剩余劳动力多在四十岁以上，不会上网找工作，企业又常年缺人手。",
            "每月五日前收齐岗位，按“离家远近、会不会手艺”排成一张表；村干部带表入户；企业到村部现场面试，先试工一周。",
            "半年提供岗位七十余个，试工后留用过半。",
            "表上写清工资和路程，问的人就敢问；先试工，双方都放心。",
            "五家以上愿意收四十岁以上工人的企业。",
        ],
    ),
    (
        "胡萝卜有了自己的牌子",
        Goal::CollectiveEconomy,
        Some(Industry::Agriculture),
        [
            "协会帮村集体注册商标、统一分级，把散卖的胡萝卜卖成礼盒。",
            "连片种植胡萝卜，一直论车卖给商贩，价格随行就市，村集体没有收入。",
            "村集体成立合作社统一收购分级；协会会员企业设计包装、对接商超和电商；利润按股分红，村集体占三成。",
            "首季销售礼盒两千余份，村集体增收六万元。",
            "村集体有股份，愿意管质量；会员企业有渠道，卖得出去。",
            "连片的一种农产品；会做包装和电商的会员企业。",
        ],
    ),
];

/// Channel, outlet, column or topic, title, month, day, link, reach and what it counts, which case.
type Appeared = (
    Channel,
    &'static str,
    Option<&'static str>,
    &'static str,
    (u32, u32),
    Option<&'static str>,
    Option<(i64, &'static str)>,
    Option<usize>,
);

const APPEARED: &[Appeared] = &[
    (Channel::Tv, "晋江电视台", Some("百社解千难专题"), "全市百家社会组织结对帮村", (5, 20), None, Some((86_000, "人次")), None),
    (
        Channel::Newspaper,
        "晋江经济报",
        Some("百社解千难专栏"),
        "社会组织进村，解的都是急难事",
        (6, 18),
        Some("https://www.example.com/news/20200618"),
        Some((42_000, "份")),
        None,
    ),
    (
        Channel::Wechat,
        "晋江民政",
        Some("百社解千难专栏"),
        "三十盏路灯照亮回家路",
        (8, 26),
        Some("https://www.example.com/wechat/20200826"),
        Some((5_310, "次阅读")),
        Some(0),
    ),
    (
        Channel::Web,
        "晋江新闻网",
        None,
        "一张用工表，让村民在家门口上班",
        (9, 10),
        Some("https://www.example.com/web/20200910"),
        Some((12_400, "次阅读")),
        Some(1),
    ),
    (Channel::Newspaper, "泉州晚报", None, "晋江：路灯亮了，健步队有了", (9, 2), None, Some((150_000, "份")), Some(0)),
    (Channel::Other, "村部宣传栏", None, "结对一季度，给村民报报账", (8, 3), None, None, None),
];

/// Tells what came of the first pairings.
pub async fn tell(story: &mut Story, people: &People, campaign_id: Uuid, pairings: &[Pairing]) -> Result<()> {
    let mut made = Vec::new();
    for (told, pairing) in CASES.iter().zip(pairings) {
        let staff = people.of_organisation(pairing.organisation_id);
        let case = cases::service::create(story.act(staff, day(8, 18)), input(campaign_id, pairing, told)).await?;
        made.push((case.id, pairing));
    }
    // The last one waits to be selected.
    for (id, _) in &made[..made.len().min(2)] {
        let step = |note: Option<&str>, people_shown| CaseStepInput { note: note.map(str::to_owned), people_shown };
        let select = step(Some("做法可复制，成效看得见"), None);
        cases::service::step(story.act(&people.bureau, day(8, 21)), *id, CaseAction::Select, select).await?;
        let publish = step(None, Some(PeopleShown::AllAgreed));
        cases::service::step(story.act(&people.bureau, day(8, 24)), *id, CaseAction::Publish, publish).await?;
    }
    if let (Some((first, _)), Some((_, other))) = (made.first(), made.get(2)) {
        let input = UptakeInput {
            case_id: *first,
            pairing_id: Some(other.id),
            taken_on: day(10, 12),
            words: "照“按盏认捐”的办法，先在村口到小学装了十盏。".to_owned(),
        };
        uptakes::service::create(story.act(people.of_village(&other.village_code), day(10, 12)), input).await?;
    }
    for &(channel, outlet, feature, title, (month, on), link, reach, case) in APPEARED {
        let case = case.and_then(|number| made.get(number));
        let input = PublicityInput {
            campaign_id,
            channel,
            feature: feature.map(str::to_owned),
            title: title.to_owned(),
            outlet: outlet.to_owned(),
            appeared_on: day(month, on),
            link: link.map(str::to_owned),
            reach: reach.map(|(number, _)| number),
            reach_unit: reach.map(|(_, unit)| unit.to_owned()),
            pairing_id: case.map(|(_, pairing)| pairing.id),
            case_id: case.map(|(id, _)| *id),
        };
        let who = case.map_or(&people.bureau, |(_, pairing)| people.of_organisation(pairing.organisation_id));
        publicity::service::create(story.act(who, day(month, on + 1)), input).await?;
    }
    // What the public reads of it.
    let september = PublicationInput { campaign_id, month: Month::of(day(9, 1)) };
    publications::service::create(story.act(&people.bureau, day(10, 12)), september).await?;
    Ok(())
}

fn input(campaign_id: Uuid, pairing: &Pairing, told: &Told) -> CaseInput {
    let &(title, goal, industry, words) = told;
    let [summary, background, practice, effect, why_it_works, what_it_needs] = words.map(str::to_owned);
    CaseInput {
        campaign_id,
        kind: CaseKind::Case,
        pairing_id: Some(pairing.id),
        project_id: None,
        title: title.to_owned(),
        goal,
        industry,
        summary: Some(summary),
        background: Some(background),
        practice,
        effect: Some(effect),
        why_it_works: Some(why_it_works),
        what_it_needs: Some(what_it_needs),
        found_in: None,
    }
}
