//! The year after the pairings were made: agreements, projects with their tasks, and the progress of each month.

use actix_web::web::Bytes;
use chrono::{Datelike, NaiveDate};
use contract::agreements::{AgreementInput, SignInput};
use contract::attachments::{AttachmentInput, AttachmentObject};
use contract::campaigns::{Goal, Indicator, Target};
use contract::catalogue::Commitment;
use contract::month::Month;
use contract::pairings::{Pairing, PairingAction};
use contract::progress::ProgressUpdateInput;
use contract::projects::{Funding, FundingSource, ProjectAction, ProjectInput, ResponsibleSide, TaskAction, TaskInput};
use contract::workflow::StepInput;
use domains::agreements;
use domains::attachments;
use domains::progress;
use domains::projects;
use domains::projects::list::Projects;
use domains::tasks;
use domains::workflows::pairing;
use image::{Rgb, RgbImage};
use platform::object::Object;
use platform::{App, Error, Patch, Result, Tx, Upload};
use rand::Rng;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use super::people::People;
use super::supply::Supply;
use super::{Story, day, outcomes};

/// Pairings at the end of the list without a signed agreement. The first of them has a draft.
const UNSIGNED: usize = 4;
/// The months with progress and forms. The last one has just ended, and its forms are due.
pub const MONTHS: std::ops::RangeInclusive<u32> = 5..=10;
/// Pairings that ended early.
const TERMINATED: &[usize] = &[20, 37];
/// The month in which they ended.
const TERMINATED_IN: u32 = 9;

/// What is done together for each goal: title, form, plan, indicator and target.
const PLANS: &[(Goal, &str, &str, &str, Indicator, i64)] = &[
    (
        Goal::Infrastructure,
        "村民活动中心修缮",
        "社会组织出资，村（社区）出地出工",
        "六月勘察设计，七月至九月施工，十月验收并投入使用。",
        Indicator::FacilitiesBuilt,
        1,
    ),
    (
        Goal::LowIncomeAid,
        "春晖助学",
        "社会组织设立助学金，村（社区）审核名单",
        "摸清在校学生家庭情况，分两批发放助学金，节假日组织作业辅导。",
        Indicator::StudentsAided,
        20,
    ),
    (
        Goal::Employment,
        "家门口就业",
        "会员企业提供岗位，村（社区）组织报名",
        "发布岗位信息，组织两场招聘，跟踪稳岗情况。",
        Indicator::PeopleEmployed,
        8,
    ),
    (
        Goal::CollectiveEconomy,
        "“一村一品”农产品销售",
        "合作社加电商，收益归村集体",
        "设计包装，建立线上销售渠道，开展产销对接。",
        Indicator::EconomyProjects,
        1,
    ),
    (
        Goal::LowIncomeAid,
        "夕阳红助老",
        "志愿者结对，每月入户",
        "为空巢老人和失能老人提供理发、体检和居家清洁服务。",
        Indicator::ElderlyAided,
        40,
    ),
    (
        Goal::Entrepreneurship,
        "电商创业培训",
        "社会组织授课，村（社区）提供场地",
        "每月一场培训，帮助学员开设网店。",
        Indicator::PeopleTrained,
        30,
    ),
];
const DONE: &[&str] = &["入户走访相对贫困户", "召开村社对接会", "开展志愿服务活动", "推进合作项目实施", "发放慰问物资"];
const STANDING: &[&str] =
    &["按计划推进", "进展顺利，已完成本月任务", "受天气影响略有延后", "正在筹备下一阶段工作", "群众反映良好"];

/// Plays the year of the pairings that were confirmed in May.
pub async fn live(app: &App, story: &mut Story, people: &People, supply: &Supply, pairings: &[Pairing]) -> Result<()> {
    let scan = scan()?;
    let photo = photo()?;
    let signed = pairings.len() - UNSIGNED;
    for (index, pairing) in pairings.iter().enumerate() {
        if index > signed {
            continue;
        }
        agree(app, story, people, pairing, (index < signed).then_some(&scan)).await?;
        if index < signed {
            // Every seventh pairing has two projects. The last ones have none, and are reminded of it.
            let count = if index % 7 == 0 { 2 } else { usize::from(index + 5 < signed) };
            let mut made = Vec::new();
            for number in 0..count {
                // The first project takes what the organisation offers.
                let offered = (number == 0).then_some(pairing.organisation_id);
                let goal = PLANS[(index + number * 2) % PLANS.len()].0;
                let taken = supply.taken(&pairing.village_code, goal, offered);
                made.push(project(story, people, pairing, index + number * 2, taken).await?);
            }
            write(app, story, people, pairing, index, &photo).await?;
            if TERMINATED.contains(&index) {
                terminate(story, people, pairing, &made).await?;
            }
            // One pairing has reached its goal early.
            if index == 8 {
                let why = StepInput {
                    note: Some("合作项目已验收，双方同意提前办结".to_owned()), on_behalf_reason: None
                };
                pairing::step(story.act(&people.bureau, day(10, 31)), pairing.id, PairingAction::Complete, why).await?;
            }
        }
    }
    Ok(())
}

