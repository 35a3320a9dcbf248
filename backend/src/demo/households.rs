//! Households: invented families in twelve villages, with complete and incomplete files.

use chrono::{Days, NaiveDate};
use contract::CodedEnum;
use contract::attachments::{AttachmentInput, AttachmentObject};
use contract::codes::{DocumentKind, identity_check};
use contract::households::{
    Cause, Consent, ConsentScope, Disability, DisabilityKind, Group, Health, HouseholdAction, HouseholdCategory, HouseholdInput,
    HouseholdMoveInput, HouseholdStepInput, Labour, LeaveReason, MemberInput, Relation, Schooling, VisitInput,
};
use domains::households;
use domains::workflows::leaving;
use platform::{App, Result};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::catalogue::Catalogue;
use super::people::People;
use super::relief::{self, Family, Helpers};
use super::{Story, day, year};

const VILLAGES: usize = 12;
const HOUSEHOLDS: usize = 60;
/// Families whose consent nobody has asked for yet, and a family that has withdrawn it.
const WITHOUT_CONSENT: &[usize] = &[7, 23, 41];
const WITHDRAWN: usize = 34;
/// Two families without assistance: one leaves, and one moves to another village.
const LEAVES: usize = 19;
const MOVES: usize = 27;

const SURNAMES: &[&str] = &["许", "蔡", "吴", "庄", "洪", "施", "曾", "丁", "柯", "颜", "尤", "傅"];
const MEN: &[&str] = &["清水", "阿福", "志坚", "金木", "文彬", "海生", "建平", "水源", "长安"];
const WOMEN: &[&str] = &["秀治", "丽香", "淑珍", "玉兰", "美珠", "春花", "秋菊", "月英"];
const CHILDREN: &[&str] = &["小荷", "子轩", "雨桐", "嘉豪", "思颖", "俊杰", "诗涵", "家明"];
const CORNERS: &[&str] = &["新厝", "后坑", "溪边", "东头", "下埔", "祠堂口"];
const FOUND: &[&str] = &[
    "户主身体好转，已能下地干活。",
    "长子准备升学，学费尚有缺口。",
    "房屋后墙渗水，已报村（社区）登记。",
    "补贴已按月到账，生活基本稳定。",
    "老人行动不便，需要有人定期上门照料。",
    "本人愿意参加技能培训，已推荐报名。",
];

