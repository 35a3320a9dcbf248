//! What some of both sides ranked in May, and the assignments that the bureau tries out in November.

use contract::assignments::AssignmentInput;
use contract::rankings::{Ranked, RankingInput};
use contract::recommendations::MatchWeights;
use contract::workflow::StepInput;
use domains::assignments;
use domains::rankings::{ending, service};
use platform::{Caller, Result};
use uuid::Uuid;

use super::catalogue::Catalogue;
use super::people::{People, TOWN};
use super::{Story, day};

/// How many of each side rank.
const RANKING: usize = 16;
/// How many somebody ranks.
const CHOICES: usize = 4;

/// Some organisations and villages rank each other until the deadline, and the accounts for visitors do.
pub async fn rank(story: &mut Story, people: &People, catalogue: &Catalogue, campaign_id: Uuid) -> Result<()> {
    let (organisations, villages) = (&catalogue.organisations, &catalogue.villages);
    let shown = people.shown.iter().copied();
    let ranking: Vec<_> =
        shown.clone().chain(organisations.iter().copied().filter(|id| Some(*id) != people.shown)).take(RANKING).collect();
    for (index, &id) in ranking.iter().enumerate() {
        let staff = people.of_organisation(id);
        let near = villages.iter().filter(|code| code.starts_with(staff.area_code.as_str()));
        let far = villages.iter().skip(index * 3).filter(|code| !code.starts_with(staff.area_code.as_str()));
        let ranked = near.chain(far).take(CHOICES).map(|code| Ranked { village_code: Some(code.clone()), organisation_id: None });
        let input = RankingInput {
            campaign_id,
            village_code: None,
            organisation_id: Some(id),
            ranked: ranked.collect(),
            on_behalf_reason: None,
        };
        service::create(story.act(staff, day(5, 6)), input).await?;
    }
    let visited = villages.iter().find(|code| code.starts_with(TOWN));
    let others = villages.iter().filter(|code| Some(*code) != visited);
    for (index, code) in visited.into_iter().chain(others).take(RANKING).enumerate() {
        let committee = people.of_village(code);
        let town = |id: &&Uuid| code.starts_with(people.of_organisation(**id).area_code.as_str());
        let near = organisations.iter().filter(town);
        let far = organisations.iter().skip(index * 5).filter(|id| !town(id));
        let ranked = near.chain(far).take(CHOICES).map(|id| Ranked { village_code: None, organisation_id: Some(*id) });
        let input = RankingInput {
            campaign_id,
            village_code: Some(code.clone()),
            organisation_id: None,
            ranked: ranked.collect(),
            on_behalf_reason: None,
        };
        service::create(story.act(committee, day(5, 7)), input).await?;
    }
    story.act(&people.bureau, day(5, 10));
    story.tx.caller = None;
    ending::close(&story.tx).await?;
    Ok(())
}

/// Two drafts for the last weeks of the campaign: who could stand by one village more. A first one was discarded.
pub async fn assign(story: &mut Story, bureau: &Caller, campaign_id: Uuid) -> Result<()> {
    let by_industry = MatchWeights { industry: 300, same_town: 20, ..MatchWeights::default() };
    for (title, note, weights) in [
        ("试算", "先看一遍结果", None),
        ("今冬加密结对方案", "在现有结对基础上，每个社会组织至多再增加一个村（社区）", None),
        ("今冬加密结对方案（突出产业）", "提高产业相合的权重，与前一方案比较", Some(by_industry)),
    ] {
        let input = AssignmentInput {
            campaign_id,
            title: title.to_owned(),
            note: Some(note.to_owned()),
            weights,
            organisation_capacity: 2,
            village_capacity: 6,
            uses_rankings: true,
            pinned: Vec::new(),
            forbidden: Vec::new(),
        };
        let tx = story.act(bureau, day(11, 2));
        let draft = assignments::service::compute(&tx.asker()?, input).await?;
        let kept = assignments::service::keep(tx, draft).await?;
        if title == "试算" {
            assignments::service::discard(tx, kept.id, StepInput::default()).await?;
        }
    }
    Ok(())
}