/// Drafts the agreement, and signs it if there is a scan.
async fn agree(app: &App, story: &mut Story, people: &People, pairing: &Pairing, scan: Option<&Bytes>) -> Result<()> {
    let staff = people.of_organisation(pairing.organisation_id);
    let starts_on = day(5, story.random.random_range(18..=26));
    let input = AgreementInput {
        pairing_id: pairing.id,
        starts_on,
        ends_on: None,
        organisation_signatory: "会长".to_owned(),
        village_signatory: "村（社区）主任".to_owned(),
        witness: Some("镇（街道）社会事务办".to_owned()),
        cooperation_content: None,
        organisation_obligations: None,
        village_obligations: None,
    };
    let drafted = agreements::service::create(story.act(staff, day(5, 16)), input).await?;
    let Some(scan) = scan else { return Ok(()) };
    let fields =
        AttachmentInput { object_type: AttachmentObject::Agreement, object_id: drafted.head.id.to_string(), entry_id: None };
    let tx = story.act(staff, starts_on);
    attach(app, tx, "已签协议.png", scan, fields).await?;
    agreements::service::sign(tx, drafted.head.id, SignInput { signed_on: starts_on, note: None }).await?;
    Ok(())
}

/// Attaches a picture to an object.
pub async fn attach(app: &App, tx: &Tx, name: &str, bytes: &Bytes, fields: AttachmentInput) -> Result<()> {
    let upload = Upload { name: name.to_owned(), bytes: bytes.clone(), fields, turn: None };
    let row = attachments::service::store(app, &tx.asker()?, upload).await?;
    let row = row.map(|mut row| {
        row.created_at = Set(tx.now);
        row
    });
    attachments::service::create(tx, row).await?;
    Ok(())
}

/// Ends a pairing in September. Its projects are cancelled first, because nobody continues them.
async fn terminate(story: &mut Story, people: &People, pairing: &Pairing, made: &[Uuid]) -> Result<()> {
    let because = || StepInput {
        note: Some("社会组织负责人变更，无力继续帮扶，双方协商终止".to_owned()),
        on_behalf_reason: None,
    };
    let tx = story.act(&people.bureau, day(TERMINATED_IN, 10));
    for id in made {
        let project = Projects::read(&tx.asker()?, *id).await?;
        if project.head.allowed_actions.contains(&ProjectAction::Cancel) {
            projects::service::step(tx, *id, ProjectAction::Cancel, because()).await?;
        }
    }
    pairing::step(tx, pairing.id, PairingAction::Terminate, because()).await?;
    Ok(())
}

/// Plans a project with a task for each month, and finishes most of the tasks.
async fn project(
    story: &mut Story,
    people: &People,
    pairing: &Pairing,
    index: usize,
    commitments: Vec<Commitment>,
) -> Result<Uuid> {
    let (staff, committee) = (people.of_organisation(pairing.organisation_id), people.of_village(&pairing.village_code));
    let (goal, title, form, plan, indicator, target) = PLANS[index % PLANS.len()];
    let budget_fen = story.random.random_range(2..30) * 1_000_000;
    let input = ProjectInput {
        pairing_id: pairing.id,
        title: format!("{}{title}", pairing.village_name),
        goal,
        industry: None,
        cooperation_form: form.to_owned(),
        plan: plan.to_owned(),
        budget_fen,
        funding: vec![
            Funding { source: FundingSource::Donation, amount_fen: budget_fen / 2 },
            Funding { source: FundingSource::OwnFunds, amount_fen: budget_fen / 4 },
        ],
        starts_on: day(6, 1),
        ends_on: day(11, 30),
        expected_outcomes: vec![Target { indicator, target }],
        spent_fen: 0,
        commitments,
    };
    let plain = StepInput::default;
    let made = projects::service::create(story.act(staff, day(5, 28)), input).await?.head.id;
    let mut planned = Vec::new();
    for month in 6..=11 {
        let task = TaskInput {
            project_id: made,
            month: Month::of(day(month, 1)),
            title: format!("{month}月：{}", if month == 11 { "总结验收" } else { DONE[(index + month as usize) % DONE.len()] }),
            responsible: if month % 3 == 0 { ResponsibleSide::Village } else { ResponsibleSide::Organisation },
            due_on: Month::of(day(month, 1)).last_day(),
            weight: if month == 11 { 2 } else { 1 },
            position: None,
        };
        planned.push(tasks::service::create(story.act(staff, day(5, 28)), task).await?.id);
    }
    // Some projects are still being negotiated at the end of the demo.
    if index % 17 == 3 {
        return Ok(made);
    }
    for side in [staff, committee] {
        projects::service::step(story.act(side, day(5, 29)), made, ProjectAction::Consent, plain()).await?;
    }
    projects::service::step(story.act(staff, day(5, 30)), made, ProjectAction::Submit, plain()).await?;
    if index % 17 == 5 {
        return Ok(made);
    }
    if index % 17 == 7 {
        let why = StepInput { note: Some("请补充资金来源和分月任务".to_owned()), on_behalf_reason: None };
        projects::service::step(story.act(&people.bureau, day(6, 1)), made, ProjectAction::Return, why).await?;
        return Ok(made);
    }
    projects::service::step(story.act(&people.bureau, day(6, 1)), made, ProjectAction::Approve, plain()).await?;
    if index % 17 == 13 {
        return Ok(made);
    }
    projects::service::step(story.act(staff, day(6, 2)), made, ProjectAction::Start, plain()).await?;
    if index % 17 == 11 {
        let why = StepInput { note: Some("选址用地未能落实，双方同意取消".to_owned()), on_behalf_reason: None };
        projects::service::step(story.act(&people.bureau, day(7, 20)), made, ProjectAction::Cancel, why).await?;
        return Ok(made);
    }
    let over = matches!(index % 13, 6 | 8);
    // One in eleven is behind: its tasks of September and October are overdue.
    let done = if over {
        6
    } else if index % 11 == 2 {
        3
    } else {
        5
    };
    for (number, task) in planned.into_iter().take(done).enumerate() {
        let on = day(6 + number as u32, 25).min(day(10, 26));
        let side = if (6 + number) % 3 == 0 { committee } else { staff };
        tasks::service::step(story.act(side, on), task, TaskAction::Finish, plain()).await?;
    }
    // One in nine costs more than planned.
    let percent = if index % 9 == 4 { 112 } else { story.random.random_range(45..95) };
    let spent = json!({ "spent_fen": budget_fen * percent / 100 });
    projects::service::update(story.act(staff, day(10, 26)), made, Patch::to(&spent)?).await?;
    if index % 17 == 9 {
        let why = StepInput { note: Some("受施工条件影响，暂停实施".to_owned()), on_behalf_reason: None };
        projects::service::step(story.act(people.town_of(&pairing.village_code), day(10, 27)), made, ProjectAction::Suspend, why)
            .await?;
    } else if over {
        projects::service::step(story.act(staff, day(10, 27)), made, ProjectAction::Complete, plain()).await?;
        if index % 13 == 8 {
            projects::service::step(story.act(&people.bureau, day(10, 30)), made, ProjectAction::Accept, plain()).await?;
        }
    }
    Ok(made)
}

