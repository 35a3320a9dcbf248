//! The kick-off meeting and a later one (动员部署会议), and orders about what is behind (督查调度): one closed, one that waits for the
//! town for visitors, and one that the bureau has drafted.

use chrono::NaiveDate;
use contract::enrolments::{Enrolment, EnrolmentQuery, EnrolmentState};
use contract::meetings::{MeetingAction, MeetingInput, MeetingKind, MeetingParty};
use contract::supervision_orders::{SupervisionOrderAction as A, SupervisionOrderInput};
use contract::workflow::StepInput;
use domains::enrolments::list::Enrolments;
use domains::meetings;
use domains::supervision_orders::service;
use platform::Result;
use platform::object::Listed;
use uuid::Uuid;

use super::people::{People, TOWN};
use super::{Story, day};

/// A town that has never begun its form of July.
const LATE: usize = 4;

/// Lets the year be supervised.
pub async fn live(story: &mut Story, people: &People, campaign_id: Uuid) -> Result<()> {
    let towns: Vec<String> = people.towns_in_order().into_iter().map(|(code, _)| code.to_owned()).collect();
    meet(story, people, campaign_id, &towns).await?;
    let order =
        |area_code: Option<&str>, organisation_id: Option<Uuid>, due_on: NaiveDate, demand: Option<&str>| SupervisionOrderInput {
            campaign_id,
            area_code: area_code.map(str::to_owned),
            organisation_id,
            due_on,
            demand: demand.map(str::to_owned),
        };
    if let Some((code, office)) = people.towns_in_order().get(LATE) {
        let demand = "请说明七月统计表未报原因，并自八月起按月报送。";
        let made = order(Some(code), None, day(8, 20), Some(demand));
        let made = service::create(story.act(&people.bureau, day(8, 10)), made).await?.head.id;
        let answer = "因经办人员轮岗漏报，已明确专人负责，七月情况并入八月统计表报送。";
        for (who, on, action, note) in [
            (&people.bureau, 11, A::Issue, None),
            (*office, 12, A::Receive, None),
            (*office, 17, A::Answer, Some(answer)),
            (&people.bureau, 19, A::Close, None),
        ] {
            let input = StepInput { note: note.map(str::to_owned), on_behalf_reason: None };
            service::step(story.act(who, day(8, on)), made, action, input).await?;
        }
    }
    let waits = order(Some(TOWN), None, day(11, 10), None);
    let waits = service::create(story.act(&people.bureau, day(11, 1)), waits).await?.head.id;
    service::step(story.act(&people.bureau, day(11, 2)), waits, A::Issue, StepInput::default()).await?;
    if let Some(other) = towns.iter().find(|code| *code != TOWN) {
        service::create(story.act(&people.bureau, day(11, 2)), order(Some(other), None, day(11, 12), None)).await?;
    }
    Ok(())
}

/// Everybody comes to the kick-off; the towns alone to the later meeting.
async fn meet(story: &mut Story, people: &People, campaign_id: Uuid, towns: &[String]) -> Result<()> {
    let town = |code: &String| MeetingParty { area_code: Some(code.clone()), organisation_id: None };
    let mut everybody: Vec<_> = towns.iter().map(town).collect();
    let query = EnrolmentQuery {
        campaign_id: Some(campaign_id),
        state: Some(EnrolmentState::Confirmed),
        limit: Some(200),
        ..Default::default()
    };
    let enrolled = Enrolments::list(&story.act(&people.bureau, day(5, 18)).asker()?, &query).await?;
    let party = |of: Enrolment| MeetingParty { area_code: of.village_code, organisation_id: of.organisation_id };
    everybody.extend(enrolled.items.into_iter().map(party));
    let towns = towns.iter().map(town).collect();
    for (kind, title, on, place, participants, person_count, resolutions) in [
        (
            MeetingKind::KickOff,
            "“百社解千难”社会组织助力脱贫攻坚活动动员部署会议",
            day(5, 18),
            "市民政局二楼会议室",
            everybody,
            186,
            "各镇（街道）五月底前组织双方签订结对协议；每对研究选定一至两个合作项目；每月5日前报送统计表。",
        ),
        (
            MeetingKind::Coordination,
            "“百社解千难”活动三季度调度推进会",
            day(9, 22),
            "市民政局三楼会议室",
            towns,
            24,
            "逾期任务十月底前完成；未报统计表的镇（街道）说明原因并补报。",
        ),
    ] {
        let input = MeetingInput {
            campaign_id,
            kind,
            title: title.to_owned(),
            held_on: on,
            place: place.to_owned(),
            chair: "吴丽婷".to_owned(),
            participants,
            person_count: Some(person_count),
            resolutions: Some(resolutions.to_owned()),
        };
        let made = meetings::service::create(story.act(&people.bureau, on), input).await?.head.id;
        meetings::service::step(story.act(&people.bureau, on), made, MeetingAction::Hold, StepInput::default()).await?;
    }
    Ok(())
}
