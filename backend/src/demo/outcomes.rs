//! What was achieved in the year of the demo, month by month, and who confirmed it.

use std::ops::Range;

use actix_web::web::Bytes;
use contract::attachments::{AttachmentInput, AttachmentObject};
use contract::campaigns::Indicator::{self, *};
use contract::outcomes::{OutcomeAction, OutcomeInput};
use contract::pairings::Pairing;
use contract::workflow::StepInput;
use domains::outcomes::service;
use platform::{App, Result};
use rand::Rng;
use uuid::Uuid;

use super::people::People;
use super::year::attach;
use super::{Story, day};

type Reached = (usize, usize, &'static [u32], Indicator, Range<i64>, &'static str);

/// What pairings achieve. The first two numbers select every n-th pairing and which of them. The months, the indicator, the range
/// of the quantity and the description follow.
const REACHED: &[Reached] = &[
    (6, 0, &[10], FacilitiesBuilt, 1..2, "活动中心、村道路灯等设施建成投用"),
    (6, 1, &[6, 8, 9], StudentsAided, 5..16, "发放助学金"),
    (6, 2, &[7, 9], JobsOffered, 6..16, "会员企业提供岗位"),
    (6, 2, &[8, 10], PeopleEmployed, 1..5, "稳定就业满一个月"),
    (6, 3, &[9], EconomyProjects, 1..2, "特色农产品销售项目落地"),
    (6, 4, &[6, 7, 8, 9, 10], ElderlyAided, 6..20, "入户理发、体检、清洁"),
    (6, 5, &[7, 9], TrainingSessions, 1..2, "电商创业培训"),
    (6, 5, &[7, 9], PeopleTrained, 18..40, "电商创业培训学员"),
    (10, 7, &[7, 10], DisabledAided, 3..9, "为残疾人家庭送辅具"),
    (5, 0, &[6, 8, 10], VolunteerHours, 40..120, "志愿者入村服务"),
    (8, 0, &[6, 9], MoneyDonatedFen, 2_000_000..8_000_000, "定向捐赠，专款专用"),
    (8, 4, &[7, 8, 10], MoneyDonatedFen, 1_000_000..5_000_000, "会员企业捐赠"),
    (16, 5, &[8], SocialWorkSessions, 2..6, "社工心理疏导"),
];

/// Records what a pairing has achieved in a month. Most of it is confirmed. Some of October is not confirmed yet.
#[expect(clippy::too_many_arguments, reason = "a scene of the story: who, what, when, with what")]
pub async fn reach(
    app: &App,
    story: &mut Story,
    people: &People,
    pairing: &Pairing,
    written: Uuid,
    index: usize,
    month: u32,
    photo: &Bytes,
) -> Result<()> {
    let (staff, committee) = (people.of_organisation(pairing.organisation_id), people.of_village(&pairing.village_code));
    for (number, (every, which, months, indicator, amount, what)) in REACHED.iter().enumerate() {
        if index % every != *which || !months.contains(&month) {
            continue;
        }
        let money = if indicator.is_money() { 100 } else { 1 };
        let quantity = story.random.random_range(amount.clone()) / money * money;
        let happened_on = day(month, story.random.random_range(3..=24));
        let input = OutcomeInput {
            pairing_id: pairing.id,
            progress_update_id: Some(written),
            project_id: None,
            replaces_id: None,
            indicator: *indicator,
            quantity,
            happened_on,
            description: Some((*what).to_owned()),
        };
        let made = service::create(story.act(staff, day(month, 28)), input.clone()).await?;
        // Donations and buildings come with a picture.
        if matches!(indicator, MoneyDonatedFen | FacilitiesBuilt) {
            let fields =
                AttachmentInput { object_type: AttachmentObject::Outcome, object_id: made.id.to_string(), entry_id: None };
            attach(app, story.act(staff, day(month, 28)), "现场照片.png", photo, fields).await?;
        }
        let plain = StepInput::default;
        let turn = index + number + month as usize;
        if turn % 19 == 3 {
            let why = StepInput { note: Some("与另一条记录重复".to_owned()), on_behalf_reason: None };
            service::step(story.act(committee, day(month, 29)), made.id, OutcomeAction::Withdraw, why).await?;
            continue;
        }
        if month == 10 && turn.is_multiple_of(3) {
            continue;
        }
        let confirms = if turn.is_multiple_of(4) { people.town_of(&pairing.village_code) } else { committee };
        service::step(story.act(confirms, day(month, 30)), made.id, OutcomeAction::Confirm, plain()).await?;
        // A few were miscounted and corrected. Some of these corrections are not confirmed yet.
        if turn % 17 == 5 && quantity > 3 {
            let input = OutcomeInput {
                progress_update_id: None,
                replaces_id: Some(made.id),
                quantity: quantity - money,
                description: Some("核对名单后更正".to_owned()),
                ..input
            };
            let correction = service::create(story.act(staff, day(month, 30)), input).await?;
            if turn.is_multiple_of(2) {
                service::step(story.act(committee, day(month, 30)), correction.id, OutcomeAction::Confirm, plain()).await?;
            }
        }
    }
    Ok(())
}