/// Writes the progress and the outcomes of each month. In October some have not written yet.
async fn write(app: &App, story: &mut Story, people: &People, pairing: &Pairing, index: usize, photo: &Bytes) -> Result<()> {
    let staff = people.of_organisation(pairing.organisation_id);
    for month in MONTHS {
        let over = TERMINATED.contains(&index) && month >= TERMINATED_IN;
        let silent = index % 6 == 4 && month == *MONTHS.end() || index % 23 == 7 && month == 8;
        if over || silent {
            continue;
        }
        let on = Month::of(day(month, 1)).last_day();
        let (done, standing) = if month == *MONTHS.start() {
            ("召开对接会，摸清村（社区）和相对贫困户情况".to_owned(), "结对协议已签订，正在商定合作项目".to_owned())
        } else {
            let done = DONE[(index + month as usize) % DONE.len()];
            let households = story.random.random_range(3..20);
            (format!("{done}，惠及{households}户。"), STANDING[(index * 3 + month as usize) % STANDING.len()].to_owned())
        };
        let input = ProgressUpdateInput { pairing_id: pairing.id, month: Month::of(on), content: done, progress: standing };
        let written = progress::service::create(story.act(staff, reported_on(on)), input).await?;
        if month > *MONTHS.start() {
            outcomes::reach(app, story, people, pairing, written.id, index, month, photo).await?;
        }
    }
    Ok(())
}

/// The 28th stands for the last working day of the month.
fn reported_on(last: NaiveDate) -> NaiveDate {
    last.with_day(28).unwrap_or(last)
}

/// A stand-in for a photo from the village: hills under a bright sky.
fn photo() -> Result<Bytes> {
    let page = RgbImage::from_fn(480, 320, |x, y| {
        let ridge = 190.0 + 40.0 * (f64::from(x) / 70.0).sin() + 18.0 * (f64::from(x) / 23.0).cos();
        if f64::from(y) < ridge { Rgb([176, 212, 232]) } else { Rgb([86, 138, 92]) }
    });
    encoded(&page)
}

/// A stand-in for the scan of a signed agreement: a white page with a red seal.
pub(super) fn scan() -> Result<Bytes> {
    let mut page = RgbImage::from_pixel(420, 594, Rgb([255, 255, 255]));
    for (x, y, pixel) in page.enumerate_pixels_mut() {
        let (x, y) = (i64::from(x) - 310, i64::from(y) - 480);
        if (50 * 50..56 * 56).contains(&(x * x + y * y)) {
            *pixel = Rgb([200, 30, 30]);
        }
    }
    encoded(&page)
}

fn encoded(page: &RgbImage) -> Result<Bytes> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    page.write_to(&mut bytes, image::ImageFormat::Png).map_err(Error::internal)?;
    Ok(bytes.into_inner().into())
}