/// Opens the files, visits the families, and takes the steps of the year.
pub async fn enter(app: &App, story: &mut Story, people: &People, catalogue: &Catalogue, helpers: &Helpers) -> Result<()> {
    let scan = year::scan()?;
    let mut codes = catalogue.villages.clone();
    // The town with an account for visitors comes first, so that its work list is not empty.
    codes.sort_by_key(|code| !code.starts_with(super::people::TOWN));
    codes.truncate(VILLAGES);
    for index in 0..HOUSEHOLDS {
        let code = &codes[index * codes.len() / HOUSEHOLDS];
        // Most families are found in spring. Some fall into difficulty later in the year.
        let registered_on = match index % 10 {
            9 => day(6 + u32::try_from(index / 10 % 5).unwrap_or(0), 8),
            _ => day(4, 12) + Days::new(story.random.random_range(0..40)),
        };
        let input = file(story, code, index, registered_on);
        let committee = people.of_village(code);
        let head = input.members[0].name.clone();
        let made = households::service::create(story.act(committee, registered_on), input).await?;
        if index.is_multiple_of(6) {
            let fields =
                AttachmentInput { object_type: AttachmentObject::Household, object_id: made.head.id.to_string(), entry_id: None };
            let tx = story.act(committee, registered_on);
            year::attach(app, tx, "知情同意书.png", &scan, fields).await?;
        }
        let assisted_on = day(6, 1).max(registered_on + Days::new(4));
        let lifted = index.is_multiple_of(3).then(|| 7 + u32::try_from(index / 3 % 4).unwrap_or(0));
        let family =
            Family { index, id: made.head.id, village_code: code, head: &head, assisted_on, until: lifted.unwrap_or(10) };
        live(story, people, helpers, &family, registered_on, lifted.map(|month| day(month, 28))).await?;
        match index {
            LEAVES => {
                let (note, leave_reason) = (Some("户口已注销，村（社区）已核实".to_owned()), Some(LeaveReason::Died));
                let input = HouseholdStepInput { since: None, leave_reason, note };
                let tx = story.act(people.town_of(code), day(10, 20));
                leaving::step(tx, made.head.id, HouseholdAction::Leave, input).await?;
            }
            MOVES => {
                let village_code = codes.iter().find(|other| *other != code).cloned().unwrap_or_default();
                let (moved_on, note) = (day(10, 21), "随子女迁居，两村（社区）已核实".to_owned());
                let tx = story.act(&people.bureau, day(10, 22));
                let (keep_pairings, not_a_double) = (Vec::new(), false);
                let input = HouseholdMoveInput { village_code, moved_on, keep_pairings, note, not_a_double };
                leaving::move_to(tx, made.head.id, input).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Visits, assistance and steps until November. Three in four families are assisted. Some of these are lifted out from July on,
/// and some of those fall back.
async fn live(
    story: &mut Story,
    people: &People,
    helpers: &Helpers,
    family: &Family<'_>,
    registered_on: NaiveDate,
    lifted_on: Option<NaiveDate>,
) -> Result<()> {
    let Family { index, id, .. } = *family;
    let (committee, office) = (people.of_village(family.village_code), people.town_of(family.village_code));
    let mut visited_on = registered_on;
    for _ in 0..story.random.random_range(0..4) {
        visited_on = visited_on + Days::new(story.random.random_range(9..45));
        if visited_on > day(11, 2) {
            break;
        }
        let note = FOUND.choose(&mut story.random).map(|text| (*text).to_owned());
        if index == WITHDRAWN {
            continue;
        }
        let visit = VisitInput { id: None, corrects_id: None, visited_on, visitors: committee.name.clone(), note };
        households::visits::create(story.act(committee, visited_on), id, visit).await?;
    }
    if index % 4 == 3 || index == WITHDRAWN || WITHOUT_CONSENT.contains(&index) {
        return Ok(());
    }
    let step = async |story: &mut Story, action, since, caller, note: &str| {
        let step = HouseholdStepInput { since: Some(since), leave_reason: None, note: Some(note.to_owned()) };
        leaving::step(story.act(caller, since), id, action, step).await
    };
    step(story, HouseholdAction::Assist, family.assisted_on, committee, "村（社区）两委研究确定帮扶措施").await?;
    relief::help(story, people, helpers, family).await?;
    let Some(lifted_on) = lifted_on else { return Ok(()) };
    step(story, HouseholdAction::LiftOut, lifted_on, office, "连续三个月收入稳定，入户核查属实").await?;
    let relapsed_on = lifted_on + Days::new(25);
    if index.is_multiple_of(15) && relapsed_on < day(11, 1) {
        step(story, HouseholdAction::Relapse, relapsed_on, committee, "家中再有人患病住院，支出骤增").await?;
    }
    Ok(())
}

fn file(story: &mut Story, village_code: &str, index: usize, registered_on: NaiveDate) -> HouseholdInput {
    let surname = SURNAMES[index % SURNAMES.len()];
    let members = family(story, surname, index, registered_on);
    let random = &mut story.random;
    let main_cause = Cause::ALL[index % Cause::ALL.len()];
    let consent = (!WITHOUT_CONSENT.contains(&index)).then(|| Consent {
        given_on: registered_on,
        given_by: members[0].name.clone(),
        scope: if index % 3 == 1 { vec![ConsentScope::Assistance] } else { vec![ConsentScope::Assistance, ConsentScope::Photos] },
        withdrawn_on: (index == WITHDRAWN).then_some(registered_on),
    });
    HouseholdInput {
        village_code: village_code.to_owned(),
        registered_on,
        category: HouseholdCategory::ALL[index % HouseholdCategory::ALL.len()],
        main_cause,
        secondary_causes: if index.is_multiple_of(2) { vec![Cause::ALL[(index + 5) % Cause::ALL.len()]] } else { Vec::new() },
        income_per_head_fen: (index % 11 != 5).then(|| random.random_range(3_000..12_000) * 100),
        address: format!("{}{}号", CORNERS[index % CORNERS.len()], random.random_range(1..160)),
        phone: (index % 13 != 6).then(|| format!("1380595{:04}", 1_000 + index)),
        bank_account: (index % 7 != 4).then(|| format!("62170018500{:08}", 30_000_000 + index)),
        consent,
        members,
        not_a_double: false,
    }
}

/// A head with up to three others: a spouse, an old parent, children.
fn family(story: &mut Story, surname: &str, index: usize, today: NaiveDate) -> Vec<MemberInput> {
    let mut members = vec![person(story, surname, index, Relation::Head, 38..67, today)];
    if index % 3 != 2 {
        members.push(person(story, SURNAMES[(index + 5) % SURNAMES.len()], index, Relation::Spouse, 35..62, today));
    }
    if index % 4 == 1 {
        members.push(person(story, surname, index, Relation::Parent, 72..88, today));
    }
    for _ in 0..index % 3 {
        members.push(person(story, surname, index, Relation::Child, 5..21, today));
    }
    members
}

fn person(
    story: &mut Story,
    surname: &str,
    index: usize,
    relation: Relation,
    ages: std::ops::Range<u32>,
    today: NaiveDate,
) -> MemberInput {
    let random = &mut story.random;
    let is_child = relation == Relation::Child;
    let age = random.random_range(ages);
    let born_on = today - Days::new(u64::from(age) * 366 + random.random_range(1..300));
    // The three digits distinguish people born on the same day. They are made of the household and the kinship.
    let order = (index * 8 + relation as usize + index / 2) % 1_000;
    let body = format!("350582{}{order:03}", born_on.format("%Y%m%d"));
    let identity_number = identity_check(&body).map(|check| format!("{body}{check}"));
    let health = match (index + relation as usize) % 6 {
        0 => Health::SeriousIllness,
        1 | 2 => Health::ChronicIllness,
        3 if !is_child => Health::Disabled,
        _ => Health::Healthy,
    };
    // The last digit encodes the sex.
    let given = if is_child {
        CHILDREN
    } else if order.is_multiple_of(2) {
        WOMEN
    } else {
        MEN
    };
    let student = is_child && age < 22;
    let mut groups = Vec::new();
    groups.extend(student.then_some(Group::Student));
    groups.extend((health == Health::SeriousIllness).then_some(Group::SeriouslyIll));
    groups.extend((is_child && age < 16 && index.is_multiple_of(5)).then_some(Group::LeftBehindChild));
    groups.extend((age >= 70).then_some(Group::EmptyNestElderly));
    groups.extend((health == Health::Disabled).then_some(Group::Disabled));
    MemberInput {
        id: None,
        name: format!("{surname}{}", given.choose(random).copied().unwrap_or("明")),
        relation,
        document_kind: DocumentKind::IdentityCard,
        // Some children have no number yet, because nobody has asked for it.
        identity_number: identity_number.filter(|_| !(is_child && index % 10 == 2)),
        sex: None,
        born_on: Some(born_on),
        health,
        disability: (health == Health::Disabled).then(|| Disability {
            kind: DisabilityKind::ALL[index % DisabilityKind::ALL.len()],
            level: random.random_range(1..=4),
        }),
        schooling: match age {
            0..=6 => Schooling::Preschool,
            7..=12 => Schooling::Primary,
            13..=15 => Schooling::JuniorSecondary,
            16..=18 => Schooling::SeniorSecondary,
            19..=22 => Schooling::College,
            _ => Schooling::ALL[2 + index % 3],
        },
        labour: match (age, health) {
            (0..=15, _) => Labour::None,
            (16..=69, Health::Healthy | Health::ChronicIllness) => {
                if index.is_multiple_of(4) {
                    Labour::Skilled
                } else {
                    Labour::Ordinary
                }
            }
            _ => Labour::Lost,
        },
        groups,
    }
}
